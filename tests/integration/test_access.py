"""Who may read and write what in the system of record, tried with SQL of a screen's own."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from operational_db.database import gate_engine, owner_engine, screens_connection, screens_engine
from operational_db.reference.loader import load_reference
from operational_db.server import DatabaseUrls
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

HIDDEN = {
    "account_change",
    "app_user",
    "person",
    "person_identifier",
    "representative",
    "sign_in_attempt",
    "user_role",
    "user_session",
}
"""Tables that screens may not read at all."""

WRITABLE = {
    "account",
    "account_state",
    "address_object",
    "audit_event",
    "bank_operation",
    "bank_operation_decision",
    "charge",
    "court",
    "document",
    "house",
    "import_file",
    "import_line",
    "payment",
    "run_request",
    "write_off",
}
FACTS = (
    "account_state",
    "audit_event",
    "bank_operation",
    "bank_operation_decision",
    "charge",
    "import_file",
    "import_line",
    "meter_reading",
    "month_closing",
    "payment",
    "write_off",
)
PAY = text(
    "insert into ops.payment (account_id, paid_on, amount, channel) "
    "values (:account_id, '2026-01-10', 10, 'bank')"
)


@dataclass(frozen=True)
class Company:
    """A management company with one account, its facts, and sessions of people by role."""

    organisation_id: int
    account_id: int
    users: dict[str, int]
    tokens: dict[str, str]


@dataclass(frozen=True)
class Town:
    ours: Company
    theirs: Company
    official: str


ROLES = ("manager", "accountant", "lawyer", "operator", "inspector", "administrator")


@pytest.fixture(scope="module")
def town(module_database: DatabaseUrls) -> Town:
    """Two companies, of which one belongs to the municipality of the official."""
    assert module_database.owner
    with owner_engine().begin() as connection:
        load_reference(connection)
        municipality = new_organisation(connection, kind="municipality")
        ours = new_company(connection, municipality_id=municipality)
        theirs = new_company(connection)
        official = new_session(connection, new_user(connection, municipality, "official"))
    return Town(ours, theirs, official)


def new_company(connection: Connection, **values: int) -> Company:
    organisation_id = new_organisation(connection, **values)
    premises_id = new_premises(connection, new_house(connection))
    account_id = new_account(connection, organisation_id, premises_id=premises_id)
    users = {role: new_user(connection, organisation_id, role) for role in ROLES}
    of_account = {"account_id": account_id}
    of_organisation = {"organisation_id": organisation_id}
    month = date(2025, 1, 1)

    person_id = new_person(connection, organisation_id)
    new_owner(connection, premises_id, person_id)
    number = {"person_id": person_id, "kind": "snils", "number": "112-233-445 95"}
    insert_all(connection, "person_identifier", [number])
    insert_all(
        connection,
        "charge",
        [
            of_account
            | {"period": month, "service_id": 1, "kind": "charge", "amount": 100}
            | {"booked_on": date(2025, 1, 31)}
        ],
    )
    insert_all(
        connection,
        "payment",
        [of_account | {"paid_on": date(2025, 2, 5), "amount": 40, "channel": "bank"}],
    )
    insert_all(
        connection,
        "write_off",
        [of_account | {"written_off_on": month, "amount": 1, "reason": "решение"}],
    )
    insert_all(connection, "account_state", [of_account | {"valid_from": month, "is_open": True}])
    insert_all(
        connection,
        "execution_document",
        [
            of_account
            | {"kind": "court_order", "number": "2-1", "issued_on": month}
            | {"period_from": month, "period_to": month}
        ],
    )
    insert_all(
        connection,
        "debt_hold",
        [of_account | {"kind": "no_pursuit", "valid_from": month, "basis": "заявление"}],
    )
    insert_all(
        connection,
        "audit_event",
        [of_organisation | {"user_id": users["manager"], "action": "export"}],
    )
    insert_all(
        connection,
        "run_request",
        [of_organisation | {"user_id": users["manager"], "kind": "build"}],
    )
    insert_all(
        connection,
        "month_closing",
        [of_organisation | {"period": month, "is_closed": True, "control_totals": "{}"}],
    )
    insert(
        connection,
        "document",
        "document_id",
        **of_organisation,
        **of_account,
        kind="account_statement",
        file_name="свод.docx",
        template_version="1",
        context_digest="-",
        content_digest="-",
        content=b"-",
    )
    tokens = {role: new_session(connection, user_id) for role, user_id in users.items()}
    return Company(organisation_id, account_id, users, tokens)


def tables() -> set[str]:
    with owner_engine().connect() as connection:
        query = text("select tablename from pg_tables where schemaname = 'ops'")
        return set(connection.scalars(query)) - {"alembic_version"}


def privileges(role: str, privilege: str) -> set[str]:
    """Tables of ops on which a role has a privilege."""
    query = text(
        "select relname from pg_class where relnamespace = 'ops'::regnamespace "
        "and relkind in ('r', 'p') and has_table_privilege(:role, oid, :privilege)"
    )
    with owner_engine().connect() as connection:
        return set(connection.scalars(query, {"role": role, "privilege": privilege}))


@pytest.mark.usefixtures("town")
def test_every_table_is_guarded_by_row_level_security() -> None:
    query = text(
        "select relname from pg_class where relnamespace = 'ops'::regnamespace "
        "and relkind in ('r', 'p') and not relrowsecurity"
    )
    with owner_engine().connect() as connection:
        assert set(connection.scalars(query)) <= {"alembic_version"}


@pytest.mark.usefixtures("town")
def test_every_table_is_either_read_under_a_policy_or_hidden() -> None:
    query = text("select distinct tablename from pg_policies where schemaname = 'ops'")
    with owner_engine().connect() as connection:
        with_policy = set(connection.scalars(query))
    readable = privileges("dolgomer_screens", "select")
    assert readable == tables() - HIDDEN
    assert readable <= with_policy


@pytest.mark.usefixtures("town")
def test_screens_add_to_the_tables_of_their_work_and_change_nothing_but_the_registry_of_courts():
    assert privileges("dolgomer_screens", "insert") == WRITABLE
    assert privileges("dolgomer_screens", "update") == {"court"}
    for privilege in ("delete", "truncate", "references", "trigger"):
        assert privileges("dolgomer_screens", privilege) == set()


@pytest.mark.usefixtures("town")
def test_the_gate_reads_and_writes_no_table() -> None:
    for privilege in ("select", "insert", "update", "delete"):
        assert privileges("dolgomer_gate", privilege) == set()


def rows_seen(token: str, table: str) -> int:
    with screens_connection(token) as connection:
        return connection.scalar(text(f"select count(*) from ops.{table}"))


OWN_ROWS = (
    "account",
    "account_state",
    "charge",
    "debt_hold",
    "execution_document",
    "month_closing",
    "ownership",
    "payment",
    "run_request",
    "write_off",
)


@pytest.mark.parametrize("table", OWN_ROWS)
def test_a_company_sees_its_own_rows_only(town: Town, table: str) -> None:
    assert rows_seen(town.ours.tokens["manager"], table) == 1
    assert rows_seen(town.theirs.tokens["manager"], table) == 1
    assert rows_seen(town.official, table) == 1
    with owner_engine().connect() as connection:
        assert connection.scalar(text(f"select count(*) from ops.{table}")) == 2


def test_a_neighbours_account_is_not_there_even_by_its_number(town: Town) -> None:
    query = text("select count(*) from ops.charge where account_id = :account_id")
    with screens_connection(town.ours.tokens["manager"]) as connection:
        assert connection.scalar(query, {"account_id": town.ours.account_id}) == 1
        assert connection.scalar(query, {"account_id": town.theirs.account_id}) == 0


def test_nobody_in_particular_sees_nothing_at_all(town: Town) -> None:
    forged = [
        "",
        str(town.ours.users["manager"]),
        town.ours.tokens["manager"] + " ",
        hashlib.sha256(town.ours.tokens["manager"].encode()).hexdigest(),
    ]
    for table in tables() - HIDDEN:
        for token in forged:
            assert rows_seen(token, table) == 0, table


def test_a_connection_that_states_no_session_sees_nothing(town: Town) -> None:
    assert town.ours
    with screens_engine().connect() as connection:
        for table in tables() - HIDDEN:
            assert connection.scalar(text(f"select count(*) from ops.{table}")) == 0, table


@pytest.mark.parametrize("table", sorted(HIDDEN))
def test_users_sessions_and_people_are_closed_to_screens(town: Town, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        screens_connection(town.ours.tokens["administrator"]) as connection,
    ):
        connection.execute(text(f"select from ops.{table}"))


def test_a_session_ends_with_its_time_its_closing_and_its_user(town: Town) -> None:
    with owner_engine().begin() as connection:
        user_id = new_user(connection, town.ours.organisation_id, "manager")
        out_of_time = new_session(connection, user_id, lifetime=-timedelta(seconds=1))
        live = new_session(connection, user_id)
    assert rows_seen(out_of_time, "account") == 0
    assert rows_seen(live, "account") == 1
    with owner_engine().begin() as connection:
        connection.execute(
            text("update ops.app_user set is_active = false where user_id = :user_id"),
            {"user_id": user_id},
        )
    assert rows_seen(live, "account") == 0


def test_signing_out_ends_the_session(town: Town) -> None:
    with owner_engine().begin() as connection:
        token = new_session(connection, town.ours.users["manager"])
    assert rows_seen(token, "account") == 1
    with gate_engine().begin() as connection:
        connection.execute(
            text("select ops.gate_close_session(sha256(convert_to(:token, 'UTF8')))"),
            {"token": token},
        )
    assert rows_seen(token, "account") == 0


def add_payment(token: str, account_id: int) -> None:
    """Try to add a payment; nothing of it stays."""
    with screens_connection(token) as connection, connection.begin_nested() as attempt:
        connection.execute(PAY, {"account_id": account_id})
        attempt.rollback()


@pytest.mark.parametrize("role", ["manager", "accountant", "administrator"])
def test_those_who_load_files_may_add_payments_to_their_own_accounts(town: Town, role: str) -> None:
    add_payment(town.ours.tokens[role], town.ours.account_id)


@pytest.mark.parametrize("role", ["lawyer", "operator", "inspector"])
def test_other_roles_may_not_add_payments(town: Town, role: str) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        add_payment(town.ours.tokens[role], town.ours.account_id)


def test_an_official_may_look_but_not_add(town: Town) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        add_payment(town.official, town.ours.account_id)


def test_nobody_adds_payments_to_the_accounts_of_others(town: Town) -> None:
    for role in ROLES:
        with pytest.raises(ProgrammingError, match="row-level security"):
            add_payment(town.ours.tokens[role], town.theirs.account_id)


def test_nobody_writes_to_the_audit_trail_in_the_name_of_another(town: Town) -> None:
    statement = text(
        "insert into ops.audit_event (organisation_id, user_id, action) "
        "values (:organisation_id, :user_id, 'export')"
    )
    own = {"organisation_id": town.ours.organisation_id, "user_id": town.ours.users["lawyer"]}
    with screens_connection(town.ours.tokens["lawyer"]) as connection:
        connection.execute(statement, own)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        screens_connection(town.ours.tokens["lawyer"]) as connection,
    ):
        connection.execute(statement, own | {"user_id": town.ours.users["manager"]})


def test_only_an_administrator_adds_houses(town: Town) -> None:
    statement = text(
        "insert into ops.address_object (level, type_name, name) values ('street', 'ул.', :name)"
    )
    with screens_connection(town.ours.tokens["administrator"]) as connection:
        connection.execute(statement, {"name": "Новая"})
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        screens_connection(town.ours.tokens["manager"]) as connection,
    ):
        connection.execute(statement, {"name": "Другая"})


@pytest.mark.parametrize("table", FACTS)
def test_facts_are_not_changed_or_deleted_even_by_the_owner(town: Town, table: str) -> None:
    assert town.ours
    first_column = text(
        "select attname from pg_attribute where attrelid = cast(:table as regclass) and attnum = 1"
    )
    with owner_engine().connect() as connection:
        column = connection.scalar(first_column, {"table": f"ops.{table}"})
    for statement in (
        f"delete from ops.{table}",
        f"update ops.{table} set {column} = {column}",
    ):
        with (
            pytest.raises(IntegrityError, match="не изменяются и не удаляются"),
            owner_engine().begin() as connection,
        ):
            connection.execute(text(statement))


def test_a_document_with_whole_names_is_not_for_those_who_read_masks(town: Town) -> None:
    seen = {role: rows_seen(town.ours.tokens[role], "document") for role in ROLES}
    assert seen == dict.fromkeys(ROLES, 1) | {"administrator": 0}
    assert rows_seen(town.official, "document") == 0
    assert rows_seen(town.theirs.tokens["manager"], "document") == 1


def test_names_are_whole_for_the_company_and_masked_for_others(town: Town) -> None:
    query = text("select full_name, last_name, phone, birth_date from ops.person_visible")
    with screens_connection(town.ours.tokens["operator"]) as connection:
        assert connection.execute(query).one().full_name == "Иванов Пётр Сергеевич"
    masked = [("И*** П. С.", None, None, None)]
    for token in (town.official, town.ours.tokens["administrator"]):
        with screens_connection(token) as connection:
            assert connection.execute(query).all() == masked


def test_identifiers_are_seen_by_those_who_write_to_courts(town: Town) -> None:
    seen = {}
    for role in ROLES:
        with screens_connection(town.ours.tokens[role]) as connection:
            query = text("select count(*) from ops.person_identifier_visible")
            seen[role] = connection.scalar(query)
    assert {role for role, count in seen.items() if count} == {"lawyer", "accountant"}
    assert max(seen.values()) == 1


def test_the_gate_is_closed_to_screens(town: Town) -> None:
    calls = (
        "select * from ops.gate_credentials('user')",
        "select ops.gate_failed('user')",
        "select ops.gate_open_session(1, '\\x00', interval '1 day')",
        "select ops.gate_close_session('\\x00')",
    )
    for call in calls:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            screens_connection(town.ours.tokens["administrator"]) as connection,
        ):
            connection.execute(text(call))


@pytest.mark.usefixtures("town")
def test_the_gate_can_do_nothing_but_open_and_close() -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        gate_engine().connect() as connection,
    ):
        connection.execute(text("select * from ops.account"))


def test_a_screen_cannot_become_the_owner(town: Town) -> None:
    for statement in (
        "set role dolgomer_owner",
        "alter table ops.payment disable row level security",
        "drop policy own_account on ops.payment",
        "create policy mine on ops.payment using (true)",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            screens_connection(town.ours.tokens["administrator"]) as connection,
        ):
            connection.execute(text(statement))


def test_turning_row_security_off_reads_nothing(town: Town) -> None:
    with screens_connection(town.ours.tokens["manager"]) as connection:
        connection.execute(text("set local row_security = off"))
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(text("select * from ops.payment"))
