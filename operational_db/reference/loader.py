"""Make the reference tables equal to their files."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, and_, bindparam, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from operational_db.models.reference import TableState
from operational_db.reference.dataset import DATA, ReferenceTable, read_reference
from operational_db.reference.schema import Problem, ReferenceDataError, Value

STATE = TableState.__table__


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """What a load did to one table."""

    name: str
    title: str
    rows: int
    inserted: int
    updated: int
    deleted: int

    @property
    def is_changed(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)


@dataclass(frozen=True, slots=True)
class _Difference:
    """What parts a table from its file, each row as a dictionary of columns."""

    missing: list[dict[str, Value]]
    changed: list[dict[str, Value]]
    superfluous: list[dict[str, Value]]


def load_reference(connection: Connection, folder: Path = DATA) -> list[LoadedTable]:
    """Check all files, then bring every table to what its file says; the caller commits.

    A row keeps its key while it stands in the file, so facts may refer to it. The second load of
    the same files writes nothing. Wrong files, or a row that cannot go because facts refer to it,
    raise ``ReferenceDataError``, and nothing is changed once the caller rolls back.
    """
    tables = read_reference(folder)
    # Two loads at once would both insert the same row; reading is not held up.
    connection.execute(text("lock table reference.table_state in share row exclusive mode"))

    differences = [_difference(connection, wanted) for wanted in tables]
    for wanted, difference in zip(tables, differences, strict=True):
        _write(connection, wanted.table, difference)
    for wanted, difference in reversed(list(zip(tables, differences, strict=True))):
        _delete(connection, wanted.table, difference.superfluous)

    loaded = [
        LoadedTable(
            wanted.name,
            wanted.title,
            rows=len(wanted.rows),
            inserted=len(difference.missing),
            updated=len(difference.changed),
            deleted=len(difference.superfluous),
        )
        for wanted, difference in zip(tables, differences, strict=True)
    ]
    for wanted, result in zip(tables, loaded, strict=True):
        _record_state(connection, wanted, is_changed=result.is_changed)
    return loaded


def _key(table: Table, row: dict[str, Value]) -> tuple[Value, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _difference(connection: Connection, wanted: ReferenceTable) -> _Difference:
    table = wanted.table
    present = {
        _key(table, row): dict(row) for row in connection.execute(select(table)).mappings().all()
    }
    keys = {_key(table, row) for row in wanted.rows}
    return _Difference(
        missing=[row for row in wanted.rows if _key(table, row) not in present],
        changed=[row for row in wanted.rows if present.get(_key(table, row), row) != row],
        superfluous=[row for key, row in present.items() if key not in keys],
    )


def _write(connection: Connection, table: Table, difference: _Difference) -> None:
    try:
        with connection.begin_nested():
            if difference.changed:
                keys = [column.name for column in table.primary_key]
                others = [column.name for column in table.columns if column.name not in keys]
                connection.execute(
                    table.update()
                    .where(_matches(table))
                    .values({name: bindparam(f"new_{name}") for name in others}),
                    [
                        {f"key_{name}": row[name] for name in keys}
                        | {f"new_{name}": row[name] for name in others}
                        for row in difference.changed
                    ],
                )
            if difference.missing:
                connection.execute(insert(table), difference.missing)
    except IntegrityError as refusal:
        text = f"база не приняла строку: {_reason(refusal)}"
        raise ReferenceDataError([Problem(f"{table.name}.csv", text)]) from refusal


def _delete(connection: Connection, table: Table, rows: list[dict[str, Value]]) -> None:
    keys = [column.name for column in table.primary_key]
    for row in rows:
        try:
            with connection.begin_nested():
                connection.execute(
                    table.delete().where(_matches(table)),
                    {f"key_{name}": row[name] for name in keys},
                )
        except IntegrityError as refusal:
            named = ", ".join(f"{name} = {row[name]}" for name in keys)
            text = f"строку {named} нельзя убрать: на неё ссылаются данные. Верните её в файл"
            raise ReferenceDataError([Problem(f"{table.name}.csv", text)]) from refusal


def _matches(table: Table):
    return and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key))


def _reason(refusal: IntegrityError) -> str:
    """Name the broken rule and the row, as far as the database told them."""
    diagnosis = refusal.orig.diag
    return f"правило {diagnosis.constraint_name}. {diagnosis.message_detail or ''}".strip()


def _record_state(connection: Connection, wanted: ReferenceTable, *, is_changed: bool) -> None:
    known = {
        "verified_through": wanted.verified_through,
        "source": wanted.source,
        "rows": len(wanted.rows),
        "checksum": wanted.checksum,
    }
    of_table = STATE.c.table_name == wanted.name
    state = connection.execute(select(STATE).where(of_table)).mappings().first()
    if state is None:
        values = known | {"table_name": wanted.name, "loaded_at": func.now()}
        connection.execute(insert(STATE).values(values))
    elif is_changed or any(state[name] != value for name, value in known.items()):
        values = known | {"loaded_at": func.now()}
        connection.execute(STATE.update().where(of_table).values(values))
