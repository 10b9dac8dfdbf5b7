"""A table as a workbook: the same formats as on the screen, a filter, and totals that work.

Rows are written as they come, so that a list of any size needs little memory.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

Kind = Literal["text", "money", "count", "share", "date", "moment", "month", "area"]

FORMATS: dict[Kind, dict[str, str]] = {
    "text": {},
    "money": {"num_format": "#,##0.00"},
    "count": {"num_format": "#,##0"},
    "share": {"num_format": "0.0%"},
    "date": {"num_format": "dd.mm.yyyy"},
    "moment": {"num_format": "dd.mm.yyyy hh:mm"},
    "month": {"num_format": "mm.yyyy"},
    "area": {"num_format": "#,##0.0"},
}

LAST_ROW = 1_048_575
"""The last row, counted from zero, of a sheet."""

VISIBLE_SUM = 109
"""Function of SUBTOTAL that adds up the rows which the filter leaves visible."""


class TableTooLongError(Exception):
    """More rows than a sheet holds; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its value in a row, its heading, how it is written, its total."""

    key: str
    heading: str
    kind: Kind = "text"
    width: int = 14
    has_total: bool = False


def table_workbook(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    title: str,
    notes: Sequence[str] = (),
    sheet_name: str = "Список",
) -> bytes:
    """Write the rows below a title, notes and a frozen heading; return the .xlsx file.

    Totals are formulas over the rows which the filter leaves visible. Text is never taken for a
    formula, whatever it begins with. Raises ``TableTooLongError`` past the last row of a sheet.
    """
    output = BytesIO()
    with tempfile.TemporaryDirectory(prefix="dolgomer-xlsx-") as folder:
        book = xlsxwriter.Workbook(
            output, {"constant_memory": True, "tmpdir": folder, "remove_timezone": True}
        )
        sheet = book.add_worksheet(sheet_name)
        heading_row = len(notes) + 2
        last_row = _write_body(book, sheet, rows, columns, title, notes, heading_row)
        sheet.freeze_panes(heading_row + 1, 1)
        sheet.autofilter(heading_row, 0, max(last_row, heading_row), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(heading_row)
        sheet.set_footer("&CСтр. &P из &N")
        book.close()
    return output.getvalue()


def _write_body(
    book: xlsxwriter.Workbook,
    sheet: Any,
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[Column],
    title: str,
    notes: Sequence[str],
    heading_row: int,
) -> int:
    """Write from the top down, as the constant-memory mode asks; return the last row of data."""
    formats = {kind: book.add_format(options) for kind, options in FORMATS.items()}
    totals = {
        kind: book.add_format({**options, "bold": True, "top": 1})
        for kind, options in FORMATS.items()
    }
    heading = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E8ECF0", "border": 1}
    )
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    for position, note in enumerate(notes, start=1):
        sheet.write_string(position, 0, note)
    for position, column in enumerate(columns):
        sheet.write_string(heading_row, position, column.heading, heading)
    last_row = heading_row
    for last_row, row in enumerate(rows, start=heading_row + 1):
        if last_row >= LAST_ROW:
            raise TableTooLongError(
                "Строк больше, чем помещается на лист Excel. Сузьте отбор и выгрузите по частям."
            )
        for position, column in enumerate(columns):
            write_cell(sheet, last_row, position, row[column.key], formats[column.kind])
    if last_row > heading_row:
        _write_totals(sheet, columns, totals, heading_row + 1, last_row)
    return last_row


def _write_totals(
    sheet: Any, columns: Sequence[Column], formats: Mapping[str, Any], first: int, last: int
) -> None:
    for position, column in enumerate(columns):
        style = formats[column.kind]
        if column.has_total:
            name = xl_col_to_name(position)
            area = f"{xl_rowcol_to_cell(first, position)}:{name}{last + 1}"
            sheet.write_formula(last + 1, position, f"=SUBTOTAL({VISIBLE_SUM},{area})", style)
        elif position == 0:
            sheet.write_string(last + 1, 0, "Итого", style)
        else:
            sheet.write_blank(last + 1, position, None, style)


def write_cell(sheet: Any, row: int, position: int, value: Any, style: Any) -> None:
    if value is None:
        sheet.write_blank(row, position, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, position, "да" if value else "нет", style)
    elif isinstance(value, Decimal | int | float):
        sheet.write_number(row, position, value, style)
    elif isinstance(value, datetime) or hasattr(value, "isoformat"):
        sheet.write_datetime(row, position, value, style)
    else:
        sheet.write_string(row, position, str(value), style)
