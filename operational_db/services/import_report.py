"""What an import did, told to a clerk: as text, and refused rows as a workbook to mend and load."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import xlsxwriter

from operational_db.clock import MOSCOW
from operational_db.imports.problems import KnownRow, Notice, Refusal
from operational_db.imports.table import split_line

WHAT_TO_DO_WITH_KNOWN = (
    "Если какая-то из них – не повтор, а вторая такая же сумма, впишите ей номер документа (в "
    "оплатах) или загрузите этот же файл ещё раз и назовите номера таких строк: --repeat 5,12 в "
    "команде или поле «Записать и эти строки» на экране."
)
_LINES_SHOWN = 20
_THIN_SPACE = "\u202f"
# What a workbook can hold: rows of a sheet below its heading, characters of a cell.
_ROWS_OF_A_SHEET = 1_048_575
_LONGEST_CELL = 32_767


class Outcome(StrEnum):
    """What became of a file."""

    LOADED = "loaded"
    COMPLETED = "completed"
    ALREADY_LOADED = "already_loaded"
    TRIED = "tried"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Rows accepted, known and refused, with every reason.

    ``figures`` are Russian names of further results (sums, accounts created) in order of printing.
    ``known_rows`` are those of the known that equal rows of other files.
    ``import_id`` is None after a trial run. ``loaded_at`` is when this file first came.
    """

    kind: str
    file_name: str
    outcome: Outcome
    import_id: int | None
    rows_accepted: int
    rows_known: int
    rows_refused: int
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
    figures: Mapping[str, int | Decimal] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    delimiter: str = ","
    loaded_at: datetime | None = None
    known_rows: tuple[KnownRow, ...] = ()

    @property
    def is_changed(self) -> bool:
        """True when the import wrote facts."""
        return self.outcome in {Outcome.LOADED, Outcome.COMPLETED} and self.rows_accepted > 0

    @property
    def has_untaken_rows(self) -> bool:
        """True when rows were refused or left out as equal to those of other files."""
        return bool(self.refusals or self.known_rows)

    def as_text(self, *, lines_shown: int = _LINES_SHOWN) -> str:
        """The report in Russian; of long lists the first ``lines_shown`` lines."""
        lines = [
            self._headline(),
            f"  принято строк: {_number(self.rows_accepted)}, "
            f"уже известны: {_number(self.rows_known)}, отказано: {_number(self.rows_refused)}",
        ]
        lines += [f"  {name}: {_number(figure)}" for name, figure in self.figures.items()]
        lines += _listed("Отказано", self.refusals, lines_shown)
        lines += _listed("Обратите внимание", self.notices, lines_shown)
        lines += _listed("Уже известны из других файлов", self.known_rows, lines_shown)
        if self.known_rows:
            lines.append(WHAT_TO_DO_WITH_KNOWN)
        return "\n".join(lines)

    def _headline(self) -> str:
        name = f"Файл «{self.file_name}»"
        if self.outcome is Outcome.TRIED:
            return f"{name}: пробная загрузка, ничего не записано."
        if self.outcome is Outcome.LOADED and not self.rows_accepted:
            what = "ни одна строка не принята" if self.rows_refused else "новых строк в нём нет"
            return f"{name} прочитан (загрузка № {self.import_id}): {what}."
        if self.outcome is Outcome.LOADED:
            return f"{name} загружен (загрузка № {self.import_id})."
        moment = f"{self.loaded_at.astimezone(MOSCOW):%d.%m.%Y в %H:%M}" if self.loaded_at else ""
        if self.outcome is Outcome.COMPLETED:
            return (
                f"{name} уже загружался {moment} (загрузка № {self.import_id}); "
                "теперь приняты строки, которые тогда не были приняты."
            )
        return f"{name} уже загружен {moment} (загрузка № {self.import_id}), ничего не изменено."


def untaken_rows_xlsx(report: ImportReport) -> bytes:
    """Rows that were not taken, in the columns of their file, with line and reason in front.

    Refused rows first, then on sheets of their own those known from other files. Every value is
    written as text: an account keeps its zeros, a formula stays harmless.
    """
    output = io.BytesIO()
    refused = [(it.line, (it.field, it.reason), it.raw) for it in report.refusals]
    known = [(it.line, (it.text,), it.raw) for it in report.known_rows]
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        if refused or not known:
            _write_sheets(book, report, "Отказано", {"Столбец": 18, "Причина": 60}, refused)
        if known:
            _write_sheets(book, report, "Уже известны", {"Чему равна": 60}, known)
    return output.getvalue()


def _write_sheets(
    book: xlsxwriter.Workbook,
    report: ImportReport,
    title: str,
    remarks: Mapping[str, int],
    rows: Sequence[tuple[int, tuple[str, ...], str]],
) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    columns = ("Строка", *remarks, *(report.header or ("Текст",)))
    # The library drops what does not fit on a sheet without a word, so the rest goes on anew.
    for start in range(0, max(len(rows), 1), _ROWS_OF_A_SHEET):
        sheet = book.add_worksheet(f"{title} {start // _ROWS_OF_A_SHEET + 1}")
        for place, heading in enumerate(columns):
            sheet.write_string(0, place, heading, bold)
        part = rows[start : start + _ROWS_OF_A_SHEET]
        for number, (line, remark, raw) in enumerate(part, start=1):
            sheet.write_number(number, 0, line)
            for place, value in enumerate((*remark, *_cells(raw, report)), start=1):
                sheet.write_string(number, place, value[:_LONGEST_CELL], plain)
        sheet.set_column(0, 0, 8)
        for place, width in enumerate(remarks.values(), start=1):
            sheet.set_column(place, place, width)
        sheet.set_column(1 + len(remarks), len(columns) - 1, 22)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(part), 1), len(columns) - 1)


def _cells(raw: str, report: ImportReport) -> list[str]:
    return split_line(raw, report.delimiter) if report.header else [raw]


def _listed(
    title: str, remarks: Sequence[Refusal] | Sequence[Notice] | Sequence[KnownRow], shown: int
) -> list[str]:
    if not remarks:
        return []
    lines = [f"{title}:", *(f"  {remark.as_text()}" for remark in remarks[:shown])]
    if len(remarks) > shown:
        lines.append(f"  … и ещё {_number(len(remarks) - shown)}")
    return lines


def _number(value: int | Decimal) -> str:
    text = f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.replace(",", _THIN_SPACE).replace(".", ",")
