"""Courts of the town: sections that divide its streets, and requisites that nobody could pay to.

Numbers of sections lie above any that exist, and the account of the treasury is all nines. Some
houses stay without a section and one street stands in two, so that the queue has something to show.
"""

import numpy as np

from operational_db.demo.clock import Clock
from operational_db.demo.streets import FIRST_STREET_ID, STREETS, Houses
from operational_db.demo.tables import Columns

REGION = "50"
FIRST_SECTION = 9901
HOUSES_OF_SECTION = 40
FEWEST_SECTIONS, MOST_SECTIONS = 3, 24
DISTRICT_CODE = "50RS9901"
DISTRICT_NAME = "Красногорский городской суд Московской области (демонстрационный)"
TOWN_KEY = "г. красногорск"
# Houses that every list leaves out wait in the queue for somebody to find their section, and the
# first houses of one street stand in the lists of two sections, as real lists overlap.
FORGOTTEN_HOUSES, FIRST_FORGOTTEN, BETWEEN_FORGOTTEN = 6, 8, 17
SHARED_STREET = 2
LAST_SHARED_HOUSE = 4
NEW_KBK = "18210803010011050110"
SOURCE = "демонстрационные данные"
DETAILS_SINCE = np.datetime64("2024-01-01")
DEMONSTRATION_INN = "7700000016"


def sections(houses: Houses) -> int:
    """Return how many sections the town has: more of them where there are more houses."""
    return int(np.clip(len(houses.number) // HOUSES_OF_SECTION, FEWEST_SECTIONS, MOST_SECTIONS))


def court_rows(clock: Clock, houses: Houses) -> Columns:
    """Return rows of ``ops.court``: the sections of magistrates, then the district court."""
    count = sections(houses)
    numbers = [FIRST_SECTION + place for place in range(count)]
    return {
        "court_code": [*(_code(number) for number in numbers), DISTRICT_CODE],
        "kind": ["MS"] * count + ["RS"],
        "name": [
            *(
                f"Судебный участок № {number} мирового судьи Красногорского судебного района "
                "Московской области (демонстрационный)"
                for number in numbers
            ),
            DISTRICT_NAME,
        ],
        "region_code": [REGION] * (count + 1),
        "district": ["Красногорский судебный район"] * (count + 1),
        "parent_court": [DISTRICT_NAME] * count + [None],
        "address": [
            f"143404, Московская обл., г. Красногорск, ул. Судебная, д. {place}"
            for place in range(1, count + 2)
        ],
        "phone": [f"+7 495 000-01-{place:02d}" for place in range(1, count + 2)],
        "email": [f"sud{place}@krasnogorsk.example" for place in range(1, count + 2)],
        "recorded_at": _recorded(clock, count + 1),
    }


def details_rows(clock: Clock, houses: Houses) -> Columns:
    """Return rows of ``ops.court_payment_details``: one for every court, clearly not to be paid."""
    count = sections(houses)
    size = count + 1
    return {
        "court_payment_details_id": np.arange(1, size + 1),
        "court_code": [_code(FIRST_SECTION + place) for place in range(count)] + [DISTRICT_CODE],
        "payee": ["ДЕМОНСТРАЦИЯ: Казначейство России (ФНС России) – не платить"] * size,
        "inn": [DEMONSTRATION_INN] * size,
        "kpp": ["770001001"] * size,
        "oktmo": ["46744000"] * size,
        "kbk": [NEW_KBK] * size,
        "bic": ["000000000"] * size,
        "account_number": ["03100643999999999999"] * size,
        "correspondent_account": ["40102810999999999999"] * size,
        "bank": ["ДЕМОНСТРАЦИОННЫЙ БАНК"] * size,
        "valid_from": np.full(size, np.maximum(DETAILS_SINCE, clock.first_day)),
        "source": [SOURCE] * size,
        # They were looked at lately: a town of long ago would ask for a second look at once.
        "recorded_at": clock.recorded(np.full(size, clock.today - 20), 10 * 3600),
    }


def territory_rows(clock: Clock, houses: Houses) -> Columns:
    """Return rows of ``ops.court_territory``: whole streets, long ones by odd and even numbers."""
    count = sections(houses)
    forgotten = _forgotten(houses)
    rows: list[tuple] = []
    for street in range(len(STREETS)):
        section = street * count // len(STREETS)
        other = (section + 1) % count
        if street == SHARED_STREET:
            rows.append((section, street, "all", None, None))
            rows.append((other, street, "all", 1, LAST_SHARED_HOUSE))
        elif street % 5 == 0:
            rows.append((section, street, "odd", None, None))
            rows.append((other, street, "even", None, None))
        elif street % 5 == 1:
            rows.append((section, street, "all", None, 20))
            rows.append((other, street, "all", 21, None))
        else:
            rows.append((section, street, "all", None, None))
    size = len(rows)
    court, streets, parity, first, last = zip(*rows, strict=True)
    return {
        "court_territory_id": np.arange(1, size + 1),
        "court_code": [_code(FIRST_SECTION + place) for place in court],
        "settlement": ["г. Красногорск"] * size,
        "street": [" ".join(STREETS[street]) for street in streets],
        "place_key": [f"{TOWN_KEY}|{_key(' '.join(STREETS[street]))}" for street in streets],
        "address_object_id": [FIRST_STREET_ID + street for street in streets],
        "is_whole_settlement": [False] * size,
        "parity": list(parity),
        "number_from": list(first),
        "number_to": list(last),
        "except_keys": [forgotten.get(street) for street in streets],
        "valid_from": np.full(size, np.datetime64("2012-03-01")),
        "source": [SOURCE] * size,
        "recorded_at": _recorded(clock, size),
    }


def _forgotten(houses: Houses) -> dict[int, str]:
    """Return, by street, the houses that lists leave out, as an array in the words of Postgres."""
    chosen = range(FIRST_FORGOTTEN, len(houses.number), BETWEEN_FORGOTTEN)
    found: dict[int, list[str]] = {}
    for house in chosen[:FORGOTTEN_HOUSES]:
        building = houses.building[house]
        key = _key(houses.number[house] + (f"к{building}" if building else ""))
        found.setdefault(int(houses.street[house]), []).append(key)
    return {street: "{" + ",".join(keys) + "}" for street, keys in found.items()}


def _code(number: int) -> str:
    return f"{REGION}MS{number}"


def _key(name: str) -> str:
    return name.lower().replace("ё", "е")


def _recorded(clock: Clock, size: int) -> np.ndarray:
    return clock.recorded(np.full(size, clock.first_day - 24), 10 * 3600)
