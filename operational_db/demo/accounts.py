"""Accounts of the town.

One for most premises, a second where heat is paid for directly, and a closed one where a new owner
got a new number.
"""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from operational_db.demo.clock import Clock
from operational_db.demo.households import FORMER, OF_HEAT, Households
from operational_db.demo.organisations import HEAT_KEEPER, KEEPER_IDS
from operational_db.demo.randomness import between, chance, stream
from operational_db.demo.streets import FLAT, Houses, Premises
from operational_db.demo.tables import Columns, fixed_point, nullable

EVERYTHING, WITHOUT_HEAT, HEAT_ONLY = 0, 1, 2
CLOSED_SHARE = 0.012
REOPENED_SHARE = 0.4
NUMBER_FORMATS = ("{:09d}", "02-{:06d}", "0{:07d}", "{:05d}", "07{:08d}")
FIRST_NUMBERS = (10_001, 1_001, 40_001, 1, 500_001)
CLOSING_REASONS = ("Объединение лицевых счетов", "Перевод в нежилое помещение", "Расселение")
RENUMBERED_SHARE = 0.02
"""Accounts to be closed with the sale of their flat, of all accounts."""


@dataclass(slots=True)
class Accounts:
    """Accounts by number (from 0), ordered by premises; arrays of one length.

    An account is billed from month ``open_from`` until (not including) ``open_until``, and again
    from ``reopened``; months are counted from 0, and the number of months means never.
    """

    premises: np.ndarray
    keeper: np.ndarray
    scope: np.ndarray
    is_former: np.ndarray
    open_from: np.ndarray
    open_until: np.ndarray
    reopened: np.ndarray

    def __len__(self) -> int:
        return len(self.premises)

    def part(self, begin: int, end: int) -> "Accounts":
        return Accounts(*(getattr(self, field.name)[begin:end] for field in fields(Accounts)))

    def is_open(self, months: int) -> np.ndarray:
        """Return which account is billed in which month."""
        month = np.arange(months)[None, :]
        first = (month >= self.open_from[:, None]) & (month < self.open_until[:, None])
        return first | (month >= self.reopened[:, None])


def premises_needed(accounts: int, houses: Houses, premises: Premises) -> tuple[int, int]:
    """Return how many premises and how many re-numbered flats give just so many accounts."""
    per_premises = 1 + _has_heat_account(houses, premises)
    total = np.cumsum(per_premises)
    renumbered = max(1, int(accounts * RENUMBERED_SHARE))
    count = int(np.searchsorted(total, accounts - renumbered, side="right"))
    return count, accounts - int(total[count - 1])


def open_accounts(
    seed: int, clock: Clock, houses: Houses, premises: Premises, households: Households
) -> Accounts:
    """Open the accounts of all premises."""
    months = len(clock.months)
    has_heat = _has_heat_account(houses, premises)
    renumbered = households.is_renumbered
    numbers = np.arange(len(premises))
    scope = np.where(has_heat, WITHOUT_HEAT, EVERYTHING)
    sold = households.sold_month
    begin = np.where(renumbered, sold, 0)
    kinds = [
        # premises, keeper, scope, former, from, until
        (numbers, households.keeper, scope, False, begin, np.full(len(numbers), months)),
        (
            numbers[has_heat],
            np.full(has_heat.sum(), HEAT_KEEPER),
            np.full(has_heat.sum(), HEAT_ONLY),
            False,
            np.zeros(has_heat.sum(), int),
            np.full(has_heat.sum(), months),
        ),
        (
            numbers[renumbered],
            households.keeper[renumbered],
            scope[renumbered],
            True,
            np.zeros(renumbered.sum(), int),
            sold[renumbered],
        ),
    ]
    columns = [np.concatenate([np.broadcast_to(k[i], len(k[0])) for k in kinds]) for i in range(6)]
    order = np.argsort(columns[0], kind="stable")
    ordered = [column[order] for column in columns]
    accounts = Accounts(*ordered, reopened=np.full(len(order), months))
    _close_some(seed, months, accounts)
    return accounts


def _has_heat_account(houses: Houses, premises: Premises) -> np.ndarray:
    return houses.has_direct_heat[premises.house] & (premises.kind == FLAT)


def _close_some(seed: int, months: int, accounts: Accounts) -> None:
    random = stream(seed, "closed accounts")
    size = len(accounts)
    whole = (accounts.open_from == 0) & (accounts.open_until == months)
    closed = whole & chance(random, CLOSED_SHARE, size) & (months > 3)
    until = between(random, 2, max(2, months - 2), size=size)
    accounts.open_until = np.where(closed, until, accounts.open_until)
    again = closed & chance(random, REOPENED_SHARE, size)
    reopened = np.minimum(until + between(random, 2, 9, size=size), months)
    accounts.reopened = np.where(again, reopened, months)


def account_rows(accounts: Accounts, clock: Clock, import_ids: np.ndarray) -> Columns:
    """Return rows of ``ops.account``; ``import_ids`` by keeper."""
    size = len(accounts)
    serial = np.zeros(size, dtype=np.int64)
    numbers = np.empty(size, dtype=object)
    for keeper, form in enumerate(NUMBER_FORMATS):
        own = np.flatnonzero(accounts.keeper == keeper)
        serial[own] = FIRST_NUMBERS[keeper] + np.arange(len(own))
        numbers[own] = [form.format(number) for number in serial[own].tolist()]
    payer_code = [f"{4_000_000_000 + number * 7:010d}" for number in range(size)]
    unified = [f"50АВ{number:06d}" for number in (accounts.premises + 1).tolist()]
    opened = accounts.open_from > 0
    recorded = clock.first_days()[np.minimum(accounts.open_from, len(clock.months) - 1)] - 3
    return {
        "account_id": np.arange(1, size + 1),
        "organisation_id": KEEPER_IDS[accounts.keeper],
        "account_number": pa.array(numbers, pa.string()),
        "unified_number": nullable(pa.array(unified), accounts.premises % 23 != 0),
        "payer_code": nullable(pa.array(payer_code), accounts.keeper != 3),
        "premises_id": accounts.premises + 1,
        "import_id": import_ids[accounts.keeper],
        "recorded_at": clock.recorded(np.where(opened, recorded, clock.first_day - 15), 15 * 3600),
    }


def state_rows(
    seed: int,
    clock: Clock,
    accounts: Accounts,
    premises: Premises,
    households: Households,
) -> Columns:
    """Return rows of ``ops.account_state``: opened, residents changed, closed, re-opened."""
    random = stream(seed, "account states")
    months = len(clock.months)
    at = accounts.premises
    size = len(accounts)
    residents = residents_by_month(households, months)
    before = clock.first_day - between(random, 60, 4_000, size=size)
    first_days = np.append(clock.first_days(), clock.last_days()[-1] + 1)
    parts = []

    def add(which: np.ndarray, month: np.ndarray, is_open: bool, reason: np.ndarray | str) -> None:
        of_account = np.flatnonzero(which)
        since = first_days[month[of_account]]
        if month is accounts.open_from:
            since = np.where(month[of_account] == 0, before[of_account], since)
        within = np.minimum(month[of_account], months - 1)
        parts.append(
            {
                "account": of_account,
                "valid_from": since,
                "is_open": np.full(len(of_account), is_open),
                "residents": residents[at[of_account], within] if is_open else None,
                "reason": np.broadcast_to(reason, size)[of_account].astype(object),
            }
        )

    everyone = np.ones(size, dtype=bool)
    add(everyone, accounts.open_from, True, "Открыт")
    for changed_month, reason in (
        (households.joined_month, "Изменилось число проживающих"),
        (households.sold_month, "Сменился собственник"),
        (households.died_month, "Смерть собственника"),
    ):
        month = changed_month[at]
        while_open = (month > accounts.open_from) & (month < accounts.open_until)
        add(while_open, month, True, reason)
    closed = accounts.open_until < months
    why = np.array(CLOSING_REASONS, dtype=object)[at % len(CLOSING_REASONS)]
    why = np.where(accounts.is_former, "Новый собственник, открыт новый счёт", why)
    add(closed, accounts.open_until, False, why)
    add(accounts.reopened < months, accounts.reopened, True, "Открыт повторно")

    columns = {
        name: np.concatenate(
            [
                np.full(len(part["account"]), -1) if part[name] is None else part[name]
                for part in parts
            ]
        )
        for name in parts[0]
    }
    order = np.lexsort((columns["valid_from"], columns["account"]))
    columns = {name: values[order] for name, values in columns.items()}
    account = columns["account"]
    is_known = columns["residents"] >= 0
    return {
        "account_id": account + 1,
        "valid_from": columns["valid_from"],
        "recorded_at": clock.recorded(
            np.maximum(columns["valid_from"] + 1, clock.first_day - 14), 16 * 3600
        ),
        "is_open": columns["is_open"],
        "area": fixed_point(premises.area[at[account]], 2),
        "residents": nullable(np.maximum(columns["residents"], 0), is_known),
        "reason": pa.array(columns["reason"], pa.string()),
    }


def residents_by_month(households: Households, months: int) -> np.ndarray:
    """Return people billed for, by premises and month."""
    month = np.arange(months)[None, :]
    now = households.residents[:, None]
    joined, sold, died = (
        values[:, None]
        for values in (households.joined_month, households.sold_month, households.died_month)
    )
    residents = now - (month < joined)
    residents = np.where(month < sold, 1, residents)
    return np.where((died >= 0) & (month < died), 1, residents)


def residency_rows(clock: Clock, accounts: Accounts, households: Households) -> Columns:
    """Return rows of ``ops.residency``: everybody at the account that was theirs."""
    living = households.residencies
    size = len(households.template)
    is_heat = accounts.scope == HEAT_ONLY

    def account_of(which: np.ndarray) -> np.ndarray:
        found = np.full(size, -1)
        found[accounts.premises[which]] = np.flatnonzero(which)
        return found[living.premises]

    account = account_of(~is_heat & ~accounts.is_former)
    before = account_of(~is_heat & accounts.is_former)
    account = np.where((living.role == FORMER) & (before >= 0), before, account)
    account = np.where(living.role == OF_HEAT, account_of(is_heat), account)
    order = np.lexsort((living.position, living.since, account))
    since, until = living.since[order], living.until[order]
    known = np.fmax(np.maximum(since + 3, clock.first_day - 13), until + 5)
    return {
        "account_id": account[order] + 1,
        "person_id": living.person[order] + 1,
        "valid_from": since,
        "valid_to": until,
        "relation": living.relation[order],
        "is_permanent": living.is_permanent[order],
        "position": living.position[order],
        "recorded_at": clock.recorded(known, 17 * 3600),
    }
