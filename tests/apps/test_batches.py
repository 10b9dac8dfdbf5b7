"""Batches for the court: chosen, held against the rules, approved, made, and never made twice."""

import hashlib
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest
from docx import Document
from sqlalchemy import Engine, create_engine, pool, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from apps import menu
from apps.shared.filing_names import doubt
from document_gen.russian import amount
from operational_db import database
from operational_db.models.claims import CaseEventKind
from operational_db.services import limitation, run_queue
from operational_db.services.cases import NewEvent, register_event
from operational_db.services.filing import batches, proposals, results
from operational_db.services.filing.batches import BatchRefusedError
from operational_db.services.filing.proposals import Proposal, Selection
from operational_db.services.sign_in import sign_in
from orchestration.lib import package_runs, side_work
from orchestration.lib.builds import run_build
from orchestration.lib.package_runs import make_packages
from tests import conftest as servers
from tests.apps import town
from tests.apps.conftest import plain

COURT = "77MS0001"
DEBTORS = Selection(town.UYUT, debt_from=Decimal(5000), months_from=3)
TODAY = town.CALENDAR.today
MEND = (
    """
    update ops.organisation set ogrn = '1027700000016', address = 'г. Зеленоград, ул. Лесная, 1',
        head_position = 'Генеральный директор', head_name = 'Уютов Иван Иванович'
    where organisation_id = 2
    """,
    f"""
    insert into ops.court (court_code, kind, name, region_code, address) values ('{COURT}', 'MS',
        'Судебный участок № 1 мирового судьи Зеленоградского судебного района города Москвы',
        '77', '124000, г. Зеленоград, ул. Судебная, д. 1')
    """,
    f"""
    insert into ops.house_court_decision (house_id, court_kind, court_code, basis)
    values (2, 'MS', '{COURT}', 'письмо участка')
    """,
    "update ops.person set birth_date = '1980-05-01', birth_place = 'г. Тула', sex = 'male'",
    """
    insert into ops.person_identifier (person_id, kind, number) values (101, 'snils',
        '112-233-445 95')
    """,
)


def mended(engine: Engine) -> None:
    """Give Иванов's case all that a court asks for."""
    with engine.begin() as connection:
        for statement in MEND:
            connection.execute(text(statement))


@pytest.fixture
def owner(town_database) -> Engine:
    engine = create_engine(town_database.owner, poolclass=pool.NullPool)
    mended(engine)
    return engine


def as_user(login: str):
    return database.screens_connection(sign_in(login, town.PASSWORD))


def proposed(selection: Selection = DEBTORS, **choices) -> int:
    asked = {"title": "Осень", "sent_on": TODAY} | choices
    with as_user("lawyer") as connection:
        return proposals.propose(connection, selection, Proposal(**asked), doubtful_name=doubt)


def of_ivanov(connection, number: int) -> dict:
    items = batches.batch_items(connection, number, limit=None)
    return next(item for item in items if item["account_id"] == town.IVANOV)


def rules_of(owner: Engine, number: int, account_id: int) -> set[str]:
    with owner.connect() as connection:
        found = connection.scalars(
            text(
                """
                select f.rule_code from ops.filing_finding as f
                inner join ops.filing_item as i
                    on f.batch_id = i.batch_id and f.item_number = i.item_number
                where f.batch_id = :number and i.account_id = :account_id
                """
            ),
            {"number": number, "account_id": account_id},
        )
        return set(found)


def approved(number: int) -> int:
    with as_user("lawyer") as connection:
        return batches.approve(connection, number)


@pytest.mark.usefixtures("owner")
def test_a_batch_takes_months_that_are_due_and_counts_the_duty():
    number = proposed()
    with as_user("lawyer") as connection:
        ivanov = of_ivanov(connection, number)
        found = batches.batch(connection, number)
    # Twelve months were charged; one is paid, and the last may not be due yet.
    assert ivanov["principal_amount"] in (Decimal(10000), Decimal(11000))
    assert ivanov["duty_amount"] == Decimal(2000)
    assert ivanov["court_code"] == COURT
    assert not ivanov["is_stopped"]
    assert found.items == 1 + town.FILLERS
    assert (found.to_file, found.stopped) == (1, town.FILLERS)


def test_a_house_without_an_owner_and_a_section_is_stopped(owner):
    number = proposed()
    assert {"owner", "section"} <= rules_of(owner, number, town.FIRST_FILLER)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("delete from ops.person_identifier", "identifier"),
        ("update ops.person set birth_date = null", "birth"),
        ("update ops.organisation set ogrn = null", "requisites"),
        ("update ops.person set birth_date = current_date - 3000", "representative"),
        ("update ops.person set last_name = 'Волчок'", "name_cases"),
    ],
)
def test_what_a_court_returns_for_is_found_before_it_goes_there(owner, statement, rule):
    with owner.begin() as connection:
        connection.execute(text("alter table ops.person_identifier disable trigger user"))
        connection.execute(text(statement))
    # Who is asked is told by the last build; past the screens nobody notes whom a person concerns.
    run_build(owner.url.render_as_string(hide_password=False), full=rule == "representative")
    assert rule in rules_of(owner, proposed(), town.IVANOV)


@pytest.mark.parametrize("is_verified", [True, False])
def test_a_penalty_by_a_rate_that_nobody_has_verified_is_told(owner, is_verified):
    with owner.begin() as connection:
        connection.execute(
            text("update intermediate.int_penalty_rates set is_verified = :is_verified"),
            {"is_verified": is_verified},
        )
    found = rules_of(owner, proposed(), town.IVANOV)
    assert ("penalty_unverified" in found) is not is_verified


@pytest.mark.usefixtures("owner")
def test_a_debtor_who_waits_in_one_batch_is_not_taken_into_another():
    number = proposed()
    with as_user("lawyer") as connection:
        assert proposals.preview(connection, DEBTORS).applications == 0
        batches.cancel(connection, number, "ошибка в отборе")
        assert proposals.preview(connection, DEBTORS).applications == 1 + town.FILLERS


@pytest.mark.usefixtures("owner")
def test_nothing_is_approved_where_every_application_is_stopped():
    number = proposed(Selection(town.UYUT, debt_from=Decimal(5000), house_id=10))
    with as_user("lawyer") as connection, pytest.raises(BatchRefusedError, match="нечего"):
        batches.approve(connection, number)


def test_of_two_who_approve_and_cancel_at_once_one_decides(owner):
    number = proposed()
    approved(number)
    late = text(
        "insert into ops.filing_step (batch_id, kind, comment) "
        "values (:number, 'cancelled', 'ошибка')"
    )
    with owner.connect() as connection, pytest.raises(IntegrityError, match="decided"):
        connection.execute(late, {"number": number})
    with as_user("lawyer") as connection, pytest.raises(BatchRefusedError, match="изменить её"):
        batches.cancel(connection, number, "ошибка")


def test_sections_of_two_districts_with_one_name_have_a_print_file_each(owner):
    number = proposed()
    make_packages(owner, approved(number))
    [pile] = [path for path in results.files_of(number) if path.suffix == ".docx"]
    assert pile.stem.endswith(COURT)


def test_an_approved_batch_is_made_once_and_its_months_are_claimed(owner):
    number = proposed()
    request = approved(number)
    outcome = make_packages(owner, request)
    assert (outcome.filed, outcome.refused) == (1, 0)
    with owner.connect() as connection:
        claimed = connection.execute(
            text(
                """
                select sum(amount) filter (where part = 'principal') as principal,
                    sum(amount) filter (where part = 'penalty') as penalty
                from ops.claimed_month where account_id = 101
                """
            )
        ).one()
        duty = connection.scalar(text("select amount from ops.state_duty where account_id = 101"))
    with as_user("lawyer") as connection:
        ivanov = of_ivanov(connection, number)
    assert claimed.principal == ivanov["principal_amount"]
    assert (claimed.penalty or 0) == ivanov["penalty_amount"]
    assert duty == ivanov["duty_amount"]
    assert make_packages(owner, request).filed == 1
    with owner.connect() as connection:
        assert connection.scalar(text("select count(*) from ops.court_case")) == 1


def test_the_papers_agree_with_the_batch_to_the_kopeck(owner):
    number = proposed()
    make_packages(owner, approved(number))
    with as_user("lawyer") as connection:
        ivanov = of_ivanov(connection, number)
    with owner.connect() as connection:
        papers = list(results.papers(connection, number))
    assert [paper.kind for paper in papers] == [
        "order_application",
        "debt_calculation",
        "penalty_calculation",
        "draft_order",
        "enclosure_list",
    ]
    told = plain(words_of(papers[0].content))
    assert "Иванова Петра Сергеевича" in told
    # Nobody else answers for his flat, so the debt of both calculations is that of the application.
    calculated = plain(words_of(papers[2].content))
    assert plain(amount(ivanov["principal_amount"])) in calculated
    assert plain(amount(ivanov["penalty_amount"])) in calculated
    assert "Из них к взысканию" not in calculated
    assert plain(f"{ivanov['principal_amount']:,}").replace(",", " ").replace(".", ",") in told
    archive = results.folder_of(number) / results.ARCHIVE
    with ZipFile(archive) as packed:
        manifest = packed.read("manifest.csv").decode("utf-8-sig")
    for paper in papers:
        assert hashlib.sha256(paper.content).hexdigest() in manifest
    pile = [path for path in results.files_of(number) if path.suffix == ".docx"]
    assert len(pile) == 1
    assert "Иванов" in words_of(pile[0].read_bytes())


def test_papers_put_together_again_are_the_same_files(owner):
    number = proposed()
    request = approved(number)
    made = []
    for _ in range(2):
        make_packages(owner, request)
        made.append({path.name: path.read_bytes() for path in results.files_of(number)})
    assert len(made[0]) == 2
    assert made[0] == made[1]


def words_of(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_a_payment_after_the_approval_keeps_the_application_at_home(owner, town_database):
    number = proposed()
    request = approved(number)
    with owner.begin() as connection:
        connection.execute(
            text(
                "insert into ops.payment (account_id, paid_on, amount, channel) "
                "values (101, current_date, 1500, 'bank')"
            )
        )
    outcome = make_packages(
        owner, request, bring_up_to_date=lambda: run_build(town_database.owner) and None
    )
    assert (outcome.filed, outcome.refused) == (0, 1)
    assert "долг изменился" in outcome.reasons[0]
    with owner.connect() as connection:
        assert connection.scalar(text("select count(*) from ops.court_case")) == 0


def paid_late(owner: Engine, url: str, *, months: int) -> None:
    """Ivanov pays his oldest open months today, long after they were due."""
    with owner.begin() as connection:
        connection.execute(
            text(
                """
                insert into ops.payment (account_id, paid_on, amount, channel, named_period)
                select 101, current_date, sum(d.interval_amount), 'bank', d.period
                from marts.debt_intervals as d
                where d.account_id = 101 and d.closed_date is null and d.interval_kind = 'debt'
                    and d.due_date < current_date
                group by d.period
                order by d.period
                limit :months
                """
            ),
            {"months": months},
        )
    run_build(url)


def test_penalty_of_a_month_paid_late_goes_to_court_beside_the_debt(owner, town_database):
    paid_late(owner, town_database.owner, months=2)
    number = proposed()
    make_packages(owner, approved(number))
    with owner.connect() as connection:
        penalty, principal = (
            set(
                connection.scalars(
                    text(
                        "select period from ops.claimed_month "
                        "where account_id = 101 and part = :part"
                    ),
                    {"part": part},
                )
            )
            for part in ("penalty", "principal")
        )
        papers = list(results.papers(connection, number))
    assert len(penalty - principal) == 2
    with as_user("lawyer") as connection:
        ivanov = of_ivanov(connection, number)
    assert plain(amount(ivanov["penalty_amount"])) in plain(words_of(papers[2].content))
    # Without the earlier months there is less to ask for.
    assert ivanov["period_from"] == min(principal)


def test_who_paid_all_his_debt_late_is_asked_for_the_penalty_alone(owner, town_database):
    paid_late(owner, town_database.owner, months=100)
    number = proposed(Selection(town.UYUT, penalty_from=Decimal(1), account_ids=(town.IVANOV,)))
    outcome = make_packages(owner, approved(number))
    assert (outcome.filed, outcome.refused) == (1, 0)
    with as_user("lawyer") as connection:
        ivanov = of_ivanov(connection, number)
    assert ivanov["principal_amount"] == 0 < ivanov["penalty_amount"]
    with owner.connect() as connection:
        papers = {
            paper.kind: words_of(paper.content) for paper in results.papers(connection, number)
        }
        claimed = connection.execute(
            text("select part, sum(amount) from ops.claimed_month group by part")
        ).all()
    assert claimed == [("penalty", ivanov["penalty_amount"])]
    assert "debt_calculation" not in papers
    assert "только о пенях" in papers["order_application"]
    assert "о взыскании пеней" in papers["draft_order"]
    assert "задолженность за период" not in papers["order_application"]
    # The same days are in no second batch.
    run_build(town_database.owner)
    with pytest.raises(BatchRefusedError, match="нет ни долга, ни пени"):
        proposed(Selection(town.UYUT, penalty_from=Decimal(1), account_ids=(town.IVANOV,)))


@pytest.mark.usefixtures("owner")
def test_a_choice_by_penalty_and_a_batch_without_penalty_are_refused_together():
    with pytest.raises(BatchRefusedError, match="включите пени"):
        proposed(Selection(town.UYUT, penalty_from=Decimal(1)), with_penalty=False)


def test_months_that_pass_the_limitation_before_the_day_of_sending_are_warned_of(owner):
    soon = proposed()
    assert "limitation_on_sending" not in rules_of(owner, soon, town.IVANOV)
    with as_user("lawyer") as connection:
        batches.cancel(connection, soon, "позже")
    late = proposed(sent_on=TODAY + timedelta(days=3 * 365))
    assert "limitation_on_sending" in rules_of(owner, late, town.IVANOV)


def test_a_filing_after_the_limitation_tells_which_months_were_lost(owner):
    number = proposed()
    make_packages(owner, approved(number))
    with owner.connect() as connection:
        case_id = connection.scalar(text("select case_id from ops.court_case"))
        assert limitation.passed_before(connection, [case_id], TODAY) == []
        [late] = limitation.passed_before(connection, [case_id], TODAY + timedelta(days=3 * 365))
    assert late["months"] >= 1
    assert late["last_day"] < TODAY + timedelta(days=3 * 365)


def test_the_draft_order_names_the_terms_that_stand_in_the_table(owner):
    with owner.begin() as connection:
        connection.execute(
            text(
                "update reference.legal_term set value = 12 "
                "where code = 'court_order_objection_term' and valid_to is null"
            )
        )
    number = proposed()
    make_packages(owner, approved(number))
    with owner.connect() as connection:
        [order] = [p for p in results.papers(connection, number) if p.kind == "draft_order"]
    told = plain(words_of(order.content))
    assert "в течение 12 рабочих дней со дня получения" in told
    assert "Срок предъявления к исполнению – 3 года" in told


def test_what_was_written_off_is_no_payment_in_the_calculation(owner, town_database):
    with owner.begin() as connection:
        connection.execute(
            text(
                """
                insert into ops.write_off (account_id, written_off_on, amount, periods, reason)
                select 101, current_date, 123.45, array[max(d.period)], 'решение'
                from marts.debt_intervals as d
                where d.account_id = 101 and d.closed_date is null and d.interval_kind = 'debt'
                    and d.due_date < current_date - 40
                """
            )
        )
    run_build(town_database.owner)
    number = proposed()
    outcome = make_packages(owner, approved(number))
    assert outcome.reasons == ()
    with owner.connect() as connection:
        [paper] = [p for p in results.papers(connection, number) if p.kind == "debt_calculation"]
    tables = [
        [[cell.text for cell in row.cells] for row in table.rows]
        for table in Document(BytesIO(paper.content)).tables
    ]
    [rows] = [rows for rows in tables if "Списано" in rows[0]]
    head = rows[0]
    place = head.index("Списано")
    assert plain(rows[-1][place]) == "123,45"
    assert plain(rows[-1][place - 1]) == "0,00"


def test_penalty_of_a_batch_ends_on_the_day_of_the_build_that_it_rests_on(owner):
    with owner.begin() as connection:
        connection.execute(text("update warehouse.build set as_of = current_date - 20"))
    number = proposed()
    with owner.begin() as connection:
        row = connection.execute(
            text(
                "select b.calculated_on, i.penalty_amount from ops.filing_batch as b "
                "inner join ops.filing_item as i on b.batch_id = i.batch_id "
                "where b.batch_id = :number and i.account_id = 101"
            ),
            {"number": number},
        ).one()
        database.travel_in_time(connection, as_of=row.calculated_on)
        by_lines = connection.scalar(
            text(
                "select sum(l.penalty_amount) from intermediate.int_penalty_lines_built as l "
                "where l.account_id = 101 and exists (select 1 from ops.filing_month as m "
                "inner join ops.filing_item as i using (batch_id, item_number) "
                "where m.batch_id = :number and i.account_id = 101 and m.period = l.period "
                "and m.due_date = l.due_date and m.liability = l.liability)"
            ),
            {"number": number},
        )
    assert row.calculated_on == TODAY - timedelta(days=20)
    assert row.penalty_amount == by_lines > 0


def test_a_month_of_a_cancelled_order_goes_on_as_a_claim_and_not_in_a_batch(owner, town_database):
    number = proposed()
    make_packages(owner, approved(number))
    with owner.begin() as connection:
        case_id = connection.scalar(text("select case_id from ops.court_case"))
        for kind, more in (
            (CaseEventKind.FILED, {}),
            (CaseEventKind.ISSUED, {"document_number": "2-1", "principal_amount": Decimal(1)}),
            (CaseEventKind.CANCELLED, {"reason_code": "objection"}),
        ):
            register_event(connection, NewEvent(case_id, kind, TODAY, **more))
    run_build(town_database.owner)
    with as_user("lawyer") as connection:
        marked = Selection(town.UYUT, account_ids=(town.IVANOV,))
        assert proposals.preview(connection, marked).principal == 0


def test_a_penalty_that_moved_after_the_approval_keeps_the_application_at_home(owner):
    number = proposed()
    request = approved(number)
    with owner.begin() as connection:
        connection.execute(text("alter table ops.filing_item disable trigger user"))
        connection.execute(text("alter table ops.filing_month disable trigger user"))
        # The same kopeck off the application and off one of its months.
        connection.execute(
            text(
                "update ops.filing_item set penalty_amount = penalty_amount - 0.01 "
                "where account_id = 101"
            )
        )
        connection.execute(
            text(
                "update ops.filing_month as m set penalty_amount = m.penalty_amount - 0.01 "
                "where (m.item_number, m.period) = (select n.item_number, min(n.period) "
                "from ops.filing_month as n inner join ops.filing_item as i "
                "using (batch_id, item_number) where i.account_id = 101 group by 1)"
            )
        )
    outcome = make_packages(owner, request)
    assert (outcome.filed, outcome.refused) == (0, 1)
    assert "изменились пени" in outcome.reasons[0]


def test_an_owner_of_a_half_is_told_his_half_in_the_calculation_of_penalty(owner, town_database):
    with owner.begin() as connection:
        connection.execute(text("alter table ops.ownership disable trigger user"))
        connection.execute(
            text(
                "update ops.ownership set right_kind = 'shared_ownership', share_numerator = 1, "
                "share_denominator = 2 where premises_id = 101"
            )
        )
        connection.execute(text("alter table ops.ownership enable trigger user"))
        connection.execute(
            text(
                "insert into ops.ownership (premises_id, right_kind, person_id, valid_from, "
                "share_numerator, share_denominator, source) "
                "values (101, 'shared_ownership', 102, '2015-01-01', 1, 2, 'выписка из ЕГРН')"
            )
        )
    run_build(town_database.owner)
    number = proposed()
    with as_user("lawyer") as connection:
        items = batches.batch_items(connection, number, limit=None)
        half = next(
            item for item in items if item["account_id"] == town.IVANOV and not item["is_stopped"]
        )
    make_packages(owner, approved(number))
    with owner.connect() as connection:
        [paper] = [
            paper
            for paper in results.papers(connection, number)
            if paper.kind == "penalty_calculation"
        ]
    told = plain(words_of(paper.content))
    assert "Из них к взысканию с должника: пени" in told
    assert f"{half['penalty_amount']:.2f}".replace(".", ",") in told


def of_account(owner: Engine, number: int, account_id: int) -> list:
    told = text(
        "select i.item_number, i.debtors, i.family_ids, i.principal_amount, i.penalty_amount, "
        "i.duty_amount, i.period_from, i.period_to from ops.filing_item as i "
        "where i.batch_id = :number and i.account_id = :account order by i.period_from"
    )
    with owner.connect() as connection:
        return connection.execute(told, {"number": number, "account": account_id}).all()


def test_months_of_childhood_and_those_after_are_two_applications(owner, town_database):
    came_of_age = (TODAY.replace(day=1) - timedelta(days=150)).replace(day=15)
    born = came_of_age.replace(year=came_of_age.year - 18)
    with owner.begin() as connection:
        connection.execute(
            text("update ops.person set birth_date = :born where person_id = 101"), {"born": born}
        )
        connection.execute(
            text(
                "insert into ops.representative (person_id, representative_id, valid_from, basis) "
                "values (101, 102, :born, 'мать')"
            ),
            {"born": born},
        )
        connection.execute(
            text(
                "insert into ops.person_identifier (person_id, kind, number) "
                "values (102, 'snils', '112-233-445 96')"
            )
        )
    run_build(town_database.owner, full=True)
    number = proposed()
    before, after = of_account(owner, number, town.IVANOV)
    assert before.debtors == [{"person_id": 102, "kind": "representative", "ward_id": 101}]
    assert after.debtors is None
    assert before.period_to < came_of_age.replace(day=1) <= after.period_from
    assert make_packages(owner, approved(number)).filed == 2
    with owner.connect() as connection:
        debtors = connection.execute(
            text(
                "select d.person_id, d.liability_kind, d.represented_person_id "
                "from ops.case_debtor as d order by d.person_id"
            )
        ).all()
        papers = [
            plain(words_of(paper.content))
            for paper in results.papers(connection, number)
            if paper.kind == "order_application"
        ]
    assert debtors == [(101, "share", None), (102, "representative", 101)]
    of_childhood = [f"который до {came_of_age:%d.%m.%Y} был несовершеннолетним" in it
                    for it in papers]  # fmt: skip
    assert sorted(of_childhood) == [False, True]
    [later] = [it for it, is_so in zip(papers, of_childhood, strict=True) if not is_so]
    assert "несовершеннолетн" not in later


def test_family_that_lives_with_the_owner_is_asked_for_utilities_in_his_application(
    owner, town_database
):
    with owner.begin() as connection:
        for statement in (
            "insert into ops.residency (account_id, person_id, valid_from, relation) "
            "values (101, 101, '2015-01-01', 'собственник'), (101, 102, '2015-01-01', 'супруга')",
            "insert into ops.person_identifier (person_id, kind, number) "
            "values (102, 'snils', '112-233-445 96')",
            "insert into ops.charge (account_id, period, service_id, kind, amount, booked_on) "
            "select account_id, period, 3, kind, 1200.01, booked_on from ops.charge "
            "where account_id = 101 and service_id = 1 and period < current_date - 150",
        ):
            connection.execute(text(statement))
    run_build(town_database.owner, full=True)
    number = proposed()
    # Months of maintenance alone, for which she does not answer, are in the same application.
    [item] = of_account(owner, number, town.IVANOV)
    assert (item.debtors, item.family_ids) == (None, [102])
    assert make_packages(owner, approved(number)).filed == 1
    with owner.connect() as connection:
        kinds = connection.execute(
            text("select person_id, liability_kind from ops.case_debtor order by person_id")
        ).all()
        utilities = connection.scalar(
            text(
                "select sum(s.kopecks) / 100.0 from marts.debt_intervals as d "
                "cross join lateral unnest(d.service_ids, d.service_kopecks) "
                "as s (service_id, kopecks) "
                "inner join ops.filing_month as m on d.period = m.period "
                "where d.account_id = 101 and d.closed_date is null and s.service_id = 3 "
                "and m.batch_id = :number and m.family_ids is not null "
                "and m.item_number = :item"
            ),
            {"number": number, "item": item.item_number},
        )
        papers = {paper.kind: paper.content for paper in results.papers(connection, number)}
    assert kinds == [(101, "share"), (102, "joint")]
    told = plain(words_of(papers["order_application"]))
    assert "за коммунальные услуги солидарно с" in told
    assert plain(amount(utilities)) in told[told.index("за коммунальные услуги") :]
    assert plain(amount(item.principal_amount - utilities)) in told[told.index("остальной долг") :]
    order = plain(words_of(papers["draft_order"]))
    assert "за коммунальные услуги солидарно с должников:" in order


def test_a_lawyer_names_nobody_whom_he_does_not_see(owner):
    proposed_by = text(
        "insert into ops.filing_item (batch_id, item_number, account_id, holder_kind, "
        "holder_person_id, debtors, principal_amount, penalty_amount, duty_amount) "
        "values (:number, 900, 101, 'owner', 101, "
        "jsonb_build_array(jsonb_build_object('person_id', cast(:person as bigint))), 1, 0, 0)"
    )
    number = proposed()
    with owner.connect() as connection:
        foreign = connection.scalar(
            text("select person_id from ops.person where organisation_id <> 2 limit 1")
        )
    for person, is_refused in ((102, False), (foreign, True)):
        with as_user("lawyer") as connection:
            values = {"number": number, "person": person}
            if is_refused:
                with pytest.raises(DBAPIError, match="row-level security"):
                    connection.execute(proposed_by, values)
            else:
                connection.execute(proposed_by, values)
                connection.rollback()


def test_a_killed_run_goes_on_and_makes_the_same_bytes(database_server, town_template, monkeypatch):
    whole = _papers_of_a_run(database_server, town_template, monkeypatch, kill_after=None)
    resumed = _papers_of_a_run(database_server, town_template, monkeypatch, kill_after=1)
    assert len(whole) == 10
    assert resumed == whole


def test_papers_made_by_several_processes_are_those_of_one(
    database_server, town_template, monkeypatch
):
    of_one = _papers_of_a_run(database_server, town_template, monkeypatch, kill_after=None)
    monkeypatch.setattr(package_runs, "LARGE", 1)
    monkeypatch.setattr(side_work, "_cores", lambda: 2)
    # A screen that was tried before is left behind as the main module, and others would run it.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    of_two = _papers_of_a_run(database_server, town_template, monkeypatch, kill_after=1)
    assert len(of_one) == 10
    assert of_two == of_one


class Killed(BaseException):
    """Power went."""


def _papers_of_a_run(database_server, town_template, monkeypatch, *, kill_after):
    with servers._copied_database(database_server, town_template) as urls:
        owner = create_engine(urls.owner, poolclass=pool.NullPool)
        mended(owner)
        with owner.begin() as connection:
            # A second debtor, so that there is something after the kill.
            connection.execute(
                text(
                    "insert into ops.charge (account_id, period, service_id, kind, amount, "
                    "booked_on) select 102, period, service_id, kind, 900, booked_on "
                    "from ops.charge where account_id = 101"
                )
            )
            connection.execute(
                text(
                    "insert into ops.person_identifier (person_id, kind, number) "
                    "values (102, 'snils', '112-233-445 95')"
                )
            )
        run_build(urls.owner)
        number = proposed()
        request = approved(number)
        with owner.begin() as connection:
            connection.execute(text("alter table ops.filing_step disable trigger user"))
            connection.execute(
                text("update ops.filing_step set recorded_at = :moment"),
                {"moment": datetime(2026, 11, 21, 9, tzinfo=UTC)},
            )
        monkeypatch.setattr(package_runs, "CHUNK", 1)
        if kill_after is not None:
            with pytest.raises(Killed):
                make_packages(owner, request, on_progress=_killing(kill_after))
            with owner.connect() as connection:
                assert results.outcome(connection, number).filed == kill_after
        make_packages(owner, request)
        with owner.connect() as connection:
            papers = list(results.papers(connection, number))
        return [(paper.file_name, hashlib.sha256(paper.content).hexdigest()) for paper in papers]


def _killing(after: int) -> Callable[[int, int], None]:
    def kill(done: int, _total: int) -> None:
        if done == after:
            raise Killed

    return kill


@pytest.mark.usefixtures("owner")
def test_another_organisation_sees_no_batch_and_adds_none():
    number = proposed()
    with as_user("neighbour") as connection:
        assert batches.recent_batches(connection) == []
        assert connection.scalar(text("select count(*) from ops.filing_item")) == 0
    with as_user("neighbour") as connection, pytest.raises(DBAPIError):
        connection.execute(
            text(
                "insert into ops.filing_step (batch_id, kind, user_id) "
                "values (:number, 'approved', ops.session_user_id())"
            ),
            {"number": number},
        )


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("login", ["operator", "accountant", "administrator", "official"])
def test_only_lawyers_and_managers_propose(login):
    with as_user(login) as connection, pytest.raises(DBAPIError):
        connection.execute(
            text(
                "insert into ops.filing_batch (organisation_id, title, calculated_on, sent_on, "
                "with_penalty, selection, attachments, user_id) values (2, 'x', current_date, "
                "current_date, true, '{}', '{application}', ops.session_user_id())"
            )
        )


@pytest.mark.usefixtures("owner")
def test_an_approved_batch_takes_no_more_applications():
    number = proposed()
    approved(number)
    with as_user("lawyer") as connection, pytest.raises(DBAPIError):
        connection.execute(
            text(
                "insert into ops.filing_item (batch_id, item_number, account_id, holder_kind, "
                "principal_amount, penalty_amount, duty_amount) "
                "values (:number, 999, 103, 'owner', 1, 0, 1)"
            ),
            {"number": number},
        )
    with as_user("lawyer") as connection, pytest.raises(BatchRefusedError, match="изменить"):
        batches.leave_out(connection, number, [1], "поздно")


@pytest.mark.usefixtures("owner")
def test_every_line_of_a_batch_tells_what_it_may_bring():
    number = proposed()
    with as_user("lawyer") as connection:
        ivanov = of_ivanov(connection, number)
    # 45 % of the debt is recovered; a package costs 395 ₽.
    net = Decimal("0.45") * ivanov["principal_amount"] - ivanov["duty_amount"] - 395
    assert ivanov["expected_net"] == net


@pytest.mark.usefixtures("owner")
def test_a_lawyer_proposes_thins_out_and_approves_on_the_screen(open_as, ask):
    app = open_as("lawyer", menu.BATCHES)
    app.button(key="batch_propose").click().run()
    assert not app.exception
    number = ask("select max(batch_id) from ops.filing_batch")[0][0]
    told = {metric.label: metric.value for metric in app.metric}
    assert told["К подаче"] == "1"
    app.button(key="batch_approve").click().run()
    app.button(key="batch_approve_yes").click().run()
    assert not app.exception
    steps = ask("select kind, run_request_id from ops.filing_step where batch_id = :n", n=number)
    assert [step.kind for step in steps] == ["approved"]
    kinds = ask("select kind from ops.run_request where run_request_id = :n", n=steps[0][1])
    assert kinds[0][0] == "court_packages"


def fail_run(change, request: int) -> None:
    change(
        "update ops.run_request set state = 'failed', message = 'Кончилось место на диске.', "
        "finished_at = now() where run_request_id = :request",
        request=request,
    )


def test_a_batch_whose_run_failed_is_continued_from_the_screen(owner, open_as, ask, change):
    number = proposed()
    request = approved(number)
    fail_run(change, request)
    app = open_as("lawyer", menu.BATCHES, batch=str(number))
    assert any("Кончилось место" in error.value for error in app.error)
    app.button(key="batch_go_on").click().run()
    assert not app.exception
    state = "select state, message, finished_at from ops.run_request where run_request_id = :n"
    assert ask(state, n=request) == [("queued", None, None)]
    noted = "select object_id from ops.audit_event where action = 'continue'"
    assert ask(noted) == [(str(number),)]
    with owner.connect() as connection:
        [waiting] = [w for w in run_queue.waiting(connection) if w.run_request_id == request]
    assert waiting.times_continued == 1
    make_packages(owner, request)
    with as_user("lawyer") as connection:
        assert batches.batch(connection, number).state == "printed"


@pytest.mark.usefixtures("owner")
def test_only_a_failed_run_is_continued_and_only_by_who_approves_in_its_organisation(ask, change):
    number = proposed()
    request = approved(number)
    with as_user("lawyer") as connection, pytest.raises(BatchRefusedError, match="нечего"):
        batches.go_on(connection, number)
    fail_run(change, request)
    for login in ("accountant", "neighbour"):
        with (
            as_user(login) as connection,
            pytest.raises((BatchRefusedError, PermissionError)),
        ):
            batches.go_on(connection, number)
        with as_user(login) as connection:
            by_hand = text("select ops.continue_packages(:number)")
            assert connection.scalar(by_hand, {"number": number}) is False
    assert ask("select state from ops.run_request where run_request_id = :n", n=request) == [
        ("failed",)
    ]


def test_a_file_that_is_gone_is_answered_in_words_and_not_noted_as_given(
    owner, open_as, ask, files, monkeypatch
):
    number = proposed()
    make_packages(owner, approved(number))
    with owner.begin() as connection:
        connection.execute(text("update ops.run_request set state = 'done', finished_at = now()"))
    app = open_as("lawyer", menu.BATCHES, batch=str(number))
    app.selectbox(key="batch_purpose").set_value("Подача в суд").run()

    def is_gone(path: Path) -> bytes:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_bytes", is_gone)
    with ZipFile(BytesIO(files[-1]())) as archive:
        [name] = archive.namelist()
        told = archive.read(name).decode("utf-8-sig")
    assert name == "Файл не получился.txt"
    assert "нет на диске сервера" in told
    assert ask("select 1 from ops.audit_event where object_kind = 'filing_batch'") == []


def test_a_debtor_is_not_in_two_batches_of_two_lawyers_at_once(owner):
    """The second waits until the first has written the batch, and is told why nothing is left."""
    outcomes: dict[str, object] = {}

    def second() -> None:
        try:
            outcomes["second"] = proposed(title="Вторая")
        except BatchRefusedError as refusal:
            outcomes["second"] = str(refusal)

    waiting = threading.Thread(target=second)
    with as_user("lawyer") as connection:
        asked = Proposal(title="Первая", sent_on=TODAY)
        proposals.propose(connection, DEBTORS, asked, doubtful_name=doubt)
        waiting.start()
        waiting.join(timeout=3)
        assert waiting.is_alive()
    waiting.join(timeout=60)
    assert "уже взяли в другие партии" in str(outcomes["second"])
    with owner.connect() as connection:
        assert connection.scalar(text("select count(*) from ops.filing_batch")) == 1


@pytest.mark.usefixtures("owner")
def test_an_application_that_another_batch_took_meanwhile_does_not_come_back():
    number = proposed()
    with as_user("lawyer") as connection:
        ivanov = of_ivanov(connection, number)["item_number"]
        batches.leave_out(connection, number, [ivanov], "проверить доли")
    other = proposed(Selection(town.UYUT, account_ids=(town.IVANOV,)))
    with as_user("lawyer") as connection:
        with pytest.raises(BatchRefusedError, match=f"партия № {other}"):
            batches.take_back_in(connection, number, [ivanov])
        batches.cancel(connection, other, "ошибка")
        assert batches.take_back_in(connection, number, [ivanov]) == 1


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("update ops.person set death_date = current_date - 5", "Должник умер"),
        ("delete from ops.person_identifier", "Нет ни одного идентификатора"),
        ("update ops.organisation set ogrn = null", "не хватает реквизитов"),
        (
            "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
            "values (2, 'MS', '77MS0002', 'письмо')",
            "другой судебный участок: 77MS0002",
        ),
    ],
)
def test_the_run_holds_applications_against_the_red_rules_once_more(owner, statement, reason):
    """What was found at the proposal, or taken out of it by a forger, stops nobody less."""
    number = proposed()
    request = approved(number)
    with owner.begin() as connection:
        connection.execute(
            text(
                "insert into ops.court (court_code, kind, name, region_code) "
                "values ('77MS0002', 'MS', 'Участок № 2', '77')"
            )
        )
        connection.execute(text("alter table ops.person_identifier disable trigger user"))
        connection.execute(text(statement))
    outcome = make_packages(owner, request)
    assert (outcome.filed, outcome.refused) == (0, 1)
    assert reason in outcome.reasons[0]
    with owner.connect() as connection:
        assert connection.scalar(text("select count(*) from ops.court_case")) == 0


def test_an_application_whose_findings_were_never_written_is_not_filed(owner):
    """A batch of somebody's own SQL: a debtor whose owner nobody knows, and no finding of it."""
    with as_user("lawyer") as connection:
        found = connection.execute(
            text(
                """
                select p.account_id, p.holder_kind, p.liability, p.period, p.due_date,
                    p.claimable_amount
                from marts.debt_parts as p
                where p.account_id = :account and p.claimable_amount > 0
                order by p.period limit 1
                """
            ),
            {"account": town.FIRST_FILLER},
        ).one()
        batch = connection.scalar(
            text(
                """
                insert into ops.filing_batch (organisation_id, title, calculated_on, sent_on,
                    with_penalty, selection, attachments, user_id)
                values (:organisation, 'Подделка', current_date, current_date, false, '{}',
                    '{application}', ops.session_user_id())
                returning batch_id
                """
            ),
            {"organisation": town.UYUT},
        )
        values = found._asdict() | {"batch": batch}
        connection.execute(
            text(
                """
                insert into ops.filing_item (batch_id, item_number, account_id, holder_kind,
                    principal_amount, penalty_amount, duty_amount, period_from, period_to)
                values (:batch, 1, :account_id, :holder_kind, :claimable_amount, 0, 2000, :period,
                    :period)
                """
            ),
            values,
        )
        connection.execute(
            text(
                """
                insert into ops.filing_month (batch_id, item_number, liability, period, due_date,
                    principal_amount, penalty_amount)
                values (:batch, 1, :liability, :period, :due_date, :claimable_amount, 0)
                """
            ),
            values,
        )
        request = batches.approve(connection, batch)
    outcome = make_packages(owner, request)
    assert (outcome.filed, outcome.refused) == (0, 1)
    assert "Неизвестно, кто отвечает за долг" in outcome.reasons[0]


@pytest.mark.parametrize(
    "forged",
    [
        "update ops.filing_item set principal_amount = principal_amount + 1000",
        "delete from ops.filing_month",
    ],
)
def test_an_application_whose_sum_is_not_that_of_its_months_is_not_filed(owner, forged):
    request = approved(proposed())
    with owner.begin() as connection:
        for table in ("filing_item", "filing_month"):
            connection.execute(text(f"alter table ops.{table} disable trigger user"))
        connection.execute(text(forged))
    outcome = make_packages(owner, request)
    assert (outcome.filed, outcome.refused) == (0, 1)
    assert "не сходятся" in outcome.reasons[0]


@pytest.mark.parametrize("table", ["filing_finding", "filing_item", "filing_month", "filing_step"])
def test_what_a_batch_was_found_to_be_is_not_changed_or_deleted(owner, table):
    proposed()
    for statement in (f"delete from ops.{table}", f"update ops.{table} set batch_id = 1"):
        with as_user("lawyer") as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(statement))
        with owner.connect() as connection, pytest.raises(DBAPIError, match="не изменяются"):
            connection.execute(text(statement))


def test_a_file_of_a_batch_is_read_and_noted_at_each_click_and_not_before(
    owner, open_as, ask, files, monkeypatch
):
    number = proposed()
    request = approved(number)
    make_packages(owner, request)
    with owner.begin() as connection:
        connection.execute(text("update ops.run_request set state = 'done', finished_at = now()"))
    reads = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: reads.append(path.name) or read(path))
    app = open_as("lawyer", menu.BATCHES, batch=str(number))
    assert app.get("download_button")[0].proto.disabled
    app.selectbox(key="batch_purpose").set_value("Подача в суд").run()
    assert not app.exception
    assert results.ARCHIVE not in reads
    noted = (
        "select purpose, details ->> 'file' from ops.audit_event where object_kind = 'filing_batch'"
    )
    assert ask(noted) == []
    assert files[-1]().startswith(b"PK")
    assert files[-1]().startswith(b"PK")
    assert ask(noted) == [("Подача в суд", results.ARCHIVE)] * 2
