"""What courts send back: shares that add up, whom it came from, and which rule to tighten."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, pool, text

from apps import menu
from operational_db.models import CaseEventKind, CaseKind
from operational_db.services.cases import (
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    open_case,
    register_events,
)
from operational_db.services.filing import returns
from operational_db.services.filing.returns import ReturnsFilter
from orchestration.lib.package_runs import make_packages
from tests.apps import test_batches as batch
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.test_batches import COURT, TODAY, as_user

ASKED = ReturnsFilter(TODAY - timedelta(days=400), TODAY)
FILED = TODAY - timedelta(days=30)


@pytest.fixture
def owner(town_database):
    engine = create_engine(town_database.owner, poolclass=pool.NullPool)
    batch.mended(engine)
    return engine


def filed_case(owner, months_ago: int, reason: str | None, number: str) -> None:
    """A case of Иванов in section 1, filed; returned for a reason, or still there."""
    with owner.begin() as connection:
        opened = open_case(
            connection,
            NewCase(
                town.IVANOV,
                CaseKind.ORDER,
                [NewDebtor(town.IVANOV)],
                [NewClaimedMonth("housing", town.CALENDAR.month(months_ago), 1000)],
                court_code=COURT,
                number=number,
            ),
        )
        events = [NewEvent(opened.case_id, CaseEventKind.FILED, FILED)]
        if reason:
            events.append(
                NewEvent(
                    opened.case_id,
                    CaseEventKind.RETURNED,
                    FILED + timedelta(days=9),
                    reason_code=reason,
                )
            )
        register_events(connection, events)


@pytest.fixture
def four_cases(owner):
    """Three of four came back: two for the signature, one for the section."""
    for months_ago, reason in ((12, "no_signature"), (11, "no_signature"), (10, "jurisdiction")):
        filed_case(owner, months_ago, reason, f"Н-{months_ago}")
    filed_case(owner, 9, None, "Н-9")
    return owner


@pytest.mark.usefixtures("four_cases")
def test_returns_are_counted_by_reason_and_by_court():
    with as_user("lawyer") as connection:
        found = returns.totals(connection, ASKED)
        reasons = returns.grouped(connection, ASKED, "reason")
        [court] = returns.grouped(connection, ASKED, "court")
    assert (found["filed"], found["returned"], found["returned_amount"]) == (4, 3, 3000)
    assert [(row["key"], row["returned"]) for row in reasons] == [
        ("no_signature", 2),
        ("jurisdiction", 1),
    ]
    assert (court["key"], court["filed"], court["returned"]) == (COURT, 4, 3)


@pytest.mark.usefixtures("four_cases")
def test_a_line_of_a_group_leads_to_its_cases():
    with as_user("lawyer") as connection:
        asked = ReturnsFilter(ASKED.filed_from, TODAY, group="reason", key="jurisdiction")
        assert [row["number"] for row in returns.returned(connection, asked)] == ["Н-10"]
        assert returns.count_returned(connection, asked) == 1
        assert returns.count_returned(connection, ASKED) == 3


@pytest.mark.usefixtures("four_cases")
def test_a_reason_that_came_twice_asks_for_a_rule():
    with as_user("lawyer") as connection:
        [only] = returns.advice(connection, ASKED)
    assert (only.reason, only.returned, only.rule) == ("Подписано без полномочий", 2, None)
    assert "Правила проверки против этой причины нет" in only.advice


def test_a_rule_that_only_warned_is_to_stop(four_cases):
    filed_case(four_cases, 8, "jurisdiction", "Н-8")
    with four_cases.begin() as connection:
        connection.execute(
            text("update reference.filing_rule set is_red = false where rule_code = 'section'")
        )
    with as_user("lawyer") as connection:
        told = {each.reason: each for each in returns.advice(connection, ASKED)}
    advice = told["Неподсудность: должник живёт на другом участке"]
    assert advice.rule == "Дом не отнесён к судебному участку"
    assert "сделайте его останавливающим" in advice.advice


def test_a_return_of_a_batch_names_its_template_and_its_maker(owner):
    number = batch.proposed()
    make_packages(owner, batch.approved(number))
    with owner.begin() as connection:
        case_id = connection.scalar(text("select case_id from ops.filing_result"))
        register_events(
            connection,
            [
                NewEvent(case_id, CaseEventKind.FILED, TODAY),
                NewEvent(case_id, CaseEventKind.RETURNED, TODAY, reason_code="no_documents"),
            ],
        )
    with as_user("lawyer") as connection:
        [maker] = returns.grouped(connection, ASKED, "maker")
        [template] = returns.grouped(connection, ASKED, "template")
    assert (maker["name"], maker["returned"]) == ("Юрьев Пётр Ильич", 1)
    assert template["key"]


@pytest.mark.usefixtures("four_cases")
def test_another_organisation_sees_no_returns_of_ours():
    with as_user("neighbour") as connection:
        assert returns.totals(connection, ASKED)["filed"] == 0
        assert returns.returned(connection, ASKED) == []


@pytest.mark.usefixtures("four_cases")
def test_the_screen_shows_the_share_and_the_list_of_returns(open_as):
    app = open_as("lawyer", menu.RETURNS)
    told = {tile.label: plain(tile.value) for tile in app.metric}
    assert (told["Подано"], told["Возвращено"], told["Доля возвратов"]) == ("4", "3", "75,0 %")
    assert len(table_with(app, "Причина")) == 3
    assert table_with(app, "Что сделать")["Причина возврата"][0] == "Подписано без полномочий"
    app.segmented_control(key="filter_group").select("court").run()
    assert not app.exception
    assert list(table_with(app, "Доля")["Подано"]) == [4]


def test_no_returns_is_said_in_words(open_as):
    app = open_as("lawyer", menu.RETURNS)
    assert any("вернули" in info.value for info in app.info)
