"""Which files were loaded, by whom, and which of their lines were refused."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

KINDS = {
    "charges": "Начисления",
    "payments": "Оплаты",
    "bank-statement": "Банковская выписка",
    "houses": "Список домов",
    "bills": "Доставка счетов",
    "courts": "Справочник судов",
    "demo": "Учебный город",
}

# A file that is loaded again brings the rows that were refused at first, as facts of the same
# import; what was written about the file then is never changed. So a refused line that has a fact
# by now was taken later. Nothing is read of the ledger unless a file of its kind had refusals.
TAKEN_LATER = """
    incomplete as (
        select f.import_id, f.kind from chosen as f where f.rows_refused > 0
    ),

    taken as (
        select c.import_id, c.import_line from ops.charge as c
        where exists (select from incomplete where kind = 'charges')
            and c.import_id = any (array(select import_id from incomplete))
        union
        select p.import_id, p.import_line from ops.payment as p
        where exists (select from incomplete where kind = 'payments')
            and p.import_id = any (array(select import_id from incomplete))
        union
        select d.import_id, d.import_line from ops.bill_delivery as d
        where exists (select from incomplete where kind = 'bills')
            and d.import_id = any (array(select import_id from incomplete))
        union
        select b.import_id, b.import_line from ops.bank_operation as b
        where exists (select from incomplete where kind = 'bank-statement')
            and b.import_id = any (array(select import_id from incomplete))
        union
        select h.import_id, h.import_line from ops.house as h
        where h.import_id = any (array(select import_id from incomplete))
        union
        select c.import_id, c.import_line from ops.court as c
        where c.import_id = any (array(select import_id from incomplete))
    )
"""

FILES = text(
    f"""
    with chosen as (
        select f.* from ops.import_file as f
        order by f.import_id desc
        limit :limit offset :offset
    ),

    {TAKEN_LATER},

    later as (
        select l.import_id, count(distinct l.line_number) as rows_taken
        from ops.import_line as l
        inner join taken as t on l.import_id = t.import_id and l.line_number = t.import_line
        where l.outcome = 'refused'
        group by l.import_id
    )

    select
        f.import_id, f.kind, f.file_name, f.rows_known, f.recorded_at,
        f.rows_accepted + coalesce(later.rows_taken, 0) as rows_accepted,
        greatest(f.rows_refused - coalesce(later.rows_taken, 0), 0) as rows_refused,
        coalesce(later.rows_taken, 0) as rows_taken_later,
        o.short_name as organisation_name
    from chosen as f
    left join later on f.import_id = later.import_id
    left join ops.organisation as o on f.organisation_id = o.organisation_id
    order by f.import_id desc
    """  # noqa: S608 - a constant of this module
)

LINES = text(
    f"""
    with chosen as (
        select f.* from ops.import_file as f where f.import_id = :import_id
    ),

    {TAKEN_LATER}

    select
        l.line_number, l.outcome, l.field, l.raw,
        case when l.outcome = 'refused' and t.import_line is not null then
            'принята при повторной загрузке; сначала отказано: ' || l.reason
        else l.reason end as reason
    from ops.import_line as l
    left join taken as t on l.import_id = t.import_id and l.line_number = t.import_line
    where l.import_id = :import_id
    order by l.line_number, l.position
    limit :limit
    """  # noqa: S608 - a constant of this module
)

Row = Mapping[str, Any]


def files(connection: Connection, *, limit: int = 50, offset: int = 0) -> list[Row]:
    """Loaded files that the session sees, newest first.

    ``rows_refused`` are those that nobody has loaded since; ``rows_taken_later`` were refused at
    first and stand among ``rows_accepted`` now.
    """
    return list(connection.execute(FILES, {"limit": limit, "offset": offset}).mappings())


def file_count(connection: Connection) -> int:
    """How many files the session sees in all."""
    return connection.scalar(text("select count(*) from ops.import_file"))


def remarks(connection: Connection, import_id: int, limit: int = 10_000) -> list[Row]:
    """Refused lines and warnings of a file, in the order of the file."""
    values = {"import_id": import_id, "limit": limit}
    return list(connection.execute(LINES, values).mappings())
