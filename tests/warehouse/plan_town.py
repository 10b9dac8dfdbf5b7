"""A municipality with the shipped plans, two companies, and charges month by month."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from operational_db.services.plan_import import import_shipped_plans
from tests.factories import insert_all, new_organisation

LAST_MONTH = "cast(date_trunc('month', ops.as_of()) - interval '1 month' as date)"


def found_city(connection: Connection) -> tuple[int, list[int]]:
    """The municipality, which has the plans, and the companies that it oversees."""
    city = new_organisation(connection, "city", kind="municipality")
    companies = [new_organisation(connection, municipality_id=city) for _ in range(2)]
    import_shipped_plans(connection)
    return city, companies


def months_up_to(month: date, count: int) -> list[date]:
    """``count`` months in their order; ``month`` is the last of them."""
    last = month.year * 12 + month.month - 1
    return [date(place // 12, place % 12 + 1, 1) for place in range(last - count + 1, last + 1)]


def charge(
    connection: Connection, account_id: int, months: list[date], amount: Callable[[], Decimal]
) -> None:
    """Charge an account for months, each due on the tenth day of the next one."""
    insert_all(
        connection,
        "charge",
        [
            {
                "account_id": account_id,
                "period": month,
                "service_id": 1,
                "kind": "charge",
                "amount": amount(),
                "booked_on": _of_next_month(month, 1) - timedelta(days=1),
                "due_date": _of_next_month(month, 10),
            }
            for month in months
        ],
    )


def _of_next_month(month: date, day: int) -> date:
    return (month + timedelta(days=40)).replace(day=day)
