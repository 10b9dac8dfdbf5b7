"""Cases in courts: what may be claimed, by whom, how often, and what becomes of it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from operational_db.database import owner_engine, screens_connection
from operational_db.models import CaseEventKind, CaseKind, ClaimedPart, DebtorLiability
from operational_db.reference.loader import load_reference
from operational_db.server import DatabaseUrls
from operational_db.services.cases import (
    CaseRefusedError,
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    OpenedCase,
    annul_event,
    case_states,
    continue_as_claim,
    open_case,
    open_cases,
    register_event,
    register_events,
)
from operational_db.services.duties import DutyRequest, pay_by_hand, record_duties
from operational_db.services.state_duty import DutyKind
from tests.factories import (
    new_account,
    new_house,
    new_organisation,
    new_person,
    new_premises,
    new_session,
    new_user,
)

JANUARY, FEBRUARY, MARCH = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
FILED = date(2025, 6, 2)


@dataclass
class Flat:
    """An account with two people who may owe."""

    organisation_id: int
    account_id: int
    first: int
    second: int


@pytest.fixture(scope="module", autouse=True)
def law(module_database: DatabaseUrls) -> None:
    assert module_database.owner
    with owner_engine().begin() as connection:
        load_reference(connection)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """The owner's transaction; nothing of it stays."""
    with owner_engine().connect() as opened:
        yield opened
        opened.rollback()


def new_flat(connection: Connection) -> Flat:
    organisation_id = new_organisation(connection)
    premises_id = new_premises(connection, new_house(connection))
    return Flat(
        organisation_id,
        new_account(connection, organisation_id, premises_id=premises_id),
        new_person(connection, organisation_id),
        new_person(connection, organisation_id, first_name="Анна"),
    )


@pytest.fixture
def flat(connection: Connection) -> Flat:
    return new_flat(connection)


def an_order(flat: Flat, *months: date, portion: int | None = None, **values) -> NewCase:
    return NewCase(
        flat.account_id,
        values.pop("kind", CaseKind.ORDER),
        [NewDebtor(portion or flat.first)],
        values.pop("sums", None)
        or [
            NewClaimedMonth("housing", month, Decimal("1000.50"), portion_person_id=portion)
            for month in months or (JANUARY,)
        ],
        **values,
    )


def happened(case: OpenedCase, kind: str, on: date = FILED, **values) -> NewEvent:
    return NewEvent(case.case_id, CaseEventKind(kind), on, **values)


def issued(case: OpenedCase, on: date = date(2025, 6, 9), **values) -> NewEvent:
    given = {"document_number": "2-345/2025", "principal_amount": Decimal("1000.50"), **values}
    return happened(case, "issued", on, **given)


def cancelled_order(connection: Connection, flat: Flat, **values) -> OpenedCase:
    case = open_case(connection, an_order(flat, **values))
    register_events(
        connection,
        [
            happened(case, "filed"),
            issued(case),
            happened(case, "cancelled", date(2025, 7, 1), reason_code="objection"),
        ],
    )
    return case


def state_of(connection: Connection, case: OpenedCase):
    return case_states(connection, [case.case_id])[case.case_id]


def test_a_new_case_gets_a_number_of_ours_and_is_a_draft(connection, flat):
    case = open_case(connection, an_order(flat, JANUARY, FEBRUARY))
    state = state_of(connection, case)
    assert case.number == state.number
    assert case.number[4] == "-"
    assert (state.state, state.is_live) == (CaseEventKind.DRAFTED, True)
    assert state.principal_claimed == Decimal("2001.00")


def test_a_batch_is_opened_in_the_order_given(connection):
    flats = [new_flat(connection) for _ in range(30)]
    opened = open_cases(connection, [an_order(one, number=f"Ж-{i}") for i, one in enumerate(flats)])
    assert [case.account_id for case in opened] == [one.account_id for one in flats]
    assert [case.number for case in opened] == [f"Ж-{i}" for i in range(30)]


def test_a_month_cannot_be_claimed_in_two_live_cases(connection, flat):
    first = open_case(connection, an_order(flat, JANUARY, FEBRUARY))
    with pytest.raises(CaseRefusedError, match=f"Месяц 02.2025 уже заявлен в деле {first.number}"):
        open_case(connection, an_order(flat, FEBRUARY, MARCH))
    open_case(connection, an_order(flat, MARCH))


def test_what_a_batch_refuses_is_not_half_written(connection, flat):
    other = new_flat(connection)
    with pytest.raises(CaseRefusedError, match="уже заявлен"):
        open_cases(connection, [an_order(other), an_order(flat), an_order(flat)])
    for one in (flat, other):
        query = text("select count(*) from ops.court_case where account_id = :account_id")
        assert connection.scalar(query, {"account_id": one.account_id}) == 0


def test_owners_by_share_are_claimed_apart_but_the_whole_month_meets_each(connection, flat):
    open_case(connection, an_order(flat, portion=flat.first))
    open_case(connection, an_order(flat, portion=flat.second))
    with pytest.raises(CaseRefusedError, match="уже заявлен"):
        open_case(connection, an_order(flat, portion=flat.first))
    with pytest.raises(CaseRefusedError, match="уже заявлен"):
        open_case(connection, an_order(flat))


def test_another_liability_of_the_month_is_another_debt(connection, flat):
    open_case(connection, an_order(flat))
    sums = [NewClaimedMonth("capital_repair", JANUARY, Decimal(300))]
    second = open_case(connection, an_order(flat, sums=sums))
    assert state_of(connection, second).is_live


def penalty(start: date | None, end: date) -> list[NewClaimedMonth]:
    part = ClaimedPart.PENALTY
    return [
        NewClaimedMonth(
            "housing", JANUARY, Decimal(90), part=part, penalty_from=start, penalty_to=end
        )
    ]


def test_later_days_of_penalty_are_claimed_later_but_no_day_twice(connection, flat):
    open_case(connection, an_order(flat, sums=penalty(None, date(2025, 6, 1))))
    with pytest.raises(CaseRefusedError, match="уже заявлен"):
        open_case(connection, an_order(flat, sums=penalty(date(2025, 6, 1), date(2025, 9, 1))))
    open_case(connection, an_order(flat, sums=penalty(date(2025, 6, 2), date(2025, 9, 1))))


@pytest.mark.parametrize(
    ("kind", "reason"), [("returned", "no_identifier"), ("refused", "dispute")]
)
def test_what_the_court_sends_back_may_be_claimed_again(connection, flat, kind, reason):
    case = open_case(connection, an_order(flat))
    register_events(
        connection,
        [happened(case, "filed"), happened(case, kind, reason_code=reason)],
    )
    assert not state_of(connection, case).is_live
    open_case(connection, an_order(flat, parent_case_id=case.case_id))


def test_a_withdrawn_draft_frees_its_months(connection, flat):
    case = open_case(connection, an_order(flat))
    register_event(connection, happened(case, "withdrawn"))
    assert not state_of(connection, case).is_live
    assert state_of(connection, open_case(connection, an_order(flat))).is_live


def test_after_a_cancelled_order_only_a_claim_may_follow(connection, flat):
    case = cancelled_order(connection, flat)
    with pytest.raises(CaseRefusedError, match="взыскивают только иском"):
        open_case(connection, an_order(flat))
    with pytest.raises(CaseRefusedError, match="взыскивают только иском"):
        open_case(connection, an_order(flat, kind=CaseKind.CLAIM))
    open_case(connection, an_order(flat, kind=CaseKind.CLAIM, parent_case_id=case.case_id))


def test_a_cancelled_order_becomes_a_claim_in_one_call(connection, flat):
    order = cancelled_order(connection, flat)
    months = an_order(flat).months
    claim = continue_as_claim(connection, order.case_id, months=months)
    state = state_of(connection, claim)
    assert (state.kind, state.parent_case_id) == (CaseKind.CLAIM, order.case_id)
    assert state.principal_claimed == Decimal("1000.50")
    debtors = text("select person_id from ops.case_debtor where case_id = :case_id")
    assert list(connection.scalars(debtors, {"case_id": claim.case_id})) == [flat.first]
    with pytest.raises(CaseRefusedError, match="уже заявлен"):
        continue_as_claim(connection, order.case_id, months=months)


@pytest.mark.parametrize(("demand", "court"), [("50000.00", "77MS0901"), ("50000.01", "77RS0901")])
def test_a_claim_above_the_limit_of_magistrates_goes_to_the_district_court(
    connection, flat, demand, court
):
    house_id = connection.scalar(
        text(
            "select p.house_id from ops.account as a inner join ops.premises as p "
            "on a.premises_id = p.premises_id where a.account_id = :id"
        ),
        {"id": flat.account_id},
    )
    for kind in ("MS", "RS"):
        code = f"77{kind}0901"
        connection.execute(
            text(
                "insert into ops.court (court_code, kind, name, region_code) "
                "values (:code, :kind, 'Суд', '77')"
            ),
            {"code": code, "kind": kind},
        )
        connection.execute(
            text(
                "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
                "values (:house_id, :kind, :code, 'письмо')"
            ),
            {"house_id": house_id, "kind": kind, "code": code},
        )
    sums = [NewClaimedMonth("housing", JANUARY, Decimal(demand))]
    order = cancelled_order(connection, flat, sums=sums, court_code="77MS0901")
    claim = continue_as_claim(connection, order.case_id, months=sums)
    assert state_of(connection, claim).court_code == court


def test_what_was_paid_for_the_order_pays_for_the_claim(connection, flat):
    order = cancelled_order(connection, flat)
    [duty] = record_duties(
        connection,
        [
            DutyRequest(
                organisation_id=flat.organisation_id,
                account_id=flat.account_id,
                kind=DutyKind.ORDER,
                claim_sum=Decimal("1000.50"),
                filed_on=FILED,
                debtor_name="Иванов",
                person_id=flat.first,
                case_id=order.case_id,
            )
        ],
    )
    pay_by_hand(connection, duty, paid_on=FILED, document="17")
    claim = continue_as_claim(connection, order.case_id, months=an_order(flat).months)
    # НК 333.19: 4 000 for a claim of up to 100 000, half of it for an order.
    assert (claim.duty_offset, claim.duty_to_pay) == (Decimal(2000), Decimal(2000))
    new = connection.execute(
        text("select * from ops.state_duty_current where case_id = :id"), {"id": claim.case_id}
    ).one()
    assert (new.kind, new.amount, new.offset_amount) == ("claim", 4000, 2000)


def test_no_claim_is_made_of_an_order_that_stands(connection, flat):
    case = open_case(connection, an_order(flat))
    with pytest.raises(CaseRefusedError, match="приказ не отменён"):
        continue_as_claim(connection, case.case_id)


def test_a_return_registered_by_mistake_gives_the_months_back(connection, flat):
    case = open_case(connection, an_order(flat))
    _, returned = register_events(
        connection,
        [happened(case, "filed"), happened(case, "returned", reason_code="no_duty")],
    )
    annul_event(connection, returned, "не то дело")
    assert state_of(connection, case).is_live
    with pytest.raises(CaseRefusedError, match="уже заявлен"):
        open_case(connection, an_order(flat))
    with pytest.raises(CaseRefusedError, match="уже отменена"):
        annul_event(connection, returned, "ещё раз")


def test_a_return_is_not_taken_back_once_another_case_has_the_months(connection, flat):
    case = open_case(connection, an_order(flat))
    _, returned = register_events(
        connection,
        [happened(case, "filed"), happened(case, "returned", reason_code="no_duty")],
    )
    again = open_case(connection, an_order(flat))
    with pytest.raises(CaseRefusedError, match=f"уже заявлен в деле {again.number}"):
        annul_event(connection, returned, "не то дело")
    assert not state_of(connection, case).is_live


def test_nothing_is_registered_on_a_case_at_its_end(connection, flat):
    case = cancelled_order(connection, flat)
    with pytest.raises(CaseRefusedError, match="уже закончено"):
        register_event(connection, happened(case, "in_force", date(2025, 7, 2)))
    insert = text(
        "insert into ops.case_event (case_id, account_id, kind, happened_on) "
        "values (:case_id, :account_id, 'in_force', '2025-07-02')"
    )
    with pytest.raises(IntegrityError, match="закончено"):
        connection.execute(insert, {"case_id": case.case_id, "account_id": flat.account_id})


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (lambda case: issued(case), "ещё не подано"),
        (lambda case: happened(case, "cancelled", reason_code="objection"), "приказа или решения"),
        (lambda case: happened(case, "filed", date(2099, 1, 1)), "ещё не наступил"),
        (lambda case: happened(case, "dismissed", reason_code="not_proven"), "только с иском"),
    ],
)
def test_an_event_out_of_its_order_is_refused(connection, flat, event, says):
    case = open_case(connection, an_order(flat))
    with pytest.raises(CaseRefusedError, match=says):
        register_event(connection, event(case))


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (lambda case: happened(case, "returned"), "укажите причину"),
        (lambda case: happened(case, "returned", reason_code="objection"), "не подходит"),
        (lambda case: happened(case, "returned", reason_code="плохо"), "нет в справочнике"),
        (lambda case: issued(case, date(2025, 6, 1)), "раньше подачи"),
        (lambda case: issued(case, document_number=None), "номер приказа"),
        (lambda case: issued(case, principal_amount=Decimal("1000.51")), "больше, чем заявлено"),
        (lambda case: happened(case, "filed"), "уже подано"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(connection, flat, event, says):
    case = open_case(connection, an_order(flat))
    register_event(connection, happened(case, "filed"))
    with pytest.raises(CaseRefusedError, match=says):
        register_event(connection, event(case))


def test_an_order_that_was_issued_is_there_for_receipts_to_name(connection, flat):
    case = open_case(connection, an_order(flat, JANUARY, MARCH))
    register_events(connection, [happened(case, "filed"), issued(case)])
    document = connection.execute(
        text("select * from ops.execution_document where case_id = :case_id"),
        {"case_id": case.case_id},
    ).one()
    assert (document.kind, document.number) == ("court_order", "2-345/2025")
    assert (document.period_from, document.period_to) == (JANUARY, MARCH)


def test_months_are_not_added_to_a_case_that_was_filed(connection, flat):
    case = open_case(connection, an_order(flat))
    register_event(connection, happened(case, "filed"))
    insert = text(
        "insert into ops.claimed_month (account_id, case_id, liability, period, part, amount) "
        "values (:account_id, :case_id, 'housing', '2025-02-01', 'principal', 5)"
    )
    with pytest.raises(IntegrityError, match="уже подано"):
        connection.execute(insert, {"case_id": case.case_id, "account_id": flat.account_id})


def test_the_state_is_that_of_the_day_asked_about(connection, flat):
    case = cancelled_order(connection, flat)
    for day, state in [
        ("2025-06-05", "filed"),
        ("2025-06-20", "issued"),
        ("2025-07-01", "cancelled"),
    ]:
        connection.execute(text("select set_config('dolgomer.as_of', :day, true)"), {"day": day})
        assert state_of(connection, case).state == state


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_two_lawyers_at_once_cannot_claim_the_same_month(level: str) -> None:
    """Both look, neither sees a case, both write: one of them is refused."""
    with owner_engine().begin() as connection:
        flat = new_flat(connection)
    engine = owner_engine().execution_options(isolation_level=level)
    both_have_looked = threading.Barrier(2)
    outcomes: list[str] = []

    def claim(portion: int | None) -> None:
        try:
            with engine.begin() as connection:
                query = text("select count(*) from ops.claimed_month where account_id = :account")
                assert connection.scalar(query, {"account": flat.account_id}) == 0
                both_have_looked.wait()
                open_case(connection, an_order(flat, portion=portion))
            outcomes.append("done")
        except (CaseRefusedError, OperationalError):
            outcomes.append("refused")

    # One claims the whole month, the other a part of it: no key of theirs is equal.
    threads = [threading.Thread(target=claim, args=(portion,)) for portion in (None, flat.first)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["done", "refused"]


@pytest.fixture(scope="module")
def firms() -> dict[str, str]:
    """Sessions of people of a firm with a case, and of another firm."""
    with owner_engine().begin() as connection:
        flat = new_flat(connection)
        case = open_case(connection, an_order(flat))
        other = new_organisation(connection)
        tokens = {
            role: new_session(connection, new_user(connection, flat.organisation_id, role))
            for role in ("lawyer", "accountant")
        }
        tokens["stranger"] = new_session(connection, new_user(connection, other, "lawyer"))
    return tokens | {"case": case, "flat": flat}


def test_a_lawyer_leads_a_case_of_his_firm(firms):
    with screens_connection(firms["lawyer"]) as connection:
        opened = open_case(connection, an_order(firms["flat"], MARCH))
        register_event(connection, happened(opened, "filed"))
        signed = text("select registered_by from ops.case_event_visible where case_id = :case_id")
        assert set(connection.scalars(signed, {"case_id": opened.case_id})) == {"Пользователь"}


def test_an_accountant_sees_cases_and_registers_nothing(firms):
    case = firms["case"]
    with screens_connection(firms["accountant"]) as connection:
        assert case_states(connection, [case.case_id])
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        screens_connection(firms["accountant"]) as connection,
    ):
        register_event(connection, happened(case, "filed"))


def test_a_stranger_neither_sees_nor_adds(firms):
    case, flat = firms["case"], firms["flat"]
    with screens_connection(firms["stranger"]) as connection:
        assert case_states(connection, [case.case_id]) == {}
        with pytest.raises(CaseRefusedError, match="чужой"):
            open_case(connection, an_order(flat, FEBRUARY))
        with pytest.raises(CaseRefusedError, match="чужое"):
            register_event(connection, happened(case, "filed"))
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        screens_connection(firms["stranger"]) as connection,
    ):
        connection.execute(
            text(
                "insert into ops.case_event (case_id, account_id, kind, happened_on) "
                "values (:case_id, :account_id, 'withdrawn', '2025-06-02')"
            ),
            {"case_id": case.case_id, "account_id": flat.account_id},
        )


def test_a_representative_is_named_with_the_minor(connection, flat):
    debtor = NewDebtor(
        flat.first,
        liability_kind=DebtorLiability.REPRESENTATIVE,
        share_denominator=3,
        represented_person_id=flat.second,
    )
    sums = [NewClaimedMonth("housing", JANUARY, Decimal(5), portion_person_id=flat.second)]
    case = NewCase(flat.account_id, CaseKind.ORDER, [debtor], sums)
    open_case(connection, case)
    wrong = NewDebtor(flat.first, liability_kind=DebtorLiability.REPRESENTATIVE)
    with pytest.raises(CaseRefusedError, match="represents_somebody"):
        open_case(
            connection,
            NewCase(flat.account_id, CaseKind.ORDER, [wrong], an_order(flat, MARCH).months),
        )


def test_a_corrected_order_bears_its_new_number_and_keeps_the_old_one(connection, flat):
    case = open_case(connection, an_order(flat))
    register_event(connection, happened(case, "filed"))
    mistaken = register_event(connection, issued(case, document_number="2-543/2025"))
    annul_event(connection, mistaken, "Опечатка в номере")
    register_event(connection, issued(case, date(2025, 6, 10), document_number="2-345/2025"))
    asked = {"case_id": case.case_id}
    [now] = connection.execute(
        text("select * from ops.execution_document_current where case_id = :case_id"), asked
    ).all()
    assert (now.number, now.issued_on, now.is_corrected) == ("2-345/2025", date(2025, 6, 10), True)
    [before] = connection.execute(
        text("select * from ops.execution_document where case_id = :case_id"), asked
    ).all()
    assert (before.number, before.execution_document_id) == (
        "2-543/2025",
        now.execution_document_id,
    )


def test_a_right_order_is_not_corrected(connection, flat):
    case = open_case(connection, an_order(flat))
    register_events(connection, [happened(case, "filed"), issued(case)])
    assert connection.scalar(text("select count(*) from ops.execution_document_correction")) == 0


def test_a_claim_of_nothing_is_refused_in_plain_words(connection, flat):
    order = cancelled_order(connection, flat)
    nothing = [NewClaimedMonth("housing", JANUARY, Decimal("0.00"))]
    with pytest.raises(CaseRefusedError, match=r"за 01\.2025 в иске 0\.00 ₽"):
        continue_as_claim(connection, order.case_id, months=nothing)


def test_a_claim_may_ask_for_penalty_till_the_day_of_payment(connection, flat):
    penalty = NewClaimedMonth(
        "housing", JANUARY, Decimal(20), ClaimedPart.PENALTY, penalty_to=FILED
    )
    months = [*an_order(flat).months, penalty]
    order = cancelled_order(connection, flat, sums=months)
    claim = continue_as_claim(connection, order.case_id, months=months, penalty_until_paid=True)
    asks = text("select penalty_until_paid from ops.court_case where case_id = :case_id")
    assert connection.scalar(asks, {"case_id": claim.case_id})
    with pytest.raises(CaseRefusedError, match="нет"):
        open_case(
            connection,
            an_order(flat, FEBRUARY, kind=CaseKind.CLAIM, penalty_until_paid=True),
        )
