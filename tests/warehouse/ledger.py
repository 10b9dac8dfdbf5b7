"""The facts of one account, as small as the warehouse needs them. Sums are whole kopecks."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Charge:
    """A line of the ledger: what a month came to for a service, or what changed it later."""

    number: int
    period: date
    service: int
    kopecks: int
    booked_on: date
    kind: str = "charge"
    due_date: date | None = None


@dataclass(frozen=True)
class Claimed:
    """What a case claims of a month, whosever parts they are."""

    liability: str
    period: date
    kopecks: int


@dataclass(frozen=True)
class CourtOrder:
    """An order on a case of ours: the months claimed, and the sums that the court awarded."""

    number: int
    claimed: tuple[Claimed, ...]
    principal: int
    duty: int = 0
    penalty: int = 0


@dataclass(frozen=True)
class Payment:
    """A receipt, or below zero a refund. ``order``: the first and last month adjudged elsewhere.

    ``under``: the order of ours that it came under.
    """

    number: int
    paid_on: date
    kopecks: int
    named_period: date | None = None
    order: tuple[date, date] | None = None
    reverses: int | None = None
    under: CourtOrder | None = None


@dataclass(frozen=True)
class WriteOff:
    """Debt given up, or below zero a write-off that was cancelled."""

    number: int
    written_off_on: date
    kopecks: int
    periods: tuple[date, ...] = ()


@dataclass(frozen=True)
class OwnDueDay:
    """A due day of a contract for months in a row; without a day, the law's again."""

    liability: str
    day: int | None
    first: date
    last: date | None = None


@dataclass(frozen=True)
class Ledger:
    """All facts of an account. Numbers are unique within a kind; of due days the later counts."""

    charges: tuple[Charge, ...] = ()
    payments: tuple[Payment, ...] = ()
    write_offs: tuple[WriteOff, ...] = ()
    own_due_days: tuple[OwnDueDay, ...] = ()


def next_month(day: date) -> date:
    """First day of the month after the month of ``day``."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
