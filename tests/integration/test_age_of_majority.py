"""Who is a minor is told by the row of law, wherever somebody asks."""

from datetime import date

import pytest
from sqlalchemy import text

from operational_db.database import owner_engine, screens_connection, travel_in_time
from operational_db.reference.loader import load_reference
from tests.factories import new_organisation, new_person, new_session, new_user

IS_MINOR = text("select is_minor from ops.person_visible")


def are_minors(token: str, *days: date) -> list[bool]:
    with screens_connection(token) as connection:
        found = []
        for day in days:
            travel_in_time(connection, as_of=day)
            found.append(connection.scalar(IS_MINOR))
        return found


@pytest.mark.usefixtures("fresh_database")
def test_a_child_is_a_minor_up_to_the_day_that_the_law_names() -> None:
    with owner_engine().begin() as connection:
        load_reference(connection)
        company = new_organisation(connection)
        new_person(connection, company, birth_date=date(2008, 5, 17))
        token = new_session(connection, new_user(connection, company, "lawyer"))
    eve, birthday = date(2026, 5, 16), date(2026, 5, 17)
    assert are_minors(token, eve, birthday) == [True, False]
    with owner_engine().begin() as connection:
        law = "update reference.legal_term set value = 21 where code = 'age_of_majority'"
        connection.execute(text(law))
    assert are_minors(token, birthday, date(2029, 5, 17)) == [True, False]
