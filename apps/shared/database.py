"""The screens' one door to the database: always as the user of the session."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from operational_db.database import screens_connection

logger = logging.getLogger("dolgomer.screens")

READING_ONLY = "Это записывает сама организация: вы видите её данные, но не меняете их."
INSUFFICIENT_PRIVILEGE = "42501"
BY_A_POLICY, BY_A_FUNCTION = "ExecWithCheckOptions", "exec_stmt_raise"


@contextmanager
def connection(
    token: str, *, as_of: date | None = None, known_at: datetime | None = None
) -> Iterator[Connection]:
    """One transaction that sees what the session's user may see, on a day and as then known.

    Raises ``PermissionError`` (Russian) where the rules of rows do not let the user write.
    """
    try:
        with screens_connection(token, as_of=as_of, known_at=known_at) as opened:
            yield opened
    except DBAPIError as problem:
        refusal = _refusal(problem)
        if refusal is None:
            raise
        logger.warning("The database refused a write: %s", problem.orig)
        raise PermissionError(refusal) from problem


def _refusal(problem: DBAPIError) -> str | None:
    """What to tell the user; None for other errors, a missing grant among them: that is a fault."""
    if getattr(problem.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
        return None
    said = problem.orig.diag
    if said.source_function == BY_A_POLICY:
        return READING_ONLY
    # Our functions speak Russian.
    return f"{said.message_primary}." if said.source_function == BY_A_FUNCTION else None
