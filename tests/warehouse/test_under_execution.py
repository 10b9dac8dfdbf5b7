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
