"""What a data steward must mend: every kind of fault is found, named and counted."""

from datetime import date, timedelta

import dagster as dg
import openpyxl
import pytest
from sqlalchemy import text

from operational_db.database import owner_engine
from operational_db.reference.loader import load_reference
from orchestration.lib.quality.page import folder
from orchestration.lib.quality.rules import RULES
from tests import factories
from tests.integration.orchestrating_steps import execute, failure_of

SOUND, FAULTY = "Исправная УК", "УК с огрехами"
THIS_MONTH = date.today().replace(day=1)


def months_ago(number):
    year, month = divmod(THIS_MONTH.year * 12 + THIS_MONTH.month - 1 - number, 12)
    return date(year, month + 1, 1)


@pytest.fixture(scope="module")
def checked(module_database):  # noqa: ARG001
    """A run of the checks over one sound organisation and one with a fault of every kind."""
    with owner_engine().begin() as connection:
        load_reference(connection)
        street = factories.new_house(connection)
        make_sound(connection, street)
        make_faulty(connection, street)
    result = execute("check_quality")
    assert result.success, failure_of(result)
    return result


def make_sound(connection, house):
    organisation = factories.new_organisation(connection, SOUND)
    premises = factories.new_premises(connection, house)
    account = factories.new_account(connection, organisation, premises_id=premises)
    person = factories.new_person(connection, organisation, birth_date=date(1970, 1, 1))
    add(connection, "person_identifier", person_id=person, kind="snils", number="1")
    own(connection, premises, person)
    for number in (3, 2, 1):
        charge(connection, account, months_ago(number))


def make_faulty(connection, house):
    organisation = factories.new_organisation(connection, FAULTY)
    factories.new_account(connection, organisation, account_number="без-адреса")
    empty = factories.new_premises(connection, house)
    factories.new_account(connection, organisation, account_number="без-хозяина", premises_id=empty)

    premises = factories.new_premises(connection, house)
    account = factories.new_account(
        connection, organisation, account_number="<b>001</b>", premises_id=premises
    )
    dead = factories.new_person(
        connection,
        organisation,
        last_name="Усопший",
        birth_date=date(1930, 1, 1),
        death_date=date(2020, 1, 1),
    )
    nobody = factories.new_person(connection, organisation, last_name="Безвестный")
    child = factories.new_person(
        connection,
        organisation,
        last_name="Малышев",
        birth_date=date.today() - timedelta(days=2000),
    )
    for person in (dead, nobody, child):
        own(connection, premises, person, share=(1, 4))
    add(connection, "person_identifier", person_id=child, kind="snils", number="2")

    charge(connection, account, months_ago(4), due_date=months_ago(5))
    charge(connection, account, months_ago(1))
    first, second = (new_file(connection, organisation, mark) for mark in "ab")
    for file in (first, second):
        charge(connection, account, months_ago(1), amount=555, service="gas", import_id=file)
    for _time in range(2):
        pay(connection, account, months_ago(1), 100)
    pay(connection, account, date.today() + timedelta(days=30), 5)
    add(
        connection,
        "meter",
        premises_id=premises,
        number="777",
        installed_on=date(2010, 1, 1),
        verified_until=date(2020, 1, 1),
        service_id=service_id(connection, "gas"),
    )
    add(
        connection,
        "bank_operation",
        organisation_id=organisation,
        natural_key="k",
        direction="in",
        document_kind="Платёжное поручение",
        document_number="1",
        operation_date=date.today() - timedelta(days=20),
        amount=42,
        import_id=first,
        import_line=1,
        payer_name="=HYPERLINK(1)",
    )


def add(connection, table, **values):
    factories.insert_all(connection, table, [values])


def own(connection, premises, person, share=(1, 1)):
    add(
        connection,
        "ownership",
        premises_id=premises,
        person_id=person,
        right_kind="shared_ownership" if share != (1, 1) else "ownership",
        share_numerator=share[0],
        share_denominator=share[1],
        valid_from=date(2015, 1, 1),
        source="ЕГРН",
    )


def service_id(connection, code):
    query = text("select service_id from reference.service where code = :code")
    return connection.execute(query, {"code": code}).scalar_one()


def charge(connection, account, period, amount=1000, service="maintenance", **values):
    add(
        connection,
        "charge",
        account_id=account,
        period=period,
        kind="charge",
        amount=amount,
        service_id=service_id(connection, service),
        booked_on=period,
        **values,
    )


def pay(connection, account, day, amount):
    add(connection, "payment", account_id=account, paid_on=day, amount=amount, channel="bank")


def new_file(connection, organisation, mark):
    return factories.insert(
        connection,
        "import_file",
        "import_id",
        organisation_id=organisation,
        kind="charges",
        file_name=f"{mark}.csv",
        sha256=mark,
        size_bytes=1,
        rows_accepted=1,
        rows_known=0,
        rows_refused=0,
        report="{}",
    )


def page_of(name):
    for page in folder().glob("*.html"):
        content = page.read_text("utf-8")
        if page.name != "index.html" and name in content:
            return page, content
    raise AssertionError(f"no page of {name}")


def test_every_rule_finds_its_fault(checked):
    found = {
        check.check_name: check.metadata["строк"].value
        for check in checked.get_asset_check_evaluations()
    }

    assert set(found) == {rule.code for rule in RULES}
    assert {code for code, rows in found.items() if rows == 0} == set()


def test_a_broken_rule_warns_and_stops_nothing(checked):
    evaluations = checked.get_asset_check_evaluations()

    assert {check.severity for check in evaluations} == {dg.AssetCheckSeverity.WARN}
    assert not any(check.passed for check in evaluations)


def test_a_sound_organisation_has_nothing_to_mend(checked):  # noqa: ARG001
    _page, content = page_of(SOUND)

    assert "Замечаний нет" in content


def test_the_page_of_an_organisation_names_rows_and_what_to_do(checked):  # noqa: ARG001
    _page, content = page_of(FAULTY)

    for rule in RULES:
        assert rule.title in content
        assert rule.advice.split(":")[0] in content
    assert "без-адреса" in content
    assert "в сумме 0,75, а не 1 (собственников: 3)" in content
    assert f"нет начислений за {months_ago(3):%m.%Y}–{months_ago(2):%m.%Y}" in content
    assert "Усопший" in content


def test_a_page_shows_nothing_of_another_organisation(checked):  # noqa: ARG001
    _page, sound = page_of(SOUND)
    index = (folder() / "index.html").read_text("utf-8")

    assert "Усопший" not in sound
    assert "Усопший" not in index
    assert FAULTY in index


def test_what_a_file_brought_is_text_on_the_page_and_no_formula_in_the_workbook(checked):  # noqa: ARG001
    page, content = page_of(FAULTY)
    book = openpyxl.load_workbook(page.with_suffix(".xlsx"))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value]

    assert "&lt;b&gt;001&lt;/b&gt;" in content
    assert any(cell.value == "<b>001</b>" for cell in cells)
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_workbook_has_a_sheet_for_every_broken_rule(checked):  # noqa: ARG001
    page, _content = page_of(FAULTY)

    assert len(openpyxl.load_workbook(page.with_suffix(".xlsx")).sheetnames) == len(RULES)
