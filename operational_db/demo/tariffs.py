"""What services cost and how much of them is used where nothing measures it.

The prices are of the size that Krasnogorsk knew in 2026 and are not its tariffs: they rise by the
same percentage every July, as far back as the town goes.
"""

from dataclasses import dataclass

import numpy as np

from operational_db.demo.clock import DAY, Clock
from operational_db.demo.tables import Columns, fixed_point

YEARLY_RISE = 1.062
PRICED_YEAR = 2026
JULY = 7
NORM_SINCE = np.datetime64("2015-01-01")
TARIFF_ACT = "Условный тариф демонстрационного города с 01.07.{year}"
NORM_ACT = "Условный норматив демонстрационного города"
# Volumes are whole numbers of ten-thousandths of the unit.
UNIT = 10_000


@dataclass(frozen=True, slots=True)
class PricedService:
    """A service by its code in ``reference.service``; price in kopecks as of July 2026."""

    code: str
    price: int
    norm: int | None = None
    """Ten-thousandths of the unit a month, for a person or a square metre."""
    norm_basis: str = "person"


MAINTENANCE = PricedService("maintenance", 4_415)
CAPITAL_REPAIR = PricedService("capital_repair", 1_750)
RENT = PricedService("rent", 1_230)
COLD_WATER = PricedService("cold_water", 5_120, norm=42_000)
HOT_WATER = PricedService("hot_water", 30_840, norm=31_000)
SEWERAGE = PricedService("sewerage", 5_640, norm=73_000)
HEATING = PricedService("heating", 320_400, norm=160, norm_basis="square_metre")
ELECTRICITY = PricedService("electricity", 792, norm=800_000)
GAS = PricedService("gas", 1_012, norm=100_000)
WASTE = PricedService("waste", 109_900, norm=70, norm_basis="square_metre")

SERVICES = (
    MAINTENANCE,
    CAPITAL_REPAIR,
    COLD_WATER,
    HOT_WATER,
    SEWERAGE,
    HEATING,
    ELECTRICITY,
    GAS,
    WASTE,
    RENT,
)
# Housing inspection lets a company set its own price of maintenance; the rest is regulated.
MAINTENANCE_FACTOR_OF_ORGANISATION = (100, 94, 108, 90, 97)


def tariff_year(months: np.ndarray) -> np.ndarray:
    """Return the year whose July set the price of each month."""
    year = months.astype("datetime64[Y]").astype(int) + 1970
    month = months.astype(int) % 12 + 1
    return np.where(month >= JULY, year, year - 1)


def price(service: PricedService, year: int, organisation: int = 0) -> int:
    """Return the price in kopecks that holds from July of ``year`` for a company (by number)."""
    factor = 100
    if service is MAINTENANCE:
        factor = MAINTENANCE_FACTOR_OF_ORGANISATION[organisation]
    return round(service.price * factor / 100 * YEARLY_RISE ** (year - PRICED_YEAR))


def prices_by_month(clock: Clock, organisations: int) -> np.ndarray:
    """Return kopecks by company, month and service."""
    years = tariff_year(clock.months)
    return np.array(
        [
            [[price(service, year, organisation) for service in SERVICES] for year in years]
            for organisation in range(organisations)
        ],
        dtype=np.int64,
    )


def tariff_rows(
    clock: Clock, billed: list[tuple[int, int, tuple[str, ...]]], service_ids: dict[str, int]
) -> Columns:
    """Return rows of ``ops.tariff``; ``billed``: number, id and services of each company."""
    years = tariff_year(clock.months)
    first, last = int(years[0]), int(years[-1])
    rows = [
        (organisation_id, service_ids[service.code], price(service, year, number), year)
        for number, organisation_id, codes in billed
        for service in SERVICES
        if service.code in codes
        for year in range(first, last + 1)
    ]
    organisation_ids, ids, prices, july = zip(*rows, strict=True)
    since = np.array([np.datetime64(f"{year}-07-01") for year in july])
    until = np.array(
        [
            np.datetime64(f"{year + 1}-07-01") - DAY if year < last else np.datetime64("NaT", "D")
            for year in july
        ]
    )
    return {
        "tariff_id": np.arange(1, len(rows) + 1),
        "organisation_id": list(organisation_ids),
        "service_id": list(ids),
        "price": fixed_point(np.array(prices), 2),
        "valid_from": since,
        "valid_to": until,
        "act": [TARIFF_ACT.format(year=year) for year in july],
        "recorded_at": clock.recorded(since - 10 * DAY, 10 * 3600),
    }


def norm_rows(clock: Clock, municipality_id: int, service_ids: dict[str, int]) -> Columns:
    """Return rows of ``ops.norm``."""
    normed = [service for service in SERVICES if service.norm is not None]
    size = len(normed)
    since = np.full(size, NORM_SINCE)
    return {
        "norm_id": np.arange(1, size + 1),
        "municipality_id": np.full(size, municipality_id),
        "service_id": [service_ids[service.code] for service in normed],
        "basis": [service.norm_basis for service in normed],
        "amount": fixed_point(np.array([service.norm for service in normed]), 4),
        "valid_from": since,
        "act": [NORM_ACT] * size,
        "recorded_at": clock.recorded(since, 12 * 3600),
    }
