"""Penalty on a day, and penalty as it was known then: a back-dated fact changes the first only."""

from datetime import UTC, date, datetime

import pytest

from operational_db.database import owner_engine, travel_in_time
from tests.factories import insert_all, new_account, new_organisation
from tests.warehouse.penalty_book import live_lines

DAY_91 = date(2024, 1, 9)
THAT_EVENING = datetime(2024, 1, 9, 20, tzinfo=UTC)
LATER = datetime(2024, 3, 1, tzinfo=UTC)
CHARGE = {
    "charge_id": 1, "period": date(2023, 9, 1), "service_id": 1, "kind": "charge",
    "amount": 10_000, "booked_on": date(2023, 9, 30),
    "recorded_at": datetime(2023, 10, 1, tzinfo=UTC),
}  # fmt: skip


@pytest.fixture
def account(warehouse: str) -> int:  # noqa: ARG001  the warehouse comes first
    """An account that was charged 10 000 for September 2023 in good time."""
    with owner_engine().begin() as connection:
        account_id = new_account(
            connection, new_organisation(connection), recorded_at=CHARGE["recorded_at"]
        )
        insert_all(connection, "charge", [{"account_id": account_id, **CHARGE}])
    return account_id


def record(table: str, **values: object) -> None:
    with owner_engine().begin() as connection:
        insert_all(connection, table, [{"recorded_at": LATER, **values}])


def penalty(account_id: int, known_at: datetime | None = None) -> str:
    with owner_engine().begin() as connection:
        travel_in_time(connection, as_of=DAY_91, known_at=known_at)
        return str(sum(line["penalty_amount"] for line in live_lines(connection, account_id)))


def test_a_payment_recorded_late_counts_on_its_day_but_was_not_known(account):
    record("payment", account_id=account, payment_id=1, paid_on=date(2023, 11, 19),
           amount=10_000, channel="bank")  # fmt: skip
    assert penalty(account) == "31.67"
    assert penalty(account, THAT_EVENING) == "197.31"


def test_a_recalculation_recorded_late_lowers_the_base_but_was_not_known(account):
    lowered = {"charge_id": 2, "kind": "recalculation", "amount": -4_000}
    record("charge", account_id=account, **(CHARGE | lowered | {"recorded_at": LATER}))
    assert penalty(account) == "118.38"  # 6000 x 9.5 % x (60 / 300 + 1 / 130)
    assert penalty(account, THAT_EVENING) == "197.31"


def test_a_hold_laid_back_in_time_frees_its_days_but_was_not_known(account):
    record("debt_hold", account_id=account, kind="exempt_person", valid_from=date(2023, 11, 20),
           valid_to=None, basis="справка о службе")  # fmt: skip
    assert penalty(account) == "31.67"
    assert penalty(account, THAT_EVENING) == "197.31"


def test_before_the_bill_was_recorded_nothing_was_known(account):
    assert penalty(account, THAT_EVENING) == "197.31"
    assert penalty(account, datetime(2023, 9, 30, tzinfo=UTC)) == "0"
