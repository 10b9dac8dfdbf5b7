"""Oversight is reading, and what all use is written by one: tried with SQL of a screen's own."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from operational_db.database import owner_engine, screens_connection
from operational_db.models import OrganisationKind
from operational_db.reference.loader import load_reference
from operational_db.services import courts
from operational_db.services.courts import CourtError
from operational_db.services.organisations import (
    create_organisation,
    keepers_of_registries,
    let_keep_registries,
)
from tests.factories import (
    insert,
    insert_all,
    new_account,
    new_house,
    new_organisation,
    new_person,
    new_premises,
    new_session,
    new_user,
)

REFUSED = "row-level security|permission denied|в вашей картотеке нет"
ROLES = ("administrator", "lawyer", "accountant", "manager", "operator")
COURT = "50MS0001"
DETAILS = {
    "court_code": COURT,
    "payee": "Казначейство России (ФНС России)",
    "inn": "7727406020",
    "kpp": "770801001",
    "oktmo": "46744000",
    "kbk": "18210803010011050110",
    "bic": "017003983",
    "account_number": "03100643000000018500",
    "bank": "ОТДЕЛЕНИЕ ТУЛА БАНКА РОССИИ",
    "valid_from": "2026-01-01",
    "source": "сайт суда",
}
TERRITORY = {
    "court_code": COURT,
    "settlement": "г. Орёл",
    "place_key": "г. орел",
    "is_whole_settlement": True,
    "parity": "all",
    "valid_from": "2026-01-01",
    "source": "закон",
}


@dataclass(frozen=True)
class Side:
    """An organisation, tokens of its people by role, its account, house and person."""

    organisation_id: int
    tokens: dict[str, str]
    account_id: int
    house_id: int
    person_id: int


@dataclass(frozen=True)
class Town:
    city: Side
    company: Side
    shared_house: int


@pytest.fixture(scope="module")
def town(module_database):
    """A municipality that keeps the registries, a company that it oversees; one house of both."""
    assert module_database.owner
    with owner_engine().begin() as connection:
        load_reference(connection)
        city = new_organisation(connection, "city", kind="municipality", keeps_registries=True)
        company = new_organisation(connection, "company", municipality_id=city)
        insert_all(
            connection,
            "court",
            [{"court_code": COURT, "kind": "MS", "name": "Участок № 1", "region_code": "50"}],
        )
        sides = [_side(connection, number) for number in (city, company)]
        shared = new_house(connection)
        for number in (city, company):
            new_account(connection, number, premises_id=new_premises(connection, shared))
    return Town(*sides, shared)


def _side(connection, organisation_id):
    house = new_house(connection)
    return Side(
        organisation_id,
        {
            role: new_session(connection, new_user(connection, organisation_id, role))
            for role in ROLES
        },
        new_account(connection, organisation_id, premises_id=new_premises(connection, house)),
        house,
        new_person(connection, organisation_id),
    )


@contextmanager
def trying(token):
    """Work as the user of a session; nothing of it stays."""
    with screens_connection(token) as connection:
        attempt = connection.begin_nested()
        yield connection
        attempt.rollback()


def add(connection, table, **values):
    """Add a row in the user's own name."""
    user = connection.scalar(text("select ops.session_user_id()"))
    insert_all(connection, table, [values | {"user_id": user}])


@pytest.mark.parametrize("role", ["lawyer", "administrator", "accountant"])
@pytest.mark.parametrize(
    ("table", "values"), [("court_payment_details", DETAILS), ("court_territory", TERRITORY)]
)
def test_a_company_writes_no_requisites_and_no_territories_of_courts(town, role, table, values):
    with (
        trying(town.company.tokens[role]) as connection,
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        add(connection, table, **values)


def test_a_company_changes_no_court_in_the_registry(town):
    with trying(town.company.tokens["administrator"]) as connection:
        changed = connection.execute(text("update ops.court set name = 'Участок мошенника'"))
        assert changed.rowcount == 0
    row = {"court_code": "50MS0002", "kind": "MS", "name": "Участок № 2", "region_code": "50"}
    with (
        trying(town.company.tokens["administrator"]) as connection,
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        insert_all(connection, "court", [row])


@pytest.mark.parametrize(
    ("table", "values"), [("court_payment_details", DETAILS), ("court_territory", TERRITORY)]
)
def test_the_keeper_of_registries_writes_them_in_the_own_name_beside_what_stood(
    town, table, values
):
    with trying(town.city.tokens["administrator"]) as connection:
        for day in ("2026-01-01", "2026-02-01"):
            add(connection, table, **values | {"valid_from": day})
        dates = connection.scalars(text(f"select valid_from from ops.{table} order by 1"))
        assert list(dates) == [date(2026, 1, 1), date(2026, 2, 1)]
    with (
        trying(town.city.tokens["administrator"]) as connection,
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        insert_all(connection, table, [values | {"user_id": None}])


def test_other_people_of_the_municipality_keep_no_registries(town):
    for role in ("lawyer", "manager"):
        with (
            trying(town.city.tokens[role]) as connection,
            pytest.raises(DBAPIError, match=REFUSED),
        ):
            add(connection, "court_payment_details", **DETAILS)


def test_a_lawyer_is_told_who_keeps_the_registry(town):
    values = {name: str(value) for name, value in DETAILS.items()}
    with (
        trying(town.company.tokens["lawyer"]) as connection,
        pytest.raises(CourtError, match=r"администратор справочника \(city\)"),
    ):
        courts.add_details(connection, values)
    with (
        trying(town.company.tokens["lawyer"]) as connection,
        pytest.raises(CourtError, match="другие организации"),
    ):
        courts.decide_house(connection, town.shared_house, "MS", COURT, "письмо")


def test_the_court_of_a_house_is_decided_by_who_is_alone_in_it_or_keeps_the_registry(town):
    decision = {"court_kind": "MS", "court_code": COURT, "basis": "письмо суда"}
    with trying(town.company.tokens["lawyer"]) as connection:
        add(connection, "house_court_decision", house_id=town.company.house_id, **decision)
    with trying(town.city.tokens["administrator"]) as connection:
        add(connection, "house_court_decision", house_id=town.shared_house, **decision)
    for token, house in (
        (town.company.tokens["lawyer"], town.shared_house),
        (town.city.tokens["lawyer"], town.company.house_id),
    ):
        with trying(token) as connection, pytest.raises(DBAPIError, match=REFUSED):
            add(connection, "house_court_decision", house_id=house, **decision)


def test_the_first_municipality_takes_the_registries_over(fresh_database):
    assert fresh_database.owner
    with owner_engine().begin() as connection:
        kinds = (
            ("uk", OrganisationKind.MANAGEMENT_COMPANY),
            ("uk2", OrganisationKind.MANAGEMENT_COMPANY),
            ("city", OrganisationKind.MUNICIPALITY),
            ("city2", OrganisationKind.MUNICIPALITY),
        )
        keepers = []
        for code, kind in kinds:
            create_organisation(connection, code=code, name=code, short_name=code, kind=kind)
            keepers.append(keepers_of_registries(connection))
        assert keepers == [["uk"], ["uk"], ["city"], ["city"]]
        let_keep_registries(connection, "uk2")
        assert keepers_of_registries(connection) == ["uk2"]


def test_the_administrator_of_the_municipality_gives_no_rights_in_a_company(town):
    right = {"role": "operator", "form": "osv", "is_allowed": True}
    with trying(town.city.tokens["administrator"]) as connection:
        add(connection, "report_form_right", organisation_id=town.city.organisation_id, **right)
        seen = text("select count(*) from ops.account where organisation_id = :number")
        assert connection.scalar(seen, {"number": town.company.organisation_id})
        with pytest.raises(DBAPIError, match=REFUSED):
            add(
                connection,
                "report_form_right",
                organisation_id=town.company.organisation_id,
                **right,
            )
    with trying(town.company.tokens["administrator"]) as connection:
        add(connection, "report_form_right", organisation_id=town.company.organisation_id, **right)


def writings(side: Side) -> dict[str, tuple[str, dict]]:
    """What people write of an organisation, by role and table."""
    of_account = {"account_id": side.account_id}
    of_organisation = {"organisation_id": side.organisation_id}
    month = "2026-01-01"
    return {
        "payment": ("accountant", of_account | {"paid_on": month, "amount": 1, "channel": "bank"}),
        "charge": (
            "accountant",
            of_account
            | {"period": month, "service_id": 1, "kind": "charge", "amount": 1}
            | {"booked_on": month},
        ),
        "write_off": (
            "accountant",
            of_account | {"written_off_on": month, "amount": 1, "reason": "решение"},
        ),
        "court_case": ("lawyer", of_account | of_organisation | {"kind": "order"}),
        "filing_batch": (
            "lawyer",
            of_organisation
            | {"title": "Осень", "calculated_on": month, "sent_on": month, "with_penalty": True}
            | {"selection": "{}", "attachments": ["application"]},
        ),
        "person_correction": (
            "lawyer",
            {"person_id": side.person_id, "field": "phone", "new_value": "1", "basis": "слова"},
        ),
        "account_note": ("operator", of_account | {"note": "звонить вечером"}),
        "family_practice": (
            "lawyer",
            of_organisation | {"is_family_named": True, "basis": "практика участка"},
        ),
        "separate_liability": (
            "lawyer",
            of_account | {"person_id": side.person_id, "valid_from": month, "basis": "соглашение"},
        ),
        "work_assignment": ("manager", of_account | {"next_action": "позвонить"}),
        "work_cost": (
            "manager",
            of_organisation | {"kind": "live_call", "price": 1, "valid_from": month},
        ),
    }


@pytest.mark.parametrize("table", sorted(writings(Side(0, {}, 0, 0, 0))))
def test_who_oversees_a_company_reads_its_rows_and_writes_none(town, table):
    role, ours = writings(town.city)[table]
    _, theirs = writings(town.company)[table]
    with trying(town.city.tokens[role]) as connection:
        add(connection, table, **ours)
        with pytest.raises(DBAPIError, match=REFUSED):
            add(connection, table, **theirs)
    with trying(town.company.tokens[role]) as connection:
        add(connection, table, **theirs)


def test_who_oversees_a_company_adds_calls_and_takes_back_only_those(town):
    call = {"account_id": town.company.account_id, "kind": "live_call", "result": "no_answer"}
    call |= {"happened_at": "2026-01-12 12:00+03", "source": "screen"}
    with trying(town.city.tokens["operator"]) as connection:
        done = text("select max(contact_event_id) from ops.contact_event")
        add(connection, "contact_event", **call)
        add(connection, "contact_event", **call, cancels_event_id=connection.scalar(done))
    with owner_engine().begin() as connection:
        of_company = insert(connection, "contact_event", "contact_event_id", **call)
    with (
        trying(town.city.tokens["operator"]) as connection,
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        add(connection, "contact_event", **call, cancels_event_id=of_company)
    with trying(town.company.tokens["operator"]) as connection:
        add(connection, "contact_event", **call, cancels_event_id=of_company)


def test_a_file_without_an_author_is_not_taken(town):
    file = {
        "organisation_id": town.company.organisation_id,
        "kind": "payments",
        "file_name": "оплаты.csv",
        "sha256": "0" * 64,
        **dict.fromkeys(("size_bytes", "rows_accepted", "rows_known", "rows_refused"), 0),
        "report": "{}",
    }
    with trying(town.company.tokens["accountant"]) as connection:
        add(connection, "import_file", **file)
    for role, changes in (
        ("accountant", {}),
        ("lawyer", {"kind": "egrn"}),
        ("administrator", {"kind": "houses", "organisation_id": None}),
    ):
        with (
            trying(town.company.tokens[role]) as connection,
            pytest.raises(DBAPIError, match=REFUSED),
        ):
            insert_all(connection, "import_file", [file | changes | {"user_id": None}])


def test_a_stranger_learns_nothing_of_accounts_and_batches_out_of_sight(town):
    with owner_engine().begin() as connection:
        stranger = new_organisation(connection)
        tokens = [
            new_session(connection, new_user(connection, stranger, role))
            for role in ("operator", "lawyer")
        ]
        batch = insert(
            connection,
            "filing_batch",
            "batch_id",
            organisation_id=town.company.organisation_id,
            title="Осень",
            calculated_on="2026-01-01",
            sent_on="2026-01-01",
            with_penalty=True,
            selection="{}",
            attachments=["application"],
        )
    noon = "timestamptz '2026-11-18 12:00+03'"
    refusal = text(f"select ops.call_refusal(:account, {noon})")
    is_open = text("select ops.batch_is_open(:batch)")
    theirs, nobodys = {"account": town.company.account_id}, {"account": 999_999_999}
    for token in tokens:
        with trying(token) as connection:
            assert connection.scalar(refusal, theirs) == "no_such_account"
            assert connection.scalar(refusal, nobodys) == "no_such_account"
            assert connection.scalar(is_open, {"batch": batch}) is None
            assert connection.scalar(is_open, {"batch": 999_999_999}) is None
        with trying(token) as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(f"select ops.call_limit_reached(1, {noon})"))
    with trying(town.company.tokens["operator"]) as connection:
        assert connection.scalar(refusal, theirs) is None
    with trying(town.company.tokens["lawyer"]) as connection:
        assert connection.scalar(is_open, {"batch": batch}) is True
    with owner_engine().connect() as connection:
        assert connection.scalar(refusal, theirs) is None
        assert connection.scalar(is_open, {"batch": batch}) is True


def test_nobody_without_a_session_is_told_of_a_house_or_an_account(town):
    house = text("select ops.is_alone_in_house(:house)")
    with trying("чужой токен") as connection:
        assert connection.scalar(house, {"house": town.company.house_id}) is False
        assert connection.scalar(text("select ops.keeps_registries()")) is False
