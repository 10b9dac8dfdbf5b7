"""Duties, mended people and courts: whose rows are whose, tried with SQL of a screen's own."""

from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from operational_db.database import owner_engine, screens_connection
from tests.factories import (
    insert,
    insert_all,
    new_account,
    new_house,
    new_organisation,
    new_owner,
    new_person,
    new_premises,
    new_session,
    new_user,
)
from tests.integration.duty_steps import SECTIONS, record, settle

REFUSED = "row-level security|permission denied|в вашей картотеке нет"


@pytest.fixture(scope="module")
def town(module_database):
    """Our company with a duty, and a neighbour with an owner of its own."""
    assert module_database.owner
    with owner_engine().begin() as connection:
        ours = settle(connection)
        [duty] = record(connection, ours, 0)
        theirs = new_organisation(connection)
        house = new_house(connection)
        premises = new_premises(connection, house)
        account = new_account(connection, theirs, premises_id=premises)
        person = new_person(connection, theirs)
        right = new_owner(connection, premises, person)
        lawyer = new_session(connection, new_user(connection, theirs, "lawyer"))
    return {
        "ours": ours,
        "duty": duty,
        "account": account,
        "house": house,
        "person": person,
        "right": right,
        "their_lawyer": lawyer,
    }


@contextmanager
def trying(token):
    with screens_connection(token) as connection:
        attempt = connection.begin_nested()
        yield connection
        attempt.rollback()


def user_of(connection):
    return connection.scalar(text("select ops.session_user_id()"))


def test_a_neighbour_sees_no_duty_and_adds_nothing_to_it(town):
    with trying(town["their_lawyer"]) as connection:
        for table in ("state_duty", "state_duty_current", "state_duty_event", "duty_register"):
            assert connection.scalar(text(f"select count(*) from ops.{table}")) == 0
        event = {
            "state_duty_id": town["duty"],
            "kind": "paid",
            "happened_on": "2026-11-20",
            "amount": 2000,
            "user_id": user_of(connection),
        }
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, "state_duty_event", [event])


def test_who_works_with_masked_names_reads_no_purposes(town):
    with trying(town["ours"].tokens["administrator"]) as connection:
        assert connection.scalar(text("select count(*) from ops.state_duty")) == 0


def test_a_duty_is_not_recorded_for_a_neighbours_account(town):
    ours = town["ours"]
    with trying(ours.tokens["lawyer"]) as connection:
        values = dict(
            connection.execute(
                text(
                    "select organisation_id, kind, filed_on, claim_sum, step_id, formula, act, "
                    "exact_amount, amount, purpose from ops.state_duty"
                )
            )
            .mappings()
            .one()
        )
        values |= {"account_id": town["account"], "user_id": user_of(connection)}
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, "state_duty", [values])


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("person_correction", {"field": "phone", "new_value": "1", "basis": "слова"}),
        ("person_bankruptcy", {"case_number": "А41-1/2026", "accepted_on": "2026-01-01"}
         | {"basis": "ЕФРСБ"}),
    ],
)  # fmt: skip
def test_people_of_a_neighbour_are_not_mended(town, table, values):
    with trying(town["ours"].tokens["lawyer"]) as connection:
        row = {"person_id": town["person"], "user_id": user_of(connection), **values}
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, table, [row])


def test_a_right_of_a_neighbour_is_not_ended(town):
    with trying(town["ours"].tokens["lawyer"]) as connection:
        row = {"ownership_id": town["right"], "valid_to": "2026-01-01", "basis": "договор"}
        row["user_id"] = user_of(connection)
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, "ownership_end", [row])


def test_whether_a_stranger_has_a_document_is_not_told(town):
    """The same answer for a number that a neighbour's person has, has not, and for nobody."""
    with owner_engine().begin() as connection:
        number = {"person_id": town["person"], "kind": "snils", "number": "112-233-445 95"}
        insert_all(connection, "person_identifier", [number])
    answers = set()
    for changes in ({}, {"number": "000-000-000 00"}, {"person_id": 999_999_999}):
        with trying(town["ours"].tokens["lawyer"]) as connection:
            row = number | changes | {"basis": "проба", "user_id": user_of(connection)}
            with pytest.raises(DBAPIError) as told:
                insert_all(connection, "person_identifier_removal", [row])
        answers.add(told.value.orig.diag.message_primary)
    assert answers == {"Такой записи в вашей картотеке нет"}


def test_a_person_is_not_put_where_others_will_be(town):
    ours = town["ours"]
    person = {"organisation_id": ours.organisation_id, "last_name": "Иванов", "first_name": "Пётр"}
    with trying(ours.tokens["lawyer"]) as connection:
        drawn = connection.scalar(text("select nextval('ops.person_person_id_seq')"))
        insert_all(connection, "person", [person | {"person_id": drawn}])
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, "person", [person | {"person_id": drawn + 1}])


def test_an_identifier_is_not_given_to_a_neighbours_person(town):
    row = {"person_id": town["person"], "kind": "inn", "number": "500100732259"}
    with (
        trying(town["ours"].tokens["lawyer"]) as connection,
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        insert_all(connection, "person_identifier", [row])


def test_nobody_is_mended_in_the_name_of_another(town):
    ours = town["ours"]
    with owner_engine().connect() as connection:
        somebody = connection.scalar(text("select max(user_id) from ops.app_user"))
    with trying(ours.tokens["lawyer"]) as connection:
        row = {"person_id": ours.people[0], "field": "phone", "new_value": "1"}
        row |= {"basis": "слова", "user_id": somebody}
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, "person_correction", [row])


def test_an_accountant_mends_nobody(town):
    ours = town["ours"]
    with trying(ours.tokens["accountant"]) as connection:
        row = {"person_id": ours.people[0], "field": "phone", "new_value": "1", "basis": "слова"}
        row["user_id"] = user_of(connection)
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, "person_correction", [row])


def test_what_stood_before_a_correction_is_told_by_the_database_not_by_the_screen(town):
    ours = town["ours"]
    with trying(ours.tokens["lawyer"]) as connection:
        row = {"person_id": ours.people[0], "field": "phone", "new_value": "+7 900"}
        row |= {"basis": "слова", "user_id": user_of(connection)}
        with connection.begin_nested() as attempt:
            with pytest.raises(DBAPIError, match="permission denied"):
                insert_all(connection, "person_correction", [row | {"old_value": "выдумано"}])
            attempt.rollback()
        insert_all(connection, "person_correction", [row])
        told = text("select old_value, new_value from ops.person_correction")
        assert connection.execute(told).one() == (None, "+7 900")
        seen = text("select phone from ops.person_visible where person_id = :person")
        assert connection.scalar(seen, {"person": ours.people[0]}) == "+7 900"


def test_an_event_is_undone_on_its_own_duty_only(town):
    ours = town["ours"]
    with owner_engine().connect() as connection:
        first, second = record(connection, ours, 1, 2)
        paid = insert(
            connection,
            "state_duty_event",
            "state_duty_event_id",
            **{"state_duty_id": first, "kind": "paid", "happened_on": "2026-11-20", "amount": 2000},
        )
        row = {"state_duty_id": second, "kind": "undone", "happened_on": "2026-11-21"}
        with pytest.raises(IntegrityError, match="undone_of_duty"):
            insert_all(connection, "state_duty_event", [row | {"undoes_event_id": paid}])


def test_the_court_of_a_neighbours_house_is_not_decided(town):
    ours = town["ours"]
    row = {"court_kind": "MS", "court_code": SECTIONS[0], "basis": "письмо суда"}
    with trying(ours.tokens["lawyer"]) as connection:
        row["user_id"] = user_of(connection)
        insert_all(connection, "house_court_decision", [row | {"house_id": ours.houses[0]}])
        with pytest.raises(DBAPIError, match=REFUSED):
            insert_all(connection, "house_court_decision", [row | {"house_id": town["house"]}])
