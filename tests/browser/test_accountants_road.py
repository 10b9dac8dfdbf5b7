"""The accountant's road in a browser: the sheet, an account of it, its facts, the file."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.apps import town
from tests.browser.steps import choose
from tests.browser.test_managers_road import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_accountant_walks_from_the_sheet_to_the_facts_and_takes_it_away(
    screens: str, page: Page, tmp_path: Path
):
    month = f"{town.CALENDAR.month(1):%Y-%m}"
    sign_in(page, screens, "accountant")
    page.goto(f"{screens}/turnover_sheet?since={month}")
    expect(page.get_by_text("сходится до копейки")).to_be_visible(timeout=60_000)

    page.get_by_role("button", name="Выгрузить в Excel").click()
    choose(page, "Для чего", "Ответ на запрос")
    page.get_by_role("button", name="Подготовить файл").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Скачать файл").click()
    target = tmp_path / "осв.xlsx"
    taken.value.save_as(target)
    sheet = openpyxl.load_workbook(BytesIO(target.read_bytes())).active
    assert sheet.cell(sheet.max_row, 1).value == "Итого"

    page.goto(f"{screens}/provenance?account={town.IVANOV}")
    expect(page.get_by_text("Сходится с показателями")).to_be_visible(timeout=60_000)
