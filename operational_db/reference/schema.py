"""What a reference file must look like: columns, types, codes, ranges that do not overlap.

The columns and their types are read from the table's model, so a file and its table cannot part.
Whatever is wrong is collected and told at once, in Russian, with the file, the line and the field.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import combinations
from pathlib import Path

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, Numeric, SmallInteger, Table

Value = str | int | bool | Decimal | date | None

BOOLEANS = {"true": True, "false": False}
SMALLEST, LARGEST = -(2**31), 2**31 - 1
SMALLEST_SMALL, LARGEST_SMALL = -(2**15), 2**15 - 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a reference file."""

    file: str
    text: str
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.line is not None:
            place.append(f"строка {self.line}")
        if self.field is not None:
            place.append(f"поле «{self.field}»")
        return f"{', '.join(place)}: {self.text}"


class ReferenceDataError(ValueError):
    """Reference files that must not be loaded; the message lists every problem in Russian."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a file."""

    name: str
    parse: Callable[[str], Value]
    is_required: bool = True
    allowed: tuple[str, ...] = ()

    def read(self, text: str) -> Value:
        """Turn a cell into a value; ``ValueError`` says in Russian what is wrong with it."""
        if text == "":
            if self.is_required:
                raise ValueError("пусто, а значение обязательно")
            return None
        if text != text.strip():
            raise ValueError(f"«{text}» — уберите пробелы по краям")
        if self.allowed and text not in self.allowed:
            raise ValueError(f"«{text}» — допустимы только: {', '.join(self.allowed)}")
        return self.parse(text)


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a file, read."""

    line: int
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Span:
    """Two columns that bound a range; an empty bound is open. The end is inclusive."""

    start: str
    end: str
    is_start_exclusive: bool = False

    def meets(self, one: Record, other: Record) -> bool:
        return not (self._ends_before(one, other) or self._ends_before(other, one))

    def _ends_before(self, one: Record, other: Record) -> bool:
        end, start = one.values[self.end], other.values[self.start]
        if end is None or start is None:
            return False
        return end <= start if self.is_start_exclusive else end < start


@dataclass(frozen=True, slots=True)
class NoOverlap:
    """Among the rows with one key, no two may hold at once; the law gives one answer."""

    key: tuple[str, ...]
    spans: tuple[Span, ...]
    concerns: Callable[[Record], bool] = field(default=lambda _: True)

    def problems(self, file: str, records: Sequence[Record]) -> list[Problem]:
        concerned = [record for record in records if self.concerns(record)]
        return [
            Problem(
                file,
                f"действует одновременно со строкой {one.line} при том же ключе "
                f"({self._key_text(other)}): разведите даты или выключите одну из строк",
                line=other.line,
                field=self.spans[0].start,
            )
            for one, other in combinations(concerned, 2)
            if self._key(one) == self._key(other)
            and all(span.meets(one, other) for span in self.spans)
        ]

    def _key(self, record: Record) -> tuple[Value, ...]:
        return tuple(record.values[name] for name in self.key)

    def _key_text(self, record: Record) -> str:
        return ", ".join(f"{name} = {record.values[name]}" for name in self.key)


@dataclass(frozen=True, slots=True)
class AlwaysInForce:
    """A row that may not be lost, switched off or ended: its absence would be read as an answer."""

    column: str
    value: Value
    span: Span
    concerns: Callable[[Record], bool] = field(default=lambda _: True)

    def problems(self, file: str, records: Sequence[Record]) -> list[Problem]:
        # A file without rows is told of already.
        if not records or any(self._holds(record) for record in records):
            return []
        text = (
            f"нет действующей строки {self.column} = {self.value}: верните её, включите и не "
            f"ограничивайте днём окончания ({self.span.end})"
        )
        return [Problem(file, text, field=self.column)]

    def _holds(self, record: Record) -> bool:
        return (
            record.values[self.column] == self.value
            and record.values[self.span.end] is None
            and self.concerns(record)
        )


def fields_of(table: Table, *, without: Sequence[str] = ()) -> list[Field]:
    """Columns that the file of a table must have, in the table's order."""
    codes = {
        constraint.info["column"]: constraint.info["allowed"]
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) and "allowed" in constraint.info
    }
    return [
        Field(column.name, parser_of(column), not column.nullable, codes.get(column.name, ()))
        for column in table.columns
        if column.name not in without
    ]


def parser_of(column: Column) -> Callable[[str], Value]:
    """Reader of a cell that ends up in the column."""
    kind = column.type
    if isinstance(kind, Date):
        return read_date
    if isinstance(kind, Boolean):
        return read_boolean
    if isinstance(kind, SmallInteger):
        return lambda text: read_integer(text, SMALLEST_SMALL, LARGEST_SMALL)
    if isinstance(kind, Integer):
        return lambda text: read_integer(text, SMALLEST, LARGEST)
    if isinstance(kind, Numeric):
        precision, scale = kind.precision, kind.scale
        return lambda text: read_number(text, precision, scale)
    return str


def read_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"«{text}» — не дата; нужно ГГГГ-ММ-ДД, например 2026-03-01") from None


def read_boolean(text: str) -> bool:
    try:
        return BOOLEANS[text]
    except KeyError:
        raise ValueError(f"«{text}» — нужно true или false") from None


def read_integer(text: str, smallest: int, largest: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"«{text}» — не целое число") from None
    if not smallest <= number <= largest:
        raise ValueError(f"{number} — вне пределов от {smallest} до {largest}")
    return number


def read_number(text: str, precision: int, scale: int) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"«{text}» — не число; дробная часть через точку") from None
    if not number.is_finite():
        raise ValueError(f"«{text}» — не число")
    if -number.as_tuple().exponent > scale:
        raise ValueError(f"{text} — не больше {scale} знаков после точки")
    if abs(number) >= Decimal(10) ** (precision - scale):
        raise ValueError(f"{text} — слишком большое число")
    return number


def read_records(
    path: Path, fields: Sequence[Field], key: Sequence[str] = (), spans: Sequence[Span] = ()
) -> tuple[list[Record], list[Problem]]:
    """Read a file whole. Lines with a problem are left out and told among the problems."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [Problem(path.name, "файла нет: восстановите его из поставки")]
    except UnicodeDecodeError:
        return [], [Problem(path.name, "файл не в UTF-8: сохраните его в этой кодировке")]

    lines = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        return _read_lines(path.name, lines, fields, key, spans)
    except csv.Error as failure:
        return [], [Problem(path.name, f"не CSV с запятыми: {failure}", line=lines.line_num)]


def _read_lines(file, lines, fields, key, spans) -> tuple[list[Record], list[Problem]]:
    header = next(lines, [])
    expected = [column.name for column in fields]
    if header != expected:
        return [], [
            Problem(file, f"нужны столбцы {', '.join(expected)} именно в этом порядке", line=1)
        ]

    records: list[Record] = []
    problems: list[Problem] = []
    seen: dict[tuple[Value, ...], int] = {}
    for cells in lines:
        record, wrong = _read_line(file, lines.line_num, cells, fields)
        if not wrong:
            wrong = [*_backward(file, record, spans), *_repeated(file, record, key, seen)]
        problems.extend(wrong)
        if not wrong:
            records.append(record)
    if not records and not problems:
        problems.append(Problem(file, "нет ни одной строки"))
    return records, problems


def _read_line(file, line, cells, fields) -> tuple[Record, list[Problem]]:
    if len(cells) != len(fields):
        return Record(line, {}), [
            Problem(file, f"полей {len(cells)}, а нужно {len(fields)}: проверьте кавычки", line)
        ]
    values: dict[str, Value] = {}
    problems = []
    for column, cell in zip(fields, cells, strict=True):
        try:
            values[column.name] = column.read(cell)
        except ValueError as wrong:
            problems.append(Problem(file, str(wrong), line, column.name))
    return Record(line, values), problems


def _backward(file: str, record: Record, spans: Sequence[Span]) -> list[Problem]:
    problems = []
    for span in spans:
        start, end = record.values[span.start], record.values[span.end]
        if start is not None and end is not None and end < start:
            text = f"{end} раньше начала {start} (поле «{span.start}»)"
            problems.append(Problem(file, text, record.line, span.end))
    return problems


def _repeated(
    file: str, record: Record, key: Sequence[str], seen: dict[tuple[Value, ...], int]
) -> list[Problem]:
    if not key:
        return []
    identity = tuple(record.values[name] for name in key)
    first = seen.setdefault(identity, record.line)
    if first == record.line:
        return []
    return [Problem(file, f"тот же ключ, что в строке {first}", record.line, key[0])]
