"""Two companies keep accounts in one flat: what one finds out of its owners is not the other's."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from operational_db.database import owner_engine, screens_connection
from operational_db.reference.loader import load_reference
from operational_db.services import people
from operational_db.services.importing import import_file
from tests.egrn_extracts import CADASTRAL, Owner, Right, extract
from tests.factories import (
    insert,
    insert_all,
    new_account,
    new_organisation,
    new_owner,
    new_person,
    new_premises,
    new_session,
    new_user,
)

TODAY = date(2026, 11, 20)


@pytest.fixture
def flat(fresh_database):
    """A flat where a company and a supplier of heat have an account and an owner each."""
    assert fresh_database.owner
    with owner_engine().begin() as connection:
        load_reference(connection)
        street = insert(
            connection,
            "address_object",
            "address_object_id",
            **{"level": "street", "type_name": "ул.", "name": "Мира"},
        )
        house = insert(connection, "house", "house_id", address_object_id=street, number="1")
        premises = new_premises(connection, house, "7")
        connection.execute(
            text("update ops.premises set cadastral_number = :number where premises_id = :flat"),
            {"number": CADASTRAL, "flat": premises},
        )
        sides = {}
        for name in ("company", "heat"):
            organisation = new_organisation(connection, name)
            person = new_person(connection, organisation)
            sides[name] = {
                "organisation": organisation,
                "account": new_account(connection, organisation, premises_id=premises),
                "person": person,
                "right": new_owner(connection, premises, person),
                "lawyer": new_session(connection, new_user(connection, organisation, "lawyer")),
            }
    return {"premises": premises, **sides}


def in_force(flat, side):
    with screens_connection(flat[side]["lawyer"]) as connection:
        found = people.rights(connection, flat["premises"], flat[side]["organisation"])
    return [row["holder_name"] for row in found if row["is_in_force"]]


def test_each_company_sees_its_own_record_of_the_owners(flat):
    for side, other in (("company", "heat"), ("heat", "company")):
        assert in_force(flat, side) == ["Иванов Пётр Сергеевич"]
        with screens_connection(flat[side]["lawyer"]) as connection:
            seen = connection.scalars(text("select ownership_id from ops.ownership"))
            assert list(seen) == [flat[side]["right"]]
            assert flat[other]["right"] != flat[side]["right"]


def test_an_extract_that_one_loads_ends_nothing_of_the_other(flat):
    content = extract(Right([Owner("Петрова Анна Ильинична")], since="2025-03-01T10:00:00+03:00"))
    with owner_engine().begin() as connection:
        import_file(
            connection,
            kind="egrn",
            file_name="выписка.xml",
            content=content,
            organisation_id=flat["company"]["organisation"],
            today=TODAY,
        )
    assert in_force(flat, "company") == ["Петрова Анна Ильинична"]
    assert in_force(flat, "heat") == ["Иванов Пётр Сергеевич"]


def test_a_lawyer_ends_no_right_in_the_record_of_another(flat):
    row = {"ownership_id": flat["heat"]["right"], "valid_to": "2026-01-01", "basis": "договор"}
    with screens_connection(flat["company"]["lawyer"]) as connection:
        row["user_id"] = connection.scalar(text("select ops.session_user_id()"))
        attempt = connection.begin_nested()
        with pytest.raises(DBAPIError, match="в вашей картотеке нет"):
            insert_all(connection, "ownership_end", [row])
        attempt.rollback()
        people.end_right(connection, flat["company"]["right"], date(2026, 1, 1), "договор")
    assert in_force(flat, "company") == []
    assert in_force(flat, "heat") == ["Иванов Пётр Сергеевич"]


def test_nobody_writes_a_right_into_the_record_of_another(flat):
    company, heat = flat["company"], flat["heat"]
    given = {"premises_id": flat["premises"], "right_kind": "ownership"}
    given |= {"valid_from": "2026-01-01", "source": "слова"}
    forged = (
        ({"organisation_id": heat["organisation"], "holder_name": "ООО «Чужое»"}, "row-level"),
        (
            {"organisation_id": company["organisation"], "person_id": heat["person"]},
            "своей картотеки",
        ),
        ({"holder_name": "ООО «Ничьё»"}, "нескольких организаций"),
    )
    for values, reason in forged:
        with screens_connection(company["lawyer"]) as connection:
            user = connection.scalar(text("select ops.session_user_id()"))
            attempt = connection.begin_nested()
            with pytest.raises(DBAPIError, match=reason):
                insert_all(connection, "ownership", [given | values | {"user_id": user}])
            attempt.rollback()
