"""The accountant's forms on the screen: what they show, who may see them, what is written down."""

from decimal import Decimal

import pytest

from apps import menu
from tests.apps import town
from tests.apps.conftest import plain, table_with

LAST, BEFORE = town.CALENDAR.month(1), town.CALENDAR.month(2)
FORMS = (
    menu.TURNOVER_SHEET,
    menu.PAYMENTS_REGISTER,
    menu.DEBT_INFORMATION,
    menu.RESOURCE_REPORT,
)
REQUEST = {
    "number": "З-17",
    "amount": "12500,50",
    "counterparty": "ООО «Ремонт»",
    "account": "40702810000000000001",
    "purpose": "Ремонт кровли по акту 4",
    "contract": "12/2026",
}


def key_of(month):
    return f"{month:%Y-%m}"


def fill(app, prefix, values):
    for name, value in values.items():
        app.text_input(key=f"{prefix}_{name}").set_value(value)


def test_the_sheet_of_a_month_shows_what_the_accounts_of_the_customer_moved(open_as, ask):
    app = open_as("accountant", menu.TURNOVER_SHEET, since=key_of(LAST))

    sheet = table_with(app, "Сальдо на начало")
    total = sheet.iloc[-1]
    expected = ask(
        """
        select sum(charged) as charged, sum(paid) as paid from marts.account_turnover
        where organisation_id = :uyut and period = :month
        """,
        uyut=town.UYUT,
        month=LAST,
    )[0]

    assert total["Наименование Заказчика / Услуга"] == "Итого"
    assert (total["Начисления"], total["Оплата"]) == (expected.charged, expected.paid)
    assert any("сходится до копейки" in line.value for line in app.markdown)


def test_the_sheet_ends_in_the_balance_of_the_accounts(open_as, ask):
    this = town.CALENDAR.month(0)
    app = open_as("accountant", menu.TURNOVER_SHEET, since=key_of(BEFORE), until=key_of(this))

    end = table_with(app, "Сальдо на конец").iloc[-1]["Сальдо на конец"]

    assert (
        end
        == ask(
            "select sum(balance) as b from marts.account_balances where organisation_id = :o",
            o=town.UYUT,
        )[0].b
    )


def test_a_sheet_that_ends_before_it_begins_says_so(open_as):
    app = open_as("accountant", menu.TURNOVER_SHEET, since=key_of(LAST), until=key_of(BEFORE))

    assert "раньше" in app.warning[0].value


def test_knowledge_of_a_day_is_shown_for_a_house_and_not_for_a_town(open_as):
    day = f"{town.CALENDAR.today:%d.%m.%Y}"
    house = open_as("accountant", menu.TURNOVER_SHEET, since=key_of(LAST), house="2", known_at=day)

    assert table_with(house, "Начисления").iloc[-1]["Начисления"] == Decimal(4000)


def test_the_debt_of_a_day_lists_who_owes_for_so_many_months(open_as):
    app = open_as("accountant", menu.DEBT_INFORMATION, months="3")

    found = table_with(app, "Всего задолженность, руб.")

    assert "000102" not in set(found["Лицевой счет"]), "Петрова pays every month"
    assert found.iloc[0]["Количество месяцев"] >= 3


def test_the_register_of_receipts_adds_up_to_the_money_that_came(open_as, ask):
    since, until = town.CALENDAR.month(12), town.CALENDAR.today
    app = open_as(
        "accountant",
        menu.PAYMENTS_REGISTER,
        since_day=f"{since:%d.%m.%Y}",
        until_day=f"{until:%d.%m.%Y}",
    )

    total = table_with(app, "Статус разнесения").iloc[-1]["Сумма"]

    assert total == ask("select sum(amount) as s from ops.payment where account_id < 200")[0].s
    assert "разнесён" in set(table_with(app, "Статус разнесения")["Статус разнесения"])


def test_a_request_to_pay_is_entered_corrected_and_withdrawn(open_as, ask):
    app = open_as("accountant", menu.PAYMENTS_REGISTER, kind="requests")
    fill(app, "request_new", REQUEST)
    app.button(key="request_new_save").click().run()

    register = table_with(app, "ЦФО")
    assert register.iloc[0]["Сумма документа"] == Decimal("12500.50")
    assert register.iloc[-1]["Номер"] == "ИТОГО:"

    number = ask("select payment_request_id as n from ops.payment_request")[0].n
    app.session_state["requests_register"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    fill(app, f"request_{number}", {"amount": "13000"})
    app.button(key=f"request_{number}_save").click().run()
    assert table_with(app, "ЦФО").iloc[0]["Сумма документа"] == Decimal(13000)

    newest = ask("select max(payment_request_id) as n from ops.payment_request")[0].n
    app.session_state["requests_register"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    app.button(key=f"request_{newest}_withdraw").click().run()

    assert any("нет" in told.value for told in app.info)
    assert ask("select count(*) as n from ops.payment_request")[0].n == 3, "nothing is erased"


def test_a_number_that_is_taken_is_refused_with_advice(open_as):
    app = open_as("accountant", menu.PAYMENTS_REGISTER, kind="requests")
    for _ in range(2):
        fill(app, "request_new", REQUEST)
        app.button(key="request_new_save").click().run()

    assert "З-17» уже есть" in app.error[0].value


def test_an_account_of_nineteen_digits_is_refused(open_as, ask):
    app = open_as("accountant", menu.PAYMENTS_REGISTER, kind="requests")
    fill(app, "request_new", {**REQUEST, "account": "4070281000000000001"})
    app.button(key="request_new_save").click().run()

    assert "20 цифр" in app.error[0].value
    assert ask("select count(*) as n from ops.payment_request")[0].n == 0


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["form_xlsx", "form_docx"])
def test_a_form_is_taken_away_with_its_purpose_written_down(open_as, ask, change, form, kind):
    change(
        """
        insert into ops.charge (account_id, period, service_id, kind, amount, booked_on, volume)
        values (:a, :month, 3, 'charge', 10, :day, 1)
        """,
        a=town.IVANOV,
        month=LAST,
        day=town.CALENDAR.last_day(1),
    )
    since = f"{town.CALENDAR.month(12):%d.%m.%Y}"
    app = open_as("accountant", form, since=key_of(LAST), since_day=since)
    app.button(key=kind).click().run()
    app.selectbox(key="export_purpose").set_value("Ответ на запрос").run()
    app.button(key="form_make").click().run()

    assert not app.exception
    assert not app.error
    event = ask("select purpose, details from ops.audit_event where action = 'export'")[0]
    assert event.purpose == "Ответ на запрос"
    assert event.details["form"] == kind.removeprefix("form_")


def test_an_official_gets_the_sheet_and_no_requests_to_pay(open_as):
    app = open_as("official", menu.TURNOVER_SHEET, since=key_of(LAST))

    assert {"ООО «Уют»", "ТСЖ «Сосна»"} <= {
        name.strip() for name in table_with(app, "Оплата")["Наименование Заказчика / Услуга"]
    }


def test_a_right_that_is_taken_away_closes_the_form(open_as, ask):
    administrator = open_as("administrator", menu.FORM_RIGHTS)
    administrator.checkbox(key="right_accountant_osv_True").uncheck().run()
    assert not administrator.exception

    app = open_as("accountant", menu.TURNOVER_SHEET)

    assert "не открыта" in plain(app.info[0].value)
    assert ask("select count(*) as n from ops.report_form_right where user_id is not null")[0].n


def test_a_form_that_was_left_forgets_what_another_screen_was_opened_with(open_as):
    app = open_as("accountant", menu.PROVENANCE, account=str(town.IVANOV))
    for screen in (menu.TURNOVER_SHEET, menu.REQUESTS, menu.TURNOVER_SHEET):
        app.switch_page(screen)
        app.query_params.clear()
        app.run()

    assert not app.warning
    assert app.text_input(key="filter_account").value == ""
    assert len(table_with(app, "Сальдо на начало")) > 1


def test_the_accounts_of_another_sheet_begin_with_the_first_page(open_as):
    app = open_as("accountant", menu.TURNOVER_SHEET, since=key_of(LAST))
    app.session_state["sheet_groups"] = {"selection": {"rows": [1], "columns": []}}
    app.run()
    app.button(key="sheet_on").click().run()
    assert any("Страница 2." in told.value for told in app.caption)

    app.selectbox(key="filter_house").set_value("2").run()
    assert not app.exception
    assert any("Страница 1." in told.value for told in app.caption)
