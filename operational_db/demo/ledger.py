"""What is charged each month, and what is corrected later."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from operational_db.demo.accounts import HEAT_ONLY, WITHOUT_HEAT, Accounts
from operational_db.demo.behaviour import Payers
from operational_db.demo.clock import Clock
from operational_db.demo.consumption import Consumption
from operational_db.demo.households import Households
from operational_db.demo.randomness import between, chance, stream
from operational_db.demo.streets import FLAT, PARKING, Houses, Premises
from operational_db.demo.tables import Columns, fixed_point, money, repeated
from operational_db.demo.tariffs import SERVICES, UNIT

CODES = tuple(service.code for service in SERVICES)
AT = {code: number for number, code in enumerate(CODES)}
HEAT_SERVICES = np.isin(CODES, ("heating", "hot_water"))
ABSENCE_CHANCE, ADJUSTMENT_CHANCE, REVERSAL_CHANCE = 0.006, 0.001, 0.0006
POOR_HEATING_CHANCE = 0.012
CORRECTED_HOUSES_SHARE = 0.55
DECEMBER, FEBRUARY = 12, 2
OLD_DEBT_MONTHS = (4, 12)
OLD_DEBT_PERCENT = 82
"""Bills of the years before the town, as a part of its first bill."""


@dataclass(slots=True)
class Corrections:
    """Recalculations and adjustments; arrays of one length, in kopecks.

    ``month`` may be negative: a month before the town's first.
    """

    account: np.ndarray
    month: np.ndarray
    service: np.ndarray
    amount: np.ndarray
    booked_on: np.ndarray
    is_adjustment: np.ndarray

    def only(self, which: np.ndarray) -> "Corrections":
        return Corrections(*(getattr(self, name)[which] for name in Corrections.__slots__))


@dataclass(slots=True)
class Ledger:
    """Charges by account, month and service (kopecks, volumes in ten-thousandths)."""

    amount: np.ndarray
    volume: np.ndarray = field(repr=False)
    corrections: Corrections = field(repr=False)

    @property
    def bills(self) -> np.ndarray:
        """Sum of charges by account and month."""
        return self.amount.sum(axis=2)


def charge_accounts(
    seed: int,
    part: int,
    clock: Clock,
    houses: Houses,
    premises: Premises,
    households: Households,
    accounts: Accounts,
    payers: Payers,
    used: Consumption,
    prices: np.ndarray,
    first_premises: int,
) -> Ledger:
    """Charge a run of accounts; ``premises`` and ``households`` are those of the whole town."""
    random = stream(seed, "ledger", part)
    months = len(clock.months)
    local = accounts.premises - first_premises
    volume = np.stack([used.volumes[code][local] for code in CODES], axis=2)
    billed = _services_of(accounts, houses, premises, households)
    is_open = accounts.is_open(months)
    amount = (volume * prices[accounts.keeper] + UNIT // 2) // UNIT
    amount *= billed[:, None, :] & is_open[:, :, None]
    measured = used.metered["cold_water"][local]
    corrections = _joined(
        [
            _absences(random, clock, amount, measured, premises.kind[accounts.premises]),
            _poor_heating(seed, clock, amount, premises.house[accounts.premises]),
            _yearly_heating(seed, clock, amount, premises.house[accounts.premises]),
            _double_charges(random, clock, amount),
            _adjustments(random, clock, amount),
            _old_debt(random, clock, amount, payers),
        ]
    )
    known = (corrections.booked_on < clock.today) & (corrections.amount != 0)
    return Ledger(amount, volume, corrections.only(known))


def _services_of(
    accounts: Accounts, houses: Houses, premises: Premises, households: Households
) -> np.ndarray:
    """Return which account is billed for which service."""
    at = accounts.premises
    size = len(accounts)
    billed = np.ones((size, len(CODES)), dtype=bool)
    billed[accounts.scope == WITHOUT_HEAT] = ~HEAT_SERVICES
    billed[accounts.scope == HEAT_ONLY] = HEAT_SERVICES
    tenancy = households.is_tenancy[at] & (accounts.scope != HEAT_ONLY)
    # A tenant pays for the use of the flat; capital repair is the owner's, that is the town's.
    billed[:, AT["rent"]] = tenancy
    billed[:, AT["capital_repair"]] &= ~tenancy
    billed[:, AT["gas"]] &= houses.has_gas[premises.house[at]] & (premises.kind[at] == FLAT)
    billed[:, AT["waste"]] &= premises.kind[at] != PARKING
    return billed


def _corrections(
    account: np.ndarray,
    month: np.ndarray,
    service: np.ndarray | int,
    amount: np.ndarray,
    booked_on: np.ndarray,
    *,
    is_adjustment: bool = False,
) -> Corrections:
    size = len(account)
    return Corrections(
        account,
        month,
        np.broadcast_to(service, size),
        amount,
        booked_on,
        np.full(size, is_adjustment),
    )


def _day_of(clock: Clock, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    return (clock.months[0] + month).astype("datetime64[D]") + (day - 1)


def _absences(
    random: np.random.Generator,
    clock: Clock,
    amount: np.ndarray,
    is_measured: np.ndarray,
    kind: np.ndarray,
) -> Corrections:
    """Temporary absence: water by norm is taken back, ПП 354 раздел VIII."""
    happens = chance(random, ABSENCE_CHANCE, amount.shape[:2])
    happens &= ~is_measured[:, None] & (kind == FLAT)[:, None]
    account, month = np.nonzero(happens)
    size = len(account)
    percent = between(random, 30, 90, size=size)
    booked = _day_of(
        clock, month + between(random, 1, 2, size=size), between(random, 5, 20, size=size)
    )
    parts = [
        _corrections(
            account, month, AT[code], -(amount[account, month, AT[code]] * percent // 100), booked
        )
        for code in ("cold_water", "sewerage")
    ]
    return _joined(parts)


def _poor_heating(seed: int, clock: Clock, amount: np.ndarray, house: np.ndarray) -> Corrections:
    """A cold house gets part of its heating back in the next month."""
    random = stream(seed, "poor heating")
    months = amount.shape[1]
    shape = (int(house.max()) + 1, months)
    happens = chance(random, POOR_HEATING_CHANCE, shape)
    percent = between(stream(seed, "poor heating percent"), 5, 28, size=shape)
    # Every run of accounts draws the same numbers for a house that it shares with the next run.
    happens, percent = happens[house], percent[house]
    account, month = np.nonzero(happens)
    lowered = -(amount[account, month, AT["heating"]] * percent[account, month] // 100)
    day = 6 + house[account] % 12
    return _corrections(account, month, AT["heating"], lowered, _day_of(clock, month + 1, day))


def _yearly_heating(seed: int, clock: Clock, amount: np.ndarray, house: np.ndarray) -> Corrections:
    """Heating paid evenly is corrected to the year's meter in February, for December."""
    random = stream(seed, "yearly heating")
    calendar = clock.months.astype(int) % 12 + 1
    shape = (int(house.max()) + 1, len(calendar))
    corrected = chance(random, CORRECTED_HOUSES_SHARE, shape)
    percent = between(stream(seed, "yearly heating percent"), -38, 40, size=shape)
    account, month = np.nonzero(corrected[house] & (calendar == DECEMBER)[None, :])
    changed = amount[account, month, AT["heating"]] * percent[house[account], month] // 100
    day = 10 + house[account] % 9
    return _corrections(
        account, month, AT["heating"], changed, _day_of(clock, month + FEBRUARY, day)
    )


def _double_charges(random: np.random.Generator, clock: Clock, amount: np.ndarray) -> Corrections:
    """A charge of several months undone at once: more than the month that it is booked for."""
    account, month = np.nonzero(chance(random, REVERSAL_CHANCE, amount.shape[:2]))
    size = len(account)
    total = amount[account, month].sum(axis=1)
    percent = between(random, 115, 210, size=size)
    booked = _day_of(
        clock, month + between(random, 1, 4, size=size), between(random, 4, 24, size=size)
    )
    return _corrections(account, month, AT["maintenance"], -(total * percent // 100), booked)


def _adjustments(random: np.random.Generator, clock: Clock, amount: np.ndarray) -> Corrections:
    """Small corrections by the accountant, both ways."""
    happens = chance(random, ADJUSTMENT_CHANCE, amount.shape[:2]) & (amount.sum(axis=2) > 0)
    account, month = np.nonzero(happens)
    size = len(account)
    changed = between(random, 5_000, 90_000, size=size) * between(random, 0, 1, size=size) * 2
    changed = np.where(changed == 0, -between(random, 5_000, 60_000, size=size), changed // 2)
    booked = _day_of(
        clock, month + between(random, 1, 3, size=size), between(random, 3, 25, size=size)
    )
    return _corrections(account, month, AT["maintenance"], changed, booked, is_adjustment=True)


def _old_debt(
    random: np.random.Generator, clock: Clock, amount: np.ndarray, payers: Payers
) -> Corrections:
    """Unpaid bills from before the first month, handed over with the account on its first day."""
    holders = np.flatnonzero(payers.has_old_debt)
    count = between(random, *OLD_DEBT_MONTHS, size=len(holders))
    account = np.repeat(holders, count)
    month = (
        -1 - np.concatenate([np.arange(n) for n in count], dtype=np.int64)
        if len(count)
        else (np.zeros(0, dtype=np.int64))
    )
    old_bill = amount[account, 0] * OLD_DEBT_PERCENT // 100
    line, service = np.nonzero(old_bill)
    size = len(line)
    return _corrections(
        account[line],
        month[line],
        service,
        old_bill[line, service],
        np.full(size, clock.first_day),
        is_adjustment=True,
    )


def _joined(parts: list[Corrections]) -> Corrections:
    return Corrections(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Corrections.__slots__)
    )


def effects_by_month(clock: Clock, corrections: Corrections, accounts: int) -> np.ndarray:
    """Return sums of corrections by account and month of booking (this month included)."""
    months = len(clock.months)
    effects = np.zeros((accounts, months + 1), dtype=np.int64)
    booked = (corrections.booked_on.astype("datetime64[M]") - clock.months[0]).astype(int)
    np.add.at(effects, (corrections.account, np.minimum(booked, months)), corrections.amount)
    return effects


def charge_rows(
    clock: Clock,
    ledger: Ledger,
    first_account: int,
    first_charge: int,
    service_ids: np.ndarray,
    import_ids: np.ndarray,
    loaded_at: np.ndarray,
) -> Columns:
    """Return rows of ``ops.charge`` that are charges; ``loaded_at`` by account and month."""
    account, month, service = np.nonzero(ledger.amount)
    size = len(account)
    return {
        "account_id": account + (first_account + 1),
        "charge_id": np.arange(first_charge, first_charge + size),
        "period": pa.array(clock.first_days()).take(pa.array(month)),
        "service_id": service_ids[service],
        "kind": repeated("charge", size),
        "amount": money(ledger.amount[account, month, service]),
        "booked_on": pa.array(clock.last_days()).take(pa.array(month)),
        "volume": fixed_point(ledger.volume[account, month, service], 4),
        "import_id": import_ids[account],
        "recorded_at": loaded_at[account, month],
    }


def correction_rows(
    seed: int,
    part: int,
    clock: Clock,
    ledger: Ledger,
    first_account: int,
    first_charge: int,
    service_ids: np.ndarray,
    import_ids: np.ndarray,
) -> Columns:
    """Return rows of ``ops.charge`` that are recalculations and adjustments."""
    random = stream(seed, "correction rows", part)
    rows = ledger.corrections
    size = len(rows.account)
    seconds = between(random, 10 * 3600, 18 * 3600, size=size)
    return {
        "account_id": rows.account + (first_account + 1),
        "charge_id": np.arange(first_charge, first_charge + size),
        "period": (clock.months[0] + rows.month).astype("datetime64[D]"),
        "service_id": service_ids[rows.service],
        "kind": np.where(rows.is_adjustment, "adjustment", "recalculation"),
        "amount": money(rows.amount),
        "booked_on": rows.booked_on,
        "import_id": import_ids[rows.account],
        "recorded_at": clock.recorded(rows.booked_on, seconds),
    }
