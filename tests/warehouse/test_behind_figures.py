"""A list behind a figure has as many rows, and the same sums, as the figure says."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from operational_db.services import behind_figures, dashboard, steering, worklist
from operational_db.services.behind_figures import Figure
from operational_db.services.dashboard import Scope
from tests.factories import insert, insert_all, new_account, new_organisation
from tests.warehouse.conftest import Warehouse
from tests.warehouse.reference_calendar import ageing_bucket

EVERYTHING = Scope(None, None)


@pytest.fixture(scope="module")
def connection(warehouse: Warehouse) -> Iterator[Connection]:
    with warehouse.engine.begin() as opened:
        _settle(opened)
    warehouse.build()
    with warehouse.engine.connect() as opened:
        yield opened


@pytest.fixture(scope="module")
def today(connection: Connection) -> date:
    return connection.scalar(text("select ops.as_of()"))


@pytest.fixture(scope="module")
def since(today: date) -> date:
    return today - timedelta(days=365)


def test_the_accounts_of_every_cell_of_the_matrix_are_those_it_counts(connection, today):
    cells = steering.roll_rates(connection, EVERYTHING)
    assert len(cells) >= 3
    for cell in cells:
        found = behind_figures.totals(
            connection,
            Figure(
                "roll",
                EVERYTHING,
                until=today,
                code=cell["from_bucket"],
                to_code=cell["to_bucket"],
            ),
        )
        assert found["rows"] == cell["accounts"], cell
        assert (found["first_amount"], found["amount"]) == (
            cell["first_debt"],
            cell["second_debt"],
        )


def test_the_shares_of_the_queue_are_those_of_the_pieces_of_debt(connection, today):
    second = today.replace(day=1) - timedelta(days=1)
    first = second.replace(day=1) - timedelta(days=1)
    pieces = defaultdict(list)
    for piece in connection.execute(
        text("select * from marts.debt_intervals where interval_kind <> 'advance'")
    ):
        pieces[piece.account_id].append(piece)

    def is_open(piece) -> bool:
        return piece.opened_date <= first and (not piece.closed_date or piece.closed_date > first)

    groups = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for of_account in pieces.values():
        overdue = [p for p in of_account if is_open(p) and p.due_date < first]
        if not overdue:
            continue
        closed_by_money = [
            p for p in of_account if p.credit_kind == "payment" and p.opened_date <= first
        ]
        paid = [p for p in overdue if p in closed_by_money and p.closed_date <= second]
        recently = any(
            first - timedelta(days=worklist.RECENT_DAYS) <= p.closed_date <= first
            for p in closed_by_money
        )
        group = groups[ageing_bucket(min(p.due_date for p in overdue), first), recently]
        group[0] += 1
        group[1] += sum(p.interval_amount for p in overdue)
        group[2] += sum(p.interval_amount for p in paid)
    found = {
        (row["bucket_code"], row["paid_recently"]): [row["accounts"], row["owed"], row["paid"]]
        for row in worklist.rates(connection, EVERYTHING)
    }

    assert len(groups) >= 2
    assert found == groups


def test_the_accounts_of_every_stage_are_those_of_the_funnel(connection, since):
    stages = steering.funnel(connection, EVERYTHING, since)
    assert sum(row["accounts"] > 0 for row in stages) >= 5
    for row in stages:
        found = behind_figures.totals(
            connection, Figure("stage", EVERYTHING, since=since, code=row["stage"])
        )
        assert (found["rows"], found["amount"] or 0) == (row["accounts"], row["amount"]), row


def test_the_promises_of_an_outcome_are_those_that_its_share_counts(connection, since, today):
    outcomes = steering.promises(connection, EVERYTHING, since, today)
    assert {row["outcome"] for row in outcomes} == {"kept", "partly", "broken"}
    for row in outcomes:
        found = behind_figures.totals(
            connection,
            Figure("promise", EVERYTHING, since=since, until=today, code=row["outcome"]),
        )
        assert (found["rows"], found["amount"]) == (row["promises"], row["paid"])


def test_the_work_of_a_person_and_of_a_kind_is_listed_piece_by_piece(connection, since):
    for row in steering.cost_of_collection(connection, EVERYTHING, since):
        found = behind_figures.totals(
            connection, Figure("work", EVERYTHING, since=since, code=row["kind"])
        )
        assert found["rows"] == row["pieces"]
    [person] = steering.people(connection, EVERYTHING, since)
    found = behind_figures.totals(
        connection, Figure("person", EVERYTHING, since=since, code=person["person"])
    )
    assert found["rows"] == person["calls"] + person["visits"]


def test_what_is_not_paid_of_a_month_is_owed_by_the_accounts_of_its_list(connection, today):
    months = dashboard.collection_by_origin(connection, EVERYTHING)
    assert len(months) >= 3
    for row in months:
        found = behind_figures.totals(
            connection, Figure("unpaid", EVERYTHING, until=today, origin=row["period"])
        )
        assert (found["amount"] or 0) == row["unpaid"], row


def _settle(connection: Connection) -> None:
    organisation = new_organisation(connection, "uk")
    today = connection.scalar(text("select ops.as_of()"))
    months, month = [], today.replace(day=1)
    for _ in range(6):
        month = (month - timedelta(days=1)).replace(day=1)
        months.insert(0, month)
    for number in range(6):
        account_id = new_account(connection, organisation)
        insert_all(
            connection,
            "charge",
            [
                {
                    "account_id": account_id,
                    "period": period,
                    "service_id": 1,
                    "kind": "charge",
                    "amount": Decimal(1000 + number),
                    "booked_on": (period + timedelta(days=31)).replace(day=1) - timedelta(days=1),
                }
                for period in months
            ],
        )
        for period in months[: number * 2 - 4] if number > 2 else []:
            _pay(connection, account_id, period + timedelta(days=45), 1000 + number)
        _work(connection, account_id, number, today)


def _work(connection: Connection, account_id: int, number: int, today: date) -> None:
    day = today - timedelta(days=40)
    for kind, promise in (("live_call", Decimal(300)), ("visit", None)):
        insert(
            connection,
            "contact_event",
            "contact_event_id",
            account_id=account_id,
            kind=kind,
            happened_at=f"{day} 12:00+03",
            result="talked",
            executor="Юдина О. И.",
            promise_date=day + timedelta(days=5) if promise else None,
            promise_amount=promise,
            source="file",
        )
    if number < 2:
        _pay(connection, account_id, day + timedelta(days=2), 300 if number else 100)
    step = {"account_id": account_id, "source": "file"}
    document = insert(
        connection,
        "execution_document",
        "execution_document_id",
        account_id=account_id,
        kind="court_order",
        number=f"2-{number}",
        issued_on=day,
        period_from=day.replace(day=1),
        period_to=day.replace(day=1),
    )
    for kind, amount in (("notice_delivered", None), ("order_filed", 5000 + number)):
        insert(
            connection,
            "account_event",
            "account_event_id",
            kind=kind,
            happened_on=day,
            amount=amount,
            **step,
        )
    if number % 2:
        insert(
            connection,
            "account_event",
            "account_event_id",
            kind="writ_dispatched",
            happened_on=day + timedelta(days=3),
            execution_document_id=document,
            **step,
        )


def _pay(connection: Connection, account_id: int, day: date, amount: int) -> None:
    row = {"account_id": account_id, "paid_on": day, "amount": amount, "channel": "bank"}
    insert_all(connection, "payment", [row])
