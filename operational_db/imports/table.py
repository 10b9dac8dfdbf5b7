"""Reading a delimited table written by any program: delimiter, heading, records with line numbers.

The standard csv module alone loses rows silently: a stray quotation mark makes it swallow the lines
up to the next one. Here a record spans several lines only when its quotes close and its cells fit
the heading; otherwise the line is refused and reading goes on with the next one.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from operational_db.imports.problems import FileRefusedError, Notice, ParsedTable, Refusal
from operational_db.imports.text import ENCODING_NAMES, decode

DELIMITERS = (";", ",", "\t", "|")
# Billing programs print a title above the heading; further down it is not a title any more.
_LINES_SEARCHED_FOR_HEADING = 15
_LONGEST_QUOTED_CELL = 50
# What the csv module takes for one cell. No record of a billing program comes near to it.
_LONGEST_LINE = 131_072
_HEADING_PUNCTUATION = str.maketrans(dict.fromkeys("._/\\-–—:;,()[]\"'«»\xa0\u202f\ufeff", " "))


@dataclass(frozen=True, slots=True)
class Column:
    """A column that we understand: its name here, its Russian title, and other headings for it."""

    name: str
    title: str
    synonyms: tuple[str, ...]
    is_required: bool = True

    def headings(self) -> set[str]:
        """All headings that mean this column, in normal form."""
        return {normal_heading(text) for text in (self.name, self.title, *self.synonyms)}


@dataclass(frozen=True, slots=True)
class Table:
    """A table found in a text: where each known column stands, and the lines below the heading."""

    header: tuple[str, ...]
    positions: Mapping[str, int]
    delimiter: str
    lines: tuple[str, ...]
    first_line: int
    encoding: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line it starts on, its cells, and its text as written."""

    line: int
    cells: list[str]
    raw: str


def empty_result(table: Table) -> ParsedTable:
    """A result to be filled with the rows of a table; it begins with the notices on the heading."""
    return ParsedTable(
        header=table.header,
        rows=[],
        notices=list(table.notices),
        encoding=table.encoding,
        delimiter=table.delimiter,
        positions=table.positions,
        lines=table.lines,
        first_line=table.first_line,
    )


def normal_heading(text: str) -> str:
    """A heading without case, ё, punctuation and repeated spaces: «Сумма, руб.» → «сумма руб»."""
    plain = text.lower().replace("ё", "е").replace("№", " № ").translate(_HEADING_PUNCTUATION)
    return " ".join(plain.split())


def open_table(content: bytes, columns: tuple[Column, ...]) -> Table:
    """Find the heading line and the delimiter.

    Raises ``FileRefusedError`` when no line names all required columns, two mean the same, or a
    line is too long to be one of a table.
    """
    decoded = decode(content)
    lines = tuple(io.StringIO(decoded.text, newline=""))
    _refuse_overlong_lines(lines)
    for number, line in enumerate(lines[:_LINES_SEARCHED_FOR_HEADING]):
        found = _read_heading(line, columns)
        if found:
            header, positions, delimiter = found
            notices = _notices_on_heading(header, positions, number)
            notices += _notices_on_encoding(decoded.encoding, decoded.foreign_lines)
            return Table(
                header=header,
                positions=positions,
                delimiter=delimiter,
                lines=lines[number + 1 :],
                first_line=number + 2,
                encoding=decoded.encoding,
                notices=tuple(notices),
            )
    raise FileRefusedError(_missing_heading(lines, columns), line=1)


def _refuse_overlong_lines(lines: tuple[str, ...]) -> None:
    for number, line in enumerate(lines, start=1):
        if len(line) > _LONGEST_LINE:
            raise FileRefusedError(
                f"строка длиннее {_LONGEST_LINE} знаков: это не строка таблицы. Проверьте, что "
                "строки файла разделены переводами строк, и выгрузите его заново.",
                line=number,
            )


def _read_heading(
    line: str, columns: tuple[Column, ...]
) -> tuple[tuple[str, ...], dict[str, int], str] | None:
    best: tuple[tuple[str, ...], dict[str, int], str] | None = None
    for delimiter in DELIMITERS:
        header = tuple(cell.strip() for cell in split_line(line, delimiter))
        positions = _positions(header, columns)
        if best is None or len(positions) > len(best[1]):
            best = header, positions, delimiter
    if best and all(column.name in best[1] for column in columns if column.is_required):
        return best
    return None


def _positions(header: tuple[str, ...], columns: tuple[Column, ...]) -> dict[str, int]:
    positions: dict[str, int] = {}
    headings = [normal_heading(cell) for cell in header]
    for column in columns:
        accepted = column.headings()
        places = [place for place, heading in enumerate(headings) if heading in accepted]
        if len(places) > 1:
            # An exact name settles it; two different guesses do not.
            exact = [place for place in places if headings[place] == normal_heading(column.name)]
            if len(exact) != 1:
                names = ", ".join(f"«{header[place]}»" for place in places)
                raise FileRefusedError(
                    f"столбцы {names} означают одно и то же ({column.title}). "
                    "Оставьте один из них.",
                    line=1,
                )
            places = exact
        if places:
            positions[column.name] = places[0]
    return positions


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line."""
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])


def _missing_heading(lines: tuple[str, ...], columns: tuple[Column, ...]) -> str:
    needed = ", ".join(
        f"{column.name} («{column.title}»)" for column in columns if column.is_required
    )
    first = next((line.strip() for line in lines if line.strip()), "")[:200]
    return (
        f"не найдена строка заголовков. Нужны столбцы: {needed}. В файле: «{first}». "
        "Добавьте заголовки первой строкой; разделитель — запятая, точка с запятой или табуляция."
    )


def _notices_on_heading(
    header: tuple[str, ...], positions: Mapping[str, int], skipped: int
) -> list[Notice]:
    notices = []
    if skipped:
        notices.append(Notice(None, f"строки над заголовком пропущены: {skipped}"))
    used = set(positions.values())
    unused = [cell for place, cell in enumerate(header) if place not in used and cell]
    if unused:
        notices.append(Notice(None, "столбцы не использованы: " + ", ".join(unused)))
    return notices


def _notices_on_encoding(encoding: str, foreign_lines: tuple[int, ...]) -> list[Notice]:
    return [
        Notice(line, f"строка в UTF-8, хотя весь файл в {ENCODING_NAMES[encoding]}; прочитана")
        for line in foreign_lines
    ]


def records(table: Table, refuse: Callable[[Refusal], None]) -> Iterator[Record]:
    """Yield the records of a table. Lines that are none go to ``refuse``; blank ones nowhere."""
    width = len(table.header)
    delimiter = table.delimiter
    lines = table.lines
    place = 0
    while place < len(lines):
        line = lines[place]
        number = table.first_line + place
        raw = line.rstrip("\r\n")
        place += 1
        if not raw.strip():
            continue
        if '"' not in raw:
            cells = raw.split(delimiter)
        else:
            quoted = _read_quoted(lines, place - 1, delimiter, width)
            if quoted is None:
                reason = (
                    "кавычка открыта и не закрыта. Удвойте кавычки внутри значения или уберите их."
                )
                refuse(Refusal(number, "", reason, raw))
                continue
            cells, used = quoted
            raw = "".join(lines[place - 1 : place - 1 + used]).rstrip("\r\n")
            place += used - 1
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            # Many programs end each line with a delimiter.
            cells = cells[:width]
        if len(cells) != width:
            refuse(Refusal(number, "", _wrong_width(len(cells), width, delimiter), raw))
            continue
        yield Record(number, cells, raw)


def _wrong_width(found: int, width: int, delimiter: str) -> str:
    advice = "Проверьте, что каждое значение на своём месте."
    if found > width:
        advice = f"Если разделитель «{delimiter}» стоит внутри значения, возьмите его в кавычки."
    return f"ячеек {found}, а столбцов {width}. {advice}"


def _read_quoted(
    lines: tuple[str, ...], place: int, delimiter: str, width: int
) -> tuple[list[str], int] | None:
    """Read the record that starts at ``place``; its cells and how many lines it took, or None."""
    window = lines[place : place + _LONGEST_QUOTED_CELL]
    strict = csv.reader(iter(window), delimiter=delimiter, strict=True)
    try:
        cells = next(strict)
    except csv.Error:
        return _read_carelessly_quoted(lines[place], delimiter)
    if strict.line_num > 1 and len(cells) != width:
        return _read_carelessly_quoted(lines[place], delimiter)
    return cells, strict.line_num


def _read_carelessly_quoted(line: str, delimiter: str) -> tuple[list[str], int] | None:
    """Read a single line whose quotes are paired but not as CSV wants: ``"Ромашка" ООО``."""
    if line.count('"') % 2:
        return None
    return split_line(line, delimiter), 1
