"""Deliveries of bills: what is taken, what is known already, what is refused and why."""

from datetime import date

import pytest
from sqlalchemy import text

from operational_db.database import owner_engine
from operational_db.services.importing import import_file
from tests.factories import insert_all, new_account, new_organisation
from tests.integration.importing_steps import rows

TODAY = date(2026, 11, 21)
HEAD = "account;period;delivered_on;channel\n"


@pytest.fixture
def organisation(fresh_database) -> int:  # noqa: ARG001  the database comes first
    with owner_engine().begin() as connection:
        organisation_id = new_organisation(connection)
        for number in ("0001", "0002"):
            new_account(connection, organisation_id, account_number=number)
    return organisation_id


def load(organisation_id: int, *lines: str):
    with owner_engine().begin() as connection:
        return import_file(
            connection,
            kind="bills",
            file_name="bills.csv",
            content=(HEAD + "\n".join(lines)).encode(),
            organisation_id=organisation_id,
            today=TODAY,
        )


def known() -> list[tuple]:
    return rows(
        "select a.account_number, b.period, b.delivered_on, b.channel from ops.bill_delivery as b "
        "inner join ops.account as a on b.account_id = a.account_id order by b.bill_delivery_id"
    )


def test_deliveries_are_taken_with_their_way_and_an_empty_day_means_not_delivered(organisation):
    report = load(
        organisation,
        "0001;01.2024;20.02.2024;заказное письмо",
        "0002;01.2024;;",
        "0002;02.2024;15.03.2024;электронная почта",
    )
    assert (report.rows_accepted, report.rows_refused) == (3, 0)
    assert report.figures == {"счетов, которые не доставлены": 1}
    assert [tuple(row) for row in known()] == [
        ("0001", date(2024, 1, 1), date(2024, 2, 20), "post"),
        ("0002", date(2024, 1, 1), None, "other"),
        ("0002", date(2024, 2, 1), date(2024, 3, 15), "email"),
    ]


def test_what_is_known_already_is_not_written_again_and_a_correction_is(organisation):
    load(organisation, "0001;01.2024;20.02.2024;почта")
    again = load(organisation, "0001;01.2024;20.02.2024;почта", "0002;01.2024;;")
    assert (again.rows_accepted, again.rows_known) == (1, 1)
    load(organisation, "0001;01.2024;25.02.2024;почта")
    back = load(organisation, "0001;2024-01;20.02.2024;почта")
    assert back.rows_accepted == 1
    assert [row[2] for row in known() if row[0] == "0001"] == [
        date(2024, 2, 20), date(2024, 2, 25), date(2024, 2, 20),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("9999;01.2024;20.02.2024;", "лицевого счёта «9999» у организации нет"),
        ("0001;13.2024;20.02.2024;", "месяц 13"),
        ("0001;01.2024;31.12.2023;", "раньше начала своего месяца"),
        ("0001;10.2026;30.11.2026;", "ещё не наступила"),
    ],
)
def test_a_wrong_line_is_refused_with_its_reason_and_the_rest_is_taken(organisation, line, reason):
    report = load(organisation, line, "0002;01.2024;20.02.2024;")
    assert (report.rows_accepted, report.rows_refused) == (1, 1)
    assert reason in report.refusals[0].as_text()


def test_two_days_for_one_bill_in_a_file_are_refused_and_the_same_twice_is_known(organisation):
    report = load(
        organisation,
        "0001;01.2024;20.02.2024;",
        "0001;01.2024;20.02.2024;",
        "0001;01.2024;21.02.2024;",
    )
    assert (report.rows_accepted, report.rows_known, report.rows_refused) == (1, 1, 1)
    assert "уже названа иначе в строке 2" in report.refusals[0].as_text()


def test_a_due_day_of_a_contract_makes_all_its_accounts_due_for_a_rebuild(organisation):
    with owner_engine().begin() as connection:
        new_account(connection, new_organisation(connection))
        connection.execute(text("delete from ops.account_change"))
        insert_all(
            connection,
            "own_due_day",
            [
                {
                    "organisation_id": organisation,
                    "liability": "housing",
                    "due_day": 20,
                    "period_from": date(2024, 1, 1),
                    "basis": "договор управления № 5",
                }
            ],
        )
    changed = rows(
        "select a.account_number from ops.account_change as c "
        "inner join ops.account as a on c.account_id = a.account_id order by 1"
    )
    assert [row[0] for row in changed] == ["0001", "0002"]
