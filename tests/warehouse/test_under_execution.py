"""What bailiffs have to recover under orders of cases: a part of a month, and services by name."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from operational_db.database import owner_engine
from operational_db.models import CaseEventKind, CaseKind, ClaimedPart
from operational_db.services.cases import (
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    OpenedCase,
    open_case,
    register_events,
)
from tests.warehouse.conftest import Warehouse
from tests.warehouse.test_who_owes import CAPITAL_REPAIR, JAN, Flat, filed, issued, new_flat

TODAY = date(2025, 12, 1)


def sent(flat: Flat, case: OpenedCase, kopecks: int) -> None:
    register_events(
        flat.connection,
        [
            filed(case, date(2025, 5, 1)),
            issued(case, date(2025, 5, 10), kopecks),
            NewEvent(
                case.case_id,
                CaseEventKind.SENT_TO_BAILIFF,
                date(2025, 5, 20),
                destination="Первое ОСП",
            ),
        ],
    )


@pytest.fixture(scope="module")
def sued(warehouse: Warehouse) -> dict[str, int]:
    """One of two owners is sued for his half of 1 000 ₽; the other flat owes repair as well."""
    with owner_engine().begin() as connection:
        paying, silent = new_flat(connection), new_flat(connection)
        for flat in (paying, silent):
            first, _ = flat.own("1/2"), flat.own("1/2")
            flat.charge(JAN, 1000_00)
            case = flat.claim(JAN, kopecks=500_00, portion=first)
            sent(flat, case, 500_00)
            if flat is paying:
                flat.recover(case, date(2025, 7, 15), 200_00)
                flat.recover(case, date(2025, 9, 15), 300_00)
        silent.charge(JAN, 300_00, CAPITAL_REPAIR)
    warehouse.build(as_of=TODAY)
    return {"paying": paying.organisation_id, "silent": silent.organisation_id}


@pytest.fixture
def connection(sued: dict[str, int]) -> Iterator[Connection]:
    assert sued
    with owner_engine().connect() as opened:
        yield opened


@pytest.mark.parametrize(
    ("flat", "month", "amount"),
    [
        ("paying", date(2025, 7, 1), Decimal(500)),
        ("paying", date(2025, 8, 1), Decimal(300)),
        ("paying", date(2025, 10, 1), Decimal(0)),
        ("silent", date(2025, 6, 1), Decimal(500)),
        ("silent", date(2025, 12, 1), Decimal(500)),
    ],
)
def test_an_order_counts_for_what_is_left_of_what_it_claims(
    connection: Connection, sued: dict[str, int], flat: str, month: date, amount: Decimal
) -> None:
    found = text(
        "select amount from marts.execution_debts "
        "where organisation_id = :organisation_id and month_start = :month"
    )
    asked = {"organisation_id": sued[flat], "month": month}
    assert connection.scalar(found, asked) == amount


@pytest.fixture
def flat(connection: Connection) -> Flat:
    return new_flat(connection)


def ordered(flat: Flat, *, duty: int = 0, penalty: int = 0) -> OpenedCase:
    """An order for January without the capital repair of the same month."""
    flat.charge(JAN, 1000_00)
    flat.charge(JAN, 300_00, CAPITAL_REPAIR)
    months = [NewClaimedMonth("housing", JAN, Decimal(1000))]
    if penalty:
        asked = {"part": ClaimedPart.PENALTY, "penalty_to": date(2025, 4, 30)}
        months.append(NewClaimedMonth("housing", JAN, Decimal(penalty) / 100, **asked))
    debtor = NewDebtor(flat.own())
    case = open_case(flat.connection, NewCase(flat.account_id, CaseKind.ORDER, [debtor], months))
    award = NewEvent(
        case.case_id,
        CaseEventKind.ISSUED,
        date(2025, 5, 10),
        document_number="2-1/2025",
        principal_amount=Decimal(1000),
        penalty_amount=Decimal(penalty) / 100,
        duty_amount=Decimal(duty) / 100,
    )
    register_events(flat.connection, [filed(case, date(2025, 5, 1)), award])
    return case


def closed(flat: Flat) -> dict[tuple[str, date | None], int]:
    """Kind of debt and month → kopecks that money went to, awards and advances too."""
    query = text(
        "select coalesce(liability, interval_kind) as liability, period, "
        "sum(interval_kopecks) as kopecks from intermediate.int_debt_intervals "
        "where account_id = :id and credit_kind = 'payment' and (interval_kind <> 'advance' "
        "or closed_date is null) group by coalesce(liability, interval_kind), period"
    )
    rows = flat.connection.execute(query, {"id": flat.account_id})
    return {(row.liability, row.period): int(row.kopecks) for row in rows}


def test_money_under_an_order_closes_no_service_that_the_order_does_not_claim(flat: Flat) -> None:
    flat.recover(ordered(flat), date(2025, 7, 15), 200_00)
    assert closed(flat) == {("housing", JAN): 200_00}


def test_money_under_an_order_repays_the_duty_then_the_debt_then_the_penalty(flat: Flat) -> None:
    case = ordered(flat, duty=40_00, penalty=60_00)
    flat.recover(case, date(2025, 7, 15), 240_00)
    assert closed(flat) == {("housing", JAN): 200_00, ("award", None): 40_00}
    flat.recover(case, date(2025, 8, 15), 860_00)
    assert closed(flat) == {("housing", JAN): 1000_00, ("award", None): 100_00}


def balance(flat: Flat) -> int:
    """Kopecks that are open in the pieces, after they were found to be those of the turnover."""
    query = text(
        "select coalesce(sum(interval_kopecks), 0) from intermediate.int_debt_intervals "
        "where account_id = :id and closed_date is null"
    )
    last = text(
        "select closing_balance from intermediate.int_account_turnover where account_id = :id "
        "order by period desc limit 1"
    )
    open_kopecks = flat.connection.scalar(query, {"id": flat.account_id})
    assert flat.connection.scalar(last, {"id": flat.account_id}) * 100 == open_kopecks
    return int(open_kopecks)


def to_awards(flat: Flat) -> dict[date, Decimal]:
    """Month → what the turnover takes off the receipts."""
    query = text(
        "select period, to_awards from intermediate.int_account_turnover "
        "where account_id = :id and to_awards <> 0"
    )
    rows = flat.connection.execute(query, {"id": flat.account_id})
    return {row.period: row.to_awards for row in rows}


def test_duty_and_penalty_that_were_repaid_lower_no_debt_for_services(flat: Flat) -> None:
    case = ordered(flat, duty=40_00, penalty=60_00)
    flat.recover(case, date(2025, 7, 15), 240_00)
    assert balance(flat) == 1300_00 - 200_00
    flat.recover(case, date(2025, 8, 15), 860_00)
    assert balance(flat) == 300_00
    assert to_awards(flat) == {date(2025, 7, 1): Decimal(40), date(2025, 8, 1): Decimal(60)}


def test_a_refund_of_a_receipt_leaves_what_a_smaller_receipt_would_have_repaid(flat: Flat) -> None:
    case = ordered(flat, duty=40_00, penalty=60_00)
    flat.recover(case, date(2025, 7, 15), 1100_00)
    flat.pay(date(2025, 8, 1), -100_00, reverses=flat.number)
    assert closed(flat) == {("housing", JAN): 1000_00, ("award", None): 40_00}
    assert balance(flat) == 300_00 + 40_00
    assert to_awards(flat) == {date(2025, 7, 1): Decimal(100), date(2025, 8, 1): Decimal(-60)}


def test_a_receipt_that_was_given_back_whole_repaid_nothing(flat: Flat) -> None:
    case = ordered(flat, duty=40_00, penalty=60_00)
    flat.recover(case, date(2025, 7, 15), 1100_00)
    flat.pay(date(2025, 7, 15), -1100_00, reverses=flat.number)
    assert balance(flat) == 1300_00
    assert to_awards(flat) == {}
    flat.recover(case, date(2025, 8, 15), 30_00)
    assert to_awards(flat) == {date(2025, 8, 1): Decimal(30)}


def test_a_refund_of_no_receipt_in_particular_takes_the_duty_last(flat: Flat) -> None:
    flat.recover(ordered(flat, duty=40_00), date(2025, 7, 15), 1040_00)
    flat.pay(date(2025, 7, 15), -10_00)
    assert (balance(flat), to_awards(flat)) == (310_00, {date(2025, 7, 1): Decimal(40)})
    flat.pay(date(2025, 9, 1), -1000_00)
    assert balance(flat) == 1300_00
    assert to_awards(flat) == {date(2025, 7, 1): Decimal(40), date(2025, 9, 1): Decimal(-10)}


def test_the_penalty_is_repaid_once_the_last_month_that_the_order_claims_is_over(
    flat: Flat,
) -> None:
    flat.charge(JAN, 1000_00)
    months = [
        NewClaimedMonth("housing", JAN, Decimal(1000)),
        NewClaimedMonth("housing", date(2025, 7, 1), Decimal(500)),
        NewClaimedMonth(
            "housing",
            JAN,
            Decimal(60),
            part=ClaimedPart.PENALTY,
            penalty_to=date(2025, 4, 30),
        ),
    ]
    debtor = NewDebtor(flat.own())
    case = open_case(flat.connection, NewCase(flat.account_id, CaseKind.ORDER, [debtor], months))
    award = NewEvent(
        case.case_id,
        CaseEventKind.ISSUED,
        date(2025, 5, 10),
        document_number="2-1/2025",
        principal_amount=Decimal(1500),
        penalty_amount=Decimal(60),
    )
    register_events(flat.connection, [filed(case, date(2025, 5, 1)), award])
    flat.recover(case, date(2025, 7, 15), 1600_00)
    flat.charge(date(2025, 7, 1), 500_00)
    assert closed(flat) == {
        ("housing", JAN): 1000_00,
        ("housing", date(2025, 7, 1)): 500_00,
        ("award", None): 60_00,
        ("advance", None): -40_00,
    }
    assert to_awards(flat) == {date(2025, 8, 1): Decimal(60)}


def test_the_debt_comes_before_the_duty_where_that_row_of_the_law_is_off(flat: Flat) -> None:
    change = "update reference.legal_term set is_enabled = false where code = :code"
    flat.connection.execute(text(change), {"code": "recovered_duty_first"})
    flat.recover(ordered(flat, duty=40_00), date(2025, 7, 15), 1010_00)
    assert closed(flat) == {("housing", JAN): 1000_00, ("award", None): 10_00}


def test_what_exceeds_an_order_waits_for_later_months_and_leaves_older_debt_alone(
    flat: Flat,
) -> None:
    flat.recover(ordered(flat, penalty=60_00), date(2025, 7, 15), 1100_00)
    assert closed(flat) == {
        ("housing", JAN): 1000_00, ("award", None): 60_00, ("advance", None): -40_00,
    }  # fmt: skip
    flat.charge(date(2025, 7, 1), 500_00)
    assert closed(flat)["housing", date(2025, 7, 1)] == 40_00
    assert closed(flat)["award", None] == 60_00
    assert ("advance", None) not in closed(flat)
    assert ("capital_repair", JAN) not in closed(flat)


def test_an_order_against_one_owner_does_not_pay_for_the_other(flat: Flat) -> None:
    first, second = flat.own("1/2"), flat.own("1/2")
    flat.charge(JAN, 1000_00)
    case = flat.claim(JAN, kopecks=500_00, portion=first)
    sent(flat, case, 500_00)
    flat.recover(case, date(2025, 7, 15), 600_00)
    assert flat.owed() == {second: 500_00}
