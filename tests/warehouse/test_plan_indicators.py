"""What a plan counts is what anybody would count from the facts with plain SQL.

The recounts below know nothing of intervals, verdicts or bands of the warehouse: debt is what was
charged and due less what was paid, account by account, on the day of the event.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from operational_db.services.plan_import import SHIPPED, import_plan
from tests.factories import insert, insert_all, new_account
from tests.warehouse.conftest import Warehouse
from tests.warehouse.marts import snapshot
from tests.warehouse.plan_town import LAST_MONTH, charge, found_city, months_up_to

ACCOUNTS, MONTHS = 60, 15
# Money owed past its due date on the day of an event: nothing here is paid in advance.
DEBT = """
    (
        select coalesce(sum(c.amount) filter (where c.due_date < {day}), 0)
        from ops.charge as c where c.account_id = {account}
    ) - (
        select coalesce(sum(p.amount), 0)
        from ops.payment as p where p.account_id = {account} and p.paid_on <= {day}
    )
"""
NOT_TAKEN_BACK = """
    e.cancels_event_id is null and not exists (
        select from ops.{table} as back
        where back.account_id = e.account_id and back.cancels_event_id = e.{table}_id
    )
"""
MOSCOW_DAY = "cast(e.happened_at at time zone 'Europe/Moscow' as date)"

MESSAGES_BY_HAND = text(
    f"""
    select count(distinct e.account_id)
    from ops.contact_event as e
    where e.kind = 'sms' and e.result = 'delivered'
        and date_trunc('month', {MOSCOW_DAY}) = {LAST_MONTH}
        and {NOT_TAKEN_BACK.format(table="contact_event")}
        and {DEBT.format(day=MOSCOW_DAY, account="e.account_id")} > 30000
    """
)
CALLS_BY_HAND = text(
    f"""
    select {MOSCOW_DAY} as day, count(distinct e.account_id) as accounts
    from ops.contact_event as e
    inner join reference.calendar_day as d on d.day = {MOSCOW_DAY} and d.is_working
    where e.kind = 'live_call' and date_trunc('month', {MOSCOW_DAY}) = {LAST_MONTH}
        and {NOT_TAKEN_BACK.format(table="contact_event")}
        and {DEBT.format(day=MOSCOW_DAY, account="e.account_id")} >= 5000
    group by 1
    order by 1
    """
)
FILINGS_BY_HAND = text(
    f"""
    select coalesce(sum(e.amount), 0)
    from ops.account_event as e
    where e.kind = 'order_filed' and date_trunc('month', e.happened_on) = {LAST_MONTH}
        and {NOT_TAKEN_BACK.format(table="account_event")}
        and {DEBT.format(day="e.happened_on", account="e.account_id")} >= 2 * (
            select avg(c.amount) from ops.charge as c
            where c.account_id = e.account_id
                and c.period < date_trunc('month', e.happened_on)
                and c.period >= date_trunc('month', e.happened_on) - interval '12 months'
        )
    """
)
COUNTED = text(
    f"""
    select e.period_start, e.numerator, e.fact, e.events_counted, e.events_excluded, e.status_code
    from marts.plan_execution as e
    inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id
    inner join ops.organisation as o on e.organisation_id = o.organisation_id
    where i.code = :code and o.kind = 'municipality' and e.period_kind = :period_kind
        and date_trunc('month', e.period_start) = {LAST_MONTH}
    order by e.period_start
    """
)
REASONS = text(
    """
    select v.reason_code from intermediate.int_plan_verdicts as v
    inner join ops.plan_indicator as i on v.plan_indicator_id = i.plan_indicator_id
    inner join ops.account as a on v.account_id = a.account_id
    where i.code = :code and a.account_number = :account_number
    order by v.event_at, v.event_id
    """
)


@pytest.fixture(scope="module")
def town(warehouse: Warehouse) -> Warehouse:
    """Sixty debtors of two organisations, a year of charges, and work of chance with them."""
    with warehouse.engine.begin() as connection:
        settle(connection, random.Random(7))
    warehouse.build()
    return warehouse


@pytest.fixture
def connection(town: Warehouse) -> Iterator[Connection]:
    with town.engine.connect() as opened:
        yield opened


def settle(connection: Connection, luck: random.Random) -> None:
    _city, companies = found_city(connection)
    today = connection.scalar(text("select ops.as_of()"))
    month = connection.scalar(text(f"select {LAST_MONTH}"))
    for number in range(ACCOUNTS):
        account_id = new_account(connection, companies[number % 2])
        _owe(connection, luck, account_id, month)
        _work(connection, luck, account_id, month, today)
    _write_thrice(connection, month)
    _owe_thirty_thousand(connection, month)


def _write_thrice(connection: Connection, month: date) -> None:
    account_id = _new_debtor(connection, "thrice", month, Decimal(90_000))
    for day, result in ((3, "failed"), (5, "delivered"), (9, "delivered")):
        _message(connection, account_id, month + timedelta(days=day), result)


def _owe_thirty_thousand(connection: Connection, month: date) -> None:
    """Exactly thirty thousand, of which a thousand is left on the sixth of the month."""
    account_id = _new_debtor(connection, "thirty", month, Decimal(30_000))
    _message(connection, account_id, month + timedelta(days=2), "delivered")
    paid = {"paid_on": month + timedelta(days=5), "amount": 29_000, "channel": "bank"}
    insert_all(connection, "payment", [{"account_id": account_id, **paid}])
    for day in (2, 13):
        _call(connection, account_id, month + timedelta(days=day))


def _owe(connection: Connection, luck: random.Random, account_id: int, month: date) -> None:
    """Charges of fifteen months with their due dates; some of the oldest are paid."""
    usual = Decimal(luck.randrange(400, 6_000))
    months = months_up_to(month, MONTHS)
    charge(connection, account_id, months, lambda: usual + luck.randrange(100))
    insert_all(
        connection,
        "payment",
        [
            {
                "account_id": account_id,
                "paid_on": (each + timedelta(days=40)).replace(day=12),
                "amount": usual,
                "channel": "bank",
            }
            for each in months[:-2]
            if luck.random() < 0.3
        ],
    )


def _work(
    connection: Connection, luck: random.Random, account_id: int, month: date, today: date
) -> None:
    for kind, results, often in (
        ("sms", ("delivered", "delivered", "failed"), 3),
        ("live_call", ("talked", "no_answer"), 5),
        ("robot_call", ("delivered",), 2),
    ):
        for _ in range(often):
            day = month + timedelta(days=luck.randrange(min(45, (today - month).days)))
            event = insert(
                connection,
                "contact_event",
                "contact_event_id",
                account_id=account_id,
                kind=kind,
                happened_at=f"{day} {luck.randrange(9, 20)}:00+03",
                result=luck.choice(results),
                source="file",
            )
            if luck.random() < 0.1:
                insert(
                    connection,
                    "contact_event",
                    "contact_event_id",
                    account_id=account_id,
                    kind=kind,
                    happened_at=f"{day} 21:00+03",
                    result=results[0],
                    source="file",
                    cancels_event_id=event,
                )
    if luck.random() < 0.6:
        day = month + timedelta(days=luck.randrange(28))
        insert(
            connection,
            "account_event",
            "account_event_id",
            account_id=account_id,
            kind="order_filed",
            happened_on=day,
            amount=Decimal(luck.randrange(5_000, 90_000)),
            duty_paid_on=day - timedelta(days=1) if luck.random() < 0.7 else None,
            source="file",
        )


def test_the_messages_of_a_month_are_those_counted_by_hand(connection: Connection):
    by_hand = connection.scalar(MESSAGES_BY_HAND)
    [row] = connection.execute(COUNTED, {"code": "K1", "period_kind": "month"}).all()

    assert row.numerator == by_hand
    assert 0 < by_hand < ACCOUNTS


def test_the_calls_of_every_day_are_those_counted_by_hand(connection: Connection):
    by_hand = dict(tuple(row) for row in connection.execute(CALLS_BY_HAND))
    counted = {
        row.period_start: row.numerator
        for row in connection.execute(COUNTED, {"code": "K2", "period_kind": "day"})
        if row.numerator
    }

    assert counted == by_hand
    assert len(by_hand) > 10


def test_the_claimed_roubles_of_a_month_are_those_added_up_by_hand(connection: Connection):
    by_hand = connection.scalar(FILINGS_BY_HAND)
    [row] = connection.execute(COUNTED, {"code": "B1", "period_kind": "month"}).all()

    assert row.numerator == by_hand
    assert by_hand > 0
    assert row.status_code == ("kept" if by_hand >= 700_000 else "not_kept")


def test_every_measure_shows_a_figure_or_says_what_it_waits_for(connection: Connection):
    rows = connection.execute(
        text(
            """
            select m.measure_no, i.code, i.awaits, e.fact, e.status_code
            from ops.plan_measure as m
            inner join ops.plan_indicator as i on m.plan_measure_id = i.plan_measure_id
            left join marts.plan_execution as e
                on i.plan_indicator_id = e.plan_indicator_id and e.period_kind = 'year'
                and e.period_start = date_trunc('year', ops.as_of())
            inner join ops.organisation as o
                on e.organisation_id = o.organisation_id and o.kind = 'municipality'
            where i.position = 1
            """
        )
    ).all()

    assert len(rows) == 17
    for row in rows:
        assert row.fact is not None or row.status_code == "awaits_events", row
        assert row.awaits


def test_counted_and_excluded_events_are_all_the_events_there_are(connection: Connection):
    rows = connection.execute(COUNTED, {"code": "K1", "period_kind": "month"}).one()
    messages = connection.scalar(
        text(
            f"""
            select count(*) from ops.contact_event as e
            where e.kind = 'sms' and e.cancels_event_id is null
                and date_trunc('month', {MOSCOW_DAY}) = {LAST_MONTH}
            """
        )
    )
    assert rows.events_counted + rows.events_excluded == messages
    assert rows.events_counted == rows.numerator


def test_a_second_message_to_the_same_account_in_the_month_is_told_as_counted_before(
    connection: Connection,
):
    asked = {"code": "K1", "account_number": "thrice"}

    reasons = connection.scalars(REASONS, asked).all()

    assert reasons == ["other_result", None, "counted_before"]


def test_the_debt_of_the_day_decides_and_not_that_of_today(connection: Connection):
    asked = {"account_number": "thirty"}
    messages = connection.scalars(REASONS, {"code": "K1", **asked}).all()
    calls = connection.scalars(REASONS, {"code": "K2", **asked}).all()

    assert messages == ["debt_too_small"], "30 000 is not more than 30 000"
    assert calls[-1] in ("no_band", "day_off"), "a thousand is left by then"
    assert calls[0] in (None, "day_off")


def test_a_build_of_changes_counts_what_a_full_one_counts(town: Warehouse):
    with town.engine.begin() as connection:
        account_id = connection.scalar(text("select min(account_id) from ops.account"))
        month = connection.scalar(text(f"select {LAST_MONTH}"))
        _message(connection, account_id, month + timedelta(days=11), "delivered")
    town.build()
    with town.engine.connect() as connection:
        of_changes = snapshot(connection)
    town.build(full=True)
    with town.engine.connect() as connection:
        assert snapshot(connection) == of_changes


def test_a_changed_file_is_a_new_version_and_the_old_one_still_counts(town: Warehouse):
    file = SHIPPED / "krasnogorsk.yaml"
    changed = file.read_text("utf-8").replace("норма: 100\n", "норма: 5\n", 1)
    with town.engine.begin() as connection:
        city = connection.scalar(
            text("select organisation_id from ops.organisation where kind = 'municipality'")
        )
        same = import_plan(
            connection, file_name=file.name, content=file.read_bytes(), organisation_id=city
        )
        new = import_plan(
            connection, file_name=file.name, content=changed.encode(), organisation_id=city
        )
    assert (same.is_new, same.version) == (False, 1)
    assert (new.is_new, new.version) == (True, 2)
    town.build()
    with town.engine.connect() as connection:
        rows = connection.execute(
            text(
                f"""
                select p.version, e.numerator, e.target, e.status_code
                from marts.plan_execution as e
                inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id
                inner join ops.plan_measure as m on i.plan_measure_id = m.plan_measure_id
                inner join ops.plan as p on m.plan_id = p.plan_id
                inner join ops.organisation as o on e.organisation_id = o.organisation_id
                where i.code = 'K1' and o.kind = 'municipality' and e.period_kind = 'month'
                    and e.period_start = {LAST_MONTH}
                order by p.version
                """
            )
        ).all()
    assert [(row.version, row.target, row.status_code) for row in rows] == [
        (1, 100, "not_kept"),
        (2, 5, "kept"),
    ]
    assert rows[0].numerator == rows[1].numerator


def _new_debtor(connection: Connection, number: str, month: date, debt: Decimal) -> int:
    """Somebody who owes one sum that was due long before the month."""
    organisation_id = connection.scalar(text("select min(organisation_id) from ops.account"))
    account_id = new_account(connection, organisation_id, account_number=number)
    due = month - timedelta(days=60)
    charge = {"service_id": 1, "kind": "charge", "amount": debt, "due_date": due}
    charge |= {"period": (due - timedelta(days=40)).replace(day=1), "booked_on": due}
    insert_all(connection, "charge", [{"account_id": account_id, **charge}])
    return account_id


def _message(connection: Connection, account_id: int, day: date, result: str) -> None:
    insert(
        connection,
        "contact_event",
        "contact_event_id",
        account_id=account_id,
        kind="sms",
        happened_at=f"{day} 12:00+03",
        result=result,
        source="file",
    )


def _call(connection: Connection, account_id: int, day: date) -> None:
    insert(
        connection,
        "contact_event",
        "contact_event_id",
        account_id=account_id,
        kind="live_call",
        happened_at=f"{day} 12:00+03",
        result="talked",
        source="file",
    )
