"""What bailiffs have to recover under orders of cases: a part of a month, and services by name."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from operational_db.database import owner_engine
from operational_db.models import CaseEventKind
from operational_db.services.cases import NewEvent, OpenedCase, register_events
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
def half_owner(warehouse: Warehouse) -> int:
    """One of two owners is sued for his half of 1 000 ₽; capital repair is not claimed."""
    with owner_engine().begin() as connection:
        flat = new_flat(connection)
        first, _ = flat.own("1/2"), flat.own("1/2")
        flat.charge(JAN, 1000_00)
        flat.charge(JAN, 300_00, CAPITAL_REPAIR)
        case = flat.claim(JAN, kopecks=500_00, portion=first)
        sent(flat, case, 500_00)
        flat.recover(case, date(2025, 7, 15), 200_00)
        flat.recover(case, date(2025, 9, 15), 300_00)
    warehouse.build(as_of=TODAY)
    return flat.organisation_id


@pytest.fixture
def connection(half_owner: int) -> Iterator[Connection]:
    assert half_owner
    with owner_engine().connect() as opened:
        yield opened


@pytest.mark.parametrize(
    ("month", "amount"),
    [
        (date(2025, 6, 1), Decimal(500)),
        (date(2025, 7, 1), Decimal(500)),
        (date(2025, 8, 1), Decimal(300)),
        (date(2025, 10, 1), Decimal(0)),
    ],
)
def test_an_order_against_one_owner_counts_for_what_is_left_of_his_part(
    connection: Connection, half_owner: int, month: date, amount: Decimal
) -> None:
    found = text(
        "select amount from marts.execution_debts "
        "where organisation_id = :organisation_id and month_start = :month"
    )
    asked = {"organisation_id": half_owner, "month": month}
    assert connection.scalar(found, asked) == amount
