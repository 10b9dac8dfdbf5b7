"""What a lawyer does on the screens: the radar, answers of courts, the calendar of deadlines."""

from decimal import Decimal

import pytest

from apps import menu
from operational_db.database import owner_engine
from operational_db.models import CaseEventKind, CaseKind, ClaimedPart
from operational_db.services.cases import (
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    open_case,
    register_events,
)
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.town import CALENDAR


@pytest.fixture
def case(town_database):
    """Иванов is sued for the oldest month: the application has been filed."""
    assert town_database.owner
    with owner_engine().begin() as connection:
        opened = open_case(
            connection,
            NewCase(
                town.IVANOV,
                CaseKind.ORDER,
                [NewDebtor(town.IVANOV)],
                [NewClaimedMonth("housing", CALENDAR.month(12), Decimal(1000))],
                number="Н-1",
            ),
        )
        filed = NewEvent(opened.case_id, CaseEventKind.FILED, CALENDAR.month(3))
        register_events(connection, [filed])
    return opened


EVENTS = "select kind from ops.case_event where case_id = :case_id order by case_event_id"


def test_the_answer_of_the_court_is_registered(open_as, ask, case):
    app = open_as("lawyer", menu.ANSWERS, words="Н-1")
    assert table_with(app, "Наш номер")["Состояние"][0] == "подано в суд"

    app.selectbox(key=f"answers_kind_{case.case_id}_filed").select(CaseEventKind.ISSUED).run()
    app.date_input(key="answers_date").set_value(CALENDAR.month(2))
    app.text_input(key="answers_document").set_value("2-5/2026")
    app.button(key="answers_register").click().run()

    assert not app.exception
    assert ask(EVENTS, case_id=case.case_id) == [("drafted",), ("filed",), ("issued",)]
    [order] = ask("select number, kind from ops.execution_document")
    assert tuple(order) == ("2-5/2026", "court_order")
    assert table_with(app, "Наш номер")["Состояние"][0] == "вынесен приказ или решение"


@pytest.mark.parametrize("asked", [False, True])
def test_a_claim_asks_for_later_penalty_only_when_the_lawyer_says_so(
    open_as, ask, town_database, asked
):
    assert town_database.owner
    month, day = CALENDAR.month(12), CALENDAR.month(2)
    awarded = {"principal_amount": Decimal(1000), "penalty_amount": Decimal(20)}
    sums = [
        NewClaimedMonth("housing", month, Decimal(1000)),
        NewClaimedMonth("housing", month, Decimal(20), ClaimedPart.PENALTY, penalty_to=day),
    ]
    asked_for = NewCase(town.IVANOV, CaseKind.ORDER, [NewDebtor(town.IVANOV)], sums, number="Н-2")
    with owner_engine().begin() as connection:
        order = open_case(connection, asked_for)
        for kind, more in (
            (CaseEventKind.FILED, {}),
            (CaseEventKind.ISSUED, {"document_number": "2-1", **awarded}),
            (CaseEventKind.CANCELLED, {"reason_code": "objection"}),
        ):
            register_events(connection, [NewEvent(order.case_id, kind, day, **more)])
    app = open_as("lawyer", menu.ANSWERS, words="Н-2")
    if asked:
        app.checkbox(key="answers_until_paid").check().run()
    app.button(key="answers_claim").click().run()

    assert not app.exception
    assert [error.value for error in app.error] == []
    claims = "select penalty_until_paid from ops.court_case where parent_case_id = :case_id"
    assert ask(claims, case_id=order.case_id) == [(asked,)]


def test_what_the_court_cannot_have_done_is_refused_on_the_screen(open_as, ask, case):
    app = open_as("lawyer", menu.ANSWERS, words="Н-1")
    app.selectbox(key=f"answers_kind_{case.case_id}_filed").select(CaseEventKind.ISSUED).run()
    app.text_input(key="answers_document").set_value("2-5/2026")
    app.text_input(key="answers_principal").set_value("1 000,01")
    app.button(key="answers_register").click().run()

    assert "больше, чем заявлено" in app.error[0].value
    assert len(ask(EVENTS, case_id=case.case_id)) == 2


def test_a_mistake_is_taken_back_and_stays_in_the_journal(open_as, ask, case):
    [filed] = ask(
        "select case_event_id from ops.case_event where kind = 'filed' and case_id = :case_id",
        case_id=case.case_id,
    )
    app = open_as("lawyer", menu.ANSWERS, words="Н-1")
    app.text_input(key=f"answers_why_{filed[0]}").set_value("подано другое").run()
    app.button(key=f"answers_annul_{filed[0]}").click().run()

    assert not app.exception
    assert table_with(app, "Наш номер")["Состояние"][0] == "подготовлено"
    assert ask(EVENTS, case_id=case.case_id)[-1] == ("annulled",)
    assert any("~~" in told.value for told in app.markdown)


def test_an_accountant_reads_cases_and_registers_nothing(open_as, case):
    app = open_as("accountant", menu.ANSWERS, words="Н-1")
    assert table_with(app, "Наш номер")["Наш номер"][0] == case.number
    assert not [button for button in app.button if button.key == "answers_register"]


def test_the_calendar_waits_for_the_court(open_as, case):
    app = open_as("lawyer", menu.DEADLINES)
    table = table_with(app, "Что сделать")
    assert list(table["Наш номер"]) == [case.number]
    assert table["Что сделать"][0] == "ждём решения суда"
    assert plain(str(table["Дней"][0])).lstrip("-−").isdigit()


@pytest.mark.usefixtures("case")
def test_a_deadline_past_the_production_calendar_is_said_to_be_unverified(open_as, change):
    known = table_with(open_as("lawyer", menu.DEADLINES), "Что сделать")
    assert known["Примечание"][0] in (None, "")
    change("delete from reference.calendar_day where day >= :day", day=CALENDAR.month(3))

    table = table_with(open_as("lawyer", menu.DEADLINES), "Что сделать")

    assert "производственного календаря на эти дни ещё нет" in table["Примечание"][0]


def test_the_radar_is_empty_while_all_debt_is_young(open_as):
    app = open_as("lawyer", menu.LIMITATION)
    assert "Ни один непросуженный месяц" in app.success[0].value
