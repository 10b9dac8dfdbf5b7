"""Users of the app: who may sign in and in what roles. Only the owner's connection may do this."""

import re

from argon2 import PasswordHasher
from sqlalchemy import Connection, text

from operational_db.models import Role

SHORTEST_PASSWORD = 10
LOGIN = re.compile(r"^[a-z0-9._@+-]{2,200}$")


class UserRefusedError(ValueError):
    """The user cannot be made as asked; the message is Russian and says what to change."""


def create_user(
    connection: Connection,
    *,
    login: str,
    full_name: str,
    organisation_code: str,
    roles: list[str],
    password: str | None,
) -> int:
    """Add a user and return their number. Without a password only OIDC lets them in.

    Raises :class:`UserRefusedError` for a taken or odd login, an unknown organisation or role, and
    a password that is too short.
    """
    login = login.strip().lower()
    if not LOGIN.match(login):
        raise UserRefusedError(
            f"Логин «{login}» не подходит: латинские буквы, цифры и знаки . _ @ + - без пробелов."
        )
    unknown = [role for role in roles if role not in set(Role)]
    if unknown or not roles:
        raise UserRefusedError(
            f"Роль «{', '.join(unknown) or '—'}» не известна. Есть роли: {', '.join(Role)}."
        )
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise UserRefusedError(f"Пароль короче {SHORTEST_PASSWORD} знаков: задайте длиннее.")
    organisation_id = connection.scalar(FIND_ORGANISATION, {"code": organisation_code})
    if organisation_id is None:
        raise UserRefusedError(f"Организация с кодом «{organisation_code}» не найдена.")
    if connection.scalar(IS_TAKEN, {"login": login}):
        raise UserRefusedError(f"Логин «{login}» уже занят.")
    user_id = connection.scalar(
        ADD_USER,
        {
            "organisation_id": organisation_id,
            "login": login,
            "full_name": full_name.strip(),
            "password_hash": PasswordHasher().hash(password) if password else None,
        },
    )
    for role in dict.fromkeys(roles):
        connection.execute(ADD_ROLE, {"user_id": user_id, "role": role})
    return user_id


def set_password(connection: Connection, *, login: str, password: str) -> None:
    """Give a user a new password and close their sessions."""
    if len(password) < SHORTEST_PASSWORD:
        raise UserRefusedError(f"Пароль короче {SHORTEST_PASSWORD} знаков: задайте длиннее.")
    user_id = connection.scalar(
        SET_PASSWORD,
        {"login": login.strip().lower(), "password_hash": PasswordHasher().hash(password)},
    )
    if user_id is None:
        raise UserRefusedError(f"Пользователя «{login}» нет.")
    connection.execute(CLOSE_SESSIONS, {"user_id": user_id})


FIND_ORGANISATION = text("select organisation_id from ops.organisation where code = :code")
IS_TAKEN = text("select exists (select from ops.app_user where login = :login)")
ADD_USER = text("""
    insert into ops.app_user (organisation_id, login, full_name, password_hash)
    values (:organisation_id, :login, :full_name, :password_hash)
    returning user_id
""")
ADD_ROLE = text("insert into ops.user_role (user_id, role) values (:user_id, :role)")
SET_PASSWORD = text("""
    update ops.app_user set password_hash = :password_hash where login = :login returning user_id
""")
CLOSE_SESSIONS = text("""
    update ops.user_session set closed_at = now() where user_id = :user_id and closed_at is null
""")
