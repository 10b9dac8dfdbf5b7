"""The card explains its debt to the month, for any day and any state of knowledge."""

from decimal import Decimal

from apps import menu
from document_gen.russian import date_ru, period_ru, rubles
from tests.apps import town
from tests.apps.conftest import table_with
from tests.apps.town import CALENDAR


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
