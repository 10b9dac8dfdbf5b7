"""Fields for days, and what a user reads when the database refuses what was typed."""

import re
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError
from streamlit.testing.v1 import AppTest

from apps import menu
from apps.shared import database, days, errors, filters
from operational_db.services.people import PersonError, share_of
from operational_db.services.sign_in import sign_in
from tests.apps import town

SCREENS = Path(__file__).parents[2] / "apps"


def field(**asked: object):
    """One field for a day as a screen would draw it."""

    def screen(asked: dict) -> None:
        from apps.shared import days

        days.field("День", key="day", **asked)

    return AppTest.from_function(screen, kwargs={"asked": asked}).run().date_input[0]


def test_from_2027_a_field_still_ends_with_the_last_day_of_the_database():
    assert field(value=date(2027, 1, 5)).max == date(2036, 12, 31) == days.LAST


def test_a_field_begins_with_the_first_day_of_the_database():
    assert field(value=date(2026, 11, 21)).min == date(1991, 1, 1) == days.FIRST


def test_a_birthday_of_1950_can_be_mended_to_one_of_1985():
    today = date(2026, 11, 21)
    shown = field(value=date(1950, 3, 1), since=date(1890, 1, 1), until=today)
    assert (shown.min, shown.max) == (date(1890, 1, 1), today)


def test_a_day_that_is_kept_already_opens_its_form_whatever_it_is():
    assert field(value=date(1870, 5, 5)).value == date(1870, 5, 5)


def test_a_pair_of_days_has_the_same_limits():
    shown = field(value=(date(2026, 11, 1), date(2026, 11, 21)))
    assert (shown.min, shown.max) == (days.FIRST, days.LAST)


def test_every_field_for_a_day_on_every_screen_has_these_limits():
    drawn_apart = [
        file.relative_to(SCREENS).as_posix()
        for file in SCREENS.rglob("*.py")
        if re.search(r"\b(date_input|datetime_input|DateColumn)\(", file.read_text("utf-8"))
    ]
    assert drawn_apart == ["shared/days.py"]


@pytest.mark.parametrize("written", ["31.12.1990", "01.01.2037", "32.01.2026", "вчера"])
def test_a_typed_day_that_the_database_would_refuse_is_no_day(written: str):
    assert filters.parsed_day(written) is None
    assert "с 01.01.1991 по 31.12.2036" in filters.not_a_day(written)


def test_a_typed_day_within_the_limits_is_read():
    assert filters.parsed_day(" 31.12.2036 ") == days.LAST
    assert filters.parsed_day("01.01.1991") == days.FIRST


@pytest.fixture
def told(monkeypatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(st, "error", shown.append)
    return shown


def test_a_day_past_the_range_that_reached_the_database_is_refused_in_words(town_database, told):
    del town_database
    from operational_db.services import worklist

    with (
        pytest.raises(IntegrityError) as refused,
        database.connection(sign_in("manager", town.PASSWORD)) as connection,
    ):
        worklist.assign(connection, [town.IVANOV], None, due_on=date(2037, 1, 1))

    assert errors.show_error(refused.value)
    assert "день должен быть с 01.01.1991 по 31.12.2036. Исправьте дату" in told[0]
    assert re.search(r"номер [A-Z0-9]{6}", told[0])


def test_an_assignment_past_the_range_is_refused_beside_the_field(open_as):
    app = open_as("manager", menu.WORKLIST)
    app.text_input(key="assign_due").set_value("01.01.2037")
    app.button(key="assign_open").click().run()
    assert "01.01.2037" in app.error[0].value
    assert "по 31.12.2036" in app.error[0].value


def test_text_that_cannot_be_stored_is_told_to_be_typed_anew(town_database, told):
    del town_database
    with (
        pytest.raises(DataError) as refused,
        database.connection(sign_in("manager", town.PASSWORD)) as connection,
    ):
        connection.execute(text("select cast(:word as text)"), {"word": "до\x00мой"})

    assert errors.show_error(refused.value)
    assert "знак, который нельзя хранить" in told[0]


@pytest.mark.parametrize("written", ["1" * 5000, "1/" + "3" * 5000, "0,5", "треть"])
def test_a_share_that_is_none_is_refused_in_words_however_long(written: str):
    with pytest.raises(PersonError, match=r"не доля\. Напишите дробью, например 1/3"):
        share_of(written)
