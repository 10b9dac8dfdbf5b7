"""What came in under execution documents, and what reconciliations and the press said, by hand.

The recounts read the facts with plain SQL: no interval, verdict or mark of the warehouse. Documents
adjudge the oldest months of their accounts and nothing is paid in advance, so what is left of those
months is what was charged for them less everything paid.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from tests.factories import insert, new_account
from tests.warehouse.conftest import Warehouse
from tests.warehouse.plan_town import LAST_MONTH, charge, found_city, months_up_to

ACCOUNTS, MONTHS, ADJUDGED = 24, 15, 9
# A payment under a document less what was taken back of it, with the documents' stays.
RECOVERIES = """
    select p.account_id, p.paid_on, p.channel, p.execution_document_id,
        p.amount + coalesce((
            select sum(back.amount) from ops.payment as back
            where back.reverses_payment_id = p.payment_id
        ), 0) as amount
    from ops.payment as p
    where p.execution_document_id is not null and p.amount > 0
        and date_trunc('month', p.paid_on) = {month}
"""
SENT_BEFORE = """
    select max(s.happened_on) from ops.account_event as s
    where s.execution_document_id = r.execution_document_id and s.kind = 'writ_dispatched'
        and s.happened_on <= r.paid_on
"""
BY_HAND = {
    "K11д": f"""
        select sum(r.amount) filter (where r.channel = 'bailiff'), (
            select sum(greatest(
                (
                    select sum(c.amount) from ops.charge as c
                    where c.account_id = e.account_id
                        and c.period between e.period_from and e.period_to
                ) - coalesce((
                    select sum(p.amount) from ops.payment as p
                    where p.account_id = e.account_id and p.paid_on <= {LAST_MONTH}
                ), 0),
                0
            ))
            from ops.execution_document as e
            where (
                select s.kind from ops.account_event as s
                where s.execution_document_id = e.execution_document_id
                    and s.kind in ('writ_dispatched', 'writ_returned')
                    and s.happened_on <= {LAST_MONTH}
                order by s.happened_on desc
                limit 1
            ) = 'writ_dispatched'
        )
        from ({RECOVERIES.format(month=LAST_MONTH)}) as r
    """,
    "B2п": f"""
        select sum(r.amount) filter (where r.channel <> 'bailiff'), sum(r.amount)
        from ({RECOVERIES.format(month=LAST_MONTH)}) as r
    """,
    "B3с": f"""
        select count(*) filter (where exists (
            select from ops.account_event as n
            where n.account_id = r.account_id and n.kind = 'direct_payment_notice'
                and n.happened_on >= r.paid_on
                and (
                    select count(*) from reference.calendar_day as d
                    where d.is_working and d.day > r.paid_on and d.day < n.happened_on
                ) < 5
        )), count(*)
        from ({RECOVERIES.format(month=LAST_MONTH)}) as r
        where r.amount > 0 and r.channel <> 'bailiff'
            and ({SENT_BEFORE}) is not null
            and not exists (
                select from ops.account_event as b
                where b.execution_document_id = r.execution_document_id
                    and b.kind = 'writ_returned'
                    and b.happened_on >= ({SENT_BEFORE}) and b.happened_on < r.paid_on
            )
    """,
    "B4в": f"""
        select coalesce(sum(r.amount), 0), null
        from ({RECOVERIES.format(month=LAST_MONTH)}) as r
        where exists (
            select from ops.account_event as b
            where b.execution_document_id = r.execution_document_id
                and b.kind = 'writ_returned' and b.happened_on < r.paid_on
        )
    """,
    "B4п": f"""
        select count(*) filter (where exists (
            select from ops.account_event as again
            inner join ops.account_event as known
                on again.account_id = known.account_id and known.kind = 'property_change'
                    and known.happened_on between e.happened_on and again.happened_on
            where again.execution_document_id = e.execution_document_id
                and again.kind = 'writ_dispatched' and again.happened_on > e.happened_on
        )), count(*)
        from ops.account_event as e
        where e.kind = 'writ_returned' and date_trunc('month', e.happened_on) = {LAST_MONTH}
    """,
    "K11г": f"""
        select sum(e.amount - e.amount_after), sum(e.amount)
        from ops.public_event as e
        where e.kind = 'reconciliation' and e.amount_after is not null
            and date_trunc('month', e.happened_on) = {LAST_MONTH}
    """,
    "B3р": f"""
        select sum(last.rest), null from (
            select distinct on (e.organisation_id, e.bailiff_office)
                coalesce(e.amount_after, e.amount) as rest
            from ops.public_event as e
            where e.kind = 'reconciliation'
                and e.happened_on < {LAST_MONTH} + interval '1 month'
            order by e.organisation_id, e.bailiff_office, e.happened_on desc
        ) as last
    """,
    "K7б": f"""
        select count(*) filter (where abs(e.amount - owed.debt) <= 0.01 * owed.debt), count(*)
        from ops.public_event as e
        cross join lateral (
            select (
                select sum(c.amount) from ops.charge as c where c.due_date < e.happened_on
            ) - (
                select sum(p.amount) from ops.payment as p where p.paid_on <= e.happened_on
            ) as debt
        ) as owed
        where e.kind = 'publication' and e.amount is not null
            and date_trunc('month', e.happened_on) = {LAST_MONTH}
    """,
}
COUNTED = text(
    f"""
    select e.numerator, e.denominator, e.fact, e.status_code
    from marts.plan_execution as e
    inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id
    inner join ops.organisation as o on e.organisation_id = o.organisation_id
    where i.code = :code and o.kind = 'municipality' and e.period_kind = 'month'
        and e.period_start = {LAST_MONTH}
    """
)
VERDICTS = text(
    """
    select v.event_id, v.is_counted, v.reason_code
    from intermediate.int_plan_verdicts as v
    inner join ops.plan_indicator as i on v.plan_indicator_id = i.plan_indicator_id
    where i.code = :code
    order by v.event_date, v.event_id
    """
)


@pytest.fixture(scope="module")
def town(warehouse: Warehouse) -> Warehouse:
    """Accounts with documents at the bailiffs, back from them, and there once more."""
    with warehouse.engine.begin() as connection:
        _settle(connection, random.Random(11))
    warehouse.build()
    return warehouse


@pytest.fixture
def connection(town: Warehouse) -> Iterator[Connection]:
    with town.engine.connect() as opened:
        yield opened


@pytest.mark.parametrize("code", BY_HAND)
def test_the_figure_is_that_counted_by_hand(connection: Connection, code: str):
    numerator, denominator = connection.execute(text(BY_HAND[code])).one()
    row = connection.execute(COUNTED, {"code": code}).one()

    assert row.numerator == numerator
    assert numerator > 0, "nothing to compare: the town lacks such work"
    assert row.denominator == denominator
    if denominator is not None:
        assert row.fact == round(numerator / Decimal(denominator), 4)


def test_a_case_that_was_sent_on_and_its_payments_wait_for_no_step(connection: Connection):
    """Every receipt under a document is a recovery, whoever entered the handing over."""
    payments = connection.scalar(
        text(
            "select count(*) from ops.payment where execution_document_id is not null "
            "and amount > 0"
        )
    )
    assert len(connection.execute(VERDICTS, {"code": "B2п"}).all()) == payments


def test_a_publication_without_a_sum_is_told_to_have_none(connection: Connection):
    reasons = [row.reason_code for row in connection.execute(VERDICTS, {"code": "K7б"})]

    assert reasons == [None, "other_sum", "no_sum"]


def test_an_older_reconciliation_of_the_month_gives_way_to_the_newer_one(connection: Connection):
    reasons = {row.reason_code for row in connection.execute(VERDICTS, {"code": "B3р"})}

    assert reasons == {None, "newer_reconciliation"}


def test_what_is_open_stays_open_in_months_without_a_reconciliation(connection: Connection):
    this_month = connection.scalar(
        text(
            """
            select e.fact from marts.plan_execution as e
            inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id
            inner join ops.organisation as o on e.organisation_id = o.organisation_id
            where i.code = 'B3р' and o.kind = 'municipality' and e.period_kind = 'month'
                and e.period_start = date_trunc('month', ops.as_of())
            """
        )
    )
    assert this_month == connection.execute(text(BY_HAND["B3р"])).one()[0]


def _settle(connection: Connection, luck: random.Random) -> None:
    city, companies = found_city(connection)
    month = connection.scalar(text(f"select {LAST_MONTH}"))
    today = connection.scalar(text("select ops.as_of()"))
    for number in range(ACCOUNTS):
        account_id = new_account(connection, companies[number % 2])
        months = months_up_to(month, MONTHS)
        charge(connection, account_id, months, lambda: Decimal(luck.randrange(1_000, 4_000)))
        _execute(connection, luck, account_id, number, months[:ADJUDGED], month, today)
    _reconcile(connection, companies, month)
    _publish(connection, city, month)


def _execute(
    connection: Connection,
    luck: random.Random,
    account_id: int,
    number: int,
    adjudged: list[date],
    month: date,
    today: date,
) -> None:
    """A document, its way there and back, and payments under it from both sides."""
    document = insert(
        connection,
        "execution_document",
        "execution_document_id",
        account_id=account_id,
        kind="court_order",
        number=f"2-{number}",
        issued_on=month - timedelta(days=120),
        period_from=adjudged[0],
        period_to=adjudged[-1],
    )
    step = {"account_id": account_id, "execution_document_id": document}
    _step(connection, "writ_dispatched", month - timedelta(days=100 - number), **step)
    if number % 3 == 0:
        returned = month + timedelta(days=luck.randrange(5, 12))
        _step(connection, "writ_returned", returned, **step)
        if number % 2 == 0:
            _step(connection, "property_change", returned + timedelta(days=2), **step)
        if number % 4 == 0:
            _step(connection, "writ_dispatched", returned + timedelta(days=4), **step)
    for channel in ("bailiff", "bank", "bailiff", "bank"):
        day = month + timedelta(days=luck.randrange(-20, 28))
        payment = insert(
            connection,
            "payment",
            "payment_id",
            account_id=account_id,
            paid_on=day,
            amount=Decimal(luck.randrange(100, 900)),
            channel=channel,
            execution_document_id=document,
        )
        if channel == "bank" and luck.random() < 0.7:
            # Told within days of last month or, early in a month, at latest today.
            told = min(day + timedelta(days=luck.randrange(1, 12)), today)
            _step(connection, "direct_payment_notice", told, **step)
        if luck.random() < 0.2:
            insert(
                connection,
                "payment",
                "payment_id",
                account_id=account_id,
                paid_on=day + timedelta(days=1),
                amount=-luck.randrange(10, 100),
                channel=channel,
                reverses_payment_id=payment,
            )


def _reconcile(connection: Connection, companies: list[int], month: date) -> None:
    for company, day, office, before, after in (
        (companies[0], -40, "Первое ОСП", 9_000, 400),
        (companies[0], 3, "Второе ОСП", 5_000, 1_200),
        (companies[0], 14, "Второе ОСП", 1_200, 300),
        (companies[1], 8, "Первое ОСП", 7_000, None),
    ):
        insert(
            connection,
            "public_event",
            "public_event_id",
            organisation_id=company,
            kind="reconciliation",
            happened_on=month + timedelta(days=day),
            bailiff_office=office,
            amount=before,
            amount_after=after,
            source="file",
        )


def _publish(connection: Connection, city: int, month: date) -> None:
    """One that is right, one that is a tenth too low, one that names no sum."""
    owed = text(
        """
        select (select sum(amount) from ops.charge where due_date < :day)
            - (select sum(amount) from ops.payment where paid_on <= :day)
        """
    )
    for day, part in ((4, "1.004"), (11, "0.9"), (18, None)):
        on = month + timedelta(days=day)
        debt = connection.scalar(owed, {"day": on})
        insert(
            connection,
            "public_event",
            "public_event_id",
            organisation_id=city,
            kind="publication",
            happened_on=on,
            title="Кто должен городу",
            amount=None if part is None else round(debt * Decimal(part), -1),
            source="file",
        )


def _step(connection: Connection, kind: str, day: date, **values: int) -> None:
    insert(
        connection,
        "account_event",
        "account_event_id",
        kind=kind,
        happened_on=day,
        source="file",
        **values,
    )
