"""Who owes which part of a month, read day by day from the law: for reading, not for speed."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction


@dataclass(frozen=True)
class Right:
    """A right of a person to the flat, by share and with its first and last day."""

    person_id: int
    share: Fraction
    first: date
    last: date | None = None
    is_joint: bool = False


def days_of(period: date) -> list[date]:
    """All days of a month."""
    count = monthrange(period.year, period.month)[1]
    return [period + timedelta(days=number) for number in range(count)]


def parts_of(kopecks: int, rights: list[Right], days: list[date]) -> dict[int | None, int]:
    """Holder → kopecks; None is an unknown owner. Joint owners stand under their first."""
    held_then = [
        right
        for right in rights
        if right.first <= days[-1] and (right.last is None or days[0] <= right.last)
    ]
    joint = [right.person_id for right in held_then if right.is_joint]
    held: dict[int, Fraction] = {}
    for day in days:
        for right in held_then:
            if right.first <= day and (right.last is None or day <= right.last):
                holder = min(joint) if right.is_joint else right.person_id
                held[holder] = held.get(holder, Fraction(0)) + right.share
    # Joint owners stand before owners by share, people in the order of their numbers.
    order: list[int | None] = sorted(held, key=lambda person: (person not in joint, person))
    weights = [held[person] for person in order]
    unknown = len(days) - sum(weights)
    if unknown > 0:
        order.append(None)
        weights.append(Fraction(unknown))
    return {
        person: part
        for person, part in zip(order, largest_remainder(kopecks, weights), strict=True)
        if part
    }


def largest_remainder(whole: int, weights: list[Fraction]) -> list[int]:
    """Whole kopecks in proportion; what is left goes to the largest remainders, the first first."""
    exact = [whole * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts
