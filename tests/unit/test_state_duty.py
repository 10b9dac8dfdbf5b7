"""State duty by both scales: every step and edge, halving, rounding, offset, shares, the court."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from dolgomer.duty import DutyFormat, share_asked, sum_asked, told_duty
from operational_db.reference.dataset import read_reference
from operational_db.services.duties import LONGEST_PURPOSE, purpose_of_payment
from operational_db.services.state_duty import (
    DutyKind,
    DutyRefusedError,
    DutyTables,
    competence,
    split_by_shares,
    state_duty,
)

OLD_DAY, NEW_DAY = date(2024, 9, 8), date(2024, 9, 9)
ORDER, CLAIM = DutyKind.ORDER, DutyKind.CLAIM


@pytest.fixture(scope="module")
def tables() -> DutyTables:
    """The rows of the reference files, as the database holds them."""
    read = {table.name: table for table in read_reference()}
    wanted = ("court_order_claim_max", "magistrate_property_claim_max")
    return DutyTables(
        steps=[
            row
            for row in read["state_duty_step"].rows
            if row["forum"] == "SOYU"
            and row["kind"] in {"claim", "court_order"}
            and row["payer"] == "any"
        ],
        limits=[row for row in read["legal_term"].rows if row["code"] in wanted],
        verified_through=read["state_duty_step"].verified_through,
    )


def duty(tables, kind, claim_sum, day):
    return state_duty(tables, kind, Decimal(claim_sum), day).amount


# Sum, claim, order; counted by hand from the text of НК 333.19.
BEFORE = [
    ("0.01", 400, 200),
    ("10000", 400, 200),
    ("10000.01", 400, 200),
    ("20000", 800, 400),
    ("20000.01", 800, 400),
    ("60000", 2000, 1000),
    ("99999.99", 3200, 1600),
    ("100000", 3200, 1600),
    ("100001", 3200, 1600),
    ("150000", 4200, 2100),
    ("200000", 5200, 2600),
    ("200001", 5200, 2600),
    ("300000", 6200, 3100),
    ("500000", 8200, 4100),
    ("1000000", 13200, 6600),
    ("1000200", 13201, 6601),
    ("10360000", 60000, 30000),
    ("99999999", 60000, 30000),
]
SINCE = [
    ("0.01", 4000, 2000),
    ("100000", 4000, 2000),
    ("100001", 4000, 2000),
    ("150000", 5500, 2750),
    ("299999.99", 10000, 5000),
    ("300000", 10000, 5000),
    ("300000.01", 10000, 5000),
    ("300100", 10003, 5001),
    ("400000", 12500, 6250),
    ("500000", 15000, 7500),
    ("500001", 15000, 7500),
    ("1000000", 25000, 12500),
    ("2000000", 35000, 17500),
    ("3000000", 45000, 22500),
    ("8000000", 80000, 40000),
    ("24000000", 136000, 68000),
    ("50000000", 214000, 107000),
    ("100000000", 314000, 157000),
    ("200000000", 464000, 232000),
    ("900000000", 900000, 450000),
]


@pytest.mark.parametrize(("claim_sum", "claim", "order"), BEFORE)
def test_what_was_sent_by_8_september_2024_costs_by_the_old_scale(tables, claim_sum, claim, order):
    assert duty(tables, CLAIM, claim_sum, OLD_DAY) == claim
    assert duty(tables, ORDER, claim_sum, OLD_DAY) == order


@pytest.mark.parametrize(("claim_sum", "claim", "order"), SINCE)
def test_what_is_sent_since_9_september_2024_costs_by_the_new_scale(
    tables, claim_sum, claim, order
):
    assert duty(tables, CLAIM, claim_sum, NEW_DAY) == claim
    assert duty(tables, ORDER, claim_sum, NEW_DAY) == order


def test_the_steps_of_both_scales_meet_without_a_jump(tables):
    for day in (OLD_DAY, NEW_DAY):
        edges = {
            step["claim_upto_incl"]
            for step in tables.steps
            if step["valid_from"] <= day and (step["valid_to"] or day) >= day
        } - {None}
        assert len(edges) == (4 if day == OLD_DAY else 9)
        for edge in edges:
            below = state_duty(tables, CLAIM, edge, day).exact
            above = state_duty(tables, CLAIM, edge + Decimal("0.01"), day).exact
            assert 0 <= above - below < Decimal("0.01")


def test_the_exact_fee_is_halved_and_only_then_rounded(tables):
    # The fee is 10 002.50: rounded first it would be 10 003 and its half 5 001.5, so 5 002.
    found = state_duty(tables, ORDER, Decimal("300100"), NEW_DAY)
    assert found.exact == Decimal("5001.25")
    assert found.amount == 5001
    assert duty(tables, CLAIM, "300100", NEW_DAY) == 10003


def test_fifty_kopecks_are_a_rouble_and_less_is_nothing(tables):
    assert state_duty(tables, CLAIM, Decimal("100016.66"), NEW_DAY).exact == Decimal("4000.4998")
    assert duty(tables, CLAIM, "100016.66", NEW_DAY) == 4000
    assert duty(tables, CLAIM, "100016.67", NEW_DAY) == 4001


def test_duty_of_a_cancelled_order_is_offset_against_the_claim(tables):
    found = state_duty(tables, CLAIM, Decimal("150000"), NEW_DAY, paid_before=Decimal("2750"))
    assert (found.amount, found.offset, found.to_pay, found.offset_left) == (5500, 2750, 2750, 0)


def test_what_the_offset_does_not_use_is_told(tables):
    found = state_duty(tables, CLAIM, Decimal("5000"), NEW_DAY, paid_before=Decimal("6250"))
    assert (found.to_pay, found.offset_left) == (0, 2250)


def test_each_co_owner_pays_the_least_duty_of_his_own_application(tables):
    shares = [Fraction(1, 3)] * 3
    parts = split_by_shares(Decimal("100000.00"), shares)
    assert parts == [Decimal("33333.34"), Decimal("33333.33"), Decimal("33333.33")]
    assert [duty(tables, ORDER, part, NEW_DAY) for part in parts] == [2000, 2000, 2000]


@pytest.mark.parametrize("shares", [["1/2", "1/3"], ["1/7"] * 7, ["2/3", "1/6", "1/6"]])
def test_parts_of_a_claim_make_what_the_shares_make(shares):
    asked = [share_asked(share) for share in shares]
    total = Decimal("12345.67")
    parts = split_by_shares(total, asked)
    assert sum(parts) * 100 == int(Fraction(total) * 100 * sum(asked))
    for part, share in zip(parts, asked, strict=True):
        assert abs(Fraction(part) - Fraction(total) * share) < Fraction(1, 100)


def test_shares_of_more_than_a_whole_are_refused():
    with pytest.raises(DutyRefusedError, match="больше целого"):
        split_by_shares(Decimal(1), [Fraction(2, 3), Fraction(1, 2)])


@pytest.mark.parametrize("claim_sum", ["0", "-5", "1000000000000", "1.001"])
def test_a_sum_that_is_none_is_refused(tables, claim_sum):
    with pytest.raises(DutyRefusedError):
        state_duty(tables, ORDER, Decimal(claim_sum), NEW_DAY)


def test_a_day_before_the_oldest_scale_is_refused_with_the_day(tables):
    with pytest.raises(DutyRefusedError, match=r"01\.01\.2009.*с 29\.01\.2010"):
        state_duty(tables, ORDER, Decimal(1), date(2009, 1, 1))


def test_a_day_after_the_last_verified_one_says_so(tables):
    assert state_duty(tables, ORDER, Decimal(1), tables.verified_through).is_verified
    assert not state_duty(tables, ORDER, Decimal(1), date(2035, 1, 1)).is_verified


@pytest.mark.parametrize(
    ("kind", "claim_sum", "court"),
    [
        (ORDER, "500000", "MS"),
        (CLAIM, "50000", "MS"),
        (CLAIM, "50000.01", "RS"),
        (CLAIM, "500000.01", "RS"),
    ],
)
def test_the_sum_decides_which_court_hears_it(tables, kind, claim_sum, court):
    found = competence(tables, kind, Decimal(claim_sum), NEW_DAY)
    assert (found.court_kind, found.objection) == (court, None)


def test_no_order_above_500_000_roubles(tables):
    found = competence(tables, ORDER, Decimal("500000.01"), NEW_DAY)
    assert "Подавайте иск" in found.objection


def test_a_claim_that_should_have_been_an_order_is_warned_of(tables):
    assert "135" in competence(tables, CLAIM, Decimal("500000"), NEW_DAY).note
    assert competence(tables, CLAIM, Decimal("500000.01"), NEW_DAY).note is None


@pytest.mark.parametrize("written", ["100001", "100 001,00", "100001.00", "100\u00a0001,00 ₽"])
def test_a_sum_is_read_as_people_write_it(written):
    assert sum_asked(written) == Decimal("100001.00")


@pytest.mark.parametrize("written", ["", "сто", "1,005", "1e5", "NaN"])
def test_what_is_no_sum_is_told_in_russian(written):
    with pytest.raises(DutyRefusedError, match="Сумма"):
        sum_asked(written)


@pytest.mark.parametrize("written", ["1/0", "половина", "-1/2", "0,5"])
def test_what_is_no_share_is_told_in_russian(written):
    with pytest.raises(DutyRefusedError, match="дол"):
        share_asked(written)


def told(tables, form, **values):
    asked = {"paid_before": Decimal(0), "shares": []} | values
    return told_duty(tables, ORDER, Decimal("300100"), NEW_DAY, form=form, **asked)


def test_the_answer_gives_sums_exactly(tables):
    assert '"duty_exact": 5001.25, "duty": 5001,' in told(tables, DutyFormat.JSON)
    heading, line = told(tables, DutyFormat.CSV).splitlines()
    assert dict(zip(heading.split(","), line.split(","), strict=False))["duty"] == "5001"
    text = told(tables, DutyFormat.TEXT)
    assert "Госпошлина: 5\u202f001 ₽" in text or "Госпошлина: 5\u00a0001 ₽" in text
    assert "333.19" in text


def test_the_answer_for_co_owners_adds_up(tables):
    text = told(tables, DutyFormat.TEXT, shares=[Fraction(1, 2), Fraction(1, 2)])
    assert text.count("Госпошлина:") == 2
    assert "по 2 заявлениям" in text


def test_a_long_name_of_a_section_leaves_room_for_the_address():
    section = "Судебный участок № 84 мирового судьи Коломенского судебного района области"
    address = "г. Коломна, ул. Мира, д. 5, кв. 7"
    told = purpose_of_payment(ORDER, "000123", "Иванов Пётр Сергеевич", address, section)
    assert told.endswith(f"{address}, судебный участок № 84, НДС не облагается")
    assert len(told) <= LONGEST_PURPOSE


@pytest.mark.parametrize("kind", [ORDER, CLAIM])
def test_a_purpose_always_fits_and_keeps_the_account(kind):
    long = "Константинопольская-Преображенская Александра Вячеславовна"
    told = purpose_of_payment(kind, "000123", long, "а" * 90, "Суд " * 40)
    assert len(told) <= LONGEST_PURPOSE
    assert "ЛС 000123" in told
