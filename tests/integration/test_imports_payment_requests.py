"""Requests to pay come as a file: each once, a wrong one with its column and what to do."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from operational_db.database import owner_engine
from operational_db.server import DatabaseUrls
from operational_db.services.importing import import_file
from tests.factories import new_organisation

HEADING = (
    "Номер;Желаемая дата;Сумма документа;Контрагент;Договор контрагента;"
    "Назначение платежа;ЦФО;Расчетный счет;Инициатор\n"
)
GOOD = "17;20.11.2026;12 500,50;ООО «Ремонт»;12/26;Ремонт кровли;ЖЭУ-1;{};Петров П. П.\n"
ACCOUNT = "40702810000000000001"


@pytest.fixture
def connection(fresh_database: DatabaseUrls) -> Iterator[Connection]:
    assert fresh_database
    with owner_engine().connect() as opened:
        yield opened
        opened.rollback()


def load(connection: Connection, organisation_id: int, body: str, name: str = "заявки.csv"):
    return import_file(
        connection,
        kind="payment-requests",
        file_name=name,
        content=(HEADING + body).encode("cp1251"),
        organisation_id=organisation_id,
    )


def test_a_file_of_requests_is_added_once(connection: Connection):
    organisation = new_organisation(connection)
    first = load(connection, organisation, GOOD.format(ACCOUNT))
    second = load(connection, organisation, GOOD.format(ACCOUNT) + "Итого;;;;;;;;\n", "ещё.csv")

    assert (first.rows_accepted, second.rows_accepted, second.rows_known) == (1, 0, 1)
    row = connection.execute(
        text("select amount, counterparty, import_line from ops.payment_request")
    ).one()
    assert (str(row.amount), row.counterparty, row.import_line) == ("12500.50", "ООО «Ремонт»", 2)


def test_what_cannot_be_paid_is_refused_with_its_column(connection: Connection):
    organisation = new_organisation(connection)
    report = load(connection, organisation, GOOD.format("4070281"))

    assert report.rows_accepted == 0
    assert report.refusals[0].field == "Расчетный счет"
    assert "20 цифр" in report.refusals[0].reason


def test_another_request_under_a_known_number_is_for_the_screen(connection: Connection):
    organisation = new_organisation(connection)
    load(connection, organisation, GOOD.format(ACCOUNT))
    report = load(connection, organisation, GOOD.format(ACCOUNT).replace("12 500,50", "1,00"))

    assert "с другими данными" in report.refusals[0].reason
