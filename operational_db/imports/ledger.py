"""Charges and payments as a table from any billing program.

Columns, forms of values and messages are described for users in docs/user/zagruzka.md.
Nothing here knows the database: accounts and services are names as written in the file.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from operational_db.imports.problems import FieldError, Notice, ParsedTable, Refusal
from operational_db.imports.table import (
    Column,
    Record,
    Table,
    empty_result,
    normal_heading,
    open_table,
    records,
)
from operational_db.imports.values import (
    NOTABLE_AMOUNT,
    read_amount,
    read_date,
    read_day,
    read_month,
    rubles,
)


class LedgerKind(StrEnum):
    """What a line of a charges file is to its month."""

    CHARGE = "charge"
    RECALCULATION = "recalculation"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge, recalculation or adjustment of one account, month and service."""

    line: int
    account: str
    period: date
    service: str
    amount: Decimal
    kind: LedgerKind
    due_date: date | None
    recorded_on: date | None

    @property
    def booked_on(self) -> date:
        """The day the row counts from.

        A charge: the last day of its month. Anything else: the day of its document, and the last
        day of its month where the file does not name one.
        """
        return self.recorded_on if self.is_dated else last_day_of_month(self.period)

    @property
    def is_dated(self) -> bool:
        """Whether the day it counts from is that of its document; a charge has none."""
        return self.kind is not LedgerKind.CHARGE and self.recorded_on is not None


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment of one account; a negative amount is a refund.

    What an agent's register says beyond the payment: the commission that the agent kept, the number
    of the fiscal receipt, the day on which the money reached our account.
    """

    line: int
    account: str
    paid_on: date
    amount: Decimal
    period: date | None
    channel: str | None
    document: str | None
    commission: Decimal | None
    receipt_number: str | None
    credited_on: date | None


ACCOUNT = Column(
    "account",
    "Лицевой счёт",
    ("account_number", "лс", "л/с", "номер лс", "№ лс", "номер лицевого счета", "счет",
     "№ лицевого счета", "лиц. счет", "код лс", "номер счета"),
)  # fmt: skip
PERIOD_SYNONYMS = ("month", "месяц", "расчетный период", "период начисления", "месяц начисления",
                   "период оплаты", "за период", "за месяц", "отчетный период")  # fmt: skip
CHARGE_COLUMNS = (
    ACCOUNT,
    Column("period", "Период", PERIOD_SYNONYMS),
    Column("service", "Услуга", ("наименование услуги", "вид услуги", "название услуги",
                                 "service_name")),
    Column("amount", "Сумма", ("sum", "начислено", "начисление", "сумма начисления", "сумма руб",
                               "начислено руб", "сумма начислений", "начислено, руб.")),
    Column("kind", "Вид", ("type", "тип", "вид операции", "вид строки", "тип начисления",
                           "вид начисления"), is_required=False),
    Column("due_date", "Срок оплаты", ("срок уплаты", "оплатить до", "срок", "due"),
           is_required=False),
    Column("recorded_on", "Дата документа", ("дата записи", "дата проводки", "дата операции",
           "дата отражения", "дата перерасчета"), is_required=False),
)  # fmt: skip
PAYMENT_COLUMNS = (
    ACCOUNT,
    Column("paid_on", "Дата оплаты", ("payment_date", "date", "дата платежа", "дата",
           "дата поступления", "дата операции", "оплачено дата")),
    Column("amount", "Сумма", ("sum", "оплачено", "оплата", "сумма платежа", "сумма оплаты",
           "сумма руб", "внесено", "сумма, руб.")),
    Column("period", "Период", PERIOD_SYNONYMS, is_required=False),
    Column("channel", "Канал", ("способ оплаты", "источник", "касса", "место приема",
           "канал оплаты", "вид оплаты"), is_required=False),
    Column("document", "Документ", ("document_number", "номер документа", "№ документа",
           "номер платежа", "номер операции", "№ операции"), is_required=False),
    Column("commission", "Комиссия", ("fee", "сумма комиссии", "комиссия агента",
           "комиссия, руб.", "комиссия руб", "удержано агентом"), is_required=False),
    Column("receipt_number", "Чек", ("receipt", "№ чека", "номер чека", "фискальный чек",
           "номер фискального чека", "№ фискального чека"), is_required=False),
    Column("credited_on", "Дата зачисления", ("дата перечисления", "зачислено",
           "дата зачисления на счет"), is_required=False),
)  # fmt: skip

_KINDS = {
    LedgerKind.CHARGE: ("", "charge", "начисление", "начислено", "нач", "постоянное"),
    LedgerKind.RECALCULATION: ("recalculation", "перерасчет", "перерасчет начислений", "перер",
                               "доначисление", "снятие", "разовое"),
    LedgerKind.ADJUSTMENT: ("adjustment", "correction", "корректировка", "корр", "исправление",
                            "коррекция", "корректировка сальдо"),
}  # fmt: skip
KINDS_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}

Row = TypeVar("Row")

_LONGEST_ACCOUNT = 64
_DAYS_FROM_MONTH_TO_DUE_DATE = 400
_EXCEL_NUMBER = re.compile(r"\d(?:[.,]\d+)?[eEеЕ][+-]?\d+")
_EXCEL_TEXT = re.compile(r'="?([^"]*)"?')
_TOTAL_WORDS = ("итого", "всего", "total")


def read_charges(content: bytes, *, today: date) -> ParsedTable[ChargeRow]:
    """Read a charges file. Raises ``FileRefusedError`` when it is no such table."""
    return read_rows(open_table(content, CHARGE_COLUMNS), _charge, today)


def read_payments(content: bytes, *, today: date) -> ParsedTable[PaymentRow]:
    """Read a payments file. Raises ``FileRefusedError`` when it is no such table."""
    return read_rows(open_table(content, PAYMENT_COLUMNS), _payment, today)


@lru_cache(maxsize=2_000)
def last_day_of_month(period: date) -> date:
    """The last day of the month that ``period`` lies in."""
    return period.replace(day=calendar.monthrange(period.year, period.month)[1])


class Cells:
    """The cells of one record by column name; knows which one is being read, for messages."""

    def __init__(self, table: Table) -> None:
        self._positions = table.positions
        self._header = table.header
        self.record = Record(0, [], "")
        self.reading = ""

    def take(self, name: str) -> str:
        self.reading = name
        position = self._positions.get(name)
        return "" if position is None else self.record.cells[position].strip()

    def heading(self) -> str:
        """The heading of the column being read, as the file writes it."""
        position = self._positions.get(self.reading)
        return self.reading if position is None else self._header[position]


def read_rows(
    table: Table, build: Callable[[Cells, date, list[Notice]], Row], today: date
) -> ParsedTable[Row]:
    """Build typed rows of a table; a line that cannot be read is refused with its reason."""
    parsed: ParsedTable[Row] = empty_result(table)
    cells = Cells(table)
    for record in records(table, parsed.refusals.append):
        cells.record = record
        try:
            parsed.rows.append(build(cells, today, parsed.notices))
        except FieldError as error:
            parsed.refusals.append(Refusal(record.line, cells.heading(), str(error), record.raw))
    return parsed


def _charge(cells: Cells, today: date, notices: list[Notice]) -> ChargeRow:
    line = cells.record.line
    account = read_account(cells.take("account"))
    period = read_month(cells.take("period"), today=today)
    service = _service(cells.take("service"))
    amount = read_amount(cells.take("amount"))
    kind = _kind(cells.take("kind"))
    if amount < 0 and kind is LedgerKind.CHARGE:
        kind = LedgerKind.RECALCULATION
        notices.append(
            Notice(line, f"отрицательное начисление {rubles(amount)} принято как перерасчёт")
        )
    cells.reading = "amount"
    if not amount and kind is not LedgerKind.CHARGE:
        raise FieldError("перерасчёт или корректировка на ноль ничего не меняет. Удалите строку.")
    _note_large_sum(amount, line, notices)
    return ChargeRow(
        line=line,
        account=account,
        period=period,
        service=service,
        amount=amount,
        kind=kind,
        due_date=read_due_date(cells.take("due_date"), period),
        recorded_on=_optional_day(cells.take("recorded_on"), today),
    )


def _payment(cells: Cells, today: date, notices: list[Notice]) -> PaymentRow:
    line = cells.record.line
    account = read_account(cells.take("account"))
    paid_on = read_day(cells.take("paid_on"), today=today)
    amount = read_amount(cells.take("amount"))
    if not amount:
        raise FieldError("платёж на ноль рублей. Впишите сумму или удалите строку.")
    if amount < 0:
        notices.append(
            Notice(line, f"отрицательный платёж {rubles(amount)} принят как возврат плательщику")
        )
    _note_large_sum(amount, line, notices)
    period = cells.take("period")
    receipt = _optional_text(cells.take("receipt_number"))
    return PaymentRow(
        line=line,
        account=account,
        paid_on=paid_on,
        amount=amount,
        period=read_month(period, today=today) if period else None,
        channel=_optional_text(cells.take("channel")),
        # A register that has receipts only has no other number to tell its payments by.
        document=_optional_text(cells.take("document")) or receipt,
        commission=_commission(cells.take("commission")),
        receipt_number=receipt,
        credited_on=_credited_day(cells.take("credited_on"), paid_on, today),
    )


def _commission(text: str) -> Decimal | None:
    if not text:
        return None
    commission = read_amount(text)
    if commission < 0:
        raise FieldError(f"комиссия {text} меньше нуля. Впишите её без знака.")
    return commission


def _credited_day(text: str, paid_on: date, today: date) -> date | None:
    if not text:
        return None
    credited_on = read_day(text, today=today)
    if credited_on < paid_on:
        raise FieldError(
            f"дата зачисления {text} раньше дня оплаты {paid_on:%d.%m.%Y}. Исправьте одну из дат."
        )
    return credited_on


def _note_large_sum(amount: Decimal, line: int, notices: list[Notice]) -> None:
    if abs(amount) > NOTABLE_AMOUNT:
        notices.append(
            Notice(
                line,
                f"сумма {rubles(amount)} больше миллиона рублей; принята. Проверьте, верна ли она",
            )
        )


def read_account(text: str) -> str:
    """An account number as printed on the bill. Leading zeros belong to it."""
    number = text
    if match := _EXCEL_TEXT.fullmatch(number):
        number = match[1].strip()
    number = number.removeprefix("'")
    if not number:
        raise FieldError("не указан лицевой счёт. Впишите номер счёта, как в квитанции.")
    if number.lower().startswith(_TOTAL_WORDS):
        raise FieldError("это строка итогов, а не счёт. Удалите её из файла.")
    if _EXCEL_NUMBER.fullmatch(number):
        raise FieldError(
            f"«{text}»: Excel превратил номер счёта в число и потерял цифры. Задайте столбцу "
            "текстовый формат и выгрузите файл заново."
        )
    if len(number) > _LONGEST_ACCOUNT:
        raise FieldError(
            f"номер счёта длиннее {_LONGEST_ACCOUNT} знаков. Проверьте, не склеились ли столбцы."
        )
    return number


def _service(text: str) -> str:
    if not text:
        raise FieldError("не указана услуга. Впишите её название, например «Отопление».")
    return text


@lru_cache(maxsize=1_000)
def _kind(text: str) -> LedgerKind:
    kind = KINDS_BY_WORD.get(normal_heading(text))
    if kind is None:
        raise FieldError(
            f"вид «{text}» не известен. Впишите: начисление, перерасчёт или корректировка "
            "(charge, recalculation, adjustment)."
        )
    return kind


def read_due_date(text: str, period: date) -> date | None:
    if not text:
        return None
    due_date = read_date(text)
    latest = period + timedelta(days=_DAYS_FROM_MONTH_TO_DUE_DATE)
    if not period <= due_date <= latest:
        raise FieldError(
            f"срок оплаты {text} не подходит к периоду {period:%m.%Y}. Он должен наступать "
            "не раньше начала этого месяца и не позже чем через год. Исправьте срок или период."
        )
    return due_date


def _optional_day(text: str, today: date) -> date | None:
    return read_day(text, today=today) if text else None


def _optional_text(text: str) -> str | None:
    return text or None
