"""Events of plans as a table: one line an event of any kind, from CSV or from a workbook.

A workbook is read as the table of its first sheet, and lines are counted as its rows.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from operational_db.clock import MOSCOW
from operational_db.event_names import (
    BILLS,
    CONTACT_KINDS,
    CONTACT_RESULTS,
    EVENT_KINDS,
    PUBLIC_EVENTS,
    RESULTS_OF_KIND,
    code_of,
)
from operational_db.imports.problems import FieldError, FileRefusedError, ParsedTable, Refusal
from operational_db.imports.table import Column, empty_result, open_table, records
from operational_db.imports.values import read_amount, read_date

WORKBOOK_MARK = b"PK\x03\x04"
LONGEST_TEXT = 500
LARGEST_UNPACKED = 500 * 2**20
"""Bytes of all parts of a workbook: a small file can be made to unpack to gigabytes."""
YES = frozenset({"да", "+", "1", "true", "есть"})
NO = frozenset({"", "нет", "-", "–", "—", "0", "false"})

COLUMNS = (
    Column("kind", "Событие", ("вид события", "вид")),
    Column("day", "Дата", ("дата события", "день")),
    Column("time", "Время", (), is_required=False),
    Column("account", "Лицевой счёт", ("лс", "номер лс", "счет"), is_required=False),
    Column("result", "Результат", (), is_required=False),
    Column("amount", "Сумма", ("сумма требования",), is_required=False),
    Column("amount_after", "Осталось после", ("сумма после", "после сверки"), is_required=False),
    Column("document", "Документ", ("номер документа", "№ документа"), is_required=False),
    Column("phone", "Телефон", (), is_required=False),
    Column("seconds", "Длительность", ("секунд",), is_required=False),
    Column("reason", "Причина неплатежа", (), is_required=False),
    Column("promise_day", "Обещание: дата", ("обещал до", "дата обещания"), is_required=False),
    Column("promise_sum", "Обещание: сумма", ("сумма обещания",), is_required=False),
    Column("duty_day", "Пошлина уплачена", ("дата уплаты пошлины",), is_required=False),
    Column("receipt", "Квитанция взыскателя", ("с квитанцией",), is_required=False),
    Column("office", "ОСП", ("отдел приставов",), is_required=False),
    Column("decision", "Решение", (), is_required=False),
    Column("house", "Дом", ("адрес дома",), is_required=False),
    Column("entrance", "Подъезд", (), is_required=False),
    Column("title", "Заголовок", ("тема", "издание"), is_required=False),
    Column("people", "Участников", ("число участников",), is_required=False),
    Column("signed", "Акт подписан", (), is_required=False),
    Column("month", "Месяц квитанции", ("период квитанции",), is_required=False),
    Column("penalty_told", "Сведения о пени", (), is_required=False),
    Column("penalty", "Пени в квитанции", (), is_required=False),
    Column("executor", "Исполнитель", ("оператор",), is_required=False),
    Column("comment", "Комментарий", ("примечание",), is_required=False),
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event. ``happened_at`` has the time of a contact; ``house`` is an address as written."""

    line: int
    kind: str
    happened_at: datetime
    account: str | None
    result: str | None
    amount: Decimal | None
    amount_after: Decimal | None
    document: str | None
    phone: str | None
    seconds: int | None
    reason: str | None
    promise_day: date | None
    promise_sum: Decimal | None
    duty_day: date | None
    has_receipt: bool
    office: str | None
    decision: str | None
    house: str | None
    entrance: int | None
    title: str | None
    people: int | None
    is_signed: bool
    month: date | None
    penalty_told: bool
    penalty: Decimal | None
    executor: str | None
    comment: str | None

    @property
    def happened_on(self) -> date:
        return self.happened_at.astimezone(MOSCOW).date()


def read_events(content: bytes) -> ParsedTable[EventRow]:
    """Read a table of events; what cannot be understood is refused line by line."""
    if content.startswith(WORKBOOK_MARK):
        content = _as_csv(content)
    table = open_table(content, COLUMNS)
    parsed: ParsedTable[EventRow] = empty_result(table)
    for record in records(table, parsed.refusals.append):
        reader = _Line(
            {name: record.cells[place].strip() for name, place in table.positions.items()}
        )
        try:
            parsed.rows.append(_event(record.line, reader))
        except FieldError as error:
            heading = parsed.header_of(reader.asked)
            parsed.refusals.append(Refusal(record.line, heading, str(error), record.raw))
    return parsed


class _Line:
    """Values of one line; remembers which was asked for last, to name it in a refusal."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        self.asked = "kind"

    def text(self, name: str) -> str | None:
        self.asked = name
        written = " ".join(self.values.get(name, "").split())
        if len(written) > LONGEST_TEXT:
            raise FieldError(f"текст длиннее {LONGEST_TEXT} знаков: сократите его.")
        return written or None

    def day(self, name: str) -> date | None:
        written = self.text(name)
        return read_date(written) if written else None

    def sum(self, name: str) -> Decimal | None:
        written = self.text(name)
        if not written:
            return None
        value = read_amount(written)
        if value < 0:
            raise FieldError(f"«{written}» меньше нуля: суммы событий пишутся без знака.")
        return value

    def whole(self, name: str) -> int | None:
        written = self.text(name)
        if not written:
            return None
        plain = written.removesuffix(".0")
        if not (plain.isascii() and plain.isdigit() and len(plain) <= 5):
            raise FieldError(f"«{written}» – не целое число.")
        return int(plain)

    def yes(self, name: str) -> bool:
        written = (self.text(name) or "").lower()
        if written in YES:
            return True
        if written in NO:
            return False
        raise FieldError(f"«{written}» – нужно «да» или «нет».")


def _event(line: int, of: _Line) -> EventRow:
    kind = _kind(of)
    happened_at = _moment(of)
    account = of.text("account")
    if account is None and kind not in PUBLIC_EVENTS:
        of.asked = "account"
        raise FieldError("у этого события должен быть лицевой счёт.")
    result = _result(of, kind)
    promise_day, promise_sum = of.day("promise_day"), of.sum("promise_sum")
    if promise_sum is not None and promise_day is None:
        raise FieldError("к сумме обещания нужен его день.")
    if promise_sum == 0:
        raise FieldError("обещание в 0 ₽ – не обещание: оставьте ячейку пустой.")
    house = of.text("house")
    if house is None and kind == "poster":
        raise FieldError("у объявления должен быть дом.")
    month = of.day("month")
    if kind in BILLS and month is None:
        of.asked = "month"
        raise FieldError("у квитанции должен быть её месяц, например 01.10.2026.")
    return EventRow(
        line=line,
        kind=kind,
        happened_at=happened_at,
        account=account,
        result=result,
        amount=of.sum("amount"),
        amount_after=of.sum("amount_after"),
        document=of.text("document"),
        phone=of.text("phone"),
        seconds=of.whole("seconds"),
        reason=of.text("reason"),
        promise_day=promise_day,
        promise_sum=promise_sum,
        duty_day=of.day("duty_day"),
        has_receipt=of.yes("receipt"),
        office=of.text("office"),
        decision=of.text("decision"),
        house=house,
        entrance=of.whole("entrance"),
        title=of.text("title"),
        people=of.whole("people"),
        is_signed=of.yes("signed"),
        month=month.replace(day=1) if month else None,
        penalty_told=of.yes("penalty_told"),
        penalty=of.sum("penalty"),
        executor=of.text("executor"),
        comment=of.text("comment"),
    )


def _kind(of: _Line) -> str:
    written = of.text("kind") or ""
    kind = code_of(EVENT_KINDS, written)
    if kind is None:
        known = ", ".join(f"«{name}»" for name in EVENT_KINDS.values())
        raise FieldError(f"вид события «{written}» не известен. Есть: {known}.")
    return kind


def _moment(of: _Line) -> datetime:
    written = of.text("day")
    if not written:
        raise FieldError("нет даты события.")
    day = read_date(written)
    clock = of.text("time")
    if clock is None:
        return datetime.combine(day, time(12), MOSCOW)
    try:
        return datetime.combine(day, time.fromisoformat(clock.zfill(5)), MOSCOW)
    except ValueError as problem:
        raise FieldError(f"«{clock}» – не время. Нужно, например, 14:05.") from problem


def _result(of: _Line, kind: str) -> str | None:
    written = of.text("result")
    if kind not in CONTACT_KINDS:
        return None
    if written is None:
        raise FieldError("у обращения к должнику должен быть результат.")
    known = {code: CONTACT_RESULTS[code] for code in RESULTS_OF_KIND[kind]}
    result = code_of(known, written)
    if result is None:
        listed = ", ".join(f"«{name}»" for name in known.values())
        raise FieldError(f"результата «{written}» у этого события не бывает. Есть: {listed}.")
    return result


def _as_csv(content: bytes) -> bytes:
    """The first sheet of a workbook as a table with semicolons; rows keep their numbers."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST_UNPACKED:
            raise FileRefusedError(
                "книга Excel слишком велика. Разделите её на части или выгрузите CSV."
            )
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        written = io.StringIO(newline="")
        table = csv.writer(written, delimiter=";", lineterminator="\n")
        for row in sheet.iter_rows(values_only=True):
            table.writerow([_cell(value) for value in row])
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as problem:
        raise FileRefusedError(
            "книга Excel не читается. Сохраните её заново в формате .xlsx или выгрузите CSV."
        ) from problem
    return written.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float):
        # A workbook keeps sums as binary fractions; what it shows is rounded to kopecks.
        return f"{value:.2f}" if value != int(value) else str(int(value))
    return " ".join(str(value).split())
