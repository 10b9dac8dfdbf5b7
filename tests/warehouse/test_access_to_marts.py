"""What a screen's connection may read of the warehouse with SQL of its own."""

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from operational_db.database import screens_connection
from tests.factories import (
    new_account,
    new_house,
    new_organisation,
    new_owner,
    new_person,
    new_premises,
    new_session,
    new_user,
)
from tests.warehouse.conftest import Warehouse
from tests.warehouse.ledger import Charge, Payment
from tests.warehouse.storing import store

JAN = date(2025, 1, 1)
MARTS_OF_ORGANISATIONS = (
    "accounts",
    "account_balances",
    "account_turnover",
    "collection",
    "debt_intervals",
    "debt_parts",
    "debtors",
    "house_debts",
    "obligations",
)
VIEWS = (
    "accounts",
    "account_debt_parts",
    "account_economics",
    "account_intervals",
    "account_turnover",
    "debt_parts",
    "debtors",
    "filing_economics",
)


@dataclass(frozen=True)
class Neighbours:
    """Two companies of one municipality, one of another, and sessions of their people."""

    first: int
    second: int
    elsewhere: int
    accounts: dict[int, int]
    manager: str
    official: str
    closed: str


@pytest.fixture(scope="module")
def neighbours(warehouse: Warehouse) -> Neighbours:
    with warehouse.engine.begin() as connection:
        municipality = new_organisation(connection, kind="municipality")
        other_municipality = new_organisation(connection, kind="municipality")
        first, second, elsewhere = (
            new_organisation(connection, municipality_id=owner)
            for owner in (municipality, municipality, other_municipality)
        )
        house_id = new_house(connection)
        accounts = {}
        for organisation_id in (first, second, elsewhere):
            premises_id = new_premises(connection, house_id)
            new_owner(connection, premises_id, new_person(connection, organisation_id))
            account_id = new_account(connection, organisation_id, premises_id=premises_id)
            accounts[organisation_id] = account_id
            charge = Charge(1, JAN, 1, 100_00, date(2025, 1, 31))
            payment = Payment(1, date(2025, 2, 10), 30_00)
            store(connection, [(account_id, charge), (account_id, payment)])
        manager = new_user(connection, first, "manager")
        closed = new_session(connection, manager)
        connection.execute(text("update ops.user_session set closed_at = now()"))
        found = Neighbours(
            first=first,
            second=second,
            elsewhere=elsewhere,
            accounts=accounts,
            manager=new_session(connection, manager),
            official=new_session(connection, new_user(connection, municipality, "official")),
            closed=closed,
        )
    warehouse.build()
    return found


def organisations_in(token: str, relation: str) -> set[int]:
    with screens_connection(token) as connection:
        query = text(f"select distinct organisation_id from {relation}")
        return set(connection.scalars(query))


@pytest.mark.parametrize("mart", MARTS_OF_ORGANISATIONS)
def test_a_manager_reads_the_rows_of_the_own_organisation_only(
    neighbours: Neighbours, mart: str
) -> None:
    assert organisations_in(neighbours.manager, f"marts.{mart}") == {neighbours.first}


@pytest.mark.parametrize("view", VIEWS)
def test_a_manager_sees_the_own_organisation_only_through_the_views(
    neighbours: Neighbours, view: str
) -> None:
    assert organisations_in(neighbours.manager, f"screens.{view}") == {neighbours.first}


@pytest.mark.parametrize("mart", MARTS_OF_ORGANISATIONS)
def test_an_official_reads_all_organisations_of_the_municipality_and_no_other(
    neighbours: Neighbours, mart: str
) -> None:
    assert organisations_in(neighbours.official, f"marts.{mart}") == {
        neighbours.first,
        neighbours.second,
    }


@pytest.mark.parametrize(
    "relation",
    [f"marts.{mart}" for mart in MARTS_OF_ORGANISATIONS] + [f"screens.{view}" for view in VIEWS],
)
def test_without_a_live_session_there_is_nothing_to_read(
    neighbours: Neighbours, relation: str
) -> None:
    for token in ("", "token-of-nobody", "1", neighbours.closed):
        assert organisations_in(token, relation) == set()


def test_the_ledger_of_a_neighbour_cannot_be_asked_for_by_its_number(
    neighbours: Neighbours,
) -> None:
    query = text("select count(*) from screens.account_ledger where account_id = :account_id")
    with screens_connection(neighbours.manager) as connection:
        counts = {
            organisation_id: connection.scalar(query, {"account_id": account_id})
            for organisation_id, account_id in neighbours.accounts.items()
        }
    assert counts == {neighbours.first: 2, neighbours.second: 0, neighbours.elsewhere: 0}


def test_names_are_whole_for_the_company_and_masked_for_an_official(
    neighbours: Neighbours,
) -> None:
    query = text("select distinct holder_name, holder_sort_key from screens.accounts")
    with screens_connection(neighbours.manager) as connection:
        assert connection.execute(query).all() == [
            ("Иванов Пётр Сергеевич", "иванов петр сергеевич")
        ]
    with screens_connection(neighbours.official) as connection:
        assert connection.execute(query).all() == [("И*** П. С.", None)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from marts.account_holders",
        "select * from staging.stg_persons",
        "select * from intermediate.int_account_holders",
        "select * from warehouse.interval_change",
        "delete from marts.debt_intervals",
        "update marts.account_balances set debt = 0",
        "insert into marts.collection select * from marts.collection",
        "create table marts.mine (n integer)",
        "alter table marts.debt_intervals disable row level security",
    ],
)
def test_a_screen_may_not_read_names_behind_the_mask_nor_write(
    neighbours: Neighbours, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        screens_connection(neighbours.manager) as connection,
    ):
        connection.execute(text(statement))


def test_a_function_of_the_asker_cannot_look_past_the_views(neighbours: Neighbours) -> None:
    """A cheap function in the condition must not see the rows that the view hides."""
    with screens_connection(neighbours.manager) as connection:
        connection.execute(
            text(
                "create function pg_temp.peek(number bigint) returns boolean language plpgsql "
                "cost 0.0001 as $$ begin raise notice '%', number; return true; end $$"
            )
        )
        heard: list[str] = []
        raw = connection.connection.dbapi_connection
        raw.add_notice_handler(lambda notice: heard.append(notice.message_primary))
        connection.execute(text("select from screens.accounts where pg_temp.peek(account_id)"))
    assert set(heard) == {str(neighbours.accounts[neighbours.first])}


@pytest.mark.parametrize("full", [True, False], ids=["full build", "incremental build"])
def test_a_build_renews_the_policies(
    warehouse: Warehouse, neighbours: Neighbours, full: bool
) -> None:
    warehouse.build(full=full)
    for mart in MARTS_OF_ORGANISATIONS:
        assert organisations_in(neighbours.manager, f"marts.{mart}") == {neighbours.first}
