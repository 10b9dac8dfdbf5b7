"""Errors as users meet them: a sentence and a number that support finds in the log."""

import logging
import secrets

import streamlit as st
from sqlalchemy.exc import OperationalError

from operational_db.errors import ServerError

logger = logging.getLogger("dolgomer.screens")

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters and figures that are not mistaken for each other when read out on the telephone."""


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


def _words_of(refusal: PermissionError, number: str) -> str:
    # Our refusals are Russian sentences; one of the operating system has a number of its own.
    if refusal.errno is None and refusal.args:
        return str(refusal)
    return (
        f"Программе не хватает прав на файл или папку сервера. Сообщите в поддержку номер {number}."
    )
