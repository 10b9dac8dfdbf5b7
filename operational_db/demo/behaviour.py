"""How people pay: each account has one habit for as long as the town is watched."""

from dataclasses import dataclass

import numpy as np

from operational_db.demo.accounts import Accounts
from operational_db.demo.clock import Clock
from operational_db.demo.households import Households
from operational_db.demo.randomness import between, chance, pick, stream

ALWAYS = (1.0,) * 12
# From January to December.
NEVER_IN_WINTER = (0.0, 0.0, 0.05, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9, 0.9, 0.1, 0.0)


@dataclass(frozen=True, slots=True)
class Habit:
    """One way to pay. ``weight`` for most accounts, ``troubled_weight`` where nobody is in charge.

    In a month the payer pays with the chance of its calendar month; then ``part`` (low to high) of
    what is owed – or of the last bill, where ``looks_at_bill`` – ``days`` after the due day.
    """

    code: str
    weight: float
    troubled_weight: float = 0.0
    chance: tuple[float, ...] = ALWAYS
    part: tuple[float, float] = (1.0, 1.0)
    looks_at_bill: bool = False
    days: tuple[int, int] = (-9, 0)
    months_ahead: tuple[int, int] = (0, 0)
    every_months: int = 1
    rounds_up: bool = False
    stops: bool = False
    never_paid: bool = False
    court_chance: float = 0.0
    """Of an order of the court some months after the payer stopped."""
    recovery: tuple[float, float] = (0.0, 0.0)
    """Part of the adjudged sum that bailiffs bring in a month."""
    resumes: bool = False
    """Pays the new bills after the order."""
    old_debt_chance: float = 0.0
    """Of arrears from the years before the town, handed over with the account."""


def usually(probability: float) -> tuple[float, ...]:
    return (probability,) * 12


HABITS = (
    Habit("in time", 0.675, 0.28, chance=usually(0.987)),
    Habit("automatically", 0.065, 0.02, days=(-8, -6)),
    Habit("late by days", 0.08, 0.1, chance=usually(0.97), days=(1, 18)),
    Habit("in lumps", 0.045, 0.06, every_months=2, chance=usually(0.93), days=(-4, 16)),
    Habit("in part", 0.026, 0.04, part=(0.35, 0.95), looks_at_bill=True, old_debt_chance=0.2),
    Habit("ahead", 0.03, months_ahead=(1, 4)),
    Habit("never in winter", 0.006, chance=NEVER_IN_WINTER, days=(-5, 12)),
    Habit("overpays", 0.016, looks_at_bill=True, rounds_up=True),
    Habit("now and then", 0.022, 0.08, chance=usually(0.42), part=(0.3, 1.0), days=(-5, 14)),
    Habit(
        "stopped",
        0.015,
        0.27,
        stops=True,
        court_chance=0.3,
        recovery=(0.0, 0.07),
        old_debt_chance=0.25,
    ),
    Habit(
        "never",
        0.011,
        0.15,
        stops=True,
        never_paid=True,
        court_chance=0.35,
        recovery=(0.0, 0.03),
        old_debt_chance=0.85,
    ),
    Habit(
        "paid after court",
        0.011,
        stops=True,
        court_chance=1.0,
        recovery=(0.15, 0.5),
        resumes=True,
    ),
)
NUMBER = {habit.code: number for number, habit in enumerate(HABITS)}
FORMER_OWNER_LEAVES_DEBT = 0.22
EARLY = 1.5
COURT_AFTER_MONTHS = (6, 12)
FORGIVEN_SHARE = 0.6
NO_MONTH = 10_000


@dataclass(slots=True)
class Payers:
    """Habits of accounts; arrays of one length. Months are counted from 0, ``NO_MONTH``: never."""

    habit: np.ndarray
    stopped: np.ndarray
    """First month whose bill is not paid any more."""
    order_month: np.ndarray
    """Month of the court order."""
    has_old_debt: np.ndarray
    forgiven_month: np.ndarray
    """Month in which old debt is written off."""

    def of(self, name: str) -> np.ndarray:
        """Return an attribute of the habits, by account."""
        return np.array([getattr(habit, name) for habit in HABITS])[self.habit]

    def part(self, begin: int, end: int) -> "Payers":
        return Payers(*(getattr(self, name)[begin:end] for name in Payers.__slots__))


def give_habits(seed: int, clock: Clock, accounts: Accounts, households: Households) -> Payers:
    """Draw the habit of every account and the months in which it changes."""
    random = stream(seed, "habits")
    size, months = len(accounts), len(clock.months)
    at = accounts.premises
    usual = pick(random, [habit.weight for habit in HABITS], size)
    troubled = pick(random, [habit.troubled_weight for habit in HABITS], size)
    habit = np.where(households.is_troubled[at], troubled, usual)
    leaves_debt = accounts.is_former & chance(random, FORMER_OWNER_LEAVES_DEBT, size)
    habit = np.where(leaves_debt, NUMBER["stopped"], habit)
    payers = Payers(habit, *(np.full(size, NO_MONTH) for _ in range(4)))

    stops, resumes = payers.of("stops"), payers.of("resumes")
    # Most of those who stop did so long ago: the debt of a town is old.
    any_month = (months * random.random(size) ** EARLY).astype(np.int64)
    # Whoever paid after a court must have had the time to.
    early = between(random, 0, max(0, months - 14), size=size)
    stopped = np.where(resumes, early, any_month)
    died = households.died_month[at]
    stopped = np.where(died >= 0, died, stopped)
    before_sale = np.maximum(accounts.open_until - between(random, 1, 8, size=size), 0)
    stopped = np.where(leaves_debt, before_sale, stopped)
    stopped = np.where(payers.of("never_paid"), 0, stopped)
    payers.stopped = np.where(stops, stopped, NO_MONTH)

    in_court = stops & chance(random, payers.of("court_chance"), size)
    order = payers.stopped + between(random, *COURT_AFTER_MONTHS, size=size)
    payers.order_month = np.where(in_court & (order < months), order, NO_MONTH)

    payers.has_old_debt = chance(random, payers.of("old_debt_chance"), size)
    payers.has_old_debt &= accounts.open_from == 0
    forgiven = payers.of("never_paid") & (payers.order_month == NO_MONTH)
    forgiven &= chance(random, FORGIVEN_SHARE, size)
    half = months // 2
    when = between(random, half, max(half, months - 1), size=size)
    payers.forgiven_month = np.where(forgiven, when, NO_MONTH)
    return payers
