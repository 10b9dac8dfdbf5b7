"""Puts ledgers into the system of record and reads what the warehouse made of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, text

from tests.factories import insert, insert_all
from tests.warehouse.ledger import Charge, CourtOrder, Ledger, Payment, WriteOff
from tests.warehouse.reference_allocation import Piece

Fact = Charge | Payment | WriteOff
Summed = dict[tuple, tuple[int, dict[int, int]]]


def roubles(kopecks: int) -> Decimal:
    return Decimal(kopecks).scaleb(-2)


def facts_of(ledger: Ledger) -> list[Fact]:
    return [*ledger.charges, *ledger.payments, *ledger.write_offs]


def store(connection: Connection, facts: Iterable[tuple[int, Fact]]) -> None:
    """Add facts of accounts: (account, fact) in any order."""
    tables = defaultdict(list)
    for account_id, fact in facts:
        if isinstance(fact, Charge):
            tables["charge"].append(_charge(account_id, fact))
        elif isinstance(fact, Payment):
            tables["payment"].append(_payment(connection, account_id, fact))
        else:
            tables["write_off"].append(_write_off(account_id, fact))
    for table, rows in tables.items():
        insert_all(connection, table, rows)


def _charge(account_id: int, fact: Charge) -> dict:
    return {
        "account_id": account_id,
        "charge_id": fact.number,
        "period": fact.period,
        "service_id": fact.service,
        "kind": fact.kind,
        "amount": roubles(fact.kopecks),
        # No rule of ledgers speaks of volumes, so any will do; sums of volumes have to add up too.
        "volume": Decimal(fact.kopecks * 37 + fact.number).scaleb(-6),
        "booked_on": fact.booked_on,
        "due_date": fact.due_date,
    }


def _payment(connection: Connection, account_id: int, fact: Payment) -> dict:
    order_id = None
    if fact.under:
        order_id = _order_of_ours(connection, account_id, fact.under)
    elif fact.order:
        order_id = insert(
            connection,
            "execution_document",
            "execution_document_id",
            account_id=account_id,
            kind="court_order",
            number="2-1/2024",
            issued_on=fact.paid_on,
            period_from=fact.order[0],
            period_to=fact.order[1],
        )
    return {
        "account_id": account_id,
        "payment_id": fact.number,
        "paid_on": fact.paid_on,
        "amount": roubles(fact.kopecks),
        "channel": "bank",
        "named_period": fact.named_period,
        "execution_document_id": order_id,
        "reverses_payment_id": fact.reverses,
    }


def _order_of_ours(connection: Connection, account_id: int, order: CourtOrder) -> int:
    """Number of the document of a case, which is opened by the first receipt under it."""
    number = f"З-{account_id}-{order.number}"
    found = connection.scalar(
        text(
            "select d.execution_document_id from ops.execution_document as d "
            "inner join ops.court_case as c on d.case_id = c.case_id where c.number = :number"
        ),
        {"number": number},
    )
    if found:
        return found
    case = {
        "account_id": account_id,
        "case_id": insert(
            connection,
            "court_case",
            "case_id",
            account_id=account_id,
            organisation_id=connection.scalar(
                text("select organisation_id from ops.account where account_id = :id"),
                {"id": account_id},
            ),
            kind="order",
            number=number,
        ),
    }
    months = [
        case
        | {
            "liability": row.liability,
            "period": row.period,
            "part": "principal",
            "amount": roubles(row.kopecks),
        }
        for row in order.claimed
    ]
    insert_all(connection, "claimed_month", months)
    award = {
        "kind": "issued",
        # Before any receipt of any book: who asks about an earlier day knows of no later act.
        "happened_on": date(2010, 12, 1),
        "principal_amount": roubles(order.principal),
        "penalty_amount": roubles(order.penalty),
        "duty_amount": roubles(order.duty),
    }
    insert_all(connection, "case_event", [case | award])
    periods = [row.period for row in order.claimed]
    return insert(
        connection,
        "execution_document",
        "execution_document_id",
        kind="court_order",
        number=f"2-{order.number}/2024",
        issued_on=award["happened_on"],
        period_from=min(periods),
        period_to=max(periods),
        **case,
    )


def _write_off(account_id: int, fact: WriteOff) -> dict:
    return {
        "account_id": account_id,
        "write_off_id": fact.number,
        "written_off_on": fact.written_off_on,
        "amount": roubles(fact.kopecks),
        "periods": list(fact.periods) or None,
        "reason": "решение",
    }


LIVE = "select *, interval_kopecks as kopecks from intermediate.int_debt_intervals"
BUILT = "select *, interval_amount * 100 as kopecks from marts.debt_intervals"


def live_pieces(connection: Connection, account_id: int) -> Summed:
    """What the view says of one account at this moment."""
    query = text(f"{LIVE} where account_id = :account_id")
    return summed(map(_piece, connection.execute(query, {"account_id": account_id})))


def built_pieces(connection: Connection) -> dict[int, Summed]:
    """What the last build says of all accounts."""
    by_account = defaultdict(list)
    for row in connection.execute(text(BUILT)):
        by_account[row.account_id].append(_piece(row))
    return {account_id: summed(pieces) for account_id, pieces in by_account.items()}


def _piece(row) -> Piece:
    services = None
    if row.service_ids is not None:
        services = defaultdict(int)
        for service, kopecks in zip(row.service_ids, row.service_kopecks, strict=True):
            services[service] += kopecks
    return Piece(
        kind=row.interval_kind,
        liability=row.liability,
        period=row.period,
        due_date=row.due_date,
        opened=row.opened_date,
        closed=row.closed_date,
        kopecks=int(row.kopecks),
        credit=_named(row.credit_kind, row.credit_id),
        taken_back_by=_named(row.refund_kind, row.refund_id),
        reopened_by=_named(row.reopened_by_kind, row.reopened_by_id),
        services=services,
    )


def _named(kind: str | None, number: int | None) -> tuple[str, int] | None:
    return None if kind is None else (kind, number)


def summed(pieces: Iterable[Piece]) -> Summed:
    """Sum what differs in nothing but size: how finely it was cut is nobody's business."""
    sums: dict[tuple, int] = defaultdict(int)
    services: dict[tuple, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for piece in pieces:
        key = (
            piece.kind,
            piece.liability,
            _iso(piece.period),
            _iso(piece.due_date),
            _iso(piece.opened),
            _iso(piece.closed),
            piece.credit,
            piece.taken_back_by,
            piece.reopened_by,
        )
        sums[key] += piece.kopecks
        for service, kopecks in (piece.services or {}).items():
            services[key][service] += kopecks
    return {
        key: (kopecks, {n: k for n, k in sorted(services[key].items()) if k})
        for key, kopecks in sums.items()
    }


def _iso(day: date | None) -> str | None:
    return day and day.isoformat()
