"""Ресурсный отчёт: volumes and sums of what was consumed, nested as the form nests them.

Supplier → type of consumption → kind of charge → tariff → how the volume was found → norm, and
below them the premises. Areas are those of different premises, so a flat with two accounts counts
once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from operational_db.models.reporting import ReportForm
from operational_db.services.forms import rights, suppliers
from operational_db.services.forms.rights import STREAMED

Row = Mapping[str, Any]

LEVELS = ("supplier", "consumption", "service", "tariff", "method", "norm", "premises")
"""The nesting of the form, outermost first."""

KEYS = {
    "supplier": "supplier_id",
    "consumption": "is_common",
    "service": "service_id",
    "tariff": "price",
    "method": "method",
    "norm": "norm_amount",
}


@dataclass(frozen=True, slots=True)
class ResourceRequest:
    """Charges of the months from the day ``since`` to the day ``until``; None narrows nothing."""

    since: date
    until: date
    organisation_id: int | None = None
    supplier_id: int | None = None
    service_id: int | None = None
    house_id: int | None = None
    is_common: bool | None = None

    def values(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "organisation_id": self.organisation_id,
            "supplier_id": self.supplier_id,
            "service_id": self.service_id,
            "house_id": self.house_id,
            "is_common": self.is_common,
        }

    def described(self) -> dict[str, str]:
        """The filters for the audit trail."""
        return {name: str(value) for name, value in self.values().items() if value is not None}


_LINES = f"""
    lines as (
        select l.account_id, l.organisation_id, l.premises_id, l.house_id, l.service_id,
            date_trunc('month', l.line_date) as month, l.is_metered,
            sum(l.kopecks) filter (where l.line_kind = 'charge') as charged,
            sum(l.volume) filter (where l.line_kind = 'charge') as charged_volume,
            sum(l.kopecks) filter (where l.line_kind = 'recalculation') as recalculated,
            sum(l.volume) filter (where l.line_kind = 'recalculation') as recalculated_volume
        from screens.resource_lines as l
        where l.line_date between :since and :until
            and (cast(:organisation_id as integer) is null or l.organisation_id = :organisation_id)
            and (cast(:service_id as integer) is null or l.service_id = :service_id)
            and (cast(:house_id as integer) is null or l.house_id = :house_id)
        group by l.account_id, l.organisation_id, l.premises_id, l.house_id, l.service_id,
            date_trunc('month', l.line_date), l.is_metered
    ),

    -- What holds for a service of an organisation in a month: few rows, joined to the many.
    terms as materialized (
        select s.organisation_id, s.service_id, s.month, supplier.supplier_id,
            service.code like 'common\\_%' as is_common, service.unit,
            tariff.price, tariff.act, norm.amount as norm_amount, norm.basis as norm_basis
        from (select distinct organisation_id, service_id, month from lines) as s
        inner join reference.service as service on s.service_id = service.service_id
        inner join ops.organisation as keeper on s.organisation_id = keeper.organisation_id
        {suppliers.JOIN.format(rows="s")}
        left join lateral (
            select t.price, t.act
            from ops.tariff as t
            where t.organisation_id = s.organisation_id and t.service_id = s.service_id
                and t.valid_from <= s.month and (t.valid_to is null or t.valid_to >= s.month)
            order by t.valid_from desc
            limit 1
        ) as tariff on true
        left join lateral (
            select n.amount, n.basis
            from ops.norm as n
            where n.municipality_id = coalesce(keeper.municipality_id, keeper.organisation_id)
                and n.service_id = s.service_id
                and n.valid_from <= s.month and (n.valid_to is null or n.valid_to >= s.month)
            order by n.valid_from desc, n.basis
            limit 1
        ) as norm on true
        where (cast(:supplier_id as integer) is null or supplier.supplier_id = :supplier_id)
            and (
                cast(:is_common as boolean) is null
                or (service.code like 'common\\_%') = :is_common
            )
    ),

    described as (
        select l.*, t.supplier_id, t.is_common, t.unit, t.price, t.act,
            case
                when l.is_metered then 'meter'
                when t.norm_amount is not null then 'norm'
                when t.unit = 'м²' then 'area'
                else 'other'
            end as method,
            case when not l.is_metered then t.norm_amount end as norm_amount,
            case when not l.is_metered then t.norm_basis end as norm_basis
        from lines as l
        inner join terms as t
            on l.organisation_id = t.organisation_id and l.service_id = t.service_id
            and l.month = t.month
    )
"""  # noqa: S608 - constants of this module, here and below
_SUMS = """
    cast(coalesce(sum(s.charged), 0) / 100.0 as numeric(14, 2)) as charged,
    coalesce(sum(s.charged_volume), 0) as charged_volume,
    cast(coalesce(sum(s.recalculated), 0) / 100.0 as numeric(14, 2)) as recalculated,
    coalesce(sum(s.recalculated_volume), 0) as recalculated_volume,
    cast((coalesce(sum(s.charged), 0) + coalesce(sum(s.recalculated), 0)) / 100.0
        as numeric(14, 2)) as amount,
    coalesce(sum(s.charged_volume), 0) + coalesce(sum(s.recalculated_volume), 0) as volume
"""
_SETS = """
    grouping sets (
        (supplier_id, is_common, service_id, price, method, norm_amount{extra}),
        (supplier_id, is_common, service_id, price, method{extra}),
        (supplier_id, is_common, service_id, price{extra}),
        (supplier_id, is_common, service_id{extra}),
        (supplier_id, is_common{extra}),
        (supplier_id{extra}),
        ({only})
    )
"""
# Accounts, then premises, then the rows of the form: a flat counts once on every level, however
# many accounts and services it has. Names are joined to the few rows that come out.
GROUPS = text(
    f"""
    with {_LINES},

    by_account as (
        select d.supplier_id, d.is_common, d.service_id, d.price, d.method, d.norm_amount,
            grouping(d.supplier_id, d.is_common, d.service_id, d.price, d.method, d.norm_amount)
                as depth,
            d.premises_id, d.account_id,
            sum(d.charged) as charged, sum(d.charged_volume) as charged_volume,
            sum(d.recalculated) as recalculated, sum(d.recalculated_volume) as recalculated_volume,
            min(d.norm_basis) as norm_basis, min(d.act) as act, min(d.unit) as unit
        from described as d
        group by {_SETS.format(extra=", premises_id, account_id", only="premises_id, account_id")}
    ),

    by_premises as (
        select a.depth, a.supplier_id, a.is_common, a.service_id, a.price, a.method,
            a.norm_amount, a.premises_id, count(*) as accounts,
            sum(a.charged) as charged, sum(a.charged_volume) as charged_volume,
            sum(a.recalculated) as recalculated, sum(a.recalculated_volume) as recalculated_volume,
            min(a.norm_basis) as norm_basis, min(a.act) as act, min(a.unit) as unit
        from by_account as a
        group by a.depth, a.supplier_id, a.is_common, a.service_id, a.price, a.method,
            a.norm_amount, a.premises_id
    ),

    summed as (
        select s.depth, s.supplier_id, s.is_common, s.service_id, s.price, s.method,
            s.norm_amount, min(s.act) as act, min(s.unit) as unit,
            min(s.norm_basis) as norm_basis, sum(p.total_area) as total_area,
            sum(p.useful_area) as useful_area, sum(s.accounts) as accounts, {_SUMS}
        from by_premises as s
        left join ops.premises as p on s.premises_id = p.premises_id
        group by s.depth, s.supplier_id, s.is_common, s.service_id, s.price, s.method,
            s.norm_amount
    )

    select s.*, payee.short_name as supplier_name, service.name as service_name
    from summed as s
    left join ops.organisation as payee on s.supplier_id = payee.organisation_id
    left join reference.service as service on s.service_id = service.service_id
    order by (s.depth = 63), ops.russian_sort_key(payee.short_name), s.supplier_id,
        s.is_common nulls first, service.sort_order nulls first, s.service_id nulls first,
        s.price nulls first, s.depth >= 4 desc, s.method nulls first, s.depth >= 2 desc,
        s.norm_amount nulls first, s.depth desc
    """  # noqa: S608 - constants of this module, here and below
)
# Rows of premises below one row of the form, or below all.
PREMISES = text(
    f"""
    with {_LINES}

    select s.supplier_id, s.is_common, s.service_id, s.price, s.method, s.norm_amount,
        s.premises_id, min(a.house_address) as house_address,
        min(a.premises_number) as premises_number,
        min(p.total_area) as total_area, min(p.useful_area) as useful_area,
        count(distinct s.account_id) as accounts, {_SUMS}
    from described as s
    left join ops.premises as p on s.premises_id = p.premises_id
    left join marts.accounts as a on s.account_id = a.account_id
    where cast(:group_service_id as integer) is null
        or (
            s.supplier_id = :group_supplier_id and s.service_id = :group_service_id
            and s.price is not distinct from cast(:group_price as numeric)
            and s.method = :group_method
            and s.norm_amount is not distinct from cast(:group_norm_amount as numeric)
        )
    group by s.supplier_id, s.is_common, s.service_id, s.price, s.method, s.norm_amount,
        s.premises_id
    order by s.supplier_id, s.is_common, s.service_id, s.price, s.method, s.norm_amount,
        min(a.address_sort_key), s.premises_id
    limit :limit offset :offset
    """  # noqa: S608
)


# Seven levels of a whole town are added up at once; on disk that takes several times longer.
MORE_MEMORY = text("set local work_mem = '128MB'")


def groups(connection: Connection, asked: ResourceRequest) -> list[Row]:
    """The rows of the form above premises, outermost first, with «Итого» last.

    ``level`` is the place of the row in ``LEVELS``, or None for the total. Raises
    ``FormRefusedError`` without the right.
    """
    rights.require(connection, ReportForm.RESOURCE_REPORT)
    connection.execute(MORE_MEMORY)
    found = connection.execute(GROUPS, asked.values()).mappings()
    return [{**row, "level": _level(row["depth"])} for row in found]


def premises(
    connection: Connection, asked: ResourceRequest, group: Row, *, limit: int, offset: int = 0
) -> list[Row]:
    """A page of the premises below the innermost row ``group`` of ``groups``."""
    rights.require(connection, ReportForm.RESOURCE_REPORT)
    values = {
        **asked.values(),
        **{
            f"group_{key}": group[key]
            for key in ("supplier_id", "service_id", "price", "method", "norm_amount")
        },
        "limit": limit,
        "offset": offset,
    }
    return list(connection.execute(PREMISES, values).mappings())


def all_premises(connection: Connection, asked: ResourceRequest) -> Iterator[Row]:
    """Premises of every innermost row, read as they are taken, in no order of the form."""
    rights.require(connection, ReportForm.RESOURCE_REPORT)
    values = {
        **asked.values(),
        **dict.fromkeys(
            (
                "group_supplier_id", "group_service_id", "group_price", "group_method",
                "group_norm_amount",
            )
        ),
        "limit": None,
        "offset": 0,
    }  # fmt: skip
    return iter(connection.execute(PREMISES, values, execution_options=STREAMED).mappings())


def key_of(row: Row) -> tuple:
    """What tells the innermost rows apart, to put premises below them."""
    return tuple(row[key] for key in KEYS.values())


def _level(depth: int) -> int | None:
    """``grouping()`` has a bit for each of six columns that a row is added up over."""
    kept = 6 - depth.bit_count()
    return kept - 1 if kept else None
