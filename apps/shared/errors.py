"""Errors as users meet them: a sentence and a number that support finds in the log."""

import logging
import secrets

import streamlit as st
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from apps.shared import days
from operational_db.errors import ServerError

logger = logging.getLogger("dolgomer.screens")

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters and figures that are not mistaken for each other when read out on the telephone."""

CREDIBLE_DAY = "_credible"
"""How the rules of the database that keep days within its range end their names."""

REFUSED = {
    "22001": "текст слишком длинный. Сократите его",
    "22003": "число слишком большое. Проверьте его",
    "22008": f"такого дня нет или он вне пределов {days.RANGE_TOLD}. Исправьте дату",
    "23505": "такая запись уже есть. Обновите страницу и проверьте, не внесена ли она раньше",
    "23514": "среди введённого есть недопустимое значение. Проверьте суммы, числа и даты",
}
"""What the user can mend himself, by the code of the refusal (SQLSTATE)."""


def show_error(error: Exception) -> bool:
    """Write the error to the log under a number and show the number; true: it is dealt with."""
    number = log_error(error)
    if isinstance(error, ServerError | OperationalError):
        st.error(
            "База данных сейчас не отвечает. Подождите минуту и обновите страницу. "
            f"Если не помогло, сообщите в поддержку номер {number}."
        )
    elif isinstance(error, PermissionError):
        st.error(_words_of(error, number))
    elif isinstance(error, IntegrityError | DataError) and (reason := _why_refused(error)):
        st.error(
            f"Введённое не сохранено: {reason}. Если всё верно, сообщите в поддержку номер "
            f"{number}."
        )
    else:
        st.error(
            "Не получилось показать экран. Ничего из сохранённого не потеряно. Обновите страницу; "
            f"если ошибка повторится, сообщите в поддержку номер {number}."
        )
    return True


def log_error(error: Exception) -> str:
    """Write the error to the log; return the number under which support finds it there."""
    number = "".join(secrets.choice(ALPHABET) for _ in range(6))
    logger.error("Screen error %s", number, exc_info=error)
    return number


def why_no_file(error: Exception) -> str:
    """What the user reads in place of a file that could not be made."""
    number = log_error(error)
    if isinstance(error, PermissionError):
        return _words_of(error, number)
    if isinstance(error, ServerError | OperationalError):
        reason = "база данных сейчас не отвечает. Подождите минуту и скачайте ещё раз"
    elif isinstance(error, FileNotFoundError):
        reason = "его больше нет на диске сервера. Попросите администратора повторить запуск"
    else:
        reason = "непредвиденная ошибка. Обновите страницу и скачайте ещё раз"
    return f"Файл не получился: {reason}. Если не поможет, сообщите в поддержку номер {number}."


def _why_refused(error: DBAPIError) -> str | None:
    """Why the database did not take what was typed; None where it is a fault of ours."""
    if (getattr(error.orig.diag, "constraint_name", None) or "").endswith(CREDIBLE_DAY):
        return f"день должен быть {days.RANGE_TOLD}. Исправьте дату"
    if "NUL (0x00)" in str(error.orig):
        return "в тексте есть знак, который нельзя хранить. Наберите текст заново, не вставкой"
    return REFUSED.get(error.orig.sqlstate or "")


def _words_of(refusal: PermissionError, number: str) -> str:
    # Our refusals are Russian sentences; one of the operating system has a number of its own.
    if refusal.errno is None and refusal.args:
        return str(refusal)
    return (
        f"Программе не хватает прав на файл или папку сервера. Сообщите в поддержку номер {number}."
    )
