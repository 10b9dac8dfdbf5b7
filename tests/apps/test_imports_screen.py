"""Files come in after a trial, unknown receipts leave the queue by a decision."""

import pytest

from apps import menu
from tests.apps import town
from tests.apps.conftest import table_with
from tests.apps.town import CALENDAR
from tests.egrn_extracts import CADASTRAL, Owner, Right, extract

PAYMENTS = f"account,paid_on,amount\n000101,{CALENDAR.month(0)},700\n000999,{CALENDAR.month(0)},5\n"


def offer(app, content, name="payments.csv", kind="payments"):
    app.selectbox(key="import_kind").set_value(kind).run()
    app.file_uploader(key="import_files").upload(name, content.encode(), "text/csv").run()
    assert not app.exception
    return app


def tiles(app):
    return {metric.label: metric.value for metric in app.metric}


def test_a_trial_tells_what_would_happen_and_writes_nothing(open_as, ask):
    before = ask("select count(*) from ops.payment")
    app = offer(open_as("accountant", menu.IMPORTS), PAYMENTS)
    assert app.button(key="import_load").disabled

    app.button(key="import_try").click().run()

    assert not app.exception
    assert tiles(app) == {"Принято строк": "1", "Уже известны": "0", "Отказано": "1"}
    assert app.button(key="import_refused_xlsx").label.startswith("Скачать непринятые")
    assert ask("select count(*) from ops.payment") == before
    assert ask("select count(*) from ops.import_file") == [(0,)]
    assert ask("select count(*) from ops.audit_event where action = 'import'") == [(0,)]


def test_after_the_trial_the_file_is_loaded_and_stands_in_the_history(open_as, ask):
    app = offer(open_as("accountant", menu.IMPORTS), PAYMENTS)
    app.button(key="import_try").click().run()

    app.button(key="import_load").click().run()

    assert not app.exception
    [payment] = ask(
        "select amount, import_line from ops.payment where import_id is not null",
    )
    assert payment == (700, 2)
    history = table_with(app, "Принято")
    assert list(history["Файл"]) == ["payments.csv"]
    assert list(history["Отказано"]) == [1]
    # Pressing again must not be possible, loading again would change nothing anyway.
    assert app.button(key="import_load").disabled


def test_loading_a_file_is_written_down_with_what_came_of_it(open_as, ask):
    app = offer(open_as("accountant", menu.IMPORTS), PAYMENTS)
    app.button(key="import_try").click().run()

    app.button(key="import_load").click().run()

    [(import_id,)] = ask("select import_id from ops.import_file")
    [event] = ask(
        """
        select u.login, e.object_kind, e.object_id, e.details from ops.audit_event as e
        inner join ops.app_user as u on e.user_id = u.user_id
        where e.action = 'import'
        """
    )
    assert event[:3] == ("accountant", "payments", str(import_id))
    assert event.details == {
        "file_name": "payments.csv",
        "organisation_id": town.UYUT,
        "outcome": "loaded",
        "accepted": 1,
        "known": 0,
        "refused": 1,
    }


def test_taking_refused_rows_out_needs_a_purpose_and_leaves_a_trace(open_as, ask):
    app = offer(open_as("accountant", menu.IMPORTS), PAYMENTS)
    app.button(key="import_try").click().run()
    app.button(key="import_refused_xlsx").click().run()
    assert app.button(key="refused_make").disabled
    assert ask("select count(*) from ops.audit_event where action = 'export'") == [(0,)]

    app.selectbox(key="refused_purpose").set_value("Исправление файла").run()
    app.button(key="refused_make").click().run()

    assert not app.exception
    assert app.download_button(key="refused_download").label == "Скачать файл"
    [event] = ask(
        "select object_kind, purpose, details from ops.audit_event where action = 'export'"
    )
    assert event[:2] == ("refused_rows", "Исправление файла")
    assert event.details == {"rows": 1, "kind": "payments", "file_name": "payments.csv"}


def test_another_purpose_must_be_put_in_words(open_as, ask):
    app = offer(open_as("accountant", menu.IMPORTS), PAYMENTS)
    app.button(key="import_try").click().run()
    app.button(key="import_refused_xlsx").click().run()

    app.selectbox(key="refused_purpose").set_value("Другое").run()
    assert app.button(key="refused_make").disabled
    app.text_input(key="refused_other_purpose").set_value("сверка с банком").run()
    app.button(key="refused_make").click().run()

    assert ask("select purpose from ops.audit_event where action = 'export'") == [
        ("сверка с банком",)
    ]


def load_first(app):
    """The same payment of 700 has come by another file."""
    offer(app, PAYMENTS, name="раньше.csv")
    app.button(key="import_try").click().run()
    app.button(key="import_load").click().run()
    assert not app.exception


def test_a_row_like_one_of_another_file_is_shown_with_its_equal_and_may_be_taken_in(open_as, ask):
    app = open_as("accountant", menu.IMPORTS)
    load_first(app)
    offer(app, f"account,paid_on,amount\n000101,{CALENDAR.month(0)},700\n", name="ещё.csv")
    app.button(key="import_try").click().run()
    assert tiles(app)["Уже известны"] == "1"
    [equal] = table_with(app, "Чему равна")["Чему равна"]
    assert "строка 2 файла «раньше.csv»" in equal
    assert app.button(key="import_load").disabled

    app.text_input(key="import_repeated").set_value("2").run()
    assert tiles(app)["Принято строк"] == "1"
    app.button(key="import_load").click().run()

    assert not app.exception
    paid = "select count(*) from ops.payment where account_id = :account and amount = 700"
    assert ask(paid, account=town.IVANOV) == [(2,)]


def test_a_wrong_number_of_a_row_is_told_beside_the_field(open_as):
    app = open_as("accountant", menu.IMPORTS)
    load_first(app)
    offer(app, f"account,paid_on,amount\n000101,{CALENDAR.month(0)},700\n", name="ещё.csv")
    app.button(key="import_try").click().run()

    app.text_input(key="import_repeated").set_value("вторая").run()

    assert "«вторая» – не номер строки" in app.error[0].value


def test_another_file_needs_a_trial_of_its_own(open_as):
    app = offer(open_as("accountant", menu.IMPORTS), PAYMENTS)
    app.button(key="import_try").click().run()

    app.checkbox(key="import_create_accounts").check().run()

    assert app.button(key="import_load").disabled


def test_a_file_that_cannot_be_read_is_refused_in_russian(open_as, ask):
    app = offer(open_as("accountant", menu.IMPORTS), "одно,два\n1,2\n")

    app.button(key="import_try").click().run()

    assert not app.exception
    assert app.error
    assert ask("select count(*) from ops.import_file") == [(0,)]


def test_registries_are_offered_to_administrators_and_courts_to_who_keeps_them(open_as):
    offered = {
        login: set(open_as(login, menu.IMPORTS).selectbox(key="import_kind").options)
        for login in ("accountant", "administrator", "registrar")
    }

    assert not offered["accountant"] & {"Справочник судов", "Список домов"}
    assert "Список домов" in offered["administrator"]
    assert "Справочник судов" not in offered["administrator"]
    assert {"Справочник судов", "Список домов"} <= offered["registrar"]


@pytest.fixture
def receipt(change):
    """A receipt of the bank that nobody could place."""
    change(
        """
        insert into ops.import_file (import_id, organisation_id, kind, file_name, sha256,
            size_bytes, rows_accepted, rows_known, rows_refused, report)
        overriding system value
        values (1, :organisation, 'bank-statement', 'kl_to_1c.txt', 'x', 1, 1, 0, 0, '{}')
        """,
        organisation=town.UYUT,
    )
    change(
        """
        insert into ops.bank_operation (bank_operation_id, organisation_id, natural_key,
            direction, document_kind, document_number, operation_date, amount, payer_name,
            purpose, import_id, import_line)
        overriding system value
        values (1, :organisation, 'k', 'in', 'Платёжное поручение', '17', :day, 2500.50,
            'ИВАНОВ П С', 'за квартиру', 1, 10)
        """,
        organisation=town.UYUT,
        day=CALENDAR.month(0),
    )


def choose_first(app):
    app.session_state["receipts_table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    return app.run()


@pytest.mark.usefixtures("receipt")
def test_an_unknown_receipt_is_posted_to_the_account_and_leaves_the_queue(open_as, ask):
    app = choose_first(open_as("accountant", menu.RECEIPTS))

    app.text_input(key="receipt_account").set_value("000101")
    app.selectbox(key="receipt_month").set_value(CALENDAR.month(2))
    app.button(key="receipt_post").click().run()

    assert not app.exception
    assert "разнесены" in app.success[0].value
    [payment] = ask(
        """
        select account_id, amount::text, named_period, document from ops.payment
        where bank_operation_id = 1
        """
    )
    assert payment == (town.IVANOV, "2500.50", CALENDAR.month(2), "17")
    assert ask("select decision, account_id from ops.bank_operation_decision") == [
        ("posted", town.IVANOV)
    ]


@pytest.mark.usefixtures("receipt")
def test_a_receipt_of_a_closed_month_is_posted_and_said_to_be_late(open_as, change):
    change(
        """
        insert into ops.month_closing (organisation_id, period, is_closed, control_totals)
        values (:organisation, :month, true, '{}')
        """,
        organisation=town.UYUT,
        month=CALENDAR.month(0),
    )
    app = choose_first(open_as("accountant", menu.RECEIPTS))
    app.text_input(key="receipt_account").set_value("000101")
    app.button(key="receipt_post").click().run()

    assert not app.exception
    assert "уже закрыт; принята" in app.toast[0].value


@pytest.mark.usefixtures("receipt")
@pytest.mark.parametrize("number", ["101", "000201", ""])
def test_a_number_that_the_organisation_does_not_have_posts_nothing(open_as, ask, number):
    app = choose_first(open_as("accountant", menu.RECEIPTS))

    app.text_input(key="receipt_account").set_value(number)
    app.button(key="receipt_post").click().run()

    assert app.error
    assert ask("select count(*) from ops.payment where bank_operation_id = 1") == [(0,)]


@pytest.mark.usefixtures("receipt")
def test_a_receipt_is_set_aside_only_with_an_explanation(open_as, ask):
    app = choose_first(open_as("manager", menu.RECEIPTS))

    app.button(key="receipt_aside").click().run()
    assert "Напишите, что это за поступление" in app.error[0].value

    app.text_input(key="receipt_reason").set_value("аренда подвала")
    app.button(key="receipt_aside").click().run()

    assert not app.exception
    assert ask("select decision, comment from ops.bank_operation_decision") == [
        ("not_residents", "аренда подвала")
    ]


@pytest.mark.usefixtures("receipt")
def test_a_receipt_that_a_colleague_posted_meanwhile_is_not_posted_again(open_as, ask, change):
    app = choose_first(open_as("accountant", menu.RECEIPTS))
    app.text_input(key="receipt_account").set_value("000101")
    change(
        """
        insert into ops.payment (account_id, paid_on, amount, channel, bank_operation_id)
        values (:account, :day, 2500.50, 'bank', 1)
        """,
        account=town.PETROVA,
        day=CALENDAR.month(0),
    )

    app.button(key="receipt_post").click().run()

    assert not app.exception
    assert ask("select account_id from ops.payment where bank_operation_id = 1") == [
        (town.PETROVA,)
    ]


@pytest.mark.usefixtures("receipt")
def test_another_organisation_does_not_see_the_receipt(open_as):
    assert open_as("neighbour", menu.RECEIPTS).success


def test_a_lawyer_loads_an_extract_and_nothing_else(open_as, ask, change):
    change(
        f"update ops.premises set cadastral_number = '{CADASTRAL}' "
        f"where premises_id = {town.IVANOV}"
    )
    app = open_as("lawyer", menu.IMPORTS)
    assert app.selectbox(key="import_kind").options == ["Выписка ЕГРН"]
    right = Right([Owner("Иванов Пётр Сергеевич", "1980-01-01", "112-233-445 95")])
    address = "г. Зеленоград, ул. Лесная, д. 2, кв. 1"
    content = extract(right, address=address, formed="2026-01-01").decode()
    offer(app, content, name="выписка.xml", kind="egrn")
    app.button(key="import_try").click().run()
    app.button(key="import_load").click().run()
    assert not app.exception
    assert ask(
        "select w.valid_from::text, p.birth_date::text from ops.ownership as w "
        f"inner join ops.person as p using (person_id) where p.person_id = {town.IVANOV} "
        "and w.valid_to is null"
    ) == [("2018-04-23", "1980-01-01")]
