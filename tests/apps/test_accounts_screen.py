"""The list of accounts: found, filtered, paged, taken out, and sent to print."""

from decimal import Decimal

import pytest

from apps import menu
from apps.shared import filters
from operational_db.database import screens_connection
from operational_db.services import accounts
from operational_db.services.accounts import AccountFilter
from operational_db.services.sign_in import sign_in
from tests.apps import town
from tests.apps.conftest import plain

WITH_DEBT = 61


def numbers(app):
    """Account numbers on the page, without the totals row."""
    return list(app.dataframe[0].value["Лицевой счёт"])[:-1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("000101", ["000101"]),
        ("иванов", ["000101"]),
        ("алена", ["000102"]),
        ("лесная 2", ["000101", "000102", "000103", "000104", "001002"]),
        ("Сидоров Лесная", ["000103"]),
        ("ул. Лесная, д. 2, кв. 1", ["000101"]),
        ("0001_1", []),
        ("%", []),
    ],
)
def test_an_account_is_found_by_number_name_or_address(open_as, words, found):
    app = open_as("manager", menu.ACCOUNTS, words=words)

    assert (numbers(app) if app.dataframe else []) == found


def test_typing_a_name_narrows_the_list_and_the_address_of_the_page(open_as):
    app = open_as("manager", menu.ACCOUNTS)

    app.text_input(key="filter_words").set_value("петрова").run()

    assert numbers(app) == ["000102"]
    assert app.query_params == {"words": ["петрова"]} or app.query_params == {"words": "петрова"}


def test_a_link_opens_the_list_with_its_filters(open_as):
    app = open_as("manager", menu.ACCOUNTS, state="advance", sort="debt")

    assert numbers(app) == ["000103"]
    assert app.selectbox(key="filter_state").value == "advance"


def test_nonsense_in_the_address_of_the_page_asks_nothing(open_as):
    app = open_as("manager", menu.ACCOUNTS, state="'; drop", house="x", page="-7", sort="1")

    assert not app.exception
    assert len(numbers(app)) == 50


def test_totals_are_of_all_pages_and_not_of_the_one_shown(open_as):
    app = open_as("manager", menu.ACCOUNTS, state="debt")

    last = app.dataframe[0].value.iloc[-1]
    assert last["Лицевой счёт"] == "Итого"
    assert plain(last["Адрес"]) == f"{WITH_DEBT} счёт"
    assert last["Долг, ₽"] == Decimal(60 * 12_000 + 11_000)


def test_the_pages_together_show_every_account_once(open_as):
    app = open_as("manager", menu.ACCOUNTS)
    first = numbers(app)

    app.pagination(key="filter_page").set_value(2).run()
    both = first + numbers(app)

    assert len(both) == len(set(both)) == 64


def test_a_new_search_starts_from_the_first_page(open_as):
    app = open_as("manager", menu.ACCOUNTS, page="2")
    assert len(numbers(app)) == 14

    app.selectbox(key="filter_state").set_value("debt").run()

    assert len(numbers(app)) == 50


def test_reset_shows_everything_again(open_as):
    app = open_as("manager", menu.ACCOUNTS, words="иванов", state="debt", debt_from="10000")
    assert numbers(app) == ["000101"]

    app.button(key="accounts_reset").click().run()

    assert len(numbers(app)) == 50


def test_nothing_found_says_what_to_do(open_as):
    app = open_as("manager", menu.ACCOUNTS, words="никого")

    assert "Нет счетов с такими условиями" in app.info[0].value


def test_a_sum_that_is_no_sum_is_told_beside_the_field(open_as):
    app = open_as("manager", menu.ACCOUNTS)

    app.text_input(key="filter_debt_from").set_value("много").run()

    assert "«много» – не сумма" in app.error[0].value
    assert len(numbers(app)) == 50


def test_choosing_a_row_opens_the_card(open_as):
    app = open_as("manager", menu.ACCOUNTS, words="иванов")

    app.session_state["accounts_table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()

    assert not app.exception
    assert app.title[0].value == "ЛС 000101"


def test_a_manager_sees_the_own_organisation_only(open_as):
    app = open_as("neighbour", menu.ACCOUNTS)

    assert numbers(app) == ["000201"]


def test_an_official_sees_both_organisations_and_masked_names(open_as):
    app = open_as("official", menu.ACCOUNTS, house="2")

    payers = list(app.dataframe[0].value["Плательщик"])
    assert payers[0] == "И*** П. С."
    assert "Иванов" not in str(app.dataframe[0].value)
    assert app.selectbox(key="filter_organisation").options[1:] == ["ООО «Уют»", "ТСЖ «Сосна»"]


def test_an_official_cannot_find_a_person_by_name(open_as):
    app = open_as("official", menu.ACCOUNTS, words="иванов")

    assert not app.dataframe


def test_taking_the_list_out_needs_a_purpose_and_leaves_a_trace(open_as, ask):
    app = open_as("manager", menu.ACCOUNTS, state="debt")

    app.button(key="accounts_export").click().run()
    assert app.button(key="export_make").disabled

    app.selectbox(key="export_purpose").set_value("Ответ на запрос").run()
    app.button(key="export_make").click().run()

    assert not app.exception
    assert app.download_button(key="export_download").label == "Скачать файл"
    [event] = ask("select purpose, details from ops.audit_event where action = 'export'")
    assert event.purpose == "Ответ на запрос"
    assert event.details == {"rows": WITH_DEBT, "filters": {"state": "debt"}}


def test_statements_are_asked_for_after_a_confirmation_that_names_number_and_sum(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNTS, house="2", state="debt")

    app.button(key="accounts_statements").click().run()
    assert ask("select count(*) from ops.run_request") == [(0,)]
    assert any("**1 свод**" in plain(text.value) for text in app.markdown)

    app.button(key="statements_confirm").click().run()

    [request] = ask("select kind, state, parameters, items_total from ops.run_request")
    assert request.kind == "statements"
    assert request.state == "queued"
    assert request.parameters == {"account_ids": [town.IVANOV]}
    assert request.items_total == 1


@pytest.mark.usefixtures("town_database")
@pytest.mark.parametrize("sort", accounts.SORTS)
def test_every_order_of_the_list_pages_without_loss(sort):
    with screens_connection(sign_in("manager", town.PASSWORD)) as connection:
        pages = [
            accounts.page_of_accounts(
                connection, AccountFilter(), sort=sort, limit=10, offset=offset
            )
            for offset in range(0, 70, 10)
        ]
        everything = list(accounts.all_accounts(connection, AccountFilter(), sort=sort))

    paged = [row["account_id"] for page in pages for row in page.rows]
    assert paged == [row["account_id"] for row in everything]
    assert len(set(paged)) == 64


def test_a_link_leaves_out_what_asks_nothing():
    assert filters.address_of(organisation=None, house=3, state="debt", words="") == {
        "house": "3",
        "state": "debt",
    }


@pytest.mark.parametrize("words", ["000101\x00", "\x00", "000\x07101"])
def test_control_characters_in_a_link_are_passed_over(open_as, words):
    app = open_as("manager", menu.ACCOUNTS, words=words)

    assert not app.exception
    assert app.text_input(key="filter_words").value == ("" if words == "\x00" else "000101")


def test_half_a_character_is_no_text_to_search_for():
    assert filters.plain_text("Лесная\ud800, 2") == "Лесная, 2"
