"""A case typed or pasted by hand: charges and payments of somebody who has no account here.

One table holds all of it. Columns and messages are described for users in
docs/user/kalkulyator.md. Nothing here knows the database.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from operational_db.imports.ledger import (
    PERIOD_SYNONYMS,
    Cells,
    last_day_of_month,
    read_due_date,
    read_rows,
)
from operational_db.imports.problems import FieldError, FileRefusedError, Notice, ParsedTable
from operational_db.imports.table import Column, normal_heading, open_table
from operational_db.imports.values import read_amount, read_day, read_month


class CaseKind(StrEnum):
    """What a line of a case is."""

    CHARGE = "charge"
    RECALCULATION = "recalculation"
    ADJUSTMENT = "adjustment"
    PAYMENT = "payment"
    WRITE_OFF = "write_off"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A line of a case. ``happened_on`` is the day of the payment or of the document."""

    line: int
    kind: CaseKind
    period: date | None
    amount: Decimal
    happened_on: date | None
    due_date: date | None
    liability: str
    delivered_on: date | None

    @property
    def booked_on(self) -> date:
        """The day a charge counts from, as in a file of charges."""
        if self.kind is not CaseKind.CHARGE and self.happened_on:
            return self.happened_on
        return last_day_of_month(self.period)


CASE_COLUMNS = (
    Column("kind", "Вид", ("type", "тип", "вид строки", "что"), is_required=False),
    Column("period", "Период", PERIOD_SYNONYMS),
    Column("amount", "Сумма", ("sum", "начислено", "сумма руб", "оплачено", "сумма, руб.")),
    Column("date", "Дата", ("дата оплаты", "paid_on", "дата платежа", "дата документа"),
           is_required=False),
    Column("due_date", "Срок оплаты", ("срок уплаты", "оплатить до", "срок", "due"),
           is_required=False),
    Column("liability", "Обязательство", ("за что", "услуга"), is_required=False),
    Column("delivered_on", "Счёт доставлен", ("дата доставки", "доставлен", "delivered"),
           is_required=False),
)  # fmt: skip
_KINDS = {
    CaseKind.CHARGE: ("charge", "начисление", "начислено", "нач"),
    CaseKind.RECALCULATION: ("recalculation", "перерасчет", "перер"),
    CaseKind.ADJUSTMENT: ("adjustment", "корректировка", "корр"),
    CaseKind.PAYMENT: ("payment", "оплата", "платеж", "оплачено", "возврат"),
    CaseKind.WRITE_OFF: ("write_off", "write off", "списание", "списано"),
}
KINDS_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}
_CREDITS = frozenset({CaseKind.PAYMENT, CaseKind.WRITE_OFF})
LINES_AT_MOST = 5_000
_PROBLEMS_TOLD = 20


def read_case(content: bytes, *, today: date) -> tuple[list[CaseLine], list[Notice]]:
    """Read a case; return its lines and what a lawyer should look at.

    A case is reckoned whole or not at all: one line that cannot be read refuses it, since a sum
    without that line would be wrong. Raises ``FileRefusedError`` (Russian) that names every such
    line, its column, what is wrong and what to do.
    """
    parsed = read_rows(open_table(content, CASE_COLUMNS), _line, today)
    if parsed.refusals:
        told = [problem.as_text() for problem in parsed.refusals[:_PROBLEMS_TOLD]]
        more = len(parsed.refusals) - len(told)
        raise FileRefusedError(
            "Расчёт не сделан: исправьте строки.\n"
            + "\n".join(told)
            + (f"\nи ещё строк с ошибками: {more}" if more else "")
        )
    check_case(parsed)
    return parsed.rows, parsed.notices


def check_case(parsed: ParsedTable[CaseLine]) -> None:
    """Refuse a case that is empty, too long, or tells two stories of one bill."""
    rows = parsed.rows
    if not any(row.kind not in _CREDITS for row in rows):
        raise FileRefusedError("В расчёте нет начислений. Впишите хотя бы один месяц с суммой.")
    if len(rows) > LINES_AT_MOST:
        raise FileRefusedError(
            f"В расчёте {len(rows)} строк, а здесь считается не больше {LINES_AT_MOST}. "
            "Загрузите начисления и оплаты как лицевой счёт."
        )
    delivered: dict[date, CaseLine] = {}
    for row in rows:
        if row.delivered_on is None:
            continue
        earlier = delivered.setdefault(row.period, row)
        if earlier.delivered_on != row.delivered_on:
            raise FileRefusedError(
                f"счёт за {row.period:%m.%Y} доставлен {row.delivered_on:%d.%m.%Y}, а в строке "
                f"{earlier.line} – {earlier.delivered_on:%d.%m.%Y}. Оставьте одну дату.",
                line=row.line,
            )


def _line(cells: Cells, today: date, notices: list[Notice]) -> CaseLine:
    line = cells.record.line
    written_kind = cells.take("kind")
    written_date = cells.take("date")
    kind = _kind(written_kind, has_date=bool(written_date))
    is_credit = kind in _CREDITS
    period_text = cells.take("period")
    period = read_month(period_text, today=today) if period_text or not is_credit else None
    amount = read_amount(cells.take("amount"))
    if not amount and kind is not CaseKind.CHARGE:
        raise FieldError("сумма ноль ничего не меняет. Впишите сумму или удалите строку.")
    if amount < 0 and kind is CaseKind.CHARGE:
        kind = CaseKind.RECALCULATION
        notices.append(Notice(line, f"отрицательное начисление {amount} принято как перерасчёт"))
    elif amount < 0 and kind is CaseKind.PAYMENT:
        notices.append(Notice(line, f"отрицательная оплата {amount} принята как возврат"))
    cells.reading = "date"
    if is_credit and not written_date:
        raise FieldError("не указан день оплаты или списания. Впишите дату в виде 31.01.2024.")
    happened_on = read_day(written_date, today=today) if written_date else None
    due_text = cells.take("due_date")
    delivered_text = cells.take("delivered_on")
    if is_credit and (due_text or delivered_text):
        raise FieldError("срок оплаты и доставка счёта – для начислений. Очистите ячейку.")
    due_date = read_due_date(due_text, period) if due_text else None
    cells.reading = "delivered_on"
    delivered_on = read_day(delivered_text, today=today) if delivered_text else None
    if delivered_on and delivered_on < period:
        raise FieldError(
            f"счёт за {period:%m.%Y} доставлен {delivered_text}, раньше начала своего месяца. "
            "Исправьте дату или период."
        )
    return CaseLine(
        line=line,
        kind=kind,
        period=period,
        amount=amount,
        happened_on=happened_on,
        due_date=due_date,
        liability=_liability(cells.take("liability")),
        delivered_on=delivered_on,
    )


def _kind(text: str, *, has_date: bool) -> CaseKind:
    if not text:
        # A table without this column: what has a day is a payment, the rest are months.
        return CaseKind.PAYMENT if has_date else CaseKind.CHARGE
    kind = KINDS_BY_WORD.get(normal_heading(text))
    if kind is None:
        raise FieldError(
            f"вид «{text}» не известен. Впишите: начисление, перерасчёт, корректировка, оплата "
            "или списание."
        )
    return kind


def _liability(text: str) -> str:
    plain = normal_heading(text)
    if not plain or plain in {"housing", "жку", "жилье", "жилье и услуги", "содержание"}:
        return "housing"
    if plain.startswith(("капит", "кап ", "капремонт", "взнос", "capital")):
        return "capital_repair"
    raise FieldError(
        f"обязательство «{text}» не известно. Впишите «жильё и услуги» или «капитальный ремонт»."
    )
