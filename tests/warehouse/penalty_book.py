"""Accounts of every kind of debtor, and the penalty that the warehouse reckons for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, text

from operational_db.database import owner_engine, travel_in_time
from tests.factories import insert_all, new_account, new_organisation
from tests.warehouse.ledger import Ledger
from tests.warehouse.reference_penalty import Bills, Hold, Line
from tests.warehouse.storing import facts_of, store

DEBTOR_KINDS = ("citizen", "hoa", "management_company", "other_organisation")
LIVE = "intermediate.int_penalty_lines"
BUILT = "intermediate.int_penalty_lines_built"
STEPPED = "intermediate.int_penalty_lines_stepped"
STEPPED_BUILT = "intermediate.int_penalty_lines_stepped_built"


class PenaltyBook:
    """An account without facts for each kind of debtor. What is tried is taken back at once."""

    def __init__(self, connection: Connection, accounts: dict[str, int]) -> None:
        self.connection = connection
        self.accounts = accounts

    def lines(
        self,
        ledger: Ledger,
        day: date,
        *,
        debtor_kind: str = "citizen",
        holds: Iterable[Hold] = (),
        bills: Bills | None = None,
        view: str = LIVE,
        known_at: datetime | None = None,
        before: str | None = None,
    ) -> list[RowMapping]:
        """Live lines of a ledger on a day, in the order of month and day.

        ``before`` is a statement to be run first, such as another rate.
        """
        account_id = self.accounts[debtor_kind]
        with self.connection.begin() as transaction:
            if before:
                self.connection.execute(text(before))
            store_account(self.connection, account_id, ledger, holds, bills)
            travel_in_time(self.connection, as_of=day, known_at=known_at)
            found = live_lines(self.connection, account_id, view)
            transaction.rollback()
        return found


@contextmanager
def opened_book() -> Iterator[PenaltyBook]:
    """Open a book in the database of the test."""
    with owner_engine().begin() as connection:
        organisation = new_organisation(connection)
        accounts = {
            kind: new_account(connection, organisation, debtor_kind=kind) for kind in DEBTOR_KINDS
        }
    with owner_engine().connect() as connection:
        # Tiny ledgers: compiling their queries would cost more than running them.
        connection.execute(text("set jit = off"))
        connection.commit()
        yield PenaltyBook(connection, accounts)


def store_account(
    connection: Connection,
    account_id: int,
    ledger: Ledger,
    holds: Iterable[Hold] = (),
    bills: Bills | None = None,
) -> None:
    """Add the facts of one account. Due days of a contract go to its whole house, if it has one."""
    store(connection, [(account_id, fact) for fact in facts_of(ledger)])
    store_terms(connection, [(account_id, ledger, holds, bills or {})])


def store_terms(
    connection: Connection, accounts: Iterable[tuple[int, Ledger, Iterable[Hold], Bills]]
) -> None:
    """Add what bears on the delay of accounts: holds, late bills, due days of contracts."""
    accounts = list(accounts)
    insert_all(
        connection,
        "debt_hold",
        [
            {
                "account_id": account_id,
                "kind": hold.kind,
                "valid_from": hold.first,
                "valid_to": hold.last,
                "basis": "заявление",
            }
            for account_id, _, holds, _ in accounts
            for hold in holds
        ],
    )
    insert_all(
        connection,
        "bill_delivery",
        [
            {
                "account_id": account_id,
                "period": period,
                "delivered_on": delivered,
                "channel": "post",
            }
            for account_id, _, _, bills in accounts
            for period, delivered in bills.items()
        ],
    )
    for account_id, ledger, _, _ in accounts:
        for term in ledger.own_due_days:
            connection.execute(
                OWN_DUE_DAY,
                {
                    "account_id": account_id,
                    "liability": term.liability,
                    "due_day": term.day,
                    "period_from": term.first,
                    "period_to": term.last,
                },
            )


OWN_DUE_DAY = text("""
    insert into ops.own_due_day (
        organisation_id, house_id, liability, due_day, period_from, period_to, basis
    )
    select
        a.organisation_id, p.house_id, :liability, cast(:due_day as smallint), :period_from,
        cast(:period_to as date), 'договор управления'
    from ops.account as a
    left join ops.premises as p on a.premises_id = p.premises_id
    where a.account_id = :account_id
""")
ORDER = "due_date, period, liability, date_from, date_to, base_amount"


def live_lines(connection: Connection, account_id: int, view: str = LIVE) -> list[RowMapping]:
    """What the view says of one account."""
    query = text(f"select * from {view} where account_id = :account_id order by {ORDER}")
    return list(connection.execute(query, {"account_id": account_id}).mappings())


def lines_of_all(connection: Connection, view: str) -> dict[int, list[Line]]:
    """What a view says of all accounts, in the shape of the plain reckoning."""
    found = defaultdict(list)
    for row in connection.execute(text(f"select * from {view}")).mappings():
        found[row["account_id"]].append(as_line(row))
    return dict(found)


def as_line(row: RowMapping) -> Line:
    """A row of the warehouse in the shape of the plain reckoning."""
    closed_by = None
    if row["closed_by_kind"]:
        closed_by = (row["closed_by_kind"], row["closed_by_id"])
    return Line(
        liability=row["liability"],
        period=row["period"],
        due_date=row["due_date"],
        delay_from=row["delay_from_date"],
        base=row["base_amount"],
        date_from=row["date_from"],
        date_to=row["date_to"],
        days=row["day_count"],
        rate=row["rate_pct"],
        denominator=row["denominator"],
        rule=row["step_id"],
        penalty=row["penalty_amount"],
        begins_because=row["begins_because"],
        ends_because=row["ends_because"],
        closed_by=closed_by,
        is_verified=row["is_verified"],
    )
