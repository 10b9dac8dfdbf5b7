"""SQL and the plain reading of the rules agree to the kopeck, whatever happened on an account."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, text

from tests.factories import new_account, new_organisation
from tests.warehouse.conftest import Warehouse
from tests.warehouse.generated_ledgers import THOROUGH, ledgers
from tests.warehouse.ledger import Ledger
from tests.warehouse.reference_allocation import balance_on, open_on, pieces_of
from tests.warehouse.storing import facts_of, live_pieces, store, summed

ONE_BY_ONE = settings(
    max_examples=10_000 if THOROUGH else 400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def ledger_book(warehouse: Warehouse) -> Iterator[tuple[Connection, int]]:
    """An open connection and an account without facts."""
    with warehouse.engine.begin() as connection:
        account_id = new_account(connection, new_organisation(connection))
    with warehouse.engine.connect() as connection:
        # Tiny examples: compiling their queries would cost more than running them.
        connection.execute(text("set jit = off"))
        connection.commit()
        yield connection, account_id


@ONE_BY_ONE
@given(ledger=ledgers())
def test_the_live_view_closes_what_the_rules_close(
    ledger_book: tuple[Connection, int], ledger: Ledger
) -> None:
    connection, account_id = ledger_book
    with connection.begin() as transaction:
        store(connection, [(account_id, fact) for fact in facts_of(ledger)])
        found = live_pieces(connection, account_id)
        transaction.rollback()
    assert found == summed(pieces_of(ledger))


@settings(max_examples=2_000 if THOROUGH else 200, deadline=None)
@given(ledger=ledgers())
def test_open_pieces_of_any_day_are_its_balance(ledger: Ledger) -> None:
    """The plain reading adds up by itself; otherwise it could not judge SQL."""
    pieces = pieces_of(ledger)
    for day in (date(2021 + n // 12, n % 12 + 1, d) for n in range(84) for d in (1, 12, 28)):
        open_kopecks = sum(piece.kopecks for piece in open_on(pieces, day))
        assert open_kopecks == balance_on(ledger, day, pieces), day


@settings(max_examples=2_000 if THOROUGH else 200, deadline=None)
@given(ledger=ledgers())
def test_no_more_duty_and_penalty_is_repaid_than_the_court_awarded_and_receipts_brought(
    ledger: Ledger,
) -> None:
    awards = [piece for piece in pieces_of(ledger) if piece.kind == "award"]
    under = {("payment", p.number): p for p in ledger.payments if p.under}
    for name, payment in under.items():
        repaid = sum(piece.kopecks for piece in awards if piece.credit == name)
        assert 0 <= repaid <= payment.kopecks
    assert {piece.credit for piece in awards} <= set(under)
    for order in {payment.under for payment in under.values()}:
        assert sum(piece.kopecks for piece in awards) <= order.duty + order.penalty
