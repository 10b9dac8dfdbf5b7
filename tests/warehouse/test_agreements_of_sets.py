"""Agreements by instalments are of those who answer together, and hold back nobody else.

One rule (``ops.is_put_off``) is asked by the registry of debtors, the economics of filing, the card
of a debtor, proposals and the guard; here they are held to one answer.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import Connection, Row, text

from operational_db.database import screens_connection
from operational_db.services import (
    debtor_card,
    debtors,
    instalment_debts,
    instalment_papers,
    instalment_receipts,
    instalments,
)
from operational_db.services.filing import economics, proposals
from operational_db.services.filing.proposals import Proposal, Selection
from operational_db.services.instalments import InstalmentRefusedError, Line, NewAgreement
from tests.factories import (
    new_account,
    new_house,
    new_organisation,
    new_person,
    new_premises,
    new_session,
    new_user,
)
from tests.warehouse.conftest import Warehouse
from tests.warehouse.test_who_owes import CAPITAL_REPAIR, COLD_WATER, FEB, JAN, MAR, TODAY, Flat

CHILD = {"birth_date": date(2015, 5, 5)}
FLATS = 12


def flat_of(connection: Connection, organisation_id: int) -> Flat:
    premises_id = new_premises(connection, new_house(connection))
    account_id = new_account(connection, organisation_id, premises_id=premises_id)
    return Flat(connection, organisation_id, premises_id, account_id)


class Town:
    """Flats of one company by how they are held, each with three months of debt."""

    def __init__(self, connection: Connection) -> None:
        self.organisation_id = new_organisation(connection)
        flats = iter(lambda: flat_of(connection, self.organisation_id), None)
        self.by_shares, self.again, self.paid = next(flats), next(flats), next(flats)
        self.mistaken, self.renamed = next(flats), next(flats)
        for flat in (self.by_shares, self.again, self.paid, self.mistaken, self.renamed):
            flat.people = [flat.own("2/3"), flat.own("1/3")]
        self.spouses = next(flats)
        self.spouses.people = [
            self.spouses.own("1/2", right_kind="joint_ownership") for _ in range(2)
        ]
        self.mother_and_child = next(flats)
        mother = self.mother_and_child.own("1/2")
        child = self.mother_and_child.own("1/2", person=CHILD)
        self.mother_and_child.represent(child, mother, CHILD["birth_date"])
        self.mother_and_child.people = [mother, child]
        self.with_family = next(flats)
        owner = self.with_family.own()
        wife = new_person(connection, self.organisation_id, birth_date=date(1980, 3, 3))
        self.with_family.register(owner)
        self.with_family.register(wife, MAR, relation="жена")
        self.with_family.people = [owner, wife]
        self.with_son = next(flats)
        father = self.with_son.own(last=FEB - timedelta(days=1))
        mother = self.with_son.own(first=FEB, last=MAR - timedelta(days=1))
        self.with_son.own(first=MAR, person_id=father)
        son = new_person(connection, self.organisation_id, birth_date=date(1999, 9, 9))
        self.with_son.register(father)
        self.with_son.register(mother)
        self.with_son.register(son, relation="сын")
        self.with_son.people = [father, mother, son]
        self.together = next(flats)
        mother, *children = (
            self.together.own("1/3", right_kind="joint_ownership", person=person)
            for person in ({}, CHILD, {"birth_date": date(2018, 8, 8)})
        )
        for child in children:
            self.together.represent(child, mother, CHILD["birth_date"])
        self.together.people = [mother, *children]
        self.ended, self.alone = next(flats), next(flats)
        for flat in (self.ended, self.alone):
            flat.people = [flat.own()]
        for flat in self.held:
            for month in (JAN, FEB, MAR):
                flat.charge(month, 1000_01, COLD_WATER)
        chance = Random(20261121)
        self.any = [next(flats) for _ in range(FLATS)]
        for flat in self.any:
            whole = chance.randint(1, 7)
            flat.people = [flat.own(f"1/{whole}") for _ in range(whole)]
            for month in (JAN, FEB, MAR)[: chance.randint(1, 3)]:
                flat.charge(month, chance.randint(1, 99_999))
                flat.charge(month, chance.randint(1, 9_999), CAPITAL_REPAIR)
        self.session = new_session(
            connection, new_user(connection, self.organisation_id, "lawyer", "manager")
        )

    @property
    def held(self) -> list[Flat]:
        return [
            *(self.by_shares, self.again, self.paid, self.mistaken, self.renamed, self.spouses),
            *(self.mother_and_child, self.with_family, self.with_son, self.together, self.ended),
            self.alone,
        ]


@dataclass(frozen=True)
class Screens:
    """The town as its lawyer sees it on the day of the build."""

    town: Town

    @contextmanager
    def work(self) -> Iterator[Connection]:
        with screens_connection(self.town.session, as_of=TODAY) as connection:
            yield connection

    def set_of(self, flat: Flat, person_id: int, ward_id: int | None = None) -> dict:
        with self.work() as connection:
            found = instalment_debts.parties(connection, flat.account_id)
        one = {"person_id": person_id, "ward_id": ward_id}
        return next(dict(row) for row in found if one in row["answering"])

    def sign(self, flat: Flat, person_id: int, ward_id: int | None = None, **changes) -> int:
        """Put off what this person answers for: a first payment now, the rest in a month."""
        answering = self.set_of(flat, person_id, ward_id)["answering"]
        first, last = changes.pop("months", (JAN, MAR))
        signed_on = changes.pop("signed_on", TODAY)
        with self.work() as connection:
            debt = instalment_debts.debt_of(connection, flat.account_id, answering, first, last)
            total = debt["principal"] + debt["penalty"]
            values = {
                "account_id": flat.account_id,
                "answering": answering,
                "signed_on": signed_on,
                "place": "г. Красногорск",
                "person_ids": [person_id],
                "period_from": debt["period_from"],
                "period_to": debt["period_to"],
                "principal": debt["principal"],
                "penalty": debt["penalty"],
                "lines": [
                    Line(0, signed_on + timedelta(days=5), Decimal(100)),
                    Line(1, signed_on + timedelta(days=40), total - 100),
                ],
                "missed_limit": 1,
            } | changes
            return instalments.sign(connection, NewAgreement(**values))

    def obstacles(self, flat: Flat) -> list[str]:
        """What the registry says is in the way of the account."""
        with self.work() as connection:
            rows = debtors.debtors(connection, debtors.DebtorFilter(), limit=500)
            held = debtors.account_ids(connection, debtors.DebtorFilter(obstacle="instalment"))
        [row] = [row for row in rows if row["account_id"] == flat.account_id]
        assert ("instalment" in row["obstacles"]) == (flat.account_id in held)
        return row["obstacles"]

    def put_off_by_economics(self, flat: Flat) -> dict[int, Decimal]:
        """Holder → roubles that economics says an agreement stops; what is free is left out."""
        with self.work() as connection:
            _, rows = economics.board(connection, economics.EconomicsFilter(), limit=500)
        return {
            row["holder_person_id"]: row["claim_amount"]
            for row in rows
            if row["account_id"] == flat.account_id and "instalment" in (row["rule_codes"] or ())
        }

    def put_off_by_guard(self, flat: Flat) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
        """Holder → roubles of applications that the guard stops, and of those that it does not."""
        rows = self.proposed(
            flat,
            """
            select i.holder_person_id, i.principal_amount, exists (
                select 1 from ops.filing_finding as f
                where f.batch_id = i.batch_id and f.item_number = i.item_number
                    and f.rule_code = 'instalment'
            ) as is_stopped
            from ops.filing_item as i where i.batch_id = :batch_id
            """,
        )
        stopped, free = {}, {}
        for row in rows:
            (stopped if row.is_stopped else free)[row.holder_person_id] = row.principal_amount
        return stopped, free

    def families_asked(self, flat: Flat) -> dict[bool, list[int] | None]:
        """Whether an agreement puts an application off → the family that it names."""
        rows = self.proposed(
            flat, "select is_agreed, family_ids from ops.filing_item where batch_id = :batch_id"
        )
        return {row.is_agreed: row.family_ids for row in rows}

    def proposed(self, flat: Flat, query: str) -> Sequence[Row]:
        """What ``query`` reads of a proposal for the flat, which is then taken back."""
        with self.work() as connection:
            batch_id = proposals.propose(
                connection,
                Selection(self.town.organisation_id, account_ids=(flat.account_id,)),
                Proposal("Проверка", TODAY),
            )
            rows = connection.execute(text(query), {"batch_id": batch_id}).all()
            connection.rollback()
        return rows

    def put_off_by_card(self, flat: Flat) -> dict[int, Decimal]:
        with self.work() as connection:
            rows = debtor_card.holders(connection, flat.account_id)
        return {
            row["holder_person_id"]: row["put_off_amount"] for row in rows if row["put_off_amount"]
        }

    def state(self, number: int) -> dict:
        with self.work() as connection:
            return dict(
                connection.execute(
                    text("select * from ops.instalment_state where instalment_agreement_id = :n"),
                    {"n": number},
                )
                .mappings()
                .one()
            )


@pytest.fixture(scope="module")
def town(warehouse: Warehouse) -> Town:
    with warehouse.engine.begin() as connection:
        town = Town(connection)
    warehouse.build(as_of=TODAY)
    return town


@pytest.fixture
def screens(town: Town) -> Screens:
    return Screens(town)


def owed(warehouse: Warehouse, flat: Flat) -> Decimal:
    with warehouse.engine.connect() as connection:
        return connection.scalar(
            text("select sum(claimable_amount) from marts.debt_parts where account_id = :id"),
            {"id": flat.account_id},
        )


def test_debts_of_those_who_answer_apart_make_up_the_debt_of_the_account(
    warehouse: Warehouse, town: Town, screens: Screens
) -> None:
    for flat in [*town.any, *town.held]:
        with screens.work() as connection:
            sets = instalment_debts.parties(connection, flat.account_id)
            debts = [
                instalment_debts.debt_of(connection, flat.account_id, each["answering"], JAN, MAR)
                for each in sets
            ]
            penalty = connection.scalar(
                text(
                    "select coalesce(sum(penalty_amount), 0) from screens.part_penalties "
                    "where account_id = :id and is_open"
                ),
                {"id": flat.account_id},
            )
        assert sum(each["claimable_amount"] for each in sets) == owed(warehouse, flat)
        assert sum(debt["principal"] for debt in debts) == owed(warehouse, flat)
        assert sum(debt["penalty"] for debt in debts) == penalty


def test_one_co_owner_signs_for_his_part_and_the_other_stays_where_he_was(
    town: Town, screens: Screens
) -> None:
    flat = town.by_shares
    signed, other = flat.people
    number = screens.sign(flat, signed)
    parts = {signed: Decimal("2000.01"), other: Decimal("1000.02")}
    assert screens.state(number)["principal_amount"] == parts[signed]
    assert "instalment" not in screens.obstacles(flat)
    assert screens.put_off_by_economics(flat) == {signed: parts[signed]}
    assert screens.put_off_by_guard(flat) == ({signed: parts[signed]}, {other: parts[other]})
    assert screens.put_off_by_card(flat) == {signed: parts[signed]}
    screens.sign(flat, other)
    assert "instalment" in screens.obstacles(flat)
    assert screens.put_off_by_economics(flat) == parts
    assert screens.put_off_by_guard(flat) == (parts, {})
    assert screens.put_off_by_card(flat) == parts


def test_the_same_people_have_one_living_agreement(town: Town, screens: Screens) -> None:
    first, second = town.again.people
    screens.sign(town.again, first)
    with pytest.raises(InstalmentRefusedError, match="уже действует"):
        screens.sign(town.again, first)
    screens.sign(town.again, second)


def test_joint_owners_answer_together_whoever_of_them_signed(town: Town, screens: Screens) -> None:
    flat = town.spouses
    screens.sign(flat, flat.people[1])
    assert "instalment" in screens.obstacles(flat)
    stopped, free = screens.put_off_by_guard(flat)
    assert (sum(stopped.values()), free) == (Decimal("3000.03"), {})


def test_a_mother_who_signed_for_herself_did_not_sign_for_her_child(
    town: Town, screens: Screens
) -> None:
    flat = town.mother_and_child
    mother, child = flat.people
    screens.sign(flat, mother)
    assert "instalment" not in screens.obstacles(flat)
    assert set(screens.put_off_by_economics(flat)) == {mother}
    stopped, free = screens.put_off_by_guard(flat)
    assert (set(stopped), set(free)) == ({mother}, {child})
    screens.sign(flat, mother, child)
    assert "instalment" in screens.obstacles(flat)
    assert set(screens.put_off_by_guard(flat)[0]) == {mother, child}


def test_months_outside_of_an_agreement_go_to_court_without_waiting(
    town: Town, screens: Screens
) -> None:
    flat = town.with_family
    owner, wife = flat.people
    screens.sign(flat, owner, months=(JAN, FEB))
    assert "instalment" not in screens.obstacles(flat)
    assert screens.put_off_by_economics(flat) == {owner: Decimal("2000.02")}
    assert screens.put_off_by_guard(flat) == (
        {owner: Decimal("2000.02")},
        {owner: Decimal("1000.01")},
    )
    # She came in March, so only the application of March names her: a run compares it with months.
    assert screens.families_asked(flat) == {True: None, False: [wife]}


def test_a_son_who_signed_with_one_parent_does_not_put_off_the_other(
    town: Town, screens: Screens
) -> None:
    """The mother held the flat in February, between two months of the father's."""
    flat = town.with_son
    signed, other, son = flat.people
    assert screens.families_asked(flat) == {False: [son]}
    screens.sign(flat, signed, person_ids=[signed, son])
    assert "instalment" not in screens.obstacles(flat)
    assert set(screens.put_off_by_economics(flat)) == {signed}
    stopped, free = screens.put_off_by_guard(flat)
    assert (set(stopped), set(free)) == ({signed}, {other})
    assert set(screens.put_off_by_card(flat)) == {signed}


def test_an_account_wholly_under_an_agreement_is_advised_nothing_but_to_wait_for_it(
    town: Town, screens: Screens
) -> None:
    flat = town.alone
    screens.sign(flat, flat.people[0])
    with screens.work() as connection:
        [advice] = [
            row["advice"]
            for row in debtors.debtors(connection, debtors.DebtorFilter(), limit=500)
            if row["account_id"] == flat.account_id
        ]
        money = connection.execute(debtors.ECONOMICS, {"account_ids": [flat.account_id]})
        assert [row.advice for row in money] == [None]
    assert debtors.ADVICE[advice] == "нельзя подать"


def test_a_mother_signs_for_herself_and_for_all_her_children(
    warehouse: Warehouse, town: Town, screens: Screens
) -> None:
    flat = town.together
    mother, *children = flat.people
    with warehouse.engine.connect() as connection:
        born = connection.scalars(
            text("select birth_date from ops.person where person_id = any (:ids) order by 1"),
            {"ids": children},
        ).all()
    number = screens.sign(flat, mother)
    with screens.work() as connection:
        paper = instalment_papers.paper_of_agreement(connection, number)
    assert [row["is_for_self"] for row in paper["debtors"]] == [True]
    assert [(row["person_id"], row["birth_date"]) for row in paper["wards"]] == [
        (mother, day) for day in born
    ]
    change = text("update reference.legal_term set is_enabled = :is_on where code = :code")
    age = {"code": "age_of_majority"}
    with warehouse.engine.begin() as connection:
        connection.execute(change, age | {"is_on": False})
    try:
        with screens.work() as connection, pytest.raises(LookupError, match="age_of_majority"):
            instalment_papers.paper_of_agreement(connection, number)
    finally:
        with warehouse.engine.begin() as connection:
            connection.execute(change, age | {"is_on": True})


def test_nobody_signs_for_a_debt_that_is_not_his(town: Town, screens: Screens) -> None:
    first, second = town.any[0].people[0], town.by_shares.people[1]
    with pytest.raises(InstalmentRefusedError, match="отвечают другие люди"):
        screens.sign(town.any[0], first, person_ids=[second])


def test_an_agreement_that_ended_or_was_broken_holds_nobody(town: Town, screens: Screens) -> None:
    flat = town.ended
    [owner] = flat.people
    broken = screens.sign(flat, owner, signed_on=TODAY - timedelta(days=30))
    # The whole rest is due without any termination: clause 4.2 of the paper.
    assert screens.state(broken)["state"] == "broken"
    assert "instalment" not in screens.obstacles(flat)
    assert screens.put_off_by_guard(flat)[0] == {}
    with screens.work() as connection:
        instalments.terminate(connection, broken, TODAY, "по согласию")
    kept = screens.sign(flat, owner)
    assert "instalment" in screens.obstacles(flat)
    with screens.work() as connection:
        instalments.terminate(connection, kept, TODAY, "по согласию")
    assert "instalment" not in screens.obstacles(flat)


def test_a_receipt_that_two_agreements_could_mean_counts_for_the_one_that_is_named(
    warehouse: Warehouse, town: Town, screens: Screens
) -> None:
    flat = town.paid
    long_ago = TODAY - timedelta(days=30)
    mine, others = (screens.sign(flat, each, signed_on=long_ago) for each in flat.people)
    assert {screens.state(each)["state"] for each in (mine, others)} == {"broken"}
    with warehouse.engine.begin() as connection:
        flat.connection = connection
        flat.pay(long_ago + timedelta(days=3), 150_00)
    for each in (mine, others):
        state = screens.state(each)
        assert (state["received_amount"], state["doubtful_amount"]) == (0, 150)
        assert state["state"] == "kept", "nobody is late while it is not said whose the money is"
    with screens.work() as connection:
        [receipt] = instalment_receipts.shared_payments(connection, flat.account_id)
        assert receipt["agreement_ids"] == [mine, others]
        with pytest.raises(InstalmentRefusedError, match="не может относиться"):
            instalment_receipts.tell_payment(connection, flat.account_id, receipt["payment_id"], 0)
        instalment_receipts.tell_payment(connection, flat.account_id, receipt["payment_id"], mine)
    assert (screens.state(mine)["received_amount"], screens.state(mine)["state"]) == (150, "kept")
    assert (screens.state(others)["received_amount"], screens.state(others)["state"]) == (
        0,
        "broken",
    )
    with screens.work() as connection:
        instalment_receipts.tell_payment(connection, flat.account_id, receipt["payment_id"], None)
    assert {screens.state(each)["received_amount"] for each in (mine, others)} == {0}


def money_of_two(warehouse: Warehouse, screens: Screens, flat: Flat) -> tuple[int, int, int]:
    """Two co-owners with an agreement each, and a receipt: both agreements, and the payment."""
    long_ago = TODAY - timedelta(days=30)
    mine, others = (screens.sign(flat, each, signed_on=long_ago) for each in flat.people)
    with warehouse.engine.begin() as connection:
        flat.connection = connection
        flat.pay(long_ago + timedelta(days=3), 150_00)
    with screens.work() as connection:
        [receipt] = instalment_receipts.shared_payments(connection, flat.account_id)
    return mine, others, receipt["payment_id"]


def test_money_said_to_be_of_a_mistaken_agreement_is_of_the_other_one(
    warehouse: Warehouse, town: Town, screens: Screens
) -> None:
    flat = town.mistaken
    mine, others, payment = money_of_two(warehouse, screens, flat)
    with screens.work() as connection:
        instalment_receipts.tell_payment(connection, flat.account_id, payment, mine)
    assert screens.state(others)["received_amount"] == 0
    with screens.work() as connection:
        instalments.annul(connection, mine, TODAY, "не подписывали")
        assert instalment_receipts.shared_payments(connection, flat.account_id) == []
    assert screens.state(others)["received_amount"] == 150
    with screens.work() as connection:
        instalments.undo_end(connection, mine, TODAY, "подписывали")
    assert screens.state(mine)["received_amount"] == 150
    assert screens.state(others)["received_amount"] == 0


def test_what_was_said_of_a_receipt_may_be_mended_when_one_agreement_is_left(
    warehouse: Warehouse, town: Town, screens: Screens
) -> None:
    flat = town.renamed
    mine, others, payment = money_of_two(warehouse, screens, flat)
    with screens.work() as connection:
        instalment_receipts.tell_payment(connection, flat.account_id, payment, None)
        instalments.annul(connection, mine, TODAY, "не подписывали")
    assert screens.state(others)["received_amount"] == 0
    with screens.work() as connection:
        [receipt] = instalment_receipts.shared_payments(connection, flat.account_id)
        assert (receipt["is_said"], receipt["agreement_ids"]) == (True, [others])
        instalment_receipts.tell_payment(connection, flat.account_id, payment, others)
    assert screens.state(others)["received_amount"] == 150
