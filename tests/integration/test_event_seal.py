"""The chain over events: whole while nobody touches what was sealed, broken when somebody did."""

import pytest
from sqlalchemy import Connection, text

from operational_db.database import owner_engine
from operational_db.services.event_seal import seal, verify
from tests.factories import insert, new_account, new_organisation

pytestmark = pytest.mark.usefixtures("fresh_database")


def record(connection: Connection, account_id: int, result: str = "delivered") -> int:
    return insert(
        connection,
        "contact_event",
        "contact_event_id",
        account_id=account_id,
        kind="sms",
        happened_at="2026-11-03 12:00+03",
        result=result,
        source="file",
    )


@pytest.fixture
def account_id() -> int:
    with owner_engine().begin() as connection:
        account_id = new_account(connection, new_organisation(connection))
        record(connection, account_id)
        record(connection, account_id, "failed")
        first = seal(connection)
        record(connection, account_id)
        second = seal(connection)
    assert (first.events, second.events) == (2, 1)
    return account_id


def test_a_chain_that_nobody_touched_is_whole(account_id):
    with owner_engine().begin() as connection:
        record(connection, account_id)
        state = verify(connection)

    assert state.is_whole
    assert (state.seals, state.events) == (2, 3)


def test_nothing_new_makes_no_seal(account_id):
    assert account_id
    with owner_engine().begin() as connection:
        assert seal(connection) is None


@pytest.mark.parametrize(
    "deed",
    [
        "update ops.contact_event set result = 'delivered' where result = 'failed'",
        "delete from ops.contact_event where result = 'failed'",
    ],
)
def test_whoever_goes_around_the_triggers_breaks_the_seal(account_id, deed):
    assert account_id
    with owner_engine().begin() as connection:
        connection.execute(text("alter table ops.contact_event disable trigger user"))
        connection.execute(text(deed))
        connection.execute(text("alter table ops.contact_event enable trigger user"))
        state = verify(connection)

    assert not state.is_whole
    assert state.broken_seal == 1


def test_a_seal_made_up_afterwards_does_not_fit_the_next_one(account_id):
    assert account_id
    with owner_engine().begin() as connection:
        connection.execute(text("alter table ops.event_seal disable trigger user"))
        connection.execute(
            text("update ops.event_seal set previous_digest = 'x' where event_seal_id = 2")
        )
        state = verify(connection)

    assert state.broken_seal == 2
