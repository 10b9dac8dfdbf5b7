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


_TERMS = f"""
    -- What holds for a service of an organisation in a month: few rows, joined to the many.
    terms as materialized (
        select s.organisation_id, s.service_id, s.month, supplier.supplier_id,
            service.code like 'common\\_%' as is_common, service.unit,
            tariff.price, tariff.act, norm.amount as norm_amount, norm.basis as norm_basis
        from (select distinct organisation_id, service_id, month from {{rows}}) as s
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
    )
"""  # noqa: S608 - constants of this module, here and below
_TERMS_OF_LINES = _TERMS.format(rows="lines")
_METHOD = """
    t.supplier_id, t.is_common, t.price, t.act, t.unit,
    case
        when l.is_metered then 'meter'
        when t.norm_amount is not null then 'norm'
        when t.unit = 'м²' then 'area'
        else 'other'
    end as method,
    case when not l.is_metered then t.norm_amount end as norm_amount,
    case when not l.is_metered then t.norm_basis end as norm_basis
"""
_OF_TERMS = """
    inner join terms as t
        on l.organisation_id = t.organisation_id and l.service_id = t.service_id
        and l.month = t.month
"""
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

    {_TERMS_OF_LINES},

    described as (
        select l.*, {_METHOD} from lines as l {_OF_TERMS}
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
_LEVELS = "supplier_id, is_common, service_id, price, method, norm_amount"
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
_DEPTH = f"grouping({_LEVELS}) as depth"
# Sums add up over accounts as they are. Accounts and areas do not: a flat counts once on every
# level, however many accounts and services it has. But flats with one account and the same services
# count alike, so they are counted together first, and few such kinds of flats go up the levels; a
# flat with several accounts or months goes up by itself.
GROUPS = text(
    f"""
    with days as materialized (
        select d.account_id, d.organisation_id, d.premises_id, d.line_kind,
            cast(date_trunc('month', d.line_date) as date) as month,
            d.service_ids, d.line_kopecks, d.volumes, d.metered_service_ids
        from screens.resource_days as d
        where d.line_date between :since and :until
            and (cast(:organisation_id as integer) is null or d.organisation_id = :organisation_id)
            and (cast(:house_id as integer) is null or d.house_id = :house_id)
    ),

    sums as materialized (
        select d.organisation_id, line.service_id, d.month,
            line.service_id = any (d.metered_service_ids) as is_metered,
            sum(line.kopecks) filter (where d.line_kind = 'charge') as charged,
            sum(line.volume) filter (where d.line_kind = 'charge') as charged_volume,
            sum(line.kopecks) filter (where d.line_kind = 'recalculation') as recalculated,
            sum(line.volume) filter (where d.line_kind = 'recalculation') as recalculated_volume
        from days as d
        cross join lateral unnest(d.service_ids, d.line_kopecks, d.volumes)
            as line (service_id, kopecks, volume)
        where cast(:service_id as integer) is null or line.service_id = :service_id
        group by 1, 2, 3, 4
    ),

    {_TERMS.format(rows="sums")},

    summed as (
        select {_LEVELS}, {_DEPTH}, min(act) as act, min(unit) as unit,
            min(norm_basis) as norm_basis, {_SUMS}
        from (select l.*, {_METHOD} from sums as l {_OF_TERMS}) as s
        group by {_SETS.format(extra="", only="")}
    ),

    flats as materialized (
        select d.premises_id, count(*) as row_count, min(d.organisation_id) as organisation_id,
            min(d.month) as month, min(d.service_ids) as service_ids,
            min(d.metered_service_ids) as metered_service_ids
        from days as d
        where d.premises_id is not null
        group by d.premises_id
    ),

    alike as materialized (
        select row_number() over () as kind, count(*) as accounts,
            sum(p.total_area) as total_area, sum(p.useful_area) as useful_area,
            f.organisation_id, f.month, f.service_ids, f.metered_service_ids
        from flats as f
        left join ops.premises as p on f.premises_id = p.premises_id
        where f.row_count = 1
        group by f.organisation_id, f.month, f.service_ids, f.metered_service_ids
    ),

    others as (
        select d.*
        from days as d
        left join flats as f on d.premises_id = f.premises_id
        where coalesce(f.row_count, 2) > 1
    ),

    -- What is counted: a kind of flats, or one flat, which may be unknown, with its accounts.
    counted as (
        select a.kind, cast(null as bigint) as premises_id, cast(null as bigint) as account_id,
            a.accounts, a.organisation_id, a.month, line.service_id,
            line.service_id = any (a.metered_service_ids) as is_metered
        from alike as a
        cross join lateral unnest(a.service_ids) as line (service_id)
        union all
        select null, o.premises_id, o.account_id, 1, o.organisation_id, o.month, line.service_id,
            line.service_id = any (o.metered_service_ids)
        from others as o
        cross join lateral unnest(o.service_ids) as line (service_id)
        where cast(:service_id as integer) is null or line.service_id = :service_id
    ),

    by_account as (
        select {_LEVELS}, {_DEPTH}, kind, premises_id, account_id, min(accounts) as accounts
        from (select l.*, {_METHOD} from counted as l {_OF_TERMS}) as s
        group by {
        _SETS.format(extra=", kind, premises_id, account_id", only="kind, premises_id, account_id")
    }
    ),

    by_flat as materialized (
        select {_LEVELS}, depth, kind, premises_id, sum(accounts) as accounts
        from by_account
        group by {_LEVELS}, depth, kind, premises_id
    ),

    -- Kinds of flats are few and flats are many: each is joined to its own areas.
    measured as (
        select b.*, a.total_area, a.useful_area
        from by_flat as b
        inner join alike as a on b.kind = a.kind
        union all
        select b.*, p.total_area, p.useful_area
        from by_flat as b
        left join ops.premises as p on b.premises_id = p.premises_id
        where b.kind is null
    ),

    numbered as (
        select {_LEVELS}, depth, sum(accounts) as accounts, sum(total_area) as total_area,
            sum(useful_area) as useful_area
        from measured
        group by {_LEVELS}, depth
    )

    select s.*, n.total_area, n.useful_area, n.accounts, payee.short_name as supplier_name,
        service.name as service_name
    from summed as s
    left join numbered as n
        on s.depth = n.depth
        and (s.supplier_id, s.is_common, s.service_id, s.price, s.method, s.norm_amount)
        is not distinct from
        (n.supplier_id, n.is_common, n.service_id, n.price, n.method, n.norm_amount)
    left join ops.organisation as payee on s.supplier_id = payee.organisation_id
    left join reference.service as service on s.service_id = service.service_id
    order by (s.depth = 63), ops.russian_sort_key(payee.short_name), s.supplier_id,
        s.is_common nulls first, service.sort_order nulls first, s.service_id nulls first,
        s.price nulls first, s.depth >= 4 desc, s.method nulls first, s.depth >= 2 desc,
        s.norm_amount nulls first, s.depth desc
    """  # noqa: S608 - constants of this module
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
