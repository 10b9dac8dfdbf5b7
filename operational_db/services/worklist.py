"""Очередь работ: which debtor to take next, by the net result that is to be expected.

The rule in words: expected net result = overdue debt × the share of such debt that was paid within
a month, as observed between the last two ends of months, less the price of a call. «Such debt» is
debt of accounts with the same age of the oldest overdue month that had, or had not, paid anything
in the three months before. No figure is guessed: a group that nobody was in has no expectation.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from operational_db.services.dashboard import IN_SCOPE, Scope
from operational_db.services.standing import stands

Row = Mapping[str, Any]

RECENT_DAYS = 90
MOST_AT_ONCE = 1_000

RATES = text(
    f"""
    select b.bucket_code, m.has_paid_recently as paid_recently, sum(m.accounts) as accounts,
        sum(m.first_debt) as owed, sum(m.paid_amount) as paid,
        round(sum(m.paid_amount) / sum(m.first_debt), 4) as rate
    from marts.debt_moves as m
    inner join reference.ageing_bucket as b on m.from_bucket = b.bucket_code
    where {IN_SCOPE.format(table="m")}
    group by b.bucket_code, m.has_paid_recently
    having sum(m.first_debt) > 0
    order by min(b.sort_order), m.has_paid_recently
    """  # noqa: S608 - constants of this module, here and below
)

_QUEUE = f"""
    with rates as (
        select * from jsonb_to_recordset(cast(:rates as jsonb))
            as r (bucket_code text, paid_recently boolean, rate numeric)
    ),

    agreed as materialized (
        select s.account_id from ops.instalment_state as s where s.state = 'kept'
        except
        select free.account_id from screens.agreed_parts as free where not free.is_kept
    ),

    newest as (
        select distinct on (w.account_id)
            w.account_id, w.assignee_id, w.next_action, w.contact_not_before, w.due_on
        from ops.work_assignment as w
        order by w.account_id, w.recorded_at desc, w.work_assignment_id desc
    ),

    today as materialized (
        select max(b.as_of_date) as day from marts.account_balances as b
    ),

    -- Debts fall due on few days: the age of a day is looked up once, not of every account.
    ages as materialized (
        select d.due_date, bucket.bucket_code
        from (
            select distinct b.oldest_due_date as due_date
            from marts.account_balances as b
            where b.overdue_debt > 0
        ) as d
        cross join today
        inner join reference.ageing_bucket as bucket
            on bucket.bucket_code not in ('advance', 'not_due')
            and warehouse.is_of_age(d.due_date, today.day, bucket.days_from, bucket.days_to,
                bucket.years_from, bucket.years_to)
    ),

    prices as materialized (
        select distinct on (c.organisation_id) c.organisation_id, c.price
        from ops.work_cost as c
        where c.kind = 'live_call' and c.valid_from <= (select today.day from today)
        order by c.organisation_id, c.valid_from desc, c.work_cost_id desc
    ),

    queue as materialized (
        select b.account_id, b.overdue_debt, b.overdue_months,
            b.as_of_date - b.oldest_due_date as age_days, ages.bucket_code,
            coalesce(b.last_payment_date >= b.as_of_date - :recent_days, false) as paid_recently,
            n.assignee_id, n.next_action, n.contact_not_before, n.due_on,
            r.rate, b.organisation_id,
            cast(b.overdue_debt * r.rate - coalesce(prices.price, 0) as numeric(14, 2)) as expected
        from marts.account_balances as b
        inner join ages on b.oldest_due_date = ages.due_date
        left join newest as n on b.account_id = n.account_id
        left join prices on b.organisation_id = prices.organisation_id
        left join rates as r
            on ages.bucket_code = r.bucket_code
            and coalesce(b.last_payment_date >= b.as_of_date - :recent_days, false)
            = r.paid_recently
        where b.overdue_debt > 0
            and {IN_SCOPE.format(table="b")}
            and (cast(:bucket as text) is null or ages.bucket_code = :bucket)
            and (
                cast(:assignee_id as integer) is null
                or (:assignee_id = 0 and n.assignee_id is null)
                or n.assignee_id = :assignee_id
            )
            and (:with_waiting or coalesce(n.contact_not_before, b.as_of_date) <= b.as_of_date)
            -- Who pays by an agreement is not pressed until he is late, or owes besides it.
            and (:with_waiting or b.account_id not in (select a.account_id from agreed as a))
    )
"""  # noqa: S608
# To weigh the queue is most of the work: totals and page come of one weighing. Names and addresses
# are read for the accounts that are shown, one at a time (offset 0).
BOARD = text(
    f"""
    {_QUEUE},

    totals as (
        select count(*) as accounts, coalesce(sum(q.overdue_debt), 0) as overdue_debt,
            coalesce(sum(q.expected), 0) as expected
        from queue as q
    ),

    page as (
        select q.*
        from queue as q
        order by q.expected desc nulls last, q.overdue_debt desc, q.account_id
        limit :limit
        -- A page that the queue does not have (any more) is its last one.
        offset (
            select cast(:limit * greatest(0, least(:page - 1, (t.accounts - 1) / :limit)) as bigint)
            from totals as t
        )
    ),

    told as (
        select page.*, l.account_number, l.holder_name, l.address, w.full_name as assignee_name,
            contact.happened_at as last_contact_at, contact.kind as last_contact_kind,
            contact.result as last_contact_result, contact.next_action as promised_action
        from page
        cross join lateral (
            select s.account_number, s.holder_name, s.address
            from screens.accounts as s
            where s.account_id = page.account_id
            offset 0
        ) as l
        left join ops.people_at_work() as w on page.assignee_id = w.user_id
        left join lateral (
            select e.happened_at, e.kind, e.result, e.next_action
            from ops.contact_event as e
            where e.account_id = page.account_id and {stands("contact_event")}
            order by e.happened_at desc, e.contact_event_id desc
            limit 1
        ) as contact on true
    )

    select totals.accounts as all_accounts, totals.overdue_debt as all_overdue_debt,
        totals.expected as all_expected, told.*
    from totals
    left join told on true
    order by told.expected desc nulls last, told.overdue_debt desc, told.account_id
    """  # noqa: S608
)
FIRST = text(
    f"""
    {_QUEUE}

    select q.account_id
    from queue as q
    order by q.expected desc nulls last, q.overdue_debt desc, q.account_id
    limit :limit
    """  # noqa: S608
)
ASSIGN = text(
    """
    insert into ops.work_assignment
        (account_id, assignee_id, next_action, contact_not_before, due_on, user_id)
    select chosen.account_id, cast(:assignee_id as integer), cast(:next_action as text),
        cast(:contact_not_before as date), cast(:due_on as date), ops.session_user_id()
    from unnest(cast(:account_ids as bigint[])) as chosen (account_id)
    """
)
PEOPLE = text(
    """
    select w.user_id, w.full_name, w.organisation_id
    from ops.people_at_work() as w
    where w.roles && array['operator', 'lawyer', 'inspector', 'manager', 'accountant']
    order by ops.russian_sort_key(w.full_name)
    """
)


class AssignmentRefusedError(ValueError):
    """The work cannot be given so; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which debtors; None narrows nothing. ``assignee_id`` 0 means those nobody works on."""

    scope: Scope
    bucket: str | None = None
    assignee_id: int | None = None
    with_waiting: bool = False

    def values(self) -> dict[str, Any]:
        return {
            **self.scope.values(),
            "bucket": self.bucket,
            "assignee_id": self.assignee_id,
            "with_waiting": self.with_waiting,
            "recent_days": RECENT_DAYS,
        }


def rates(connection: Connection, scope: Scope) -> list[Row]:
    """The observed shares that the queue is ordered by, with what they were observed on.

    They are those between the last two ends of months before the day of the build.
    """
    return list(connection.execute(RATES, scope.values()).mappings())


def board(
    connection: Connection,
    asked: WorkFilter,
    observed: Sequence[Row],
    *,
    limit: int = 50,
    page: int = 1,
) -> tuple[Row, list[Row]]:
    """How many debtors the queue has with their sums in roubles, and a page of them.

    The totals are ``accounts``, ``overdue_debt`` and ``expected``; the largest expected net result
    comes first, and a page past the end is the last one.
    """
    values = {**asked.values(), "rates": _as_json(observed), "limit": limit, "page": page}
    rows = list(connection.execute(BOARD, values).mappings())
    totals = {name: rows[0][f"all_{name}"] for name in ("accounts", "overdue_debt", "expected")}
    return totals, [row for row in rows if row["account_id"] is not None]


def first_accounts(
    connection: Connection, asked: WorkFilter, observed: Sequence[Row], count: int
) -> list[int]:
    """Accounts at the head of the queue."""
    values = {**asked.values(), "rates": _as_json(observed), "limit": count}
    return list(connection.scalars(FIRST, values))


def people(connection: Connection) -> dict[int, str]:
    """Whom work can be given to, by name."""
    return {row.user_id: row.full_name for row in connection.execute(PEOPLE)}


def assign(
    connection: Connection,
    account_ids: Sequence[int],
    assignee_id: int | None,
    *,
    next_action: str | None = None,
    contact_not_before: date | None = None,
    due_on: date | None = None,
) -> int:
    """Give accounts to a person, or take them back with None; return how many.

    Raises ``AssignmentRefusedError`` for too many at once or a term before the first contact.
    """
    if not account_ids:
        raise AssignmentRefusedError("Не выбрано ни одного счёта.")
    if len(account_ids) > MOST_AT_ONCE:
        raise AssignmentRefusedError(f"За раз назначают не больше {MOST_AT_ONCE} счетов.")
    if contact_not_before and due_on and due_on < contact_not_before:
        raise AssignmentRefusedError("Срок раньше дня, до которого нельзя связываться.")
    return connection.execute(
        ASSIGN,
        {
            "account_ids": list(account_ids),
            "assignee_id": assignee_id,
            "next_action": next_action,
            "contact_not_before": contact_not_before,
            "due_on": due_on,
        },
    ).rowcount


def _as_json(observed: Sequence[Row]) -> str:
    return json.dumps(
        [
            {
                "bucket_code": row["bucket_code"],
                "paid_recently": row["paid_recently"],
                "rate": str(row["rate"]),
            }
            for row in observed
        ]
    )
