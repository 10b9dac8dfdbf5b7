"""Payment orders to the treasury, whatever file they leave in: the values and what may not go out.

``client_bank`` writes them for a bank-client and 1С, ``credit_transfer`` for SAP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LONGEST_PURPOSE = 210
LONGEST_NAME = 160
NO_UIN = "0"


class OrderRefusedError(ValueError):
    """An order that a bank would send back; the message is Russian and names the order."""


@dataclass(frozen=True, slots=True)
class Party:
    """Payer or payee with its account; digits as printed."""

    name: str
    inn: str
    kpp: str
    account: str
    bank: str
    bic: str
    correspondent_account: str


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """One payment order for state duty. Roubles; fields by their numbers in the form 0401060.

    ``status`` is field 101 (01: an organisation), ``kbk`` 104, ``oktmo`` 105; 106–109 are zeros
    and 110 is empty, as of any duty paid on filing. ``uin`` is field 22. ``mark`` identifies the
    order in our own books.
    """

    number: int
    day: date
    amount: Decimal
    payer: Party
    payee: Party
    kbk: str
    oktmo: str
    purpose: str
    mark: str
    uin: str = NO_UIN
    status: str = "01"
    priority: int = 5


def control_total(orders: Sequence[PaymentOrder]) -> Decimal:
    """The sum of all orders, to be compared with the register."""
    return sum((order.amount for order in orders), Decimal("0.00"))


def check_orders(orders: Sequence[PaymentOrder]) -> None:
    """Raise ``OrderRefusedError`` for the first order that a bank would not take."""
    if not orders:
        raise OrderRefusedError("В реестре нет ни одного платёжного поручения.")
    numbers: set[int] = set()
    for order in orders:
        if order.number in numbers:
            raise OrderRefusedError(f"Номер поручения {order.number} повторяется.")
        numbers.add(order.number)
        problem = _problem(order)
        if problem:
            raise OrderRefusedError(f"Поручение № {order.number}: {problem}")


def _problem(order: PaymentOrder) -> str | None:
    if order.amount <= 0 or order.amount != order.amount.quantize(Decimal("0.01")):
        return f"сумма {order.amount} не подходит."
    if len(order.purpose) > LONGEST_PURPOSE:
        return f"назначение длиннее {LONGEST_PURPOSE} знаков."
    texts = (order.purpose, order.payer.name, order.payee.name, order.payer.bank, order.payee.bank)
    if not all(text.strip() for text in texts):
        return "не заполнено назначение, имя или банк."
    if any("\n" in text or "\r" in text for text in texts):
        return "в назначении или имени есть перевод строки."
    if max(map(len, (order.payer.name, order.payee.name))) > LONGEST_NAME:
        return f"имя плательщика или получателя длиннее {LONGEST_NAME} знаков."
    for side, party in (("плательщика", order.payer), ("получателя", order.payee)):
        for title, value, lengths in (
            ("ИНН", party.inn, (10, 12)),
            ("КПП", party.kpp, (9,)),
            ("счёт", party.account, (20,)),
            ("БИК", party.bic, (9,)),
            ("корсчёт", party.correspondent_account, (20,)),
        ):
            if not (value.isascii() and value.isdigit() and len(value) in lengths):
                return f"{title} {side} «{value}» не подходит. Исправьте реквизиты."
    if not (order.kbk.isdigit() and len(order.kbk) == 20 and len(order.oktmo) in (8, 11)):
        return f"КБК «{order.kbk}» или ОКТМО «{order.oktmo}» не подходит. Исправьте реквизиты суда."
    return None
