"""Imports by a signed-in user, bound by the policies of the database like every screen."""

import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from operational_db.database import owner_engine, screens_connection
from operational_db.errors import ServerError
from operational_db.imports.problems import FileRefusedError
from operational_db.services import import_history, unknown_receipts
from operational_db.services.importing import import_file
from operational_db.services.organisations import let_keep_registries
from tests.integration.importing_steps import (
    TODAY,
    count,
    counts,
    load,
    new_organisation,
    organisation_with_reference_data,
    rows,
)

pytestmark = pytest.mark.usefixtures("fresh_database")

CHARGES = "account;period;service;amount\n0001;01.2024;Газ;100\n0002;01.2024;Газ;сто\n"
DETAILS = (
    "код суда;получатель;ИНН;КПП;ОКТМО;КБК;БИК;счёт;ЕКС;банк;действует с;источник\n"
    "50MS0084;Казначейство;7727406020;770801001;45930000;18210803010011050110;017003983;"
    "03100643000000018500;40102810445370000059;ОТДЕЛЕНИЕ ТУЛА;01.01.2026;сайт суда\n"
)
STATEMENT = """1CClientBankExchange
РасчСчет=40702810900000000001
СекцияДокумент=Платежное поручение
Номер=1
Дата=15.04.2024
Сумма=100.00
ПлательщикСчет=40817810900000000002
ПолучательСчет=40702810900000000001
ДатаПоступило=15.04.2024
НазначениеПлатежа=ЛС 0001
КонецДокумента
КонецФайла
"""


@pytest.fixture
def organisation(fresh_database):  # noqa: ARG001 - the database comes first
    return organisation_with_reference_data()


def sign_in(organisation_id, role):
    """Create a user with a role and a live session; return the token and the user's number."""
    token = f"token of {role} of {organisation_id}"
    with owner_engine().begin() as connection:
        user_id = connection.execute(
            text(
                "insert into ops.app_user (organisation_id, login, full_name) "
                "values (:organisation_id, :login, 'Иванова И. И.') returning user_id"
            ),
            {"organisation_id": organisation_id, "login": f"{role}{organisation_id}"},
        ).scalar_one()
        connection.execute(
            text("insert into ops.user_role (user_id, role) values (:user_id, :role)"),
            {"user_id": user_id, "role": role},
        )
        connection.execute(
            text(
                "insert into ops.user_session (token_digest, user_id, expires_at) "
                "values (:digest, :user_id, now() + interval '1 hour')"
            ),
            {"digest": hashlib.sha256(token.encode()).digest(), "user_id": user_id},
        )
    return token, user_id


def load_as(user, organisation_id, kind, content):
    token, user_id = user
    with screens_connection(token) as connection:
        return import_file(
            connection,
            kind=kind,
            file_name="выгрузка",
            content=content.encode(),
            organisation_id=organisation_id,
            user_id=user_id,
            create_accounts=True,
            today=TODAY,
        )


def test_an_accountant_loads_a_ledger_and_a_statement_from_a_screen(organisation):
    user = sign_in(organisation, "accountant")
    assert counts(load_as(user, organisation, "charges", CHARGES)) == (1, 0, 1)
    report = load_as(user, organisation, "bank-statement", STATEMENT)
    assert report.figures["разнесено по лицевым счетам"] == 1
    assert rows("select user_id from ops.charge union select user_id from ops.payment") == [
        (user[1],)
    ]
    assert counts(load_as(user, organisation, "charges", CHARGES)) == (0, 1, 1)


def test_nobody_loads_facts_into_another_organisation(organisation):
    stranger = sign_in(new_organisation("uk2"), "accountant")
    with pytest.raises(ProgrammingError, match="row-level security"):
        load_as(stranger, organisation, "charges", CHARGES)
    assert count("charge") == count("import_file") == 0


def test_a_lawyer_may_not_load_charges(organisation):
    with pytest.raises(ProgrammingError, match="row-level security"):
        load_as(sign_in(organisation, "lawyer"), organisation, "charges", CHARGES)


def test_an_administrator_loads_houses_and_the_keeper_of_registries_courts(organisation):
    with owner_engine().begin() as connection:
        let_keep_registries(connection, "uk1")
    user = sign_in(organisation, "administrator")
    assert counts(load_as(user, None, "houses", "address\nг. Орёл ул. Мира д. 1\n")) == (1, 0, 0)
    courts = "court_code,court_name,court_phone\n50MS0084,Участок № 84,{}\n"
    assert counts(load_as(user, None, "courts", courts.format("1"))) == (1, 0, 0)
    assert counts(load_as(user, None, "courts", courts.format("2"))) == (1, 0, 0)
    assert rows("select phone from ops.court") == [("2",)]


@pytest.mark.parametrize("kind", ["courts", "court-details", "court-territories"])
def test_an_administrator_of_another_company_loads_no_courts(organisation, kind):
    with owner_engine().begin() as connection:
        let_keep_registries(connection, "uk1")
    stranger = sign_in(new_organisation("uk2"), "administrator")
    contents = {
        "courts": "court_code,court_name\n50MS0084,Участок № 84\n",
        "court-details": DETAILS,
        "court-territories": "код суда;населённый пункт;улица;действует с;источник\n"
        "50MS0084;г. Орёл;ул. Мира;01.01.2026;закон\n",
    }
    load(None, "courts", contents["courts"].replace("84,", "85,"))
    load(None, "courts", "court_code,court_name\n50MS0084,Участок\n")
    assert organisation
    with pytest.raises(ProgrammingError, match="row-level security"):
        load_as(stranger, None, kind, contents[kind])
    assert count("court_payment_details") == count("court_territory") == 0


def test_the_same_file_from_a_screen_and_from_the_command_line_is_one_file(organisation):
    user = sign_in(organisation, "accountant")
    load_as(user, organisation, "charges", CHARGES)
    load(organisation, "charges", CHARGES, create_accounts=True)
    assert (count("import_file"), count("charge")) == (1, 1)


def test_the_history_tells_how_many_refused_rows_a_later_load_took(organisation):
    content = "account;paid_on;amount\n0001;20.11.2026;5\n0009;20.11.2026;7\n0009;20.11.2026;x\n"
    load(organisation, "charges", CHARGES, create_accounts=True)
    load(organisation, "payments", content)
    token, _user_id = sign_in(organisation, "accountant")

    def figures():
        with screens_connection(token) as connection:
            file, *_older = import_history.files(connection)
            remarks = import_history.remarks(connection, file["import_id"])
        counted = (file["rows_accepted"], file["rows_taken_later"], file["rows_refused"])
        return counted, [row["reason"].startswith("принята при повторной") for row in remarks]

    assert figures() == ((1, 0, 2), [False, False])
    load(organisation, "payments", content, create_accounts=True)
    assert figures() == ((2, 1, 1), [True, False])
    assert rows(
        "select rows_accepted, rows_refused from ops.import_file where kind = 'payments'"
    ) == [(1, 2)]


def test_a_receipt_too_large_for_a_home_is_kept_but_not_posted(organisation):
    load(organisation, "charges", CHARGES, create_accounts=True)

    report = load(
        organisation, "bank-statement", STATEMENT.replace("Сумма=100.00", "Сумма=100000000.01")
    )

    assert counts(report) == (1, 0, 0)
    assert report.figures["в очередь «невыясненные»"] == 1
    assert (count("bank_operation"), count("payment")) == (1, 0)
    token, _user_id = sign_in(organisation, "accountant")
    with screens_connection(token) as connection:
        [receipt] = unknown_receipts.queue(connection)
        with pytest.raises(unknown_receipts.ReceiptError, match="не платёж одного"):
            unknown_receipts.post_to_account(connection, receipt.bank_operation_id, "0001")


def test_a_file_above_the_limit_is_refused_and_the_limit_can_be_moved(organisation, monkeypatch):
    user = sign_in(organisation, "accountant")
    large = CHARGES + "\n" * 2**20
    monkeypatch.setenv("DOLGOMER_LARGEST_FILE_MB", "1")
    with pytest.raises(FileRefusedError, match="Разделите выгрузку по месяцам"):
        load_as(user, organisation, "charges", large)
    assert count("charge") == 0
    monkeypatch.setenv("DOLGOMER_LARGEST_FILE_MB", "2")
    assert counts(load_as(user, organisation, "charges", large)) == (1, 0, 1)
    monkeypatch.setenv("DOLGOMER_LARGEST_FILE_MB", "много")
    with pytest.raises(ServerError, match="целое число мегабайт"):
        load_as(user, organisation, "charges", large)
