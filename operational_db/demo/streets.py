"""Real streets of Krasnogorsk, with invented houses on them."""

from dataclasses import dataclass

import numpy as np

from operational_db.demo import organisations
from operational_db.demo.clock import Clock
from operational_db.demo.randomness import between, chance, pick, stream
from operational_db.demo.tables import Columns, fixed_point

STREETS = (
    ("ул.", "Ленина"),
    ("ул.", "Вокзальная"),
    ("ул.", "Циолковского"),
    ("ул.", "Успенская"),
    ("б-р", "Ильинский"),
    ("б-р", "Павшинский"),
    ("б-р", "Красногорский"),
    ("б-р", "Подмосковный"),
    ("ул.", "Оптическая"),
    ("ул.", "Речная"),
    ("ул.", "Школьная"),
    ("ул.", "Чайковского"),
    ("ул.", "Кирова"),
    ("ул.", "Пионерская"),
    ("ул.", "Народного Ополчения"),
    ("ул.", "Заводская"),
    ("ул.", "Железнодорожная"),
    ("ул.", "Спасская"),
    ("ул.", "Космонавтов"),
    ("ул.", "Игоря Мерлушкина"),
    ("ул.", "Знаменская"),
    ("ул.", "Карбышева"),
    ("ул.", "Маяковского"),
    ("ул.", "Первомайская"),
    ("ул.", "Дачная"),
    ("ул.", "Жуковского"),
    ("ул.", "Лесная"),
    ("ул.", "Пушкинская"),
    ("ул.", "Комсомольская"),
    ("ул.", "Королёва"),
)
REGION_ID, TOWN_ID = 1, 2
FIRST_STREET_ID = 3
POSTAL_CODES = tuple(f"1434{number:02d}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9))


@dataclass(frozen=True, slots=True)
class Series:
    """A kind of building: size, years, and areas of the flats on one landing (hundredths of m²)."""

    weight: float
    floors: int
    entrances: tuple[int, int]
    years: tuple[int, int]
    landing: tuple[int, ...]


SERIES = (
    Series(0.24, 5, (2, 6), (1957, 1969), (3_110, 4_460, 4_460, 5_820)),
    Series(0.22, 9, (2, 6), (1970, 1991), (3_440, 5_210, 4_880, 6_470)),
    Series(0.18, 12, (1, 4), (1974, 1996), (3_720, 5_360, 3_720, 6_930)),
    Series(0.26, 17, (2, 5), (1998, 2016), (4_150, 6_240, 4_310, 8_790)),
    Series(0.10, 25, (1, 3), (2009, 2021), (2_860, 3_990, 6_120, 5_770, 3_990, 9_340)),
)
# How much of a small town one house may be, so that every company and street gets some.
LARGEST_PART_OF_TOWN = 30
SMALLEST_HOUSE = 12

# Keepers other than the supplier of heat share the houses so.
KEEPER_SHARES = (0.46, 0.29, 0.19, 0.06)
DIRECT_HEAT_SHARE = 0.05
"""Houses whose residents pay the supplier of heat by a second account of its own."""
SEASONAL_HEATING_SHARE = 0.06
GAS_UNTIL_FLOORS = 12

FLAT, NON_RESIDENTIAL, PARKING = 0, 1, 2
KINDS = np.array(["flat", "non_residential", "parking"])


@dataclass(frozen=True, slots=True)
class Houses:
    """Houses by number (from 0); arrays of one length."""

    street: np.ndarray
    number: list[str]
    building: list[str | None]
    series: np.ndarray
    entrances: np.ndarray
    year: np.ndarray
    keeper: np.ndarray
    has_direct_heat: np.ndarray
    is_heated_in_season: np.ndarray
    has_gas: np.ndarray

    @property
    def floors(self) -> np.ndarray:
        return np.array([series.floors for series in SERIES])[self.series]

    def first(self, count: int) -> "Houses":
        """Return the first ``count`` houses."""
        return Houses(*(getattr(self, name)[:count] for name in Houses.__slots__))


@dataclass(frozen=True, slots=True)
class Premises:
    """Premises by number (from 0), ordered by house; arrays of one length."""

    house: np.ndarray
    kind: np.ndarray
    number: np.ndarray
    """Number among the premises of its kind in the house."""
    entrance: np.ndarray
    floor: np.ndarray
    area: np.ndarray
    """Hundredths of a square metre."""

    def __len__(self) -> int:
        return len(self.house)

    def part(self, begin: int, end: int) -> "Premises":
        """Return a run of the premises."""
        return Premises(*(getattr(self, name)[begin:end] for name in Premises.__slots__))

    def first(self, count: int) -> "Premises":
        """Return the first ``count`` premises."""
        return self.part(0, count)


def build_houses(seed: int, enough_accounts: int) -> tuple[Houses, Premises]:
    """Put up houses until their premises are enough for so many accounts."""
    random = stream(seed, "houses")
    largest = max(SMALLEST_HOUSE, enough_accounts // LARGEST_PART_OF_TOWN)
    houses: list[tuple] = []
    parts: list[Premises] = []
    kept = np.zeros(len(KEEPER_SHARES))
    direct = premises_count = 0
    numbers = _next_numbers(random)
    while premises_count < enough_accounts:
        series = int(pick(random, [kind.weight for kind in SERIES], 1)[0])
        kind = SERIES[series]
        entrances = int(between(random, *kind.entrances, size=1)[0])
        floors_of_town = max(1, largest // len(kind.landing))
        entrances = max(1, min(entrances, floors_of_town // kind.floors))
        premises = _premises(random, len(houses), kind, entrances, largest)
        keeper = int(np.argmax(np.array(KEEPER_SHARES) * (premises_count + 1) - kept))
        kept[keeper] += len(premises)
        premises_count += len(premises)
        # Associations of owners have no direct contracts: they heat with a boiler of their own.
        is_direct = direct < DIRECT_HEAT_SHARE * premises_count and keeper in (1, 2)
        direct += len(premises) if is_direct else 0
        street = len(houses) % len(STREETS)
        number, building = numbers(street)
        houses.append(
            (
                street,
                number,
                building,
                series,
                entrances,
                int(between(random, *kind.years, size=1)[0]),
                keeper,
                is_direct,
                bool(random.random() < SEASONAL_HEATING_SHARE),
                kind.floors <= GAS_UNTIL_FLOORS,
            )
        )
        parts.append(premises)
    streets, house_numbers, buildings, *rest = zip(*houses, strict=True)
    return (
        Houses(
            np.array(streets),
            list(house_numbers),
            list(buildings),
            *(np.array(column) for column in rest),
        ),
        _joined(parts),
    )


def _next_numbers(random: np.random.Generator):
    """Return a function that numbers the houses of a street upwards, some with a letter."""
    last = [0] * len(STREETS)
    blocks = [0] * len(STREETS)

    def number(street: int) -> tuple[str, str | None]:
        if blocks[street] and random.random() < 0.6:
            blocks[street] += 1
            building = str(blocks[street])
            if blocks[street] >= 4:
                blocks[street] = 0
            return str(last[street]), building
        last[street] += int(random.integers(1, 4))
        chance_of_form = random.random()
        if chance_of_form < 0.15:
            blocks[street] = 1
            return str(last[street]), "1"
        blocks[street] = 0
        return f"{last[street]}{'А' if chance_of_form < 0.22 else ''}", None

    return number


def _premises(
    random: np.random.Generator, house: int, series: Series, entrances: int, largest: int
) -> Premises:
    floors = min(series.floors, max(1, largest // (len(series.landing) * entrances)))
    landing = np.array(series.landing)
    flats = entrances * floors * len(landing)
    order = np.arange(flats)
    riser_difference = between(random, -120, 120, size=entrances * len(landing))
    entrance = order // (floors * len(landing))
    riser = order % len(landing)
    flat_area = landing[riser] + riser_difference[entrance * len(landing) + riser]

    shops = int(pick(random, [0.55, 0.25, 0.12, 0.08], 1)[0])
    places = int(between(random, 4, 10, size=1)[0]) if series.years[0] >= 2009 else 0
    return Premises(
        house=np.full(flats + shops + places, house),
        kind=np.repeat([FLAT, NON_RESIDENTIAL, PARKING], [flats, shops, places]),
        number=np.concatenate([order + 1, np.arange(shops) + 1, np.arange(places) + 1]),
        entrance=np.concatenate([entrance + 1, np.ones(shops + places, dtype=np.int64)]),
        floor=np.concatenate(
            [
                order // len(landing) % floors + 1,
                np.ones(shops, dtype=np.int64),
                np.full(places, -1),
            ]
        ),
        area=np.concatenate(
            [
                flat_area,
                between(random, 3_500, 21_000, size=shops),
                between(random, 1_320, 1_850, size=places),
            ]
        ),
    )


def _joined(parts: list[Premises]) -> Premises:
    return Premises(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Premises.__slots__)
    )


def address_object_rows(clock: Clock) -> Columns:
    """Return rows of ``ops.address_object``: region, town and streets."""
    above = [(None, "region", "обл.", "Московская"), (REGION_ID, "settlement", "г.", "Красногорск")]
    streets = [(TOWN_ID, "street", type_name, name) for type_name, name in STREETS]
    parents, levels, type_names, names = zip(*above, *streets, strict=True)
    size = len(names)
    return {
        "address_object_id": list(range(1, size + 1)),
        "parent_id": list(parents),
        "level": list(levels),
        "type_name": list(type_names),
        "name": list(names),
        "recorded_at": _recorded(clock, size),
    }


def house_rows(clock: Clock, houses: Houses, premises: Premises) -> Columns:
    """Return rows of ``ops.house``."""
    size = len(houses.number)
    area = np.bincount(premises.house, weights=premises.area, minlength=size)
    # Stairs and corridors are about a seventh on top of the premises.
    total = (area * 1.15).astype(np.int64)
    return {
        "house_id": np.arange(1, size + 1),
        "address_object_id": houses.street + FIRST_STREET_ID,
        "number": houses.number,
        "building": houses.building,
        "postal_code": [POSTAL_CODES[street % len(POSTAL_CODES)] for street in houses.street],
        "built_year": houses.year,
        "floors": houses.floors,
        "entrances": houses.entrances,
        "total_area": fixed_point(total, 2),
        "recorded_at": _recorded(clock, size),
    }


def management_rows(clock: Clock, houses: Houses) -> Columns:
    """Return rows of ``ops.house_management``."""
    size = len(houses.number)
    since = np.array([f"{max(year + 1, 2012)}-04-01" for year in houses.year], "datetime64[D]")
    return {
        "house_id": np.arange(1, size + 1),
        "valid_from": since,
        "organisation_id": organisations.KEEPER_IDS[houses.keeper],
        "basis": [
            f"Протокол общего собрания собственников № {number}" for number in range(1, size + 1)
        ],
        "recorded_at": _recorded(clock, size),
    }


def premises_rows(clock: Clock, premises: Premises) -> Columns:
    """Return rows of ``ops.premises``."""
    size = len(premises)
    prefix = np.array(["", "н", ""])[premises.kind]
    ids = np.arange(1, size + 1)
    living = premises.kind == FLAT
    balcony = np.where(living, premises.area * 3 // 100, 0)
    return {
        "premises_id": ids,
        "house_id": premises.house + 1,
        "kind": KINDS[premises.kind],
        "number": np.char.add(prefix, premises.number.astype(str)),
        "entrance": premises.entrance,
        "floor": premises.floor,
        "total_area": fixed_point(premises.area, 2),
        "useful_area": fixed_point(premises.area - balcony, 2),
        "cadastral_number": [
            f"50:11:{10_000 + house % 900:07d}:{number}"
            for house, number in zip(premises.house.tolist(), ids.tolist(), strict=True)
        ],
        "recorded_at": _recorded(clock, size),
    }


def _recorded(clock: Clock, size: int) -> np.ndarray:
    return clock.recorded(np.full(size, clock.first_day - 25), 11 * 3600)


def is_metered(seed: int, premises: Premises) -> tuple[np.ndarray, np.ndarray]:
    """Return which premises measure their water, and which their electricity."""
    random = stream(seed, "meters")
    uses = premises.kind != PARKING
    water = chance(random, 0.81, len(premises)) & uses
    return water, chance(random, 0.985, len(premises)) & uses
