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
    "events": "События плана",
    "court-answers": "Ответы судов",
    "court-details": "Реквизиты судов",
    "court-territories": "Территории судов",
    "egrn": "Выписка ЕГРН",
    "payment-requests": "Заявки на оплату",
    "demo": "Учебный город",
}

# A file that is loaded again brings lines that were not taken at first, as facts of the same
# import; what was written about the file then stays, and which lines came later is written apart.
FILES = text(
    """
    with chosen as (
        select f.* from ops.import_file as f
        order by f.import_id desc
        limit :limit offset :offset
    ),

    later as (
        select
            t.import_id, count(*) as rows_taken,
            count(*) filter (where t.outcome = 'refused') as rows_refused_first,
            count(*) filter (where t.outcome = 'known') as rows_known_first
        from ops.import_line_taken as t
        where t.import_id in (select import_id from chosen)
        group by t.import_id
    )

    select
        f.import_id, f.kind, f.file_name, f.recorded_at,
        f.rows_known - coalesce(later.rows_known_first, 0) as rows_known,
        f.rows_accepted + coalesce(later.rows_taken, 0) as rows_accepted,
        greatest(f.rows_refused - coalesce(later.rows_refused_first, 0), 0) as rows_refused,
        coalesce(later.rows_taken, 0) as rows_taken_later,
        o.short_name as organisation_name
    from chosen as f
    left join later on f.import_id = later.import_id
    left join ops.organisation as o on f.organisation_id = o.organisation_id
    order by f.import_id desc
    """
)

LINES = text(
    """
    select
        l.line_number, l.outcome, l.field, l.raw,
        case
            when t.line_number is null or l.outcome = 'warning' then l.reason
            when l.outcome = 'refused'
                then 'принята при повторной загрузке; сначала отказано: ' || l.reason
            else 'записана при повторной загрузке как вторая такая же; ' || l.reason
        end as reason
    from ops.import_line as l
    left join ops.import_line_taken as t
        on l.import_id = t.import_id and l.line_number = t.line_number
    where l.import_id = :import_id
    order by l.line_number, l.position
    limit :limit
    """
)

Row = Mapping[str, Any]


def files(connection: Connection, *, limit: int = 50, offset: int = 0) -> list[Row]:
    """Loaded files that the session sees, newest first.

    ``rows_refused`` and ``rows_known`` are those that nobody has loaded since; ``rows_taken_later``
    were not taken at first and stand among ``rows_accepted`` now.
    """
    return list(connection.execute(FILES, {"limit": limit, "offset": offset}).mappings())


def file_count(connection: Connection) -> int:
    """How many files the session sees in all."""
    return connection.scalar(text("select count(*) from ops.import_file"))


def remarks(connection: Connection, import_id: int, limit: int = 10_000) -> list[Row]:
    """Refused and known lines and warnings of a file, in the order of the file."""
    values = {"import_id": import_id, "limit": limit}
    return list(connection.execute(LINES, values).mappings())
