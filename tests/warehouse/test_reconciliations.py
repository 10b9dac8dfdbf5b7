"""Every reconciliation is silent on sound marts and names the row when one is spoilt."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from orchestration.lib.builds import PROJECT, dbt_environment, working_with
from tests.factories import new_account, new_house, new_organisation, new_premises
from tests.warehouse.conftest import Warehouse
from tests.warehouse.ledger import Charge, Claimed, CourtOrder, Payment, WriteOff
from tests.warehouse.storing import store

SINGULAR = Path("dbt_project/tests/singular")
JAN, FEB = date(2025, 1, 1), date(2025, 2, 1)
ORDER = CourtOrder(1, (Claimed("housing", FEB, 30_00),), 30_00, duty=12_00, penalty=3_00)
FACTS = (
    Charge(1, JAN, 1, 100_00, date(2025, 1, 31)),
    Charge(2, JAN, 3, 50_00, date(2025, 1, 31)),
    Charge(3, FEB, 1, 100_00, date(2025, 2, 28)),
    Payment(1, date(2025, 2, 10), 70_00),
    Payment(2, date(2025, 3, 10), -20_00, reverses=1),
    Payment(4, date(2025, 3, 20), 45_00, under=ORDER),
    Payment(5, date(2025, 3, 25), -5_00, reverses=4),
    WriteOff(1, date(2025, 4, 10), 5_00),
)
SPOILT = {
    "the_services_of_the_sheet_add_up_to_it": (
        "update marts.service_settlements set paid = paid + 0.01 where paid <> 0"
    ),
    "the_resource_report_adds_up_to_the_turnover": (
        "update marts.resource_sums set amount = amount + 0.01 where line_kind = 'charge'"
    ),
    "every_month_charged_is_counted_once": (
        "update marts.charged_services set last_date = last_date + 31 where line_kind = 'charge'"
    ),
    "ageing_buckets_add_up_to_the_balance": "update marts.account_balances set y1_3 = y1_3 + 0.01",
    "every_account_has_a_balance": "delete from marts.account_balances",
    "every_late_piece_has_a_rate_and_a_rule_of_penalty": (
        "delete from reference.penalty_step where debtor_kind = 'citizen' and liability = 'housing'"
    ),
    "every_month_of_the_turnover_starts_where_the_last_one_ended": (
        "update marts.account_turnover set paid = paid + 0.01 where paid <> 0"
    ),
    "every_payment_is_in_the_collection": (
        "update marts.collection set paid_amount = paid_amount + 0.01 where paid_amount > 0"
    ),
    "every_row_stands_under_the_organisation_of_its_account": (
        "update marts.account_turnover set organisation_id = organisation_id + 1"
    ),
    "no_more_is_repaid_beside_the_debt_than_courts_awarded": (
        "update marts.debt_intervals set interval_amount = interval_amount + 4 "
        "where interval_kind = 'award' and refund_id is null"
    ),
    "the_balance_needs_no_allocation": (
        "update marts.account_balances set balance = balance - 0.01"
    ),
    "the_debt_is_the_ledger_added_up": (
        "alter table ops.charge disable trigger account_changed, "
        "drop constraint ck_charge_period_credible, drop constraint ck_charge_booked_on_credible; "
        "insert into ops.charge "
        "(account_id, charge_id, period, service_id, kind, amount, booked_on) "
        "select account_id, 99, '1985-01-01', 1, 'charge', 1, '1985-01-31' from ops.account"
    ),
    "the_flow_of_debt_adds_up_to_it": (
        "update marts.debt_flow set overdue_change = overdue_change + 0.01"
    ),
    "the_pieces_of_a_month_add_up_to_it": (
        "update marts.debt_intervals set interval_amount = interval_amount + 0.01 "
        "where reopened_by_id is null"
    ),
    "the_services_of_a_payment_add_up_to_it": (
        "update marts.debt_intervals set service_kopecks[1] = service_kopecks[1] + 1 "
        "where credit_kind = 'payment'"
    ),
    "the_services_of_a_piece_add_up_to_it": (
        "update marts.debt_intervals set service_kopecks[1] = service_kopecks[1] + 1"
    ),
    "the_turnover_ends_with_the_balance": (
        "delete from marts.debt_intervals where closed_date is null"
    ),
    "what_is_claimed_and_what_is_not_add_up_to_the_debt": (
        "update marts.debt_parts set unclaimed_amount = unclaimed_amount - 0.01"
    ),
}


@pytest.fixture(scope="module")
def reconciliations(warehouse: Warehouse) -> dict[str, str]:
    """Name → SQL of the tests, after they passed on the marts of one account."""
    from dbt.cli.main import dbtRunner

    with warehouse.engine.begin() as connection:
        premises_id = new_premises(connection, new_house(connection))
        account_id = new_account(connection, new_organisation(connection), premises_id=premises_id)
        store(connection, [(account_id, fact) for fact in FACTS])
    warehouse.build()
    with working_with(dbt_environment(warehouse.urls.owner)):
        outcome = dbtRunner().invoke(["--quiet", "test", "--select", "test_type:singular"])
    assert outcome.success
    # As dbt ran them: the folder of compiled files is shared with builds of other databases.
    tests = [ran.node for ran in outcome.result.results if ran.node.resource_type == "test"]
    return {test.name: test.compiled_code for test in tests}


def test_every_reconciliation_is_proved_here(reconciliations: dict[str, str]) -> None:
    written = {file.stem for file in (PROJECT / SINGULAR).glob("*.sql")}
    assert written == set(reconciliations) == set(SPOILT)


@pytest.mark.parametrize("name", SPOILT)
def test_a_reconciliation_names_what_is_spoilt(
    warehouse: Warehouse, reconciliations: dict[str, str], name: str
) -> None:
    with warehouse.engine.connect() as connection:
        assert connection.execute(text(reconciliations[name])).all() == []
        for statement in SPOILT[name].split("; "):
            connection.execute(text(statement))
        assert connection.execute(text(reconciliations[name])).all() != []
        connection.rollback()


def test_an_account_that_changed_after_the_build_is_not_called_wrong(
    warehouse: Warehouse, reconciliations: dict[str, str]
) -> None:
    with warehouse.engine.connect() as connection:
        [account_id] = connection.scalars(text("select account_id from ops.account")).all()
        store(connection, [(account_id, Payment(3, date(2025, 5, 1), 11_00))])
        for name, query in reconciliations.items():
            assert connection.execute(text(query)).all() == [], name
        connection.rollback()
