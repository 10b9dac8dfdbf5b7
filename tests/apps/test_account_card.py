"""The card explains its debt to the month, for any day and any state of knowledge."""

from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document

from apps import menu
from document_gen.russian import date_ru, period_ru, rubles
from operational_db.database import owner_engine
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.town import CALENDAR
from tests.warehouse.ledger import Claimed, CourtOrder, Payment
from tests.warehouse.storing import store


def tile(app, label):
    return next(metric.value for metric in app.metric if metric.label.startswith(label))


def test_the_card_says_which_months_make_up_the_debt(open_as):
    app = open_as("manager", menu.ACCOUNT, account=str(town.IVANOV))

    assert tile(app, "Долг на") == rubles(Decimal("11000.00"))
    pieces = table_with(app, "Что с этой частью долга")
    assert list(pieces["Сумма, ₽"]) == [Decimal("1000.00")] * 11
    assert period_ru(CALENDAR.month(3)) not in set(pieces["За месяц"])


def test_the_history_names_the_payment_that_closed_the_named_month(open_as):
    app = open_as("manager", menu.ACCOUNT, account=str(town.IVANOV))

    app.segmented_control(key="account_why").set_value("Вся история погашений").run()

    pieces = table_with(app, "Что с этой частью долга").set_index("За месяц")
    told = pieces.loc[period_ru(CALENDAR.month(3)), "Что с этой частью долга"]
    assert told.startswith(f"Погашено {date_ru(CALENDAR.month(1))}: оплата от")
    assert "док. № п-1" in told


def test_the_balance_of_an_earlier_day_does_not_know_later_months(open_as):
    app = open_as("manager", menu.ACCOUNT, account=str(town.IVANOV))

    app.date_input(key="account_as_of").set_value(CALENDAR.last_day(10)).run()

    assert not app.exception
    assert tile(app, "Долг на") == rubles(Decimal("3000.00"))


def test_as_known_then_leaves_out_a_payment_that_was_entered_later(open_as, change):
    change(
        """
        insert into ops.payment (account_id, paid_on, amount, channel)
        values (:account, :day, 500, 'cash_desk')
        """,
        account=town.IVANOV,
        day=CALENDAR.month(2),
    )
    app = open_as("manager", menu.ACCOUNT, account=str(town.IVANOV))
    assert tile(app, "Долг на") == rubles(Decimal("10500.00"))

    app.toggle(key="account_is_known_on").set_value(True).run()
    app.date_input(key="account_known_on").set_value(CALENDAR.last_day(1)).run()

    assert not app.exception
    assert tile(app, "Долг на") == rubles(Decimal("10000.00"))


def test_money_paid_ahead_is_shown_as_an_advance(open_as):
    app = open_as("manager", menu.ACCOUNT, account=str(town.SIDOROV))

    assert tile(app, "Долг на") == "0\N{NO-BREAK SPACE}₽"
    assert tile(app, "Переплата") == rubles(Decimal("3000.00"))


def test_payments_and_charges_name_where_they_came_from(open_as):
    app = open_as("accountant", menu.ACCOUNT, account=str(town.IVANOV))

    assert len(table_with(app, "Услуга")) == 12
    payments = table_with(app, "Как оплачено")
    assert list(payments["Документ"]) == ["п-1"]
    assert list(payments["Откуда"]) == ["внесено пользователем"]


@pytest.fixture
def recovered(change, town_database):  # noqa: ARG001 - the ledger is stored where the screens read
    """Bailiffs brought a month of Иванов's, with the duty and the penalty that a court awarded."""
    claimed = (Claimed("housing", CALENDAR.month(5), 1000_00),)
    order = CourtOrder(1, claimed, 1000_00, duty=200_00, penalty=50_00)
    with owner_engine().begin() as connection:
        store(connection, [(town.IVANOV, Payment(900, CALENDAR.month(1), 1250_00, under=order))])


@pytest.mark.usefixtures("recovered")
def test_money_that_repaid_duty_and_penalty_lowers_no_debt_and_is_told_beside_its_payment(open_as):
    app = open_as("accountant", menu.ACCOUNT, account=str(town.IVANOV))

    assert tile(app, "Долг на") == rubles(Decimal("10000.00"))
    assert tile(app, "Переплата") == "0\N{NO-BREAK SPACE}₽"
    payments = table_with(app, "Как оплачено").set_index("Сумма, ₽")
    assert payments.loc[Decimal("1250.00"), "В пошлину и пени, ₽"] == Decimal("250.00")
    turnover = table_with(app, "Сальдо на конец, ₽")
    assert turnover["В пошлину и пени, ₽"].sum() == Decimal("250.00")
    assert turnover["Сальдо на конец, ₽"].iloc[0] == Decimal("10000.00")

    app.segmented_control(key="account_why").set_value("Вся история погашений").run()
    pieces = table_with(app, "Что с этой частью долга").set_index("За месяц")
    told = pieces.loc["пошлина и пени по суду", "Что с этой частью долга"]
    assert all("ушло на присуждённые пошлину и пени" in line for line in told)

    app.toggle(key="account_splitting").set_value(True).run()
    assert "пошлина и пени по суду" in set(table_with(app, "Кому причитается")["Услуга"])


@pytest.mark.usefixtures("recovered")
def test_the_statement_ends_in_what_is_owed_for_services(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))

    app.button(key="account_print").click().run()

    [document] = ask("select content from ops.document")
    printed = plain("\n".join(p.text for p in Document(BytesIO(document.content)).paragraphs))
    assert "Общая задолженность" in printed
    assert ": 10 000,00 руб." in printed
    assert "250,00 руб. поступили и зачтены в присуждённые судом пошлину и пени" in printed


@pytest.mark.usefixtures("recovered")
def test_the_facts_behind_a_balance_add_up_where_a_receipt_repaid_duty(open_as):
    app = open_as("accountant", menu.PROVENANCE, account=str(town.IVANOV))

    told = plain(" ".join(text.value for text in app.markdown))
    assert "из них в присуждённые пошлину и пени 250,00 ₽" in told
    assert "10 000,00 ₽" in told


def test_the_statement_is_printed_kept_and_noted_in_the_trail(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))

    app.button(key="account_print").click().run()

    assert not app.exception
    assert [button.label for button in app.download_button] == ["Скачать свод"]
    [document] = ask("select account_id, kind, content from ops.document")
    assert (document.account_id, document.kind) == (town.IVANOV, "account_statement")
    assert bytes(document.content).startswith(b"PK")
    [event] = ask("select object_id, purpose from ops.audit_event where action = 'print'")
    assert event == (str(town.IVANOV), "Свод задолженности")


def test_a_statement_that_cannot_add_up_is_refused_with_a_way_out(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.SIDOROV))

    app.date_input(key="account_as_of").set_value(CALENDAR.month(6)).run()
    app.button(key="account_print").click().run()

    assert not app.exception
    assert "последний день месяца" in app.warning[0].value
    assert ask("select count(*) from ops.document") == [(0,)]


def test_an_account_of_another_organisation_is_not_shown(open_as):
    app = open_as("manager", menu.ACCOUNT, account=str(town.FOREIGN))

    assert not app.metric
    assert "Такого счёта нет или он не ваш" in app.info[0].value


def test_an_official_sees_the_debt_but_neither_names_nor_telephones(open_as):
    app = open_as("official", menu.ACCOUNT, account=str(town.IVANOV))

    holders = table_with(app, "Право")
    assert list(holders["Кто"]) == ["И*** П. С."]
    assert holders["Телефон"].isna().all()
    assert tile(app, "Долг на") == rubles(Decimal("11000.00"))


def test_a_number_that_is_no_account_is_no_error(open_as):
    for nonsense in ("", "abc", "-1", "99999999999999999999"):
        app = open_as("manager", menu.ACCOUNT, account=nonsense)
        assert "Такого счёта нет" in app.info[0].value


def test_the_card_says_to_whom_each_payment_is_due(open_as):
    app = open_as("manager", menu.ACCOUNT, account=str(town.IVANOV))

    app.toggle(key="account_splitting").set_value(True).run()

    assert not app.exception
    split = table_with(app, "Кому причитается")
    assert sum(split["Сумма, ₽"]) == Decimal("1000.00")
    assert set(split["За месяц"]) == {CALENDAR.month(3)}
