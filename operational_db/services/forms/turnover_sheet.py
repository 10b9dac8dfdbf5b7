"""Оборотно-сальдовая ведомость: customer → service → account, from a month to a day.

Customers and services are added up from the mart by day, whatever the number of accounts; accounts
of a group are read a page at a time. For a house, one account or another state of knowledge the
accounts themselves are added up, the last live, so that only a few can be asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from operational_db.database import travel_in_time
from operational_db.models.reporting import ReportForm
from operational_db.services.forms import rights, suppliers
from operational_db.services.forms.rights import STREAMED

Row = Mapping[str, Any]

SUMS = (
    "opening", "charged", "recalculated", "paid", "adjusted", "written_off", "closing",
)  # fmt: skip
ADVANCES = "Авансы, не отнесённые к услугам"
MOST_ACCOUNTS_LIVE = 500
"""How many accounts are walked anew for another state of knowledge while somebody waits."""


class SheetRefusedError(ValueError):
    """The sheet cannot be made as asked; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class SheetRequest:
    """What the sheet is of: from the first day ``since`` until the end of the day ``until``.

    None narrows nothing. ``known_at`` leaves out what was recorded later.
    """

    since: date
    until: date
    organisation_id: int | None = None
    supplier_id: int | None = None
    service_id: int | None = None
    house_id: int | None = None
    account_number: str | None = None
    known_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise SheetRefusedError("Конец периода раньше его начала. Поменяйте их местами.")

    def values(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "organisation_id": self.organisation_id,
            "supplier_id": self.supplier_id,
            "service_id": self.service_id,
            "house_id": self.house_id,
            "account_number": self.account_number,
        }

    @property
    def is_of_accounts(self) -> bool:
        """Whether accounts must be added up: the mart by day knows no houses and no accounts."""
        return bool(self.house_id or self.account_number or self.known_at)

    def described(self) -> dict[str, str]:
        """The filters for the audit trail."""
        said = {**self.values(), "known_at": self.known_at}
        return {name: str(value) for name, value in said.items() if value is not None}


_MOVED = "m.charged + m.recalculated - m.paid + m.adjusted - m.written_off"
_SUMS = f"""
    coalesce(sum({_MOVED}) filter (where m.line_date < :since), 0) as opening,
    coalesce(sum(m.charged) filter (where m.line_date >= :since), 0) as charged,
    coalesce(sum(m.recalculated) filter (where m.line_date >= :since), 0) as recalculated,
    coalesce(sum(m.paid) filter (where m.line_date >= :since), 0) as paid,
    coalesce(sum(m.adjusted) filter (where m.line_date >= :since), 0) as adjusted,
    coalesce(sum(m.written_off) filter (where m.line_date >= :since), 0) as written_off,
    coalesce(sum({_MOVED}), 0) as closing
"""
_TOTALS = ", ".join(f"coalesce(sum(s.{name}), 0) as {name}" for name in SUMS)
_IS_ANYTHING = """
    (s.opening <> 0 or s.charged <> 0 or s.recalculated <> 0 or s.paid <> 0 or s.adjusted <> 0
    or s.written_off <> 0)
"""
_FROM_DAYS = """
    select t.organisation_id, t.service_id, t.line_date, t.charged, t.recalculated, t.paid,
        t.adjusted, t.written_off
    from screens.service_turnover as t
    where t.line_date <= :until
        and (cast(:organisation_id as integer) is null or t.organisation_id = :organisation_id)
        and (cast(:service_id as integer) is null or t.service_id = :service_id)
"""
_FROM_ACCOUNTS = """
    select t.organisation_id, t.service_id, t.line_date, t.charged, t.recalculated, t.paid,
        t.adjusted, t.written_off
    from unnest(cast(:account_ids as bigint[])) as a (account_id)
    cross join lateral (
        select * from screens.{view} as v where v.account_id = a.account_id offset 0
    ) as t
    where t.line_date <= :until
        and (cast(:service_id as integer) is null or t.service_id = :service_id)
"""
_GROUPS = f"""
    with moved as ({{source}}),

    by_service as (
        select m.organisation_id, m.service_id, {_SUMS}
        from moved as m
        group by m.organisation_id, m.service_id
    ),

    shown as (
        select s.*, supplier.supplier_id
        from by_service as s
        {suppliers.JOIN.format(rows="s")}
        where {_IS_ANYTHING}
            and (
                cast(:supplier_id as integer) is null
                or supplier.supplier_id = :supplier_id
            )
    )

    -- The rows of the form: services, their customers, and «Итого».
    select s.organisation_id, s.service_id,
        case
            when grouping(s.organisation_id) = 1 then 'total'
            when grouping(s.service_id) = 1 then 'customer'
            else 'service'
        end as row_kind,
        case when grouping(s.organisation_id) = 0 then min(o.short_name) end
            as organisation_name,
        case when grouping(s.service_id) = 0 then coalesce(min(service.name), :advances) end
            as service_name,
        case when grouping(s.service_id) = 0 then min(payee.short_name) end as supplier_name,
        {_TOTALS},
        coalesce(sum(s.opening + s.charged + s.recalculated - s.paid + s.adjusted
            - s.written_off - s.closing), 0) as difference
    from shown as s
    inner join ops.organisation as o on s.organisation_id = o.organisation_id
    left join reference.service as service on s.service_id = service.service_id
    left join ops.organisation as payee on s.supplier_id = payee.organisation_id
    group by grouping sets ((s.organisation_id, s.service_id), (s.organisation_id), ())
    order by grouping(s.organisation_id), ops.russian_sort_key(min(o.short_name)),
        s.organisation_id, grouping(s.service_id) desc, min(service.sort_order) nulls last
"""  # noqa: S608 - constants of this module, here and below
GROUPS_BY_DAY = text(_GROUPS.format(source=_FROM_DAYS))
GROUPS_BUILT = text(_GROUPS.format(source=_FROM_ACCOUNTS.format(view="account_movements")))
GROUPS_LIVE = text(_GROUPS.format(source=_FROM_ACCOUNTS.format(view="account_movements_live")))

ACCOUNT_IDS = text(
    """
    select a.account_id
    from ops.account as a
    left join ops.premises as p on a.premises_id = p.premises_id
    where a.organisation_id = any (ops.organisations_of_form('osv'))
        and (cast(:organisation_id as integer) is null or a.organisation_id = :organisation_id)
        and (cast(:house_id as integer) is null or p.house_id = :house_id)
        and (cast(:account_number as text) is null or a.account_number = :account_number)
    order by a.account_id
    limit :limit
    """
)

# Accounts come in the order of their numbers and the reading stops when the page is full.
_ACCOUNTS = f"""
    with page as (
        select a.account_id, a.account_number, s.*
        from ops.account as a
        cross join lateral (
            select {_SUMS}
            from screens.{{view}} as m
            where m.account_id = a.account_id
                and m.service_id is not distinct from cast(:group_service_id as integer)
                and m.line_date <= :until
        ) as s
        where a.organisation_id = :group_organisation_id
            and (
                cast(:account_ids as bigint[]) is null
                or a.account_id = any (cast(:account_ids as bigint[]))
            )
            and {_IS_ANYTHING}
        order by a.account_number
        limit :limit offset :offset
    )

    select page.*, l.address, l.holder_name
    from page
    left join screens.accounts as l on page.account_id = l.account_id
    order by page.account_number
"""  # noqa: S608
ACCOUNTS_BUILT = text(_ACCOUNTS.format(view="account_movements"))
ACCOUNTS_LIVE = text(_ACCOUNTS.format(view="account_movements_live"))

# The whole sheet: one pass over everything, in the order of the form, with the rows above accounts.
_ALL = f"""
    with by_account as (
        select m.organisation_id, m.service_id, m.account_id, {_SUMS}
        from {{source}} as m
        where m.line_date <= :until
            and (cast(:organisation_id as integer) is null or m.organisation_id = :organisation_id)
            and (cast(:service_id as integer) is null or m.service_id = :service_id)
        group by m.organisation_id, m.service_id, m.account_id
    ),

    shown as (
        select s.*, supplier.supplier_id
        from by_account as s
        {suppliers.JOIN.format(rows="s")}
        where {_IS_ANYTHING}
            and (cast(:supplier_id as integer) is null or supplier.supplier_id = :supplier_id)
    )

    select s.organisation_id, s.service_id, s.account_id,
        case
            when grouping(s.organisation_id) = 1 then 'total'
            when grouping(s.service_id) = 1 then 'customer'
            when grouping(s.account_id) = 1 then 'service'
            else 'account'
        end as row_kind,
        case when grouping(s.organisation_id) = 0 then min(o.short_name) end
            as organisation_name,
        case when grouping(s.service_id) = 0 then coalesce(min(service.name), :advances) end
            as service_name,
        case when grouping(s.account_id) = 0 then min(a.account_number) end as account_number,
        case
            when grouping(s.account_id) = 0 then 0
            when grouping(s.service_id) = 0 then count(*)
            else count(*) + count(distinct (s.organisation_id, s.service_id))
        end as descendants,
        {_TOTALS}
    from shown as s
    inner join ops.account as a on s.account_id = a.account_id
    inner join ops.organisation as o on s.organisation_id = o.organisation_id
    left join reference.service as service on s.service_id = service.service_id
    group by grouping sets (
        (s.organisation_id, s.service_id, s.account_id),
        (s.organisation_id, s.service_id),
        (s.organisation_id),
        ()
    )
    order by grouping(s.organisation_id), ops.russian_sort_key(min(o.short_name)),
        s.organisation_id, grouping(s.service_id) desc, min(service.sort_order) nulls last,
        grouping(s.account_id) desc, min(a.account_number)
"""  # noqa: S608
_SOME = """
    (
        select t.*
        from unnest(cast(:account_ids as bigint[])) as a (account_id)
        cross join lateral (
            select * from screens.{view} as v where v.account_id = a.account_id offset 0
        ) as t
    )
"""
ALL_BUILT = text(_ALL.format(source="screens.account_movements"))
SOME_BUILT = text(_ALL.format(source=_SOME.format(view="account_movements")))
SOME_LIVE = text(_ALL.format(source=_SOME.format(view="account_movements_live")))


def groups(connection: Connection, asked: SheetRequest) -> list[Row]:
    """Customers, their services and the total with the seven sums, in the order of the form.

    ``row_kind`` is customer, service or total. ``difference`` is the control line: what start and
    movements differ by from the end, nothing in a sound sheet. Raises ``FormRefusedError`` without
    the right, ``SheetRefusedError`` when too many accounts would have to be walked anew.
    """
    rights.require(connection, ReportForm.TURNOVER_SHEET)
    values = {**asked.values(), "advances": ADVANCES}
    if not asked.is_of_accounts:
        return list(connection.execute(GROUPS_BY_DAY, values).mappings())
    values["account_ids"] = _account_ids(connection, asked)
    travel_in_time(connection, known_at=asked.known_at)
    query = GROUPS_LIVE if asked.known_at else GROUPS_BUILT
    return list(connection.execute(query, values).mappings())


def accounts(
    connection: Connection,
    asked: SheetRequest,
    organisation_id: int,
    service_id: int | None,
    *,
    limit: int,
    offset: int = 0,
) -> list[Row]:
    """A page of the accounts of a group, by number; None as the service means advances."""
    rights.require(connection, ReportForm.TURNOVER_SHEET)
    values = {
        **asked.values(),
        "group_organisation_id": organisation_id,
        "group_service_id": service_id,
        "account_ids": _account_ids(connection, asked) if asked.is_of_accounts else None,
        "limit": limit,
        "offset": offset,
    }
    travel_in_time(connection, known_at=asked.known_at)
    query = ACCOUNTS_LIVE if asked.known_at else ACCOUNTS_BUILT
    return list(connection.execute(query, values).mappings())


def whole(
    connection: Connection, asked: SheetRequest, *, most_live: int | None = MOST_ACCOUNTS_LIVE
) -> Iterator[Row]:
    """The whole sheet with every account, in the order of the form, read as it is taken.

    ``row_kind`` is customer, service, account or, of the last row, total; ``descendants`` counts
    the rows below a row that belong to it. ``most_live`` is how many accounts may be walked anew
    for a state of knowledge; None sets no bound.
    """
    rights.require(connection, ReportForm.TURNOVER_SHEET)
    values = {**asked.values(), "advances": ADVANCES}
    query = ALL_BUILT
    if asked.is_of_accounts:
        values["account_ids"] = _account_ids(connection, asked, most_live)
        travel_in_time(connection, known_at=asked.known_at)
        query = SOME_LIVE if asked.known_at else SOME_BUILT
    return iter(connection.execute(query, values, execution_options=STREAMED).mappings())


def _account_ids(
    connection: Connection, asked: SheetRequest, most_live: int | None = MOST_ACCOUNTS_LIVE
) -> list[int]:
    limit = most_live + 1 if asked.known_at and most_live else None
    found = list(connection.scalars(ACCOUNT_IDS, {**asked.values(), "limit": limit}))
    if asked.account_number and not found:
        raise SheetRefusedError(f"Лицевого счёта «{asked.account_number}» нет. Проверьте номер.")
    if asked.known_at and most_live and len(found) > most_live:
        raise SheetRefusedError(
            "«Как знали на» считает каждый счёт заново. Выберите дом или лицевой счёт: "
            f"не больше {most_live} счетов. Всю ведомость составит команда "
            "dolgomer report osv --known-at."
        )
    return found
