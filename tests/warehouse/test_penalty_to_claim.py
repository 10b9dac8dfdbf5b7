"""Whose penalty it is and what of it may be claimed: paid months, earlier claims, limitation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from operational_db.database import owner_engine, travel_in_time
from operational_db.models import CaseEventKind, CaseKind, ClaimedPart
from operational_db.services.cases import (
    CaseRefusedError,
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    OpenedCase,
    open_case,
    register_events,
)
from operational_db.services.filing.package_data import claim_data
from tests.warehouse.conftest import Warehouse
from tests.warehouse.ledger import Charge
from tests.warehouse.storing import store
from tests.warehouse.test_who_owes import CAPITAL_REPAIR, JAN, Flat, filed, issued, new_flat

TODAY = date(2025, 12, 1)
COLD_WATER = 3
LATE = date(2025, 8, 15)


SCENES: dict[str, Callable[[Flat], dict]] = {}


def scene(tell: Callable[[Flat], dict]) -> Callable[[Flat], dict]:
    """A flat whose story a test asks about; all stories are told first, and built once."""
    SCENES[tell.__name__] = tell
    return tell


@dataclass
class Told:
    """A flat after its story, and whom the story named."""

    flat: Flat
    people: dict


@pytest.fixture(scope="module")
def stories(warehouse: Warehouse) -> dict[str, tuple[int, int, int, dict]]:
    told = {}
    with owner_engine().begin() as connection:
        for name, tell in SCENES.items():
            flat = new_flat(connection)
            people = tell(flat)
            told[name] = (flat.organisation_id, flat.premises_id, flat.account_id, people)
    warehouse.build(as_of=TODAY)
    return told


@pytest.fixture
def connection(stories: dict) -> Iterator[Connection]:
    """The owner's transaction on the day of the build; nothing of it stays."""
    assert stories
    with owner_engine().connect() as opened:
        travel_in_time(opened, as_of=TODAY)
        yield opened
        opened.rollback()


@pytest.fixture
def told(stories: dict, connection: Connection, request: pytest.FixtureRequest) -> Told:
    """The story of a test bears the name of the test without its «test_»."""
    name = request.function.__name__.removeprefix("test_")
    *ids, people = stories[name]
    return Told(Flat(connection, *ids, number=1000), people)


def parts(flat: Flat) -> list:
    query = text(
        "select * from intermediate.int_penalty_parts where account_id = :account_id "
        "order by period, liability, holder_person_id, run_no"
    )
    return flat.connection.execute(query, {"account_id": flat.account_id}).all()


def whole(flat: Flat) -> Decimal:
    """The penalty of the account by its lines."""
    query = text(
        "select sum(penalty_amount) from intermediate.int_penalty_lines_built "
        "where account_id = :account_id"
    )
    return flat.connection.scalar(query, {"account_id": flat.account_id})


def by_holder(flat: Flat) -> dict[int | None, Decimal]:
    found: dict[int | None, Decimal] = {}
    for row in parts(flat):
        who = row.holder_person_id
        found[who] = found.get(who, Decimal(0)) + row.penalty_amount
    return found


def claim_penalty(
    flat: Flat, amount: Decimal, to: date, *, portion: int | None = None, **values
) -> OpenedCase:
    sums = [
        NewClaimedMonth(
            "housing", JAN, amount, ClaimedPart.PENALTY, portion_person_id=portion, penalty_to=to
        )
    ]
    debtor = NewDebtor(values.pop("person_id"))
    return open_case(
        flat.connection,
        NewCase(flat.account_id, values.pop("kind", CaseKind.ORDER), [debtor], sums, **values),
    )


@scene
def penalty_of_a_month_that_was_paid_late_may_still_be_claimed(flat: Flat) -> dict:
    owner = flat.own()
    flat.charge(JAN, 1000_00)
    flat.pay(LATE, 1000_00)
    return {"owner": owner}


def test_penalty_of_a_month_that_was_paid_late_may_still_be_claimed(told: Told) -> None:
    assert told.flat.parts() == []
    [row] = parts(told.flat)
    assert (row.holder_person_id, row.portion_person_id) == (told.people["owner"], None)
    assert not row.is_open
    assert row.penalty_amount == whole(told.flat) > 0
    assert row.penalty_from_date is None


CLAIMED_TO = date(2025, 6, 30)


@scene
def penalty_that_grew_after_a_claim_is_asked_for_from_the_next_day(flat: Flat) -> dict:
    owner = flat.own()
    flat.charge(JAN, 1000_00)
    flat.pay(LATE, 1000_00)
    claim_penalty(flat, Decimal("10.00"), CLAIMED_TO, person_id=owner)
    return {}


def test_penalty_that_grew_after_a_claim_is_asked_for_from_the_next_day(told: Told) -> None:
    [row] = parts(told.flat)
    assert row.penalty_from_date == CLAIMED_TO + timedelta(days=1)
    # 46 days from July on at 1/130 of 9.5 per cent.
    assert row.penalty_amount == Decimal("33.62")


@scene
def a_claim_till_the_day_of_payment_leaves_no_later_penalty_to_claim(flat: Flat) -> dict:
    owner = flat.own()
    flat.charge(JAN, 1000_00)
    claim_penalty(
        flat,
        Decimal("10.00"),
        CLAIMED_TO,
        person_id=owner,
        kind=CaseKind.CLAIM,
        penalty_until_paid=True,
    )
    return {"owner": owner}


def test_a_claim_till_the_day_of_payment_leaves_no_later_penalty_to_claim(told: Told) -> None:
    flat = told.flat
    assert parts(flat) == []
    later = NewClaimedMonth(
        "housing",
        JAN,
        Decimal(5),
        ClaimedPart.PENALTY,
        penalty_from=date(2025, 9, 1),
        penalty_to=TODAY,
    )
    again = NewCase(flat.account_id, CaseKind.ORDER, [NewDebtor(told.people["owner"])], [later])
    with pytest.raises(CaseRefusedError, match="уже заявлен"):
        open_case(flat.connection, again)


FEB = date(2025, 2, 1)


@scene
def a_claim_till_the_day_of_payment_asks_for_penalty_of_months_without_a_sum_too(
    flat: Flat,
) -> dict:
    owner = flat.own()
    flat.charge(JAN, 1000_00)
    flat.charge(FEB, 1000_00)
    sums = [
        NewClaimedMonth("housing", JAN, Decimal(1000)),
        NewClaimedMonth("housing", JAN, Decimal(10), ClaimedPart.PENALTY, penalty_to=CLAIMED_TO),
        NewClaimedMonth("housing", FEB, Decimal(1000)),
    ]
    debtors = [NewDebtor(owner)]
    claim = NewCase(flat.account_id, CaseKind.CLAIM, debtors, sums, penalty_until_paid=True)
    open_case(flat.connection, claim)
    return {"owner": owner}


def test_a_claim_till_the_day_of_payment_asks_for_penalty_of_months_without_a_sum_too(
    told: Told,
) -> None:
    flat = told.flat
    assert parts(flat) == []
    again = NewClaimedMonth("housing", FEB, Decimal(5), ClaimedPart.PENALTY, penalty_to=TODAY)
    debtors = [NewDebtor(told.people["owner"])]
    with pytest.raises(CaseRefusedError, match=r"02\.2025 уже заявлен"):
        open_case(flat.connection, NewCase(flat.account_id, CaseKind.ORDER, debtors, [again]))


@scene
def a_month_whose_penalty_is_claimed_joins_no_claim_till_the_day_of_payment(flat: Flat) -> dict:
    owner = flat.own()
    flat.charge(JAN, 1000_00)
    claim_penalty(flat, Decimal("10.00"), CLAIMED_TO, person_id=owner)
    return {"owner": owner}


def test_a_month_whose_penalty_is_claimed_joins_no_claim_till_the_day_of_payment(
    told: Told,
) -> None:
    """Unless the claim begins on the day after, which its sum of penalty says."""
    flat = told.flat
    principal = NewClaimedMonth("housing", JAN, Decimal(1000))
    other = NewClaimedMonth(
        "capital_repair", JAN, Decimal(5), ClaimedPart.PENALTY, penalty_to=TODAY
    )
    rest = NewClaimedMonth(
        "housing",
        JAN,
        Decimal(5),
        ClaimedPart.PENALTY,
        penalty_from=CLAIMED_TO + timedelta(days=1),
        penalty_to=TODAY,
    )
    debtors = [NewDebtor(told.people["owner"])]
    twice = NewCase(
        flat.account_id, CaseKind.CLAIM, debtors, [principal, other], penalty_until_paid=True
    )
    with pytest.raises(CaseRefusedError, match="уже заявлен"), flat.connection.begin_nested():
        open_case(flat.connection, twice)
    rightly = NewCase(
        flat.account_id, CaseKind.CLAIM, debtors, [principal, rest], penalty_until_paid=True
    )
    assert open_case(flat.connection, rightly).case_id


NAMED_DAY = date(2025, 3, 20)


@scene
def a_due_date_that_is_paid_bears_none_of_the_debt_of_a_claim(flat: Flat) -> dict:
    owner = flat.own()
    flat.charge(JAN, 1000_00)
    water = Charge(50, JAN, COLD_WATER, 333_33, date(2025, 1, 31), due_date=NAMED_DAY)
    store(flat.connection, [(flat.account_id, water)])
    flat.pay(LATE, 1000_00)
    sums = [
        NewClaimedMonth("housing", JAN, Decimal("333.33")),
        NewClaimedMonth("housing", JAN, Decimal(50), ClaimedPart.PENALTY, penalty_to=TODAY),
    ]
    claim = NewCase(flat.account_id, CaseKind.CLAIM, [NewDebtor(owner)], sums)
    return {"case": open_case(flat.connection, claim).case_id}


def test_a_due_date_that_is_paid_bears_none_of_the_debt_of_a_claim(told: Told) -> None:
    """Its penalty is asked for nevertheless: it was paid late."""
    papers = claim_data(
        told.flat.connection, told.people["case"], court_code="", duty=Decimal(4000)
    )
    assert [row["principal"] for row in papers.services] == [Decimal("333.33")]
    assert papers.month_totals["claimed"] == papers.month_totals["debt"] == Decimal("333.33")
    paid, owed = papers.penalty_months
    assert (paid["own_debt"], owed["own_debt"]) == (Decimal(0), Decimal("333.33"))
    assert owed["due_date"] == NAMED_DAY
    lines = {row["due_date"]: row["month_penalty"] for row in papers.penalty_lines}
    assert lines == {row["due_date"]: row["penalty"] for row in papers.penalty_months}
    shares = warehouse_split(told.flat.connection, 50_00, list(lines.values()))
    assert [int(row["own_penalty"] * 100) for row in papers.penalty_months] == shares


def warehouse_split(connection: Connection, whole: int, weights: list[Decimal]) -> list[int]:
    query = text("select warehouse.split_exactly(:whole, cast(:weights as numeric[]))")
    return connection.scalar(query, {"whole": whole, "weights": weights})


@scene
def an_order_is_asked_for_a_fixed_penalty_only(flat: Flat) -> dict:
    return {"owner": flat.own()}


def test_an_order_is_asked_for_a_fixed_penalty_only(told: Told) -> None:
    with pytest.raises(CaseRefusedError, match="твёрдую сумму"):
        claim_penalty(
            told.flat,
            Decimal("10.00"),
            CLAIMED_TO,
            person_id=told.people["owner"],
            penalty_until_paid=True,
        )


@scene
def penalty_of_a_shared_month_is_that_of_those_who_held_it(flat: Flat) -> dict:
    people = {
        "stays": flat.own("1/2"),
        "seller": flat.own("1/2", last=date(2025, 6, 30)),
        "buyer": flat.own("1/2", first=date(2025, 7, 1)),
    }
    flat.charge(JAN, 1000_01)
    flat.pay(LATE, 600_00)
    return people


def test_penalty_of_a_shared_month_is_that_of_those_who_held_it(told: Told) -> None:
    """The buyer of a half does not pay for the months of the seller, nor does the seller escape."""
    found = by_holder(told.flat)
    assert told.people["buyer"] not in found
    assert sum(found.values()) == whole(told.flat)
    assert abs(found[told.people["stays"]] - found[told.people["seller"]]) <= Decimal("0.02")


@scene
def whoever_paid_by_an_order_against_him_bears_no_penalty_of_the_others(flat: Flat) -> dict:
    first, second = flat.own("1/2"), flat.own("1/2")
    flat.charge(JAN, 1000_00)
    case = flat.claim(JAN, kopecks=500_00, portion=first)
    register_events(
        flat.connection, [filed(case, date(2025, 5, 1)), issued(case, date(2025, 5, 10), 500_00)]
    )
    flat.recover(case, date(2025, 6, 1), 500_00)
    flat.pay(LATE, 500_00)
    return {"first": first, "second": second}


def test_whoever_paid_by_an_order_against_him_bears_no_penalty_of_the_others(told: Told) -> None:
    found = by_holder(told.flat)
    lines = told.flat.connection.execute(
        text(
            "select closed_by_date, sum(penalty_amount) as amount "
            "from intermediate.int_penalty_lines_built where account_id = :account_id group by 1"
        ),
        {"account_id": told.flat.account_id},
    ).all()
    amounts = {row.closed_by_date: row.amount for row in lines}
    assert found == {
        told.people["first"]: amounts[date(2025, 6, 1)],
        told.people["second"]: amounts[LATE],
    }
    assert sum(found.values()) == whole(told.flat)


@scene
def capital_repair_paid_late_by_the_seller_is_no_penalty_of_the_buyer(flat: Flat) -> dict:
    people = {
        "seller": flat.own(last=date(2025, 9, 30)),
        "buyer": flat.own(first=date(2025, 10, 1)),
    }
    flat.charge(JAN, 1000_00, CAPITAL_REPAIR)
    flat.pay(LATE, 400_00)
    return people


def test_capital_repair_paid_late_by_the_seller_is_no_penalty_of_the_buyer(told: Told) -> None:
    rows = {row.holder_person_id: row for row in parts(told.flat)}
    assert not rows[told.people["seller"]].is_open
    assert rows[told.people["buyer"]].is_open
    assert sum(row.penalty_amount for row in rows.values()) == whole(told.flat)


@scene
def days_of_penalty_older_than_the_limitation_are_left_out(flat: Flat) -> dict:
    flat.own()
    flat.charge(date(2021, 1, 1), 1000_00)
    flat.pay(date(2023, 1, 31), 1000_00)
    return {}


def test_days_of_penalty_older_than_the_limitation_are_left_out(told: Told) -> None:
    [row] = parts(told.flat)
    assert row.penalty_from_date == date(2022, 12, 1)
    [line] = told.flat.connection.execute(
        text(
            "select * from intermediate.int_penalty_lines_built "
            "where account_id = :account_id and date_to >= '2022-12-01'"
        ),
        {"account_id": told.flat.account_id},
    ).all()
    days = 62
    exact = line.base_amount * line.rate_pct * days / (100 * line.denominator)
    assert row.penalty_amount == round(exact, 2)


def test_what_grew_in_a_claimed_month_waits_for_the_end_of_its_case(
    connection: Connection,
) -> None:
    flat = new_flat(connection)
    flat.own()
    flat.charge(JAN, 1000_00)
    case = flat.claim(JAN, kopecks=1000_00)
    flat.charge(JAN, 250_00)
    [row] = flat.parts()
    assert (row.unclaimed_amount, row.claimable_amount) == (250, 0)
    register_events(
        flat.connection,
        [
            filed(case, date(2025, 5, 1)),
            NewEvent(
                case.case_id,
                CaseEventKind.RETURNED,
                date(2025, 5, 20),
                reason_code=flat.connection.scalar(
                    text(
                        "select reason_code from reference.court_reason "
                        "where event_kind = 'returned' limit 1"
                    )
                ),
            ),
        ],
    )
    [row] = flat.parts()
    assert row.claimable_amount == 1250
