"""The operator's desk: a list, the next account, a result in two clicks, and no account twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import ProgrammingError

from apps import menu
from operational_db.database import screens_connection
from operational_db.services import call_desk
from operational_db.services.call_desk import CallChoice, CallOutcome
from operational_db.services.sign_in import sign_in
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.town import CALENDAR


@pytest.fixture
def at_any_hour(change):
    """Calls are allowed round the clock, whenever the tests are run."""
    change("update reference.legal_term set value = 0 where code like 'contact_hour_from%'")
    change("update reference.legal_term set value = 24 where code like 'contact_hour_to%'")


@pytest.fixture
def call_list(town_database, at_any_hour) -> int:  # noqa: ARG001
    with screens_connection(sign_in("operator", town.PASSWORD)) as connection:
        choice = CallChoice(town.UYUT, quiet_days=0)
        return call_desk.make_list(connection, choice, "проверка")


def take(login: str, call_list: int) -> int | None:
    with screens_connection(sign_in(login, town.PASSWORD)) as connection:
        return call_desk.take(connection, call_list)


def record(login: str, call_list: int, account_id: int, **outcome) -> int:
    with screens_connection(sign_in(login, town.PASSWORD)) as connection:
        return call_desk.record(
            connection, account_id, call_list, CallOutcome(**({"result": "talked"} | outcome))
        )


@pytest.mark.usefixtures("call_list")
def test_the_list_takes_debtors_of_the_chosen_bands_only(ask):
    accounts = {row.account_id for row in ask("select account_id from ops.call_list_item")}

    assert accounts == {town.IVANOV, *range(town.FIRST_FILLER, town.FIRST_FILLER + town.FILLERS)}


@pytest.mark.usefixtures("town_database", "at_any_hour")
def test_whoever_was_called_lately_is_not_in_the_list(ask):
    with screens_connection(sign_in("operator", town.PASSWORD)) as connection:
        call_desk.make_list(connection, CallChoice(town.UYUT, quiet_days=90), "тихие")
    accounts = {row.account_id for row in ask("select account_id from ops.call_list_item")}

    assert accounts.isdisjoint({town.IVANOV, town.FIRST_FILLER, town.FIRST_FILLER + 1})


def test_two_operators_are_never_given_the_same_account(call_list):
    first = take("operator", call_list)
    second = take("manager", call_list)

    assert first is not None
    assert second is not None
    assert first != second
    assert take("operator", call_list) == first, "a reload keeps the account in hand"


def test_many_takers_at_once_get_an_account_each(call_list, change, ask):
    for number in range(6):
        change(
            "with made as (insert into ops.app_user "
            "(organisation_id, login, full_name, password_hash) "
            "select organisation_id, :login, :login, password_hash from ops.app_user "
            "where login = 'operator' returning user_id) "
            "insert into ops.user_role (user_id, role) select user_id, 'operator' from made",
            login=f"operator{number}",
        )
    tokens = [sign_in(f"operator{number}", town.PASSWORD) for number in range(6)]

    def take_and_record(token: str) -> list[int]:
        taken = []
        for _ in range(4):
            with screens_connection(token) as connection:
                account_id = call_desk.take(connection, call_list)
            with screens_connection(token) as connection:
                call_desk.record(connection, account_id, call_list, CallOutcome("no_answer"))
            taken.append(account_id)
        return taken

    with ThreadPoolExecutor(6) as pool:
        taken = [account for own in pool.map(take_and_record, tokens) for account in own]

    assert len(taken) == len(set(taken)) == 24
    assert ask("select count(*) from ops.call_hold") == [(0,)]


def test_a_called_account_does_not_come_again(call_list):
    first = take("operator", call_list)
    record("operator", call_list, first, result="no_answer")

    assert take("operator", call_list) != first


def test_an_account_put_off_comes_after_the_others(call_list):
    first = take("operator", call_list)
    with screens_connection(sign_in("operator", town.PASSWORD)) as connection:
        call_desk.put_off(connection, first)

    assert take("operator", call_list) != first
    assert take("manager", call_list) != first


def test_whoever_was_spoken_to_today_is_in_no_other_list(call_list, ask):
    first = take("operator", call_list)
    record("operator", call_list, first, result="talked")
    with screens_connection(sign_in("manager", town.PASSWORD)) as connection:
        again = call_desk.make_list(connection, CallChoice(town.UYUT, quiet_days=0), "ещё раз")

    assert first in {
        row.account_id
        for row in ask("select account_id from ops.call_list_item where call_list_id = :n", n=again)
    }
    assert take("manager", again) != first
    assert ask("select ops.call_refusal(:account, now())", account=first) == [("day",)]


def test_at_night_nobody_is_given_out(call_list, change):
    change("update reference.legal_term set value = 0 where code like 'contact_hour_to%'")

    assert take("operator", call_list) is None


def test_another_organisation_neither_sees_nor_takes_the_list(call_list):
    with screens_connection(sign_in("neighbour", town.PASSWORD)) as connection:
        assert call_desk.lists(connection) == []
    with pytest.raises(ProgrammingError, match="Такого списка нет"):
        take("neighbour", call_list)
    with pytest.raises(ProgrammingError, match="Звонят оператор и руководитель"):
        take("lawyer", call_list)


@pytest.mark.usefixtures("at_any_hour")
def test_a_new_list_is_made_on_the_screen_and_the_first_account_shown(open_as, ask):
    app = open_as("operator", menu.DESK)
    app.button(key="desk_new_list").click().run()
    app.number_input(key="desk_quiet").set_value(0).run()
    app.button(key="desk_list_make").click().run()

    assert not app.exception
    assert ask("select count(*) from ops.call_list_item") == [(61,)]
    assert "Просрочено" in plain(" ".join(element.value for element in app.markdown))


def test_no_answer_is_one_click_and_the_next_account_comes(open_as, call_list, ask):
    assert call_list
    app = open_as("operator", menu.DESK)
    before = ask("select account_id from ops.call_hold")
    app.button(key="desk_no_answer").click().run()

    assert not app.exception
    [event] = ask(
        "select account_id, result, call_list_id, executor, source from ops.contact_event "
        "where call_list_id is not null"
    )
    assert event == (
        before[0].account_id,
        "no_answer",
        call_list,
        "Звонкова Ольга Юрьевна",
        "screen",
    )
    assert ask("select account_id from ops.call_hold") != before
    assert [metric.value for metric in app.metric][:2] == ["1", "1"]


def test_a_talk_is_recorded_with_its_promise_and_next_step(open_as, call_list, ask):
    assert call_list
    app = open_as("operator", menu.DESK)
    [(account_id,)] = ask("select account_id from ops.call_hold")
    app.date_input(key=f"desk_promise_{account_id}").set_value(CALENDAR.today + timedelta(days=5))
    app.text_input(key=f"desk_sum_{account_id}").set_value("5 000,50")
    app.selectbox(key=f"desk_reason_{account_id}").set_value("забыл")
    app.selectbox(key=f"desk_action_{account_id}").set_value("Проверить оплату")
    app.button(key="desk_save").click().run()

    assert not app.exception
    assert ask(
        "select result, promise_date, promise_amount, non_payment_reason, next_action "
        "from ops.contact_event where call_list_id is not null"
    ) == [
        (
            "talked",
            CALENDAR.today + timedelta(days=5),
            Decimal("5000.50"),
            "забыл",
            "Проверить оплату",
        )
    ]


def test_a_sum_without_a_day_is_no_promise(open_as, call_list, ask):
    assert call_list
    app = open_as("operator", menu.DESK)
    [(account_id,)] = ask("select account_id from ops.call_hold")
    app.text_input(key=f"desk_sum_{account_id}").set_value("5000")
    app.button(key="desk_save").click().run()

    assert any("назовите день" in error.value for error in app.error)
    assert ask("select * from ops.contact_event where call_list_id is not null") == []


def test_ones_own_last_call_is_taken_back_by_an_event(open_as, call_list, ask):
    assert call_list
    app = open_as("operator", menu.DESK)
    app.button(key="desk_busy").click().run()
    app.button(key="desk_cancel").click().run()

    assert not app.exception
    assert ask(
        "select count(*), count(cancels_event_id) from ops.contact_event where source = 'screen'"
    ) == [(2, 1)]
    assert next(metric.value for metric in app.metric) == "0"


def test_an_account_is_put_off_with_a_button(open_as, call_list, ask):
    assert call_list
    app = open_as("operator", menu.DESK)
    [(first,)] = ask("select account_id from ops.call_hold")
    app.button(key="desk_put_off").click().run()

    assert not app.exception
    assert ask("select is_put_off from ops.call_hold where account_id = :n", n=first) == [(True,)]


def test_the_journal_has_the_columns_of_its_form(open_as, call_list):
    assert call_list
    app = open_as("operator", menu.DESK)
    app.button(key="desk_no_answer").click().run()

    journal = table_with(app, "Попытка №")
    assert list(journal.columns) == [
        "Дата и время",
        "Оператор",
        "Лицевой счёт",
        "Ф.И.О.",
        "Адрес",
        "Телефон",
        "Долг на момент, ₽",
        "Полоса",
        "Попытка №",
        "Длительность, с",
        "Результат",
        "Причина неплатежа",
        "Обещание: дата",
        "Обещание: сумма, ₽",
        "Следующее действие",
        "Когда",
        "Запись",
        "Комментарий",
    ]
    assert list(journal["Результат"]) == ["нет ответа"]


@pytest.mark.usefixtures("at_any_hour")
def test_the_journal_is_read_a_page_at_a_time_the_latest_calls_first(town_database, change, ask):
    assert town_database.owner
    change(
        """
        insert into ops.contact_event (account_id, kind, happened_at, result, source)
        select 101, 'live_call', now() - interval '1 second' * n, 'no_answer', 'screen'
        from generate_series(1, 120) as n
        """
    )
    since = until = ask("select (now() at time zone 'Europe/Moscow')::date")[0][0]
    since -= timedelta(days=1)
    with screens_connection(sign_in("operator", town.PASSWORD)) as connection:
        assert call_desk.count_journal(connection, since, until) == 120
        first, last = (
            list(call_desk.journal(connection, since, until, limit=50, offset=offset))
            for offset in (0, 100)
        )
        whole = list(call_desk.journal(connection, since, until))
    assert [row["attempt"] for row in first] == list(range(120, 70, -1))
    assert [row["attempt"] for row in last] == list(range(20, 0, -1))
    assert whole[:50] == first
    assert whole[100:] == last
