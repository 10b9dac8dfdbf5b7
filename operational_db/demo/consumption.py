"""How much of each service the premises use by month, and what their meters show."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from operational_db.demo import tariffs
from operational_db.demo.clock import Clock
from operational_db.demo.randomness import between, chance, stream
from operational_db.demo.streets import FLAT, NON_RESIDENTIAL, PARKING, Houses, Premises
from operational_db.demo.tables import Columns, fixed_point
from operational_db.demo.tariffs import UNIT

HEATING_MONTHS = (10, 11, 12, 1, 2, 3, 4)
DARK_MONTHS = (10, 11, 12, 1, 2, 3)
# Thousandths of a cubic metre for a person a month, where meters show it.
COLD_PER_PERSON, HOT_PER_PERSON = 2_700, 1_750
EMPTY_FLAT = 150
KWH_PER_FLAT, KWH_PER_PERSON = 65, 52
METERED_SERVICES = ("cold_water", "hot_water", "electricity")
METER_PREFIXES = {"cold_water": "ХВ", "hot_water": "ГВ", "electricity": "Э"}
VERIFICATION_YEARS = {"cold_water": 6, "hot_water": 4, "electricity": 16}
FULL_READINGS_UP_TO = 20_000
READING_MONTHS_OF_A_LARGE_TOWN = 6


@dataclass(slots=True)
class Consumption:
    """Volumes by premises and month, in ten-thousandths of the unit."""

    volumes: dict[str, np.ndarray]
    metered: dict[str, np.ndarray]
    """Which premises have a meter of the service."""


def consumption(
    seed: int,
    part: int,
    clock: Clock,
    houses: Houses,
    premises: Premises,
    residents: np.ndarray,
    water_meter: np.ndarray,
    electricity_meter: np.ndarray,
) -> Consumption:
    """Return what a run of premises used; ``residents`` by premises and month."""
    random = stream(seed, "consumption", part)
    size, months = residents.shape
    calendar = clock.months.astype(int) % 12 + 1
    area = premises.area[:, None]
    is_flat = (premises.kind == FLAT)[:, None]
    is_shop = (premises.kind == NON_RESIDENTIAL)[:, None]
    people = np.where(is_flat, np.maximum(residents, 1), 0)
    thrift = 0.55 + 0.9 * random.random((size, 1))

    def metered_water(per_person: int) -> np.ndarray:
        month_to_month = 0.75 + 0.5 * random.random((size, months))
        litres = np.where(residents > 0, per_person * residents, EMPTY_FLAT)
        litres = np.where(is_shop, area // 8, litres)
        return (litres * thrift * month_to_month).astype(np.int64) * (UNIT // 1000)

    has_meter = water_meter[:, None]
    uses_water = is_flat | is_shop
    shop_norm = area * UNIT // 8_000
    cold = np.where(has_meter, metered_water(COLD_PER_PERSON), people * tariffs.COLD_WATER.norm)
    hot = np.where(has_meter, metered_water(HOT_PER_PERSON), people * tariffs.HOT_WATER.norm)
    cold = np.where(is_shop & ~has_meter, shop_norm, cold) * uses_water
    hot = np.where(is_shop & ~has_meter, shop_norm // 2, hot) * uses_water
    season = np.where(np.isin(calendar, DARK_MONTHS), 1.06, 0.95)
    kwh = (KWH_PER_FLAT + KWH_PER_PERSON * residents) * thrift * season
    kwh = np.where(is_shop, area / 100 * 2.5 * season, kwh)
    kwh = (kwh * (0.85 + 0.3 * random.random((size, months)))).astype(np.int64)
    kwh = np.where(electricity_meter[:, None], kwh, people * tariffs.ELECTRICITY.norm // UNIT)

    gigacalories = np.broadcast_to(area * tariffs.HEATING.norm // 100, (size, months))
    in_season = np.isin(calendar, HEATING_MONTHS)[None, :]
    seasonal = np.where(in_season, gigacalories * 12 // len(HEATING_MONTHS), 0)
    by_season = houses.is_heated_in_season[premises.house][:, None]
    heat = np.where(by_season, seasonal, gigacalories) * (premises.kind != PARKING)[:, None]

    square_metres = np.broadcast_to(area * (UNIT // 100), (size, months))
    volumes = {
        "maintenance": square_metres,
        "capital_repair": square_metres,
        "rent": square_metres,
        "cold_water": cold,
        "hot_water": hot,
        "sewerage": cold + hot,
        "heating": heat,
        "electricity": kwh * UNIT * uses_water,
        "gas": people * tariffs.GAS.norm,
        "waste": np.broadcast_to(area * tariffs.WASTE.norm // 100, (size, months)),
    }
    metered = {
        "cold_water": water_meter,
        "hot_water": water_meter,
        "electricity": electricity_meter,
    }
    return Consumption(volumes, metered)


def meter_rows(
    seed: int,
    part: int,
    clock: Clock,
    first_premises: int,
    first_meter: int,
    used: Consumption,
    service_ids: dict[str, int],
) -> Columns:
    """Return rows of ``ops.meter`` for a run of premises, by premises and service."""
    random = stream(seed, "meter rows", part)
    premises, services = [], []
    for number, service in enumerate(METERED_SERVICES):
        holders = np.flatnonzero(used.metered[service])
        premises.append(holders)
        services.append(np.full(len(holders), number))
    premises, service = np.concatenate(premises), np.concatenate(services)
    order = np.lexsort((service, premises))
    premises, service = premises[order], service[order]
    size = len(order)
    years = np.array([VERIFICATION_YEARS[code] for code in METERED_SERVICES])[service]
    span = (years * 330).astype(np.int64)
    installed = clock.first_day - 40 - (random.random(size) * span).astype(np.int64)
    verified_until = installed + years * 365
    # Most owners have a new verification in time; the rest are overdue.
    renewed = (verified_until < clock.today) & chance(random, 0.93, size)
    verified_until = np.where(renewed, verified_until + years * 365, verified_until)
    prefix = np.array([METER_PREFIXES[code] for code in METERED_SERVICES])[service]
    serial = between(random, 1_000_000, 39_999_999, size=size).astype(str)
    return {
        "meter_id": first_meter + np.arange(size),
        "premises_id": first_premises + premises + 1,
        "service_id": np.array([service_ids[code] for code in METERED_SERVICES])[service],
        "number": np.char.add(np.char.add(prefix, "-"), serial),
        "installed_on": installed,
        "verified_until": verified_until,
        "recorded_at": clock.recorded(np.full(size, clock.first_day - 10), 10 * 3600),
    }


def reading_rows(
    seed: int,
    part: int,
    clock: Clock,
    meters: Columns,
    first_premises: int,
    used: Consumption,
    service_ids: dict[str, int],
    months_kept: int,
) -> Columns:
    """Return rows of ``ops.meter_reading``: what the meters showed near the end of each month."""
    random = stream(seed, "readings", part)
    months = len(clock.months)
    size = len(meters["meter_id"])
    premises = meters["premises_id"] - first_premises - 1
    shown = np.empty((size, months), dtype=np.int64)
    for code in METERED_SERVICES:
        own = meters["service_id"] == service_ids[code]
        shown[own] = np.cumsum(used.volumes[code][premises[own]], axis=1)
    shown += between(random, 5, 900, size=size)[:, None] * UNIT
    kept = slice(months - min(months, months_kept), months)
    shown, first_days = shown[:, kept], clock.first_days()[kept]
    count = shown.shape[1]
    is_told = chance(random, 0.9, (size, count))
    day = np.where(is_told, between(random, 15, 24, size=(size, count)), 25)
    read_on = (first_days[None, :] + day).ravel()
    seconds = between(random, 8 * 3600, 23 * 3600 - 1, size=size * count)
    return {
        "meter_id": np.repeat(meters["meter_id"], count),
        "read_on": read_on,
        "recorded_at": clock.recorded(read_on, seconds),
        "reading": fixed_point(shown.ravel(), 4),
        "source": pa.array(np.where(is_told.ravel(), "resident", "estimate")),
    }


def months_of_readings(accounts: int, months: int) -> int:
    """Return for how many last months readings are kept: a large town would drown in them."""
    return months if accounts <= FULL_READINGS_UP_TO else READING_MONTHS_OF_A_LARGE_TOWN
