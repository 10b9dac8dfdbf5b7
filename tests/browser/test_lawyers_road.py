"""The lawyer's road: from a debtor to the pile of paper for the court section."""

import re
from io import BytesIO

import pytest
from docx import Document
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, pool

from orchestration.lib.package_runs import make_packages
from tests.apps.test_batches import mended
from tests.browser.steps import choose
from tests.browser.test_managers_road import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_the_choice_of_debtors_to_the_file_that_is_printed(
    page: Page, screens: str, town_database
):
    owner = create_engine(town_database.owner, poolclass=pool.NullPool)
    mended(owner)
    sign_in(page, screens, "lawyer")
    page.goto(f"{screens}/batches?debt_from=5000")

    page.get_by_role("button", name=re.compile("Предложить партию: 61")).click()
    expect(page.get_by_text("Партия предложена")).to_be_visible()
    expect(page.get_by_role("button", name="Утвердить и сформировать: 1")).to_be_enabled()
    expect(page).to_have_url(re.compile(r"batch=\d+"))

    page.get_by_role("button", name="Утвердить и сформировать: 1").click()
    page.get_by_role("button", name="Утверждаю").click()
    expect(page.get_by_text("Готовлю пакеты")).to_be_visible()
    with owner.connect() as connection:
        number = connection.exec_driver_sql("select max(run_request_id) from ops.run_request")
        request = number.scalar_one()
    make_packages(owner, request)
    with owner.begin() as connection:
        connection.exec_driver_sql(
            "update ops.run_request set state = 'done', finished_at = now() "
            f"where run_request_id = {request}"
        )

    page.reload()
    expect(page.get_by_text("1 пакет готов")).to_be_visible()
    choose(page, "Файл", re.compile("Судебный участок № 1"))
    choose(page, "Для чего", "Подача в суд")
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Скачать")).click()
    printed = Document(BytesIO(download.value.path().read_bytes()))
    assert any("Иванов" in paragraph.text for paragraph in printed.paragraphs)
