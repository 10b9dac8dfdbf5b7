"""Sets of filters and columns of the registry of debtors, notes and mass assignment."""

import pytest
from sqlalchemy import text

from apps import menu
from operational_db import database
from operational_db.services import account_notes, saved_views
from operational_db.services.account_notes import NoteRefusedError
from operational_db.services.saved_views import ViewRefusedError
from operational_db.services.sign_in import sign_in
from tests.apps import town
from tests.apps.conftest import table_with
from tests.apps.test_debtors_screen import listed


def as_user(login: str):
    return database.screens_connection(sign_in(login, town.PASSWORD))


def saved_by(login: str, name: str = "Лесная, 2", **choices) -> int:
    with as_user(login) as connection:
        return saved_views.save(
            connection, "debtors", name, **{"filters": {"words": "иванов"}} | choices
        )


def seen_by(login: str) -> list[str]:
    with as_user(login) as connection:
        return [each.name for each in saved_views.views(connection, "debtors")]


def test_a_set_is_saved_from_the_screen_and_chosen_from_the_list(open_as, ask):
    app = open_as("lawyer", menu.DEBTORS, words="иванов", columns="due_amount,phones")
    app.text_input(key="saved_set_name_0").input("Дело Иванова").run()
    app.button(key="saved_set_save").click().run()
    assert not app.exception
    [kept] = ask("select saved_view_id, name, filters, columns, is_shared from ops.saved_view")
    assert (kept.name, kept.columns, kept.is_shared) == (
        "Дело Иванова",
        ["due_amount", "phones"],
        False,
    )
    again = open_as("lawyer", menu.DEBTORS)
    assert len(listed(again)) == 50
    again.selectbox(key="saved_set").select(kept.saved_view_id).run()
    assert not again.exception
    table = table_with(again, "Телефон")
    assert list(table.columns) == ["Лицевой счёт", "Долг, ₽", "Телефон"]
    assert list(table["Лицевой счёт"])[:-1] == ["000101"]
    assert again.query_params["words"] in ("иванов", ["иванов"])
    assert again.query_params["columns"] in ("due_amount,phones", ["due_amount,phones"])


def test_an_address_shows_the_columns_that_it_names(open_as):
    app = open_as("lawyer", menu.DEBTORS, words="иванов", columns="phones,penalty_amount,last_note")
    table = table_with(app, "Заметка")
    assert list(table.columns) == ["Лицевой счёт", "Телефон", "Пени, ₽", "Заметка"]
    assert table["Телефон"][0] == "+7 900 000-00-00"


def test_the_whole_debt_is_that_of_the_months_with_its_penalty(open_as):
    columns = "due_amount,penalty_amount,whole_amount"
    app = open_as("lawyer", menu.DEBTORS, words="иванов", columns=columns)
    table = table_with(app, "Всего с пени, ₽")
    assert table["Пени, ₽"][0] > 0
    assert table["Всего с пени, ₽"][0] == table["Долг, ₽"][0] + table["Пени, ₽"][0]


def test_columns_nobody_knows_are_left_out(open_as):
    app = open_as("lawyer", menu.DEBTORS, words="иванов", columns="password_hash,due_amount")
    assert list(table_with(app, "Долг, ₽").columns) == ["Лицевой счёт", "Долг, ₽"]


def test_colleagues_see_what_is_shared_and_others_do_not(town_database):
    assert town_database.owner
    saved_by("lawyer", "Мой")
    saved_by("lawyer", "Общий", is_shared=True)
    assert seen_by("lawyer") == ["Мой", "Общий"]
    assert seen_by("manager") == ["Общий"]
    assert seen_by("neighbour") == []
    assert seen_by("official") == []


def test_the_same_name_is_saved_anew(town_database):
    assert town_database.owner
    saved_by("lawyer", "Набор")
    saved_by("lawyer", " Набор ", filters={"words": "петров"})
    with as_user("lawyer") as connection:
        [only] = saved_views.views(connection, "debtors")
    assert only.filters == {"words": "петров"}


def test_nobody_throws_away_the_set_of_a_colleague(town_database):
    assert town_database.owner
    number = saved_by("lawyer", is_shared=True)
    with as_user("manager") as connection, pytest.raises(ViewRefusedError, match="другой"):
        saved_views.throw_away(connection, number)
    assert seen_by("lawyer") == ["Лесная, 2"]
    with as_user("lawyer") as connection:
        saved_views.throw_away(connection, number)
    assert seen_by("manager") == []


def test_a_set_that_is_shared_no_more_is_seen_by_its_maker_only(town_database):
    assert town_database.owner
    saved_by("lawyer", "Набор", is_shared=True)
    saved_by("lawyer", "Набор", filters={"words": "петров"})
    assert seen_by("manager") == []
    assert seen_by("lawyer") == ["Набор"]


def test_a_set_without_a_name_is_refused_on_the_screen(open_as, ask):
    app = open_as("lawyer", menu.DEBTORS)
    app.button(key="saved_set_save").click().run()
    assert any("Назовите набор" in error.value for error in app.error)
    assert ask("select count(*) from ops.saved_view")[0][0] == 0


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"contact": "sms", "words": "лесная 10"}, []),
        ({"extract": "none", "words": "иванов"}, ["000101"]),
        ({"extract": "has"}, []),
        ({"writ": "none", "words": "иванов"}, ["000101"]),
        ({"writ": "has"}, []),
        ({"writ": "bailiff"}, []),
        ({"bailiff": "Зеленоград"}, []),
        ({"phone": "900 000"}, ["000101"]),
        ({"phone": "911"}, []),
        ({"restriction": "none", "words": "иванов"}, ["000101"]),
        ({"restriction": "on"}, []),
        ({"state": "filed"}, []),
        ({"period_to": "01.2001"}, []),
        ({"period_from": "01.2001", "words": "иванов"}, ["000101"]),
    ],
)
def test_what_was_done_and_is_known_narrows_the_registry(open_as, asked, found):
    app = open_as("lawyer", menu.DEBTORS, **asked)
    assert (listed(app) if found else []) == found
    if not found:
        assert "Нет должников" in app.info[0].value


EXTRACT_LOADED = """
with file as (
    insert into ops.import_file (
        organisation_id, kind, file_name, sha256, size_bytes, rows_accepted, rows_known,
        rows_refused, report
    )
    select organisation_id, 'egrn', 'выписка.xml', repeat('0', 64), 1, 1, 0, 0, '{}'
    from ops.account where account_id = 101
    returning import_id, organisation_id
)

insert into ops.egrn_extract (
    organisation_id, premises_id, cadastral_number, formed_on, has_holders, import_id
)
select file.organisation_id, a.premises_id, '50:11:1:1', date '2026-05-01', true, file.import_id
from ops.account as a cross join file
where a.account_id = 101
"""
CONTACTED = (
    "insert into ops.contact_event (account_id, kind, happened_at, result, source) "
    "values (101, '{}', now(), '{}', 'file')"
)
STEP_DONE = (
    "insert into ops.account_event (account_id, kind, happened_on, bailiff_office, source) "
    "values (101, '{}', date '2026-05-01', 'Зеленоградское ОСП', 'file')"
)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (CONTACTED.format("sms", "delivered"), {"contact": "sms"}),
        (EXTRACT_LOADED, {"extract": "has"}),
        (
            "insert into ops.execution_document "
            "(account_id, kind, number, issued_on, period_from, period_to) "
            "values (101, 'writ', 'ФС 1', '2026-05-01', '2025-01-01', '2025-02-01')",
            {"writ": "has"},
        ),
        (STEP_DONE.format("writ_dispatched"), {"bailiff": "зеленоград"}),
        (STEP_DONE.format("restriction_notice"), {"restriction": "noticed"}),
    ],
)
def test_what_is_written_of_a_debtor_finds_him(open_as, change, written, asked):
    before = open_as("lawyer", menu.DEBTORS, words="иванов", **asked)
    assert "Нет должников" in before.info[0].value
    change(written)
    assert listed(open_as("lawyer", menu.DEBTORS, words="иванов", **asked)) == ["000101"]


def test_a_message_that_was_taken_back_is_no_contact(open_as, change):
    change(CONTACTED.format("sms", "delivered"))
    change(
        "insert into ops.contact_event "
        "(account_id, kind, happened_at, result, source, cancels_event_id) "
        "select account_id, kind, now(), result, source, contact_event_id from ops.contact_event "
        "where account_id = 101 and kind = 'sms' order by contact_event_id desc limit 1"
    )
    app = open_as("lawyer", menu.DEBTORS, words="иванов", contact="sms")
    assert "Нет должников" in app.info[0].value


def test_a_restriction_that_was_lifted_is_none_any_more(open_as, change):
    add = (
        "insert into ops.account_event (account_id, kind, happened_on, source) "
        "values (101, '{}', date '{}', 'screen')"
    )
    change(add.format("restriction", "2026-05-01"))
    assert listed(open_as("lawyer", menu.DEBTORS, restriction="on")) == ["000101"]
    change(add.format("restriction_lifted", "2026-06-01"))
    assert "Нет должников" in open_as("lawyer", menu.DEBTORS, restriction="on").info[0].value


def test_a_note_is_written_about_all_that_were_found(open_as, ask):
    app = open_as("lawyer", menu.DEBTORS, words="лесная 10")
    app.button(key="debtors_note").click().run()
    app.text_area(key="debtors_note_text").input("Дом под капремонт").run()
    app.button(key="debtors_note_confirm").click().run()
    assert not app.exception
    assert ask("select count(*), count(distinct account_id) from ops.account_note")[0] == (
        town.FILLERS,
        town.FILLERS,
    )


def test_a_note_is_taken_back_once_and_stays_in_the_journal(town_database):
    assert town_database.owner
    with as_user("lawyer") as connection:
        account_notes.add(connection, [town.IVANOV], "не звонить")
        [note] = account_notes.notes(connection, town.IVANOV)
        account_notes.take_back(connection, note["account_note_id"])
        assert account_notes.notes(connection, town.IVANOV) == []
        with pytest.raises(NoteRefusedError, match="уже снята"):
            account_notes.take_back(connection, note["account_note_id"])
        assert connection.scalar(text("select count(*) from ops.account_note")) == 2


def test_a_manager_gives_the_debtors_of_the_filter_to_a_person(open_as, ask):
    app = open_as("manager", menu.DEBTORS, words="иванов")
    app.button(key="debtors_assign").click().run()
    app.text_input(key="debtors_action").input("Позвонить").run()
    app.button(key="debtors_assign_confirm").click().run()
    assert not app.exception
    [given] = ask("select account_id, next_action from ops.work_assignment")
    assert tuple(given) == (town.IVANOV, "Позвонить")


def test_an_advice_to_file_is_given_only_where_nothing_is_in_the_way(open_as):
    app = open_as("lawyer", menu.DEBTORS, words="иванов")
    assert table_with(app, "Совет")["Совет"][0].startswith("нельзя: ")
    assert "Нет должников" in open_as("lawyer", menu.DEBTORS, advice="file").info[0].value
    assert "000101" in listed(open_as("lawyer", menu.DEBTORS, advice="stopped", words="иванов"))
