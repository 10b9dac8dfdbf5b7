"""The screens' one door to the database: always as the user of the session."""

from contextlib import AbstractContextManager
from datetime import date, datetime

from sqlalchemy import Connection

from operational_db.database import screens_connection


def connection(
    token: str, *, as_of: date | None = None, known_at: datetime | None = None
) -> AbstractContextManager[Connection]:
    """One transaction that sees what the session's user may see, on a day and as then known."""
    return screens_connection(token, as_of=as_of, known_at=known_at)
