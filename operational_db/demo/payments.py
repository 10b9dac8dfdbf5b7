"""Money that comes in: every month each payer looks at what is owed and does what its habit says.

The running sum kept here is what a payer sees in the bill; it goes nowhere but into the sums paid.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from operational_db.demo.behaviour import HABITS, NO_MONTH, NUMBER, Payers
from operational_db.demo.clock import Clock
from operational_db.demo.ledger import Corrections, effects_by_month
from operational_db.demo.organisations import AGENT_IDS
from operational_db.demo.randomness import between, chance, pick, stream
from operational_db.demo.tables import Columns, money, nullable

CHANNELS = np.array(
    ["bank", "online", "agent", "post", "cash_desk", "autopay", "bailiff", "subsidy"]
)
BANK, ONLINE, AGENT, POST, CASH_DESK, AUTOPAY, BAILIFF, SUBSIDY = range(len(CHANNELS))
CHANNEL_WEIGHTS = (0.42, 0.29, 0.19, 0.06, 0.04)
NAMES_MONTH_SHARE = 0.38
"""Payers whose receipt carries the month: they scan its code."""
SUBSIDY_SHARE, SUBSIDY_PERCENT = 0.03, 28
BOUNCE_CHANCE, REFUND_CHANCE = 0.0012, 0.4
SPLIT_CHANCE = 0.05
SMALL_SUM = 100
SPLIT_FROM = 200_000
ROUND_TO = 50_000
LATE_ENTRY_CHANCE, LATE_ENTRY_DAYS = 0.012, (14, 49)
LIMITATION_MONTHS = 38
"""Three years and the month of payment, with some delay of the commission."""
DECISION_MONTHS = 6
CANCELLED_WRITE_OFF_SHARE = 0.06
BY_LIMITATION = "Истёк срок исковой давности"
BY_DECISION = "Решение комиссии: взыскание невозможно"


@dataclass(slots=True)
class Receipts:
    """Payments of a run of accounts; arrays of one length. -1: none; months count from 0."""

    account: np.ndarray
    paid_on: np.ndarray
    amount: np.ndarray
    channel: np.ndarray
    named_month: np.ndarray
    under_order: np.ndarray
    reverses: np.ndarray
    """Position of the payment that this one takes back."""

    def __len__(self) -> int:
        return len(self.account)

    def only(self, which: np.ndarray) -> "Receipts":
        """Return the receipts at these positions."""
        return Receipts(*(getattr(self, name)[which] for name in Receipts.__slots__))


@dataclass(slots=True)
class WriteOffs:
    """Debt given up; arrays of one length, ``first_month`` to ``last_month`` inclusive."""

    account: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    first_month: np.ndarray
    last_month: np.ndarray
    is_limitation: np.ndarray


@dataclass(slots=True)
class Orders:
    """Court orders of a run of accounts; arrays of one length."""

    account: np.ndarray
    issued_on: np.ndarray
    first_month: np.ndarray
    last_month: np.ndarray


def give_up_old_debt(
    seed: int,
    part: int,
    clock: Clock,
    bills: np.ndarray,
    corrections: Corrections,
    payers: Payers,
) -> WriteOffs:
    """Write off months for which nobody ever paid: by limitation or by decision."""
    random = stream(seed, "write-offs", part)
    rows = []
    for account in np.flatnonzero(payers.forgiven_month < NO_MONTH).tolist():
        month = int(payers.forgiven_month[account])
        own = corrections.only(corrections.account == account)
        by_limitation = bool(random.random() < 0.7)
        day = (clock.months[0] + month).astype("datetime64[D]") + int(random.integers(9, 27))
        last = month - LIMITATION_MONTHS if by_limitation else DECISION_MONTHS
        last = min(last, month - 2)
        first = min(int(own.month.min(initial=0)), 0)
        known = (own.month <= last) & (own.booked_on < day)
        amount = int(own.amount[known].sum() + bills[account, : max(last + 1, 0)].sum())
        if last < first or amount <= 0 or day >= clock.today:
            continue
        rows.append((account, day, amount, first, last, by_limitation))
        cancelled_on = day + int(random.integers(20, 60))
        if random.random() < CANCELLED_WRITE_OFF_SHARE and cancelled_on < clock.today:
            rows.append((account, cancelled_on, -amount, first, last, by_limitation))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    types = (np.int64, "datetime64[D]", np.int64, np.int64, np.int64, bool)
    return WriteOffs(
        *(np.array(column, dtype=kind) for column, kind in zip(columns, types, strict=True))
    )


@dataclass(slots=True)
class _Till:
    """Receipts as they come, month by month."""

    parts: list[Receipts] = field(default_factory=list)
    count: int = 0

    def take(
        self,
        account: np.ndarray,
        paid_on: np.ndarray,
        amount: np.ndarray,
        channel: np.ndarray | int,
        *,
        named_month: np.ndarray | int = -1,
        under_order: bool = False,
        reverses: np.ndarray | int = -1,
    ) -> np.ndarray:
        """Note receipts; return their positions."""
        size = len(account)
        positions = np.arange(self.count, self.count + size)
        self.count += size
        self.parts.append(
            Receipts(
                account,
                paid_on,
                amount,
                np.broadcast_to(channel, size),
                np.broadcast_to(named_month, size),
                np.full(size, under_order),
                np.broadcast_to(reverses, size),
            )
        )
        return positions

    def receipts(self) -> Receipts:
        return Receipts(
            *(
                np.concatenate([getattr(part, name) for part in self.parts])
                for name in Receipts.__slots__
            )
        )


def pay(
    seed: int,
    part: int,
    clock: Clock,
    bills: np.ndarray,
    corrections: Corrections,
    payers: Payers,
    write_offs: WriteOffs,
    due_days: np.ndarray,
) -> tuple[Receipts, Orders]:
    """Return what a run of accounts paid until today, and the court orders behind some of it.

    ``due_days`` are days of the month that follows each charged month.
    """
    random = stream(seed, "payments", part)
    size, months = bills.shape
    till = _Till()
    changes = effects_by_month(clock, corrections, size)
    written = (write_offs.day.astype("datetime64[M]") - clock.months[0]).astype(int)
    np.add.at(changes, (write_offs.account, written), -write_offs.amount)

    chances = np.array([habit.chance for habit in HABITS])[payers.habit]
    parts, days = payers.of("part"), payers.of("days")
    ahead, every = payers.of("months_ahead"), payers.of("every_months")
    by_bill, rounds_up = payers.of("looks_at_bill"), payers.of("rounds_up")
    resumes, recovery = payers.of("resumes"), payers.of("recovery")
    # Half of those who pay for two months at once do so in odd months.
    phase = np.cumsum(every > 1) % 2
    channel = pick(random, list(CHANNEL_WEIGHTS), size)
    channel = np.where(payers.habit == NUMBER["automatically"], AUTOPAY, channel)
    names_month = chance(random, NAMES_MONTH_SHARE, size) & (channel <= ONLINE)
    names_month &= ahead[:, 1] == 0
    has_subsidy = chance(random, SUBSIDY_SHARE, size) & (payers.stopped == NO_MONTH)

    balance = np.zeros(size, dtype=np.int64)
    adjudged = np.zeros(size, dtype=np.int64)
    left_to_recover = np.zeros(size, dtype=np.int64)
    order_day = np.full(size, np.datetime64("NaT", "D"))
    everyone = np.arange(size)

    for month in range(1, months + 1):
        bill = bills[:, month - 1]
        balance += bill + changes[:, month - 1]
        first_day = (clock.months[0] + month).astype("datetime64[D]")
        due = first_day + int(due_days[month - 1]) - 1
        calendar = int((clock.months[0] + month).astype(int)) % 12

        ordered = payers.order_month == month
        adjudged[ordered] = np.maximum(balance - bill, 0)[ordered]
        left_to_recover[ordered] = adjudged[ordered]
        order_day[ordered] = first_day + 12

        helped = np.flatnonzero(has_subsidy & (bill > 0) & (balance > 0))
        subsidy = bill[helped] * SUBSIDY_PERCENT // 100
        till.take(helped, first_day + between(random, 2, 5, size=len(helped)), subsidy, SUBSIDY)
        balance[helped] -= subsidy

        owed = np.maximum(balance - left_to_recover, 0)
        active = (month <= payers.stopped) | (resumes & (month > payers.order_month))
        pays = active & chance(random, chances[:, calendar], size)
        pays &= (month + phase) % every == 0
        share = parts[:, 0] + random.random(size) * (parts[:, 1] - parts[:, 0])
        amount = (np.where(by_bill, np.minimum(bill, owed), owed) * share).astype(np.int64)
        # In the first month some are still ahead from before: else all would pay ahead at once.
        least_ahead = ahead[:, 0] if month > 1 else 0
        amount += np.where(owed > 0, between(random, least_ahead, ahead[:, 1]) * bill, 0)
        round_bill = -(-bill // ROUND_TO) * ROUND_TO
        amount = np.where(rounds_up, round_bill, amount)
        pays &= amount >= SMALL_SUM
        payer = np.flatnonzero(pays)
        amount = amount[payer]
        paid_on = due + between(random, days[payer, 0], days[payer, 1])
        named = np.where(names_month[payer] & (bill[payer] > 0), month - 1, -1)
        positions = till.take(payer, paid_on, amount, channel[payer], named_month=named)
        balance[payer] -= amount

        bounced = chance(random, BOUNCE_CHANCE, len(payer))
        back = payer[bounced]
        till.take(
            back,
            paid_on[bounced] + between(random, 2, 6, size=len(back)),
            -amount[bounced],
            channel[back],
            reverses=positions[bounced],
        )
        balance[back] += amount[bounced]

        seized = np.flatnonzero((left_to_recover > 0) & (month > payers.order_month + 1))
        rate = recovery[seized, 0] + random.random(len(seized)) * (
            recovery[seized, 1] - recovery[seized, 0]
        )
        recovered = np.minimum(left_to_recover[seized], (adjudged[seized] * rate).astype(np.int64))
        seized, recovered = seized[recovered >= SMALL_SUM], recovered[recovered >= SMALL_SUM]
        till.take(
            seized,
            first_day + between(random, 5, 26, size=len(seized)),
            recovered,
            BAILIFF,
            under_order=True,
        )
        left_to_recover[seized] -= recovered
        balance[seized] -= recovered

        asks_back = rounds_up & (balance < -4 * bill) & (bill > 0)
        asks_back = everyone[asks_back & chance(random, REFUND_CHANCE, size)]
        refund = -balance[asks_back] - bill[asks_back]
        till.take(
            asks_back, first_day + between(random, 14, 26, size=len(asks_back)), -refund, BANK
        )
        balance[asks_back] += refund

    issued = np.flatnonzero(order_day < clock.today)
    orders = Orders(
        account=issued,
        issued_on=order_day[issued],
        first_month=payers.stopped[issued],
        last_month=payers.order_month[issued] - 2,
    )
    return _in_two_goes(random, till.receipts()), orders


def _in_two_goes(random: np.random.Generator, receipts: Receipts) -> Receipts:
    """Some pay a bill in two payments, a few days apart."""
    reversed_ones = np.zeros(len(receipts), dtype=bool)
    reversed_ones[receipts.reverses[receipts.reverses >= 0]] = True
    split = (receipts.amount >= SPLIT_FROM) & (receipts.channel <= CASH_DESK)
    split &= chance(random, SPLIT_CHANCE, len(receipts)) & ~reversed_ones
    at = np.flatnonzero(split)
    second = receipts.only(at)
    second.amount = second.amount * 2 // 5
    second.paid_on = second.paid_on + between(random, 1, 3, size=len(at))
    amount = receipts.amount.copy()
    amount[at] -= second.amount
    receipts.amount = amount
    return Receipts(
        *(
            np.concatenate([getattr(receipts, name), getattr(second, name)])
            for name in Receipts.__slots__
        )
    )


def payment_rows(
    seed: int,
    part: int,
    clock: Clock,
    receipts: Receipts,
    orders: Orders,
    first_account: int,
    first_payment: int,
    first_order: int,
    import_ids: np.ndarray,
) -> Columns:
    """Return rows of ``ops.payment``, by account and day; what is known only later is left out."""
    random = stream(seed, "payment rows", part)
    size = len(receipts)
    delay = between(random, 0, 1, size=size)
    on_paper = np.isin(receipts.channel, (AGENT, POST, CASH_DESK))
    late = chance(random, LATE_ENTRY_CHANCE, size) & on_paper
    late[receipts.reverses[receipts.reverses >= 0]] = False
    late &= receipts.reverses < 0
    delay = np.where(late, between(random, *LATE_ENTRY_DAYS, size=size), delay)
    is_known = receipts.paid_on + delay < clock.today
    # What takes a payment back is known only where the payment is.
    is_known &= (receipts.reverses < 0) | is_known[receipts.reverses]
    document = between(random, 1_000, 999_999, size=size)
    seconds = between(random, 18 * 3600, 23 * 3600 - 1, size=size)
    agent = pick(random, [0.7, 0.3], size)
    agent = np.where(receipts.channel == AGENT, len(AGENT_IDS) - 1, agent)

    order = np.lexsort((np.arange(size), receipts.paid_on, receipts.account))
    order = order[is_known[order]]
    payment_id = np.full(size, -1)
    payment_id[order] = first_payment + np.arange(len(order))
    known = receipts.only(order)
    order_id = np.full(int(receipts.account.max(initial=0)) + 1, -1)
    order_id[orders.account] = first_order + np.arange(len(orders.account))
    named = (clock.months[0] + np.maximum(known.named_month, 0)).astype("datetime64[D]")
    has_agent = (known.channel <= AGENT) | (known.channel == AUTOPAY)
    return {
        "account_id": known.account + (first_account + 1),
        "payment_id": payment_id[order],
        "paid_on": known.paid_on,
        "amount": money(known.amount),
        "channel": pa.array(CHANNELS.tolist()).take(pa.array(known.channel)),
        "agent_id": nullable(AGENT_IDS[agent[order]], has_agent),
        "document": document[order],
        "named_period": nullable(named, known.named_month >= 0),
        "execution_document_id": nullable(order_id[known.account], known.under_order),
        "reverses_payment_id": nullable(payment_id[known.reverses], known.reverses >= 0),
        "import_id": import_ids[known.account],
        "recorded_at": clock.recorded(known.paid_on + delay[order], seconds[order]),
    }


def order_rows(clock: Clock, orders: Orders, first_account: int, first_order: int) -> Columns:
    """Return rows of ``ops.execution_document``."""
    size = len(orders.account)
    year = orders.issued_on.astype("datetime64[Y]").astype(str)
    serial = (first_account + orders.account) % 8_000 + 100
    start = clock.months[0]
    return {
        "execution_document_id": first_order + np.arange(size),
        "account_id": orders.account + (first_account + 1),
        "kind": np.full(size, "court_order"),
        "number": [f"2-{n}/{y}" for n, y in zip(serial.tolist(), year.tolist(), strict=True)],
        "issued_on": orders.issued_on,
        "period_from": (start + orders.first_month).astype("datetime64[D]"),
        "period_to": (start + orders.last_month).astype("datetime64[D]"),
        "recorded_at": clock.recorded(orders.issued_on + 6, 15 * 3600),
    }


def write_off_rows(
    clock: Clock,
    write_offs: WriteOffs,
    first_account: int,
    first_write_off: int,
    import_ids: np.ndarray,
) -> Columns:
    """Return rows of ``ops.write_off``."""
    size = len(write_offs.account)
    start = clock.months[0]
    periods = [
        "{"
        + ",".join(str((start + month).astype("datetime64[D]")) for month in range(a, b + 1))
        + "}"
        for a, b in zip(
            write_offs.first_month.tolist(), write_offs.last_month.tolist(), strict=True
        )
    ]
    year = write_offs.day.astype("datetime64[Y]").astype(str).tolist()
    return {
        "account_id": write_offs.account + (first_account + 1),
        "write_off_id": first_write_off + np.arange(size),
        "written_off_on": write_offs.day,
        "amount": money(write_offs.amount),
        "periods": pa.array(periods, pa.string()),
        "reason": np.where(write_offs.is_limitation, BY_LIMITATION, BY_DECISION),
        "document": [
            f"Приказ № {number}-с/{of_year}"
            for number, of_year in enumerate(year, start=first_write_off)
        ],
        "import_id": import_ids[write_offs.account],
        "recorded_at": clock.recorded(write_offs.day, 17 * 3600),
    }
