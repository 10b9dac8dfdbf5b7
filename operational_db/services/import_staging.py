"""Steps that imports of every kind share: the request, the outcome, temporary tables and COPY."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, text

from operational_db.clock import MOSCOW
from operational_db.imports.problems import KnownRow, Notice, ParsedTable, Refusal


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """One file to be loaded, and for whom. ``organisation_id`` is None for common registries.

    ``repeated_lines`` are lines that equal rows of other files and yet are facts of their own;
    ``own_import_id`` is the import that this very file was recorded under before.
    """

    connection: Connection
    content: bytes
    today: date
    organisation_id: int | None = None
    user_id: int | None = None
    create_accounts: bool = False
    repeated_lines: tuple[int, ...] = ()
    own_import_id: int | None = None

    def execute(self, statement: str, **values: Any) -> Any:
        """Run one statement with bound values."""
        return self.connection.execute(text(statement), values)


@dataclass(slots=True)
class Staged:
    """A file read and compared with what is known, before anything is written.

    ``write`` adds the accepted rows as facts of the import whose number it is given; ``raw_of``
    gives the text of a line, to be kept beside a remark on it. ``accepted_lines`` gives, when the
    file was recorded before, the lines that are taken now and what was said of them then.
    """

    write: Callable[[int], None]
    accepted: int = 0
    known: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    figures: Mapping[str, int | Decimal] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    delimiter: str = ","
    raw_of: Callable[[int], str] = lambda _line: ""
    known_rows: list[KnownRow] = field(default_factory=list)
    accepted_lines: Callable[[], list[tuple[int, str]]] = list


def local_day(moment: datetime) -> date:
    """The day of a moment by the clock of the municipality."""
    return moment.astimezone(MOSCOW).date()


def staged_table(parsed: ParsedTable, write: Callable[[int], None]) -> Staged:
    """A stage that begins with what the reader of a table refused and noted."""
    return Staged(
        write=write,
        refusals=list(parsed.refusals),
        notices=list(parsed.notices),
        header=parsed.header,
        delimiter=parsed.delimiter,
        raw_of=parsed.raw,
    )


def fill_temporary_table(
    connection: Connection, name: str, columns: str, rows: Iterable[Sequence[object]]
) -> None:
    """Make a temporary table of this transaction and fill it by COPY.

    Facts go through such a table, since Postgres does not COPY into tables that row-level security
    guards.
    ``name`` and ``columns`` are constants of our own modules, never parts of a file.
    """
    # One transaction may load several files, so a table of the one before may still be there.
    connection.execute(text(f"drop table if exists pg_temp.{name}"))
    connection.execute(text(f"create temporary table {name} ({columns}) on commit drop"))
    driver_connection = connection.connection.driver_connection
    command = sql.SQL("copy {} from stdin").format(sql.Identifier("pg_temp", name))
    with driver_connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute(text(f"analyze pg_temp.{name}"))
