"""Events of plans from files: each once, in its own table, and every mistake told by its line."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from operational_db.database import owner_engine
from operational_db.services.import_report import Outcome
from tests.factories import insert, new_account
from tests.integration.importing_steps import (
    count,
    counts,
    load,
    organisation_with_reference_data,
    rows,
)

pytestmark = pytest.mark.usefixtures("fresh_database")

HEADING = "Событие;Дата;Время;Лицевой счёт;Результат;Сумма;Документ;Обещание: дата;Обещание: сумма;"
HEADING += (
    "Пошлина уплачена;Дом;Подъезд;Заголовок;Месяц квитанции;Сведения о пени;Пени в квитанции\n"
)
CALL = "звонок;03.11.2026;14:05;000101;разговор;;;10.11.2026;5 000,00;;;;;;;\n"
FILING = (
    "Заявление о судебном приказе подано;05.11.2026;;000101;;84 300,50;З-1;;;04.11.2026;;;;;;\n"
)
POSTER = "объявление в подъезде;06.11.2026;;;;;;;;;Лесная, 2;3;О долгах;;;\n"
BILL = "квитанция;03.11.2026;;000101;;;;;;;;;;01.10.2026;да;120,00\n"


@pytest.fixture
def company() -> int:
    organisation_id = organisation_with_reference_data()
    with owner_engine().begin() as connection:
        new_account(connection, organisation_id, account_number="000101")
        street = insert(
            connection,
            "address_object",
            "address_object_id",
            level="street",
            type_name="ул.",
            name="Лесная",
        )
        insert(connection, "house", "house_id", address_object_id=street, number="2")
        insert(connection, "house", "house_id", address_object_id=street, number="12")
    return organisation_id


def test_every_kind_of_event_goes_into_its_own_table(company):
    report = load(company, "events", HEADING + CALL + FILING + POSTER + BILL)

    assert counts(report) == (4, 0, 0)
    assert rows(
        "select kind, to_char(happened_at at time zone 'Europe/Moscow', 'DD.MM.YYYY HH24:MI'), "
        "result, promise_date, "
        "promise_amount, source, import_line from ops.contact_event"
    ) == [
        (
            *("live_call", "03.11.2026 14:05", "talked", date(2026, 11, 10), 5000),
            *("file", 2),
        )
    ]
    [filing] = rows("select kind, amount, duty_paid_on, document_number from ops.account_event")
    assert filing[0] == "order_filed"
    assert str(filing[1]) == "84300.50"
    assert filing[2:] == (date(2026, 11, 4), "З-1")
    [poster] = rows(
        "select p.entrance, p.title, h.number from ops.public_event as p "
        "inner join ops.house as h on h.house_id = p.house_ids[1]"
    )
    assert poster == (3, "О долгах", "2")
    assert rows(
        "select period, issued_on, has_penalty_information, penalty_amount from ops.bill_event"
    ) == [(date(2026, 10, 1), date(2026, 11, 3), True, 120)]


def test_the_same_file_and_the_same_events_in_another_file_change_nothing(company):
    content = HEADING + CALL + FILING + POSTER + BILL
    load(company, "events", content)

    again = load(company, "events", content)
    other = load(company, "events", content + CALL, file_name="другой.csv")

    assert again.outcome is Outcome.ALREADY_LOADED
    assert counts(other) == (0, 5, 0)
    for table in ("contact_event", "account_event", "public_event", "bill_event"):
        assert count(table) == 1


def test_a_workbook_is_read_as_well(company):
    book = Workbook()
    sheet = book.active
    sheet.append(["Событие", "Дата", "Лицевой счёт", "Результат"])
    sheet.append(["СМС", date(2026, 11, 3), "000101", "доставлено"])
    sheet.append(["СМС", date(2026, 11, 4), "000101", "чай"])
    content = BytesIO()
    book.save(content)

    report = load(company, "events", content.getvalue(), file_name="смс.xlsx")

    assert counts(report) == (1, 0, 1)
    assert report.refusals[0].line == 3
    assert report.refusals[0].field == "Результат"


@pytest.mark.parametrize(
    ("line", "field", "told"),
    [
        ("чаепитие;03.11.2026;;000101;;;;;;;;;;;;", "Событие", "не известен"),
        ("звонок;31.02.2026;;000101;разговор;;;;;;;;;;;", "Дата", "нет в календаре"),
        ("звонок;22.11.2026;;000101;разговор;;;;;;;;;;;", "Дата", "ещё не наступил"),
        ("звонок;03.11.2026;25:99;000101;разговор;;;;;;;;;;;", "Время", "не время"),
        ("звонок;03.11.2026;;000999;разговор;;;;;;;;;;;", "Лицевой счёт", "нет. Проверьте номер"),
        ("звонок;03.11.2026;;;разговор;;;;;;;;;;;", "Лицевой счёт", "должен быть лицевой счёт"),
        ("звонок;03.11.2026;;000101;вручено;;;;;;;;;;;", "Результат", "не бывает"),
        ("звонок;03.11.2026;;000101;разговор;;;;5000;;;;;;;", "Обещание: сумма", "нужен его день"),
        ("объявление в подъезде;06.11.2026;;;;;;;;;Морская, 9;1;;;;", "Дом", "не найден"),
        (
            "документ передан приставам;06.11.2026;;000101;;;2-9;;;;;;;;;",
            "Документ",
            "нет. Назовите",
        ),
        ("квитанция;03.11.2026;;000101;;;;;;;;;;;да;", "Месяц квитанции", "её месяц"),
    ],
)
def test_a_wrong_line_is_refused_with_its_column_and_the_rest_is_taken(company, line, field, told):
    report = load(company, "events", HEADING + line + "\n" + CALL)

    assert counts(report) == (1, 0, 1)
    [refusal] = report.refusals
    assert (refusal.line, refusal.field) == (2, field)
    assert told in refusal.reason


def test_accounts_that_were_worked_with_are_noted_for_the_next_build(company):
    with owner_engine().begin() as connection:
        connection.execute(text("delete from ops.account_change"))
    load(company, "events", HEADING + CALL)

    assert count("account_change") == 1


def test_a_trial_writes_nothing(company):
    report = load(company, "events", HEADING + CALL, dry_run=True)

    assert counts(report) == (1, 0, 0)
    assert count("contact_event") == 0
