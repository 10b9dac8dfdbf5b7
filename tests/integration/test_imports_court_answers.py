"""A list of answers of courts: each line goes to its case, or says why not."""

from decimal import Decimal

import pytest

from operational_db.database import owner_engine
from operational_db.imports.problems import FileRefusedError
from operational_db.models import CaseEventKind, CaseKind
from operational_db.server import DatabaseUrls
from operational_db.services.cases import (
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    case_states,
    open_cases,
    register_events,
)
from tests.factories import new_account, new_person
from tests.integration.importing_steps import TODAY, load, organisation_with_reference_data, rows

HEAD = "Наш номер;№ дела;Вид акта;№ акта;Дата акта;Вступило в силу;Взыскано долга;Пени;Причина\n"


@pytest.fixture
def firm(fresh_database: DatabaseUrls) -> tuple[int, list[int]]:
    """A firm with three filed orders Н-1 … Н-3 of 1 000 roubles each, and a draft Н-4."""
    assert fresh_database.owner
    organisation_id = organisation_with_reference_data()
    with owner_engine().begin() as connection:
        debtor = NewDebtor(new_person(connection, organisation_id))
        months = [NewClaimedMonth("housing", TODAY.replace(month=1, day=1), Decimal(1000))]
        opened = open_cases(
            connection,
            [
                NewCase(
                    new_account(connection, organisation_id),
                    CaseKind.ORDER,
                    [debtor],
                    months,
                    number=f"Н-{number}",
                )
                for number in range(1, 5)
            ],
        )
        day = TODAY.replace(month=6, day=1)
        register_events(
            connection,
            [
                NewEvent(case.case_id, CaseEventKind.FILED, day, court_number=f"2-{place}/2026")
                for place, case in enumerate(opened[:3], start=1)
            ],
        )
    return organisation_id, [case.case_id for case in opened]


def states(case_ids: list[int]) -> list[str]:
    with owner_engine().connect() as connection:
        found = case_states(connection, case_ids)
    return [found[case_id].state for case_id in case_ids]


def test_each_line_goes_to_its_case(firm) -> None:
    organisation_id, cases = firm
    content = HEAD + (
        "Н-1;2-1/2026;Судебный приказ;2-1/2026;10.06.2026;25.07.2026;1 000,00;;\n"
        ";2-2/2026;возврат;;11.06.2026;;;;Нет идентификатора или данных рождения должника\n"
        "Н-3;;приказ;77;10.06.2026;;900;;\n"
        "Н-3;;отмена;;01.07.2026;;;;Возражения должника\n"
    )
    report = load(organisation_id, "court-answers", content)
    assert (report.rows_accepted, report.rows_refused) == (4, 0), report.as_text()
    assert states(cases) == ["in_force", "returned", "cancelled", "drafted"]
    documents = "select number, period_from from ops.execution_document order by number"
    assert rows(documents) == [
        ("2-1/2026", TODAY.replace(month=1, day=1)),
        ("77", TODAY.replace(month=1, day=1)),
    ]
    reasons = "select reason_code from ops.case_event where reason_code is not null order by 1"
    assert rows(reasons) == [("no_identifier",), ("objection",)]


def test_the_same_list_again_and_the_same_answer_in_another_list_change_nothing(firm) -> None:
    organisation_id, _ = firm
    line = "Н-1;;приказ;7;10.06.2026;;1000;;\n"
    load(organisation_id, "court-answers", HEAD + line)
    before = rows("select count(*) from ops.case_event")
    load(organisation_id, "court-answers", HEAD + line)
    other = load(organisation_id, "court-answers", HEAD + line + "\n")
    assert other.rows_known == 1
    assert rows("select count(*) from ops.case_event") == before


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Н-9;;приказ;7;10.06.2026;;1000;;", "«Н-9» у нас нет"),
        (";;приказ;7;10.06.2026;;1000;;", "ни наш номер, ни номер дела"),
        ("Н-1;;мнение;7;10.06.2026;;1000;;", "не вид акта"),
        ("Н-1;;приказ;7;;;1000;;", "дата не указана"),
        ("Н-1;;приказ;7;10.06.2026;;1001;;", "больше, чем заявлено"),
        ("Н-1;;приказ;7;10.06.2026;;;;", "сколько долга взыскано"),
        ("Н-1;;приказ;7;10.05.2026;;1000;;", "раньше подачи"),
        ("Н-1;;возврат;;10.06.2026;;;;", "укажите причину"),
        ("Н-4;;приказ;7;10.06.2026;;1000;;", "ещё не подано"),
        ("Н-1;;в иске отказано;;10.06.2026;;;;Требование не доказано", "только с иском"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_reason(firm, line: str, says: str) -> None:
    organisation_id, cases = firm
    good = "Н-2;;приказ;8;10.06.2026;;1000;;\n"
    report = load(organisation_id, "court-answers", HEAD + line + "\n" + good)
    [refusal] = report.refusals
    assert says in refusal.reason
    assert report.rows_accepted == 1
    assert states(cases)[:2] == ["filed", "issued"]


def test_a_trial_writes_nothing(firm) -> None:
    organisation_id, cases = firm
    load(
        organisation_id, "court-answers", HEAD + "Н-1;;приказ;7;10.06.2026;;1000;;\n", dry_run=True
    )
    assert states(cases)[0] == "filed"


def test_a_file_without_the_kind_of_act_is_refused_as_a_whole(firm) -> None:
    organisation_id, _ = firm
    with pytest.raises(FileRefusedError, match="Вид акта"):
        load(organisation_id, "court-answers", "Наш номер;Дата акта\nН-1;10.06.2026\n")
