"""Who may read and write what in the system of record, tried with SQL of a screen's own."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from operational_db import embedded_server
from operational_db.database import gate_engine, owner_engine, screens_connection, screens_engine
from operational_db.models import CaseKind
from operational_db.reference.loader import load_reference
from operational_db.server import DatabaseUrls
from operational_db.services import requests
from operational_db.services.cases import NewCase, NewClaimedMonth, NewDebtor, open_case
from operational_db.services.overlong_sessions import end_overlong_sessions
from operational_db.services.statements_in_bulk import missing_of
from tests import conftest as servers
from tests.factories import (
    NUMBERS,
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
    "call_hold",
    "claim_lock",
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
    "account_event",
    "account_state",
    "address_object",
    "audit_event",
    "bank_operation",
    "bank_operation_decision",
    "bill_delivery",
    "bill_event",
    "call_list",
    "call_list_item",
    "case_debtor",
    "case_event",
    "charge",
    "claimed_month",
    "contact_event",
    "court",
    "court_case",
    "court_payment_details",
    "court_territory",
    "document",
    "duty_register",
    "duty_register_item",
    "egrn_extract",
    "event_file",
    "execution_document",
    "execution_document_correction",
    "family_practice",
    "house",
    "house_court_decision",
    "import_file",
    "import_line",
    "import_line_taken",
    "ownership",
    "ownership_end",
    "payment",
    "person",
    "person_bankruptcy",
    "person_correction",
    "person_identifier",
    "person_identifier_removal",
    "plan_comment",
    "public_event",
    "representative",
    "representative_end",
    "run_request",
    "state_duty",
    "state_duty_event",
    "template_choice",
    "template_version",
    "write_off",
    "payment_detail",
    "payment_request",
    "report_form_right",
    "work_assignment",
    "work_cost",
    "account_note",
    "saved_view",
    "separate_liability",
    "instalment_agreement",
    "instalment_debtor",
    "instalment_event",
    "instalment_line",
    "instalment_payment",
    "filing_batch",
    "filing_finding",
    "filing_item",
    "filing_month",
    "filing_step",
}
# These are as old as the file or the batch that they belong to, or of no age.
TIMELESS = {
    "account",
    "address_object",
    "court",
    "filing_finding",
    "filing_item",
    "filing_month",
    "house",
    "import_line",
}
FACTS = (
    "account_event",
    "account_state",
    "audit_event",
    "bank_operation",
    "bank_operation_decision",
    "bill_event",
    "case_debtor",
    "case_event",
    "charge",
    "claimed_month",
    "contact_event",
    "court_case",
    "court_payment_details",
    "court_territory",
    "duty_register",
    "duty_register_item",
    "execution_document_correction",
    "egrn_extract",
    "event_file",
    "event_seal",
    "family_practice",
    "house_court_decision",
    "import_file",
    "import_line",
    "import_line_taken",
    "meter_reading",
    "month_check",
    "month_closing",
    "ownership_end",
    "payment",
    "person_bankruptcy",
    "person_correction",
    "person_identifier_removal",
    "plan",
    "plan_comment",
    "plan_figure",
    "plan_indicator",
    "plan_measure",
    "plan_section",
    "public_event",
    "representative_end",
    "state_duty",
    "state_duty_event",
    "write_off",
    "payment_detail",
    "payment_request",
    "report_form_right",
    "work_assignment",
    "work_cost",
    "account_note",
    "saved_view",
    "separate_liability",
    "instalment_agreement",
    "instalment_debtor",
    "instalment_event",
    "instalment_line",
    "instalment_payment",
)
PAY = text(
    "insert into ops.payment (account_id, paid_on, amount, channel, user_id) "
    "values (:account_id, '2026-01-10', 10, 'bank', ops.session_user_id())"
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
        "bill_delivery",
        [of_account | {"period": month, "delivered_on": date(2025, 3, 1), "channel": "post"}],
    )
    insert_all(
        connection,
        "own_due_day",
        [
            of_organisation
            | {"liability": "housing", "due_day": 20, "period_from": month, "basis": "договор"}
        ],
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
    open_case(
        connection,
        NewCase(
            account_id,
            CaseKind.ORDER,
            [NewDebtor(person_id)],
            [NewClaimedMonth("housing", month, Decimal(60))],
        ),
    )
    tokens = {role: new_session(connection, user_id) for role, user_id in users.items()}
    return Company(organisation_id, account_id, users, tokens)


def tables() -> set[str]:
    with owner_engine().connect() as connection:
        query = text("select tablename from pg_tables where schemaname = 'ops'")
        return set(connection.scalars(query)) - {"alembic_version"}


def privileges(role: str, privilege: str) -> set[str]:
    """Tables of ops on which, or on columns of which, a role has a privilege."""
    may = "has_table_privilege(:role, oid, :privilege)"
    if privilege in {"select", "insert", "update", "references"}:  # others are of whole tables
        may += " or has_any_column_privilege(:role, oid, :privilege)"
    query = text(
        "select relname from pg_class where relnamespace = 'ops'::regnamespace "
        f"and relkind in ('r', 'p') and ({may})"
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
    "bill_delivery",
    "case_debtor",
    "case_event",
    "charge",
    "claimed_month",
    "court_case",
    "debt_hold",
    "execution_document",
    "month_closing",
    "own_due_day",
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
        f"truncate ops.{table} cascade",
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
        "select * from ops.gate_attempt('user', '')",
        "select ops.gate_succeeded(1)",
        "select ops.gate_user('user')",
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


@contextmanager
def trying(token: str) -> Iterator[Connection]:
    """Work as the user of a session; nothing of it stays."""
    with screens_connection(token) as connection:
        attempt = connection.begin_nested()
        yield connection
        attempt.rollback()


def refused(token: str, table: str, values: dict, reason: str = "row-level security") -> bool:
    """Tell whether a screen is kept from adding a row, for that reason."""
    try:
        with trying(token) as connection:
            insert_all(connection, table, [values])
    except DBAPIError as error:
        if reason not in str(error):
            raise
        return True
    return False


def new_file(company: Company, role: str = "accountant", **values: object) -> int:
    """A file of payments that a user of the company loaded."""
    given = {
        "organisation_id": company.organisation_id,
        "kind": "payments",
        "file_name": "оплаты.csv",
        "sha256": new_digest(),
        "size_bytes": 1,
        "rows_accepted": 0,
        "rows_known": 0,
        "rows_refused": 1,
        "report": "{}",
        "user_id": company.users[role],
        **values,
    }
    with owner_engine().begin() as connection:
        return insert(connection, "import_file", "import_id", **given)


def new_digest() -> str:
    return f"{next(NUMBERS):064x}"


def new_receipt(company: Company) -> int:
    """A receipt of a bank statement that names who paid."""
    import_id = new_file(company)
    with owner_engine().begin() as connection:
        return insert(
            connection,
            "bank_operation",
            "bank_operation_id",
            organisation_id=company.organisation_id,
            natural_key=new_digest(),
            direction="in",
            document_kind="Платежное поручение",
            document_number="1",
            operation_date=date(2025, 2, 5),
            amount=40,
            payer_name="Иванов Пётр Сергеевич",
            import_id=import_id,
            import_line=1,
        )


def payment_of(company: Company, **values: object) -> dict:
    given = {"account_id": company.account_id, "paid_on": date(2026, 1, 10), "amount": 10}
    return given | {"channel": "bank", "user_id": company.users["accountant"]} | values


def test_an_account_cannot_be_put_on_a_flat_to_read_of_its_owners(town: Town) -> None:
    with owner_engine().connect() as connection:
        flat = connection.scalar(
            text("select premises_id from ops.account where account_id = :account_id"),
            {"account_id": town.theirs.account_id},
        )
    account = {"organisation_id": town.ours.organisation_id, "account_number": "на чужой квартире"}
    accountant = town.ours.tokens["accountant"]
    assert not refused(accountant, "account", account)
    assert refused(accountant, "account", account | {"premises_id": flat}, "permission denied")


def test_who_paid_is_shown_only_to_those_who_may_see_personal_data(town: Town) -> None:
    new_receipt(town.ours)
    seen = {role: rows_seen(town.ours.tokens[role], "bank_operation") > 0 for role in ROLES}
    assert seen == dict.fromkeys(ROLES, True) | {"administrator": False}
    assert rows_seen(town.official, "bank_operation") == 0
    assert rows_seen(town.theirs.tokens["accountant"], "bank_operation") == 0


def test_a_refused_line_is_shown_to_who_loaded_it_and_who_may_see_personal_data(town: Town) -> None:
    query = text("select count(*) from ops.import_line where import_id = :import_id")
    for role, sees in (("accountant", False), ("administrator", True)):
        import_id = new_file(town.ours, role)
        line = {"import_id": import_id, "line_number": 1, "outcome": "refused"}
        with owner_engine().begin() as connection:
            insert_all(connection, "import_line", [line | {"reason": "нет счёта", "raw": "Иванов"}])
        readers = [town.ours.tokens["operator"], town.ours.tokens["administrator"], town.official]
        seen = []
        for token in readers:
            with screens_connection(token) as connection:
                seen.append(connection.scalar(query, {"import_id": import_id}) == 1)
        assert seen == [True, sees, False]


@pytest.mark.parametrize(
    "table",
    sorted(WRITABLE - TIMELESS),
)
def test_the_moment_of_knowledge_is_never_told_by_a_screen(town: Town, table: str) -> None:
    moment = {"recorded_at": date(2020, 1, 1)}
    assert refused(town.ours.tokens["accountant"], table, moment, "permission denied")


@pytest.mark.parametrize(
    "column",
    ["state", "message", "dagster_run_id", "items_done", "started_at", "finished_at"],
)
def test_the_course_of_a_run_is_never_told_by_a_screen(town: Town, column: str) -> None:
    values = {column: None}
    assert refused(town.ours.tokens["accountant"], "run_request", values, "permission denied")


def test_nobody_adds_facts_or_files_in_the_name_of_another(town: Town) -> None:
    month = date(2025, 3, 1)
    of_account = {"account_id": town.ours.account_id}
    rows = {
        "account_state": of_account | {"valid_from": month, "is_open": True},
        "charge": of_account
        | {"period": month, "service_id": 1, "kind": "charge", "amount": 1, "booked_on": month},
        "payment": payment_of(town.ours),
        "write_off": of_account | {"written_off_on": month, "amount": 1, "reason": "решение"},
        "import_file": {
            "organisation_id": town.ours.organisation_id,
            "kind": "payments",
            "file_name": "оплаты.csv",
            "sha256": new_digest(),
            **dict.fromkeys(("size_bytes", "rows_accepted", "rows_known", "rows_refused"), 0),
            "report": "{}",
        },
    }
    accountant, users = town.ours.tokens["accountant"], town.ours.users
    for table, row in rows.items():
        assert not refused(accountant, table, row | {"user_id": users["accountant"]}), table
        assert refused(accountant, table, row | {"user_id": users["manager"]}), table
        assert refused(accountant, table, row | {"user_id": None}), table


def test_a_payment_points_to_nothing_of_another_company(town: Town) -> None:
    with owner_engine().connect() as connection:
        orders = dict(
            connection.execute(
                text("select account_id, execution_document_id from ops.execution_document")
            ).all()
        )
    pointers = {
        "bank_operation_id": new_receipt,
        "import_id": new_file,
        "execution_document_id": lambda company: orders[company.account_id],
    }
    accountant = town.ours.tokens["accountant"]
    for column, of in pointers.items():
        ours, theirs = ({column: of(company)} for company in (town.ours, town.theirs))
        assert not refused(accountant, "payment", payment_of(town.ours, **ours)), column
        assert refused(accountant, "payment", payment_of(town.ours, **theirs)), column


@pytest.mark.parametrize("day", ["1950-01-01", "2037-01-01", "infinity", "-infinity"])
def test_a_day_that_the_warehouse_cannot_reckon_with_is_refused(town: Town, day: str) -> None:
    month = date(2025, 3, 1)
    of_account = {
        "account_id": town.ours.account_id,
        "user_id": town.ours.users["accountant"],
    }
    charge = of_account | {"service_id": 1, "kind": "charge", "amount": 1}
    charge |= {"period": month, "booked_on": month, "due_date": month}
    write_off = of_account | {"written_off_on": month, "amount": 1, "reason": "решение"}
    rows = [
        *(("charge", charge | {column: day}) for column in ("period", "booked_on", "due_date")),
        ("payment", payment_of(town.ours, paid_on=day)),
        ("payment", payment_of(town.ours, named_period=day)),
        ("write_off", write_off | {"written_off_on": day}),
        ("write_off", write_off | {"periods": f"{{2025-01-01,{day}}}"}),
    ]
    for table, row in rows:
        assert refused(town.ours.tokens["accountant"], table, row, "_credible"), row


def may_ask(town: Town, kind: str, parameters: str = "{}", organisation: int | None = None) -> set:
    """Roles whose request for a run is taken."""
    taken = set()
    people = [(role, town.ours.tokens[role], town.ours.users[role]) for role in ROLES]
    with screens_connection(town.official) as connection:
        official = connection.execute(text("select * from ops.who_am_i()")).one()
    people.append(("official", town.official, official.user_id))
    for role, token, user_id in people:
        request = {
            "organisation_id": organisation or town.ours.organisation_id,
            "user_id": user_id,
            "kind": kind,
            "parameters": parameters,
        }
        if not refused(token, "run_request", request):
            taken.add(role)
    return taken


def test_runs_are_asked_for_by_those_whose_work_they_are(town: Town) -> None:
    assert may_ask(town, "build") == requests.ROLES["build"]
    assert may_ask(town, "build", '{"full": true}') == set()
    assert may_ask(town, "statements") == requests.ROLES["statements"]
    assert may_ask(town, "month_close") == {"accountant"}
    assert may_ask(town, "shutdown") == set()
    for kind in ("build", "statements", "month_close"):
        assert may_ask(town, kind, organisation=town.theirs.organisation_id) == set()


def test_a_role_that_may_not_ask_for_a_run_is_told_who_may(town: Town) -> None:
    with trying(town.official) as connection, pytest.raises(PermissionError, match="бухгалтер"):
        requests.request_build(connection)
    with (
        trying(town.ours.tokens["administrator"]) as connection,
        pytest.raises(PermissionError, match="Администратору"),
    ):
        requests.request_statements(connection, [town.ours.account_id])
    with trying("") as connection, pytest.raises(PermissionError, match="Войдите снова"):
        requests.request_build(connection)


def test_an_overseeing_accountant_closes_no_months_of_others(town: Town) -> None:
    with owner_engine().begin() as connection:
        municipality = connection.scalar(
            text("select municipality_id from ops.organisation where organisation_id = :ours"),
            {"ours": town.ours.organisation_id},
        )
        user_id = new_user(connection, municipality, "accountant")
        token = new_session(connection, user_id)
    request = {"user_id": user_id, "kind": "month_close", "parameters": "{}"}
    assert not refused(token, "run_request", request | {"organisation_id": municipality})
    ours = {"organisation_id": town.ours.organisation_id}
    assert refused(token, "run_request", request | ours)


@pytest.mark.parametrize("parameters", ["[]", "1", "null"])
def test_a_run_is_asked_for_with_named_parameters(town: Town, parameters: str) -> None:
    request = {
        "organisation_id": town.ours.organisation_id,
        "user_id": town.ours.users["lawyer"],
        "kind": "statements",
        "parameters": parameters,
    }
    assert refused(town.ours.tokens["lawyer"], "run_request", request, "parameters_are_named")


def test_remarks_are_added_only_to_a_file_of_ones_own(town: Town) -> None:
    line = {"line_number": 7, "outcome": "refused", "reason": "нет счёта", "raw": ";"}
    own, colleagues = new_file(town.ours, "accountant"), new_file(town.ours, "manager")
    accountant = town.ours.tokens["accountant"]
    assert not refused(accountant, "import_line", line | {"import_id": own})
    assert refused(accountant, "import_line", line | {"import_id": colleagues})


def test_a_document_is_filed_only_under_an_account_that_is_seen(town: Town) -> None:
    document = {
        "organisation_id": town.ours.organisation_id,
        "user_id": town.ours.users["lawyer"],
        "kind": "account_statement",
        **dict.fromkeys(("file_name", "template_version", "context_digest", "content_digest"), "-"),
        "content": b"-",
    }
    lawyer = town.ours.tokens["lawyer"]
    for account_id in (None, town.ours.account_id):
        assert not refused(lawyer, "document", document | {"account_id": account_id})
    assert refused(lawyer, "document", document | {"account_id": town.theirs.account_id})


def test_missing_statements_do_not_tell_account_numbers_of_others(town: Town) -> None:
    asked = [town.ours.account_id, town.theirs.account_id]
    with screens_connection(town.ours.tokens["lawyer"]) as connection:
        request = requests.request_statements(connection, asked)
        own = connection.scalar(text("select account_number from ops.account"))
    with owner_engine().connect() as connection:
        missing = missing_of(connection, request)
    assert missing == sorted([own, f"неизвестный счёт № {town.theirs.account_id}"])


def test_screens_neither_end_other_sessions_nor_keep_large_objects(
    database_server: DatabaseUrls,
) -> None:
    engine = create_engine(database_server.screens)
    for call in (
        *("pg_terminate_backend(0)", "pg_cancel_backend(0)", "lo_creat(1)", "lo_create(0)"),
        # What outlives a transaction, and the keys that builds and migrations wait for.
        *("pg_advisory_lock(1)", "pg_advisory_lock(1, 2)", "pg_try_advisory_lock_shared(1, 2)"),
        *("pg_advisory_xact_lock(4815162343)", "pg_try_advisory_xact_lock(1, 2)"),
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied for function"),
            engine.connect() as connection,
        ):
            connection.execute(text(f"select {call}"))
    with engine.connect() as connection:
        assert connection.scalar(text("show statement_timeout")) == "10min"
        assert connection.scalar(text("show idle_in_transaction_session_timeout")) == "5min"
        query = text("select rolconnlimit from pg_roles where rolname = current_user")
        assert connection.scalar(query) == 60
        connection.execute(text("select pg_advisory_xact_lock(1, 2)"))
    engine.dispose()
    owner = create_engine(database_server.owner)
    with owner.connect() as connection:
        connection.execute(text("select pg_advisory_lock(1), pg_advisory_unlock(1)"))
        may_end = "select pg_has_role(current_user, 'pg_signal_backend', 'member')"
        assert connection.scalar(text(may_end))
    owner.dispose()
    other = create_engine(engine.url.set(database="postgres"))
    with pytest.raises(DBAPIError, match="permission denied for database"):
        other.connect()


def test_a_role_of_an_earlier_version_is_given_the_present_limits_at_the_next_start(
    database_server: DatabaseUrls,
) -> None:
    servers._administer("alter role dolgomer_screens set statement_timeout = 0")
    embedded_server._create_roles_and_database(make_url(database_server.owner).port)
    engine = create_engine(database_server.screens)
    with engine.connect() as connection:
        assert connection.scalar(text("show statement_timeout")) == "10min"
    engine.dispose()


@pytest.mark.usefixtures("town")
def test_a_session_of_screens_that_lifted_its_limits_is_ended_from_outside() -> None:
    with screens_engine().connect() as endless, owner_engine().connect() as owner:
        endless.execute(text("set statement_timeout = 0"))
        endless.execute(text("set idle_in_transaction_session_timeout = 0"))
        assert end_overlong_sessions(owner) == []
        [ended] = end_overlong_sessions(owner, timedelta(0))
        assert "транзакция с" in ended.reason
        with pytest.raises(OperationalError):
            endless.execute(text("select 1"))


@pytest.mark.usefixtures("town")
def test_a_lock_that_a_screen_keeps_outside_a_transaction_is_ended_with_its_session() -> None:
    with screens_engine().connect() as keeper, owner_engine().connect() as owner:
        database = owner.scalar(text("select current_database()"))
        with servers._administrator(database) as administrator:
            # A given server leaves this function open to everybody.
            administrator.execute("grant execute on function pg_advisory_lock(int, int) to public")
        keeper.execute(text("select pg_advisory_lock(815162343, 1)"))
        keeper.commit()
        [ended] = end_overlong_sessions(owner)
        assert ended.reason == "держит блокировку вне транзакции"
        keeper.invalidate()
        with servers._administrator(database) as administrator:
            embedded_server.close_functions(administrator)


@pytest.mark.parametrize(
    ("table", "names", "column", "values"),
    [
        (
            "public_event",
            "public_event_id",
            "cancels_event_id",
            {"kind": "meeting", "happened_on": date(2026, 11, 1), "source": "screen"},
        ),
        (
            "payment_request",
            "payment_request_id",
            "replaces_request_id",
            {"number": "1", "desired_on": date(2026, 11, 1), "amount": 1, "counterparty": "Вода"}
            | {"purpose": "вода", "settlement_account": "4" * 20, "initiator": "Иванов И. И."},
        ),
    ],
)
def test_what_a_neighbour_wrote_down_is_not_taken_back(town, table, names, column, values):
    def row(company):
        whose = {"organisation_id": company.organisation_id}
        return values | whose | {"user_id": company.users["accountant"]}

    with owner_engine().begin() as connection:
        written = {
            name: insert(connection, table, names, **row(getattr(town, name)))
            for name in ("theirs", "ours")
        }
    with screens_connection(town.ours.tokens["accountant"]) as connection:
        attempt = connection.begin_nested()
        with pytest.raises(DBAPIError, match="of_organisation"):
            insert_all(connection, table, [row(town.ours) | {column: written["theirs"]}])
        attempt.rollback()
        attempt = connection.begin_nested()
        insert_all(connection, table, [row(town.ours) | {column: written["ours"]}])
        attempt.rollback()


def test_a_request_to_pay_does_not_rest_on_a_neighbours_file(town):
    def loaded(company):
        given = {"organisation_id": company.organisation_id, "kind": "payments"}
        given |= {"file_name": "заявки.csv", "size_bytes": 1, "rows_accepted": 1}
        given |= {"sha256": hashlib.sha256(str(company.organisation_id).encode()).hexdigest()}
        given |= {"rows_known": 0, "rows_refused": 0, "report": "{}"}
        return insert(connection, "import_file", "import_id", **given)

    with owner_engine().begin() as connection:
        ours, theirs = loaded(town.ours), loaded(town.theirs)
    request = {"number": "файл", "desired_on": date(2026, 11, 1), "amount": 1, "initiator": "И"}
    request |= {"counterparty": "Вода", "purpose": "вода", "settlement_account": "4" * 20}
    request |= {"organisation_id": town.ours.organisation_id}
    request |= {"user_id": town.ours.users["accountant"]}
    with screens_connection(town.ours.tokens["accountant"]) as connection:
        attempt = connection.begin_nested()
        with pytest.raises(DBAPIError, match="row-level security"):
            insert_all(connection, "payment_request", [request | {"import_id": theirs}])
        attempt.rollback()
        attempt = connection.begin_nested()
        insert_all(connection, "payment_request", [request | {"import_id": ours}])
        attempt.rollback()
