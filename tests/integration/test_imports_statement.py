"""Bank statements in a real database: every document once, receipts posted or queued."""

from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import text

from operational_db.database import owner_engine
from operational_db.imports.problems import FileRefusedError
from operational_db.services.import_report import Outcome
from operational_db.services.unknown_receipts import queue
from tests.integration.importing_steps import (
    count,
    counts,
    load,
    new_organisation,
    organisation_with_reference_data,
    rows,
)

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "bank_statement"
real_files = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"нет образцов выписок в {SAMPLES}")
pytestmark = pytest.mark.usefixtures("fresh_database")

OURS = "40702810900000000001"
THEIRS = "40817810900000000002"
PAYMENTS = (
    "select a.account_number, p.paid_on, p.amount, p.named_period, p.document, p.channel "
    "from ops.payment as p inner join ops.account as a using (account_id) order by 1, 5"
)


@pytest.fixture
def organisation(fresh_database):  # noqa: ARG001 - the database comes first
    organisation_id = organisation_with_reference_data()
    add_bank_account(organisation_id, OURS)
    return organisation_id


def add_bank_account(organisation_id, number):
    with owner_engine().begin() as connection:
        connection.execute(
            text(
                "insert into ops.bank_account "
                "(organisation_id, account_number, bic, bank_name, valid_from) "
                "values (:id, :number, '044525000', 'Банк', '2020-01-01')"
            ),
            {"id": organisation_id, "number": number},
        )


def add_accounts(organisation_id, *numbers):
    lines = "".join(f"{number};01.2020;Газ;1\n" for number in numbers)
    content = "account;period;service;amount\n" + lines
    load(organisation_id, "charges", content, create_accounts=True)


def receipt(number, purpose, *, amount="100.00", day="16.04.2024", payer=THEIRS, payee=OURS):
    return (
        f"СекцияДокумент=Платежное поручение\nНомер={number}\nДата=15.04.2024\nСумма={amount}\n"
        f"ПлательщикСчет={payer}\nПолучательСчет={payee}\nДатаПоступило={day}\n"
        f"НазначениеПлатежа={purpose}\nКонецДокумента\n"
    )


def statement(*documents, account=OURS):
    return (
        f"1CClientBankExchange\nВерсияФормата=1.03\nКодировка=Windows\nРасчСчет={account}\n"
        + "".join(documents)
        + "КонецФайла\n"
    ).encode("cp1251")


def waiting():
    with owner_engine().connect() as connection:
        return [receipt.document_number for receipt in queue(connection)]


def test_a_receipt_whose_purpose_names_the_account_becomes_a_payment(organisation):
    add_accounts(organisation, "0001001")
    report = load(organisation, "bank-statement", statement(receipt(7, "ЛС 0001001 за март 2024")))
    assert counts(report) == (1, 0, 0)
    assert rows(PAYMENTS) == [
        ("0001001", date(2024, 4, 16), Decimal("100.00"), date(2024, 3, 1), "7", "bank")
    ]
    assert report.figures["разнесено по лицевым счетам"] == 1
    assert waiting() == []


def test_a_receipt_nobody_can_place_waits_in_the_queue(organisation):
    add_accounts(organisation, "0001001")
    documents = [
        receipt(1, "квартплата"),
        receipt(2, "ЛС 999"),
        receipt(3, "ЛС 0001001 и ЛС 0001002"),
    ]
    report = load(organisation, "bank-statement", statement(*documents))
    assert counts(report) == (3, 0, 0)
    assert report.figures["в очередь «невыясненные»"] == 3
    assert waiting() == ["1", "2", "3"]
    assert count("payment") == 0


def test_leading_zeros_lost_in_the_purpose_do_not_lose_the_payment(organisation):
    add_accounts(organisation, "0001001")
    report = load(organisation, "bank-statement", statement(receipt(1, "ЛС 1001")))
    assert rows(PAYMENTS)[0][0] == "0001001"
    assert "нулями" in report.notices[-1].text


def test_two_accounts_that_differ_by_zeros_leave_the_choice_to_a_clerk(organisation):
    add_accounts(organisation, "01", "001")
    load(
        organisation,
        "bank-statement",
        statement(receipt(1, "ЛС 1"), receipt(2, "ЛС 001")),
    )
    assert waiting() == ["1"]
    assert [row[0] for row in rows(PAYMENTS)] == ["001"]


def test_overlapping_statements_do_not_double_a_document(organisation):
    add_accounts(organisation, "1")
    monday, tuesday, wednesday = (receipt(number, "ЛС 1") for number in (1, 2, 3))
    load(organisation, "bank-statement", statement(monday, tuesday))
    report = load(organisation, "bank-statement", statement(tuesday, wednesday))
    assert counts(report) == (1, 1, 0)
    assert (count("bank_operation"), count("payment")) == (3, 3)


def test_two_equal_documents_of_one_statement_are_two(organisation):
    report = load(organisation, "bank-statement", statement(receipt(1, "x"), receipt(1, "x")))
    assert counts(report) == (2, 0, 0)


def test_a_statement_loaded_before_its_accounts_gives_the_same_payments_later(organisation):
    content = statement(receipt(1, "ЛС 55"), receipt(2, "без счёта"))
    load(organisation, "bank-statement", content)
    assert waiting() == ["1", "2"]
    add_accounts(organisation, "55")
    assert waiting() == ["2"]
    assert [row[0] for row in rows(PAYMENTS)] == ["55"]
    again = load(organisation, "bank-statement", content)
    assert again.outcome is Outcome.ALREADY_LOADED
    assert count("payment") == 1


def test_any_order_of_overlapping_statements_gives_the_same_operations(organisation):
    add_accounts(organisation, "1")
    # An account that no organisation has recorded, so that each of them may load the files.
    account = "40702810900000000500"
    documents = [receipt(number, f"ЛС {number % 2}", payee=account) for number in range(1, 5)]
    files = [
        statement(*part, account=account) for part in (documents[:3], documents[1:], documents[:1])
    ]
    found = set()
    for number, order in enumerate(permutations(files)):
        own = new_organisation(f"order{number}")
        add_accounts(own, "1")
        for content in order:
            load(own, "bank-statement", content)
        found.add(
            tuple(
                rows(
                    "select natural_key, amount, operation_date, (select count(*) from ops.payment "
                    "as p where p.bank_operation_id = b.bank_operation_id) "
                    "from ops.bank_operation as b where organisation_id = :own order by 1",
                    own=own,
                )
            )
        )
    assert len(found) == 1
    assert len(found.pop()) == 4


def test_money_between_own_accounts_and_outgoing_money_become_no_payments(organisation):
    add_accounts(organisation, "1")
    second = "40702810900000000009"
    add_bank_account(organisation, second)
    report = load(
        organisation,
        "bank-statement",
        statement(
            receipt(1, "ЛС 1 перевод между счетами", payer=second),
            receipt(2, "ЛС 1 возврат", payer=OURS, payee=THEIRS),
        ),
    )
    assert counts(report) == (2, 0, 0)
    assert rows("select direction from ops.bank_operation order by document_number") == [
        ("internal",), ("out",),
    ]  # fmt: skip
    assert count("payment") == 0
    assert waiting() == []


def test_a_statement_of_an_unrecorded_account_is_taken_with_a_notice(organisation):
    new = "40702810900000000077"
    report = load(
        organisation, "bank-statement", statement(receipt(1, "x", payee=new), account=new)
    )
    assert counts(report) == (1, 0, 0)
    assert new in report.notices[0].text
    assert waiting() == ["1"]


def test_a_statement_of_another_organisation_is_refused(organisation):
    other = new_organisation("uk2")
    add_bank_account(other, "40702810900000000088")
    content = statement(account="40702810900000000088")
    with pytest.raises(FileRefusedError, match="принадлежит организации «uk2»"):
        load(organisation, "bank-statement", content)


def test_a_refused_document_is_listed_with_its_text(organisation):
    load(
        organisation,
        "bank-statement",
        statement(receipt(1, "x", amount="сто"), receipt(2, "y")),
    )
    ((line, field, raw),) = rows("select line_number, field, raw from ops.import_line")
    assert (line, field) == (8, "Сумма")
    assert "Сумма=сто" in raw


@real_files
def test_the_real_statements_are_loaded_and_the_second_time_nothing_changes(organisation):
    expected = {
        "condo__1CClientBankExchange.txt": (4, 0, 0),
        "dronm__kl_to_1c.txt": (3, 0, 0),
        "dronm__to_bank.txt": (0, 0, 2),
        "kilylabs__one_day.txt": (13, 0, 0),
        "odoo-ru__1c_to_kl-min.txt": (0, 0, 0),
    }
    for name, wanted in expected.items():
        content = (SAMPLES / name).read_bytes()
        assert counts(load(organisation, "bank-statement", content, file_name=name)) == wanted
    before = [count(table) for table in ("bank_operation", "payment", "import_file", "import_line")]
    for name in expected:
        content = (SAMPLES / name).read_bytes()
        again = load(organisation, "bank-statement", content, file_name=name)
        assert again.outcome is Outcome.ALREADY_LOADED
    after = [count(table) for table in ("bank_operation", "payment", "import_file", "import_line")]
    assert before == after


@real_files
def test_the_real_invalid_statement_is_refused_naming_file_and_line(organisation):
    name = "condo__1CClientBankExchange-Invalid.txt"
    content = (SAMPLES / name).read_bytes()
    with pytest.raises(FileRefusedError, match=r"Invalid\.txt.*Строка 14.*НеизвестноеСвойство"):
        load(organisation, "bank-statement", content, file_name=name)
    assert count("import_file") == 0


@real_files
def test_a_real_receipt_finds_its_account(organisation):
    add_accounts(organisation, "50133547364")
    content = (SAMPLES / "condo__1CClientBankExchange.txt").read_bytes()
    load(organisation, "bank-statement", content)
    assert rows(PAYMENTS) == [
        ("50133547364", date(2022, 4, 15), Decimal("1052.98"), None, "6032", "bank")
    ]
    assert waiting() == ["656731"]
