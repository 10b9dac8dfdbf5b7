"""Ledgers that hypothesis makes up: few months and few days, so that facts meet on one day."""

import os
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.warehouse.ledger import (
    Charge,
    Claimed,
    CourtOrder,
    Ledger,
    Payment,
    WriteOff,
    next_month,
)
from tests.warehouse.reference_calendar import lawful_due_date, liability_of

THOROUGH = os.environ.get("DOLGOMER_THOROUGH") == "1"
FIRST_YEAR = 2021
MONTHS = [date(FIRST_YEAR + n // 12, n % 12 + 1, 1) for n in range(63)]
SERVICES = (1, 2, 3, 9)
LIABILITIES = ("housing", "capital_repair")
# Kopecks that divide badly, sums that meet again, and sums of whole houses.
AMOUNTS = st.one_of(
    st.integers(1, 12), st.integers(1, 60_000), st.sampled_from([100, 100_00, 3_333, 250_000])
)
HUGE = 1_234_567  # products of such sums no longer fit eight bytes


@st.composite
def periods(draw, near: date | None = None) -> date:
    """A month; with ``near``, most often that month or one of the next two."""
    if near is None:
        return draw(st.sampled_from(MONTHS))
    later = near
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 7]))):
        later = next_month(later)
    return later


@st.composite
def days(draw, near: date) -> date:
    """A day from the month ``near`` on: its first days, its due days, or years later."""
    month = draw(periods(near))
    if draw(st.integers(0, 5)) == 0:
        month = draw(periods())
    if draw(st.integers(0, 9)) == 0:  # the last day before limitation and the first one after it
        due = lawful_due_date("housing", near)
        offset = timedelta(days=draw(st.integers(-1, 2)))
        return due.replace(year=due.year + 3, day=min(due.day, 28)) + offset
    return month + timedelta(days=draw(st.sampled_from([0, 0, 0, 9, 10, 14, 20, 27])))


@st.composite
def ledgers(draw) -> Ledger:
    """All facts of one account."""
    first = draw(periods())
    months = draw(st.lists(periods(first), min_size=0, max_size=5))
    scale = HUGE if draw(st.integers(0, 19)) == 0 else 1
    charges = []
    for period in months:
        for service in draw(st.lists(st.sampled_from(SERVICES), min_size=1, max_size=3)):
            charges.append(draw(_charges(len(charges) + 1, period, service, scale)))
    for _ in range(draw(st.integers(0, 4))):
        charges.append(draw(_corrections(len(charges) + 1, first, months, scale)))
    order = draw(_orders(first, months, scale)) if draw(st.integers(0, 3)) == 0 else None
    payments = []
    for number in range(1, draw(st.integers(0, 7)) + 1):
        payments.append(draw(_payments(number, first, months, scale, order)))
    write_offs = []
    for number in range(1, draw(st.sampled_from([0, 0, 0, 1, 2])) + 1):
        write_offs.append(draw(_write_offs(number, first, months, scale)))
    return Ledger(tuple(charges), tuple(payments), tuple(write_offs))


@st.composite
def _charges(draw, number: int, period: date, service: int, scale: int) -> Charge:
    return Charge(
        number=number,
        period=period,
        service=service,
        kopecks=draw(st.one_of(AMOUNTS, AMOUNTS, AMOUNTS, st.just(0))) * scale,
        booked_on=next_month(period) - timedelta(days=1),
        due_date=draw(_due_dates(period, service)),
    )


@st.composite
def _due_dates(draw, period: date, service: int) -> date | None:
    """Nearly always none; else the day of the law, a day of the month itself or a later one."""
    kind = draw(st.integers(0, 11))
    if kind == 0:
        return lawful_due_date(liability_of(service), period)
    if kind < 3:
        return period + timedelta(days=draw(st.sampled_from([-20, 0, 4, 19, 45, 70])))
    return None


@st.composite
def _corrections(draw, number: int, first: date, months: list[date], scale: int) -> Charge:
    period = draw(st.sampled_from([first, *months, *months]))
    service = draw(st.sampled_from(SERVICES))
    sign = draw(st.sampled_from([-1, -1, 1]))
    return Charge(
        number=number,
        period=period,
        service=service,
        kind=draw(st.sampled_from(["recalculation", "adjustment"])),
        kopecks=sign * draw(AMOUNTS) * scale,
        booked_on=draw(days(period)),
        due_date=draw(_due_dates(period, service)),
    )


@st.composite
def _orders(draw, first: date, months: list[date], scale: int) -> CourtOrder:
    """An order that claims some months, with sums that meet the debt or do not."""
    named = st.tuples(st.sampled_from(LIABILITIES), st.sampled_from([first, *months]))
    claimed = tuple(
        Claimed(liability, period, draw(AMOUNTS) * scale)
        for liability, period in sorted(draw(st.sets(named, min_size=1, max_size=4)))
    )
    asked = sum(row.kopecks for row in claimed)
    awarded = draw(st.one_of(st.just(asked), st.integers(0, asked)))
    sums = st.one_of(st.just(0), AMOUNTS)
    return CourtOrder(1, claimed, awarded, duty=draw(sums), penalty=draw(sums))


@st.composite
def _payments(
    draw, number: int, first: date, months: list[date], scale: int, under: CourtOrder | None
) -> Payment:
    paid_on = draw(days(draw(st.sampled_from([first, *months]))))
    if number > 1 and draw(st.integers(0, 3)) == 0:
        reverses = draw(st.one_of(st.none(), st.integers(1, number - 1)))
        return Payment(number, paid_on, -draw(AMOUNTS) * scale, reverses=reverses)
    if under and draw(st.booleans()):
        return Payment(number, paid_on, draw(AMOUNTS) * scale, under=under)
    named = order = None
    kind = draw(st.integers(0, 9))
    if kind < 3:
        named = draw(st.one_of(st.sampled_from([first, *months]), periods(first)))
    elif kind == 3:
        order_first = draw(periods(first))
        order = (order_first, draw(periods(order_first)))
    return Payment(number, paid_on, draw(AMOUNTS) * scale, named_period=named, order=order)


@st.composite
def _write_offs(draw, number: int, first: date, months: list[date], scale: int) -> WriteOff:
    sign = draw(st.sampled_from([1, 1, 1, -1]))
    named = draw(st.lists(st.sampled_from([first, *months]), max_size=2, unique=True))
    return WriteOff(
        number,
        draw(days(draw(st.sampled_from([first, *months])))),
        sign * draw(AMOUNTS) * scale,
        tuple(sorted(named)) if sign > 0 else (),
    )
