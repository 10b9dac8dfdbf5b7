"""Who gets in, who does not, and what the browser keeps."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from apps import menu
from apps.shared import session, session_cookie
from operational_db.database import screens_connection
from operational_db.services import sign_in
from operational_db.services.sign_in import SignInRefusedError
from tests.apps import town
from tests.apps.conftest import ENTRY

FREE_FAILURES = 4
"""Failures from one address that make nobody wait."""


@pytest.fixture
def stranger(town_database, monkeypatch):  # noqa: ARG001 - the screens find it by the environment
    """The app as it meets somebody who has not signed in."""
    # AppTest has no connection of a browser that could come from anywhere.
    monkeypatch.setattr(session, "browser_address", lambda: "127.0.0.1")
    st.cache_data.clear()
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    # Signed out: AppTest has no browser whose cookies could be empty.
    app.session_state["session_token"] = ""
    return app.run()


def enter(app, login, password):
    app.text_input(key="sign_in_login").set_value(login)
    app.text_input(key="sign_in_password").set_value(password)
    return app.button(key="sign_in_submit").click().run()


def test_a_stranger_sees_the_sign_in_page_and_nothing_else(stranger):
    assert [title.value for title in stranger.title] == ["Долгомер"]
    assert not stranger.metric
    assert not stranger.dataframe


def test_the_right_password_opens_the_first_screen_of_the_role(stranger):
    app = enter(stranger, "manager", town.PASSWORD)

    assert not app.exception
    assert [title.value for title in app.title] == ["Сводка по долгам"]


def test_a_login_is_known_in_any_case_of_letters(stranger):
    app = enter(stranger, " Operator ", town.PASSWORD)

    assert [title.value for title in app.title] == ["Очередь работ"]


@pytest.mark.parametrize("login", ["manager", "никого-такого-нет"])
def test_a_wrong_password_and_an_unknown_login_are_told_alike(stranger, login):
    app = enter(stranger, login, "не тот")

    assert [error.value for error in app.error] == [sign_in.WRONG_CREDENTIALS]


def test_an_empty_form_is_not_an_attempt(stranger, ask):
    app = enter(stranger, "", "")

    assert [error.value for error in app.error] == ["Введите логин и пароль."]
    assert ask("select count(*) from ops.sign_in_attempt") == [(0,)]


FAIL = """
    insert into ops.sign_in_attempt (login, address, recorded_at)
    select 'manager', :address, now() - :ago * interval '1 second'
    from generate_series(1, :times)
"""


def test_many_failures_make_even_the_right_password_wait(stranger, change):
    change(FAIL, address="127.0.0.1", ago=0, times=10)

    app = enter(stranger, "manager", town.PASSWORD)

    assert "Подождите 3 мин." in app.error[0].value


def test_who_signs_in_from_elsewhere_does_not_wait_for_a_stranger_who_guesses(stranger, change):
    change(FAIL, address="203.0.113.7", ago=0, times=40)

    assert not enter(stranger, "manager", town.PASSWORD).error


def test_guesses_from_many_addresses_stop_strangers_but_not_a_familiar_address(stranger, change):
    change(FAIL, address="127.0.0.1", ago=100, times=1)
    change("update ops.sign_in_attempt set succeeded_at = now()")
    change(FAIL.replace(":address", "'198.51.100.' || generate_series || :address"),
           address="", ago=1, times=60)  # fmt: skip

    with pytest.raises(SignInRefusedError, match="Подождите"):
        sign_in.sign_in("manager", town.PASSWORD, "192.0.2.1")
    assert not enter(stranger, "manager", town.PASSWORD).error


def test_the_wait_grows_with_every_failure_and_ends_by_itself(town_database, ask, change):  # noqa: ARG001
    waits = []
    for failures in (4, 5, 6, 7, 12, 30):
        address = f"192.0.2.{failures}"
        change("delete from ops.sign_in_attempt")
        change(FAIL, address=address, ago=0, times=failures)
        waits += [w for (w,) in ask("select wait_seconds from ops.gate_attempt('manager', :a)",
                                    a=address)]  # fmt: skip
    assert waits == [0, 5, 10, 20, 640, 900]
    change(FAIL, address="192.0.2.99", ago=6, times=5)
    assert sign_in.sign_in("manager", town.PASSWORD, "192.0.2.99")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.4", "", "198.51.100.4"),
        (None, "", "127.0.0.1"),
        # The proxy's own word is the last one; what stands before it the browser may have written.
        (None, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.4", "10.0.0.1", "198.51.100.4"),
    ],
)
def test_only_a_proxy_of_this_machine_may_say_for_whom_it_speaks(peer, forwarded, address):
    assert session.address_seen(peer, forwarded) == address


def test_a_success_forgets_the_failures_before_it(town_database, change):  # noqa: ARG001
    change(FAIL, address="192.0.2.1", ago=60, times=4)
    assert sign_in.sign_in("manager", town.PASSWORD, "192.0.2.1")
    for _ in range(FREE_FAILURES):
        with pytest.raises(SignInRefusedError, match="не подходят"):
            sign_in.sign_in("manager", "не тот", "192.0.2.1")
    assert sign_in.sign_in("manager", town.PASSWORD, "192.0.2.1")


@pytest.mark.parametrize(
    ("role", "screen"),
    [
        ("manager", menu.DASHBOARD),
        ("official", menu.DASHBOARD),
        ("lawyer", menu.DASHBOARD),
        ("accountant", menu.DASHBOARD),
        ("operator", menu.WORKLIST),
        ("inspector", menu.ROUTE),
        ("administrator", menu.IMPORTS),
    ],
)
def test_everybody_begins_with_his_own_work_and_not_with_a_screen_that_links_lead_to(role, screen):
    user = sign_in.SignedInUser(1, "user", "Имя", 1, "ООО «Уют»", "homeowners", frozenset({role}))
    assert menu.start_of(user).path == screen


@pytest.mark.usefixtures("town_database")
def test_of_many_guesses_at_once_only_the_first_few_are_looked_at():
    def guess(_: int) -> str:
        try:
            sign_in.sign_in("lawyer", "не тот", "192.0.2.5")
        except SignInRefusedError as refusal:
            return str(refusal)
        raise AssertionError

    with ThreadPoolExecutor(12) as together:
        answers = list(together.map(guess, range(24)))

    looked_at = [answer for answer in answers if "не подходят" in answer]
    assert len(looked_at) == FREE_FAILURES + 1


def test_failures_of_an_hour_ago_are_forgiven(stranger, change):
    change(
        """
        insert into ops.sign_in_attempt (login, address, recorded_at)
        select 'manager', '127.0.0.1', now() - interval '1 hour' from generate_series(1, 10)
        """
    )

    assert not enter(stranger, "manager", town.PASSWORD).error


def test_a_dismissed_user_does_not_get_in(stranger, change):
    change("update ops.app_user set is_active = false where login = 'manager'")

    assert enter(stranger, "manager", town.PASSWORD).error


def test_the_database_keeps_a_digest_and_not_the_token(town_database, ask):  # noqa: ARG001
    token = sign_in.sign_in("manager", town.PASSWORD)

    [[digest]] = ask("select token_digest from ops.user_session")
    assert token.encode() not in bytes(digest)
    assert len(bytes(digest)) == 32


def test_signing_out_ends_the_session_for_good(open_as):
    app = open_as("manager")
    token = app.session_state["session_token"]

    app.button(key="sign_out").click().run()

    assert [title.value for title in app.title] == ["Долгомер"]
    with screens_connection(token) as connection:
        assert sign_in.who_am_i(connection) is None


def test_a_session_that_ended_meanwhile_is_told_of(open_as, change):
    app = open_as("manager")
    change("update ops.user_session set expires_at = now() - interval '1 minute'")

    app.run()

    assert "Сеанс закончился" in app.warning[0].value
    assert not app.metric


@pytest.mark.usefixtures("town_database")
def test_somebody_verified_elsewhere_must_still_be_a_user_here():
    with pytest.raises(SignInRefusedError, match="не заведён"):
        sign_in.sign_in_verified("stranger@example.org")

    with screens_connection(sign_in.sign_in_verified("manager")) as connection:
        assert sign_in.who_am_i(connection).login == "manager"


def from_provider(**claims):
    """The app with the organisation's own sign-in, as it meets somebody who came through it."""
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.session_state["session_token"] = ""
    app.secrets["auth"] = {"redirect_uri": "https://example.org/oauth2callback"}
    app.user = {"is_logged_in": True, **claims}
    return app.run()


@pytest.mark.usefixtures("town_database")
def test_who_came_through_the_organisations_own_sign_in_works_as_usual():
    app = from_provider(email="manager", email_verified=True)

    assert not app.exception
    assert [title.value for title in app.title] == ["Сводка по долгам"]


@pytest.mark.usefixtures("town_database")
@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"email": "manager", "email_verified": False}, "не подтверждён"),
        ({"email": "stranger@example.org", "email_verified": True}, "не заведён"),
    ],
)
def test_who_is_not_a_user_here_is_told_why_and_let_go(claims, told):
    app = from_provider(**claims)

    assert told in app.warning[0].value
    assert not app.metric


@pytest.mark.parametrize(
    ("login", "page"),
    [
        ("operator", "screens/accountant/imports.py"),
        ("official", "screens/accountant/receipts.py"),
        ("lawyer", "screens/accountant/closing.py"),
    ],
)
def test_a_role_cannot_reach_what_is_not_its_work(open_as, login, page):
    with pytest.raises(ValueError, match="page"):
        open_as(login).switch_page(page)


def fetch_cookie(ticket, scheme="http"):
    """Come for the cookie as the browser does; the answer of the server."""
    headers = {session_cookie.TICKET_HEADER: ticket, "X-Forwarded-Proto": scheme}
    request = Request(
        {
            "type": "http",
            "method": "POST",
            "path": session_cookie.PATH,
            "query_string": b"",
            "scheme": "http",
            "server": ("127.0.0.1", 8501),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
    )
    return asyncio.run(session_cookie.keep_session(request))


def test_the_cookie_is_hidden_from_scripts_and_other_sites():
    answer = fetch_cookie(session_cookie.ticket_for("secret"))

    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 204
    assert cookie.startswith("dolgomer_session=secret;")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_never_travels_in_the_open():
    answer = fetch_cookie(session_cookie.ticket_for("secret"), scheme="https")

    assert "Secure" in answer.headers["set-cookie"]


def test_a_ticket_works_once():
    ticket = session_cookie.ticket_for("secret")

    assert fetch_cookie(ticket).status_code == 204
    assert fetch_cookie(ticket).status_code == 403


def test_a_ticket_is_worthless_after_a_minute(monkeypatch):
    ticket = session_cookie.ticket_for("secret")
    late = time.monotonic() + session_cookie.TICKET_LIFETIME + 1
    monkeypatch.setattr(session_cookie.time, "monotonic", lambda: late)

    assert fetch_cookie(ticket).status_code == 403


@pytest.mark.parametrize("ticket", ["", "invented"])
def test_without_a_ticket_there_is_no_cookie(ticket):
    answer = fetch_cookie(ticket)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
