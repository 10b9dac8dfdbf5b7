"""The manager's road through the screens, as it is walked: with a mouse, in a browser."""

import re
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from playwright.sync_api import Locator, Page, expect

from document_gen.russian import date_ru, rubles, short_rubles
from tests.apps import town
from tests.apps.town import CALENDAR
from tests.browser.steps import choose, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OUR_ACCOUNT = "40702810000000000001"


def sign_in(page: Page, address: str, login: str = "manager") -> None:
    page.goto(address)
    page.get_by_label("Логин").fill(login)
    page.get_by_label("Пароль", exact=True).fill(town.PASSWORD)
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_text("данные на")).to_be_visible()


def open_screen(page: Page, part: str, name: str) -> None:
    """Open a part of the menu and a screen in it."""
    page.get_by_text(part, exact=True).click()
    page.get_by_text(name, exact=True).click()


def choose_row(page: Page, table: str, row: int) -> None:
    """Click the box at the left edge of a row; the table is a canvas and has no elements."""
    grid = page.locator(f".st-key-{table} .dvn-scroller")
    heading, height, box = 32, 28, 16
    grid.click(position={"x": box, "y": heading + height * row + height // 2})


def test_from_the_sum_on_the_dashboard_to_the_printed_statement(page: Page, screens: str):
    sign_in(page, screens)
    debt = Decimal(60 * 12_000 + 11_000)
    expect(page.get_by_test_id("stMetric").first).to_contain_text(short_rubles(debt))

    page.get_by_role("link", name=re.compile("61.счёт")).first.click()
    expect(page.get_by_role("heading", name="Лицевые счета")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/accounts\?.*state=debt"))
    expect(page.get_by_text("Найдено:")).to_contain_text(rubles(debt))

    search = page.get_by_role("textbox", name="Поиск")
    search.fill("иванов")
    search.press("Enter")
    expect(page.get_by_text("Найдено:")).to_contain_text(rubles(Decimal(11_000)))
    choose_row(page, "accounts_table", 0)

    expect(page.get_by_role("heading", name="ЛС 000101")).to_be_visible()
    expect(page.get_by_text("Почему такая сумма")).to_be_visible()
    page.get_by_text("Вся история погашений").click()
    expect(page.locator(".st-key-account_why [aria-checked=true]")).to_have_text(
        "Вся история погашений"
    )

    page.get_by_role("button", name="Печать: свод задолженности").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Скачать свод").click()
    assert download.value.suggested_filename == (
        f"Свод задолженности 000101 на {date_ru(CALENDAR.today)}.docx"
    )
    with ZipFile(BytesIO(download.value.path().read_bytes())) as document:
        assert "000101" in document.read("word/document.xml").decode()


def test_a_reload_keeps_the_session_and_the_filters(page: Page, screens: str):
    sign_in(page, screens)
    page.goto(f"{screens}/accounts?state=debt&sort=debt")
    expect(page.get_by_text("Найдено:")).to_be_visible()

    page.reload()

    expect(page.get_by_text("Найдено:")).to_contain_text("61")
    expect(page).to_have_url(re.compile("state=debt"))
    [cookie] = [c for c in page.context.cookies() if c["name"] == "dolgomer_session"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"


def test_a_link_survives_signing_in(page: Page, screens: str):
    sign_in(page, f"{screens}/account?account={town.IVANOV}")

    expect(page.get_by_role("heading", name="ЛС 000101")).to_be_visible()


def test_signing_out_is_not_undone_by_a_reload(page: Page, screens: str):
    sign_in(page, screens)

    page.get_by_role("button", name=re.compile("Орлова")).click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("button", name="Войти")).to_be_visible()
    page.reload()

    expect(page.get_by_role("button", name="Войти")).to_be_visible()


def test_a_statement_of_the_bank_ends_in_the_queue_and_then_on_an_account(page: Page, screens: str):
    sign_in(page, screens)
    open_screen(page, "Учёт", "Загрузка файлов")
    choose(page, "Что в файле", "Банковская выписка")
    page.locator("input[type=file]").set_input_files(
        {"name": "kl_to_1c.txt", "mimeType": "text/plain", "buffer": statement()}
    )
    page.get_by_role("button", name="Проверить без записи").click()
    expect(page.get_by_text("пробная загрузка, ничего не записано")).to_be_visible()
    page.get_by_role("button", name=re.compile("Загрузить: 1.строка")).click()
    expect(page.get_by_text("загружен (загрузка №")).to_be_visible()

    open_screen(page, "Учёт", "Невыясненные")
    expect(page.get_by_role("heading", name="Невыясненные поступления")).to_be_visible()
    choose_row(page, "receipts_table", 0)
    page.get_by_label("Лицевой счёт").fill("000101")
    page.get_by_role("button", name=re.compile("Разнести на счёт")).click()

    expect(page.get_by_text("Все поступления разнесены")).to_be_visible()


def test_an_error_is_told_by_a_number_and_not_by_its_text(page: Page, screens: str, change):
    sign_in(page, screens)
    change("alter view screens.accounts rename to accounts_gone")

    page.goto(f"{screens}/accounts")

    expect(page.get_by_text(re.compile("сообщите в поддержку номер [A-Z0-9]{6}"))).to_be_visible()
    assert "accounts_gone" not in page.content()
    assert "Traceback" not in page.content()


def statement() -> bytes:
    """One receipt that names no account."""
    day = CALENDAR.month(0).strftime("%d.%m.%Y")
    lines = [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        f"ДатаНачала={day}",
        f"ДатаКонца={day}",
        f"РасчСчет={OUR_ACCOUNT}",
        "СекцияРасчСчет",
        f"ДатаНачала={day}",
        f"ДатаКонца={day}",
        f"РасчСчет={OUR_ACCOUNT}",
        "НачальныйОстаток=0.00",
        "ВсегоПоступило=2500.50",
        "ВсегоСписано=0.00",
        "КонечныйОстаток=2500.50",
        "КонецРасчСчет",
        "СекцияДокумент=Платежное поручение",
        "Номер=17",
        f"Дата={day}",
        "Сумма=2500.50",
        "ПлательщикСчет=40817810900000000002",
        "Плательщик=Иванов Пётр Сергеевич",
        f"ПолучательСчет={OUR_ACCOUNT}",
        "Получатель=ООО Уют",
        f"ДатаПоступило={day}",
        "НазначениеПлатежа=за квартиру",
        "КонецДокумента",
        "КонецФайла",
    ]
    return "\r\n".join(lines).encode("cp1251")


ENGLISH_HINT = re.compile(r"\b(Press|Enter|Error|Please|No results|dd|mm|yyyy)\b")


def test_fields_tell_in_russian_what_they_expect_and_what_is_wrong(page: Page, screens: str):
    sign_in(page, screens)
    page.goto(f"{screens}/worklist")
    settled(page)
    count = page.get_by_test_id("stNumberInputField").first
    count.fill("999999")
    assert not ENGLISH_HINT.search(page.inner_text("body"))
    count.press("Tab")
    page.get_by_test_id("stTooltipErrorHoverTarget").first.hover()
    told = page.get_by_test_id("stTooltipErrorContent").locator("p")
    expect(told).to_be_visible()
    assert "вне допустимых пределов" in shown_instead(told)

    page.goto(f"{screens}/accounts")
    settled(page)
    page.get_by_role("combobox", name="Состояние").fill("такого нет")
    expect(page.get_by_test_id("stSelectboxVirtualDropdown")).to_be_visible()
    hint = page.get_by_test_id("stSelectboxVirtualDropdown").get_by_role("option").locator("span")
    assert "Такого в списке нет" in shown_instead(hint.first)


def shown_instead(element: Locator) -> str:
    """What stands in place of words of the field itself, which are shrunk to nothing."""
    assert element.evaluate("e => getComputedStyle(e).fontSize") == "0px"
    return element.evaluate("e => getComputedStyle(e, '::after').content")
