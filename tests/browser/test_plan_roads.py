"""The official's road through the plan and the operator's through the calls, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.apps.town import CALENDAR
from tests.browser.steps import choose, close_dialog
from tests.browser.test_managers_road import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_official_goes_from_the_board_to_the_very_calls_and_takes_the_report(
    page: Page, screens: str
):
    sign_in(page, screens, "official")
    page.goto(f"{screens}/plan?start={CALENDAR.month(1).isoformat()}")
    expect(page.get_by_role("heading", name="План мероприятий")).to_be_visible()
    choose(page, "Правило, события и пояснение показателя", re.compile("K2р"))
    expect(page.get_by_text("Как посчитано")).to_be_visible()

    page.get_by_role("button", name="Отчёт о выполнении плана").click()
    page.get_by_role("button", name="Подготовить отчёт").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Скачать Word").click()
    assert download.value.suggested_filename.startswith("Отчёт о выполнении плана мероприятий")
    close_dialog(page)

    page.get_by_role("link", name=re.compile("K2р")).click()
    expect(page.get_by_role("heading", name="Показатель плана")).to_be_visible()
    expect(page.get_by_text(re.compile("Засчитано: 2"))).to_be_visible()


def test_the_operator_makes_a_list_and_calls(page: Page, screens: str, change):
    change("update reference.legal_term set value = 0 where code like 'contact_hour_from%'")
    change("update reference.legal_term set value = 24 where code like 'contact_hour_to%'")
    sign_in(page, screens, "operator")
    page.goto(f"{screens}/desk")
    page.get_by_role("button", name="Новый список").click()
    page.get_by_role("button", name=re.compile("Составить список")).click()
    expect(page.get_by_text("Результат – сразу следующий счёт")).to_be_visible()

    page.get_by_role("button", name="Нет ответа").click()
    expect(page.get_by_text(re.compile("1 из 400 счетов"))).to_be_visible()
    page.get_by_role("button", name="Записать и следующий").click()
    expect(page.get_by_text(re.compile("2 из 400 счетов"))).to_be_visible()
