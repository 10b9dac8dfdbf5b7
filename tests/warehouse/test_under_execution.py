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
    award = issued(case, date(2025, 5, 10), 1000_00, penalty=penalty, duty=duty)
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
    award = issued(case, date(2025, 5, 10), 1500_00, penalty=60_00)
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


FEB = date(2025, 2, 1)


def ordered_for_two_months(flat: Flat, *, duty: int, penalty: int) -> OpenedCase:
    """An order for January and February; of a kopeck of penalty February has two thirds."""
    months = []
    for period, share in ((JAN, 1), (FEB, 2)):
        flat.charge(period, 500_00)
        months.append(NewClaimedMonth("housing", period, Decimal(500)))
        asked = {"part": ClaimedPart.PENALTY, "penalty_to": date(2025, 4, 30)}
        amount = Decimal(penalty) * share / 300
        months.append(NewClaimedMonth("housing", period, amount, **asked))
    debtor = NewDebtor(flat.own())
    case = open_case(flat.connection, NewCase(flat.account_id, CaseKind.ORDER, [debtor], months))
    award = issued(case, date(2025, 5, 10), 1000_00, penalty=penalty, duty=duty)
    register_events(flat.connection, [filed(case, date(2025, 5, 1)), award])
    return case


def recovered(flat: Flat, part: str = "penalty", as_of: date = TODAY) -> list[Decimal]:
    """What came under the order for each month, after it was found to leave the rest."""
    flat.connection.execute(
        text("select set_config('dolgomer.as_of', :day, true)"), {"day": as_of.isoformat()}
    )
    query = text(
        "select claimed_amount, recovered_amount, rest_amount "
        "from intermediate.int_claimed_ledger where account_id = :id and claimed_part = :part "
        "order by period"
    )
    rows = flat.connection.execute(query, {"id": flat.account_id, "part": part}).all()
    assert all(row.rest_amount == row.claimed_amount - row.recovered_amount >= 0 for row in rows)
    return [row.recovered_amount for row in rows]


def test_penalty_that_came_under_an_order_is_recovered_month_by_month_to_the_kopeck(
    flat: Flat,
) -> None:
    case = ordered_for_two_months(flat, duty=40_00, penalty=90_00)
    flat.recover(case, date(2025, 7, 15), 240_00)
    assert recovered(flat) == [0, 0]
    flat.recover(case, date(2025, 8, 15), 850_00)
    assert recovered(flat) == [Decimal("16.67"), Decimal("33.33")]
    assert recovered(flat, "principal") == [500, 500]
    assert recovered(flat, as_of=date(2025, 8, 14)) == [0, 0]
    flat.recover(case, date(2025, 9, 15), 100_00)
    assert recovered(flat) == [30, 60]
    assert recovered(flat, as_of=date(2025, 8, 15)) == [Decimal("16.67"), Decimal("33.33")]


def test_the_duty_is_repaid_before_the_penalty_where_the_debt_comes_before_both(
    flat: Flat,
) -> None:
    change = "update reference.legal_term set is_enabled = false where code = :code"
    flat.connection.execute(text(change), {"code": "recovered_duty_first"})
    case = ordered_for_two_months(flat, duty=40_00, penalty=90_00)
    flat.recover(case, date(2025, 7, 15), 1030_00)
    assert recovered(flat) == [0, 0]
    flat.recover(case, date(2025, 8, 15), 40_00)
    assert recovered(flat) == [10, 20]


def test_penalty_that_a_refund_took_back_is_not_recovered(flat: Flat) -> None:
    case = ordered_for_two_months(flat, duty=40_00, penalty=90_00)
    flat.recover(case, date(2025, 7, 15), 1100_00)
    assert recovered(flat) == [20, 40]
    flat.pay(date(2025, 8, 1), -30_00, reverses=flat.number)
    assert recovered(flat) == [10, 20]
    assert recovered(flat, as_of=date(2025, 7, 31)) == [20, 40]


def test_duty_that_a_refund_took_back_leaves_the_penalty_that_another_receipt_repaid(
    flat: Flat,
) -> None:
    case = ordered_for_two_months(flat, duty=40_00, penalty=90_00)
    flat.recover(case, date(2025, 7, 15), 40_00)
    first = flat.number
    flat.recover(case, date(2025, 8, 15), 1030_00)
    assert recovered(flat) == [10, 20]
    flat.pay(date(2025, 9, 1), -40_00, reverses=first)
    assert recovered(flat) == [10, 20]
    # The duty is owed again, and comes before the rest of the penalty.
    flat.recover(case, date(2025, 9, 15), 55_00)
    assert recovered(flat) == [15, 30]


def test_penalty_is_told_apart_from_duty_that_one_day_took_back_and_repaid_again(
    flat: Flat,
) -> None:
    case, day = ordered_for_two_months(flat, duty=40_00, penalty=60_00), date(2025, 7, 15)
    flat.recover(case, day, 40_00)
    first = flat.number
    flat.recover(case, day, 1070_00)
    flat.pay(day, -40_00, reverses=first)
    # 10 roubles of the second receipt had waited, and repay the duty that is owed again.
    assert to_awards(flat) == {date(2025, 7, 1): Decimal(70)}
    assert recovered(flat) == [20, 40]


def test_duty_of_a_cancelled_order_is_repaid_by_nobody(flat: Flat) -> None:
    case = ordered_for_two_months(flat, duty=40_00, penalty=90_00)
    flat.recover(case, date(2025, 7, 15), 1140_00)
    assert to_awards(flat) == {date(2025, 7, 1): Decimal(130)}
    cancel = NewEvent(
        case.case_id, CaseEventKind.CANCELLED, date(2025, 8, 1), reason_code="objection"
    )
    register_events(flat.connection, [cancel])
    assert recovered(flat, "principal") == [500, 500]
    assert recovered(flat) == [30, 60]
    # It is set off against the claim, so the money waits as what came over the debt.
    assert to_awards(flat) == {date(2025, 7, 1): Decimal(90)}
