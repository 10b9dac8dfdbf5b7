"""State duty from the calculation to the payment order and back, in a real database."""

from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from operational_db import clock
from operational_db.database import owner_engine, screens_connection
from operational_db.exports.payment_orders import OrderRefusedError
from operational_db.imports.bank_statement_reader import read_statement
from operational_db.models.claims import CaseEventKind, CaseKind
from operational_db.services import duties, duty_registers
from operational_db.services.cases import (
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    open_case,
    register_event,
)
from operational_db.services.duties import DutyError, DutyFilter, DutyRequest
from operational_db.services.duty_registers import create_register
from operational_db.services.importing import import_file
from operational_db.services.state_duty import DutyKind, DutyRefusedError
from tests.factories import insert
from tests.integration.duty_steps import (
    ACCOUNT,
    DAY,
    DISTRICT,
    SECTIONS,
    add_details,
    record,
    settle,
    statement,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture(scope="module")
def company(module_database):
    assert module_database.owner
    with owner_engine().begin() as connection:
        return settle(connection)


@pytest.fixture
def work(company):
    """One transaction of the owner; nothing of it stays."""
    assert company
    with owner_engine().connect() as connection:
        yield connection
        connection.rollback()


def load_statement(connection, company, content):
    """Load a statement in the transaction of the test."""
    return import_file(
        connection,
        kind="bank-statement",
        file_name="выписка.txt",
        content=content,
        organisation_id=company.organisation_id,
        today=DAY,
    )


def status(connection, number):
    return connection.execute(duties.ONE, {"state_duty_id": number}).one().status


def register(connection, company, numbers, **values):
    given = {"bank_account_id": company.bank_account_id, "day": DAY, "first_number": 501}
    return create_register(connection, company.organisation_id, numbers, **(given | values))


def test_a_duty_knows_its_rule_its_court_and_its_purpose(company, work):
    order, claim = (
        *record(work, company, 0, claim_sum="150000"),
        *record(work, company, 1, kind=DutyKind.CLAIM, claim_sum="150000"),
    )
    found = {row["state_duty_id"]: row for row in duties.duties(work, DutyFilter())[0]}
    assert found[order]["amount"] == 2750
    assert found[order]["court_code"] == SECTIONS[0]
    assert found[claim]["amount"] == 5500
    assert found[claim]["court_code"] == DISTRICT
    assert "333.19" in found[order]["act"]
    assert found[order]["purpose"].startswith("Госпошлина за выдачу судебного приказа")
    assert "ЛС 000101, Иванов Пётр Сергеевич" in found[order]["purpose"]
    assert found[order]["purpose"].endswith("судебный участок № 84, НДС не облагается")
    assert found[order]["status"] == "calculated"
    assert found[order]["problem"] is None


def test_an_order_above_its_limit_is_refused_and_nothing_is_recorded(company, work):
    with pytest.raises(DutyRefusedError, match="Подавайте иск"):
        record(work, company, 0, 1, claim_sum="500000.01")
    assert duties.duties(work, DutyFilter())[1]["duties"] == 0


def test_a_house_without_a_section_waits_for_its_court(company, work):
    [number] = record(work, company, 2)
    [row], _ = duties.duties(work, DutyFilter(without_court=True))
    assert row["problem"] == "суд не определён"
    with pytest.raises(DutyError, match="не определён суд"):
        register(work, company, [number])


def test_a_register_is_one_order_for_each_duty_and_adds_up(company, work):
    numbers = record(work, company, 0, 1, 0)
    made = register(work, company, numbers)
    assert (made.number, made.items, made.total) == (1, 3, Decimal("6000.00"))
    assert [status(work, number) for number in numbers] == ["in_register"] * 3
    content = duty_registers.register_for_client_bank(work, made.duty_register_id, NOW)
    orders = read_statement(content).documents
    assert [order.number for order in orders] == ["501", "502", "503"]
    assert sum(order.amount for order in orders) == made.total
    assert sorted(order.purpose.split()[0] for order in orders) == sorted(
        f"ГП-{number}" for number in numbers
    )
    assert {order.budget["105"] for order in orders} == {"46744000"}
    assert (
        duty_registers.register_for_sap(work, made.duty_register_id, NOW).count(b"<InstdAmt") == 3
    )


def test_a_duty_goes_into_one_register_only(company, work):
    numbers = record(work, company, 0, 1)
    register(work, company, numbers[:1])
    with pytest.raises(DutyError, match="готовы 1"):
        register(work, company, numbers)


def test_nobody_pays_for_a_case_that_was_withdrawn_before_it_was_filed(company, work):
    debtor = NewDebtor(company.people[0])
    months = [NewClaimedMonth("housing", date(2026, 8, 1), Decimal(30000))]
    case = open_case(work, NewCase(company.accounts[0], CaseKind.ORDER, [debtor], months))
    asked = DutyRequest(
        company.organisation_id,
        company.accounts[0],
        DutyKind.ORDER,
        Decimal(30000),
        DAY,
        "Иванов Пётр Сергеевич",
        person_id=company.people[0],
        case_id=case.case_id,
    )
    [number] = duties.record_duties(work, [asked])
    ready = duty_registers.ready_duties
    assert ready(work, company.organisation_id, DAY) == ([number], Decimal(2000))
    withdrawn = NewEvent(case.case_id, CaseEventKind.WITHDRAWN, clock.today())
    register_event(work, withdrawn)
    assert ready(work, company.organisation_id, DAY) == ([], Decimal(0))
    with pytest.raises(DutyError, match="готовы 0"):
        register(work, company, [number])
    [told], totals = duties.duties(work, DutyFilter())
    assert told["problem"] == "не платить: дело отозвано до подачи"
    assert totals["to_pay"] == 0
    assert duties.totals_by_status(work) == {}


def test_a_register_with_the_duty_of_a_withdrawn_case_is_not_sent_to_the_bank(company, work):
    debtor = NewDebtor(company.people[0])
    months = [NewClaimedMonth("housing", date(2026, 8, 1), Decimal(30000))]
    case = open_case(work, NewCase(company.accounts[0], CaseKind.ORDER, [debtor], months))
    asked = DutyRequest(
        company.organisation_id,
        company.accounts[0],
        DutyKind.ORDER,
        Decimal(30000),
        DAY,
        "Иванов Пётр Сергеевич",
        person_id=company.people[0],
        case_id=case.case_id,
    )
    [number] = duties.record_duties(work, [asked])
    made = register(work, company, [number])
    assert len(duty_registers.register_orders(work, made.duty_register_id)) == 1
    register_event(work, NewEvent(case.case_id, CaseEventKind.WITHDRAWN, clock.today()))
    [told], _ = duties.duties(work, DutyFilter())
    assert told["problem"] == "не платить: дело отозвано до подачи"
    with pytest.raises(OrderRefusedError, match=f"пошлину № {number} платить не нужно"):
        duty_registers.register_orders(work, made.duty_register_id)
    duties.undo_last_event(work, number, "дело отозвано", clock.today())
    assert duty_registers.register_orders(work, made.duty_register_id) == []


def test_old_details_must_be_looked_at(company, work):
    insert(work, "court", "court_code", court_code="50MS0099", kind="MS", name="Участок № 99")
    add_details(work, "50MS0099", valid_from=date(2020, 1, 1), recorded_at=date(2020, 1, 1))
    work.execute(
        text(
            "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
            "values (:house, 'MS', '50MS0099', 'звонок')"
        ),
        {"house": company.houses[2]},
    )
    [number] = record(work, company, 2)
    with pytest.raises(DutyError, match="не проверялись"):
        register(work, company, [number])
    assert register(work, company, [number], accepts_old_details=True).items == 1


def test_details_of_the_day_of_payment_are_taken(company, work):
    add_details(work, SECTIONS[0], valid_from=date(2026, 12, 1), oktmo="46744001")
    # Of another court, and later: it is nothing to us.
    add_details(work, SECTIONS[1], valid_from=date(2026, 2, 1), oktmo="46744002")
    first, second = record(work, company, 0, 0)
    now = register(work, company, [first])
    later = register(work, company, [second], day=date(2026, 12, 1))
    oktmo = [
        duty_registers.register_orders(work, made.duty_register_id)[0].oktmo
        for made in (now, later)
    ]
    assert oktmo == ["46744000", "46744001"]


def test_a_payer_that_a_bank_would_refuse_stops_the_register(company, work):
    work.execute(text("update ops.organisation set kpp = null where code = 'uyut'"))
    numbers = record(work, company, 0)
    with pytest.raises(ValueError, match="КПП плательщика"), work.begin_nested():
        register(work, company, numbers)
    assert status(work, numbers[0]) == "calculated"


def made_register(connection, company, *debtors):
    numbers = record(connection, company, *debtors)
    register(connection, company, numbers)
    return numbers


def document(number, **values):
    purpose = f"ГП-{number} Госпошлина за выдачу судебного приказа"
    return {"Сумма": "2000.00", "НазначениеПлатежа": purpose, **values}


def test_a_statement_pays_the_duties_whose_marks_it_names(company, work):
    numbers = made_register(work, company, 0, 1)
    content = statement(document(numbers[0], Номер="77"), document(numbers[1], Номер="78"))
    report = load_statement(work, company, content)
    assert report.figures["оплачено госпошлин из реестров"] == 2
    paid = {row["state_duty_id"]: row for row in duties.duties(work, DutyFilter(status="paid"))[0]}
    assert paid[numbers[0]]["paid_document"] == "77"
    assert paid[numbers[1]]["paid_on"] == date(2026, 11, 23)
    assert duty_registers.unmatched_operations(work) == []
    [summary] = duty_registers.registers(work)
    assert (summary["paid_items"], summary["paid_total"]) == (2, Decimal("4000.00"))


def test_the_same_statement_twice_pays_once(company, work):
    numbers = made_register(work, company, 0)
    content = statement(document(numbers[0]))
    for _ in range(2):
        content += b"\r\n"
        load_statement(work, company, content)
    [event] = [it for it in duties.events_of(work, numbers[0]) if it["kind"] == "paid"]
    assert event["amount"] == 2000


def test_an_order_without_its_mark_is_found_by_number_and_account(company, work):
    numbers = made_register(work, company, 0, 1)
    plain = {"Сумма": "2000.00", "НазначениеПлатежа": "Госпошлина", "Номер": "502"}
    load_statement(work, company, statement(plain))
    assert [status(work, number) for number in numbers] == ["in_register", "paid"]


def test_what_does_not_fit_is_listed_with_the_reason(company, work):
    [number] = made_register(work, company, 0)
    content = statement(
        document(number, Сумма="2001.00"),
        document(number + 1000, Номер="2"),
        {"Сумма": "500.00", "НазначениеПлатежа": "Оплата госпошлины", "Номер": "3"},
        {"Сумма": "900.00", "НазначениеПлатежа": "За электроэнергию", "Номер": "4"},
    )
    load_statement(work, company, content)
    assert status(work, number) == "in_register"
    found = duty_registers.unmatched_operations(work)
    reasons = {row["document_number"]: row["reason"] for row in found}
    assert reasons == {
        "1": "сумма не та: по реестру 2\u202f000,00 ₽",
        "2": "пошлины с такой меткой нет",
        "3": "в назначении нет метки ГП-…",
    }


def test_a_wrong_sum_is_told_as_people_write_it(company, work):
    [number] = made_register(work, company, 0)
    load_statement(work, company, statement(document(number, Сумма="1234567.89")))
    [operation] = duty_registers.unmatched_operations(work)
    told = "1\u202f234\u202f567,89 ₽ не равна пошлине к уплате 2\u202f000,00 ₽"
    with pytest.raises(DutyError, match=told):
        duty_registers.bind_operation(work, operation["bank_operation_id"], number)


def test_two_payments_of_one_duty_pay_it_once_and_leave_the_other_to_a_person(company, work):
    [number] = made_register(work, company, 0)
    content = statement(document(number, Номер="1"), document(number, Номер="2"))
    load_statement(work, company, content)
    assert status(work, number) == "in_register"
    first, second = duty_registers.unmatched_operations(work)
    duty_registers.bind_operation(work, first["bank_operation_id"], number)
    assert status(work, number) == "paid"
    with pytest.raises(DutyError, match="уже оплачена"):
        duty_registers.bind_operation(work, second["bank_operation_id"], number)


def test_an_order_to_the_bank_that_was_loaded_by_mistake_pays_nothing(company, work):
    numbers = record(work, company, 0)
    made = register(work, company, numbers)
    content = duty_registers.register_for_client_bank(work, made.duty_register_id, NOW)
    report = load_statement(work, company, content)
    assert (report.rows_accepted, report.rows_refused) == (0, 1)
    assert "поручение банку" in report.refusals[0].reason
    assert status(work, numbers[0]) == "in_register"


def paid_duty(connection, company, debtor=0, **values):
    [number] = record(connection, company, debtor, **values)
    duties.pay_by_hand(connection, number, paid_on=DAY, document="15")
    return number


def test_duty_of_a_cancelled_order_pays_a_part_of_the_claim(company, work):
    order = paid_duty(work, company, claim_sum="150000")
    [claim] = record(work, company, 0, kind=DutyKind.CLAIM, claim_sum="150000")
    assert duties.offset(work, order, claim, "cancelled", DAY) == 2750
    row = work.execute(duties.ONE, {"state_duty_id": claim}).one()
    assert (row.offset_amount, row.to_pay, row.status) == (2750, 2750, "calculated")
    assert status(work, order) == "offset_to"
    assert register(work, company, [claim]).total == Decimal("2750.00")


def test_a_claim_that_the_offset_pays_in_full_needs_no_order(company, work):
    order = paid_duty(work, company, claim_sum="400000")
    [claim] = record(work, company, 0, kind=DutyKind.CLAIM, claim_sum="20000")
    assert duties.offset(work, order, claim, "cancelled", DAY) == 4000
    assert status(work, claim) == "offset"
    # What is left over of the older duty may still serve another application.
    [again] = record(work, company, 0)
    assert duties.offset(work, order, again, "refused", DAY) == 2000


def test_the_same_money_is_not_offset_twice(company, work):
    order = paid_duty(work, company)
    first, second = record(work, company, 0, 0, kind=DutyKind.CLAIM)
    duties.offset(work, order, first, "cancelled", DAY)
    with pytest.raises(DutyError, match="зачитывать нечего"):
        duties.offset(work, order, second, "cancelled", DAY)
    with pytest.raises(DutyError, match="Возвращать нечего"):
        duties.ask_for_refund(work, order, "returned", DAY)


def test_duty_of_another_debtor_is_not_offset(company, work):
    order = paid_duty(work, company, 0)
    [claim] = record(work, company, 1, kind=DutyKind.CLAIM)
    with pytest.raises(DutyError, match="того же должника"):
        duties.offset(work, order, claim, "cancelled", DAY)


def test_duty_paid_on_the_29th_of_february_serves_until_the_28th(company, work):
    [order] = record(work, company, 0)
    duties.pay_by_hand(work, order, paid_on=date(2024, 2, 29), document="1")
    [claim] = record(work, company, 0)
    assert duties.offset(work, order, claim, "returned", DAY) == 2000


def test_duty_of_a_returned_application_serves_three_years(company, work):
    [order] = record(work, company, 0)
    duties.pay_by_hand(work, order, paid_on=date(2023, 11, 19), document="1")
    [claim] = record(work, company, 0)
    with pytest.raises(DutyError, match="больше 3 лет"):
        duties.offset(work, order, claim, "returned", DAY)
    assert duties.offset(work, order, claim, "cancelled", DAY) == 2000


def test_a_refund_is_asked_for_and_comes(company, work):
    order = paid_duty(work, company)
    with pytest.raises(DutyError, match="Отмена приказа возврата не даёт"):
        duties.ask_for_refund(work, order, "cancelled", DAY)
    assert duties.ask_for_refund(work, order, "returned", DAY) == 2000
    assert status(work, order) == "refund_due"
    duties.refunded(work, order, on=DAY, document="решение № 8")
    assert status(work, order) == "refunded"


def test_the_last_event_is_undone_by_another_and_stays_in_the_course(company, work):
    order = paid_duty(work, company)
    assert duties.undo_last_event(work, order, "не та пошлина", DAY) == "оплачена"
    assert status(work, order) == "calculated"
    made = register(work, company, [order])
    duties.undo_last_event(work, order, "дело закрыто", DAY)
    assert status(work, order) == "calculated"
    assert duty_registers.register_orders(work, made.duty_register_id) == []
    kinds = [event["kind"] for event in duties.events_of(work, order)]
    assert kinds == ["paid", "undone", "in_register", "out_of_register"]


def test_an_offset_is_not_undone_under_a_claim_that_was_sent_to_pay(company, work):
    order = paid_duty(work, company, claim_sum="150000")
    [claim] = record(work, company, 0, kind=DutyKind.CLAIM, claim_sum="150000")
    duties.offset(work, order, claim, "cancelled", DAY)
    register(work, company, [claim])
    with pytest.raises(DutyError, match="на оплате"):
        duties.undo_last_event(work, order, "ошибка", DAY)


def test_what_was_known_before_is_still_told(company, work):
    [number] = record(work, company, 0)
    work.execute(text("select set_config('dolgomer.known_at', '2020-01-01', true)"))
    assert work.execute(duties.ONE, {"state_duty_id": number}).all() == []


@contextmanager
def trying(token):
    """Work as the user of a session; nothing of it stays."""
    with screens_connection(token) as connection:
        attempt = connection.begin_nested()
        yield connection
        attempt.rollback()


@pytest.mark.parametrize("role", ["accountant", "lawyer", "manager"])
def test_those_who_pay_duties_do_it_in_their_own_name(company, role):
    with trying(company.tokens[role]) as connection:
        numbers = record(connection, company, 0, 1)
        made = register(connection, company, numbers)
        assert made.items == 2
        [row, _], totals = duties.duties(connection, DutyFilter(status="in_register"))
        assert row["debtor_name"] == "Иванов Пётр Сергеевич"
        assert totals["to_pay"] == 4000
        assert len(list(duties.all_duties(connection, DutyFilter()))) == 2
        [user] = connection.scalars(text("select distinct user_id from ops.state_duty_event"))
        assert user == connection.scalar(text("select ops.session_user_id()"))


@pytest.mark.parametrize("role", ["operator", "administrator"])
def test_others_do_not(company, role):
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        trying(company.tokens[role]) as connection,
    ):
        record(connection, company, 0)


def test_the_register_of_duties_has_the_columns_of_the_form(company, work):
    record(work, company, 0)
    [row] = duties.all_duties(work, DutyFilter())
    asked = (
        "number account_number debtor_name kind_name claim_sum rule amount court_name payee inn "
    )
    asked += (
        "kpp oktmo kbk bic payee_account bank purpose status_name paid_on paid_document case_id"
    )
    assert set(asked.split()) <= set(row)
    assert row["payee_account"] != ACCOUNT
    assert row["status_name"] == "рассчитана"
