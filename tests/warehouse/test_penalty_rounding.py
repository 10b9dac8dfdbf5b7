"""How penalty is rounded: each line by itself, and the total is what the lines add up to."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.generated_ledgers import THOROUGH
from tests.warehouse.ledger import Charge, Ledger, Payment
from tests.warehouse.penalty_book import PenaltyBook, opened_book

SEPTEMBER = date(2023, 9, 1)
HALF_A_KOPECK = Decimal("0.005")
SEVERAL = settings(
    max_examples=1_000 if THOROUGH else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def book(warehouse: str) -> Iterator[PenaltyBook]:  # noqa: ARG001  the warehouse comes first
    with opened_book() as opened:
        yield opened


def paid_in(parts: list[int], day: date) -> Ledger:
    """September 2023, due on 10 October, paid on one day by several receipts."""
    charge = Charge(1, SEPTEMBER, 1, sum(parts), date(2023, 9, 30))
    return Ledger((charge,), tuple(Payment(n, day, part) for n, part in enumerate(parts, start=1)))


def total(lines: list) -> Decimal:
    return sum((line["penalty_amount"] for line in lines), Decimal(0))


def test_half_a_kopeck_is_rounded_up(book):
    # 60 roubles x 9.5 % / 300 x 15 days = 0.285
    [line] = book.lines(paid_in([60_00], date(2023, 11, 24)), date(2024, 6, 1))
    assert (line["day_count"], line["penalty_amount"]) == (15, Decimal("0.29"))


@SEVERAL
@given(
    kopecks=st.integers(1, 10_000_000_00),
    day=st.dates(date(2023, 11, 10), date(2026, 11, 21)),
)
def test_a_line_can_be_recomputed_from_what_it_prints(book, kopecks, day):
    for line in book.lines(paid_in([kopecks], day), date(2026, 11, 21)):
        exact = (
            line["base_amount"] * line["day_count"] * line["rate_pct"] / (100 * line["denominator"])
        )
        assert line["penalty_amount"] == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


@SEVERAL
@given(
    parts=st.lists(st.integers(1, 20_000_00), min_size=2, max_size=8),
    day=st.dates(date(2023, 11, 10), date(2025, 11, 21)),
)
def test_paying_in_parts_on_one_day_moves_the_total_by_half_a_kopeck_a_line_at_most(
    book, parts, day
):
    whole = book.lines(paid_in([sum(parts)], day), date(2026, 11, 21))
    in_parts = book.lines(paid_in(parts, day), date(2026, 11, 21))
    assert len(in_parts) == len(whole) * len(parts)
    lines_rounded = len(whole) + len(in_parts)
    assert abs(total(in_parts) - total(whole)) <= HALF_A_KOPECK * lines_rounded
