"""Информация о задолженности за ЖКУ: who owes how much, and for how many months, on any day.

Its five parameters: the day, the section (a street or a house), the kind of charge, the supplier
and the least number of months. A month counts when a part of it is overdue on that day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from operational_db.models.reporting import ReportForm
from operational_db.services.forms import rights, suppliers
from operational_db.services.forms.rights import STREAMED

Row = Mapping[str, Any]

SORTS = {
    "address": ("по адресу", "l.address_sort_key, l.account_id"),
    "debt": ("сначала больший долг", "f.debt desc, l.account_id"),
    "months": ("сначала больше месяцев", "f.months desc, f.debt desc, l.account_id"),
}


@dataclass(frozen=True, slots=True)
class DebtRequest:
    """The parameters of the form; None narrows nothing.

    A section is a street (``street_id``) or a house of it.
    """

    on_day: date
    organisation_id: int | None = None
    street_id: int | None = None
    house_id: int | None = None
    service_id: int | None = None
    supplier_id: int | None = None
    months: int = 0

    @property
    def charged_month(self) -> date:
        """The last month that had ended by the day: its charges are those of the period."""
        return self.charged_day.replace(day=1)

    @property
    def charged_day(self) -> date:
        """The last day of that month, on which its charges stand."""
        return (self.on_day + timedelta(days=1)).replace(day=1) - timedelta(days=1)

    def values(self) -> dict[str, Any]:
        return {
            "until": self.on_day,
            "charged_day": self.charged_day,
            "organisation_id": self.organisation_id,
            "street_id": self.street_id,
            "house_id": self.house_id,
            "service_id": self.service_id,
            "supplier_id": self.supplier_id,
            "months": self.months,
        }

    def described(self) -> dict[str, str]:
        """The filters for the audit trail."""
        return {name: str(value) for name, value in self.values().items() if value is not None}


# Debt for some services only is a part of each piece; whole pieces are added up much faster. The
# balances of the last build hold what they come to on its day, and only one of the two is read.
_WHOLE_PIECES = """
    select i.account_id, i.debt, cast(i.overdue_months as bigint) as months
    from marts.account_balances as i
    where (select s.as_of_date from screens.build_state as s) = :until and {whose}
    union all
    select i.account_id, sum(i.interval_amount) as debt,
        count(distinct i.period) filter (where i.due_date < :until) as months
    from marts.debt_intervals as i
    where (select s.as_of_date from screens.build_state as s) <> :until and {which} and {whose}
    group by i.account_id
"""
_PARTS_OF_PIECES = """
    select i.account_id, cast(sum(share.kopecks) / 100.0 as numeric(14, 2)) as debt,
        count(distinct i.period) filter (where i.due_date < :until) as months
    from marts.debt_intervals as i
    cross join lateral unnest(i.service_ids, i.service_kopecks) as share (service_id, kopecks)
    inner join chosen as c
        on i.organisation_id = c.organisation_id and share.service_id = c.service_id
    where share.kopecks <> 0 and {which} and {whose}
    group by i.account_id
"""
_WHICH = """
    i.interval_kind <> 'advance'
    and i.opened_date <= :until and (i.closed_date is null or i.closed_date > :until)
"""
_WHOSE = """
    i.organisation_id = any ((select ops.organisations_of_form('debt-info'))::integer[])
    and (cast(:organisation_id as integer) is null or i.organisation_id = :organisation_id)
    and (cast(:house_id as integer) is null or i.house_id = :house_id)
    and (
        cast(:street_id as integer) is null
        or i.house_id in (
            select h.house_id from ops.house as h where h.address_object_id = :street_id
        )
    )
"""
_OWED = f"""
    chosen as (
        select s.organisation_id, s.service_id
        from (
            select o.organisation_id, service.service_id
            from ops.organisation as o
            cross join reference.service as service
            where cast(:service_id as integer) is null or service.service_id = :service_id
        ) as s
        {suppliers.JOIN.format(rows="s")}
        where cast(:supplier_id as integer) is null or supplier.supplier_id = :supplier_id
    ),

    owed as ({{pieces}}),

    found as (
        select o.account_id, o.debt, o.months
        from owed as o
        where o.debt > 0 and o.months >= :months
    )
"""  # noqa: S608 - constants of this module
# The lines of a month stand in one row of an account; the ledger would be read whole for each.
_CHARGED = """
    select cast(coalesce(sum(line.kopecks), 0) / 100.0 as numeric(14, 2)) as charged
    from marts.charge_days as d
    cross join lateral unnest(d.service_ids, d.line_kopecks) as line (service_id, kopecks)
    inner join chosen as c
        on d.organisation_id = c.organisation_id and line.service_id = c.service_id
    where d.account_id = f.account_id and d.line_date = :charged_day and d.line_kind = 'charge'
"""
# Charges are read for the accounts that are shown.
_PAGE = """
    with {owed},

    shown as (
        select l.account_id, l.account_number, l.holder_name, l.address, l.address_sort_key,
            f.debt, f.months
        from screens.accounts as l
        inner join found as f on l.account_id = f.account_id
        order by {order}
        limit :limit offset :offset
    )

    select f.account_id, f.account_number, f.holder_name, f.address, charged.charged, f.debt,
        f.months
    from shown as f
    cross join lateral ({charged}) as charged
    order by {order_of_shown}
"""
_TOTALS = """
    with {owed}

    select count(*) as accounts, coalesce(sum(f.debt), 0) as debt,
        coalesce(max(f.months), 0) as months
    from found as f
"""
_TOTAL_CHARGED = """
    with {owed}

    select cast(coalesce(sum(line.kopecks), 0) / 100.0 as numeric(14, 2))
    from marts.charge_days as d
    inner join found as f on d.account_id = f.account_id
    cross join lateral unnest(d.service_ids, d.line_kopecks) as line (service_id, kopecks)
    inner join chosen as c
        on d.organisation_id = c.organisation_id and line.service_id = c.service_id
    where d.line_date = :charged_day and d.line_kind = 'charge'
"""
STREETS = text(
    """
    select o.address_object_id, o.type_name || ' ' || o.name as name
    from ops.address_object as o
    where exists (
        select 1
        from ops.house as h
        inner join ops.premises as p on h.house_id = p.house_id
        inner join ops.account as a on p.premises_id = a.premises_id
        where h.address_object_id = o.address_object_id
    )
    order by ops.russian_sort_key(o.name)
    """
)


def totals(connection: Connection, asked: DebtRequest) -> Row:
    """How many accounts the form has, what they owe together, and the most months of one.

    Raises ``FormRefusedError`` without the right.
    """
    rights.require(connection, ReportForm.DEBT_INFORMATION)
    query = text(_TOTALS.format(owed=_owed(asked)))
    return connection.execute(query, asked.values()).mappings().one()


def charged(connection: Connection, asked: DebtRequest) -> Any:
    """What was charged to all accounts of the form for the reporting month, in roubles."""
    rights.require(connection, ReportForm.DEBT_INFORMATION)
    query = text(_TOTAL_CHARGED.format(owed=_owed(asked)))
    return connection.scalar(query, asked.values())


def page(
    connection: Connection, asked: DebtRequest, *, sort: str, limit: int, offset: int = 0
) -> list[Row]:
    """A page of the form, numbered on from ``offset``."""
    rights.require(connection, ReportForm.DEBT_INFORMATION)
    found = connection.execute(
        _page(asked, sort), {**asked.values(), "limit": limit, "offset": offset}
    )
    return [{"ordinal": number, **row} for number, row in enumerate(found.mappings(), offset + 1)]


def everything(connection: Connection, asked: DebtRequest, *, sort: str) -> Iterator[Row]:
    """All rows of the form, read as they are taken."""
    rights.require(connection, ReportForm.DEBT_INFORMATION)
    found = connection.execute(
        _page(asked, sort),
        {**asked.values(), "limit": None, "offset": 0},
        execution_options=STREAMED,
    )
    return ({"ordinal": number, **row} for number, row in enumerate(found.mappings(), 1))


def streets(connection: Connection) -> dict[int, str]:
    """Streets with accounts that the session sees, by name."""
    return {row.address_object_id: row.name for row in connection.execute(STREETS)}


def _page(asked: DebtRequest, sort: str) -> Any:
    order = SORTS[sort][1]
    return text(
        _PAGE.format(
            owed=_owed(asked),
            charged=_CHARGED,
            order=order,
            order_of_shown=order.replace("l.", "f."),
        )
    )


def _owed(asked: DebtRequest) -> str:
    is_of_parts = asked.service_id is not None or asked.supplier_id is not None
    pieces = _PARTS_OF_PIECES if is_of_parts else _WHOLE_PIECES
    return _OWED.format(pieces=pieces.format(which=_WHICH, whose=_WHOSE))
