"""Penalty by the law in plain Python, day by day: what SQL is checked by.

Written from the law and from the files of reference data, for reading and not for speed. Every day
of delay of every piece of debt is asked in turn whether it bears penalty and by which rule; days in
a row under one rule make a line.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from tests.warehouse.reference_allocation import Piece
from tests.warehouse.reference_calendar import HOUSING

DATA = Path(__file__).parents[2] / "operational_db" / "reference" / "data"
KOPECK = Decimal("0.01")
ONE_DAY = timedelta(days=1)
HOLDS_OF_PENALTY = ("no_penalty", "exempt_person", "late_bill")


@dataclass(frozen=True)
class Hold:
    """Days, both ends included, in which an account bears no penalty or is not pursued."""

    kind: str
    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        if day < self.first or (self.last is not None and day > self.last):
            return False
        if self.kind != "exempt_person":
            return True
        return any(limit.first <= day <= limit.last for limit in _limits("exempt_person"))


@dataclass(frozen=True)
class Line:
    """Days in a row on which a piece of debt bears penalty under one rule. Roubles and per cent."""

    liability: str
    period: date
    due_date: date
    delay_from: date
    base: Decimal
    date_from: date
    date_to: date
    days: int
    rate: Decimal
    denominator: int
    rule: str
    penalty: Decimal
    begins_because: str
    ends_because: str
    closed_by: tuple[str, int] | None
    is_verified: bool


@dataclass(frozen=True)
class Step:
    """A row of penalty_step.csv: which fraction of the rate which days of delay bear, and when."""

    name: str
    debtor_kind: str
    liability: str
    valid_from: date
    valid_to: date
    day_from: int
    day_to: float
    denominator: int | None

    def governs(self, counted_from: date, day: date) -> bool:
        day_of_delay = (day - counted_from).days
        return (
            self.valid_from <= day <= self.valid_to and self.day_from <= day_of_delay <= self.day_to
        )


@dataclass(frozen=True)
class Limit:
    """A row of moratorium.csv: days taken out of the count, or a cap on the rate."""

    kind: str
    first: date
    last: date
    rate_mode: str
    cap: Decimal | None
    debts_before: date | None


Bills = Mapping[date, date | None]
"""When the bill of a month came; None: it has not."""


def lines_of(
    pieces: Iterable[Piece],
    day: date,
    debtor_kind: str = "citizen",
    holds: Iterable[Hold] = (),
    bills: Bills | None = None,
    *,
    is_stepped: bool = False,
) -> list[Line]:
    """Lines of penalty of an account as they are reckoned on ``day``.

    ``is_stepped`` takes the rate of each day instead of the law's: what other programs do.
    """
    standing = [hold for hold in holds if hold.kind in HOLDS_OF_PENALTY]
    return [
        line
        for piece in pieces
        if piece.kind != "advance" and piece.opened <= day
        for line in _lines_of_piece(piece, day, debtor_kind, standing, bills or {}, is_stepped)
    ]


def delay_from(piece: Piece, bills: Bills) -> date | None:
    """The day after which the delay is counted; None while the bill has not come."""
    if piece.kind != "debt" or piece.period not in bills:
        return piece.due_date
    delivered, days_to_pay = bills[piece.period], days_to_pay_a_late_bill()
    if days_to_pay is None:
        return piece.due_date
    if delivered is None:
        return None
    if delivered > piece.due_date:
        return delivered + timedelta(days=days_to_pay)
    return piece.due_date


def _lines_of_piece(
    piece: Piece, day: date, debtor_kind: str, holds: list[Hold], bills: Bills, is_stepped: bool
) -> list[Line]:
    # A debt that a refund made by itself has no liability; it is reckoned like housing.
    liability = piece.liability or HOUSING
    is_paid = piece.closed is not None and piece.closed <= day
    last_day = piece.closed if is_paid else day  # the day of payment itself is still in delay
    day_of_refund = piece.opened if piece.reopened_by else date.min
    counted_from = delay_from(piece, bills)
    if counted_from is None:
        return []

    def is_held(asked: date) -> bool:
        return any(hold.covers(asked) for hold in holds)

    def rate_of(asked: date) -> tuple[Decimal, bool]:
        """The rate that a day bears, and whether it is known for sure."""
        its_day = asked if is_stepped else last_day
        return rate_on(its_day), is_verified_on(its_day)

    def bears(asked: date) -> bool:
        step = step_on(debtor_kind, liability, counted_from, asked)
        is_free = not step.denominator or is_in_moratorium(piece.period, asked)
        return not is_free and not is_held(asked)

    runs: list[tuple[Step, tuple[Decimal, bool], list[date]]] = []
    asked = max(counted_from, day_of_refund) + ONE_DAY
    while asked <= last_day:
        if bears(asked):
            step = step_on(debtor_kind, liability, counted_from, asked)
            rate = rate_of(asked)
            if runs and runs[-1][:2] == (step, rate) and runs[-1][2][-1] == asked - ONE_DAY:
                runs[-1][2].append(asked)
            else:
                runs.append((step, rate, [asked]))
        asked += ONE_DAY

    def is_only_another_rate(earlier: date, later: date) -> bool:
        """Tell whether both days bear penalty by one rule, so that the rate alone parts them."""
        if earlier <= max(counted_from, day_of_refund) or later > last_day:
            return False
        steps = {step_on(debtor_kind, liability, counted_from, d) for d in (earlier, later)}
        return bears(earlier) and bears(later) and len(steps) == 1

    def why_it_begins(step: Step, first: date) -> str:
        if is_only_another_rate(first - ONE_DAY, first):
            return "rate"
        if first - ONE_DAY == day_of_refund > counted_from:
            return "refund"
        if (first - counted_from).days == step.day_from:
            return "step"
        if is_in_moratorium(piece.period, first - ONE_DAY):
            return "moratorium_end"
        return "hold_end" if is_held(first - ONE_DAY) else "rule"

    def why_it_ends(last: date) -> str:
        if is_only_another_rate(last, last + ONE_DAY):
            return "rate"
        if last == last_day:
            return "closed" if is_paid else "calculation"
        if is_in_moratorium(piece.period, last + ONE_DAY):
            return "moratorium"
        return "hold" if is_held(last + ONE_DAY) else "step"

    base = Decimal(piece.kopecks).scaleb(-2)
    return [
        Line(
            liability=liability,
            period=piece.period,
            due_date=piece.due_date,
            delay_from=counted_from,
            base=base,
            date_from=days[0],
            date_to=days[-1],
            days=len(days),
            rate=rate,
            denominator=step.denominator,
            rule=step.name,
            penalty=rounded(base * rate * len(days) / (100 * step.denominator)),
            begins_because=why_it_begins(step, days[0]),
            ends_because=why_it_ends(days[-1]),
            closed_by=piece.credit if is_paid else None,
            is_verified=is_verified,
        )
        for step, (rate, is_verified), days in runs
    ]


def rounded(roubles: Decimal) -> Decimal:
    """To kopecks, half up."""
    return roubles.quantize(KOPECK, ROUND_HALF_UP)


NO_RULE = Step("", "", "", date.min, date.max, 1, float("inf"), None)


def step_on(debtor_kind: str, liability: str, counted_from: date, day: date) -> Step:
    """The one rule that governs a day of delay; where the law has none, nothing is due."""
    governing = [step for step in _steps(debtor_kind, liability) if step.governs(counted_from, day)]
    assert len(governing) <= 1, f"two rules on one day: {governing}"
    return governing[0] if governing else NO_RULE


def is_in_moratorium(period: date, day: date) -> bool:
    """Tell whether the day is taken out for debts of the month. The count of days goes on."""
    return any(
        limit.first <= day <= limit.last
        and (limit.debts_before is None or period < limit.debts_before)
        for limit in _limits("exclude_days")
    )


@cache
def rate_on(day: date) -> Decimal:
    """Key rate of the day under the cap of the day, per cent a year."""
    caps = [limit for limit in _limits("rate_cap") if limit.first <= day <= limit.last]
    if not caps:
        return key_rate_on(day)
    [cap] = caps
    if cap.rate_mode == "fixed":
        return cap.cap
    assert cap.rate_mode == "min"
    return min(cap.cap, key_rate_on(day))


@cache
def key_rate_on(day: date) -> Decimal:
    """The last rate that began on the day or before it."""
    [*_, rate] = [
        row["rate_pct"]
        for row in sorted(_rows("key_rate"), key=lambda row: row["start_date"])
        if date.fromisoformat(row["start_date"]) <= day
    ]
    return Decimal(rate)


@cache
def is_verified_on(day: date) -> bool:
    """Tell whether the rate is known: both tables are verified so far, or the cap decides."""
    if day > _verified_through("moratorium"):
        return False
    if day <= _verified_through("key_rate"):
        return True
    return rate_on(day) < key_rate_on(day)


@cache
def days_to_pay_a_late_bill() -> int | None:
    """From delivery; None when the rule is switched off and the due date stands."""
    [row] = [row for row in _rows("legal_term") if row["code"] == "payment_after_late_bill"]
    return int(row["value"]) if row["is_enabled"] == "true" else None


@cache
def _steps(debtor_kind: str, liability: str) -> list[Step]:
    return [
        Step(
            name=row["step_id"],
            debtor_kind=row["debtor_kind"],
            liability=row["liability"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=_day(row["valid_to"]) or date.max,
            day_from=int(row["day_from"]),
            day_to=int(row["day_to"]) if row["day_to"] else float("inf"),
            denominator=int(row["denominator"]) if row["denominator"] else None,
        )
        for row in _rows("penalty_step")
        if row["is_enabled"] == "true"
        and row["debtor_kind"] == debtor_kind
        and row["liability"] == liability
    ]


@cache
def _limits(kind: str) -> list[Limit]:
    return [
        Limit(
            kind=kind,
            first=date.fromisoformat(row["date_from"]),
            last=_day(row["date_to"]) or date.max,
            rate_mode=row["rate_mode"],
            cap=Decimal(row["cap_pct"]) if row["cap_pct"] else None,
            debts_before=_day(row["debts_before"]),
        )
        for row in _rows("moratorium")
        if row["is_enabled"] == "true" and row["kind"] == kind
    ]


@cache
def _verified_through(table: str) -> date:
    [row] = [row for row in _rows("manifest") if row["table_name"] == table]
    return date.fromisoformat(row["verified_through"])


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _rows(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
