"""The model of debt of docs/architecture.md in plain Python, day by day: what SQL is checked by.

Written from the text and not from the SQL, for reading and not for speed. Every day of an account
is lived through: months arise, money that waits is let at them, then the receipts of the day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from tests.warehouse.ledger import Charge, CourtOrder, Ledger, next_month
from tests.warehouse.reference_calendar import due_date_by_contract, liability_of

LIMITATION_YEARS = 3
RECEIPTS_OF_A_DAY = ("payment", "recalculation", "write_off")
Services = dict[int, int]


@dataclass(frozen=True)
class Piece:
    """A row of the central mart. ``credit`` and the refunds are (kind, number)."""

    kind: str
    liability: str | None
    period: date | None
    due_date: date | None
    opened: date
    closed: date | None
    kopecks: int
    credit: tuple[str, int] | None = None
    taken_back_by: tuple[str, int] | None = None
    reopened_by: tuple[str, int] | None = None
    services: Services | None = None


@dataclass
class Obligation:
    """Account × liability × month × due date, with what its services came to."""

    liability: str
    period: date
    due_date: date
    opened: date
    arises: date
    kopecks: int
    services: Services


@dataclass
class Credit:
    """What closes debt: a payment, a write-off, a surplus; below zero, what opens it again."""

    kind: str
    number: int
    day: date
    kopecks: int
    months: tuple[date, ...] = ()
    reverses: int | None = None
    under: CourtOrder | None = None
    rest: int = 0

    @property
    def name(self) -> tuple[str, int]:
        return self.kind, self.number

    @property
    def held_until(self) -> date:
        """The creditor may not move it before the months that it names are over."""
        return next_month(max(self.months)) if self.months else date.min


@dataclass
class Debt:
    """An obligation, or what a refund opened again: what is still open of it."""

    obligation: Obligation | None
    due_date: date
    opened: date
    kopecks: int
    services: Services | None
    age: int
    reopened_by: Credit | None = None
    open: int = 0
    open_services: Services = field(default_factory=dict)

    @property
    def place(self) -> tuple:
        """Order of due date, month, liability; debts of refunds stand last on their day."""
        if self.obligation is None:
            return (self.due_date, True, self.due_date, "", self.age)
        named = self.obligation
        return (self.due_date, False, named.period, named.liability, self.age)

    @property
    def period(self) -> date:
        return self.obligation.period if self.obligation else self.due_date.replace(day=1)

    @property
    def came(self) -> date:
        """The day on which it could first be closed."""
        if self.obligation and not self.reopened_by:
            return self.obligation.arises
        return self.opened


@dataclass
class Demand:
    """What an order still asks for: by claimed month, and in all, as the court awarded."""

    months: dict[tuple[str, date], int]
    principal: int
    duty: int
    penalty: int

    @classmethod
    def of(cls, order: CourtOrder) -> "Demand":
        months = {(row.liability, row.period): row.kopecks for row in order.claimed}
        return cls(months, order.principal, order.duty, order.penalty)


@dataclass
class Closing:
    """A part of a debt that a credit closed, and how much of it no refund has opened again."""

    debt: Debt
    credit: Credit
    day: date
    kopecks: int
    services: Services | None
    standing: int
    standing_services: Services | None
    is_claimed: bool


@dataclass
class Award:
    """What a credit repaid of the duty or the penalty of an order: it is in no month."""

    what: str
    credit: Credit
    standing: int


def share(whole: int, weights: list[int]) -> list[int]:
    """Largest remainder: parts of ``whole`` in proportion to ``weights``, earlier ones first."""
    total = sum(weights)
    parts = [whole * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(whole * weights[i] % total))
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return parts


def share_services(whole: int, services: Services) -> Services:
    """The same between services, those of smaller number first."""
    numbers = sorted(services)
    return dict(zip(numbers, share(whole, [services[n] for n in numbers]), strict=True))


def obligations_of(ledger: Ledger) -> tuple[list[Obligation], list[Credit]]:
    """What the months came to, and the surpluses that fell out of them."""
    lines: dict[tuple, list[Charge]] = defaultdict(list)
    for charge in ledger.charges:
        if charge.kopecks:
            liability = liability_of(charge.service)
            due_date = _named_due_date(ledger, charge) or due_date_by_contract(
                liability, charge.period, ledger.own_due_days
            )
            lines[liability, charge.period, due_date].append(charge)

    obligations, surpluses = [], []
    for (liability, period, due_date), charges in lines.items():
        services: Services = defaultdict(int)
        for line in sorted(
            charges,
            # Of one day, what raises the month counts before what lowers it.
            key=lambda line: (line.kind != "charge", line.booked_on, line.kopecks < 0, line.number),
        ):
            services[line.service] += line.kopecks
            if sum(services.values()) < 0:
                surplus = -sum(services.values())
                surpluses.append(Credit("recalculation", line.number, line.booked_on, surplus))
                services.clear()
        total = sum(services.values())
        owed = {service: kopecks for service, kopecks in services.items() if kopecks > 0}
        if total:
            first_day_after = next_month(period)
            obligations.append(
                Obligation(
                    liability=liability,
                    period=period,
                    due_date=due_date,
                    opened=min(first_day_after - timedelta(days=1), due_date),
                    arises=min(first_day_after, due_date),
                    kopecks=total,
                    services=share_services(total, owed),
                )
            )
    return obligations, surpluses


def _named_due_date(ledger: Ledger, charge: Charge) -> date | None:
    if charge.due_date or charge.kind == "charge":
        return charge.due_date
    named = [
        other.due_date
        for other in ledger.charges
        if other.kind == "charge"
        and other.due_date
        and other.period == charge.period
        and liability_of(other.service) == liability_of(charge.service)
    ]
    return min(named, default=None)


def credits_of(ledger: Ledger) -> list[Credit]:
    """Payments and write-offs, with the months that they name."""
    found = []
    for payment in ledger.payments:
        months: tuple[date, ...] = ()
        if payment.under:
            months = tuple(sorted({row.period for row in payment.under.claimed}))
        elif payment.order:
            months = _months(*payment.order)
        elif payment.named_period:
            months = (payment.named_period,)
        found.append(
            Credit(
                "payment",
                payment.number,
                payment.paid_on,
                payment.kopecks,
                months,
                payment.reverses,
                payment.under,
            )
        )
    for row in ledger.write_offs:
        found.append(Credit("write_off", row.number, row.written_off_on, row.kopecks, row.periods))
    return found


def _months(first: date, last: date) -> tuple[date, ...]:
    months = [first]
    while months[-1] < last:
        months.append(next_month(months[-1]))
    return tuple(months)


class Account:
    """One account, lived through day by day."""

    def __init__(self, ledger: Ledger) -> None:
        self.obligations, surpluses = obligations_of(ledger)
        self.credits = sorted(
            credits_of(ledger) + surpluses,
            key=lambda c: (c.day, c.kopecks < 0, RECEIPTS_OF_A_DAY.index(c.kind), c.number),
        )
        self.debts: list[Debt] = []
        self.closings: list[Closing | Award] = []
        self.waiting: list[Credit] = []
        self.advances: list[Piece] = []
        self.awards: list[Piece] = []
        self.demands = {c.under.number: Demand.of(c.under) for c in self.credits if c.under}

    def live(self) -> list[Piece]:
        """Live through all days; return the pieces of debt and of advance."""
        days = [credit.day for credit in self.credits]
        days += [credit.held_until for credit in self.credits if credit.months]
        days += [obligation.arises for obligation in self.obligations]
        day = min(days, default=date.max)
        while day <= max(days, default=date.min):
            self._live_one(day)
            day += timedelta(days=1)
        return self._pieces()

    def _live_one(self, day: date) -> None:
        for obligation in self.obligations:
            if obligation.arises == day:
                self._open(obligation, day=obligation.opened)
        self._let_go_what_waits(day)
        for credit in self.credits:
            if credit.day != day:
                continue
            if credit.kopecks > 0:
                credit.rest = credit.kopecks
                self._close_with(credit, day)
                if credit.rest:
                    self.waiting.append(credit)
            else:
                self._give_back(credit, day)
                self._let_go_what_waits(day)

    def _open(self, obligation: Obligation, *, day: date) -> None:
        services = obligation.services
        self.debts.append(
            Debt(
                obligation=obligation,
                due_date=obligation.due_date,
                opened=day,
                kopecks=obligation.kopecks,
                services=services,
                age=0,
                open=obligation.kopecks,
                open_services=dict(services),
            )
        )

    def _let_go_what_waits(self, day: date) -> None:
        for credit in list(self.waiting):
            before = credit.rest
            self._close_with(credit, day)
            if used := before - credit.rest:
                self._note_advance(credit, used, closed=day)
        self.waiting = [credit for credit in self.waiting if credit.rest]

    def _repay_award(self, what: str, credit: Credit, day: date) -> None:
        demand = self.demands[credit.under.number]
        part = min(credit.rest, getattr(demand, what))
        if part:
            setattr(demand, what, getattr(demand, what) - part)
            credit.rest -= part
            self.closings.append(Award(what, credit, part))
            self._note_award(credit, part, day)

    def _close_under_order(self, credit: Credit, day: date) -> None:
        """Costs come before the debt and penalty after it (ГК 319); then what comes later."""
        self._repay_award("duty", credit, day)
        demand = self.demands[credit.under.number]
        still_open = sorted(
            (d for d in self.debts if d.open and d.obligation), key=lambda d: d.place
        )
        for _, group in groupby(still_open, key=lambda d: d.due_date):
            due_together = list(group)
            left = dict(demand.months)
            asked = []
            for debt in due_together:
                month = (debt.obligation.liability, debt.period)
                part = min(debt.open, left.get(month, 0))
                left[month] = left.get(month, 0) - part
                asked.append(part)
            if not any(asked):
                continue
            whole = min(credit.rest, demand.principal, sum(asked))
            for debt, part in zip(due_together, share(whole, asked), strict=True):
                if part:
                    demand.months[debt.obligation.liability, debt.period] -= part
                    demand.principal -= part
                    self._close_part(credit, day, debt, part, is_claimed=True)
        if day < credit.held_until:
            return
        self._repay_award("penalty", credit, day)
        later = [d for d in self.debts if d.came > credit.day]
        self._close(credit, day, [d for d in later if not is_time_barred(d.due_date, day)])

    def _close_with(self, credit: Credit, day: date) -> None:
        if credit.under:
            self._close_under_order(credit, day)
            return
        if credit.months:
            self._close(credit, day, [d for d in self.debts if d.period in credit.months])
            if day < credit.held_until:
                return
        takes_old = credit.kind == "write_off" and not credit.months
        self._close(
            credit, day, [d for d in self.debts if takes_old or not is_time_barred(d.due_date, day)]
        )

    def _close(self, credit: Credit, day: date, debts: list[Debt]) -> None:
        still_open = sorted((d for d in debts if d.open), key=lambda d: d.place)
        for _, group in groupby(still_open, key=lambda d: d.due_date):
            due_together = list(group)
            owed = [debt.open for debt in due_together]
            for debt, part in zip(
                due_together, share(min(credit.rest, sum(owed)), owed), strict=True
            ):
                if part:
                    self._close_part(credit, day, debt, part)

    def _close_part(
        self, credit: Credit, day: date, debt: Debt, part: int, *, is_claimed: bool = False
    ) -> None:
        services = None
        if debt.services is not None:
            services = share_services(part, debt.open_services)
            debt.open_services = _less(debt.open_services, services)
        debt.open -= part
        credit.rest -= part
        self.closings.append(Closing(debt, credit, day, part, services, part, services, is_claimed))

    def _give_back(self, refund: Credit, day: date) -> None:
        own = [
            c for c in self.credits if refund.reverses and c.name == ("payment", refund.reverses)
        ]
        if refund.kind == "write_off":
            own = [c for c in self.credits if c.kind == "write_off"]
        need = -refund.kopecks
        for candidates in (own, self.credits):
            for credit in reversed([c for c in self.waiting if c in candidates]):
                taken = min(need, credit.rest)
                credit.rest -= taken
                need -= taken
                if taken:
                    self._note_advance(credit, taken, closed=day, taken_back_by=refund)
            for closing in reversed([c for c in self.closings if c.credit in candidates]):
                # Awards of other receipts are taken last: they are no debt of the account.
                if isinstance(closing, Closing):
                    need -= self._open_again(closing, need, refund, day)
                elif candidates is own:
                    need -= self._award_again(closing, need, refund, day)
        if refund.kind == "payment":
            for award in reversed([c for c in self.closings if isinstance(c, Award)]):
                need -= self._award_again(award, need, refund, day)
        self.waiting = [credit for credit in self.waiting if credit.rest]
        if need:
            debt = Debt(None, day, day, need, None, len(self.debts), refund, need)
            self.debts.append(debt)

    def _award_again(self, award: Award, need: int, refund: Credit, day: date) -> int:
        taken = min(need, award.standing)
        if taken:
            award.standing -= taken
            demand = self.demands[award.credit.under.number]
            setattr(demand, award.what, getattr(demand, award.what) + taken)
            self._note_award(award.credit, -taken, day, taken_back_by=refund)
        return taken

    def _open_again(self, closing: Closing, need: int, refund: Credit, day: date) -> int:
        taken = min(need, closing.standing)
        if not taken:
            return 0
        services = None
        if closing.standing_services is not None:
            services = share_services(taken, closing.standing_services)
            closing.standing_services = _less(closing.standing_services, services)
        closing.standing -= taken
        if closing.is_claimed:
            demand = self.demands[closing.credit.under.number]
            demand.principal += taken
            demand.months[closing.debt.obligation.liability, closing.debt.period] += taken
        source = closing.debt
        self.debts.append(
            Debt(
                obligation=source.obligation,
                due_date=source.due_date,
                opened=day,
                kopecks=taken,
                services=services,
                age=len(self.debts) + 1,
                reopened_by=refund,
                open=taken,
                open_services=dict(services or {}),
            )
        )
        return taken

    def _note_advance(
        self,
        credit: Credit,
        kopecks: int,
        closed: date | None = None,
        taken_back_by: Credit | None = None,
    ) -> None:
        self.advances.append(
            Piece(
                kind="advance",
                liability=None,
                period=None,
                due_date=None,
                opened=credit.day,
                closed=closed,
                kopecks=-kopecks,
                credit=credit.name,
                taken_back_by=taken_back_by.name if taken_back_by else None,
            )
        )

    def _note_award(
        self, credit: Credit, kopecks: int, day: date, taken_back_by: Credit | None = None
    ) -> None:
        self.awards.append(
            Piece(
                kind="award",
                liability=None,
                period=None,
                due_date=None,
                opened=day,
                closed=day,
                kopecks=kopecks,
                credit=credit.name,
                taken_back_by=taken_back_by.name if taken_back_by else None,
            )
        )

    def _pieces(self) -> list[Piece]:
        for credit in self.waiting:
            self._note_advance(credit, credit.rest)
        pieces = self.advances + self.awards
        for closing in self.closings:
            if isinstance(closing, Award):
                continue
            pieces.append(
                _piece(closing.debt, closing.kopecks, closing.services, closing.day, closing.credit)
            )
        pieces += [_piece(d, d.open, d.services and d.open_services) for d in self.debts if d.open]
        return pieces


def is_time_barred(due_date: date, day: date) -> bool:
    """Tell whether the three years after the due date are over before ``day`` (ГК 196, 200)."""
    try:
        last_day = due_date.replace(year=due_date.year + LIMITATION_YEARS)
    except ValueError:  # 29 February: the term ends with the last day of the month (ГК 192)
        last_day = date(due_date.year + LIMITATION_YEARS, 2, 28)
    return last_day < day


def _less(services: Services, taken: Services) -> Services:
    return {service: kopecks - taken[service] for service, kopecks in services.items()}


def _piece(
    debt: Debt,
    kopecks: int,
    services: Services | None,
    closed: date | None = None,
    credit: Credit | None = None,
) -> Piece:
    obligation = debt.obligation
    return Piece(
        kind="debt" if obligation else "refund",
        liability=obligation.liability if obligation else None,
        period=debt.period,
        due_date=debt.due_date,
        opened=debt.opened,
        closed=closed,
        kopecks=kopecks,
        credit=credit.name if credit else None,
        reopened_by=debt.reopened_by.name if debt.reopened_by else None,
        services=services,
    )


def pieces_of(ledger: Ledger) -> list[Piece]:
    """Pieces of debt and of advance of one account."""
    return Account(ledger).live()


def balance_on(ledger: Ledger, day: date, pieces: list[Piece]) -> int:
    """What is owed on a day by plain addition: no allocation, so it checks the allocation too.

    Of ``pieces`` it takes only what repaid duty and penalty of orders: that lowers no balance.
    """
    obligations, surpluses = obligations_of(ledger)
    owed = sum(o.kopecks for o in obligations if o.opened <= day)
    owed += sum(p.kopecks for p in pieces if p.kind == "award" and p.opened <= day)
    return owed - sum(c.kopecks for c in credits_of(ledger) + surpluses if c.day <= day)


def open_on(pieces: list[Piece], day: date) -> list[Piece]:
    """The pieces that count in the balance of a day."""
    return [p for p in pieces if p.opened <= day and (p.closed is None or p.closed > day)]
