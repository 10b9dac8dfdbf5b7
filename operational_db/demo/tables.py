"""From columns in memory to rows of the database, with COPY."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter
from pyarrow import csv

MONEY_SCALE = 2
BATCH_ROWS = 65_536
# Text without quotes, commas or line breaks is not quoted: half of the work of writing CSV.
WITHOUT_HEADER = csv.WriteOptions(
    include_header=False, batch_size=BATCH_ROWS, quoting_style="needed"
)

Columns = Mapping[str, pa.Array | pa.ChunkedArray | np.ndarray | list]


def fixed_point(values: np.ndarray, scale: int) -> pa.Array:
    """Return whole numbers of the smallest unit as exact decimals: 12345 at scale 2 is 123.45."""
    values = np.ascontiguousarray(values, dtype=np.int64)
    words = np.empty((len(values), 2), dtype=np.int64)
    words[:, 0] = values
    words[:, 1] = values >> 63
    decimals = pa.decimal128(18, scale)
    return pa.Array.from_buffers(decimals, len(values), [None, pa.py_buffer(words)])


def money(kopecks: np.ndarray) -> pa.Array:
    """Return kopecks as roubles."""
    return fixed_point(kopecks, MONEY_SCALE)


def nullable(values: np.ndarray | pa.Array, is_known: np.ndarray) -> pa.Array:
    """Return the values, null where ``is_known`` is false."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return pa.compute.if_else(pa.array(is_known), array, pa.scalar(None, array.type))


def repeated(value: str | int | None, size: int) -> pa.Array:
    """Return a column with one value."""
    return pa.nulls(size, pa.string()) if value is None else pa.repeat(value, size)


def to_table(columns: Columns) -> pa.Table:
    """Return an Arrow table; NaT becomes null, as pyarrow does by itself."""
    return pa.table(dict(columns))


def copy(
    connection: psycopg.Connection, table: str, columns: Columns, *, freeze: bool = False
) -> int:
    """Load rows into a table of schema ``ops``; return how many.

    ``freeze`` spares the first readers the marking of rows as visible; PostgreSQL allows it only
    for a table that this transaction has truncated.
    """
    rows = to_table(columns)
    statement = sql.SQL("copy {} ({}) from stdin (format csv{})").format(
        sql.Identifier("ops", table),
        sql.SQL(", ").join(map(sql.Identifier, rows.column_names)),
        sql.SQL(", freeze" if freeze else ""),
    )
    cursor = connection.cursor()
    # A queue, so that rows are written to the server while the next ones are made.
    with cursor, cursor.copy(statement, writer=QueuedLibpqWriter(cursor)) as stream:
        for text in _as_csv(rows):
            stream.write(text)
    return rows.num_rows


def _as_csv(rows: pa.Table) -> Iterator[memoryview]:
    for batch in rows.to_batches(max_chunksize=BATCH_ROWS):
        buffer = BytesIO()
        csv.write_csv(batch, buffer, WITHOUT_HEADER)
        yield buffer.getbuffer()


@contextmanager
def bare(connection: psycopg.Connection, tables: tuple[str, ...]) -> Iterator[None]:
    """Take keys, foreign keys, indexes and triggers off empty tables while they are filled.

    Everything is put back, and so checked, before the block ends; an error inside it ends the
    transaction and with it the change.
    """
    restore, references = [], []
    for table in tables:
        name = sql.Identifier("ops", table)
        # References of other tables forbid to empty it, and to take its key off.
        for other, constraint, definition in connection.execute(
            REFERENCES, {"table": f"ops.{table}"}
        ).fetchall():
            keeper, key = sql.Identifier("ops", other), sql.Identifier(constraint)
            connection.execute(sql.SQL("alter table {} drop constraint {}").format(keeper, key))
            references.append(
                sql.SQL("alter table {} add constraint {} ").format(keeper, key)
                # The text comes from the catalogue of this very database.
                + sql.SQL(definition)
            )
        # Triggers first: one of them forbids to empty a table of facts.
        connection.execute(sql.SQL("alter table {} disable trigger user").format(name))
        connection.execute(sql.SQL("truncate {}").format(name))
        constraints = connection.execute(CONSTRAINTS, {"table": f"ops.{table}"}).fetchall()
        for constraint, definition in constraints:
            connection.execute(
                sql.SQL("alter table {} drop constraint {}").format(
                    name, sql.Identifier(constraint)
                )
            )
            restore.append(
                sql.SQL("alter table {} add constraint {} ").format(
                    name, sql.Identifier(constraint)
                )
                # The text comes from the catalogue of this very database.
                + sql.SQL(definition)
            )
        for index, definition in connection.execute(INDEXES, {"table": table}).fetchall():
            connection.execute(sql.SQL("drop index {}").format(sql.Identifier("ops", index)))
            restore.append(sql.SQL(definition))
        restore.append(sql.SQL("alter table {} enable trigger user").format(name))
    yield
    for statement in (*restore, *references):
        connection.execute(statement)


@contextmanager
def quiet(connection: psycopg.Connection, tables: tuple[str, ...]) -> Iterator[None]:
    """Keep the triggers of these tables still inside the block."""
    for table in tables:
        name = sql.Identifier("ops", table)
        connection.execute(sql.SQL("alter table {} disable trigger user").format(name))
    yield
    for table in tables:
        name = sql.Identifier("ops", table)
        connection.execute(sql.SQL("alter table {} enable trigger user").format(name))


# Keys before foreign keys, as a key of one table may be what another refers to.
REFERENCES = """
    select cl.relname, c.conname, pg_get_constraintdef(c.oid)
    from pg_constraint as c
    inner join pg_class as cl on c.conrelid = cl.oid
    where c.confrelid = %(table)s::regclass and c.conrelid <> c.confrelid and c.contype = 'f'
"""
CONSTRAINTS = """
select conname, pg_get_constraintdef(oid)
from pg_constraint
where conrelid = %(table)s::regclass and contype in ('p', 'u', 'f')
order by contype desc, conname
"""
INDEXES = """
select indexname, indexdef from pg_indexes where schemaname = 'ops' and tablename = %(table)s
order by indexname
"""


def continue_identity(connection: psycopg.Connection, table: str, column: str) -> None:
    """Let the next row of the table get the number after the largest one."""
    name, key = sql.Identifier("ops", table), sql.Identifier(column)
    connection.execute(
        sql.SQL(
            "select setval(pg_get_serial_sequence({}, {}), coalesce(max({}), 1), max({}) is not "
            "null) from {}"
        ).format(sql.Literal(f"ops.{table}"), sql.Literal(column), key, key, name)
    )
