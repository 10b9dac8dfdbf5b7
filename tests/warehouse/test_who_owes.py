"""Who owes which part of a month, what of it is in court, and until when it may be taken there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from sqlalchemy import Connection, text

from operational_db.models import CaseEventKind, CaseKind, ClaimedPart
from operational_db.services.cases import (
    CaseRefusedError,
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    OpenedCase,
    continue_as_claim,
    open_case,
    register_events,
)
from tests.factories import (
    insert_all,
    new_account,
    new_house,
    new_organisation,
    new_owner,
    new_person,
    new_premises,
)
from tests.warehouse.conftest import Warehouse
from tests.warehouse.ledger import Charge, Payment, next_month
from tests.warehouse.reference_parts import (
    Apart,
    Guardian,
    Household,
    Right,
    Stay,
    asked_of,
    days_of,
    family_of,
    holders_on,
    named_by,
    parts_of,
)
from tests.warehouse.storing import store

MAINTENANCE, CAPITAL_REPAIR = 1, 2
JAN, FEB, MAR = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
TODAY = date(2025, 12, 1)
LONG_AGO = date(2010, 1, 1)


@dataclass
class Flat:
    """A flat with an account, whose owners, debts and cases a test tells."""

    connection: Connection
    organisation_id: int
    premises_id: int
    account_id: int
    number: int = 0

    def own(self, share: str = "1/1", first: date = LONG_AGO, last: date | None = None, **more):
        person_id = more.pop("person_id", None) or new_person(
            self.connection, self.organisation_id, **more.pop("person", {})
        )
        numerator, denominator = map(int, share.split("/"))
        more.setdefault("right_kind", "ownership")
        new_owner(
            self.connection,
            self.premises_id,
            person_id,
            share_numerator=numerator,
            share_denominator=denominator,
            valid_from=first,
            valid_to=last,
            **more,
        )
        return person_id

    def register(self, person_id: int, first: date = LONG_AGO, last: date | None = None,
                 relation: str | None = None) -> None:  # fmt: skip
        card = {"person_id": person_id, "valid_from": first, "valid_to": last}
        self._add("residency", account_id=self.account_id, relation=relation, **card)

    def represent(self, child: int, adult: int, first: date, last: date | None = None) -> None:
        row = {"person_id": child, "representative_id": adult, "valid_from": first}
        self._add("representative", valid_to=last, basis="мать", **row)

    def agree_apart(self, person_id: int, first: date, last: date | None = None) -> None:
        row = {"person_id": person_id, "valid_from": first, "valid_to": last}
        self._add("separate_liability", account_id=self.account_id, basis="соглашение", **row)

    def name_family(self, *, is_named: bool) -> None:
        row = {"organisation_id": self.organisation_id, "is_family_named": is_named}
        self._add("family_practice", basis="практика суда", **row)

    def _add(self, table: str, **row) -> None:
        insert_all(self.connection, table, [row])

    def charge(self, period: date, kopecks: int, service: int = MAINTENANCE) -> None:
        self.number += 1
        fact = Charge(self.number, period, service, kopecks, next_month(period))
        store(self.connection, [(self.account_id, fact)])

    def pay(self, on: date, kopecks: int, **more) -> None:
        self.number += 1
        store(self.connection, [(self.account_id, Payment(self.number, on, kopecks, **more))])

    def recover(self, case: OpenedCase, on: date, kopecks: int) -> None:
        """Money of the bailiffs under the order of a case."""
        self.number += 1
        find = text("select execution_document_id from ops.execution_document where case_id = :id")
        row = {
            "account_id": self.account_id,
            "payment_id": self.number,
            "paid_on": on,
            "amount": Decimal(kopecks) / 100,
            "channel": "bailiff",
            "execution_document_id": self.connection.scalar(find, {"id": case.case_id}),
        }
        insert_all(self.connection, "payment", [row])

    def claim(self, *periods: date, kopecks: int, **values) -> OpenedCase:
        portion = values.pop("portion", None)
        months = [
            NewClaimedMonth("housing", period, Decimal(kopecks) / 100, portion_person_id=portion)
            for period in periods
        ]
        debtor = NewDebtor(portion or new_person(self.connection, self.organisation_id))
        kind = values.pop("kind", CaseKind.ORDER)
        return open_case(
            self.connection, NewCase(self.account_id, kind, [debtor], months, **values)
        )

    def parts(self, as_of: date = TODAY) -> list:
        """Rows of the live view."""
        self.connection.execute(
            text("select set_config('dolgomer.as_of', :day, true)"), {"day": as_of.isoformat()}
        )
        query = text(
            "select * from intermediate.int_debt_parts where account_id = :account_id "
            "order by period, liability, part_no"
        )
        return self.connection.execute(query, {"account_id": self.account_id}).all()

    def owed(self, as_of: date = TODAY) -> dict[int | None, int]:
        """Holder → kopecks."""
        owed: dict[int | None, int] = {}
        for row in self.parts(as_of):
            person = row.holder_person_id
            owed[person] = owed.get(person, 0) + int(row.part_amount * 100)
        return owed


def filed(case: OpenedCase, on: date) -> NewEvent:
    return NewEvent(case.case_id, CaseEventKind.FILED, on)


def issued(
    case: OpenedCase, on: date, kopecks: int, *, penalty: int = 0, duty: int = 0
) -> NewEvent:
    """The order of a court; its penalty and duty in kopecks too."""
    return NewEvent(
        case.case_id,
        CaseEventKind.ISSUED,
        on,
        document_number="2-1/2025",
        principal_amount=Decimal(kopecks) / 100,
        penalty_amount=Decimal(penalty) / 100,
        duty_amount=Decimal(duty) / 100,
    )


def cancelled(case: OpenedCase, on: date) -> NewEvent:
    return NewEvent(case.case_id, CaseEventKind.CANCELLED, on, reason_code="objection")


@pytest.fixture
def flat(warehouse: Warehouse) -> Iterator[Flat]:
    with warehouse.engine.connect() as connection:
        connection.execute(text("set local jit = off"))
        yield new_flat(connection)


def new_flat(connection: Connection) -> Flat:
    organisation_id = new_organisation(connection)
    premises_id = new_premises(connection, new_house(connection))
    account_id = new_account(connection, organisation_id, premises_id=premises_id)
    return Flat(connection, organisation_id, premises_id, account_id)


def test_each_owner_owes_by_his_share_and_no_kopeck_is_lost(flat: Flat) -> None:
    owners = [flat.own("1/3"), flat.own("1/3"), flat.own("1/3")]
    flat.charge(JAN, 100_00)
    assert flat.owed() == dict(zip(owners, [33_34, 33_33, 33_33], strict=True))
    assert {row.portion_person_id for row in flat.parts()} == set(owners)


def test_an_only_owner_owes_the_whole_month(flat: Flat) -> None:
    owner = flat.own()
    flat.charge(JAN, 100_00)
    [row] = flat.parts()
    assert (row.holder_person_id, row.portion_person_id) == (owner, None)
    assert (row.holder_kind, row.part_amount) == ("owner", Decimal(100))


def test_a_new_owner_owes_from_the_day_of_registration(flat: Flat) -> None:
    seller = flat.own(last=date(2025, 1, 10))
    buyer = flat.own(first=date(2025, 1, 11))
    flat.charge(JAN, 310_00)
    flat.charge(FEB, 50_00)
    assert flat.owed() == {seller: 100_00, buyer: 260_00}


def test_capital_repair_passes_to_the_new_owner(flat: Flat) -> None:
    flat.own(last=date(2025, 3, 10))
    buyer = flat.own(first=date(2025, 3, 11))
    flat.charge(JAN, 30_00, CAPITAL_REPAIR)
    assert flat.owed() == {buyer: 30_00}


def test_what_the_town_left_unpaid_for_capital_repair_does_not_pass(flat: Flat) -> None:
    town = new_organisation(flat.connection, kind="municipality")
    insert_all(
        flat.connection,
        "ownership",
        [
            {
                "premises_id": flat.premises_id,
                "right_kind": "municipal_property",
                "holder_organisation_id": town,
                "valid_from": LONG_AGO,
                "valid_to": date(2025, 1, 31),
                "source": "ЕГРН",
            }
        ],
    )
    buyer = flat.own(first=FEB)
    flat.charge(JAN, 30_00, CAPITAL_REPAIR)
    flat.charge(FEB, 20_00, CAPITAL_REPAIR)
    rows = {row.period: row for row in flat.parts()}
    assert (rows[JAN].holder_kind, rows[JAN].holder_organisation_id) == ("public_owner", town)
    assert rows[FEB].holder_person_id == buyer


def test_joint_owners_owe_together(flat: Flat) -> None:
    first = flat.own("1/2", right_kind="joint_ownership")
    flat.own("1/2", right_kind="joint_ownership")
    flat.charge(JAN, 100_00)
    [row] = flat.parts()
    assert (row.holder_kind, row.holder_person_id) == ("joint_owners", first)
    assert (row.part_amount, row.portion_person_id) == (Decimal(100), None)


def test_a_tenant_pays_for_the_flat_but_not_for_capital_repair(flat: Flat) -> None:
    tenant = flat.own(right_kind="social_tenancy")
    flat.charge(JAN, 100_00)
    flat.charge(JAN, 30_00, CAPITAL_REPAIR)
    kinds = {row.liability: (row.holder_kind, row.holder_person_id) for row in flat.parts()}
    assert kinds == {"housing": ("tenants", tenant), "capital_repair": ("unknown", None)}


def test_shares_that_leave_a_gap_leave_a_part_to_an_unknown_owner(flat: Flat) -> None:
    owner = flat.own("1/2")
    flat.charge(JAN, 100_01)
    assert flat.owed() == {owner: 50_01, None: 50_00}
    assert {row.has_share_problem for row in flat.parts()} == {True}


def test_shares_of_more_than_one_divide_in_proportion_and_are_flagged(flat: Flat) -> None:
    owners = [flat.own("1/1"), flat.own("1/2")]
    flat.charge(JAN, 90_00)
    assert flat.owed() == dict(zip(owners, [60_00, 30_00], strict=True))
    assert {row.has_share_problem for row in flat.parts()} == {True}


def test_a_flat_of_nobody_is_owed_by_an_unknown_owner(flat: Flat) -> None:
    flat.charge(JAN, 100_00)
    [row] = flat.parts()
    assert (row.holder_kind, row.holder_person_id) == ("unknown", None)


def debtors(flat: Flat) -> list:
    query = text(
        "select * from intermediate.int_live_portion_debtors where account_id = :account_id "
        "order by portion_person_id, person_id"
    )
    return flat.connection.execute(query, {"account_id": flat.account_id}).all()


def test_joint_owners_are_asked_together_and_not_those_who_sold_to_them(flat: Flat) -> None:
    sold = date(2025, 1, 31)
    first = [flat.own("1/2", last=sold, right_kind="joint_ownership") for _ in range(2)]
    then = [flat.own("1/2", FEB, right_kind="joint_ownership") for _ in range(2)]
    flat.charge(JAN, 100_00)
    flat.charge(FEB, 100_00)
    assert flat.owed() == {first[0]: 100_00, then[0]: 100_00}
    asked: dict[int, list[int]] = {}
    for row in debtors(flat):
        asked.setdefault(row.portion_person_id, []).append(row.person_id)
    assert asked == {first[0]: first, then[0]: then}


def test_parents_answer_for_a_minor(flat: Flat) -> None:
    mother = flat.own("1/2")
    child = flat.own("1/2", person={"birth_date": date(2015, 5, 5)})
    insert_all(
        flat.connection,
        "representative",
        [
            {
                "person_id": child,
                "representative_id": mother,
                "valid_from": date(2015, 5, 5),
                "basis": "мать",
            }
        ],
    )
    flat.charge(JAN, 100_00)
    own, for_child = debtors(flat)
    assert (own.portion_person_id, own.person_id, own.liability_kind) == (mother, mother, "share")
    assert (for_child.portion_person_id, for_child.person_id) == (child, mother)
    assert (for_child.liability_kind, for_child.represented_person_id) == ("representative", child)


def asked_for(flat: Flat, as_of: date = TODAY) -> dict[tuple[str, date], set]:
    """Who is asked for a month: (liability, month) → holder, person, as what, child."""
    query = text(
        "select p.liability, p.period, p.holder_person_id, a.* from intermediate.int_debt_parts "
        "as p cross join lateral ops.people_asked(p.holder_person_id, p.debtors, p.family_ids) "
        "as a where p.account_id = :id"
    )
    setting = text("select set_config('dolgomer.as_of', :day, true)")
    flat.connection.execute(setting, {"day": as_of.isoformat()})
    asked: dict[tuple[str, date], set] = {}
    for row in flat.connection.execute(query, {"id": flat.account_id}):
        who = (row.holder_person_id, row.person_id, row.asked_as, row.ward_id)
        asked.setdefault((row.liability, row.period), set()).add(who)
    return asked


def test_parents_answer_for_the_months_of_childhood_and_the_child_for_those_after(
    flat: Flat,
) -> None:
    mother = new_person(flat.connection, flat.organisation_id)
    child = flat.own(person={"birth_date": date(2007, 2, 10)})
    flat.represent(child, mother, date(2007, 2, 10))
    for month in (JAN, FEB, MAR):
        flat.charge(month, 100_00)
    himself = {(child, child, "share", None)}
    assert asked_for(flat) == {
        ("housing", JAN): {(child, mother, "representative", child)},
        # The month in which he came of age falls due after his birthday.
        ("housing", FEB): himself,
        ("housing", MAR): himself,
    }


def test_a_birthday_that_passes_leaves_the_months_of_childhood_to_the_parents(flat: Flat) -> None:
    mother = new_person(flat.connection, flat.organisation_id)
    child = flat.own(person={"birth_date": date(2007, 6, 10)})
    flat.represent(child, mother, date(2007, 6, 10))
    flat.charge(JAN, 100_00)
    parents = {("housing", JAN): {(child, mother, "representative", child)}}
    assert asked_for(flat, date(2025, 6, 9)) == asked_for(flat, date(2025, 6, 10)) == parents


def test_a_new_guardian_answers_from_the_month_of_his_appointment(flat: Flat) -> None:
    mother, guardian = (new_person(flat.connection, flat.organisation_id) for _ in range(2))
    child = flat.own(person={"birth_date": date(2015, 5, 5)})
    flat.represent(child, mother, date(2015, 5, 5), date(2025, 1, 20))
    flat.represent(child, guardian, date(2025, 2, 5))
    for month in (JAN, FEB):
        flat.charge(month, 100_00)
    flat.charge(date(2024, 12, 1), 100_00)
    assert asked_for(flat) == {
        ("housing", date(2024, 12, 1)): {(child, mother, "representative", child)},
        ("housing", JAN): {(child, child, "minor", None)},
        ("housing", FEB): {(child, guardian, "representative", child)},
    }


def test_joint_owners_who_changed_in_part_answer_by_the_days_of_each_pair(flat: Flat) -> None:
    first, second = (flat.own("1/2", last=date(2025, 2, 10), right_kind="joint_ownership")
                     for _ in range(2))  # fmt: skip
    third = flat.own("1/2", date(2025, 2, 11), right_kind="joint_ownership")
    flat.own("1/2", date(2025, 2, 11), person_id=first, right_kind="joint_ownership")
    for month in (JAN, FEB, MAR):
        flat.charge(month, 280_00)
    before = {(first, "joint"), (second, "joint")}
    then = {(first, "joint"), (third, "joint")}
    asked = {
        (period, holder): {(who, how) for at, who, how, _ in people if at == holder}
        for (_, period), people in asked_for(flat).items()
        for holder in {it[0] for it in people}
    }
    # In the month of the change each pair stands under the one who is in no other pair.
    assert asked == {
        (JAN, first): before, (FEB, second): before, (FEB, third): then, (MAR, first): then,
    }  # fmt: skip
    parts = {(row.period, row.holder_person_id): row.part_amount for row in flat.parts()}
    assert (parts[FEB, second], parts[FEB, third]) == (100, 180)
    flat.claim(FEB, kopecks=100_00, portion=second)
    claimed = {row.holder_person_id: row.claimed_amount for row in flat.parts()
               if row.period == FEB}  # fmt: skip
    assert claimed == {second: 100, third: 0}


def test_a_wife_who_became_joint_owner_answers_from_her_day_only(flat: Flat) -> None:
    husband = flat.own(last=date(2025, 2, 14))
    flat.own("1/2", date(2025, 2, 15), person_id=husband, right_kind="joint_ownership")
    wife = flat.own("1/2", date(2025, 2, 15), right_kind="joint_ownership")
    flat.charge(FEB, 280_00)
    flat.charge(MAR, 100_00)
    assert {(row.period, row.holder_kind, row.holder_person_id, row.part_amount)
            for row in flat.parts()} == {
        (FEB, "owner", husband, 140), (FEB, "joint_owners", wife, 140),
        (MAR, "joint_owners", husband, 100),
    }  # fmt: skip


def test_a_tenant_answers_from_the_day_of_his_contract_and_the_owner_before(flat: Flat) -> None:
    owner = flat.own()
    tenant = flat.own(first=date(2025, 1, 11), right_kind="social_tenancy")
    flat.charge(JAN, 310_00)
    flat.charge(JAN, 30_00, CAPITAL_REPAIR)
    assert {(row.liability, row.holder_person_id): row.part_amount for row in flat.parts()} == {
        ("housing", owner): 100, ("housing", tenant): 210, ("capital_repair", owner): 30,
    }  # fmt: skip


def test_a_tenants_family_answers_for_whole_months_of_its_registration(flat: Flat) -> None:
    tenant = flat.own(right_kind="social_tenancy")
    wife, former, child, lodger = (
        new_person(flat.connection, flat.organisation_id, birth_date=birth)
        for birth in (date(1980, 3, 3), date(1970, 1, 1), date(2015, 5, 5), date(1990, 1, 1))
    )
    flat.register(wife, date(2025, 1, 20))
    flat.register(former, LONG_AGO, date(2025, 2, 20))
    flat.register(child)
    flat.connection.execute(
        text("insert into ops.residency (account_id, person_id, valid_from, is_permanent) "
             "values (:account, :lodger, :since, false)"),
        {"account": flat.account_id, "lodger": lodger, "since": LONG_AGO},
    )  # fmt: skip
    for month in (JAN, FEB, MAR):
        flat.charge(month, 100_00)
    found = {
        period: {(person, kind) for _, person, kind, _ in people}
        for (_, period), people in asked_for(flat).items()
    }
    himself = (tenant, "joint")
    assert found == {
        JAN: {himself, (former, "family")},
        FEB: {himself, (wife, "family")},
        MAR: {himself, (wife, "family")},
    }


def family_flat(flat: Flat, service: int = 3) -> tuple[int, int]:
    """An owner and his wife, who live together, with a debt for January."""
    owner = flat.own()
    wife = new_person(flat.connection, flat.organisation_id, birth_date=date(1980, 3, 3))
    flat.register(owner, relation="собственник")
    flat.register(wife, relation="супруга")
    flat.charge(JAN, 100_00, service)
    return owner, wife


def test_family_that_lives_with_the_owner_answers_for_utilities(flat: Flat) -> None:
    owner, wife = family_flat(flat)
    flat.charge(JAN, 30_00, CAPITAL_REPAIR)
    himself, together = (owner, owner, "share", None), (owner, wife, "family", None)
    assert asked_for(flat) == {
        ("housing", JAN): {himself, together}, ("capital_repair", JAN): {himself}
    }  # fmt: skip


def test_family_does_not_answer_where_only_maintenance_is_owed(flat: Flat) -> None:
    owner, _ = family_flat(flat, MAINTENANCE)
    assert asked_for(flat) == {("housing", JAN): {(owner, owner, "share", None)}}


@pytest.mark.parametrize("reason", ["practice", "agreement", "moved_out", "lodger"])
def test_family_is_not_asked_where_something_speaks_against_it(flat: Flat, reason: str) -> None:
    owner = flat.own()
    wife = new_person(flat.connection, flat.organisation_id, birth_date=date(1980, 3, 3))
    # Whoever lives there without the owner does not live with him.
    flat.register(owner, LONG_AGO, date(2025, 1, 20) if reason == "moved_out" else None)
    flat.register(wife, relation="знакомая" if reason == "lodger" else "супруга")
    flat.charge(JAN, 100_00, 3)
    if reason == "practice":
        flat.name_family(is_named=False)
    if reason == "agreement":
        flat.agree_apart(wife, JAN)
    assert asked_for(flat) == {("housing", JAN): {(owner, owner, "share", None)}}


def test_what_bars_a_claim_is_told(flat: Flat) -> None:
    flat.own("1/4", person={"birth_date": date(2015, 5, 5)})
    flat.own("1/4", person={"death_date": date(2024, 5, 5)})
    bankrupt = flat.own("1/4")
    known = flat.own("1/4")
    insert_all(
        flat.connection,
        "person_bankruptcy",
        [
            {
                "person_id": bankrupt,
                "case_number": "А41-1/2025",
                "accepted_on": date(2025, 2, 1),
                "basis": "ЕФРСБ",
            }
        ],
    )
    number = {"person_id": known, "kind": "snils", "number": "112-233-445 95"}
    insert_all(flat.connection, "person_identifier", [number])
    flat.charge(JAN, 100_00)
    child, dead, broke, found = debtors(flat)
    assert child.is_minor_alone
    assert dead.is_dead
    assert broke.is_bankrupt
    assert found.has_identifier
    assert not any([found.is_minor_alone, found.is_dead, found.is_bankrupt, dead.has_identifier])


def test_what_a_live_case_claims_is_no_longer_unclaimed(flat: Flat) -> None:
    flat.own()
    flat.charge(JAN, 100_00)
    flat.charge(FEB, 100_00)
    case = flat.claim(JAN, kopecks=100_00)
    january, february = flat.parts()
    assert (january.claimed_amount, january.unclaimed_amount) == (100, 0)
    assert (january.live_case_id, february.live_case_id) == (case.case_id, None)
    assert (february.claimed_amount, february.claimable_amount) == (0, 100)


def test_a_returned_application_gives_the_month_back(flat: Flat) -> None:
    flat.own()
    flat.charge(JAN, 100_00)
    case = flat.claim(JAN, kopecks=100_00)
    back = NewEvent(case.case_id, CaseEventKind.RETURNED, date(2025, 6, 9), reason_code="no_duty")
    register_events(flat.connection, [filed(case, date(2025, 6, 2)), back])
    [row] = flat.parts()
    assert (row.claimed_amount, row.claimable_amount, row.live_case_id) == (0, 100, None)
    [before] = flat.parts(as_of=date(2025, 6, 5))
    assert before.claimed_amount == 100


def test_a_claim_on_one_owner_leaves_the_part_of_the_other(flat: Flat) -> None:
    first, second = flat.own("1/2"), flat.own("1/2")
    flat.charge(JAN, 100_00)
    flat.claim(JAN, kopecks=50_00, portion=first)
    claimed = {row.holder_person_id: row.claimed_amount for row in flat.parts()}
    assert claimed == {first: 50, second: 0}


def test_what_a_recalculation_adds_after_the_claim_is_not_claimed_yet(flat: Flat) -> None:
    flat.own()
    flat.charge(JAN, 100_00)
    flat.claim(JAN, kopecks=100_00)
    fact = Charge(900, JAN, MAINTENANCE, 25_00, date(2025, 8, 1), kind="recalculation")
    store(flat.connection, [(flat.account_id, fact)])
    [row] = flat.parts()
    assert (row.part_amount, row.claimed_amount, row.unclaimed_amount) == (125, 100, 25)


def test_money_under_an_order_lowers_the_part_of_its_debtor_only(flat: Flat) -> None:
    first, second = flat.own("1/2"), flat.own("1/2")
    flat.charge(JAN, 100_00)
    case = flat.claim(JAN, kopecks=50_00, portion=first)
    register_events(
        flat.connection, [filed(case, date(2025, 6, 2)), issued(case, date(2025, 6, 9), 50_00)]
    )
    flat.recover(case, date(2025, 9, 1), 30_00)
    assert flat.owed() == {first: 20_00, second: 50_00}
    claimed = {row.holder_person_id: row.claimed_amount for row in flat.parts()}
    assert claimed == {first: 20, second: 0}


def test_money_under_an_order_goes_to_its_months_even_with_a_gap_between_them(flat: Flat) -> None:
    flat.own()
    for month in (JAN, FEB, MAR):
        flat.charge(month, 100_00)
    case = flat.claim(JAN, MAR, kopecks=100_00)
    register_events(
        flat.connection, [filed(case, date(2025, 6, 2)), issued(case, date(2025, 6, 9), 200_00)]
    )
    flat.recover(case, date(2025, 9, 1), 200_00)
    assert [row.period for row in flat.parts()] == [FEB]


def test_a_held_account_has_nothing_to_claim(flat: Flat) -> None:
    flat.own()
    flat.charge(JAN, 100_00)
    hold = {
        "account_id": flat.account_id,
        "kind": "no_pursuit",
        "valid_from": date(2025, 11, 1),
        "basis": "спор",
    }
    insert_all(flat.connection, "debt_hold", [hold])
    [row] = flat.parts()
    assert (row.unclaimed_amount, row.claimable_amount, row.is_held) == (100, 0, True)


OLD = date(2022, 3, 1)
OLD_TERM = date(2025, 4, 11)  # due on Monday 11 April 2022


def limitation_of(flat: Flat, as_of: date = TODAY):
    [row] = flat.parts(as_of)
    return row.limitation_date, row.is_time_barred


def test_a_month_is_barred_three_years_after_its_due_date(flat: Flat) -> None:
    flat.own()
    flat.charge(OLD, 100_00)
    assert limitation_of(flat, OLD_TERM) == (OLD_TERM, False)
    assert limitation_of(flat, date(2025, 4, 12)) == (OLD_TERM, True)


def test_a_filed_application_stops_the_term(flat: Flat) -> None:
    flat.own()
    flat.charge(OLD, 100_00)
    case = flat.claim(OLD, kopecks=100_00)
    register_events(flat.connection, [filed(case, date(2025, 4, 11))])
    assert limitation_of(flat) == (None, False)


def test_a_returned_application_does_not_stop_the_term(flat: Flat) -> None:
    flat.own()
    flat.charge(OLD, 100_00)
    case = flat.claim(OLD, kopecks=100_00)
    back = NewEvent(case.case_id, CaseEventKind.RETURNED, date(2025, 4, 20), reason_code="no_duty")
    register_events(flat.connection, [filed(case, date(2025, 4, 1)), back])
    assert limitation_of(flat) == (OLD_TERM, True)


def test_after_a_cancelled_order_the_rest_of_the_term_goes_on(flat: Flat) -> None:
    flat.own()
    flat.charge(OLD, 100_00)
    case = flat.claim(OLD, kopecks=100_00)
    register_events(
        flat.connection,
        [
            filed(case, date(2024, 4, 11)),  # a year was left
            issued(case, date(2024, 4, 20), 100_00),
            cancelled(case, date(2025, 5, 11)),
        ],
    )
    assert limitation_of(flat) == (date(2026, 5, 11), False)


def test_after_a_cancelled_order_six_months_are_left_at_least(flat: Flat) -> None:
    flat.own()
    flat.charge(OLD, 100_00)
    case = flat.claim(OLD, kopecks=100_00)
    register_events(
        flat.connection,
        [
            filed(case, date(2025, 4, 1)),
            issued(case, date(2025, 4, 8), 100_00),
            cancelled(case, date(2025, 7, 15)),
        ],
    )
    assert limitation_of(flat) == (date(2026, 1, 15), False)


def test_filing_after_the_term_brings_nothing_back(flat: Flat) -> None:
    flat.own()
    flat.charge(OLD, 100_00)
    case = flat.claim(OLD, kopecks=100_00)
    register_events(flat.connection, [filed(case, date(2025, 4, 12))])
    assert limitation_of(flat) == (OLD_TERM, True)


def test_a_case_against_one_owner_stops_no_term_of_the_other(flat: Flat) -> None:
    first, second = flat.own("1/2"), flat.own("1/2")
    flat.charge(OLD, 100_00)
    case = flat.claim(OLD, kopecks=50_00, portion=first)
    register_events(flat.connection, [filed(case, date(2025, 4, 1))])
    assert {row.holder_person_id: row.is_time_barred for row in flat.parts()} == {
        first: False,
        second: True,
    }


@pytest.mark.parametrize("is_filed", [True, False])
def test_an_unnamed_payment_closes_an_old_month_only_if_a_filing_stopped_its_term(
    flat: Flat, is_filed: bool
) -> None:
    flat.own()
    flat.charge(OLD, 100_00)
    flat.charge(JAN, 100_00)
    if is_filed:
        case = flat.claim(OLD, kopecks=100_00)
        register_events(flat.connection, [filed(case, date(2025, 4, 1))])
    flat.pay(date(2025, 9, 1), 100_00)
    assert [row.period for row in flat.parts()] == [JAN if is_filed else OLD]


def test_the_claim_after_a_cancelled_order_asks_for_what_was_not_recovered(flat: Flat) -> None:
    flat.own()
    flat.charge(JAN, 100_00)
    flat.charge(FEB, 100_00)
    case = flat.claim(JAN, FEB, kopecks=100_00)
    register_events(
        flat.connection, [filed(case, date(2025, 6, 2)), issued(case, date(2025, 6, 9), 150_00)]
    )
    flat.recover(case, date(2025, 7, 1), 130_00)
    ledger = text(
        "select period, claimed_amount, awarded_amount, recovered_amount, rest_amount "
        "from intermediate.int_claimed_ledger where account_id = :id order by period"
    )
    rows = flat.connection.execute(ledger, {"id": flat.account_id}).all()
    assert [tuple(row) for row in rows] == [(JAN, 100, 75, 100, 0), (FEB, 100, 75, 30, 70)]

    register_events(flat.connection, [cancelled(case, date(2025, 8, 1))])
    claim = continue_as_claim(flat.connection, case.case_id)
    asked = text("select period, amount from ops.claimed_month where case_id = :id")
    found = flat.connection.execute(asked, {"id": claim.case_id}).all()
    assert [tuple(row) for row in found] == [(FEB, 70)]


LAST_DAY_ASKED = date(2025, 4, 30)


def penalty_asked(flat: Flat, period: date) -> Decimal:
    """What the lines of a month come to till the last day that an order asked for."""
    lines = text(
        "select coalesce(sum(warehouse.penalty_sum(base_amount, rate_pct, "
        "least(date_to, :last) - date_from + 1, denominator)), 0) "
        "from intermediate.int_penalty_lines "
        "where account_id = :id and period = :period and date_from <= :last"
    )
    asked = {"id": flat.account_id, "period": period, "last": LAST_DAY_ASKED}
    return flat.connection.scalar(lines, asked)


def test_the_claim_after_a_cancelled_order_asks_for_no_debt_that_was_paid_past_the_order(
    flat: Flat,
) -> None:
    holder = flat.own()
    for period in (JAN, FEB):
        flat.charge(period, 100_00)
    months = [NewClaimedMonth("housing", period, Decimal(100)) for period in (JAN, FEB)]
    late = {"part": ClaimedPart.PENALTY, "penalty_to": LAST_DAY_ASKED}
    penalty = penalty_asked(flat, JAN)
    months.append(NewClaimedMonth("housing", JAN, penalty, **late))
    order = NewCase(flat.account_id, CaseKind.ORDER, [NewDebtor(holder)], months)
    case = open_case(flat.connection, order)
    award = issued(case, date(2025, 6, 9), 200_00, penalty=int(penalty * 100))
    register_events(flat.connection, [filed(case, date(2025, 6, 2)), award])
    flat.pay(date(2025, 7, 1), 130_00)
    register_events(flat.connection, [cancelled(case, date(2025, 8, 1))])
    claim = continue_as_claim(flat.connection, case.case_id)
    find = text(
        "select period, part, amount from ops.claimed_month where case_id = :id "
        "order by part, period"
    )
    found = flat.connection.execute(find, {"id": claim.case_id}).all()
    assert [tuple(row) for row in found] == [
        (JAN, "penalty", penalty),
        (FEB, "principal", Decimal(70)),
    ]


def test_the_claim_after_a_cancelled_order_asks_for_no_penalty_that_was_recovered(
    flat: Flat,
) -> None:
    months, penalty = [], 0
    for period, kopecks in ((JAN, 60), (FEB, 10_000_00)):
        flat.charge(period, kopecks)
        months.append(NewClaimedMonth("housing", period, Decimal(kopecks) / 100))
        asked = {"part": ClaimedPart.PENALTY, "penalty_to": LAST_DAY_ASKED}
        months.append(NewClaimedMonth("housing", period, penalty_asked(flat, period), **asked))
        penalty += int(months[-1].amount * 100)
    order = NewCase(flat.account_id, CaseKind.ORDER, [NewDebtor(flat.own())], months)
    case = open_case(flat.connection, order)
    award = issued(case, date(2025, 6, 9), 5_000_60, penalty=penalty)
    register_events(flat.connection, [filed(case, date(2025, 6, 2)), award])
    # January with its kopeck of penalty, half of February and all of its penalty but a rouble.
    flat.recover(case, date(2025, 7, 1), 5_000_60 + penalty - 1_00)
    register_events(flat.connection, [cancelled(case, date(2025, 8, 1))])
    claim = continue_as_claim(flat.connection, case.case_id)
    find = text(
        "select period, part, amount from ops.claimed_month where case_id = :id "
        "order by part, period"
    )
    found = flat.connection.execute(find, {"id": claim.case_id}).all()
    assert [tuple(row) for row in found] == [
        (FEB, "penalty", Decimal(1)),
        (FEB, "principal", Decimal(5_000)),
    ]


def test_the_claim_asks_for_the_penalty_that_its_days_come_to_when_a_part_was_paid(
    flat: Flat,
) -> None:
    """Each of the two parts of the month is rounded by itself: a kopeck more or less."""
    flat.charge(JAN, 1_000_01)
    asked = {"part": ClaimedPart.PENALTY, "penalty_to": LAST_DAY_ASKED}
    before = penalty_asked(flat, JAN)
    months = [
        NewClaimedMonth("housing", JAN, Decimal("1000.01")),
        NewClaimedMonth("housing", JAN, before, **asked),
    ]
    order = NewCase(flat.account_id, CaseKind.ORDER, [NewDebtor(flat.own())], months)
    case = open_case(flat.connection, order)
    award = issued(case, date(2025, 6, 9), 1_000_01, penalty=int(before * 100))
    register_events(flat.connection, [filed(case, date(2025, 6, 2)), award])
    flat.recover(case, date(2025, 7, 1), 333_33)
    register_events(flat.connection, [cancelled(case, date(2025, 8, 1))])
    claim = continue_as_claim(flat.connection, case.case_id)
    now = penalty_asked(flat, JAN)
    assert abs(now - before) == Decimal("0.01")
    find = text("select part, amount from ops.claimed_month where case_id = :id order by part")
    found = flat.connection.execute(find, {"id": claim.case_id}).all()
    assert [tuple(row) for row in found] == [("penalty", now), ("principal", Decimal("666.68"))]


def test_an_order_that_was_paid_in_full_is_no_claim_though_its_parts_are_rounded_apart(
    flat: Flat,
) -> None:
    flat.charge(JAN, 1_000_01)
    penalty = penalty_asked(flat, JAN)
    asked = {"part": ClaimedPart.PENALTY, "penalty_to": LAST_DAY_ASKED}
    months = [
        NewClaimedMonth("housing", JAN, Decimal("1000.01")),
        NewClaimedMonth("housing", JAN, penalty, **asked),
    ]
    order = NewCase(flat.account_id, CaseKind.ORDER, [NewDebtor(flat.own())], months)
    case = open_case(flat.connection, order)
    award = issued(case, date(2025, 6, 9), 1_000_01, penalty=int(penalty * 100))
    register_events(flat.connection, [filed(case, date(2025, 6, 2)), award])
    flat.recover(case, date(2025, 7, 1), 500_00)
    flat.recover(case, date(2025, 8, 1), 500_01 + int(penalty * 100))
    register_events(flat.connection, [cancelled(case, date(2025, 9, 1))])
    with pytest.raises(CaseRefusedError, match="всё уже оплачено"):
        continue_as_claim(flat.connection, case.case_id)


DENOMINATORS = (1, 2, 3, 4, 5, 6, 7, 12, 37, 100, 284)
STARTS = (LONG_AGO, date(2025, 1, 12), date(2025, 2, 28), date(2025, 6, 1))


def made_up_home(chance: Random, flat: Flat) -> Household:
    """A household of a few people with rights, cards and papers that come and go."""
    home = Household(is_family_named=chance.random() < 0.8)
    if not home.is_family_named:
        flat.name_family(is_named=False)
    known = [made_up_person(chance, flat, home) for _ in range(chance.randint(1, 5))]
    kinds = chance.choice([("owner",), ("owner", "joint_owners"), ("joint_owners",), ("tenants",)])
    for _ in range(chance.randint(0, 4)):
        denominator = chance.choice(DENOMINATORS)
        share = Fraction(chance.randint(1, denominator), denominator)
        if len(known) < 3:
            share = Fraction(1)
        first, last = chance.choice(STARTS), chance.choice([None, None, date(2025, 7, 3)])
        right = Right(chance.choice(known), share, first, last, chance.choice(kinds))
        home.rights.append(right)
        flat.own(
            f"{share.numerator}/{share.denominator}",
            first,
            last,
            person_id=right.person_id,
            right_kind=RIGHT_OF[right.kind],
        )
    for person in known:
        made_up_papers(chance, flat, home, person, known)
    return home


RIGHT_OF = {
    "owner": "shared_ownership",
    "joint_owners": "joint_ownership",
    "tenants": "social_tenancy",
}


def made_up_person(chance: Random, flat: Flat, home: Household) -> int:
    birth = chance.choice(
        [date(1980, 3, 3), date(2015, 5, 5), date(2007, 2, 10), date(2007, 3, 1), None]
    )
    dead = date(2025, 5, 5) if birth and chance.random() < 0.05 else None
    person_id = new_person(flat.connection, flat.organisation_id, birth_date=birth, death_date=dead)
    if birth:
        home.births[person_id] = birth
    if dead:
        home.dead.add(person_id)
    return person_id


def made_up_papers(
    chance: Random, flat: Flat, home: Household, person: int, known: list[int]
) -> None:
    is_close = chance.random() < 0.7
    for first, last in chance.choice(
        [[], [(LONG_AGO, None)], [(LONG_AGO, JAN), (date(2025, 1, 2), None)], [(FEB, None)],
         [(date(2025, 1, 20), date(2025, 3, 31))]]
    ):  # fmt: skip
        flat.register(person, first, last, relation="супруг" if is_close else "жилец")
        home.stays.append(Stay(person, first, last, is_close))
    for guardian in known:
        if guardian != person and person in home.births and chance.random() < 0.2:
            first, last = chance.choice(STARTS), chance.choice([None, date(2025, 2, 27)])
            last = last if last is None or last >= first else None
            flat.represent(person, guardian, first, last)
            home.guardians.append(Guardian(person, guardian, first, last))
    if chance.random() < 0.1:
        first, last = chance.choice(STARTS), chance.choice([None, date(2025, 7, 3)])
        flat.agree_apart(person, first, last)
        home.agreements.append(Apart(person, first, last))


def told(asked: set) -> list[tuple]:
    return sorted(asked, key=str)


def expected_of(
    home: Household, kopecks: int, days: list[date], judged: list[date], liability: str,
    *, has_utilities: bool,
) -> list[tuple]:  # fmt: skip
    """Rows of a month: holder, kopecks, who is asked, family."""
    parts = parts_of(kopecks, home.rights, days, liability)
    parties = {it for day in days for it in holders_on(day, home.rights, liability)}
    held = sum(sum(holders_on(day, home.rights, liability).values()) for day in days)
    is_whole = len(parties) == 1 and held >= len(days)
    rows = []
    for party, part in parts.items():
        if party is None:
            rows.append((None, part, [], []))
            continue
        asked = asked_of(party, judged, home)
        family = family_of(party, judged, home, asked) if is_whole and has_utilities else set()
        rows.append((named_by(party, parties), part, told(asked), sorted(family)))
    return sorted(rows, key=str)


COLD_WATER = 3
MONTHS = (JAN, FEB, MAR, date(2025, 7, 1))


def test_parts_of_made_up_flats_and_those_asked_are_those_read_day_by_day(
    warehouse: Warehouse,
) -> None:
    chance = Random(4)
    expected: dict[tuple, list] = {}
    homes: dict[int, Household] = {}
    with warehouse.engine.begin() as connection:
        flats = [new_flat(connection) for _ in range(300)]
        for flat in flats:
            home = homes[flat.account_id] = made_up_home(chance, flat)
            for month in MONTHS:
                kopecks = chance.choice([1, 7, 100_00, chance.randint(1, 10**9)])
                service = chance.choice([MAINTENANCE, COLD_WATER])
                flat.charge(month, kopecks, service)
                expected[flat.account_id, "housing", month] = expected_of(
                    home, kopecks, days_of(month), days_of(month), "housing",
                    has_utilities=service == COLD_WATER,
                )  # fmt: skip
            flat.charge(JAN, 55_55, CAPITAL_REPAIR)
            # Capital repair falls to the holders of today, and they are judged by this month.
            expected[flat.account_id, "capital_repair", JAN] = expected_of(
                home, 55_55, [TODAY], days_of(TODAY.replace(day=1)), "capital_repair",
                has_utilities=False,
            )  # fmt: skip
    warehouse.build(as_of=TODAY)
    with warehouse.engine.connect() as connection:
        found: dict[tuple, list] = {}
        for row in connection.execute(PARTS_AND_ASKED):
            asked = {(it["person_id"], it["asked_as"], it["ward_id"]) for it in row.asked or ()}
            found.setdefault((row.account_id, row.liability, row.period), []).append(
                (row.holder_person_id, row.kopecks, told(asked), sorted(row.family_ids or ()))
            )
        for key, rows in expected.items():
            assert sorted(found.pop(key), key=str) == rows, (key, homes[key[0]])
        assert not found

        connection.execute(text(f"select set_config('dolgomer.as_of', '{TODAY}', true)"))
        columns = (
            "account_id, liability, period, due_date, part_no, holder_kind, portion_person_id, "
            "part_amount, claimable_amount, limitation_date, debtors, family_ids"
        )
        for flat in flats[:10]:
            live, built = (
                connection.execute(
                    text(
                        f"select {columns} from {source} where account_id = :id "
                        "order by period, liability, part_no"
                    ),
                    {"id": flat.account_id},
                ).all()
                for source in ("intermediate.int_debt_parts", "marts.debt_parts")
            )
            assert live == built


PARTS_AND_ASKED = text(
    """
    select p.account_id, p.liability, p.period, p.holder_person_id, p.family_ids,
        cast(p.part_amount * 100 as bigint) as kopecks, asked.list as asked
    from marts.debt_parts as p
    left join lateral (
        select jsonb_agg(to_jsonb(a)) as list
        from ops.people_asked(p.holder_person_id, p.debtors, null) as a
    ) as asked on true
    """
)


def test_a_case_that_came_after_the_build_is_in_the_next_build_of_changes(
    warehouse: Warehouse,
) -> None:
    with warehouse.engine.begin() as connection:
        flat = new_flat(connection)
        flat.own()
        flat.charge(JAN, 100_00)
    warehouse.build()
    with warehouse.engine.begin() as connection:
        flat.connection = connection
        flat.claim(JAN, kopecks=60_00)
    assert not warehouse.build().is_full
    query = text(
        "select claimed_amount, unclaimed_amount from marts.debt_parts where account_id = :id"
    )
    with warehouse.engine.connect() as connection:
        [row] = connection.execute(query, {"id": flat.account_id}).all()
    assert tuple(row) == (60, 40)


def people_of_parts(warehouse: Warehouse, flat: Flat) -> list:
    query = text(
        "select period, holder_person_id, debtors, family_ids, part_amount from marts.debt_parts "
        "where account_id = :id order by period, part_no"
    )
    with warehouse.engine.connect() as connection:
        return connection.execute(query, {"id": flat.account_id}).all()


def test_whoever_was_registered_later_for_earlier_months_is_in_the_next_build_of_changes(
    warehouse: Warehouse,
) -> None:
    with warehouse.engine.begin() as connection:
        flat, childs = new_flat(connection), new_flat(connection)
        owner, tenant = new_flat(connection), flat.own(right_kind="social_tenancy")
        owner.own()
        child = childs.own(person={"birth_date": date(2007, 2, 10)})
        mother, wife, guest = (
            new_person(connection, each.organisation_id, birth_date=date(1980, 3, 3))
            for each in (childs, owner, flat)
        )
        for each in (flat, owner, childs):
            for month in (JAN, FEB):
                each.charge(month, 100_00, 3)
    warehouse.build(full=True)
    with warehouse.engine.begin() as connection:
        for each in (flat, owner, childs):
            each.connection = connection
        flat.register(guest, date(2025, 1, 15))
        childs.represent(child, mother, date(2007, 2, 10))
        correction = {
            "person_id": child, "field": "birth_date", "new_value": "2007-03-10",
            "basis": "паспорт",
        }  # fmt: skip
        insert_all(connection, "person_correction", [correction])
        owner.register(owner.parts()[0].holder_person_id, relation="собственник")
        owner.register(wife, relation="супруга")
    assert not warehouse.build().is_full
    by_changes = [people_of_parts(warehouse, each) for each in (flat, owner, childs)]
    assert [row.debtors for row in by_changes[0]] == [
        [{"kind": "joint", "person_id": tenant}],
        [{"kind": "joint", "person_id": tenant}, {"kind": "family", "person_id": guest}],
    ]
    assert [row.family_ids for row in by_changes[1]] == [[wife], [wife]]
    for_child = {"kind": "representative", "ward_id": child, "person_id": mother}
    assert [row.debtors for row in by_changes[2]] == [[for_child], [for_child]]
    assert warehouse.build(full=True).is_full
    assert [people_of_parts(warehouse, each) for each in (flat, owner, childs)] == by_changes


def test_months_whose_debtors_have_different_terms_are_told(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        shares, spouses, alike = (new_flat(connection) for _ in range(3))
        first, second = shares.own("1/2"), shares.own("1/2")
        husband = spouses.own("1/2", right_kind="joint_ownership")
        spouses.own("1/2", right_kind="joint_ownership")
        owners = [alike.own("1/2"), alike.own("1/2")]
        for flat in (shares, spouses, alike):
            flat.charge(JAN, 100_00)
            flat.charge(FEB, 100_00)
        for flat, person in ((shares, first), (alike, owners[0]), (alike, owners[1])):
            case = flat.claim(JAN, kopecks=50_00, portion=person)
            register_events(connection, [filed(case, date(2025, 6, 2))])
        # An order against the husband stops the term for him only, though the debt is one.
        months = [NewClaimedMonth("housing", JAN, Decimal(100))]
        case = open_case(
            connection,
            NewCase(spouses.account_id, CaseKind.ORDER, [NewDebtor(husband)], months),
        )
        register_events(connection, [filed(case, date(2025, 6, 2))])
    warehouse.build()
    query = text("select account_id, period from intermediate.int_mixed_limitation")
    with warehouse.engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(query)}
        ours = {each.account_id for each in (shares, spouses, alike)}
    assert {row for row in found if row[0] in ours} == {
        (shares.account_id, JAN), (spouses.account_id, JAN)
    }  # fmt: skip
    assert second


def test_an_owner_owes_no_penalty_for_what_the_other_paid_late_under_an_order(
    warehouse: Warehouse,
) -> None:
    with warehouse.engine.begin() as connection:
        flat, alone = new_flat(connection), new_flat(connection)
        first = flat.own("1/2")
        flat.own("1/2")
        alone.own()
        flat.charge(JAN, 100_000_00)
        alone.charge(JAN, 50_000_00)
        case = flat.claim(JAN, kopecks=50_000_00, portion=first)
        register_events(
            connection, [filed(case, date(2025, 6, 2)), issued(case, date(2025, 6, 9), 50_000_00)]
        )
        flat.recover(case, date(2025, 9, 1), 50_000_00)
    warehouse.build()
    query = text(
        "select sum(penalty_amount) from intermediate.int_penalty_lines_shared "
        "where account_id = :id and own_person_id is null"
    )
    with warehouse.engine.connect() as connection:
        shared, own = (connection.scalar(query, {"id": each.account_id}) for each in (flat, alone))
    assert shared == own > 0
