"""Addresses of the database: who connects, and under which name."""

from dataclasses import dataclass, field

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from operational_db.errors import ServerError

OWNER_ROLE = "dolgomer_owner"
SCREENS_ROLE = "dolgomer_screens"
GATE_ROLE = "dolgomer_gate"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One address per kind of work; hidden from ``repr`` because they hold passwords.

    ``owner`` is for migrations, imports, dbt, Dagster and the command line; ``screens`` for pages,
    which row-level security binds; ``gate`` for signing in, before anybody is known.
    """

    owner: str = field(repr=False)
    screens: str = field(repr=False)
    gate: str = field(repr=False)


def render(url: URL) -> str:
    """Return the address as text with its password, in the driver that the project uses."""
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def normalised(text: str, variable: str) -> str:
    """Return a PostgreSQL address in SQLAlchemy's spelling for psycopg 3.

    ``variable`` is where the text came from; it is named if the address cannot be used
    (``ServerError``).
    """
    advice = "Нужен адрес вида postgresql://имя:пароль@сервер:5432/база."
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise ServerError(f"{variable}: адрес базы данных не разобран. {advice}") from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        kind = url.get_backend_name()
        raise ServerError(f"{variable}: «{kind}» – не PostgreSQL. {advice}")
    if not url.database:
        raise ServerError(f"{variable}: в адресе не названа база данных. {advice}")
    return render(url)


def libpq(url: str) -> str:
    """Return the same address as libpq and psql understand it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
