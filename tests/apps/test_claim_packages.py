"""A cancelled order goes on as a claim, and its whole package comes from the case itself."""

import hashlib
import threading
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import Engine, create_engine, pool, text

from apps import menu
from document_gen.penalty_calculation import calculation_from_rows, render
from document_gen.russian import amount
from operational_db.models.claims import CaseEventKind
from operational_db.services import debtor_card, penalty_papers
from operational_db.services.cases import (
    CaseRefusedError,
    NewEvent,
    continue_as_claim,
    register_event,
)
from operational_db.services.duties import pay_by_hand
from operational_db.services.filing.claim_packages import (
    ask_for_claim_package,
    changed_since_draft,
    claim_of_request,
)
from operational_db.services.filing.runs import PackagesRefusedError
from orchestration.defs.documents.packages import PackagesRun
from orchestration.lib.builds import run_build
from orchestration.lib.claim_runs import make_claim_package
from orchestration.lib.package_runs import make_packages
from tests.apps import town
from tests.apps.conftest import plain, prepared_town
from tests.apps.test_batches import TODAY, approved, as_user, mended, proposed, words_of
from tests.integration.orchestrating_steps import execute

NOT_AWARDED = Decimal(1000)
"""A month that the order left out of what was asked for."""


def with_a_cancelled_order(owner: Engine) -> None:
    """Иванов's order of a batch, issued for a month less than was asked and cancelled on his
    objections; nobody paid its duty.
    """
    mended(owner)
    make_packages(owner, approved(proposed()))
    with owner.begin() as connection:
        [case] = connection.execute(text("select case_id from ops.court_case")).all()
        sums = text(
            "select sum(amount) filter (where part = 'principal') as principal, "
            "sum(amount) filter (where part = 'penalty') as penalty from ops.claimed_month"
        )
        asked = connection.execute(sums).one()
        for kind, more in (
            (CaseEventKind.FILED, {}),
            (
                CaseEventKind.ISSUED,
                {
                    "document_number": "2-543/2026",
                    "principal_amount": asked.principal - NOT_AWARDED,
                    "penalty_amount": asked.penalty,
                },
            ),
            (CaseEventKind.CANCELLED, {"reason_code": "objection"}),
        ):
            register_event(connection, NewEvent(case.case_id, kind, TODAY, **more))


@pytest.fixture(scope="module")
def town_at_start(database_server, town_template) -> Iterator[str]:
    with prepared_town(database_server, town_template, with_a_cancelled_order) as name:
        yield name


@pytest.fixture
def owner(town_database) -> Engine:
    return create_engine(town_database.owner, poolclass=pool.NullPool)


@pytest.fixture
def order(owner) -> int:
    """The cancelled order."""
    with owner.connect() as connection:
        return connection.scalar(text("select case_id from ops.court_case"))


@pytest.fixture
def claim(owner, order) -> int:
    """The drafted claim that goes on from the cancelled order, whose duty was paid."""
    with owner.begin() as connection:
        duty = connection.scalar(text("select state_duty_id from ops.state_duty"))
        pay_by_hand(connection, duty, paid_on=TODAY, document="17")
    with as_user("lawyer") as connection:
        return continue_as_claim(connection, order).case_id


def made(owner, town_database, case_id: int) -> list:
    with as_user("lawyer") as connection:
        request = ask_for_claim_package(connection, case_id)
    make_claim_package(owner, request, bring_up_to_date=lambda: run_build(town_database.owner))
    with owner.begin() as connection:
        done = text("update ops.run_request set state = 'done' where run_request_id = :number")
        connection.execute(done, {"number": request})
        papers = text(
            "select d.kind, d.file_name, d.content from ops.package_document as p "
            "inner join ops.document as d on p.document_id = d.document_id "
            "where p.case_id = :case_id order by p.position"
        )
        return connection.execute(papers, {"case_id": case_id}).all()


def claimed(owner, case_id: int) -> tuple[Decimal, Decimal]:
    """Principal and penalty that a case asks for."""
    sums = text(
        "select sum(amount) filter (where part = 'principal') as principal, "
        "sum(amount) filter (where part = 'penalty') as penalty "
        "from ops.claimed_month where case_id = :case_id"
    )
    with owner.connect() as connection:
        return tuple(connection.execute(sums, {"case_id": case_id}).one())


def test_the_whole_package_of_a_claim_comes_from_its_case(owner, town_database, claim):
    papers = made(owner, town_database, claim)
    assert [paper.kind for paper in papers] == [
        "claim_statement",
        "debt_calculation",
        "penalty_calculation",
        "enclosure_list",
    ]
    statement, debt, penalty, enclosures = (plain(words_of(paper.content)) for paper in papers)
    assert "судебный приказ № 2-543/2026" in statement
    assert "Зачесть государственную пошлину" in statement
    assert "№ 17" in statement
    assert "Иванова Петра Сергеевича" in statement
    principal, asked_penalty = (plain(amount(x)) for x in claimed(owner, claim))
    assert principal in statement
    assert principal in debt
    assert asked_penalty in statement
    assert asked_penalty in penalty
    assert "По отменённому судебному приказу" not in penalty
    assert "отмене судебного приказа № 2-543/2026" in enclosures


def test_the_papers_of_a_claim_bear_the_address_of_the_organisation_and_list_the_claim_first(
    owner, town_database, claim
):
    _, _, penalty, enclosures = made(owner, town_database, claim)
    lines = [p.text for p in Document(BytesIO(penalty.content)).paragraphs]
    assert "г. Зеленоград, ул. Лесная, 1" in lines
    listed = next(
        table
        for table in Document(BytesIO(enclosures.content)).tables
        if table.rows[0].cells[1].text == "Наименование"
    )
    assert listed.rows[1].cells[1].text == "Исковое заявление"
    count = len(listed.rows) - 1
    assert f"Всего {count} наименован" in plain(words_of(enclosures.content))


def test_a_package_asked_for_again_is_the_same_and_is_not_doubled(owner, town_database, claim):
    first = made(owner, town_database, claim)
    again = made(owner, town_database, claim)
    assert [hashlib.sha256(p.content).hexdigest() for p in again] == [
        hashlib.sha256(p.content).hexdigest() for p in first
    ]


def test_the_duty_of_a_claim_is_counted_by_its_package_where_nobody_has(
    owner, town_database, order
):
    with as_user("lawyer") as connection:
        claim = continue_as_claim(connection, order)
    assert claim.duty_to_pay is None
    papers = made(owner, town_database, claim.case_id)
    with owner.connect() as connection:
        find = text("select amount from ops.state_duty where case_id = :case_id")
        duty = connection.scalar(find, {"case_id": claim.case_id})
    assert duty == Decimal(4000)
    assert "Государственная пошлина: 4 000,00 руб." in plain(words_of(papers[0].content))


def test_a_claim_whose_debt_was_paid_since_is_not_printed(owner, town_database, claim):
    with owner.begin() as connection:
        pay = (
            "insert into ops.payment (account_id, paid_on, amount, channel) "
            "values (101, :d, 1500, 'bank')"
        )
        connection.execute(text(pay), {"d": TODAY})
    with pytest.raises(PackagesRefusedError, match="долга осталось"):
        made(owner, town_database, claim)
    with owner.connect() as connection:
        kept = text("select count(*) from ops.package_document where case_id = :case_id")
        assert connection.scalar(kept, {"case_id": claim}) == 0


PENALTY_CAME = Decimal("5.03")


def received_under(change, order: int, sum_received: Decimal) -> None:
    change(
        "insert into ops.payment (account_id, paid_on, amount, channel, execution_document_id) "
        "select account_id, :day, :amount, 'bailiff', execution_document_id "
        "from ops.execution_document where case_id = :order",
        day=TODAY,
        amount=sum_received,
        order=order,
    )


def test_a_claim_asks_for_no_penalty_that_came_under_the_order_and_its_calculation_says_so(
    owner, town_database, order, change
):
    principal, calculated = claimed(owner, order)
    received_under(change, order, principal - NOT_AWARDED + PENALTY_CAME)
    with as_user("lawyer") as connection:
        claim = continue_as_claim(connection, order).case_id
    rest = calculated - PENALTY_CAME
    assert claimed(owner, claim) == (NOT_AWARDED, rest)
    told = {p.kind: plain(words_of(p.content)) for p in made(owner, town_database, claim)}
    whole, asked = plain(amount(calculated)), plain(amount(rest))
    assert asked in told["claim_statement"]
    assert whole not in told["claim_statement"]
    assert whole in told["penalty_calculation"]
    assert (
        "По отменённому судебному приказу в уплату этих пеней получено 5,03 руб.; "
        f"к взысканию заявлено {asked} руб."
    ) in told["penalty_calculation"]


def test_the_penalty_of_the_account_is_told_with_what_courts_have_brought_of_it(
    owner, order, change, open_as
):
    principal, _ = claimed(owner, order)
    received_under(change, order, principal - NOT_AWARDED + PENALTY_CAME)
    with as_user("lawyer") as connection:
        paper = penalty_papers.paper_of_account(connection, town.IVANOV)
    assert paper["total"]["repaid_penalty"] == PENALTY_CAME
    told = [p.text for p in Document(BytesIO(render(calculation_from_rows(**paper)))).paragraphs]
    said = "Из этих пеней по судебным актам уже получено 5,03"
    assert any(said in plain(line) for line in told)
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    assert any(said in plain(info.value) for info in app.info)


@pytest.mark.parametrize(("received", "more"), [("333.33", 0), ("1234.56", Decimal("0.01"))])
def test_a_claim_after_a_part_payment_under_the_order_bears_out_its_own_calculation(
    owner, town_database, order, change, received, more
):
    """A month paid in part is rounded twice: 1 234,56 ₽ leave a kopeck more than was asked for."""
    principal, calculated = claimed(owner, order)
    received_under(change, order, Decimal(received))
    with as_user("lawyer") as connection:
        claim = continue_as_claim(connection, order).case_id
    rest, penalty = claimed(owner, claim)
    assert (rest, penalty) == (principal - Decimal(received), calculated + more)
    told = {p.kind: plain(words_of(p.content)) for p in made(owner, town_database, claim)}
    assert plain(amount(penalty)) in told["claim_statement"]
    assert plain(amount(penalty)) in told["penalty_calculation"]


def test_a_claim_whose_penalty_came_under_the_order_since_it_was_drafted_is_not_printed(
    owner, town_database, order, change
):
    principal, _ = claimed(owner, order)
    received_under(change, order, principal - NOT_AWARDED)
    with as_user("lawyer") as connection:
        claim = continue_as_claim(connection, order).case_id
    received_under(change, order, PENALTY_CAME)
    with pytest.raises(PackagesRefusedError, match="по отменённому приказу получено 5,03"):
        made(owner, town_database, claim)
    kept = text("select count(*) from ops.package_document where case_id = :case_id")
    with owner.connect() as connection:
        assert connection.scalar(kept, {"case_id": claim}) == 0


def test_an_order_has_no_package_of_a_claim_and_neighbours_see_no_case(claim):
    with as_user("lawyer") as connection:
        order = connection.scalar(text("select case_id from ops.court_case where kind = 'order'"))
        with pytest.raises(CaseRefusedError, match="его пакет готовит партия"):
            ask_for_claim_package(connection, order)
    with as_user("neighbour") as connection, pytest.raises(CaseRefusedError, match="чужое"):
        ask_for_claim_package(connection, claim)


def test_a_request_of_another_organisation_prints_no_claim(owner, claim, change):
    change(
        "insert into ops.run_request (organisation_id, kind, parameters) "
        "values (:whose, 'court_packages', "
        "jsonb_build_object('case_id', cast(:case_id as bigint)))",
        whose=town.SOSNA,
        case_id=claim,
    )
    with owner.connect() as connection:
        number = connection.scalar(text("select max(run_request_id) from ops.run_request"))
    with pytest.raises(PackagesRefusedError, match="чужой"):
        make_claim_package(owner, number)


def test_the_run_that_makes_batches_makes_the_package_of_a_claim_and_says_so(ask, claim):
    with as_user("lawyer") as connection:
        request = ask_for_claim_package(connection, claim)
    ran = execute(
        "print_packages",
        ops={"documents__court_packages": PackagesRun(run_request_id=request)},
    )
    assert ran.success
    find = "select state, message from ops.run_request where run_request_id = :number"
    [told] = ask(find, number=request)
    assert told.state == "done"
    assert "пакет готов, документов: 4" in told.message
    kept = "select count(*) from ops.package_document where case_id = :case_id"
    assert ask(kept, case_id=claim) == [(4,)]


def test_a_failed_package_of_a_claim_is_not_taken_for_ready_when_its_run_is_repeated(
    ask, change, claim
):
    with as_user("lawyer") as connection:
        request = ask_for_claim_package(connection, claim)
    change(
        "update ops.run_request set state = 'failed', message = 'Долга стало меньше.' "
        "where run_request_id = :number",
        number=request,
    )
    ran = execute(
        "print_packages",
        ops={"documents__court_packages": PackagesRun(run_request_id=request)},
    )
    [check] = ran.get_asset_check_evaluations()
    assert not check.passed
    assert check.metadata["почему"].value == ["Долга стало меньше."]
    assert ask("select count(*) from ops.package_document where case_id = :id", id=claim) == [(0,)]


def test_two_clicks_at_once_order_one_package(ask, claim):
    numbers = []

    def click_as_well() -> None:
        with as_user("manager") as connection:
            numbers.append(ask_for_claim_package(connection, claim))

    with as_user("lawyer") as connection:
        numbers.append(ask_for_claim_package(connection, claim))
        other = threading.Thread(target=click_as_well)
        other.start()
        other.join(timeout=2)
        assert other.is_alive(), "the other waits for its turn"
    other.join(timeout=30)
    assert numbers == [numbers[0]] * 2
    asked = "select count(*) from ops.run_request where parameters ->> 'case_id' = :id"
    assert ask(asked, id=str(claim)) == [(1,)]


def test_two_runs_at_once_count_the_duty_of_a_claim_once(owner, order, ask):
    with as_user("lawyer") as connection:
        claim = continue_as_claim(connection, order).case_id
    add = text(
        "insert into ops.run_request (organisation_id, kind, parameters) values (:whose, "
        "'court_packages', jsonb_build_object('case_id', cast(:id as bigint))) "
        "returning run_request_id"
    )
    with owner.begin() as connection:
        first, second = (
            connection.scalar(add, {"whose": town.UYUT, "id": claim}) for _ in range(2)
        )
    told = []

    def run_as_well() -> None:
        with owner.begin() as connection:
            told.append(claim_of_request(connection, second).duty)

    with owner.begin() as connection:
        told.append(claim_of_request(connection, first).duty)
        other = threading.Thread(target=run_as_well)
        other.start()
        other.join(timeout=2)
        assert other.is_alive(), "the other waits for its turn"
    other.join(timeout=30)
    assert told == [Decimal(4000)] * 2
    assert ask("select count(*) from ops.state_duty where case_id = :id", id=claim) == [(1,)]


def test_a_parent_who_answers_for_himself_and_for_a_child_is_one_person(
    owner, town_database, change, claim
):
    change(
        "insert into ops.case_debtor (case_id, account_id, person_id, liability_kind, "
        "share_numerator, share_denominator, represented_person_id) "
        "select case_id, account_id, person_id, 'representative', share_numerator, "
        "share_denominator, cast(:child as bigint) from ops.case_debtor where case_id = :id",
        child=town.SIDOROV,
        id=claim,
    )
    run_build(town_database.owner)
    with as_user("lawyer") as connection:
        request = ask_for_claim_package(connection, claim)
    with owner.begin() as connection:
        assert changed_since_draft(connection, claim_of_request(connection, request)) is None


def test_a_lawyer_orders_the_package_on_the_screen(open_as, ask, claim):
    number = ask("select number from ops.court_case where case_id = :id", id=claim)[0][0]
    app = open_as("lawyer", menu.ANSWERS, words=number)
    app.button(key="claim_package").click().run()
    assert not app.exception
    [request] = ask(
        "select kind, state from ops.run_request where parameters ->> 'case_id' = :id",
        id=str(claim),
    )
    assert tuple(request) == ("court_packages", "queued")
    assert any("готовится" in info.value for info in app.info)


def test_a_paper_of_a_claim_is_given_with_its_purpose_and_noted(
    owner, town_database, claim, open_as, ask, files
):
    made(owner, town_database, claim)
    number = ask("select number from ops.court_case where case_id = :id", id=claim)[0][0]
    app = open_as("lawyer", menu.ANSWERS, words=number)
    app.selectbox(key="debtor_paper_purpose").select("Подача в суд").run()
    with as_user("lawyer") as connection:
        [first, *_] = debtor_card.papers(connection, [claim])
    assert files[-1]()[:2] == b"PK"
    noted = "select object_id, purpose from ops.audit_event where action = 'export'"
    assert ask(noted) == [(str(first["document_id"]), "Подача в суд")]
