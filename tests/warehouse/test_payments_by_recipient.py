"""Each payment falls to the suppliers of the services that it closed, to the kopeck (ПП РФ 253)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from operational_db.database import owner_engine, screens_connection
from tests.factories import (
    insert_all,
    new_account,
    new_organisation,
    new_session,
    new_user,
)
from tests.warehouse.conftest import Warehouse
from tests.warehouse.generated_ledgers import THOROUGH, ledgers
from tests.warehouse.ledger import Charge, Ledger, Payment
from tests.warehouse.penalty_book import PenaltyBook, opened_book, store_account

MAINTENANCE, COLD_WATER = 1, 3
SEPTEMBER = date(2023, 9, 1)


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Iterator[PenaltyBook]:  # noqa: ARG001  the warehouse comes first
    with opened_book() as opened:
        yield opened


def charge(number: int, service: int, kopecks: int) -> Charge:
    return Charge(number, SEPTEMBER, service, kopecks, date(2023, 9, 30))


@pytest.fixture(scope="module")
def split(warehouse: Warehouse) -> list:  # noqa: ARG001  the warehouse comes first
    """One month for two services; the water is owed to a supplier since October 2023."""
    with owner_engine().begin() as connection:
        keeper = new_organisation(connection)
        supplier = new_organisation(connection, "vodokanal", kind="resource_supplier")
        account = new_account(connection, keeper)
        insert_all(
            connection,
            "contract",
            [
                {
                    "organisation_id": keeper,
                    "recipient_id": supplier,
                    "service_id": COLD_WATER,
                    "number": "12",
                    "signed_on": date(2023, 10, 1),
                    "valid_from": date(2023, 10, 1),
                }
            ],
        )
        ledger = Ledger(
            charges=(charge(1, MAINTENANCE, 200_00), charge(2, COLD_WATER, 100_00)),
            payments=(
                Payment(1, date(2023, 10, 5), 100_00),
                Payment(2, date(2023, 11, 5), 250_00),
                Payment(3, date(2023, 11, 20), -60_00, reverses=2),
            ),
        )
        store_account(connection, account, ledger)
        token = new_session(connection, new_user(connection, keeper, "accountant"))
    query = text(
        "select * from screens.payment_services where account_id = :account "
        "order by payment_id, service_id nulls last"
    )
    with screens_connection(token) as connection:
        rows = connection.execute(query, {"account": account}).all()
    names = {keeper: "keeper", supplier: "supplier", None: None}
    return [(row.payment_id, row.service_id, names[row.recipient_id], row.amount) for row in rows]


def test_a_payment_falls_to_suppliers_by_what_it_closed_and_kopecks_add_up(split):
    assert split[:2] == [
        (1, MAINTENANCE, "keeper", Decimal("66.67")),
        (1, COLD_WATER, "supplier", Decimal("33.33")),
    ]


def test_what_waits_belongs_to_nobody_yet_and_a_refund_takes_it_back_first(split):
    of_second = [row[1:] for row in split if row[0] == 2]
    assert of_second == [
        (MAINTENANCE, "keeper", Decimal("133.33")),
        (COLD_WATER, "supplier", Decimal("66.67")),
        (None, None, Decimal("50.00")),
    ]
    of_refund = [row for row in split if row[0] == 3]
    assert sum(row[3] for row in of_refund) == Decimal("-60.00")
    assert (3, None, None, Decimal("-50.00")) in of_refund


@settings(
    max_examples=500 if THOROUGH else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(ledger=ledgers())
def test_whatever_happened_the_parts_of_a_payment_are_the_payment(
    book: PenaltyBook, ledger: Ledger
) -> None:
    account = book.accounts["citizen"]
    with book.connection.begin() as transaction:
        store_account(book.connection, account, ledger)
        query = text(
            "select payment_id, kopecks from intermediate.int_payment_services "
            "where account_id = :account"
        )
        parts = defaultdict(int)
        for row in book.connection.execute(query, {"account": account}):
            parts[row.payment_id] += row.kopecks
        transaction.rollback()
    assert parts == {payment.number: payment.kopecks for payment in ledger.payments}
