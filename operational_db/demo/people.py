"""People as rows: names that agree in gender, dates of life, contacts and identifiers.

None of them exists. Phones lie in a code that no operator has, e-mails in a domain that is reserved
for examples, ИНН under tax offices that do not exist, СНИЛС in a range that has not been given out.
"""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operational_db.demo import check_digits
from operational_db.demo.clock import Clock
from operational_db.demo.names import MEN, SURNAMES, WOMEN
from operational_db.demo.organisations import HEAT_KEEPER, KEEPER_IDS
from operational_db.demo.randomness import between, chance, pick, stream
from operational_db.demo.tables import Columns, nullable

MALE, FEMALE = 0, 1
FREE_PHONE_CODE = 975
FREE_INN = 5090_000_000
FREE_SNILS = 901_000_000
ADULT_AGE, PASSPORT_AGE = 18, 14
YEAR_DAYS = 365.25
BIRTH_PLACES = (
    ("г. Красногорск Московской области", 0.34),
    ("г. Москва", 0.3),
    ("г. Тула", 0.05),
    ("г. Тверь", 0.05),
    ("г. Саратов", 0.04),
    ("с. Ильинское Красногорского района Московской области", 0.03),
    ("г. Воронеж", 0.04),
    ("г. Нижний Новгород", 0.05),
    ("г. Душанбе", 0.02),
    ("г. Бишкек", 0.02),
    ("дер. Гольёво Красногорского района Московской области", 0.06),
)
LATIN = (
    *("aleksandr", "andrey", "anna", "elena", "ivan", "irina", "maria", "mikhail"),
    *("natalia", "nikolay", "olga", "pavel", "sergey", "tatiana", "viktor", "yulia"),
)
PASSPORT_OFFICE = "ГУ МВД России по Московской области"
REGISTRY_OFFICE = "Красногорский отдел ЗАГС"


@dataclass(slots=True)
class People:
    """People by number (from 0); arrays of one length. Names are positions in the lists."""

    organisation_id: np.ndarray
    premises: np.ndarray
    sex: np.ndarray
    surname: np.ndarray
    first_name: np.ndarray
    father: np.ndarray
    """Position of the father's name in ``MEN``."""
    birth: np.ndarray
    death: np.ndarray

    def __len__(self) -> int:
        return len(self.sex)

    @classmethod
    def joined(cls, parts: list["People"]) -> "People":
        """Return the people of all parts, in order."""
        return cls(
            *(
                np.concatenate([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            )
        )

    def age(self, day: np.datetime64) -> np.ndarray:
        """Return full years on a day."""
        return ((day - self.birth).astype(int) / YEAR_DAYS).astype(int)


def given_name(random: np.random.Generator, sex: np.ndarray) -> np.ndarray:
    """Draw a position in the list of names of each sex."""
    return between(random, 0, np.where(sex == MALE, len(MEN), len(WOMEN)) - 1)


def full_names(people: People) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return surnames, given names and patronymics."""
    is_man = pa.array(people.sex == MALE)

    def by_sex(men: list[str], women: list[str], men_at, women_at) -> pa.Array:
        last_man, last_woman = len(men) - 1, len(women) - 1
        return pc.if_else(
            is_man,
            pa.array(men).take(pa.array(np.minimum(men_at, last_man))),
            pa.array(women).take(pa.array(np.minimum(women_at, last_woman))),
        )

    return (
        by_sex([m for m, _ in SURNAMES], [f for _, f in SURNAMES], people.surname, people.surname),
        by_sex([name for name, _, _ in MEN], list(WOMEN), people.first_name, people.first_name),
        by_sex([m for _, m, _ in MEN], [f for _, _, f in MEN], people.father, people.father),
    )


def person_rows(seed: int, clock: Clock, people: People) -> Columns:
    """Return rows of ``ops.person``; some lack the date of birth, a phone or an e-mail."""
    random = stream(seed, "person rows")
    size = len(people)
    last_names, first_names, patronymics = full_names(people)
    age = people.age(clock.today)
    places = pa.array([place for place, _ in BIRTH_PLACES])
    place = places.take(pa.array(pick(random, [weight for _, weight in BIRTH_PLACES], size)))
    knows_birth = chance(random, np.where(age < ADULT_AGE, 1.0, 0.86), size)
    # A date of death is only believed beside a date of birth.
    knows_birth |= ~np.isnat(people.death)
    registered = between(random, 1, 190, size=size).astype(str)
    elsewhere = chance(random, 0.06, size) & (age >= ADULT_AGE)
    return {
        "person_id": np.arange(1, size + 1),
        "organisation_id": people.organisation_id,
        "last_name": last_names,
        "first_name": first_names,
        "middle_name": nullable(patronymics, chance(random, 0.992, size)),
        "sex": nullable(np.array(["male", "female"])[people.sex], chance(random, 0.985, size)),
        "birth_date": nullable(people.birth, knows_birth),
        "birth_place": nullable(place, knows_birth & chance(random, 0.78, size)),
        "death_date": people.death,
        "registered_address": nullable(
            np.char.add("г. Москва, Волоколамское ш., д. 1, кв. ", registered), elsewhere
        ),
        "phone": nullable(_phones(random, size), chance(random, 0.82, size) & (age >= ADULT_AGE)),
        "email": nullable(_emails(random, size), chance(random, 0.34, size) & (age >= ADULT_AGE)),
        "recorded_at": known_since(clock, people),
    }


def known_since(clock: Clock, people: People) -> np.ndarray:
    """Return when people were entered: before the first month, or after their birth or death."""
    days = np.fmax(np.fmax(people.birth + 30, people.death + 40), clock.first_day - 20)
    return clock.recorded(days, 12 * 3600)


def identifier_rows(seed: int, clock: Clock, people: People) -> Columns:
    """Return rows of ``ops.person_identifier``: most people have some, some have none."""
    random = stream(seed, "identifiers")
    size = len(people)
    numbers = np.arange(size)
    # The supplier of heat knows its payers by name only; a person has one СНИЛС, not two.
    is_described = people.organisation_id != KEEPER_IDS[HEAT_KEEPER]
    age = people.age(clock.today)
    adult, has_passport = age >= ADULT_AGE, age >= PASSPORT_AGE
    parts = []

    def add(kind: str, has: np.ndarray, number: pa.Array, issuer: str | None, issued) -> None:
        holders = np.flatnonzero(has & is_described)
        parts.append(
            pa.table(
                {
                    "person_id": holders + 1,
                    "kind": np.full(len(holders), kind),
                    "number": number.take(pa.array(holders)),
                    "issued_by": pa.array([issuer] * len(holders), pa.string()),
                    "issued_on": pa.array(issued[holders]),
                }
            )
        )

    never = np.full(size, np.datetime64("NaT", "D"))
    at_fourteen = people.birth + round(PASSPORT_AGE * YEAR_DAYS) + 25
    at_twenty = people.birth + round(20 * YEAR_DAYS) + 20
    at_forty_five = people.birth + round(45 * YEAR_DAYS) + 20
    passport_day = np.where(age >= 46, at_forty_five, np.where(age >= 21, at_twenty, at_fourteen))
    snils = FREE_SNILS + numbers
    add("snils", chance(random, 0.88, size), _snils(snils), None, never)
    inns = pa.array(check_digits.inns_of_people(FREE_INN + numbers)).cast(pa.string())
    add("inn", chance(random, 0.69, size) & adult, inns, None, never)
    add(
        "passport",
        chance(random, 0.76, size) & has_passport,
        _passports(random, passport_day),
        PASSPORT_OFFICE,
        passport_day,
    )
    add(
        "birth_certificate",
        chance(random, 0.6, size) & ~has_passport,
        _padded("IV-ИК № ", between(random, 500_000, 999_999, size=size), 6),
        REGISTRY_OFFICE,
        np.minimum(people.birth + 20, clock.today - 1),
    )
    table = pa.concat_tables(parts).sort_by([("person_id", "ascending")])
    return {
        "person_identifier_id": np.arange(1, table.num_rows + 1),
        **{name: table[name] for name in table.column_names},
        "recorded_at": known_since(clock, people)[table["person_id"].to_numpy() - 1],
    }


def _padded(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    text = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(pa.repeat(prefix, len(numbers)), text, "")


def _phones(random: np.random.Generator, size: int) -> pa.Array:
    return _padded(f"+7{FREE_PHONE_CODE}", between(random, 0, 9_999_999, size=size), 7)


def _emails(random: np.random.Generator, size: int) -> pa.Array:
    name = pa.array(LATIN).take(pa.array(between(random, 0, len(LATIN) - 1, size=size)))
    number = pa.array(between(random, 10, 99_999, size=size)).cast(pa.string())
    domain = pa.repeat("@pochta.example", size)
    return pc.binary_join_element_wise(name, number, domain, "")


def _snils(first_nine: np.ndarray) -> pa.Array:
    checks = check_digits.snils_checks(first_nine)
    groups = [first_nine // 1_000_000, first_nine // 1000 % 1000, first_nine % 1000]
    text = pc.binary_join_element_wise(*(_padded("", group, 3) for group in groups), "-")
    return pc.binary_join_element_wise(text, _padded("", checks, 2), " ")


def _passports(random: np.random.Generator, issued: np.ndarray) -> pa.Array:
    """Series: code of the region, then the year of the form, which is that of issue or before."""
    year = issued.astype("datetime64[Y]").astype(int) + 1970
    series = _padded("46 ", year % 100, 2)
    number = _padded("", between(random, 100_000, 999_999, size=len(issued)), 6)
    return pc.binary_join_element_wise(series, number, " ")
