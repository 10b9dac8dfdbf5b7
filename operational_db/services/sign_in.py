"""Signing in and out, and who a session belongs to.

Passwords are checked as the role ``dolgomer_gate``, which can do nothing else. The caller gets a
random token; the database keeps its digest only and believes a connection by the token.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, text

from operational_db.database import gate_engine

SESSION_LIFETIME = timedelta(hours=12)
"""A working day: who comes in the morning signs in once."""

WAIT = (
    "Слишком много неудачных попыток входа с этого компьютера. Подождите {wait} и попробуйте снова "
    "или попросите администратора задать новый пароль."
)
WRONG_CREDENTIALS = "Логин или пароль не подходят. Проверьте раскладку и клавишу Caps Lock."

ATTEMPT = text("select * from ops.gate_attempt(:login, :address)")
SUCCEEDED = text("select ops.gate_succeeded(:attempt_id)")
VERIFIED_USER = text("select ops.gate_user(:login)")
OPEN_SESSION = text("select ops.gate_open_session(:user_id, :digest, :lifetime)")
CLOSE_SESSION = text("select ops.gate_close_session(:digest)")
WHO_AM_I = text("select * from ops.who_am_i()")


class SignInRefusedError(Exception):
    """The message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """The owner of a session, as the database knows them."""

    user_id: int
    login: str
    full_name: str
    organisation_id: int
    organisation_name: str
    organisation_kind: str
    roles: frozenset[str]

    def has_any_role(self, *wanted: str) -> bool:
        return not self.roles.isdisjoint(wanted)


def sign_in(login: str, password: str, address: str = "") -> str:
    """Check a password and open a session; return its token. ``address`` is where it comes from.

    Raises ``SignInRefusedError`` for a wrong pair and, after five failures of a login from one
    address, for any pair until a wait is over that grows with each: from 5 seconds to 15 minutes.
    The attempt is counted before the password is checked, so many at once gain nothing. From other
    addresses the login stays open. An unknown login costs as much time as a known one, so that
    nobody learns logins.
    """
    with gate_engine().begin() as connection:
        attempt = connection.execute(ATTEMPT, {"login": login, "address": address}).one()
    if attempt.wait_seconds:
        raise SignInRefusedError(WAIT.format(wait=_in_words(attempt.wait_seconds)))
    has_password = attempt.password_hash is not None
    matches = _matches(attempt.password_hash if has_password else _hash_of_nobody(), password)
    if not (has_password and matches):
        raise SignInRefusedError(WRONG_CREDENTIALS)
    with gate_engine().begin() as connection:
        connection.execute(SUCCEEDED, {"attempt_id": attempt.attempt_id})
    return _open_session(attempt.user_id)


def sign_in_verified(login: str) -> str:
    """Open a session for somebody whom an identity provider has verified; return its token.

    Raises ``SignInRefusedError`` when the organisation has no such user.
    """
    with gate_engine().begin() as connection:
        user_id = connection.scalar(VERIFIED_USER, {"login": login})
    if user_id is None:
        raise SignInRefusedError(
            f"Пользователь {login} в программе не заведён. Обратитесь к администратору."
        )
    return _open_session(user_id)


def sign_out(token: str) -> None:
    """Close the session; a token that is closed or unknown changes nothing."""
    with gate_engine().begin() as connection:
        connection.execute(CLOSE_SESSION, {"digest": _digest(token)})


def who_am_i(connection: Connection) -> SignedInUser | None:
    """The owner of the session that the connection states; None when it has ended."""
    row = connection.execute(WHO_AM_I).mappings().one_or_none()
    return None if row is None else SignedInUser(**{**row, "roles": frozenset(row["roles"])})


def _open_session(user_id: int) -> str:
    token = secrets.token_urlsafe(32)
    with gate_engine().begin() as connection:
        connection.execute(
            OPEN_SESSION,
            {"user_id": user_id, "digest": _digest(token), "lifetime": SESSION_LIFETIME},
        )
    return token


def _in_words(seconds: int) -> str:
    return f"{seconds} сек." if seconds < 60 else f"{ceil(seconds / 60)} мин."


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hash_of_nobody() -> str:
    return PasswordHasher().hash(secrets.token_urlsafe(32))
