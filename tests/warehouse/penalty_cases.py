"""Made-up ledgers with a day of reckoning, laid over the years in which the rules changed."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.warehouse.generated_ledgers import ledgers
from tests.warehouse.ledger import Ledger, OwnDueDay, next_month
from tests.warehouse.penalty_book import DEBTOR_KINDS
from tests.warehouse.reference_penalty import Hold

# The made-up ledgers begin in 2021: moved back, they meet the old law, both moratoria, every cap.
MOVED_BY_MONTHS = (0, 0, 0, -12, -24, -48, -72, -84)
TURNS = (
    date(2015, 12, 31), date(2016, 1, 1), date(2020, 4, 5), date(2020, 4, 6), date(2020, 12, 31),
    date(2021, 1, 1), date(2022, 2, 27), date(2022, 2, 28), date(2022, 3, 31), date(2022, 4, 1),
    date(2022, 7, 31), date(2022, 8, 1), date(2022, 10, 1), date(2022, 10, 2), date(2023, 7, 24),
    date(2023, 8, 14), date(2023, 8, 15), date(2026, 10, 26), date(2026, 12, 31),
    date(2027, 1, 1),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Everything that the penalty of one account hangs on."""

    ledger: Ledger
    day: date
    debtor_kind: str
    holds: tuple[Hold, ...]
    bills: tuple[tuple[date, date | None], ...] = ()


@st.composite
def cases(draw) -> Case:
    """Facts of an account, its debtor, its holds and the day of reckoning."""
    ledger = moved(draw(ledgers()), draw(st.sampled_from(MOVED_BY_MONTHS)))
    first = min((charge.period for charge in ledger.charges), default=date(2024, 1, 1))
    receipts = [p.paid_on for p in ledger.payments] + [w.written_off_on for w in ledger.write_offs]
    day = draw(
        st.one_of(
            st.sampled_from(TURNS),
            st.integers(0, 1500).map(lambda offset: first + timedelta(days=offset)),
            # The day of a receipt, the day before it and the day after.
            st.tuples(st.sampled_from(receipts or TURNS), st.integers(-1, 1)).map(
                lambda near: near[0] + timedelta(days=near[1])
            ),
        )
    )
    periods = sorted({charge.period for charge in ledger.charges})
    return Case(
        ledger=replace(ledger, own_due_days=tuple(draw(_own_due_days(first)))),
        day=day,
        debtor_kind=draw(st.sampled_from(("citizen", "citizen", *DEBTOR_KINDS))),
        holds=tuple(draw(st.lists(_holds(first), max_size=2))),
        bills=tuple(draw(_bills(periods))),
    )


@st.composite
def _bills(draw, periods: list[date]) -> list[tuple[date, date | None]]:
    """When bills of some months came: in time, late, years late, or not at all."""
    if not periods or draw(st.integers(0, 2)) > 0:
        return []
    months = draw(st.lists(st.sampled_from(periods), unique=True, max_size=3))
    lateness = st.one_of(st.none(), st.sampled_from([0, 9, 10, 20, 45, 120]), st.integers(0, 900))
    return [
        (month, None if late is None else next_month(month) + timedelta(days=late))
        for month, late in ((month, draw(lateness)) for month in months)
    ]


@st.composite
def _own_due_days(draw, first: date) -> list[OwnDueDay]:
    """Due days of contracts that change, overlap, end, or are taken back."""
    found = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3]))):
        start = first
        for _ in range(draw(st.integers(0, 4))):
            start = next_month(start)
        end = start
        for _ in range(draw(st.integers(0, 6))):
            end = next_month(end)
        found.append(
            OwnDueDay(
                liability=draw(st.sampled_from(["housing", "housing", "capital_repair"])),
                day=draw(st.sampled_from([1, 5, 20, 25, 28, 30, 31, None])),
                first=start,
                last=draw(st.sampled_from([None, end])),
            )
        )
    return found


@st.composite
def _holds(draw, first: date) -> Hold:
    start = first + timedelta(days=draw(st.integers(0, 400)))
    length = draw(st.one_of(st.none(), st.integers(0, 120)))
    kind = draw(st.sampled_from(["no_penalty", "exempt_person", "late_bill", "no_pursuit"]))
    return Hold(kind, start, None if length is None else start + timedelta(days=length))


def moved(ledger: Ledger, months: int) -> Ledger:
    """The same ledger, earlier or later."""

    def day(given: date | None) -> date | None:
        if given is None:
            return None
        place = given.year * 12 + given.month - 1 + months
        year, month = place // 12, place % 12 + 1
        is_last = given.day == calendar.monthrange(given.year, given.month)[1]
        longest = calendar.monthrange(year, month)[1]
        return date(year, month, longest if is_last else min(given.day, longest))

    return Ledger(
        charges=tuple(
            replace(c, period=day(c.period), booked_on=day(c.booked_on), due_date=day(c.due_date))
            for c in ledger.charges
        ),
        payments=tuple(
            replace(
                p,
                paid_on=day(p.paid_on),
                named_period=day(p.named_period),
                order=p.order and (day(p.order[0]), day(p.order[1])),
            )
            for p in ledger.payments
        ),
        write_offs=tuple(
            replace(
                w,
                written_off_on=day(w.written_off_on),
                periods=tuple(day(month) for month in w.periods),
            )
            for w in ledger.write_offs
        ),
    )
