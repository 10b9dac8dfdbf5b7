"""The radar shows the months that no live case claims and whose term ends within ninety days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from operational_db.database import screens_connection
from operational_db.services import limitation
from operational_db.services.cases import register_events
from operational_db.services.limitation import RadarScope
from tests.factories import new_session, new_user
from tests.warehouse.conftest import Warehouse
from tests.warehouse.ledger import Charge, next_month
from tests.warehouse.storing import store
from tests.warehouse.test_who_owes import Flat, filed, new_flat

TODAY = datetime.now(ZoneInfo("Europe/Moscow")).date()
THREE_YEARS = 3
CLAIMED = 60_00
"""Kopecks of the claimed month that are claimed: less than it came to since."""


@dataclass
class Town:
    flats: list[Flat]
    tokens: list[str]
    due: dict[tuple[int, date], date]
    """Account and month → its due date, as the table of obligations has it."""


def months_back(first: int, last: int) -> list[date]:
    """First days of the months from so many months ago to so many."""
    found = [TODAY.replace(day=1)]
    while len(found) <= first:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[last : first + 1]


@pytest.fixture(scope="module")
def town(warehouse: Warehouse) -> Town:
    """Three firms of one account: nothing claimed, the oldest live month filed, one by shares."""
    months = months_back(40, 28)
    with warehouse.engine.begin() as connection:
        flats = [new_flat(connection) for _ in range(3)]
        tokens = []
        for place, flat in enumerate(flats):
            tokens.append(
                new_session(connection, new_user(connection, flat.organisation_id, "lawyer"))
            )
            for share in ["1/2", "1/2"] if place == 2 else ["1/1"]:
                flat.own(share)
            for number, month in enumerate(months, start=1):
                fact = Charge(number, month, 1, 100_00 + number, next_month(month))
                store(connection, [(flat.account_id, fact)])
        claimed = next(month for month in sorted(months) if month > months_back(36, 36)[0])
        case = flats[1].claim(claimed, kopecks=CLAIMED)
        register_events(connection, [filed(case, TODAY - timedelta(days=3))])
    warehouse.build()
    with warehouse.engine.connect() as connection:
        due = {
            (row.account_id, row.period): row.due_date
            for row in connection.execute(text("select * from marts.obligations"))
        }
    return Town(flats, tokens, due)


def passing(
    town: Town, place: int, first: int, last: int, without: tuple[date, ...] = ()
) -> Decimal:
    """Roubles whose three years end so many days from today, added up from the months."""
    sums = dict(zip(months_back(40, 28), range(10_001, 10_014), strict=True))
    total = 0
    for month, kopecks in sums.items():
        due = town.due[town.flats[place].account_id, month]
        end = due.replace(year=due.year + THREE_YEARS)
        if first <= (end - TODAY).days <= last and month not in without:
            total += kopecks
    return Decimal(total) / 100


def radar(town: Town, place: int, **scope):
    with screens_connection(town.tokens[place]) as connection:
        return limitation.figures(connection, RadarScope(**scope))


@pytest.mark.parametrize("place", [0, 2])
def test_the_radar_is_the_sum_of_the_months_that_nobody_claimed(town: Town, place: int) -> None:
    found = radar(town, place)
    assert found["d30"] == passing(town, place, 0, 30)
    assert found["d60"] == passing(town, place, 31, 60)
    assert found["d90"] == passing(town, place, 61, 90)
    assert found["total"] == passing(town, place, 0, 90) > 0


def test_a_filed_month_is_not_on_the_radar(town: Town) -> None:
    months = sorted(months_back(40, 28))
    claimed = next(month for month in months if month > months_back(36, 36)[0])
    assert radar(town, 1)["total"] == passing(town, 1, 0, 90, without=(claimed,))
    assert passing(town, 1, 0, 90) > passing(town, 1, 0, 90, without=(claimed,))


def test_what_grew_in_a_claimed_month_is_told_apart_and_waits_for_its_case(town: Town) -> None:
    months = sorted(months_back(40, 28))
    claimed = next(month for month in months if month > months_back(36, 36)[0])
    sums = dict(zip(months_back(40, 28), range(10_001, 10_014), strict=True))
    with screens_connection(town.tokens[1]) as connection:
        found = limitation.growth(connection, RadarScope())
    assert found["growth"] == Decimal(sums[claimed] - CLAIMED) / 100
    assert found["accounts"] == 1
    with screens_connection(town.tokens[0]) as connection:
        assert limitation.growth(connection, RadarScope())["growth"] == 0


def test_a_nearer_horizon_shows_less(town: Town) -> None:
    assert radar(town, 0, days=30)["total"] == passing(town, 0, 0, 30)


def test_what_has_passed_is_told_apart(town: Town) -> None:
    with screens_connection(town.tokens[0]) as connection:
        assert limitation.lost(connection, RadarScope())["lost"] == passing(town, 0, -9999, -1)


def test_weeks_organisations_and_accounts_add_up_to_the_figures(town: Town) -> None:
    with screens_connection(town.tokens[2]) as connection:
        scope = RadarScope()
        total = limitation.figures(connection, scope)["total"]
        assert sum(row["amount"] for row in limitation.by_week(connection, scope)) == total
        [firm] = limitation.by_organisation(connection, scope)
        assert firm["total"] == total
        [account] = limitation.accounts(connection, scope)
        assert (account["total"], account["account_id"]) == (total, town.flats[2].account_id)
        assert list(limitation.all_accounts(connection, scope)) == [account]
