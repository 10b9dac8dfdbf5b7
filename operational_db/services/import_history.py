"""Which files were loaded, by whom, and which of their lines were refused."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

KINDS = {
    "charges": "Начисления",
    "payments": "Оплаты",
    "bank-statement": "Банковская выписка",
    "houses": "Список домов",
    "courts": "Справочник судов",
    "demo": "Учебный город",
}

FILES = text(
    """
    select f.import_id, f.kind, f.file_name, f.rows_accepted, f.rows_known, f.rows_refused,
        f.recorded_at, o.short_name as organisation_name
    from ops.import_file as f
    left join ops.organisation as o on f.organisation_id = o.organisation_id
    order by f.import_id desc
    limit :limit offset :offset
    """
)

LINES = text(
    """
    select l.line_number, l.outcome, l.field, l.reason, l.raw from ops.import_line as l
    where l.import_id = :import_id
    order by l.line_number, l.position
    limit :limit
    """
)

Row = Mapping[str, Any]


def files(connection: Connection, *, limit: int = 50, offset: int = 0) -> list[Row]:
    """Loaded files that the session sees, newest first."""
    return list(connection.execute(FILES, {"limit": limit, "offset": offset}).mappings())


def file_count(connection: Connection) -> int:
    """How many files the session sees in all."""
    return connection.scalar(text("select count(*) from ops.import_file"))


def remarks(connection: Connection, import_id: int, limit: int = 10_000) -> list[Row]:
    """Refused lines and warnings of a file, in the order of the file."""
    values = {"import_id": import_id, "limit": limit}
    return list(connection.execute(LINES, values).mappings())
