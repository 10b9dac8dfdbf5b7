"""Packages that go to their courts: marked together, never before the duty is paid, taken back."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, pool, text

from apps import menu
from operational_db.models.claims import CaseEventKind
from operational_db.services import court_work, duties
from operational_db.services.cases import CaseRefusedError, NewEvent, case_states, register_event
from operational_db.services.filing import sending
from operational_db.services.filing.sending import Sending, SendingRefusedError
from orchestration.lib.package_runs import make_packages
from tests.apps import test_batches as batch
from tests.apps.test_batches import TODAY, as_user

BY_POST = Sending(TODAY, "post", "103/2")


@pytest.fixture
def printed(town_database) -> int:
    """A batch of one package, ready to go; its duty is counted and not paid."""
    owner = create_engine(town_database.owner, poolclass=pool.NullPool)
    batch.mended(owner)
    number = batch.proposed()
    make_packages(owner, batch.approved(number))
    return number


def pay(number: int) -> None:
    with as_user("lawyer") as connection:
        [owing] = sending.unpaid(connection, number)
        found = connection.scalar(
            text("select state_duty_id from ops.state_duty where case_id = :case_id"),
            {"case_id": owing["case_id"]},
        )
    with as_user("accountant") as connection:
        duties.pay_by_hand(connection, found, paid_on=TODAY, document="77")


def state_of(number: int):
    with as_user("lawyer") as connection:
        case_id = connection.scalar(
            text("select case_id from ops.filing_result where batch_id = :number"),
            {"number": number},
        )
        return case_states(connection, [case_id])[case_id]


def test_nothing_is_sent_while_a_duty_is_not_paid_and_the_cases_are_named(printed):
    with as_user("lawyer") as connection, pytest.raises(SendingRefusedError) as refusal:
        sending.mark_sent(connection, printed, BY_POST)
    state = state_of(printed)
    assert state.number in str(refusal.value)
    assert [row["account_number"] for row in refusal.value.unpaid] == ["000101"]
    assert state.filed_on is None


def test_a_paid_batch_goes_under_the_number_of_its_list(printed):
    pay(printed)
    with as_user("lawyer") as connection:
        assert sending.mark_sent(connection, printed, BY_POST) == 1
    with as_user("lawyer") as connection:
        [section] = sending.sections(connection, printed)
        [filed] = [
            event
            for event in court_work.events(connection, state_of(printed).case_id)
            if event["kind"] == "filed"
        ]
    assert (section["packages"], section["sent"], section["waiting"]) == (1, 1, 0)
    assert (section["sent_on"], section["register_number"]) == (TODAY, "103/2")
    assert (filed["document_number"], filed["destination"]) == ("103/2", sending.WAYS["post"])
    assert state_of(printed).filed_on == TODAY


def test_a_batch_goes_once(printed):
    pay(printed)
    with as_user("lawyer") as connection:
        sending.mark_sent(connection, printed, BY_POST)
    with as_user("lawyer") as connection, pytest.raises(SendingRefusedError, match="уже отмечены"):
        sending.mark_sent(connection, printed, BY_POST)


def test_of_two_who_mark_a_section_at_once_one_marks_it(printed):
    """The second waits for the first, and finds nothing left."""
    pay(printed)
    outcomes: list[str] = []

    def second() -> None:
        try:
            with as_user("lawyer") as connection:
                sending.mark_sent(connection, printed, BY_POST)
            outcomes.append("отмечено ещё раз")
        except SendingRefusedError as refusal:
            outcomes.append(str(refusal))

    waiting = threading.Thread(target=second)
    with as_user("lawyer") as connection:
        sending.mark_sent(connection, printed, BY_POST)
        waiting.start()
        waiting.join(timeout=2)
        assert waiting.is_alive()
    waiting.join(timeout=30)
    assert outcomes == ["Отправлять нечего: все пакеты уже отмечены."]


def test_a_letter_without_the_number_of_its_list_is_not_marked(printed):
    pay(printed)
    with as_user("lawyer") as connection, pytest.raises(SendingRefusedError, match="номер списка"):
        sending.mark_sent(connection, printed, Sending(TODAY, "post", " "))


def test_a_late_sending_tells_which_packages_lost_months_to_the_limitation(printed):
    with as_user("lawyer") as connection:
        assert sending.passing(connection, printed, TODAY) == []
        [late] = sending.passing(connection, printed, TODAY + timedelta(days=3 * 365))
    assert late["number"] == state_of(printed).number


def test_nothing_is_sent_tomorrow(printed):
    pay(printed)
    with as_user("lawyer") as connection, pytest.raises(CaseRefusedError, match="не наступил"):
        sending.mark_sent(connection, printed, Sending(TODAY + timedelta(days=1), "office"))
    assert state_of(printed).filed_on is None


def test_a_mark_is_taken_back_and_stays_in_the_journal(printed):
    pay(printed)
    with as_user("lawyer") as connection:
        sending.mark_sent(connection, printed, BY_POST)
    with as_user("lawyer") as connection:
        assert sending.take_back(connection, printed, "другой список") == 1
    state = state_of(printed)
    assert state.filed_on is None
    with as_user("lawyer") as connection:
        journal = court_work.events(connection, state.case_id)
        [section] = sending.sections(connection, printed)
    assert [event["is_annulled"] for event in journal if event["kind"] == "filed"] == [True]
    assert (section["sent"], section["waiting"], section["way"]) == (0, 1, None)


def test_what_the_court_has_answered_is_not_taken_back(printed):
    pay(printed)
    with as_user("lawyer") as connection:
        sending.mark_sent(connection, printed, BY_POST)
    with as_user("lawyer") as connection:
        register_event(
            connection, NewEvent(state_of(printed).case_id, CaseEventKind.ACCEPTED, TODAY)
        )
    with as_user("lawyer") as connection, pytest.raises(SendingRefusedError, match="ответил"):
        sending.take_back(connection, printed, "ошибка")


def test_another_organisation_sends_nothing(printed):
    with as_user("neighbour") as connection:
        assert sending.sections(connection, printed) == []
        with pytest.raises(SendingRefusedError, match="нечего"):
            sending.mark_sent(connection, printed, BY_POST)


def test_a_lawyer_sends_a_batch_on_the_screen_and_takes_it_back(open_as, printed):
    pay(printed)
    app = open_as("lawyer", menu.BATCHES, batch=str(printed))
    app.button(key="sending_open").click().run()
    app.text_input(key="sending_number").input("103/2").run()
    app.button(key="sending_mark").click().run()
    assert not app.exception
    assert state_of(printed).filed_on == TODAY
    app.button(key="sending_undo").click().run()
    app.text_input(key="sending_reason").input("не тот день").run()
    app.button(key="sending_undo_yes").click().run()
    assert not app.exception
    assert state_of(printed).filed_on is None


def test_the_screen_names_the_unpaid_duties_and_marks_nothing(open_as, printed):
    app = open_as("lawyer", menu.BATCHES, batch=str(printed))
    assert any("не оплачено пошлин: 1" in each.label for each in app.expander)
    app.button(key="sending_open").click().run()
    app.text_input(key="sending_number").input("103/2").run()
    app.button(key="sending_mark").click().run()
    assert any("пошлина не оплачена" in error.value for error in app.error)
    assert state_of(printed).filed_on is None
