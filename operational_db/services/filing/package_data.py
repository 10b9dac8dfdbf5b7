"""What the papers of applications say, read for a few dozen of them in a handful of queries.

Works as the owner on a connection that stands on the day of the calculation. Figures come from the
tables of the last build, which the run has just brought up to date; nothing is added up here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Date, Integer, Numeric, Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ApplicationData:
    """One application as rows of queries, columns named as the fields of the documents.

    ``months`` and ``services`` are those of its debt; an application without them, and without
    ``month_totals``, asks for penalty only. ``recovered_penalty`` is what a cancelled order has
    brought of the penalty that a claim goes on to ask for, in roubles.
    """

    head: Row
    debtors: list[Row]
    months: list[Row]
    month_totals: Row | None
    services: list[Row]
    penalty_lines: list[Row]
    penalty_months: list[Row]
    penalty_total: Row | None
    duty_payments: list[Row]
    family: Row | None
    recovered_penalty: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where applications come from: the common tables that all queries read, and what they ask."""

    tables: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True)
class _Query:
    """A query over the applications of a source; the fragments are constants of this package."""

    body: str
    parameters: tuple[Any, ...] = ()

    @cache  # noqa: B019 - a dozen constants of this file
    def of(self, source: _Source) -> TextClause:
        written = text(f"with {source.tables}{self.body}")
        return written.bindparams(*source.parameters, *self.parameters)


def applications_data(
    connection: Connection, batch_id: int, item_numbers: Sequence[int]
) -> dict[int, ApplicationData]:
    """Read the applications of a batch by their numbers."""
    asked = {"batch_id": batch_id, "numbers": list(item_numbers)}
    return _read(connection, BATCH, asked, item_numbers)


def claim_data(
    connection: Connection,
    case_id: int,
    *,
    court_code: str,
    duty: Decimal,
    recovered_penalty: Decimal = Decimal(0),
) -> ApplicationData:
    """Read a claim that has been drafted: its months, debtors and sums as the case has them.

    The last build has to know the case already. ``duty`` and ``recovered_penalty`` (of the order
    that the claim follows) are in roubles.
    """
    asked = {"case_id": case_id, "court_code": court_code, "duty": duty}
    claim = _read(connection, CLAIM, asked, [ONLY_ITEM])[ONLY_ITEM]
    return replace(claim, recovered_penalty=recovered_penalty)


def _read(
    connection: Connection,
    source: _Source,
    asked: dict[str, Any],
    item_numbers: Sequence[int],
) -> dict[int, ApplicationData]:
    def of_items(query: _Query) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in connection.execute(query.of(source), asked).mappings():
            found[row["item_number"]].append(row)
        return found

    heads = of_items(HEADS)
    debtors, services = of_items(DEBTORS), of_items(SERVICES)
    months, lines = of_items(MONTHS), of_items(PENALTY_LINES)
    asked |= _months_of(lines)
    penalty_months, duties = of_items(PENALTY_MONTHS), of_items(DUTY_PAYMENTS)
    families = of_items(FAMILY)
    return {
        number: ApplicationData(
            head=heads[number][0],
            debtors=debtors[number],
            months=[row for row in months[number] if not row["is_total"]],
            month_totals=next((row for row in months[number] if row["is_total"]), None),
            services=services[number],
            penalty_lines=lines[number],
            penalty_months=[row for row in penalty_months[number] if not row["is_total"]],
            penalty_total=next((r for r in penalty_months[number] if r["is_total"]), None),
            duty_payments=duties[number],
            family=next(iter(families[number]), None),
        )
        for number in item_numbers
    }


def _months_of(lines: Mapping[int, list[Row]]) -> dict[str, list[Any]]:
    """What the lines that were just read come to by months, so that they are not reckoned again."""
    months = {
        (number, row["liability"], row["period"], row["due_date"]): row["month_penalty"]
        for number, rows in lines.items()
        for row in rows
    }
    columns = zip(*months, strict=True) if months else ((),) * len(OF_MONTHS)
    return {
        **{name: list(values) for name, values in zip(OF_MONTHS, columns, strict=True)},
        "month_penalties": list(months.values()),
    }


ONLY_ITEM = 1
"""The number of the only application where a single claim is read."""
OF_MONTHS = ("month_numbers", "month_liabilities", "month_periods", "month_dues")
MONTH_SUMS = (
    bindparam("month_numbers", type_=ARRAY(Integer)),
    bindparam("month_liabilities", type_=ARRAY(Text)),
    bindparam("month_periods", type_=ARRAY(Date)),
    bindparam("month_dues", type_=ARRAY(Date)),
    bindparam("month_penalties", type_=ARRAY(Numeric)),
)
BATCH = _Source(
    """
    item as materialized (
        select i.* from ops.filing_item as i
        where i.batch_id = :batch_id and i.item_number = any (:numbers)
    ),

    item_month as materialized (
        select m.*, i.account_id
        from ops.filing_month as m
        inner join item as i on m.batch_id = i.batch_id and m.item_number = i.item_number
    ),

    item_case as (
        select r.item_number, r.case_id
        from item as i
        inner join ops.filing_result as r
            on i.batch_id = r.batch_id and i.item_number = r.item_number
        where r.case_id is not null
    )
    """,
    (bindparam("numbers", type_=ARRAY(Integer)),),
)
# A month of a claim as it lies in the ledger of debt: by due date, with the part that the case
# claims of it. Where a month has several due dates its debt falls to them by what is open, and its
# penalty by what each came to in the days claimed: what is paid is no debt, but was late.
CLAIM = _Source(
    f"""
    claimed as (
        select
            m.account_id, m.liability, m.period,
            min(m.portion_person_id) filter (where m.part = 'principal') as portion_person_id,
            min(m.portion_person_id) filter (where m.part = 'penalty')
                as penalty_portion_person_id,
            coalesce(sum(m.amount) filter (where m.part = 'principal'), 0) as principal_amount,
            coalesce(sum(m.amount) filter (where m.part = 'penalty'), 0) as penalty_amount,
            min(m.penalty_from) as penalty_from, max(m.penalty_to) as penalty_to
        from ops.claimed_month as m
        where m.case_id = :case_id
        group by m.account_id, m.liability, m.period
    ),

    several_dues as (
        select c.account_id, c.liability, c.period
        from claimed as c
        inner join marts.obligations as o
            on c.account_id = o.account_id and c.liability = o.liability
                and c.period = o.period and o.obligation_amount > 0
        where c.penalty_amount > 0
        group by c.account_id, c.liability, c.period
        having count(*) > 1
    ),

    -- Reckoned for the account once, and only where some month needs it.
    penalty_of_dues as materialized (
        select
            c.liability, c.period, l.due_date,
            nullif(sum(warehouse.penalty_sum(
                l.base_amount, l.rate_pct, cut.date_to - cut.date_from + 1, l.denominator
            )), 0) as penalty
        from (select distinct s.account_id from several_dues as s) as one
        cross join lateral (
            select x.* from intermediate.int_penalty_lines_shared as x
            where x.account_id = one.account_id
            offset 0
        ) as l
        inner join several_dues as s on l.liability = s.liability and l.period = s.period
        inner join claimed as c on l.liability = c.liability and l.period = c.period
        cross join lateral (
            select greatest(l.date_from, c.penalty_from) as date_from,
                least(l.date_to, c.penalty_to) as date_to
        ) as cut
        where cut.date_from <= cut.date_to
            and (
                l.own_person_id is null or c.penalty_portion_person_id is null
                or l.own_person_id = c.penalty_portion_person_id
            )
        group by c.liability, c.period, l.due_date
    ),

    weighed as (
        select
            c.*, o.due_date, part.holder_kind, part.holder_person_id, part.debtors,
            part.family_ids,
            coalesce(part.part_amount, case when count(part.part_amount) over of_month > 0
                then 0 else o.obligation_amount end) as debt_weight,
            coalesce(late.penalty, case when count(late.penalty) over of_month > 0
                then 0 else o.obligation_amount end) as penalty_weight
        from claimed as c
        inner join marts.obligations as o
            on c.account_id = o.account_id and c.liability = o.liability
                and c.period = o.period and o.obligation_amount > 0
        -- A case may claim a whole month, whosever parts it has.
        left join lateral (
            select
                sum(p.part_amount) as part_amount,
                (array_agg(p.holder_kind order by p.part_no))[1] as holder_kind,
                (array_agg(p.holder_person_id order by p.part_no))[1] as holder_person_id,
                (array_agg(p.debtors order by p.part_no))[1] as debtors,
                min(p.family_ids) as family_ids
            from marts.debt_parts as p
            where p.account_id = c.account_id and p.liability = c.liability
                and p.period = c.period and p.due_date = o.due_date
                and p.live_case_id = :case_id
        ) as part on true
        left join penalty_of_dues as late
            on c.liability = late.liability and c.period = late.period
                and o.due_date = late.due_date
        window of_month as (partition by c.account_id, c.liability, c.period)
    ),

    dated as (
        select
            w.*, row_number() over (of_month order by w.due_date) as place,
            array_agg(cast(w.debt_weight * 100 as numeric)) over by_due as debt_weights,
            array_agg(cast(w.penalty_weight * 100 as numeric)) over by_due as penalty_weights
        from weighed as w
        window of_month as (partition by w.account_id, w.liability, w.period),
            by_due as (
                of_month order by w.due_date
                rows between unbounded preceding and unbounded following
            )
    ),

    item_month as materialized (
        select
            {ONLY_ITEM} as item_number, d.account_id, d.liability, d.period, d.due_date,
            d.portion_person_id, d.penalty_portion_person_id, d.penalty_from, d.penalty_to,
            d.family_ids, d.holder_kind, d.holder_person_id, d.debtors,
            cast((warehouse.split_exactly(
                cast(d.principal_amount * 100 as bigint), d.debt_weights
            ))[d.place] / 100.0 as numeric(14, 2)) as principal_amount,
            cast((warehouse.split_exactly(
                cast(d.penalty_amount * 100 as bigint), d.penalty_weights
            ))[d.place] / 100.0 as numeric(14, 2)) as penalty_amount
        from dated as d
    ),

    item as materialized (
        select
            {ONLY_ITEM} as item_number, k.account_id, latest.holder_kind,
            latest.holder_person_id, latest.debtors, latest.family_ids,
            sums.principal_amount, sums.penalty_amount, cast(:duty as numeric) as duty_amount,
            sums.period_from, sums.period_to, cast(:court_code as text) as court_code
        from ops.court_case as k
        cross join lateral (
            select
                coalesce(sum(c.principal_amount), 0) as principal_amount,
                coalesce(sum(c.penalty_amount), 0) as penalty_amount,
                -- The period of a claim is that of its debt.
                coalesce(min(c.period) filter (where c.principal_amount > 0), min(c.period))
                    as period_from,
                coalesce(max(c.period) filter (where c.principal_amount > 0), max(c.period))
                    as period_to
            from claimed as c
        ) as sums
        -- Those who hold together may stand under another of them in some month.
        cross join lateral (
            select m.holder_kind, m.holder_person_id, m.debtors, m.family_ids
            from item_month as m
            where m.holder_kind is not null
            order by m.family_ids is null, m.period desc, m.liability, m.due_date
            limit 1
        ) as latest
        where k.case_id = :case_id
    ),

    item_case as (
        select {ONLY_ITEM} as item_number, cast(:case_id as bigint) as case_id
    )
    """  # noqa: S608 - constants of this file
)


def order_terms(connection: Connection, day: date) -> list[Row]:
    """Terms that an order names, as they are in force on a day: code, value and unit."""
    return list(connection.execute(ORDER_TERMS, {"day": day}).mappings())


def section_lists(connection: Connection, batch_id: int) -> Iterator[tuple[Row, list[Row], Row]]:
    """Yield each court section of a batch with the lines of its list, and their totals."""
    heads = connection.execute(SECTIONS, {"batch_id": batch_id}).mappings().all()
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(SECTION_LINES, {"batch_id": batch_id}).mappings():
        lines[row["court_code"]].append(row)
    for head in heads:
        yield head, lines[head["court_code"]], head


HEADS = _Query(
    """
    select
        i.item_number, i.account_id, i.holder_kind, i.holder_person_id,
        i.principal_amount as principal,
        i.penalty_amount as penalty, i.principal_amount + i.penalty_amount as total,
        i.duty_amount as duty, i.principal_amount + i.penalty_amount + i.duty_amount
            as grand_total,
        i.period_from, cast(i.period_to + interval '1 month' as date) - 1 as period_to,
        a.account_number, placed.address,
        o.kind, o.name, o.inn, o.kpp, o.ogrn, o.address as organisation_address, o.phone, o.email,
        o.head_position, o.head_name,
        b.bank_name, b.bic, b.account_number as bank_account, b.correspondent_account,
        c.court_code, c.kind as court_kind, c.name as court_name, c.address as court_address,
        held.right_kind, held.registration_number, held.valid_from as right_from,
        case when held.valid_to < ops.as_of() then held.valid_to end as right_until,
        managed.basis as management_basis, agreed.number as contract_number,
        agreed.signed_on as contract_signed_on, whole.account_debt
    from item as i
    inner join ops.account as a on i.account_id = a.account_id
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
    left join marts.accounts as placed on i.account_id = placed.account_id
    left join ops.court as c on i.court_code = c.court_code
    left join lateral (
        select t.* from ops.bank_account as t
        where t.organisation_id = o.organisation_id and t.valid_from <= ops.as_of()
            and (t.valid_to is null or t.valid_to >= ops.as_of())
        order by t.valid_from desc, t.bank_account_id
        limit 1
    ) as b on true
    left join lateral (
        select w.right_kind, w.registration_number, w.valid_from, w.valid_to
        from ops.ownership as w
        where w.premises_id = a.premises_id and w.organisation_id = a.organisation_id
            and w.person_id = i.holder_person_id
            and w.recorded_at <= ops.known_at()
            -- A right that ended before it began was recorded by mistake.
            and (w.valid_to is null or w.valid_to >= w.valid_from)
        -- The right of those months; capital repair falls to him who bought later.
        order by w.valid_from < i.period_to + interval '1 month'
            and coalesce(w.valid_to, date 'infinity') >= i.period_from desc,
            w.valid_from desc, w.ownership_id desc
        limit 1
    ) as held on true
    left join lateral (
        select h.basis from ops.house_management as h
        where h.house_id = placed.house_id and h.organisation_id = o.organisation_id
            and h.valid_from <= ops.as_of() and (h.valid_to is null or h.valid_to >= ops.as_of())
        order by h.valid_from desc
        limit 1
    ) as managed on true
    left join lateral (
        select k.number, k.signed_on from ops.contract as k
        where k.recipient_id = o.organisation_id and k.organisation_id = o.organisation_id
            and k.valid_from <= ops.as_of() and (k.valid_to is null or k.valid_to >= ops.as_of())
        order by k.valid_from desc
        limit 1
    ) as agreed on true
    left join lateral (
        select sum(p.part_amount) as account_debt
        from marts.debt_parts as p
        inner join item_month as m
            on i.item_number = m.item_number and p.liability = m.liability
                and p.period = m.period and p.due_date = m.due_date
        where p.account_id = i.account_id
    ) as whole on true
    """
)
DEBTORS = _Query(
    """
    select
        i.item_number, d.asked_as, i.holder_kind, d.person_id, p.last_name as last,
        p.first_name as first, p.middle_name as middle, p.sex, p.birth_date, p.birth_place,
        coalesce(p.registered_address, placed.address) as residence, p.death_date as died_on,
        shares.told as share,
        w.last_name as ward_last, w.first_name as ward_first, w.middle_name as ward_middle,
        w.sex as ward_sex, w.birth_date as ward_birth_date, r.basis as ward_basis,
        case when ward.of_age_on <= ops.as_of() then ward.of_age_on end as ward_adult_since,
        coalesce(held.valid_from, lived.valid_from) as held_from,
        coalesce(held.valid_to, lived.valid_to) as held_until,
        coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'kind', n.kind, 'number', n.number, 'issued_by', n.issued_by,
                    'issued_on', n.issued_on
                ) order by n.kind = 'passport', n.kind, n.person_identifier_id
            )
            from ops.person_identifier as n
            where n.person_id = d.person_id and n.recorded_at <= ops.known_at()
        ), '[]') as identifiers
    from item as i
    cross join lateral ops.people_asked(i.holder_person_id, i.debtors, i.family_ids)
        with ordinality as d (person_id, asked_as, ward_id, place)
    inner join ops.person as p on d.person_id = p.person_id
    left join ops.person as w on d.ward_id = w.person_id
    cross join lateral (
        select cast(w.birth_date + (select ops.age_of_majority()) as date) as of_age_on
    ) as ward
    left join lateral (
        select t.basis from ops.representative as t
        where t.person_id = d.ward_id and t.representative_id = d.person_id
        order by t.valid_from desc
        limit 1
    ) as r on true
    left join lateral (
        select string_agg(distinct p.share_numerator || '/' || p.share_denominator, ', ') as told
        from item_month as m
        inner join marts.debt_parts as p
            on m.account_id = p.account_id and m.liability = p.liability
                and m.period = p.period and m.due_date = p.due_date
        where m.item_number = i.item_number and i.holder_kind = 'owner'
            and p.holder_person_id = i.holder_person_id and p.share_numerator < p.share_denominator
    ) as shares on d.asked_as <> 'family'
    inner join ops.account as a on i.account_id = a.account_id
    left join lateral (
        select w.valid_from, case when w.valid_to < ops.as_of() then w.valid_to end as valid_to
        from ops.ownership as w
        where w.premises_id = a.premises_id and w.organisation_id = a.organisation_id
            and w.person_id = coalesce(d.ward_id, d.person_id)
            and w.recorded_at <= ops.known_at()
            and (w.valid_to is null or w.valid_to >= w.valid_from)
        order by w.valid_from < i.period_to + interval '1 month'
            and coalesce(w.valid_to, date 'infinity') >= i.period_from desc,
            w.valid_from desc, w.ownership_id desc
        limit 1
    ) as held on d.asked_as <> 'family'
    left join lateral (
        select w.valid_from, case when w.valid_to < ops.as_of() then w.valid_to end as valid_to
        from ops.residency as w
        where w.account_id = i.account_id and w.person_id = d.person_id
            and w.recorded_at <= ops.known_at()
        order by w.valid_from desc
        limit 1
    ) as lived on d.asked_as = 'family'
    left join marts.accounts as placed on i.account_id = placed.account_id
    order by i.item_number, d.place
    """
)
# What a month came to, what closed it and what of it is claimed. Due dates of a month are one row:
# a judge looks for months.
MONTHS = _Query(
    """,

    charged as (
        select
            m.item_number, m.period,
            sum(o.charged_kopecks) / 100.0 as charged, sum(o.obligation_amount) as obliged,
            sum(p.open_amount) as open, sum(m.principal_amount) as claimed,
            sum(c.written_off) as written_off, sum(c.moved) as moved
        from item_month as m
        inner join marts.obligations as o
            on m.account_id = o.account_id and m.liability = o.liability
                and m.period = o.period and m.due_date = o.due_date
        cross join lateral (
            select sum(x.part_amount) as open_amount from marts.debt_parts as x
            where x.account_id = m.account_id and x.liability = m.liability
                and x.period = m.period and x.due_date = m.due_date
        ) as p
        -- Not every piece that is closed was paid: some are written off, some recalculated.
        cross join lateral (
            select
                coalesce(sum(d.interval_amount) filter (
                    where d.credit_kind = 'write_off' and d.closed_date <= ops.as_of()
                ), 0) - coalesce(sum(d.interval_amount) filter (
                    where d.reopened_by_kind = 'write_off' and d.opened_date <= ops.as_of()
                ), 0) as written_off,
                coalesce(sum(d.interval_amount) filter (
                    where d.credit_kind = 'recalculation' and d.closed_date <= ops.as_of()
                ), 0) as moved
            from marts.debt_intervals as d
            where d.account_id = m.account_id and d.liability = m.liability
                and d.period = m.period and d.due_date = m.due_date
                and d.interval_kind = 'debt'
        ) as c
        where m.principal_amount > 0
        group by m.item_number, m.period
    ),

    told as (
        select
            c.item_number, c.period, c.charged,
            c.obliged - c.charged - c.moved as recalculated,
            c.obliged - c.open - c.written_off - c.moved as paid, c.written_off,
            c.open as debt, c.claimed,
            sum(c.claimed) over (partition by c.item_number order by c.period) as running
        from charged as c
    )

    select
        t.item_number, t.period as month, grouping(t.period) = 1 as is_total,
        cast(sum(t.charged) as numeric(14, 2)) as charged,
        cast(sum(t.recalculated) as numeric(14, 2)) as recalculated,
        cast(sum(t.paid) as numeric(14, 2)) as paid,
        cast(sum(t.written_off) as numeric(14, 2)) as written_off,
        cast(sum(t.debt) as numeric(14, 2)) as debt,
        cast(sum(t.claimed) as numeric(14, 2)) as claimed,
        cast(max(t.running) as numeric(14, 2)) as running
    from told as t
    group by grouping sets ((t.item_number), (t.item_number, t.period))
    order by t.item_number, t.period nulls last
    """
)
# The claimed part of a month over its services, as the open pieces of the month have them.
SHARED = """,

    open_services as (
        select m.item_number, m.liability, m.period, m.due_date, m.principal_amount,
            m.penalty_amount, m.family_ids is not null as has_family, s.service_id,
            sum(s.kopecks) as kopecks
        from item_month as m
        inner join marts.debt_intervals as d
            on m.account_id = d.account_id and m.period = d.period and m.due_date = d.due_date
                and m.liability = d.liability and d.interval_kind = 'debt'
                and d.opened_date <= ops.as_of()
                and (d.closed_date is null or d.closed_date > ops.as_of())
        cross join lateral unnest(d.service_ids, d.service_kopecks) as s (service_id, kopecks)
        where m.principal_amount > 0
        group by m.item_number, m.liability, m.period, m.due_date, m.principal_amount,
            m.penalty_amount, m.family_ids, s.service_id
    ),

    shared as (
        select o.item_number, o.liability, o.period, o.due_date, o.penalty_amount, o.has_family,
            part.service_id, part.kopecks
        from (
            select item_number, liability, period, due_date, principal_amount, penalty_amount,
                has_family,
                array_agg(service_id order by service_id) as ids,
                array_agg(kopecks order by service_id) as weights
            from open_services
            where kopecks > 0
            group by item_number, liability, period, due_date, principal_amount, penalty_amount,
                has_family
        ) as o
        cross join lateral unnest(
            o.ids,
            warehouse.split_exactly(
                cast(o.principal_amount * 100 as bigint), cast(o.weights as numeric[])
            )
        ) as part (service_id, kopecks)
    )
"""
SERVICES = _Query(
    f"""{SHARED}
    select s.item_number, n.name as service,
        cast(sum(s.kopecks) / 100.0 as numeric(14, 2)) as principal
    from shared as s
    inner join reference.service as n on s.service_id = n.service_id
    group by s.item_number, n.service_id, n.name
    having sum(s.kopecks) > 0
    order by s.item_number, n.service_id
    """  # noqa: S608 - constants of this file
)
# What the family of an owner answers for with him: utilities of its months, the penalty on them,
# and the duty in proportion; the rest is the owner's own.
FAMILY = _Query(
    f"""{SHARED},

    family_months as (
        select s.item_number, s.period, min(s.penalty_amount) * 100 as penalty,
            sum(s.kopecks) as principal,
            sum(s.kopecks) filter (where s.has_family and n.kind = 'utility') as joint
        from shared as s
        inner join reference.service as n on s.service_id = n.service_id
        group by s.item_number, s.liability, s.period, s.due_date
    ),

    family_sums as (
        select f.item_number, min(f.period) filter (where f.joint > 0) as first_month,
            max(f.period) filter (where f.joint > 0) as last_month,
            cast(coalesce(sum(f.joint), 0) as bigint) as principal,
            cast(sum(part.kopecks[1]) as bigint) as penalty
        from family_months as f
        cross join lateral (
            select warehouse.split_exactly(
                cast(f.penalty as bigint),
                array[coalesce(f.joint, 0), f.principal - coalesce(f.joint, 0)]::numeric[]
            ) as kopecks
        ) as part
        group by f.item_number
    ),

    family_demands as (
        select i.item_number, f.first_month, f.last_month, i.principal_amount, i.penalty_amount,
            i.duty_amount, f.principal / 100.0 as principal, f.penalty / 100.0 as penalty,
            (warehouse.split_exactly(
                cast(i.duty_amount * 100 as bigint),
                array[
                    f.principal + f.penalty,
                    (i.principal_amount + i.penalty_amount) * 100 - f.principal - f.penalty
                ]::numeric[]
            ))[1] / 100.0 as duty
        from item as i
        inner join family_sums as f on i.item_number = f.item_number
        where i.family_ids is not null
    )

    select d.item_number, d.first_month as joint_from,
        cast(d.last_month + interval '1 month' as date) - 1 as joint_to,
        cast(d.principal as numeric(14, 2)) as joint_principal,
        cast(d.penalty as numeric(14, 2)) as joint_penalty,
        cast(d.principal + d.penalty as numeric(14, 2)) as joint_total,
        cast(d.duty as numeric(14, 2)) as joint_duty,
        cast(d.principal + d.penalty + d.duty as numeric(14, 2)) as joint_grand_total,
        cast(d.principal_amount - d.principal as numeric(14, 2)) as own_principal,
        cast(d.penalty_amount - d.penalty as numeric(14, 2)) as own_penalty,
        cast(d.principal_amount + d.penalty_amount - d.principal - d.penalty as numeric(14, 2))
            as own_total,
        cast(d.duty_amount - d.duty as numeric(14, 2)) as own_duty,
        cast(d.principal_amount + d.penalty_amount + d.duty_amount
            - d.principal - d.penalty - d.duty as numeric(14, 2)) as own_grand_total
    from family_demands as d
    """  # noqa: S608 - constants of this file
)
# Lines of the months of an application, cut to the days that it asks for: a claim before it has the
# earlier ones, and days older than the limitation are left out. What another holder paid under an
# order against him is none of its business.
PENALTY_LINES = _Query(
    """,

    -- Reckoned once an application: joined straight to its months, they would be reckoned for each.
    lines as materialized (
        select i.item_number, i.account_id, i.holder_person_id, l.*
        from item as i
        cross join lateral (
            select
                x.liability, x.period, x.due_date, x.interval_no, x.bill_delivered_date,
                x.base_amount, x.date_from, x.date_to, x.day_count, x.first_delay_day, x.rate_pct,
                x.cap_id, x.denominator, x.step_act, x.is_verified, x.penalty_amount, x.is_closed,
                x.closed_by_kind, x.closed_by_id, x.closed_by_date, x.begins_because,
                x.ends_because, x.own_person_id
            from intermediate.int_penalty_lines_shared as x
            where x.account_id = i.account_id
            offset 0
        ) as l
    ),

    asked as (
        select
            l.item_number, l.account_id, l.liability, l.period, l.due_date, l.interval_no,
            l.bill_delivered_date, l.base_amount, cut.date_from, cut.date_to,
            cut.date_to - cut.date_from + 1 as day_count,
            l.first_delay_day + (cut.date_from - l.date_from) as first_delay_day,
            l.rate_pct, l.cap_id, l.denominator, l.step_act, l.is_verified,
            case
                when cut.date_from = l.date_from and cut.date_to = l.date_to then l.penalty_amount
                else warehouse.penalty_sum(
                    l.base_amount, l.rate_pct, cut.date_to - cut.date_from + 1, l.denominator
                )
            end as penalty_amount,
            l.is_closed, l.closed_by_kind, l.closed_by_id, l.closed_by_date,
            case when cut.date_from > l.date_from then 'asked' else l.begins_because end
                as begins_because,
            case when cut.date_to < l.date_to then 'asked' else l.ends_because end
                as ends_because
        from lines as l
        inner join item_month as m
            on l.item_number = m.item_number and l.liability = m.liability
                and l.period = m.period and l.due_date = m.due_date
        cross join lateral (
            select greatest(l.date_from, m.penalty_from) as date_from,
                least(l.date_to, m.penalty_to) as date_to
        ) as cut
        where m.penalty_amount > 0 and cut.date_from <= cut.date_to
            and (l.own_person_id is null or l.own_person_id = l.holder_person_id)
    ),

    charges as materialized (
        select i.item_number, o.liability, o.period, o.ids
        from item as i
        cross join lateral (
            select s.liability, c.period, array_agg(c.charge_id order by c.charge_id) as ids
            from ops.charge as c
            inner join reference.service as s on c.service_id = s.service_id
            where c.account_id = i.account_id and c.recorded_at <= ops.known_at()
            group by s.liability, c.period
        ) as o
    )

    select
        l.*, p.amount as payment_amount, p.document as payment_document,
        coalesce(c.ids, '{}') as charge_ids,
        sum(l.penalty_amount) over (
            partition by l.item_number, l.liability, l.period, l.due_date
        ) as month_penalty
    from asked as l
    left join charges as c
        on l.item_number = c.item_number and l.liability = c.liability and l.period = c.period
    left join ops.payment as p
        on l.closed_by_kind = 'payment' and p.account_id = l.account_id
            and p.payment_id = l.closed_by_id
    order by l.item_number, l.due_date, l.period, l.liability, l.is_closed desc,
        l.closed_by_date, l.interval_no, l.date_from
    """
)
PENALTY_MONTHS = _Query(
    """,

    penalties as (
        select l.item_number, l.liability, l.period, l.due_date, l.penalty
        from unnest(
            :month_numbers, :month_liabilities, :month_periods, :month_dues, :month_penalties
        ) as l (item_number, liability, period, due_date, penalty)
    ),

    debts as (
        select m.item_number, m.liability, m.period, m.due_date,
            -- What is in court already is no debt of this application, and what is paid is none.
            case when min(m.principal_amount) > 0 then sum(x.part_amount) else 0 end as debt,
            min(m.principal_amount) as own_debt, min(m.penalty_amount) as own_penalty,
            bool_and(m.penalty_portion_person_id is null) as is_whole
        -- Months without penalty yet as well: the debt has to be that of the application.
        from item_month as m
        left join marts.debt_parts as x
            on m.account_id = x.account_id and m.liability = x.liability
                and m.period = x.period and m.due_date = x.due_date
        group by m.item_number, m.liability, m.period, m.due_date
    )

    select
        d.item_number, d.liability, d.period, d.due_date, grouping(d.period) = 1 as is_total,
        cast(sum(d.debt) as numeric(14, 2)) as debt,
        cast(coalesce(sum(p.penalty), 0) as numeric(14, 2)) as penalty,
        cast(sum(d.debt) + coalesce(sum(p.penalty), 0) as numeric(14, 2)) as debt_and_penalty,
        cast(sum(d.own_debt) as numeric(14, 2)) as own_debt,
        cast(sum(d.own_penalty) as numeric(14, 2)) as own_penalty,
        cast(sum(d.own_debt) + sum(d.own_penalty) as numeric(14, 2)) as own_total,
        bool_and(d.is_whole or d.own_penalty = 0) as is_whole
    from debts as d
    left join penalties as p
        on d.item_number = p.item_number and d.liability = p.liability
            and d.period = p.period and d.due_date = p.due_date
    group by grouping sets (
        (d.item_number), (d.item_number, d.liability, d.period, d.due_date)
    )
    order by d.item_number, d.due_date nulls last, d.period, d.liability
    """,
    MONTH_SUMS,
)
ORDER_TERMS = text(
    """
    select t.code, t.value, t.unit
    from reference.legal_term as t
    where t.code in ('court_order_objection_term', 'court_order_presentation') and t.is_enabled
        and t.valid_from <= :day and (t.valid_to is null or t.valid_to >= :day)
    """
)
DUTY_PAYMENTS = _Query(
    """
    select r.item_number, u.paid_document as number, u.paid_on, u.paid_amount as amount
    from item_case as r
    inner join ops.state_duty_current as u on r.case_id = u.case_id
    where u.paid_amount > 0 and u.paid_document is not null
    order by r.item_number, u.state_duty_id
    """
)
SECTIONS = text(
    """
    select
        c.court_code, c.kind as court_kind, c.name as court_name, c.address as court_address,
        o.kind, o.name, o.inn, o.kpp, o.ogrn, o.address as organisation_address, o.phone, o.email,
        o.head_position, o.head_name,
        b.bank_name, b.bic, b.account_number as bank_account, b.correspondent_account,
        filed.total, filed.duty
    from (
        select i.court_code, sum(i.principal_amount + i.penalty_amount) as total,
            sum(i.duty_amount) as duty, min(i.item_number) as place
        from ops.filing_result as r
        inner join ops.filing_item as i
            on r.batch_id = i.batch_id and r.item_number = i.item_number
        where r.batch_id = :batch_id and r.case_id is not null
        group by i.court_code
    ) as filed
    inner join ops.court as c on filed.court_code = c.court_code
    inner join ops.filing_batch as f on f.batch_id = :batch_id
    inner join ops.organisation as o on f.organisation_id = o.organisation_id
    left join lateral (
        select t.* from ops.bank_account as t
        where t.organisation_id = o.organisation_id and t.valid_from <= f.sent_on
            and (t.valid_to is null or t.valid_to >= f.sent_on)
        order by t.valid_from desc, t.bank_account_id
        limit 1
    ) as b on true
    order by filed.place
    """
)
SECTION_LINES = text(
    """
    select i.court_code, k.number as case_number, a.account_number, placed.address,
        p.last_name as last, p.first_name as first, p.middle_name as middle, p.sex,
        i.principal_amount + i.penalty_amount as total, i.duty_amount as duty
    from ops.filing_result as r
    inner join ops.filing_item as i
        on r.batch_id = i.batch_id and r.item_number = i.item_number
    inner join ops.court_case as k on r.case_id = k.case_id
    inner join ops.account as a on k.account_id = a.account_id
    left join marts.accounts as placed on a.account_id = placed.account_id
    inner join lateral (
        select n.* from ops.case_debtor as d
        inner join ops.person as n on d.person_id = n.person_id
        where d.case_id = k.case_id
        order by d.case_debtor_id
        limit 1
    ) as p on true
    where r.batch_id = :batch_id
    order by r.item_number
    """
)
