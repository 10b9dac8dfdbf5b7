"""Figures that a manager steers by: how debt ages, what work comes to, who did what.

Every query is bound by the session's organisations and narrowed by ``Scope``; shares are divided by
the database.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.services.dashboard import COLLECTED, IN_SCOPE, Scope
from operational_db.services.standing import stands

Row = Mapping[str, Any]

CONTACT_KINDS = {
    "live_call": "звонок",
    "robot_call": "автообзвон",
    "sms": "SMS",
    "email": "письмо e-mail",
    "letter": "письмо",
    "visit": "визит",
}
STAGES = {
    "overdue": "Есть просрочка",
    "contacted": "Был контакт",
    "noticed": "Вручена претензия",
    "filed": "Подано в суд",
    "awarded": "Получен приказ или лист",
    "enforced": "Передано на взыскание",
    "recovered": "Есть взыскание",
}

# What was charged for a month, by how many months later the money came. Money that came before its
# month counts in the month itself.
VINTAGE = text(
    f"""
    with months as (
        select c.origin_period as origin,
            greatest(
                (extract(year from c.period) - extract(year from c.origin_period)) * 12
                + extract(month from c.period) - extract(month from c.origin_period),
                0
            ) as age,
            sum(c.charged_amount) as charged,
            sum(c.paid_amount) as paid
        from {COLLECTED} as c
        where c.origin_period >= :since and {IN_SCOPE.format(table="c")}
        group by 1, 2
    ),

    origins as (
        select m.origin, sum(m.charged) as charged
        from months as m
        group by m.origin
        having sum(m.charged) > 0
    )

    select o.origin, age.age, o.charged,
        coalesce(sum(m.paid), 0) as paid,
        coalesce(sum(m.paid), 0) / o.charged as share
    from origins as o
    cross join generate_series(0, :ages) as age (age)
    left join months as m on o.origin = m.origin and m.age <= age.age
    where o.origin + age.age * interval '1 month' <= date_trunc('month', cast(:until as date))
    group by o.origin, age.age, o.charged
    order by o.origin, age.age
    """  # noqa: S608 - constants of this module, here and below
)

_OVERDUE_ON = """
    i.due_date < :{day} and i.opened_date <= :{day}
    and (i.closed_date is null or i.closed_date > :{day})
"""
_ON_FIRST, _ON_SECOND = _OVERDUE_ON.format(day="first"), _OVERDUE_ON.format(day="second")
# The oldest overdue piece of each account and all of them, on either of two days: one pass over the
# pieces that were open on one of them.
OVERDUE_ON_TWO_DAYS = f"""
    accounts as (
        select i.account_id,
            min(i.due_date) filter (where {_ON_FIRST}) as first_due,
            min(i.due_date) filter (where {_ON_SECOND}) as second_due,
            coalesce(sum(i.interval_amount) filter (where {_ON_FIRST}), 0) as first_debt,
            coalesce(sum(i.interval_amount) filter (where {_ON_SECOND}), 0) as second_debt
        from marts.debt_intervals as i
        where i.interval_kind <> 'advance' and i.opened_date <= :second
            and (i.closed_date is null or i.closed_date > :first)
            and {IN_SCOPE.format(table="i")}
        group by i.account_id
    )
"""  # noqa: S608
# An account stands in the bucket of its oldest overdue piece.
ROLL_RATES = text(
    f"""
    select m.from_bucket, m.to_bucket, sum(m.accounts) as accounts,
        sum(m.first_debt) as first_debt, sum(m.second_debt) as second_debt,
        sum(m.accounts) / sum(sum(m.accounts)) over (partition by m.from_bucket) as share
    from marts.debt_moves as m
    where {IN_SCOPE.format(table="m")}
    group by m.from_bucket, m.to_bucket
    """  # noqa: S608
)

CONTACT_DAY = "cast(e.happened_at at time zone 'Europe/Moscow' as date)"
OF_ACCOUNT = """
    inner join ops.account as a on e.account_id = a.account_id
    left join ops.premises as p on a.premises_id = p.premises_id
    where (cast(:organisation_id as integer) is null or a.organisation_id = :organisation_id)
    and (cast(:house_id as integer) is null or p.house_id = :house_id)
"""
# The first day on which each account reached each stage, within the period.
FUNNEL = text(
    f"""
    with steps as (
        select b.account_id, 'overdue' as stage, cast(:since as date) as day,
            b.overdue_debt as amount
        from marts.account_balances as b
        where b.overdue_debt > 0 and {IN_SCOPE.format(table="b")}
        union all
        select e.account_id, 'contacted', {CONTACT_DAY}, 0
        from ops.contact_event as e {OF_ACCOUNT}
            and e.happened_at >= :since and {stands("contact_event")}
        union all
        select e.account_id,
            case
                when e.kind = 'notice_delivered' then 'noticed'
                when e.kind in ('order_filed', 'claim_filed') then 'filed'
                else 'enforced'
            end,
            e.happened_on, coalesce(e.amount, 0)
        from ops.account_event as e {OF_ACCOUNT}
            and e.kind in ('notice_delivered', 'order_filed', 'claim_filed', 'writ_dispatched')
            and e.happened_on >= :since and {stands("account_event")}
        union all
        select e.account_id, 'filed', e.filed_on, 0
        from ops.court_case_state as e {OF_ACCOUNT} and e.filed_on >= :since
        union all
        select e.account_id, 'awarded', e.issued_on, 0
        from ops.execution_document_current as e {OF_ACCOUNT} and e.issued_on >= :since
        union all
        select e.account_id, 'recovered', e.paid_on, e.amount
        from ops.payment as e {OF_ACCOUNT}
            and e.paid_on >= :since and e.amount > 0
            and (e.execution_document_id is not null or e.channel = 'bailiff')
    ),

    firsts as (
        select s.stage, s.account_id, min(s.day) as day, sum(s.amount) as amount
        from steps as s
        group by s.stage, s.account_id
    ),

    -- Days since the stage before, for accounts that went through both in this order.
    waits as (
        select f.stage, f.day - max(earlier.day) as days
        from firsts as f
        inner join firsts as earlier
            on f.account_id = earlier.account_id and earlier.stage <> 'overdue'
            and earlier.day <= f.day
            and array_position(cast(:stages as text[]), earlier.stage)
            < array_position(cast(:stages as text[]), f.stage)
        group by f.stage, f.account_id, f.day
    )

    select stage.stage, count(f.account_id) as accounts, coalesce(sum(f.amount), 0) as amount,
        (
            select cast(percentile_cont(0.5) within group (order by w.days) as numeric)
            from waits as w
            where w.stage = stage.stage
        ) as days
    from unnest(cast(:stages as text[])) with ordinality as stage (stage, place)
    left join firsts as f on stage.stage = f.stage
    group by stage.stage, stage.place
    order by stage.place
    """  # noqa: S608
)

# A promise is kept when what was promised came by its day; without a sum, when anything came.
JUDGED_PROMISES = f"""
    promises as (
        select e.account_id, e.promise_date, e.promise_amount, {CONTACT_DAY} as given_on
        from ops.contact_event as e {OF_ACCOUNT}
            and e.promise_date is not null and e.promise_date between :since and :until
            and {stands("contact_event")}
    ),

    judged as (
        select p.account_id, p.promise_date, p.promise_amount, paid.amount as paid,
            case
                when paid.amount > 0 and paid.amount >= coalesce(p.promise_amount, 0) then 'kept'
                when paid.amount > 0 then 'partly'
                else 'broken'
            end as outcome
        from promises as p
        cross join lateral (
            select coalesce(sum(y.amount), 0) as amount
            from ops.payment as y
            where y.account_id = p.account_id and y.paid_on between p.given_on and p.promise_date
        ) as paid
    )
"""  # noqa: S608
PROMISES = text(
    f"""
    with {JUDGED_PROMISES}

    select j.outcome, count(*) as promises, coalesce(sum(j.paid), 0) as paid,
        cast(count(*) as numeric) / sum(count(*)) over () as share
    from judged as j
    group by j.outcome
    """  # noqa: S608
)

PEOPLE = text(
    f"""
    with contacts as (
        select coalesce(w.full_name, e.executor, 'не указан') as person, e.kind, e.result,
            e.promise_date
        from ops.contact_event as e
        left join ops.people_at_work() as w on e.user_id = w.user_id {OF_ACCOUNT}
            and e.happened_at >= :since
            and e.kind in ('live_call', 'visit', 'letter')
            and {stands("contact_event")}
    )

    select c.person,
        count(*) filter (where c.kind = 'live_call') as calls,
        count(*) filter (where c.kind = 'live_call' and c.result = 'talked') as talked,
        cast(count(*) filter (where c.kind = 'live_call' and c.result = 'talked') as numeric)
            / nullif(count(*) filter (where c.kind = 'live_call'), 0) as reach,
        count(c.promise_date) as promises,
        count(*) filter (where c.kind = 'visit') as visits,
        count(*) filter (where c.kind = 'visit' and c.result = 'talked') as visits_met
    from contacts as c
    group by c.person
    order by count(*) desc, c.person
    limit 50
    """  # noqa: S608
)

# Work that has a price, and the duty; against money that came for months older than the last.
COST = text(
    f"""
    with work as (
        select e.kind, count(*) as pieces,
            sum((
                select w.price
                from ops.work_cost as w
                where w.organisation_id = a.organisation_id and w.kind = e.kind
                    and w.valid_from <= {CONTACT_DAY}
                order by w.valid_from desc, w.work_cost_id desc
                limit 1
            )) as cost
        from ops.contact_event as e {OF_ACCOUNT}
            and e.happened_at >= :since and {stands("contact_event")}
        group by e.kind
        union all
        select 'duty', count(*), sum(e.amount)
        from ops.state_duty as e {OF_ACCOUNT} and e.filed_on >= :since
    ),

    money as (
        select coalesce(sum(c.paid_amount), 0) as collected
        from {COLLECTED} as c
        where c.period >= date_trunc('month', cast(:since as date))
            and c.origin_period < c.period - interval '1 month' and {IN_SCOPE.format(table="c")}
    )

    select w.kind, w.pieces, w.cost, m.collected, sum(w.cost) over () as all_costs,
        sum(w.cost) over () / nullif(m.collected, 0) as cost_of_rouble
    from work as w
    cross join money as m
    where w.pieces > 0
    order by w.cost desc nulls last
    """  # noqa: S608
)
SET_COST = text(
    """
    insert into ops.work_cost (organisation_id, kind, price, valid_from, user_id)
    values (:organisation_id, :kind, :price, :valid_from, ops.session_user_id())
    """
)


def vintage(connection: Connection, scope: Scope, until: date, months: int = 13) -> list[Row]:
    """Share collected by month of origin and months since: ``share`` grows to all that came."""
    since = _months_before(until, months)
    values = {**scope.values(), "since": since, "until": until, "ages": months - 1}
    return list(connection.execute(VINTAGE, values).mappings())


def roll_rates(connection: Connection, scope: Scope) -> list[Row]:
    """From which bucket accounts moved to which, between the last two ends of months.

    They are those before the day of the build.
    """
    return list(connection.execute(ROLL_RATES, scope.values()).mappings())


def funnel(connection: Connection, scope: Scope, since: date) -> list[Row]:
    """Accounts that reached each stage since a day, and the median days from the stage before."""
    values = {**scope.values(), "since": since, "stages": list(STAGES)}
    return list(connection.execute(FUNNEL, values).mappings())


def promises(connection: Connection, scope: Scope, since: date, until: date) -> list[Row]:
    """Promises that fell due between two days, by outcome: kept, partly, broken."""
    values = {**scope.values(), "since": since, "until": until}
    return list(connection.execute(PROMISES, values).mappings())


def people(connection: Connection, scope: Scope, since: date) -> list[Row]:
    """What each person did since a day."""
    return list(connection.execute(PEOPLE, {**scope.values(), "since": since}).mappings())


def cost_of_collection(connection: Connection, scope: Scope, since: date) -> list[Row]:
    """Work since a day by kind with its cost, and what a collected rouble of old debt cost."""
    return list(connection.execute(COST, {**scope.values(), "since": since}).mappings())


def set_cost(
    connection: Connection, organisation_id: int, kind: str, price: Decimal, valid_from: date
) -> None:
    """Record what one piece of work costs from a day on."""
    if kind not in CONTACT_KINDS:
        raise ValueError(f"unknown kind of work: {kind}")
    connection.execute(
        SET_COST,
        {
            "organisation_id": organisation_id,
            "kind": kind,
            "price": price,
            "valid_from": valid_from,
        },
    )


def _months_before(day: date, months: int) -> date:
    month = day.replace(day=1)
    for _ in range(months):
        month = (month - timedelta(days=1)).replace(day=1)
    return month
