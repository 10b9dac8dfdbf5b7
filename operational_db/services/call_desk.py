"""The operator's desk: lists of accounts to call, the next account, the result, the day's count.

No account is in two hands at once, and none is called oftener than the limits allow: both are held
by functions of the database, ``ops.take_call`` and ``ops.call_refusal``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.event_names import CONTACT_RESULTS, RESULTS_OF_KIND
from operational_db.services.standing import stands

Row = Mapping[str, Any]

CALL_RESULTS = {code: CONTACT_RESULTS[code] for code in RESULTS_OF_KIND["live_call"]}
ANSWERED = frozenset({"talked", "third_person", "refused"})
"""Results of calls that somebody answered: those count against the limits."""
REFUSALS = {
    "hour": "сейчас звонить нельзя: не то время суток",
    "day": "сегодня с должником уже говорили",
    "week": "на этой неделе с должником уже говорили, сколько можно",
    "month": "в этом месяце с должником уже говорили, сколько можно",
    "no_such_account": "такого счёта нет",
}
NON_PAYMENT_REASONS = (
    "забыл",
    "задержка зарплаты",
    "потеря работы",
    "болезнь",
    "не согласен с начислением",
    "не живёт по адресу",
    "считает, что оплатил",
    "отказывается платить",
)
NEXT_ACTIONS = (
    "Перезвонить",
    "Проверить оплату",
    "Отправить претензию",
    "Предложить рассрочку",
    "Передать юристу",
    "Уточнить телефон",
    "Выйти по адресу",
)
LARGEST_LIST = 5_000

CHOSEN = """
    from screens.accounts as a
    left join reference.debt_band as b
        on (
            a.overdue_debt > b.amount_from
            or (b.is_from_inclusive and a.overdue_debt = b.amount_from)
        )
        and (
            b.amount_to is null or a.overdue_debt < b.amount_to
            or (b.is_to_inclusive and a.overdue_debt = b.amount_to)
        )
    where a.organisation_id = :organisation_id
        and a.is_open
        and b.band_code = any(:bands)
        and a.overdue_months >= :months_from
        and not exists (
            select 1 from ops.contact_event as c
            where c.account_id = a.account_id
                and c.kind = 'live_call'
                and c.happened_at > now() - make_interval(days => :quiet_days)
                and not exists (
                    select 1 from ops.contact_event as back
                    where back.account_id = c.account_id
                        and back.cancels_event_id = c.contact_event_id
                )
        )
        and not exists (
            select 1 from ops.debt_hold as h
            where h.account_id = a.account_id and h.kind = 'no_pursuit'
                and h.valid_from <= current_date
                and (h.valid_to is null or h.valid_to >= current_date)
        )
"""
COUNT_CHOSEN = text(
    f"""
    select count(*) as accounts, coalesce(sum(a.overdue_debt), 0) as overdue_debt
    {CHOSEN}
    """
)
ADD_LIST = text(
    """
    insert into ops.call_list (organisation_id, title, parameters, user_id)
    values (:organisation_id, :title, cast(:parameters as jsonb), ops.session_user_id())
    returning call_list_id
    """
)
FILL_LIST = text(
    f"""
    insert into ops.call_list_item (account_id, call_list_id, position)
    select chosen.account_id, :call_list_id, chosen.position
    from (
        select a.account_id,
            row_number() over (order by b.sort_order, a.overdue_debt desc, a.account_id) as position
        {CHOSEN}
    ) as chosen
    where chosen.position <= :largest
    """  # noqa: S608 - constants of this module
)
LISTS = text(
    """
    select l.call_list_id, l.title, l.recorded_at, l.organisation_id,
        count(i.account_id) as accounts,
        count(i.account_id) filter (where exists (
            select 1 from ops.contact_event as c
            where c.account_id = i.account_id and c.call_list_id = l.call_list_id
        )) as done
    from ops.call_list as l
    left join ops.call_list_item as i on l.call_list_id = i.call_list_id
    where l.recorded_at > now() - interval '7 days'
    group by l.call_list_id
    order by l.recorded_at desc, l.call_list_id desc
    limit 20
    """
)
TAKE = text("select ops.take_call(:call_list_id)")
RELEASE = text("select ops.release_call(:account_id)")
PUT_OFF = text("select ops.put_off_call(:account_id)")
REFUSAL = text("select ops.call_hour_refusal(now())")
ACCOUNT = text(
    """
    select a.account_id, a.account_number, a.organisation_id, a.organisation_name, a.address,
        a.holder_name, a.debt, a.overdue_debt, a.overdue_months, a.oldest_due_date,
        a.last_payment_date, a.last_payment_amount, a.average_charge, a.residents,
        b.label as band_name, b.band_code
    from screens.accounts as a
    left join reference.debt_band as b
        on (
            a.overdue_debt > b.amount_from
            or (b.is_from_inclusive and a.overdue_debt = b.amount_from)
        )
        and (
            b.amount_to is null or a.overdue_debt < b.amount_to
            or (b.is_to_inclusive and a.overdue_debt = b.amount_to)
        )
    where a.account_id = :account_id
    """
)
PHONES = text(
    """
    select distinct p.full_name, p.phone
    from ops.account as a
    inner join ops.ownership as o
        on a.premises_id = o.premises_id and a.organisation_id = o.organisation_id
    cross join lateral (
        select v.full_name, v.phone from ops.person_visible as v
        where v.person_id = o.person_id
        offset 0
    ) as p
    where a.account_id = :account_id and p.phone is not null
        and o.valid_from <= current_date and (o.valid_to is null or o.valid_to >= current_date)
    union
    select p.full_name, p.phone
    from ops.residency as r
    cross join lateral (
        select v.full_name, v.phone from ops.person_visible as v
        where v.person_id = r.person_id
        offset 0
    ) as p
    where r.account_id = :account_id and p.phone is not null
        and r.valid_from <= current_date and (r.valid_to is null or r.valid_to >= current_date)
    order by 1
    """
)
HISTORY = text(
    f"""
    select c.contact_event_id, c.kind, c.happened_at, c.result, c.promise_date, c.promise_amount,
        c.non_payment_reason, c.next_action, c.next_action_on, c.executor, c.comment
    from ops.contact_event as c
    where c.account_id = :account_id and {stands("contact_event", "c")}
    order by c.happened_at desc, c.contact_event_id desc
    limit :limit
    """  # noqa: S608 - constants of this module
)
OLDEST_MONTHS = text(
    """
    select i.period, sum(i.interval_amount) as amount
    from marts.debt_intervals as i
    where i.account_id = :account_id and i.interval_kind <> 'advance'
        and i.closed_date is null and i.due_date < ops.as_of() and i.opened_date <= ops.as_of()
    group by i.period
    order by i.period
    limit 4
    """
)
RECORD = text(
    """
    insert into ops.contact_event (
        account_id, kind, happened_at, result, phone, duration_seconds, non_payment_reason,
        promise_date, promise_amount, next_action, next_action_on, comment, call_list_id,
        executor, source, user_id
    )
    select :account_id, 'live_call', now(), :result, :phone, :duration_seconds,
        :non_payment_reason, :promise_date, :promise_amount, :next_action, :next_action_on,
        :comment, :call_list_id, w.full_name, 'screen', w.user_id
    from ops.who_am_i() as w
    returning contact_event_id
    """
)
CANCEL = text(
    f"""
    insert into ops.contact_event (
        account_id, kind, happened_at, result, cancels_event_id, executor, source, user_id
    )
    select c.account_id, c.kind, now(), c.result, c.contact_event_id, w.full_name, 'screen',
        w.user_id
    from ops.contact_event as c
    cross join ops.who_am_i() as w
    where c.contact_event_id = :contact_event_id and c.account_id = :account_id
        and c.user_id = w.user_id and c.happened_at > now() - interval '1 day'
        and {stands("contact_event", "c")}
    """  # noqa: S608 - constants of this module
)
MY_DAY = text(
    f"""
    select count(*) as calls, count(distinct c.account_id) as accounts,
        count(*) filter (where c.result = 'talked') as talks,
        count(*) filter (where c.promise_date is not null) as promises,
        coalesce(sum(c.promise_amount), 0) as promised
    from ops.contact_event as c
    where c.user_id = ops.session_user_id() and c.kind = 'live_call'
        and c.happened_at >= date_trunc('day', now() at time zone 'Europe/Moscow')
            at time zone 'Europe/Moscow'
        and {stands("contact_event", "c")}
    """  # noqa: S608 - constants of this module
)
CALLS_OF_DAYS = f"""
    from ops.contact_event as c
    where c.kind = 'live_call'
        and c.happened_at >= cast(:since as date)::timestamp at time zone 'Europe/Moscow'
        and c.happened_at
            < (cast(:until as date) + 1)::timestamp at time zone 'Europe/Moscow'
        and {stands("contact_event", "c")}
"""
COUNT_JOURNAL = text(f"select count(*) {CALLS_OF_DAYS}")
# Attempts are numbered before the page is cut out, names and debts are looked up after it. Debt and
# band are those of the day of the call, as built; of today's calls, those of today.
JOURNAL = text(
    f"""
    with calls as (
        select c.*,
            row_number() over (
                partition by c.account_id order by c.happened_at, c.contact_event_id
            ) as attempt
        {CALLS_OF_DAYS}
    ),

    page as (
        select * from calls
        order by happened_at desc, contact_event_id desc
        limit :limit offset :offset
    )

    select c.happened_at, c.executor, a.account_number, a.holder_name, a.address, c.phone,
        coalesce(e.overdue_debt, a.overdue_debt) as overdue_debt, e.band_code, c.attempt,
        c.duration_seconds, c.result, c.non_payment_reason, c.promise_date, c.promise_amount,
        c.next_action, c.next_action_on, c.document_number as recording, c.comment
    from page as c
    left join screens.accounts as a on c.account_id = a.account_id
    left join marts.account_events as e
        on c.account_id = e.account_id and e.event_table = 'contact'
        and c.contact_event_id = e.event_id
    order by c.happened_at desc, c.contact_event_id desc
    """  # noqa: S608 - constants of this module
)


DAILY_NORM = text(
    """
    select max(i.target)
    from ops.plan_indicator as i
    inner join ops.plan_measure as m on i.plan_measure_id = m.plan_measure_id
    where i.is_daily_norm and 'live_call' = any(i.event_kinds)
        and m.plan_id in (
            select max(p.plan_id) from ops.plan as p group by p.organisation_id, p.code
        )
    """
)


class CallRefusedError(Exception):
    """A call cannot be recorded; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class CallChoice:
    """Which accounts a list takes. ``quiet_days``: not called by a person for so many days."""

    organisation_id: int
    bands: tuple[str, ...] = ("A", "B", "C", "D")
    months_from: int = 1
    quiet_days: int = 7

    def values(self) -> dict[str, Any]:
        return {
            "organisation_id": self.organisation_id,
            "bands": list(self.bands),
            "months_from": self.months_from,
            "quiet_days": self.quiet_days,
        }


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of a call."""

    result: str
    phone: str | None = None
    duration_seconds: int | None = None
    non_payment_reason: str | None = None
    promise_date: date | None = None
    promise_amount: Decimal | None = None
    next_action: str | None = None
    next_action_on: date | None = None
    comment: str | None = None


def count_chosen(connection: Connection, choice: CallChoice) -> Row:
    """How many accounts a list would have, and what they owe past due."""
    return connection.execute(COUNT_CHOSEN, choice.values()).mappings().one()


def make_list(connection: Connection, choice: CallChoice, title: str) -> int:
    """Write the list down, the largest debts of the highest band first; return its number.

    At most ``LARGEST_LIST`` accounts. Raises ``CallRefusedError`` when no account fits.
    """
    parameters = choice.values()
    call_list_id = connection.execute(
        ADD_LIST,
        {
            "organisation_id": choice.organisation_id,
            "title": title,
            "parameters": json.dumps(parameters),
        },
    ).scalar_one()
    filled = connection.execute(
        FILL_LIST, {**parameters, "call_list_id": call_list_id, "largest": LARGEST_LIST}
    ).rowcount
    if filled == 0:
        raise CallRefusedError("Под эти условия не подходит ни один счёт. Ослабьте условия.")
    return call_list_id


def lists(connection: Connection) -> list[Row]:
    """Lists of the last week with how many of their accounts were called."""
    return list(connection.execute(LISTS).mappings())


def take(connection: Connection, call_list_id: int) -> int | None:
    """The next account of the list, held for this operator; None when none may be called now."""
    return connection.scalar(TAKE, {"call_list_id": call_list_id})


def put_off(connection: Connection, account_id: int) -> None:
    """Give the account back: it comes again in two hours."""
    connection.execute(PUT_OFF, {"account_id": account_id})


def refusal_now(connection: Connection) -> str | None:
    """Why nobody may be called at this moment; None when it is a time for calls."""
    code = connection.scalar(REFUSAL)
    return REFUSALS[code] if code else None


def account_to_call(connection: Connection, account_id: int) -> Row | None:
    """What the operator needs to know before the debtor answers."""
    return connection.execute(ACCOUNT, {"account_id": account_id}).mappings().one_or_none()


def phones(connection: Connection, account_id: int) -> list[Row]:
    """Names and telephones of owners and residents of the account."""
    return list(connection.execute(PHONES, {"account_id": account_id}).mappings())


def history(connection: Connection, account_id: int, limit: int = 6) -> list[Row]:
    """The last contacts with the account, the newest first."""
    values = {"account_id": account_id, "limit": limit}
    return list(connection.execute(HISTORY, values).mappings())


def oldest_months(connection: Connection, account_id: int) -> list[Row]:
    """The months that the debt begins with, and what is open of each."""
    return list(connection.execute(OLDEST_MONTHS, {"account_id": account_id}).mappings())


def record(
    connection: Connection, account_id: int, call_list_id: int | None, outcome: CallOutcome
) -> int:
    """Write the call down and let go of the account; return the number of the event.

    A call that was made is a fact, so the limits of frequency do not stop it here: they keep the
    account from being given. Raises ``CallRefusedError`` when the result or promise makes no sense.
    """
    if outcome.result not in CALL_RESULTS:
        raise CallRefusedError("Выберите результат звонка.")
    if outcome.promise_amount is not None and outcome.promise_date is None:
        raise CallRefusedError("К сумме обещания назовите день.")
    values = {name: getattr(outcome, name) for name in outcome.__dataclass_fields__}
    event_id = connection.execute(
        RECORD, {"account_id": account_id, "call_list_id": call_list_id, **values}
    ).scalar_one()
    connection.execute(RELEASE, {"account_id": account_id})
    return event_id


def cancel(connection: Connection, account_id: int, contact_event_id: int) -> None:
    """Take back one's own call of the last day, by an event that names it."""
    done = connection.execute(
        CANCEL, {"account_id": account_id, "contact_event_id": contact_event_id}
    )
    if done.rowcount != 1:
        raise CallRefusedError("Отменить можно только свой звонок, не позже чем через сутки.")


def my_day(connection: Connection) -> Row:
    """The operator's own figures of today."""
    return connection.execute(MY_DAY).mappings().one()


def daily_norm(connection: Connection) -> int | None:
    """Accounts a day that the plans of the municipality ask for; None when none does."""
    norm = connection.scalar(DAILY_NORM)
    return None if norm is None else int(norm)


def count_journal(connection: Connection, since: date, until: date) -> int:
    """How many calls the journal of a range of days has."""
    return connection.scalar(COUNT_JOURNAL, {"since": since, "until": until})


def journal(
    connection: Connection, since: date, until: date, *, limit: int | None = None, offset: int = 0
) -> Iterator[Row]:
    """The journal of calls of a range of days, the latest first; without a limit for a workbook."""
    asked = {"since": since, "until": until, "limit": limit, "offset": offset}
    rows = connection.execute(JOURNAL, asked).mappings()
    return ({**row, "result_name": CONTACT_RESULTS[row["result"]]} for row in rows)
