"""Who owes which part of a month, and who is asked for it, read day by day from the law.

For reading, not for speed.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction


@dataclass(frozen=True)
class Right:
    """A right of a person to the flat, by share and with its first and last day.

    ``kind`` is ``owner`` (by share), ``joint_owners`` or ``tenants``.
    """

    person_id: int
    share: Fraction
    first: date
    last: date | None = None
    kind: str = "owner"


@dataclass(frozen=True)
class Stay:
    """A registration at the flat; ``is_close`` tells the family of an owner from lodgers."""

    person_id: int
    first: date
    last: date | None = None
    is_close: bool = True


@dataclass(frozen=True)
class Guardian:
    """Who represents a child, with the first and last day."""

    ward_id: int
    person_id: int
    first: date
    last: date | None = None


@dataclass(frozen=True)
class Apart:
    """A resident who answers separately by agreement, with the first and last day."""

    person_id: int
    first: date
    last: date | None = None


@dataclass
class Household:
    """Everything about the people of a flat that decides who is asked."""

    rights: list[Right] = field(default_factory=list)
    births: dict[int, date] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    stays: list[Stay] = field(default_factory=list)
    guardians: list[Guardian] = field(default_factory=list)
    agreements: list[Apart] = field(default_factory=list)
    is_family_named: bool = True


@dataclass(frozen=True)
class Party:
    """Those whom one part of a month falls to: an owner, or the very same people together."""

    kind: str
    members: tuple[int, ...]


def days_of(period: date) -> list[date]:
    """All days of a month."""
    count = monthrange(period.year, period.month)[1]
    return [period + timedelta(days=number) for number in range(count)]


def stands(it: Right | Stay | Guardian | Apart, day: date) -> bool:
    return it.first <= day and (it.last is None or day <= it.last)


def holders_on(day: date, rights: Iterable[Right], liability: str) -> dict[Party, Fraction]:
    """Parties that hold the flat on a day, with their shares."""
    held = [right for right in rights if stands(right, day)]
    tenants = [right for right in held if right.kind == "tenants"]
    if tenants and liability != "capital_repair":
        return {Party("tenants", people(tenants)): Fraction(1)}
    shares: dict[Party, Fraction] = {}
    joint = people(right for right in held if right.kind == "joint_owners")
    for right in held:
        if right.kind != "tenants":
            party = Party(right.kind, joint if right.kind == "joint_owners" else (right.person_id,))
            shares[party] = shares.get(party, Fraction(0)) + right.share
    return shares


def people(rights: Iterable[Right]) -> tuple[int, ...]:
    return tuple(sorted({right.person_id for right in rights}))


def parts_of(
    kopecks: int, rights: Sequence[Right], days: list[date], liability: str = "housing"
) -> dict[Party | None, int]:
    """Party → kopecks of a month; None is an unknown owner."""
    weights: dict[Party, Fraction] = {}
    for day in days:
        for party, share in holders_on(day, rights, liability).items():
            weights[party] = weights.get(party, Fraction(0)) + share
    order: list[Party | None] = sorted(
        weights, key=lambda party: (party.kind, party.members[0], party.members)
    )
    listed = [weights[party] for party in order]
    unknown = len(days) - sum(listed)
    if unknown > 0:
        order.append(None)
        listed.append(Fraction(unknown))
    parts = largest_remainder(kopecks, listed)
    return {party: part for party, part in zip(order, parts, strict=True) if part}


def named_by(party: Party, parties: Iterable[Party]) -> int:
    """Person whose number the part bears: who stands in as few parties of the month as possible."""
    listed = [other.members for other in parties]
    return min(party.members, key=lambda it: (sum(it in other for other in listed), it))


def largest_remainder(whole: int, weights: list[Fraction]) -> list[int]:
    """Whole kopecks in proportion; what is left goes to the largest remainders, the first first."""
    exact = [whole * weight / sum(weights) for weight in weights]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def is_child(person_id: int, day: date, home: Household) -> bool:
    born = home.births.get(person_id)
    return born is not None and day < born.replace(year=born.year + 18)


def lives_all_month(person_id: int, days: list[date], home: Household) -> bool:
    """Registered on each day, of age on each, alive, and answering with the others."""
    return person_id not in home.dead and all(
        any(stands(stay, day) for stay in home.stays if stay.person_id == person_id)
        and not is_child(person_id, day, home)
        and not any(stands(apart, day) for apart in home.agreements if apart.person_id == person_id)
        for day in days
    )


Asked = tuple[int, str, int | None]


def asked_of(party: Party, days: list[date], home: Household) -> set[Asked]:
    """Who is asked for a part: person, as what, for which child. Family of an owner is not here."""
    last = days[-1]
    members = set(party.members)
    asked: set[Asked] = set()
    children = {member for member in members if is_child(member, last, home)}
    if party.kind == "tenants" and children != members:
        members -= children
        children = set()
    for member in members - children:
        asked.add((member, "share" if party.kind == "owner" else "joint", None))
    for child in children:
        guardians = [
            guardian.person_id
            for guardian in home.guardians
            if guardian.ward_id == child and stands(guardian, last)
        ]
        asked |= {(guardian, "representative", child) for guardian in guardians}
        if not guardians:
            asked.add((child, "minor", None))
    if party.kind == "tenants":
        asked |= {(it, "family", None) for it in _lodgers(party, days, home, asked)}
    return asked


def family_of(party: Party, days: list[date], home: Household, asked: set[Asked]) -> set[int]:
    """Family that answers with the owner of a whole flat for the utilities of a month."""
    if party.kind == "tenants" or not home.is_family_named:
        return set()
    if not any(lives_all_month(member, days, home) for member in party.members):
        return set()
    close = {stay.person_id for stay in home.stays if stay.is_close}
    return _lodgers(party, days, home, asked) & close


def _lodgers(party: Party, days: list[date], home: Household, asked: set[Asked]) -> set[int]:
    guardians = {person for person, kind, _ in asked if kind == "representative"}
    return {
        stay.person_id
        for stay in home.stays
        if lives_all_month(stay.person_id, days, home)
        and stay.person_id not in party.members
        and stay.person_id not in guardians
    }
