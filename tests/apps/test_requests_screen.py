"""Requests show how far they are and give out their documents; errors give out a number."""

import logging
import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
import streamlit as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from apps import menu
from apps.shared import database, errors
from operational_db.errors import ServerError
from operational_db.services.sign_in import sign_in
from tests.apps import town
from tests.apps.conftest import plain


@pytest.fixture
def run_request(change):
    """A batch of statements, in the state that a test asks for."""

    def make(state, done, total, finished="null"):
        change(
            f"""
            insert into ops.run_request (run_request_id, organisation_id, kind, state, items_done,
                items_total, finished_at, message)
            overriding system value
            values (7, :organisation, 'statements', :state, :done, :total, {finished}, 'идёт')
            """,
            organisation=town.UYUT,
            state=state,
            done=done,
            total=total,
        )

    return make


def test_a_running_batch_shows_how_many_are_done(open_as, run_request):
    run_request("running", 30, 120)

    app = open_as("lawyer", menu.REQUESTS)

    assert not app.exception
    assert app.get("progress")[0].text == "выполняется: 30 из 120"


def test_a_finished_batch_gives_all_its_documents_in_one_archive(
    open_as, run_request, change, ask, files
):
    run_request("done", 2, 2, "now()")
    for account in (town.IVANOV, town.PETROVA):
        change(
            """
            insert into ops.document (organisation_id, account_id, run_request_id, kind, file_name,
                template_version, context_digest, content_digest, content)
            values (:organisation, :account, 7, 'account_statement', 'Свод.docx', 'v', 'c', 'd',
                '\\x504b')
            """,
            organisation=town.UYUT,
            account=account,
        )
    app = open_as("lawyer", menu.REQUESTS)

    assert app.download_button(key="request_download_7").proto.disabled
    app.selectbox(key="request_purpose_7").set_value("Ответ на запрос").run()

    assert not app.exception
    assert plain(app.download_button(key="request_download_7").label) == (
        "Скачать архив: 2 документа"
    )
    assert ask("select * from ops.audit_event where action = 'export'") == []
    with zipfile.ZipFile(BytesIO(files[-1]())) as packed:
        assert packed.namelist() == ["Свод.docx", "2 Свод.docx"]
    [event] = ask("select object_id, purpose, details from ops.audit_event where action = 'export'")
    assert event == ("7", "Ответ на запрос", {"part": 1})


def test_a_large_batch_is_taken_in_parts(open_as, run_request, change, files):
    run_request("done", 2500, 2500, "now()")
    change(
        """
        insert into ops.document (organisation_id, run_request_id, kind, file_name,
            template_version, context_digest, content_digest, content)
        select :organisation, 7, 'account_statement', n || '.docx', 'v', 'c', 'd', '\\x504b'
        from generate_series(1, 2500) as n
        """,
        organisation=town.UYUT,
    )
    app = open_as("lawyer", menu.REQUESTS)
    parts = app.selectbox(key="request_part_7")
    assert parts.options == ["1–1000", "1001–2000", "2001–2500"]

    parts.set_value(3).run()
    app.selectbox(key="request_purpose_7").set_value("Ответ на запрос").run()

    assert not app.exception
    with zipfile.ZipFile(BytesIO(files[-1]())) as packed:
        names = packed.namelist()
    assert (len(names), names[0], names[-1]) == (500, "2001.docx", "2500.docx")


@pytest.mark.parametrize("role", sorted(menu.EVERYBODY))
def test_whoever_may_press_refresh_sees_how_far_it_is(role):
    [screen] = [screen for screen in menu.SCREENS if screen.path == menu.REQUESTS]
    assert role in screen.roles


def test_an_operator_who_asks_for_statements_is_led_to_them(open_as, ask):
    app = open_as("operator", menu.ACCOUNTS, words="000101")
    app.button(key="accounts_statements").click().run()

    app.button(key="statements_confirm").click().run()

    assert not app.exception
    assert "Своды задолженности" in " ".join(markdown.value for markdown in app.markdown)
    assert ask("select kind, state from ops.run_request") == [("statements", "queued")]


@pytest.mark.parametrize(("days", "is_told"), [(0, False), (30, True)])
def test_figures_of_another_day_than_today_say_so_on_the_screen(open_as, change, days, is_told):
    change("update warehouse.build set as_of = as_of - cast(:days as integer)", days=days)

    app = open_as("manager", menu.REQUESTS)

    day = town.CALENDAR.today - timedelta(days=days)
    told = f":orange[на {day:%d.%m.%Y}, не на сегодня]"
    assert (told in [markdown.value for markdown in app.markdown]) is is_told
    assert any("не на сегодня" in markdown.value for markdown in app.markdown) is is_told


def test_requests_of_another_organisation_are_not_shown(open_as, run_request):
    run_request("running", 1, 2)

    assert "Заданий ещё не было" in open_as("neighbour", menu.REQUESTS).info[0].value


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (RuntimeError("тайное устройство"), "Не получилось показать экран"),
        (ServerError("нет сервера"), "База данных сейчас не отвечает"),
    ],
)
def test_the_number_told_to_the_user_is_found_in_the_log(monkeypatch, caplog, problem, told):
    shown = []
    monkeypatch.setattr(st, "error", shown.append)

    with caplog.at_level(logging.ERROR):
        assert errors.show_error(problem)

    assert told in shown[0]
    number = re.search(r"номер ([A-Z0-9]{6})", shown[0]).group(1)
    assert number in caplog.text
    assert str(problem) in caplog.text
    assert str(problem) not in shown[0]


def test_a_refusal_that_no_screen_caught_is_shown_in_its_own_words(monkeypatch):
    shown = []
    monkeypatch.setattr(st, "error", shown.append)
    assert errors.show_error(PermissionError(database.READING_ONLY))
    assert errors.show_error(PermissionError(13, "Permission denied"))
    assert shown[0] == database.READING_ONLY
    assert "Permission denied" not in shown[1]


def test_who_oversees_a_company_and_writes_for_it_is_told_who_writes_it(change):
    change(
        "update ops.app_user set organisation_id = :city where login = 'operator'", city=town.CITY
    )
    note = text(
        "insert into ops.account_note (account_id, note, user_id) "
        "values (:account, 'звонить вечером', ops.session_user_id())"
    )
    token = sign_in("operator", town.PASSWORD)
    with (
        pytest.raises(PermissionError, match="записывает сама организация"),
        database.connection(token) as connection,
    ):
        connection.execute(note, {"account": town.IVANOV})
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        database.connection(token) as connection,
    ):
        connection.execute(text("delete from ops.account_note"))


def test_who_may_not_order_a_build_is_told_so_in_words(open_as):
    app = open_as("lawyer")

    app.button(key="refresh_data").click().run()

    assert not app.exception
    assert any("Пересчёт заказывают" in toast.value for toast in app.toast)


@pytest.mark.parametrize(("login", "links"), [("lawyer", 1), ("accountant", 0)])
def test_packages_are_linked_for_those_who_have_the_screen_of_batches(
    open_as, run_request, change, login, links
):
    run_request("done", 2, 2, "now()")
    change("update ops.run_request set kind = 'court_packages' where run_request_id = 7")

    app = open_as(login, menu.REQUESTS)

    assert not app.exception
    assert len(app.get("page_link")) == links
