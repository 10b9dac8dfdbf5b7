"""A PostgreSQL server of the user's own, named in ``DOLGOMER_DATABASE_URL``."""

import contextlib
import functools

import psycopg
from sqlalchemy import make_url

from operational_db import settings
from operational_db.database_urls import GATE_ROLE, SCREENS_ROLE, DatabaseUrls, libpq, render
from operational_db.embedded_server import create_role, limit_screens
from operational_db.errors import ServerError
from operational_db.locks import Lock

OLDEST_VERSION = 150_000
CONNECT_SECONDS = 15


def verified_urls(owner: str) -> DatabaseUrls:
    """Return the addresses of a given server that can hold the project's data.

    The server must be PostgreSQL 15 or newer with UTF-8 and a locale that knows Russian letters.
    The roles of screens and sign-in are created where the given role may; else their addresses
    must be given too. ``ServerError`` says what is missing. Checked once per process.
    """
    return _verified(owner, settings.screens_url(), settings.gate_url())


@functools.lru_cache(maxsize=64)
def _verified(owner: str, screens: str | None, gate: str | None) -> DatabaseUrls:
    with _connection(owner, "DOLGOMER_DATABASE_URL") as connection:
        _require_fitting_server(connection)
        owner_name = connection.execute("select current_user").fetchone()[0]
        screens = screens or _own_role_url(
            connection, owner, SCREENS_ROLE, "screens_password", "DOLGOMER_SCREENS_URL"
        )
        gate = gate or _own_role_url(
            connection, owner, GATE_ROLE, "gate_password", "DOLGOMER_GATE_URL"
        )
    _require_bound_role(screens, SCREENS_ROLE, "DOLGOMER_SCREENS_URL", owner_name)
    _require_bound_role(gate, GATE_ROLE, "DOLGOMER_GATE_URL", owner_name)
    return DatabaseUrls(owner=owner, screens=screens, gate=gate)


def _connection(url: str, variable: str) -> psycopg.Connection:
    try:
        return psycopg.connect(
            libpq(url), connect_timeout=CONNECT_SECONDS, autocommit=True, client_encoding="utf8"
        )
    except psycopg.OperationalError as error:
        address = make_url(url)
        raise ServerError(
            f"{variable}: не удалось войти в базу «{address.database}» на {address.host} под "
            f"именем «{address.username}». Сервер сообщает: {str(error).strip()}"
        ) from error


def _require_fitting_server(connection: psycopg.Connection) -> None:
    if connection.info.server_version < OLDEST_VERSION:
        version = connection.info.parameter_status("server_version")
        raise ServerError(
            f"DOLGOMER_DATABASE_URL: на сервере PostgreSQL {version}, а нужен 15 или новее."
        )
    encoding = connection.execute("show server_encoding").fetchone()[0]
    if encoding != "UTF8":
        raise ServerError(
            f"DOLGOMER_DATABASE_URL: база создана в кодировке {encoding}, а нужна UTF8. "
            f"{_how_to_create(connection)}"
        )
    knows_russian = connection.execute(
        "select lower('Ё') = 'ё' and upper('ж') = 'Ж' and 'Ёлка' ilike 'ёлка'"
    ).fetchone()[0]
    if not knows_russian:
        raise ServerError(
            "DOLGOMER_DATABASE_URL: база создана с языковыми настройками, которые не различают "
            f"строчные и прописные русские буквы. {_how_to_create(connection)}"
        )


def _how_to_create(connection: psycopg.Connection) -> str:
    return (
        "Создайте базу так: CREATE DATABASE "
        f"{connection.info.dbname} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'ru_RU.UTF-8'."
    )


def _own_role_url(
    connection: psycopg.Connection, owner: str, role: str, password: str, variable: str
) -> str:
    """Return the address of a role of ours, created where it is missing."""
    secret = settings.secrets()[password]
    connection.execute("select pg_advisory_lock(%s)", [Lock.ROLES])
    try:
        is_there = connection.execute(
            "select 1 from pg_roles where rolname = %s", [role]
        ).fetchone()
        if not is_there:
            create_role(connection, role, secret)
        elif role == SCREENS_ROLE:
            # Whoever may not is told of nothing: the administrator of the server has set limits.
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                limit_screens(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise ServerError(
            f"DOLGOMER_DATABASE_URL: этой роли нельзя создавать другие, а роли {role} нет. "
            f"Создайте её: CREATE ROLE {role} LOGIN PASSWORD '…' – и укажите её адрес в {variable}."
        ) from error
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [Lock.ROLES])
    url = render(make_url(owner).set(username=role, password=secret))
    try:
        psycopg.connect(libpq(url), connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        # Another installation may live on that password, so it is not changed here.
        raise ServerError(
            f"Роль {role} на сервере есть, но войти под ней с паролем из файла secrets.json не "
            f"удалось. Укажите её адрес с паролем в {variable}. Сервер сообщает: "
            f"{str(error).strip()}"
        ) from error
    return url


def _require_bound_role(url: str, role: str, variable: str, owner_name: str) -> None:
    """Refuse an address whose role the access policies would not bind."""
    with _connection(url, variable) as connection:
        name, is_free, is_member, is_owner = connection.execute(
            """
            select
                rolname,
                rolsuper or rolbypassrls,
                to_regrole(%(role)s) is not null
                and pg_has_role(oid, to_regrole(%(role)s), 'member'),
                rolname = %(owner)s or pg_has_role(oid, %(owner)s::name, 'member')
            from pg_roles
            where rolname = current_user
            """,
            {"role": role, "owner": owner_name},
        ).fetchone()
    if is_free or is_owner:
        raise ServerError(
            f"{variable}: роль «{name}» видит данные всех организаций (суперпользователь, "
            f"BYPASSRLS или владелец базы). Нужна обычная роль {role}."
        )
    if not is_member:
        raise ServerError(
            f"{variable}: роль «{name}» не входит в роль {role}, права которой выдаёт программа. "
            f"Укажите адрес роли {role} или выполните GRANT {role} TO {name}."
        )
