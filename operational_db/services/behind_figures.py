"""The accounts and the work behind a figure of the manager's screens, page by page.

Each list is chosen by the rule of its figure (``steering``), so that its rows are as many as the
figure says; from an account the way leads on to its facts (``provenance``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, TextClause, text

from operational_db.services.dashboard import IN_SCOPE, Scope
from operational_db.services.standing import stands
from operational_db.services.steering import (
    CONTACT_DAY,
    JUDGED_PROMISES,
    OF_ACCOUNT,
    OVERDUE_ON_TWO_DAYS,
)

Row = Mapping[str, Any]
Kind = Literal["roll", "stage", "promise", "person", "work", "unpaid"]

_BUCKET = """
    coalesce((
        select b.bucket_code
        from reference.ageing_bucket as b
        where b.bucket_code not in ('advance', 'not_due')
            and warehouse.is_of_age({due}, :{day}, b.days_from, b.days_to, b.years_from, b.years_to)
    ), 'none')
"""
# Accounts that stood in one bucket at the end of a month and in another at the end of the next.
ROLL = f"""
    with {OVERDUE_ON_TWO_DAYS}

    select a.account_id, cast(null as date) as day, a.first_debt as first_amount,
        a.second_debt as amount, cast(null as text) as told
    from accounts as a
    where (a.first_due is not null or a.second_due is not null)
        and {_BUCKET.format(due="a.first_due", day="first")} = :from_bucket
        and {_BUCKET.format(due="a.second_due", day="second")} = :to_bucket
"""  # noqa: S608 - constants of this module
_STEPS = f"""
    select e.account_id, e.happened_on as day, e.amount, e.document_number as told
    from ops.account_event as e {OF_ACCOUNT}
        and e.kind = any(:kinds) and e.happened_on >= :since
        and {stands("account_event")}
"""  # noqa: S608 - constants of this module
STAGES = {
    "overdue": f"""
        select b.account_id, cast(null as date) as day, b.overdue_debt as amount,
            cast(null as text) as told
        from marts.account_balances as b
        where b.overdue_debt > 0 and {IN_SCOPE.format(table="b")}
    """,  # noqa: S608 - constants of this module
    "contacted": f"""
        select e.account_id, {CONTACT_DAY} as day, cast(null as numeric) as amount,
            cast(null as text) as told
        from ops.contact_event as e {OF_ACCOUNT}
            and e.happened_at >= :since and {stands("contact_event")}
    """,  # noqa: S608 - constants of this module
    "noticed": _STEPS,
    "filed": f"""
        {_STEPS}
        union all
        select e.account_id, e.filed_on, null, e.number
        from ops.court_case_state as e {OF_ACCOUNT} and e.filed_on >= :since
    """,  # noqa: S608 - constants of this module
    "awarded": f"""
        select e.account_id, e.issued_on as day, cast(null as numeric) as amount,
            e.number as told
        from ops.execution_document_current as e {OF_ACCOUNT} and e.issued_on >= :since
    """,  # noqa: S608 - constants of this module
    "enforced": _STEPS,
    "recovered": f"""
        select e.account_id, e.paid_on as day, e.amount, e.document as told
        from ops.payment as e {OF_ACCOUNT}
            and e.paid_on >= :since and e.amount > 0
            and (e.execution_document_id is not null or e.channel = 'bailiff')
    """,  # noqa: S608 - constants of this module
}
STEPS_OF_STAGE = {
    "noticed": ["notice_delivered"],
    "filed": ["order_filed", "claim_filed"],
    "enforced": ["writ_dispatched"],
}
# An account stands in a stage once, with its first day and all sums.
OF_STAGE = """
    select s.account_id, min(s.day) as day, cast(null as numeric) as first_amount,
        coalesce(sum(s.amount), 0) as amount, string_agg(distinct s.told, '; ') as told
    from ({steps}) as s
    group by s.account_id
"""
PROMISES = f"""
    with {JUDGED_PROMISES}

    select j.account_id, j.promise_date as day, j.promise_amount as first_amount,
        j.paid as amount, cast(null as text) as told
    from judged as j
    where j.outcome = :outcome
"""  # noqa: S608 - constants of this module
_CONTACTS = f"""
    select e.account_id, {CONTACT_DAY} as day, e.promise_amount as first_amount,
        cast(null as numeric) as amount, e.kind || ':' || e.result as told
    from ops.contact_event as e
    left join ops.people_at_work() as w on e.user_id = w.user_id {OF_ACCOUNT}
        and e.happened_at >= :since and {stands("contact_event")}
"""  # noqa: S608 - constants of this module
OF_PERSON = f"""
    {_CONTACTS} and e.kind in ('live_call', 'visit', 'letter')
        and coalesce(w.full_name, e.executor, 'не указан') = :person
"""
OF_WORK = f"{_CONTACTS} and e.kind = :work"
DUTIES = f"""
    select e.account_id, e.filed_on as day, cast(null as numeric) as first_amount, e.amount,
        cast(null as text) as told
    from ops.state_duty as e {OF_ACCOUNT} and e.filed_on >= :since
"""  # noqa: S608 - constants of this module
# Who has not paid a month: its pieces that are open, and those that were closed without money. What
# a cancelled write-off opened again stands among the open ones, so it is taken off once.
UNPAID = f"""
    select i.account_id, min(i.due_date) as day, cast(null as numeric) as first_amount,
        sum(i.interval_amount * (
            case when i.closed_date is null or i.credit_kind <> 'payment' then 1 else 0 end
            - case when i.reopened_by_kind <> 'payment' then 1 else 0 end
        )) as amount,
        string_agg(
            distinct case i.credit_kind
                when 'write_off' then 'списано' when 'recalculation' then 'зачтено перерасчётом'
            end,
            '; '
        ) as told
    from marts.debt_intervals as i
    where i.interval_kind <> 'advance' and i.period = :origin and i.opened_date <= :until
        and (
            i.closed_date is null or i.credit_kind <> 'payment' or i.reopened_by_kind <> 'payment'
        )
        and {IN_SCOPE.format(table="i")}
    group by i.account_id
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class Figure:
    """Which figure: its kind, and what chooses among figures of the kind.

    ``roll``: two buckets and ``until``, a day of the month after the later end. ``stage``: its code
    and ``since``. ``promise``: the outcome, ``since``, ``until``. ``person``, ``work``: a name or a
    kind of work, ``since``. ``unpaid``: a month as ``origin``, ``until``.
    """

    kind: Kind
    scope: Scope
    since: date | None = None
    until: date | None = None
    code: str | None = None
    to_code: str | None = None
    origin: date | None = None


def totals(connection: Connection, figure: Figure) -> Row:
    """How many rows the list has, and their sums."""
    statement, values = _statement(
        figure,
        "select count(*) as rows, count(distinct f.account_id) as accounts, "
        "sum(f.first_amount) as first_amount, sum(f.amount) as amount from ({found}) as f",
    )
    return connection.execute(statement, values).mappings().one()


def page(connection: Connection, figure: Figure, *, limit: int | None, offset: int) -> list[Row]:
    """A page of the list, the largest sums first."""
    statement, values = _statement(
        figure,
        """
        with found as ({found}),

        page as (
            select * from found as f
            order by f.amount desc nulls last, f.day desc nulls last, f.account_id
            limit :limit offset :offset
        )

        select page.*, l.account_number, l.holder_name, l.address
        from page
        inner join screens.accounts as l on page.account_id = l.account_id
        order by page.amount desc nulls last, page.day desc nulls last, page.account_id
        """,
    )
    found = connection.execute(statement, {**values, "limit": limit, "offset": offset})
    return list(found.mappings())


def _statement(figure: Figure, around: str) -> tuple[TextClause, dict[str, Any]]:
    values: dict[str, Any] = {**figure.scope.values(), "since": figure.since, "until": figure.until}
    if figure.kind == "roll":
        second = figure.until.replace(day=1) - timedelta(days=1)
        values |= {"first": second.replace(day=1) - timedelta(days=1), "second": second}
        values |= {"from_bucket": figure.code, "to_bucket": figure.to_code}
        found = ROLL
    elif figure.kind == "stage":
        values["kinds"] = STEPS_OF_STAGE.get(figure.code)
        found = OF_STAGE.format(steps=STAGES[figure.code])
    elif figure.kind == "promise":
        values["outcome"], found = figure.code, PROMISES
    elif figure.kind == "person":
        values["person"], found = figure.code, OF_PERSON
    elif figure.kind == "work":
        values["work"], found = figure.code, DUTIES if figure.code == "duty" else OF_WORK
    else:
        values["origin"], found = figure.origin, UNPAID
    statement = text(around.format(found=found))
    named = statement.compile().params.keys()
    return statement, {name: value for name, value in values.items() if name in named}
