"""Who lives in each flat and by what right.

Every flat draws a kind of household; members are made for all flats of a kind at once, so that a
town of any size has the same families.
"""

from dataclasses import dataclass, field

import numpy as np

from operational_db.demo import people as folk
from operational_db.demo.clock import NEVER, Clock
from operational_db.demo.household_kinds import (
    HEAD,
    RELATIONS,
    SOCIAL_TENANCY,
    TEMPLATES,
    TENANCY_NUMBERS,
    WITH_PRIVATE_OWNER,
    Member,
    Template,
)
from operational_db.demo.names import MEN, SURNAMES
from operational_db.demo.organisations import HEAT_KEEPER, KEEPER_IDS, MUNICIPALITY_ID
from operational_db.demo.people import FEMALE, MALE, People
from operational_db.demo.randomness import between, chance, pick, stream
from operational_db.demo.streets import FLAT, Houses, Premises
from operational_db.demo.tables import Columns, nullable

PRESENT, FORMER, OF_HEAT = 0, 1, 2
WOMEN_KEEP_THEIR_NAME = 0.16
SOLD_SHARE = 0.05
JOINED_SHARE = 0.07
LOST_SHARE_ROWS = 0.02
"""Shared flats with one owner missing in the register: their shares do not add up."""


@dataclass(slots=True)
class Households:
    """What is known of each premises (arrays by premises) and of everybody in them."""

    template: np.ndarray
    """Position in ``TEMPLATES``; -1 for premises that are not flats."""
    keeper: np.ndarray
    residents: np.ndarray
    """People billed for now."""
    sold_month: np.ndarray
    """Month (from 0) since which the present owner answers; -1: not sold."""
    is_renumbered: np.ndarray
    joined_month: np.ndarray
    """Month since which the last resident is billed for; -1: all the time."""
    died_month: np.ndarray
    """First month after the death of the only owner; -1: alive."""
    people: People = field(repr=False)
    residencies: "Residencies" = field(repr=False)
    rights: Columns = field(repr=False)
    representations: Columns = field(repr=False)

    @property
    def is_troubled(self) -> np.ndarray:
        marks = np.array([template.is_troubled for template in TEMPLATES] + [False])
        return marks[self.template]

    @property
    def is_tenancy(self) -> np.ndarray:
        return np.isin(self.template, TENANCY_NUMBERS)


@dataclass(slots=True)
class Residencies:
    """Who lived at which premises from when to when; arrays of one length."""

    premises: np.ndarray
    person: np.ndarray
    since: np.ndarray
    until: np.ndarray
    relation: np.ndarray
    is_permanent: np.ndarray
    position: np.ndarray
    role: np.ndarray
    """``PRESENT``, ``FORMER`` (goes with the former account where there is one), or ``OF_HEAT``."""


def settle(
    seed: int, clock: Clock, houses: Houses, premises: Premises, renumbered: int
) -> Households:
    """Give every flat a household and every other premises an owner.

    Just ``renumbered`` of the sold flats had their account closed and opened anew.
    """
    return _Settlement(seed, clock, houses, premises).settle(renumbered)


class _Settlement:
    def __init__(self, seed: int, clock: Clock, houses: Houses, premises: Premises) -> None:
        self.random = stream(seed, "households")
        self.clock = clock
        self.premises = premises
        self.keeper = houses.keeper[premises.house]
        self.house_year = houses.year[premises.house]
        self.people_count = 0
        self.has_direct_heat = houses.has_direct_heat[premises.house]
        self.people: list[People] = []
        self.residencies: list[Residencies] = []
        self.rights: list[dict] = []
        self.representations: list[dict] = []

    def settle(self, renumbered: int) -> Households:
        size, months = len(self.premises), len(self.clock.months)
        random = self.random
        weights = [template.weight for template in TEMPLATES]
        is_flat = self.premises.kind == FLAT
        self.template = np.where(is_flat, pick(random, weights, size), -1)
        private = np.isin(self.template, WITH_PRIVATE_OWNER)
        sold = private & chance(random, SOLD_SHARE, size)
        anew = random.permutation(np.flatnonzero(private))[:renumbered]
        is_renumbered = np.isin(np.arange(size), anew)
        sold |= is_renumbered
        in_window = between(random, min(1, months - 1), months - 1, size=size)
        self.sold_month = np.where(sold, in_window, -1)
        residents_of = np.array(
            [sum(member.lives_here for member in template.members) for template in TEMPLATES] + [0]
        )
        for number, template in enumerate(TEMPLATES):
            if template.head_is_dead:
                residents_of[number] = 0
        self.residents = residents_of[self.template]
        joined = (self.residents > 1) & ~sold & chance(random, JOINED_SHARE, size)
        guarded = np.array([template.guardian for template in TEMPLATES] + [False])
        joined &= ~guarded[self.template]
        self.joined_month = np.where(joined, in_window, -1)
        self.died_month = np.full(size, -1)
        self.owned_since = self._acquisition_days()

        for number, template in enumerate(TEMPLATES):
            self._add_template(template, np.flatnonzero(self.template == number))
        self._add_former_owners(np.flatnonzero(sold))
        self._add_owners_of_the_rest(np.flatnonzero(~is_flat))
        return Households(
            template=self.template,
            keeper=self.keeper,
            residents=self.residents,
            sold_month=self.sold_month,
            is_renumbered=is_renumbered,
            joined_month=self.joined_month,
            died_month=self.died_month,
            people=People.joined(self.people),
            residencies=_joined_residencies(self.residencies),
            rights=self._right_rows(),
            representations=self._representation_rows(),
        )

    def _acquisition_days(self) -> np.ndarray:
        """Return when the present owner got the premises: by sale, or long before the town."""
        size = len(self.premises)
        earliest = np.char.add(np.maximum(self.house_year + 1, 1993).astype(str), "-02-01")
        low = np.minimum(earliest.astype("datetime64[D]"), self.clock.first_day - 400)
        span = (self.clock.first_day - 60 - low).astype(int)
        day = low + (self.random.random(size) * span).astype(np.int64)
        months = self.clock.months[np.maximum(self.sold_month, 0)]
        sale = (months - 1).astype("datetime64[D]") + between(self.random, 4, 25, size=size)
        return np.where(self.sold_month >= 0, sale, day)

    def _add_template(self, template: Template, flats: np.ndarray) -> None:
        if not template.members:
            holder = MUNICIPALITY_ID if template.right == "municipal_property" else 0
            self._add_right(template.right, flats, None, (1, 1), holder=holder)
            heated = flats[self.has_direct_heat[flats]]
            self._add_right(template.right, heated, None, (1, 1), holder=holder, keeper=HEAT_KEEPER)
            return
        random, size = self.random, len(flats)
        sex = pick(random, [0.46, 0.54], size)
        age = between(random, *template.head_age, size=size)
        head = self._people(
            flats,
            sex=sex,
            surname=between(random, 0, len(SURNAMES) - 1, size=size),
            birth=self._birth(age),
        )
        if template.head_is_dead:
            months = len(self.clock.months)
            self.died_month[flats] = between(random, 0, months - 1, size=size)
            month = self.clock.months[self.died_month[flats]]
            head.death = (month - 1).astype("datetime64[D]") + between(random, 0, 27, size=size)
        father_of_children = np.where(
            sex == MALE, head.first_name, between(random, 0, len(MEN) - 1, size=size)
        )
        shared = [member for member in template.members if member.share]
        lost = np.zeros(size, dtype=bool)
        if len(shared) > 1:
            lost = chance(random, LOST_SHARE_ROWS, size)
        head_number = None
        for position, member in enumerate(template.members, start=1):
            if member.kin == HEAD:
                person = head
            else:
                person = self._relative(member, flats, head, father_of_children)
                if member.kin == "spouse":
                    father_of_children = np.where(sex == MALE, head.first_name, person.first_name)
            is_last = position == len(template.members)
            since = np.fmax(self.owned_since[flats] + 12, person.birth + 14)
            if is_last:
                since = self._joining(member, flats, person, since)
            numbers = self._register(person)
            if member.kin == HEAD:
                head_number = numbers
                self._add_heat_payers(template, flats, person, member, since)
            if member.share:
                keep = ~lost if member is shared[-1] else np.ones(size, dtype=bool)
                self._add_right(
                    template.right,
                    flats[keep],
                    numbers[keep],
                    member.share,
                    not_before=person.birth[keep] + 40,
                )
            if member.lives_here:
                self._add_residency(
                    flats, numbers, person, member, since, position, until=person.death
                )
            if member.kin == "minor":
                self._represent(numbers, head_number, person.birth, "родитель")
            if template.guardian and member.kin != HEAD:
                self._represent(head_number, numbers, head.birth + 900, "опекун")

    def _relative(
        self, member: Member, flats: np.ndarray, head: People, father: np.ndarray
    ) -> People:
        random, size = self.random, len(flats)
        age = head.age(self.clock.today)
        keeps_name = chance(random, WOMEN_KEEP_THEIR_NAME, size)
        other_name = between(random, 0, len(SURNAMES) - 1, size=size)
        if member.kin == "spouse":
            sex = np.where(head.sex == MALE, FEMALE, MALE)
            surname = np.where(keeps_name, other_name, head.surname)
            years = np.maximum(between(random, age - 6, age + 6), 19)
            return self._people(flats, sex=sex, surname=surname, birth=self._birth(years))
        if member.kin in {"child", "minor"}:
            oldest = np.maximum(age - 20, 1)
            low, high = (np.zeros(size, int), np.minimum(oldest, 16))
            if member.kin == "child":
                low, high = np.full(size, 18), np.maximum(np.minimum(oldest, 48), 19)
            years = between(random, low, high)
            return self._people(
                flats,
                sex=pick(random, [0.51, 0.49], size),
                surname=head.surname,
                birth=self._birth(years),
                father=father,
            )
        if member.kin == "parent":
            years = age + between(random, 22, 33, size=size)
            sex = pick(random, [0.25, 0.75], size)
            surname = np.where((sex == FEMALE) & keeps_name, other_name, head.surname)
            parent = self._people(flats, sex=sex, surname=surname, birth=self._birth(years))
            # A father's name is the head's patronymic.
            parent.first_name = np.where(sex == MALE, head.father, parent.first_name)
            return parent
        years = between(random, 22, 60, size=size)
        return self._people(
            flats,
            sex=pick(random, [0.5, 0.5], size),
            surname=other_name,
            birth=self._birth(years),
        )

    def _joining(
        self, member: Member, flats: np.ndarray, person: People, since: np.ndarray
    ) -> np.ndarray:
        """The last member may have come in the town's time; a child then was born here."""
        joined = self.joined_month[flats] >= 0
        month = self.clock.months[np.maximum(self.joined_month[flats], 0)]
        day = (month - 1).astype("datetime64[D]") + between(self.random, 14, 26, size=len(flats))
        if member.kin == "minor":
            person.birth = np.where(joined, day - 12, person.birth)
        return np.where(joined, day, since)

    def _add_heat_payers(
        self,
        template: Template,
        flats: np.ndarray,
        head: People,
        member: Member,
        since: np.ndarray,
    ) -> None:
        """The supplier of heat keeps its own record of whoever pays it: data are not shared.

        It knows the one who signed for the flat, and has asked no register for the others.
        """
        own = self.has_direct_heat[flats] & (not template.head_is_dead)
        copied = People(*(getattr(head, column)[own] for column in People.__slots__))
        copied.organisation_id = np.full(len(copied), KEEPER_IDS[HEAT_KEEPER])
        numbers = self._register(copied)
        if member.share:
            self._add_right(
                template.right,
                flats[own],
                numbers,
                member.share,
                not_before=copied.birth + 40,
                keeper=HEAT_KEEPER,
            )
        self._add_residency(
            flats[own],
            numbers,
            copied,
            member,
            since[own],
            1,
            until=copied.death,
            role=OF_HEAT,
        )

    def _add_former_owners(self, flats: np.ndarray) -> None:
        random, size = self.random, len(flats)
        former = self._people(
            flats,
            sex=pick(random, [0.48, 0.52], size),
            surname=between(random, 0, len(SURNAMES) - 1, size=size),
            birth=self._birth(between(random, 32, 86, size=size)),
        )
        numbers = self._register(former)
        sale = self.owned_since[flats]
        since = np.minimum(sale, self.clock.first_day) - between(random, 700, 4_000, size=size)
        self._add_right("ownership", flats, numbers, (1, 1), since=since, until=sale - 1)
        self._add_residency(
            flats,
            numbers,
            former,
            Member(HEAD, "owner"),
            since + 20,
            1,
            until=sale - 1,
            role=FORMER,
        )

    def _add_owners_of_the_rest(self, rooms: np.ndarray) -> None:
        """Shops belong to the municipality, the company or a person; parking places to people."""
        random = self.random
        living_owner = (self.premises.kind[rooms] == 2) | chance(random, 0.55, len(rooms))
        owned = rooms[living_owner]
        size = len(owned)
        owners = self._people(
            owned,
            sex=pick(random, [0.6, 0.4], size),
            surname=between(random, 0, len(SURNAMES) - 1, size=size),
            birth=self._birth(between(random, 25, 70, size=size)),
        )
        self._add_right("ownership", owned, self._register(owners), (1, 1))
        public = rooms[~living_owner]
        municipal = chance(random, 0.6, len(public))
        self._add_right(
            "municipal_property", public[municipal], None, (1, 1), holder=MUNICIPALITY_ID
        )
        for keeper, organisation_id in enumerate(KEEPER_IDS.tolist()):
            own = public[~municipal & (self.keeper[public] == keeper)]
            self._add_right("ownership", own, None, (1, 1), holder=organisation_id)

    def _people(
        self,
        flats: np.ndarray,
        *,
        sex: np.ndarray,
        surname: np.ndarray,
        birth: np.ndarray,
        father: np.ndarray | None = None,
    ) -> People:
        random = self.random
        drawn_father = between(random, 0, len(MEN) - 1, size=len(flats))
        return People(
            organisation_id=KEEPER_IDS[self.keeper[flats]],
            premises=flats,
            sex=sex,
            surname=surname,
            first_name=folk.given_name(random, sex),
            father=drawn_father if father is None else father,
            birth=birth,
            death=np.full(len(flats), NEVER),
        )

    def _register(self, person: People) -> np.ndarray:
        numbers = np.arange(self.people_count, self.people_count + len(person))
        self.people_count += len(person)
        self.people.append(person)
        return numbers

    def _birth(self, years: np.ndarray) -> np.ndarray:
        days = (years * folk.YEAR_DAYS).astype(np.int64)
        return self.clock.today - days - between(self.random, 60, 364, size=len(years))

    def _add_right(
        self,
        kind: str,
        flats: np.ndarray,
        person: np.ndarray | None,
        share: tuple[int, int],
        *,
        holder: int = 0,
        keeper: int | None = None,
        since: np.ndarray | None = None,
        until: np.ndarray | None = None,
        not_before: np.ndarray | None = None,
    ) -> None:
        size = len(flats)
        start = self.owned_since[flats] if since is None else since
        if not_before is not None:
            start = np.fmax(start, not_before)
        keepers = self.keeper[flats] if keeper is None else np.full(size, keeper)
        self.rights.append(
            {
                "organisation": KEEPER_IDS[keepers],
                "premises": flats,
                "right_kind": np.full(size, kind),
                "person": np.full(size, -1) if person is None else person,
                "holder": np.full(size, holder),
                "numerator": np.full(size, share[0]),
                "denominator": np.full(size, share[1]),
                "since": start,
                "until": np.full(size, NEVER) if until is None else until,
            }
        )

    def _add_residency(
        self,
        flats: np.ndarray,
        numbers: np.ndarray,
        person: People,
        member: Member,
        since: np.ndarray,
        position: int,
        *,
        until: np.ndarray,
        role: int = PRESENT,
    ) -> None:
        size = len(flats)
        self.residencies.append(
            Residencies(
                premises=flats,
                person=numbers,
                since=since,
                until=until,
                relation=np.array(RELATIONS[member.relation])[person.sex],
                is_permanent=np.full(size, member.relation != "lodger"),
                position=np.full(size, position),
                role=np.full(size, role),
            )
        )

    def _represent(
        self, persons: np.ndarray, representatives: np.ndarray, since: np.ndarray, basis: str
    ) -> None:
        self.representations.append(
            {
                "person_id": persons + 1,
                "representative_id": representatives + 1,
                "valid_from": since,
                "basis": np.full(len(persons), basis),
            }
        )

    def _right_rows(self) -> Columns:
        parts = {
            name: np.concatenate([part[name] for part in self.rights]) for name in self.rights[0]
        }
        order = np.lexsort((parts["person"], parts["since"], parts["premises"]))
        parts = {name: values[order] for name, values in parts.items()}
        size = len(order)
        random = self.random
        in_register = (parts["right_kind"] != SOCIAL_TENANCY) & (parts["right_kind"] != "unknown")
        registered = in_register & chance(random, 0.8, size)
        year = parts["since"].astype("datetime64[Y]").astype(str)
        numbers = [
            f"50:11:{10_000 + flat % 9_000:07d}:{serial}-50/{serial % 90 + 1:03d}/{of_year}-{n}"
            for flat, serial, of_year, n in zip(
                parts["premises"].tolist(),
                between(random, 100, 9_999, size=size).tolist(),
                year.tolist(),
                between(random, 1, 9, size=size).tolist(),
                strict=True,
            )
        ]
        return {
            "ownership_id": np.arange(1, size + 1),
            "organisation_id": parts["organisation"],
            "premises_id": parts["premises"] + 1,
            "right_kind": parts["right_kind"],
            "person_id": nullable(parts["person"] + 1, parts["person"] >= 0),
            "holder_organisation_id": nullable(parts["holder"], parts["holder"] > 0),
            "share_numerator": parts["numerator"],
            "share_denominator": parts["denominator"],
            "valid_from": parts["since"],
            "valid_to": parts["until"],
            "registration_number": nullable(np.array(numbers), registered),
            "source": np.where(registered, "выписка из ЕГРН", "карточка лицевого счёта"),
            "recorded_at": self.clock.recorded(
                np.maximum(parts["since"] + 10, self.clock.first_day - 18), 13 * 3600
            ),
        }

    def _representation_rows(self) -> Columns:
        names = self.representations[0]
        parts = {
            name: np.concatenate([part[name] for part in self.representations]) for name in names
        }
        known = np.maximum(parts["valid_from"] + 40, self.clock.first_day - 15)
        return {**parts, "recorded_at": self.clock.recorded(known, 14 * 3600)}


def _joined_residencies(parts: list[Residencies]) -> Residencies:
    names = list(Residencies.__dataclass_fields__)
    return Residencies(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
