"""Ресурсный отчёт: volumes and sums of what was consumed, nested as the form nests them.

Supplier → type of consumption → kind of charge → tariff → how the volume was found → norm, and
below them the premises. Areas are those of different premises, so a flat with two accounts counts
once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from operational_db.imports.ledger import last_day_of_month
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
            and (
                cast(:group_service_id as integer) is null or l.service_id = :group_service_id
            )
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
# Sums add up over accounts as they are, and are kept by house. Accounts and areas do not: a flat
# counts once on every level, however many accounts, months and services it has. But most flats are
# alike: those with the same services in the same months count alike. So they are put together
# first, and the few kinds of them go up the levels.
GROUPS = text(
    f"""
    with sums as materialized (
        select s.organisation_id, s.service_id, s.is_metered,
            cast(date_trunc('month', s.line_date) as date) as month,
            cast(sum(s.amount) filter (where s.line_kind = 'charge') * 100 as bigint) as charged,
            sum(s.volume) filter (where s.line_kind = 'charge') as charged_volume,
            cast(sum(s.amount) filter (where s.line_kind = 'recalculation') * 100 as bigint)
                as recalculated,
            sum(s.volume) filter (where s.line_kind = 'recalculation') as recalculated_volume
        from screens.resource_sums as s
        where s.line_date between :since and :until
            and (cast(:organisation_id as integer) is null or s.organisation_id = :organisation_id)
            and (cast(:service_id as integer) is null or s.service_id = :service_id)
            and (cast(:house_id as integer) is null or s.house_id = :house_id)
        group by 1, 2, 3, 4
    ),

    {_TERMS.format(rows="sums")},

    summed as (
        select {_LEVELS}, {_DEPTH}, min(act) as act, min(unit) as unit,
            min(norm_basis) as norm_basis, {_SUMS}
        from (select l.*, {_METHOD} from sums as l {_OF_TERMS}) as s
        group by {_SETS.format(extra="", only="")}
    ),

    -- Months are asked for by their last day, on which their charges stand.
    runs as materialized (
        select c.account_id, c.premises_id, c.organisation_id, c.service_ids,
            c.metered_service_ids,
            case when c.line_kind = 'charge'
                then greatest(c.first_date, cast(:first_end as date)) else c.first_date
            end as first_date,
            case when c.line_kind = 'charge'
                then least(c.last_date, cast(:last_end as date)) else c.last_date
            end as last_date
        from screens.charged_services as c
        where case when c.line_kind = 'charge'
                then c.first_date <= :last_end and c.last_date >= :first_end
                    and cast(:first_end as date) <= :last_end
                else c.first_date between :since and :until
            end
            and (cast(:organisation_id as integer) is null or c.organisation_id = :organisation_id)
            and (cast(:house_id as integer) is null or c.house_id = :house_id)
    ),

    kinds as materialized (
        select row_number() over () as kind, r.organisation_id, r.service_ids,
            r.metered_service_ids, r.first_date, r.last_date
        from (
            -- distinct: what is common to many accounts
            select distinct organisation_id, service_ids, metered_service_ids, first_date, last_date
            from runs
        ) as r
    ),

    told as materialized (
        select r.account_id, r.premises_id, k.kind
        from runs as r
        inner join kinds as k
            on r.organisation_id = k.organisation_id and r.service_ids = k.service_ids
            and r.metered_service_ids = k.metered_service_ids
            and r.first_date = k.first_date and r.last_date = k.last_date
    ),

    alike as materialized (
        select row_number() over () as alike_id, of_each.kinds, sum(of_each.accounts) as accounts,
            sum(of_each.total_area) as total_area, sum(of_each.useful_area) as useful_area
        from (
            select a.kinds, count(*) as accounts, cast(null as numeric) as total_area,
                cast(null as numeric) as useful_area
            from (
                select array_agg(t.kind order by t.kind) as kinds
                from told as t
                group by t.account_id
            ) as a
            group by a.kinds
            union all
            select f.kinds, 0, sum(p.total_area), sum(p.useful_area)
            from (
                select t.premises_id, array_agg(t.kind order by t.kind) as kinds
                from told as t
                where t.premises_id is not null
                group by t.premises_id
            ) as f
            inner join ops.premises as p on f.premises_id = p.premises_id
            group by f.kinds
        ) as of_each
        group by of_each.kinds
    ),

    of_kinds as materialized (
        -- distinct: most months of a run have the same terms
        select distinct l.kind, l.service_id, {_METHOD}
        from (
            select k.kind, k.organisation_id, cast(m.month as date) as month, line.service_id,
                line.service_id = any (k.metered_service_ids) as is_metered
            from kinds as k
            cross join lateral generate_series(
                date_trunc('month', k.first_date), k.last_date, interval '1 month'
            ) as m (month)
            cross join lateral unnest(k.service_ids) as line (service_id)
        ) as l
        {_OF_TERMS}
    ),

    by_alike as (
        select {_LEVELS}, {_DEPTH}, alike_id
        from (
            select a.alike_id, o.*
            from alike as a
            cross join lateral unnest(a.kinds) as own (kind)
            inner join of_kinds as o on own.kind = o.kind
        ) as s
        group by {_SETS.format(extra=", alike_id", only="alike_id")}
    ),

    numbered as (
        select {_LEVELS}, depth, sum(a.accounts) as accounts, sum(a.total_area) as total_area,
            sum(a.useful_area) as useful_area
        from by_alike as b
        inner join alike as a on b.alike_id = a.alike_id
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


# All accounts of a town are put together at once; on disk that takes several times longer.
MORE_MEMORY = text("set local work_mem = '128MB'")


def groups(connection: Connection, asked: ResourceRequest) -> list[Row]:
    """The rows of the form above premises, outermost first, with «Итого» last.

    ``level`` is the place of the row in ``LEVELS``, or None for the total. Raises
    ``FormRefusedError`` without the right.
    """
    rights.require(connection, ReportForm.RESOURCE_REPORT)
    connection.execute(MORE_MEMORY)
    values = {
        **asked.values(),
        "first_end": last_day_of_month(asked.since),
        "last_end": (asked.until + timedelta(days=1)).replace(day=1) - timedelta(days=1),
    }
    found = connection.execute(GROUPS, values).mappings()
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
