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
    number = "".join(secrets.choice(ALPHABET) for _ in range(6))
    logger.error("Screen error %s", number, exc_info=error)
    if isinstance(error, ServerError | OperationalError):
        st.error(
            "База данных сейчас не отвечает. Подождите минуту и обновите страницу. "
            f"Если не помогло, сообщите в поддержку номер {number}."
        )
    elif isinstance(error, PermissionError):
        st.error("Сеанс закончился. Обновите страницу и войдите снова.")
    else:
        st.error(
            "Не получилось показать экран. Ничего из сохранённого не потеряно. Обновите страницу; "
            f"если ошибка повторится, сообщите в поддержку номер {number}."
        )
    return True
