"""Names must be right Russian, and families must be possible."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from operational_db.demo import streets
from operational_db.demo.clock import Clock
from operational_db.demo.household_kinds import TEMPLATES
from operational_db.demo.households import PRESENT, Households, settle
from operational_db.demo.names import MEN, SURNAMES, WOMEN
from operational_db.demo.organisations import HEAT_KEEPER, KEEPER_IDS
from operational_db.demo.people import MALE, full_names, identifier_rows, person_rows

TODAY = date(2026, 11, 21)
SEED = 7
HEAT_SUPPLIER = int(KEEPER_IDS[HEAT_KEEPER])


@dataclass(frozen=True)
class Settled:
    clock: Clock
    premises: streets.Premises
    households: Households


@pytest.fixture(scope="module")
def settled() -> Settled:
    clock = Clock.ending(TODAY, 36)
    houses, premises = streets.build_houses(SEED, 3_000)
    return Settled(clock, premises, settle(SEED, clock, houses, premises, renumbered=40))


def test_a_woman_bears_the_surname_in_its_female_form():
    for man, woman in SURNAMES:
        for his, hers in zip(man.split("-"), woman.split("-"), strict=True):
            assert hers == female_form(his)


def female_form(surname: str) -> str:
    """Say the rule once more, independently of the list."""
    if surname.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return surname + "а"
    if surname.endswith(("ий", "ый", "ой")):
        return surname[:-2] + "ая"
    return surname


def test_patronymics_tell_a_son_from_a_daughter():
    for name, of_son, of_daughter in MEN:
        assert of_son.endswith("ич"), name
        assert of_daughter.endswith(("овна", "евна", "ична")), name
        # Лев – Львович and Павел – Павлович lose a vowel, Пётр its ё.
        assert of_son[:2].replace("ё", "е") == of_daughter[:2].replace("ё", "е")


def test_no_name_is_listed_twice():
    for names in ([man for man, _ in SURNAMES], [name for name, _, _ in MEN], WOMEN):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_everybody_has_names_of_their_own_sex(settled: Settled):
    people = settled.households.people
    men = {man for man, _ in SURNAMES}, {n for n, _, _ in MEN}, {son for _, son, _ in MEN}
    women = {woman for _, woman in SURNAMES}, set(WOMEN), {daughter for _, _, daughter in MEN}

    rows = zip(people.sex, *(column.to_pylist() for column in full_names(people)), strict=True)
    for sex, *names in rows:
        allowed = men if sex == MALE else women
        assert all(name in known for name, known in zip(names, allowed, strict=True)), names


def test_a_child_bears_the_name_of_the_father_in_the_household(settled: Settled):
    people, living = settled.households.people, settled.households.residencies
    present = living.role == PRESENT
    rows = list(
        zip(living.premises[present], living.person[present], living.relation[present], strict=True)
    )
    fathers = {
        flat: person
        for flat, person, relation in rows
        if relation == "собственник" and people.sex[person] == MALE
    }
    checked = 0
    for flat, person, relation in rows:
        if relation in {"сын", "дочь"} and flat in fathers:
            assert people.father[person] == people.first_name[fathers[flat]]
            checked += 1
    assert checked > 100


def test_nobody_is_born_after_moving_in_or_in_the_future(settled: Settled):
    people, living = settled.households.people, settled.households.residencies

    assert (people.birth < settled.clock.today).all()
    assert (living.since > people.birth[living.person]).all()
    leaving = ~np.isnat(living.until)
    assert (living.until[leaving] > living.since[leaving]).all()


def test_every_minor_has_a_grown_up_representative(settled: Settled):
    people = settled.households.people
    age = people.age(settled.clock.today)
    links = settled.households.representations
    represented = set((links["person_id"] - 1).tolist())

    owners = settled.households.rights["person_id"].to_numpy(zero_copy_only=False)
    owners = owners[~np.isnan(owners)].astype(int) - 1
    minors_who_own = set(owners[age[owners] < 18].tolist())
    assert minors_who_own
    # The supplier of heat notes who pays and nobody's representative.
    assert minors_who_own <= represented
    assert (age[links["representative_id"] - 1] >= 18).all()


def test_shares_of_premises_make_a_whole_save_for_a_few_to_be_mended(settled: Settled):
    rights = settled.households.rights
    # Each organisation keeps its own record of the rights to premises.
    total: dict[tuple[int, int], Fraction] = {}
    for organisation, premises, numerator, denominator, until in zip(
        rights["organisation_id"],
        rights["premises_id"],
        rights["share_numerator"],
        rights["share_denominator"],
        rights["valid_to"],
        strict=True,
    ):
        if np.isnat(until):
            record = int(organisation), int(premises)
            total[record] = total.get(record, Fraction()) + Fraction(
                int(numerator), int(denominator)
            )

    assert len({premises for _, premises in total}) == len(settled.premises)
    assert all(0 < whole <= 1 for whole in total.values())
    # The supplier of heat knows whoever signed for the flat, and has asked no register.
    managed = [whole for (keeper, _), whole in total.items() if keeper != HEAT_SUPPLIER]
    assert 0 < sum(whole < 1 for whole in managed) < 0.03 * len(managed)


def test_all_kinds_of_households_live_in_the_town(settled: Settled):
    kinds = Counter(settled.households.template.tolist())

    assert [t.code for number, t in enumerate(TEMPLATES) if not kinds[number]] == []


def test_most_people_can_be_told_from_a_namesake_and_some_cannot(settled: Settled):
    people = settled.households.people
    rows = identifier_rows(SEED, settled.clock, people)
    with_papers = len(set(rows["person_id"].to_pylist()))

    assert 0.8 < with_papers / len(people) < 0.99
    assert set(rows["kind"].to_pylist()) == {"snils", "inn", "passport", "birth_certificate"}


def test_nothing_about_people_was_recorded_before_it_happened(settled: Settled):
    rows = person_rows(SEED, settled.clock, settled.households.people)
    recorded = rows["recorded_at"]
    people = settled.households.people

    assert (recorded > people.birth.astype("datetime64[s]")).all()
    dead = ~np.isnat(people.death)
    assert dead.any()
    assert (recorded[dead] > people.death[dead].astype("datetime64[s]")).all()
    assert (recorded <= settled.clock.latest_moment).all()
