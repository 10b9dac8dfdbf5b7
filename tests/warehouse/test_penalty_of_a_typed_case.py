"""A case typed by hand is reckoned by the same SQL, to the kopeck as the account it would be."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operational_db.database import owner_engine, travel_in_time
from operational_db.imports.case import CaseKind, CaseLine
from operational_db.services.penalty_case import case_lines, penalty_of_case, state_case
from tests.warehouse.conftest import Warehouse
from tests.warehouse.generated_ledgers import THOROUGH
from tests.warehouse.ledger import Ledger
from tests.warehouse.penalty_book import LIVE, STEPPED, PenaltyBook, as_line, opened_book
from tests.warehouse.penalty_cases import Case, cases
from tests.warehouse.reference_calendar import liability_of
from tests.warehouse.storing import roubles

ONE_BY_ONE = settings(
    max_examples=1_000 if THOROUGH else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Iterator[PenaltyBook]:  # noqa: ARG001  the warehouse comes first
    with opened_book() as opened:
        yield opened


def typable(ledger: Ledger) -> Ledger:
    """The ledger as a table can tell it: no court orders, no named reversals, one month named."""
    return Ledger(
        charges=ledger.charges,
        payments=tuple(
            replace(payment, order=None, reverses=None, under=None) for payment in ledger.payments
        ),
        write_offs=tuple(
            replace(write_off, periods=write_off.periods[:1]) for write_off in ledger.write_offs
        ),
    )


def typed(ledger: Ledger, bills: dict[date, date | None]) -> list[CaseLine]:
    """The same facts as lines of a table, numbered as the facts are."""

    def line(number: int, kind: CaseKind, kopecks: int, **values: object) -> CaseLine:
        given = {"period": None, "happened_on": None, "due_date": None, "liability": "housing",
                 "delivered_on": None, **values}  # fmt: skip
        return CaseLine(line=number, kind=kind, amount=roubles(kopecks), **given)

    charges = [
        line(
            charge.number,
            CaseKind(charge.kind),
            charge.kopecks,
            period=charge.period,
            happened_on=charge.booked_on,
            due_date=charge.due_date,
            liability=liability_of(charge.service),
            delivered_on=bills.get(charge.period),
        )
        for charge in ledger.charges
    ]
    payments = [
        line(
            payment.number,
            CaseKind.PAYMENT,
            payment.kopecks,
            period=payment.named_period,
            happened_on=payment.paid_on,
        )
        for payment in ledger.payments
    ]
    write_offs = [
        line(
            write_off.number,
            CaseKind.WRITE_OFF,
            write_off.kopecks,
            period=write_off.periods[0] if write_off.periods else None,
            happened_on=write_off.written_off_on,
        )
        for write_off in ledger.write_offs
    ]
    return [*charges, *payments, *write_offs]


@ONE_BY_ONE
@given(case=cases(), is_stepped=st.booleans())
def test_a_typed_case_comes_to_what_the_same_account_comes_to(
    book: PenaltyBook, case: Case, is_stepped: bool
) -> None:
    ledger = typable(case.ledger)
    bills = {month: day for month, day in case.bills if day is not None}
    of_account = book.lines(
        ledger,
        case.day,
        debtor_kind=case.debtor_kind,
        bills=bills,
        view=STEPPED if is_stepped else LIVE,
    )
    with book.connection.begin() as transaction:
        travel_in_time(book.connection, as_of=case.day)
        state_case(book.connection, typed(ledger, bills), debtor_kind=case.debtor_kind)
        of_case = case_lines(book.connection, is_stepped=is_stepped)
        transaction.rollback()
    assert sorted(map(repr, map(as_line, of_case))) == sorted(map(repr, map(as_line, of_account)))


def september(kopecks: int = 10_000_00, **values: object) -> CaseLine:
    given = {"happened_on": None, "due_date": None, "liability": "housing", "delivered_on": None}
    return CaseLine(
        line=2,
        kind=CaseKind.CHARGE,
        period=date(2023, 9, 1),
        amount=roubles(kopecks),
        **(given | values),
    )


@pytest.mark.usefixtures("book")
def test_the_months_of_a_case_add_up_to_its_total() -> None:
    october = replace(september(5_000_00), line=3, period=date(2023, 10, 1))
    payment = replace(
        september(3_000_00), line=4, kind=CaseKind.PAYMENT, happened_on=date(2023, 11, 19)
    )
    with owner_engine().begin() as connection:
        travel_in_time(connection, as_of=date(2024, 1, 9))
        found = penalty_of_case(connection, [september(), october, payment])
    assert sum(month["penalty"] for month in found.months) == found.total["penalty"]
    assert sum(line["penalty_amount"] for line in found.lines) == found.total["penalty"]
    assert str(found.total["debt"]) == "12000.00"
    first = found.lines[0]
    assert (first["closed_by_id"], first["charge_ids"]) == (4, [2])


@pytest.mark.usefixtures("book")
def test_a_case_leaves_nothing_behind_and_a_connection_without_one_has_no_lines() -> None:
    with owner_engine().connect() as connection:
        with connection.begin():
            travel_in_time(connection, as_of=date(2024, 1, 9))
            assert penalty_of_case(connection, [september()]).lines
        with connection.begin():
            assert case_lines(connection) == []
