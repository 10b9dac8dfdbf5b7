"""A report form as a workbook: its heading, rows that fold into groups, totals that work.

A group adds up the rows below it with SUBTOTAL, which leaves out the totals of groups inside it; so
every figure follows when somebody changes, hides or filters a row. Rows are written as they come.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_range

from operational_db.exports.tables_xlsx import FORMATS, LAST_ROW, TableTooLongError, write_cell

Kind = Literal["text", "money", "count", "date", "month", "area", "volume"]

FORM_FORMATS = {
    **FORMATS,
    "area": {"num_format": "#,##0.00"},
    "volume": {"num_format": "#,##0.000"},
}
SUM_OF_ROWS = 9
MOST_LEVELS = 7
"""Excel folds rows to eight levels, of which the first is the sheet itself."""
GROUND = ("#DCE3EA", "#E8ECF0", "#F3F5F7", "#F9FAFB")


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a form. Columns that share ``over`` stand under one heading."""

    key: str
    heading: str
    kind: Kind = "text"
    width: int = 16
    over: str | None = None
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row: how deep it lies, its values by the keys of columns, how many rows belong to it.

    Sums of a row with ``descendants`` become formulas over them; the given values are what a
    reader sees that does not calculate.
    """

    values: Mapping[str, Any]
    level: int = 0
    descendants: int = 0
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class FormHead:
    """What stands above the table: the title, the lines below it, and the name of the sheet."""

    title: str
    lines: Sequence[str]
    sheet_name: str


def form_workbook(head: FormHead, columns: Sequence[FormColumn], rows: Iterable[FormRow]) -> bytes:
    """Write the form and return the .xlsx file.

    Raises ``TableTooLongError`` past the last row of a sheet.
    """
    output = BytesIO()
    with tempfile.TemporaryDirectory(prefix="dolgomer-xlsx-") as folder:
        book = xlsxwriter.Workbook(
            output, {"constant_memory": True, "tmpdir": folder, "remove_timezone": True}
        )
        sheet = book.add_worksheet(head.sheet_name)
        sheet.outline_settings(symbols_below=False)
        first = _write_head(book, sheet, head, columns)
        _write_rows(book, sheet, columns, rows, first)
        sheet.freeze_panes(first, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(first - 2, first - 1)
        sheet.set_footer("&CСтр. &P из &N")
        book.close()
    return output.getvalue()


def _write_head(book: Any, sheet: Any, head: FormHead, columns: Sequence[FormColumn]) -> int:
    """Write the title and both lines of headings; return the first row below them."""
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
    sheet.write_string(0, 0, head.title, book.add_format({"bold": True, "font_size": 14}))
    for row, line in enumerate(head.lines, start=1):
        sheet.write_string(row, 0, line)
    top = len(head.lines) + 2
    style = book.add_format(
        {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter",
         "bg_color": GROUND[1], "border": 1}
    )  # fmt: skip
    # In constant memory a row that is left cannot be come back to: first the upper line whole.
    for position, column in enumerate(columns):
        sheet.write_string(top, position, column.over or column.heading, style)
    for position, column in enumerate(columns):
        sheet.write_string(top + 1, position, column.heading if column.over else "", style)
    position = 0
    while position < len(columns):
        over = columns[position].over
        last = position
        while over and last + 1 < len(columns) and columns[last + 1].over == over:
            last += 1
        if last > position:
            sheet.merge_range(top, position, top, last, over, style)
        elif not over:
            heading = columns[position].heading
            sheet.merge_range(top, position, top + 1, position, heading, style)
        position = last + 1
    return top + 2


def _write_rows(
    book: Any, sheet: Any, columns: Sequence[FormColumn], rows: Iterable[FormRow], first: int
) -> None:
    styles: dict[tuple, Any] = {}

    def style(column: FormColumn, row: FormRow) -> Any:
        is_text = column.kind == "text"
        key = (column.kind, row.is_total, bool(row.descendants), row.level)
        if key not in styles:
            options = dict(FORM_FORMATS[column.kind])
            if is_text and row.level:
                options["indent"] = row.level
            if row.is_total:
                options |= {"bold": True, "top": 2, "bg_color": GROUND[0]}
            elif row.descendants:
                options |= {"bold": True, "bg_color": GROUND[min(row.level, len(GROUND) - 1)]}
            styles[key] = book.add_format(options)
        return styles[key]

    at = first
    for row in rows:
        if at >= LAST_ROW:
            raise TableTooLongError(
                "Строк больше, чем помещается на лист Excel. Сузьте отбор и выгрузите по частям."
            )
        if row.level:
            sheet.set_row(at, None, None, {"level": min(row.level, MOST_LEVELS)})
        for position, column in enumerate(columns):
            value = row.values.get(column.key)
            look = style(column, row)
            if column.has_total and row.is_total and at > first:
                area = xl_range(first, position, at - 1, position)
                sheet.write_formula(at, position, f"=SUBTOTAL({SUM_OF_ROWS},{area})", look, value)
            elif column.has_total and row.descendants:
                area = xl_range(at + 1, position, at + row.descendants, position)
                sheet.write_formula(at, position, f"=SUBTOTAL({SUM_OF_ROWS},{area})", look, value)
            else:
                write_cell(sheet, at, position, value, look)
        at += 1
