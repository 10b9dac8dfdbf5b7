"""What an import did, told to a clerk: as text, and refused rows as a workbook to mend and load."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import xlsxwriter

from operational_db.imports.problems import Notice, Refusal
from operational_db.imports.table import split_line

_LINES_SHOWN = 20
_MOSCOW = ZoneInfo("Europe/Moscow")
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

    @property
    def is_changed(self) -> bool:
        """True when the import wrote facts."""
        return self.outcome in {Outcome.LOADED, Outcome.COMPLETED} and self.rows_accepted > 0

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
        return "\n".join(lines)

    def _headline(self) -> str:
        name = f"Файл «{self.file_name}»"
        if self.outcome is Outcome.TRIED:
            return f"{name}: пробная загрузка, ничего не записано."
        if self.outcome is Outcome.LOADED:
            return f"{name} загружен (загрузка № {self.import_id})."
        moment = f"{self.loaded_at.astimezone(_MOSCOW):%d.%m.%Y в %H:%M}" if self.loaded_at else ""
        if self.outcome is Outcome.COMPLETED:
            return (
                f"{name} уже загружался {moment} (загрузка № {self.import_id}); "
                "теперь приняты строки, в которых тогда было отказано."
            )
        return f"{name} уже загружен {moment} (загрузка № {self.import_id}), ничего не изменено."


def refused_rows_xlsx(report: ImportReport) -> bytes:
    """Refused rows in the columns of their file, with line, column and reason in front.

    Every value is written as text: an account keeps its zeros, a formula stays harmless.
    """
    output = io.BytesIO()
    columns = ("Строка", "Столбец", "Причина", *(report.header or ("Текст",)))
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        # The library drops what does not fit on a sheet without a word, so the rest goes on anew.
        for start in range(0, max(len(report.refusals), 1), _ROWS_OF_A_SHEET):
            sheet = book.add_worksheet(f"Отказано {start // _ROWS_OF_A_SHEET + 1}")
            for place, title in enumerate(columns):
                sheet.write_string(0, place, title, bold)
            refusals = report.refusals[start : start + _ROWS_OF_A_SHEET]
            for row, refusal in enumerate(refusals, start=1):
                sheet.write_number(row, 0, refusal.line)
                values = (refusal.field, refusal.reason, *_cells(refusal, report))
                for place, value in enumerate(values, start=1):
                    sheet.write_string(row, place, value[:_LONGEST_CELL], plain)
            sheet.set_column(0, 0, 8)
            sheet.set_column(1, 1, 18)
            sheet.set_column(2, 2, 60)
            sheet.set_column(3, len(columns) - 1, 22)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(refusals), 1), len(columns) - 1)
    return output.getvalue()


def _cells(refusal: Refusal, report: ImportReport) -> list[str]:
    if not report.header:
        return [refusal.raw]
    return split_line(refusal.raw, report.delimiter)


def _listed(title: str, remarks: tuple[Refusal, ...] | tuple[Notice, ...], shown: int) -> list[str]:
    if not remarks:
        return []
    lines = [f"{title}:", *(f"  {remark.as_text()}" for remark in remarks[:shown])]
    if len(remarks) > shown:
        lines.append(f"  … и ещё {_number(len(remarks) - shown)}")
    return lines


def _number(value: int | Decimal) -> str:
    text = f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.replace(",", _THIN_SPACE).replace(".", ",")
