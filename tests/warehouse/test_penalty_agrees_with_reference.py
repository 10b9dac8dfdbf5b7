"""SQL and the plain reckoning agree on every line, whatever happened on an account."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from operational_db.database import owner_engine
from tests.warehouse.conftest import Warehouse
from tests.warehouse.generated_ledgers import THOROUGH
from tests.warehouse.penalty_book import LIVE, STEPPED, PenaltyBook, as_line, opened_book
from tests.warehouse.penalty_cases import Case, cases
from tests.warehouse.reference_allocation import pieces_of
from tests.warehouse.reference_penalty import is_verified_on, key_rate_on, lines_of, rate_on

ONE_BY_ONE = settings(
    max_examples=5_000 if THOROUGH else 300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Iterator[PenaltyBook]:  # noqa: ARG001  the warehouse comes first
    with opened_book() as opened:
        yield opened


@ONE_BY_ONE
@given(case=cases())
def test_the_live_lines_are_those_of_the_law(book: PenaltyBook, case: Case) -> None:
    for view, is_stepped in ((LIVE, False), (STEPPED, True)):
        found = book.lines(
            case.ledger,
            case.day,
            debtor_kind=case.debtor_kind,
            holds=case.holds,
            bills=dict(case.bills),
            view=view,
        )
        expected = lines_of(
            pieces_of(case.ledger),
            case.day,
            case.debtor_kind,
            case.holds,
            dict(case.bills),
            is_stepped=is_stepped,
        )
        assert Counter(map(as_line, found)) == Counter(expected), view


@pytest.mark.usefixtures("warehouse")
def test_every_day_has_the_rate_and_the_cap_of_the_law() -> None:
    with owner_engine().connect() as connection:
        found = connection.execute(text("select * from intermediate.int_penalty_rates")).all()
    first, last = date(2011, 12, 26), date(2036, 12, 31)
    assert sorted(row.rate_date for row in found) == [
        first + timedelta(days=n) for n in range((last - first).days + 1)
    ]
    assert [
        row
        for row in found
        if (row.rate_pct, row.key_rate_pct, row.is_verified)
        != (rate_on(row.rate_date), key_rate_on(row.rate_date), is_verified_on(row.rate_date))
    ] == []
    assert {row.rate_pct for row in found if row.rate_date.year == 2024} == {Decimal("9.50")}
