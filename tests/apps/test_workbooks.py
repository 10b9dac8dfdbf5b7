"""A workbook holds what the screen shows: every row, exact sums, totals that work, no formulas."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.shared.filters import parsed_sum
from document_gen.russian import rubles
from operational_db.exports import tables_xlsx
from operational_db.exports.tables_xlsx import Column, TableTooLongError, table_workbook

COLUMNS = [
    Column("number", "Лицевой счёт"),
    Column("debt", "Долг, ₽", "money", has_total=True),
    Column("paid_on", "Оплата", "date"),
    Column("known_at", "Внесено", "moment"),
    Column("is_open", "Открыт"),
]


def opened(content):
    return openpyxl.load_workbook(BytesIO(content)).active


def row(number="000101", debt=Decimal("1000.05"), **rest):
    return {"number": number, "debt": debt, "paid_on": None, "known_at": None, "is_open": True} | (
        rest
    )


def test_rows_stand_below_a_frozen_heading_with_a_filter():
    sheet = opened(table_workbook([row(), row("000102")], COLUMNS, title="Список", notes=["x"]))

    assert sheet["A1"].value == "Список"
    assert [cell.value for cell in sheet[4]] == [column.heading for column in COLUMNS]
    assert sheet.freeze_panes == "B5"
    assert sheet.auto_filter.ref == "A4:E6"
    assert sheet["B5"].number_format == "#,##0.00"


def test_zeros_of_an_account_number_are_kept():
    assert opened(table_workbook([row()], COLUMNS, title="x"))["A4"].value == "000101"


def test_the_total_follows_the_filter_of_the_sheet():
    sheet = opened(table_workbook([row(), row()], COLUMNS, title="x"))

    assert sheet["A6"].value == "Итого"
    assert sheet["B6"].value == "=SUBTOTAL(109,B4:B5)"


def test_text_that_looks_like_a_formula_stays_text():
    sheet = opened(table_workbook([row("=HYPERLINK(1)")], COLUMNS, title="x"))

    assert (sheet["A4"].value, sheet["A4"].data_type) == ("=HYPERLINK(1)", "s")


def test_dates_and_moments_are_dates_for_excel():
    moment = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
    content = table_workbook([row(paid_on=date(2026, 11, 5), known_at=moment)], COLUMNS, title="x")

    sheet = opened(content)
    assert sheet["C4"].value.date() == date(2026, 11, 5)
    assert sheet["D4"].value == moment.replace(tzinfo=None)
    assert sheet["E4"].value == "да"


def test_an_empty_list_is_a_heading_without_totals():
    assert opened(table_workbook([], COLUMNS, title="x")).max_row == 3


def test_a_list_longer_than_a_sheet_is_refused_and_not_cut(monkeypatch):
    monkeypatch.setattr(tables_xlsx, "LAST_ROW", 5)

    with pytest.raises(TableTooLongError, match="Сузьте отбор"):
        table_workbook([row()] * 10, COLUMNS, title="x")


@given(st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2))
def test_a_sum_as_the_screens_write_it_is_read_back_to_the_kopeck(value):
    assert parsed_sum(rubles(value)) == value
    assert parsed_sum(f"-{value}") == -value


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_sum_or_nothing(written):
    value = parsed_sum(written)

    assert value is None or value == value.quantize(Decimal("0.01"))


@pytest.mark.parametrize("written", ["", "много", "1e9", "NaN", "1,234", "--5", "1000000000000"])
def test_what_is_no_sum_of_roubles_is_refused(written):
    assert parsed_sum(written) is None
