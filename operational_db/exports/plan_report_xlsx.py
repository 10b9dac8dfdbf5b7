"""The report of a plan as a workbook: figures as figures, so that they can be reckoned with."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

SHARE, MONEY, COUNT, TEXT = "0.0%", "#,##0.00", "#,##0.##", "@"
WIDTHS = {
    "measure_no": 6,
    "name": 44,
    "quantity": 18,
    "expected_result": 24,
    "mechanism": 44,
    "indicators": 26,
    "responsible": 26,
    "term": 16,
}
RESULTS = (
    ("title", "Показатель", 40),
    ("unit", "Ед.", 14),
    ("target", "План", 14),
    ("fact", "Факт", 14),
    ("execution_share", "%", 9),
    ("numerator", "Числитель", 12),
    ("denominator", "Знаменатель", 12),
    ("cumulative_fact", "Нарастающим с начала года", 16),
    ("forecast", "Прогноз на конец периода", 16),
    ("deviation", "Отклонение", 14),
    ("comment", "Причина", 30),
    ("status", "Состояние", 16),
    ("last_event_date", "Последнее событие", 13),
    ("events_counted", "Засчитано событий", 11),
    ("events_excluded", "Не засчитано", 11),
    ("sources", "Источник", 30),
    ("counting_rule", "Как посчитано", 60),
)
APPENDIX = (
    ("code", "Показатель", 11),
    ("event_date", "Дата", 11),
    ("event_name", "Событие", 34),
    ("account_number", "Лицевой счёт", 14),
    ("address", "Адрес", 44),
    ("organisation_name", "Организация", 26),
    ("result_name", "Результат", 16),
    ("overdue_debt", "Долг на день события, ₽", 15),
    ("event_amount", "Сумма, ₽", 15),
    ("document_number", "Документ", 22),
    ("event_id", "№ события", 12),
)
OF_INDICATOR = frozenset({"target", "fact", "cumulative_fact", "forecast", "deviation"})


def plan_workbook(
    rows: Sequence[Mapping[str, Any]],
    headings: Sequence[tuple[str, str]],
    *,
    title: str,
    notes: Sequence[str],
    counted: Sequence[Mapping[str, Any]] = (),
) -> bytes:
    """Write the columns of the source (``headings``: field and heading), then what was done.

    Each row has, beside the fields, ``figure_kind`` («share», «money», «count», «days») by which
    its figures are written. The words of a measure stand in its first row only. ``counted`` are the
    events behind the figures: they stand on a sheet of their own.
    """
    output = BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True, "remove_timezone": True}) as book:
        sheet = book.add_worksheet("Отчёт")
        base = {"text_wrap": True, "valign": "top", "border": 1}
        formats = {
            number_format: book.add_format({**base, "num_format": number_format})
            for number_format in (SHARE, MONEY, COUNT, TEXT, "dd.mm.yyyy")
        }
        heading = book.add_format({**base, "bold": True, "bg_color": "#E8ECF0"})
        sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        for place, note in enumerate(notes, start=1):
            sheet.write_string(place, 0, note)
        top = len(notes) + 2
        columns = [*((field, told, WIDTHS[field]) for field, told in headings), *RESULTS]
        for place, (_field, told, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(top, place, told, heading)
        for line, row in enumerate(rows, start=top + 1):
            for place, (field, _told, _width) in enumerate(columns):
                _write(sheet, line, place, field, row, formats)
        sheet.freeze_panes(top + 1, 2)
        sheet.autofilter(top, 0, top + max(len(rows), 1), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        sheet.set_footer("&CСтр. &P из &N")
        _appendix(book.add_worksheet("Приложение"), counted, formats, heading)
    return output.getvalue()


def _appendix(
    sheet: Any, counted: Sequence[Mapping[str, Any]], formats: Mapping, heading: Any
) -> None:
    for place, (_field, told, width) in enumerate(APPENDIX):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, told, heading)
    for line, event in enumerate(counted, start=1):
        for place, (field, _told, _width) in enumerate(APPENDIX):
            value = event[field]
            if value is None:
                sheet.write_blank(line, place, None, formats[TEXT])
            elif field == "event_date":
                sheet.write_datetime(line, place, value, formats["dd.mm.yyyy"])
            elif field in ("event_amount", "overdue_debt"):
                sheet.write_number(line, place, value, formats[MONEY])
            else:
                sheet.write_string(line, place, str(value), formats[TEXT])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(counted), 1), len(APPENDIX) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&CСтр. &P из &N")


def _write(
    sheet: Any, line: int, place: int, field: str, row: Mapping[str, Any], formats: Mapping
) -> None:
    value = row.get(field)
    if field in WIDTHS and row["indicator_position"] != 1:
        value = None
    if value is None:
        sheet.write_blank(line, place, None, formats[TEXT])
    elif field in OF_INDICATOR or field == "execution_share":
        sheet.write_number(line, place, value, formats[_format_of(field, row["figure_kind"])])
    elif field in ("numerator", "denominator", "events_counted", "events_excluded"):
        kind = row["figure_kind"] if field == "numerator" else "count"
        sheet.write_number(line, place, value, formats[MONEY if kind == "money" else COUNT])
    elif field == "last_event_date":
        sheet.write_datetime(line, place, value, formats["dd.mm.yyyy"])
    else:
        sheet.write_string(line, place, str(value), formats[TEXT])


def _format_of(field: str, kind: str) -> str:
    if field == "execution_share" or kind == "share":
        return SHARE
    return MONEY if kind == "money" else COUNT
