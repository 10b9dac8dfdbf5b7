"""The penalty of law.md by example: exact days and sums that a lawyer can check by hand.

Unless a test says otherwise the month is September 2023: 10 000 roubles, due on Tuesday 10 October.
Day 31 of its delay is 10 November 2023, day 90 is 8 January 2024, day 91 is 9 January 2024, and all
that time the rate is 9.5 %.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import RowMapping

from tests.warehouse.ledger import Charge, Ledger, OwnDueDay, Payment, WriteOff, next_month
from tests.warehouse.penalty_book import STEPPED, PenaltyBook, opened_book
from tests.warehouse.reference_penalty import Hold

TEN_THOUSAND = 10_000_00
SEPTEMBER = date(2023, 9, 1)
MAINTENANCE, CAPITAL_REPAIR = 1, 2


@pytest.fixture(scope="module")
def book(warehouse: str) -> Iterator[PenaltyBook]:  # noqa: ARG001  the warehouse comes first
    with opened_book() as opened:
        yield opened


def charge(period: date = SEPTEMBER, kopecks: int = TEN_THOUSAND, **values) -> Charge:
    given = {
        "number": 1,
        "service": MAINTENANCE,
        "booked_on": next_month(period) - timedelta(days=1),
        **values,
    }
    return Charge(period=period, kopecks=kopecks, **given)


def month(period: date = SEPTEMBER, *payments: Payment, **values) -> Ledger:
    """A month of 10 000 roubles and what was paid for it."""
    return Ledger(charges=(charge(period, **values),), payments=payments)


def shown(lines: list[RowMapping]) -> list[tuple]:
    """First and last day, number of days, denominator, rate, penalty."""
    return [
        (
            line["date_from"].isoformat(),
            line["date_to"].isoformat(),
            line["day_count"],
            line["denominator"],
            str(line["rate_pct"]),
            str(line["penalty_amount"]),
        )
        for line in lines
    ]


def total(lines: list[RowMapping]) -> str:
    return str(sum((line["penalty_amount"] for line in lines), Decimal("0.00")))


# Days of delay


def test_thirty_days_of_delay_cost_nothing(book):
    assert book.lines(month(), date(2023, 11, 9)) == []


def test_the_thirty_first_day_bears_one_three_hundredth(book):
    assert shown(book.lines(month(), date(2023, 11, 10))) == [
        ("2023-11-10", "2023-11-10", 1, 300, "9.50", "3.17")
    ]


def test_the_ninetieth_day_still_bears_one_three_hundredth(book):
    assert shown(book.lines(month(), date(2024, 1, 8))) == [
        ("2023-11-10", "2024-01-08", 60, 300, "9.50", "190.00")
    ]


def test_the_ninety_first_day_bears_one_hundred_and_thirtieth(book):
    lines = book.lines(month(), date(2024, 1, 9))
    assert shown(lines) == [
        ("2023-11-10", "2024-01-08", 60, 300, "9.50", "190.00"),
        ("2024-01-09", "2024-01-09", 1, 130, "9.50", "7.31"),
    ]
    assert [line["first_delay_day"] for line in lines] == [31, 91]
    assert [(line["begins_because"], line["ends_because"]) for line in lines] == [
        ("step", "step"),
        ("step", "calculation"),
    ]


def test_a_leap_february_has_twenty_nine_days_of_delay(book):
    # November 2023 is due on 11 December, the 10th being a Sunday.
    ledger = month(date(2023, 11, 1))
    assert shown(book.lines(ledger, date(2024, 2, 29))) == [
        ("2024-01-11", "2024-02-29", 50, 300, "9.50", "158.33")
    ]
    assert shown(book.lines(ledger, date(2024, 3, 11))) == [
        ("2024-01-11", "2024-03-10", 60, 300, "9.50", "190.00"),
        ("2024-03-11", "2024-03-11", 1, 130, "9.50", "7.31"),
    ]


def test_a_month_that_is_not_due_yet_bears_no_penalty(book):
    for day in (date(2023, 9, 30), date(2023, 10, 1), date(2023, 10, 10), date(2023, 10, 11)):
        assert book.lines(month(), day) == []


def test_a_due_date_of_the_bill_counts_as_it_stands_even_on_a_sunday(book):
    ledger = month(due_date=date(2023, 10, 15))
    assert shown(book.lines(ledger, date(2023, 11, 15))) == [
        ("2023-11-15", "2023-11-15", 1, 300, "9.50", "3.17")
    ]


def test_a_bill_due_before_its_month_is_over_is_late_from_that_day(book):
    ledger = month(due_date=date(2023, 9, 5))
    assert book.lines(ledger, date(2023, 10, 5)) == []
    assert total(book.lines(ledger, date(2023, 10, 6))) == "3.17"


def test_a_due_day_on_a_day_off_moves_the_whole_count(book):
    # 10 June 2023 is a Saturday and Monday the 12th a holiday: due on Tuesday the 13th.
    ledger = month(date(2023, 5, 1))
    assert book.lines(ledger, date(2023, 7, 13)) == []
    [line] = book.lines(ledger, date(2023, 7, 14))
    assert (line["due_date"], line["first_delay_day"]) == (date(2023, 6, 13), 31)


def test_since_february_2026_the_month_is_due_on_the_fifteenth(book):
    # 15 March 2026 is a Sunday.
    [line] = book.lines(month(date(2026, 2, 1)), date(2026, 4, 16))
    assert (line["due_date"], line["date_from"]) == (date(2026, 3, 16), date(2026, 4, 16))
    [line] = book.lines(month(date(2026, 1, 1)), date(2026, 3, 13))
    assert (line["due_date"], line["date_from"]) == (date(2026, 2, 10), date(2026, 3, 13))


# Payments


def test_the_day_of_payment_still_bears_penalty(book):
    [line] = book.lines(month(SEPTEMBER, Payment(7, date(2023, 11, 10), TEN_THOUSAND)),
                        date(2024, 6, 1))  # fmt: skip
    assert shown([line]) == [("2023-11-10", "2023-11-10", 1, 300, "9.50", "3.17")]
    assert (line["closed_by_kind"], line["closed_by_id"]) == ("payment", 7)
    assert line["ends_because"] == "closed"


def test_reckoned_on_the_day_of_payment_the_delay_is_already_closed(book):
    ledger = month(SEPTEMBER, Payment(7, date(2023, 11, 19), TEN_THOUSAND))
    [line] = book.lines(ledger, date(2023, 11, 19))
    assert (line["day_count"], line["ends_because"], line["closed_by_id"]) == (10, "closed", 7)
    [line] = book.lines(ledger, date(2023, 11, 18))
    assert (line["day_count"], line["ends_because"], line["closed_by_id"]) == (
        9,
        "calculation",
        None,
    )


def test_a_payment_on_the_thirtieth_day_bears_none(book):
    assert book.lines(month(SEPTEMBER, Payment(1, date(2023, 11, 9), TEN_THOUSAND)),
                      date(2024, 6, 1)) == []  # fmt: skip


def test_a_paid_part_takes_the_rate_of_its_payment_and_the_rest_that_of_the_reckoning(book):
    # May 2023 is due on 13 June. On 20 July the rate was 7.5 %, on 20 August capped at 9.5 %.
    ledger = month(date(2023, 5, 1), Payment(1, date(2023, 7, 20), 4_000_00))
    assert shown(book.lines(ledger, date(2023, 8, 20))) == [
        ("2023-07-14", "2023-07-20", 7, 300, "7.50", "7.00"),
        ("2023-07-14", "2023-08-20", 38, 300, "9.50", "72.20"),
    ]


def test_part_payments_each_close_their_own_days(book):
    ledger = month(
        SEPTEMBER,
        Payment(1, date(2023, 11, 5), 1_000_00),
        Payment(2, date(2023, 11, 19), 3_000_00),
        Payment(3, date(2024, 1, 18), 6_000_00),
    )
    lines = book.lines(ledger, date(2024, 6, 1))
    assert shown(lines) == [
        ("2023-11-10", "2023-11-19", 10, 300, "9.50", "9.50"),
        ("2023-11-10", "2024-01-08", 60, 300, "9.50", "114.00"),
        ("2024-01-09", "2024-01-18", 10, 130, "9.50", "43.85"),
    ]
    assert [line["base_amount"] for line in lines] == [Decimal(3000), Decimal(6000), Decimal(6000)]
    assert total(lines) == "167.35"


def test_a_month_paid_by_an_advance_bears_none(book):
    ledger = month(SEPTEMBER, Payment(1, date(2023, 8, 15), TEN_THOUSAND))
    assert book.lines(ledger, date(2024, 6, 1)) == []


def test_an_advance_for_a_part_leaves_the_rest_in_delay(book):
    ledger = month(SEPTEMBER, Payment(1, date(2023, 8, 15), 9_000_00))
    [line] = book.lines(ledger, date(2023, 11, 10))
    assert (line["base_amount"], line["penalty_amount"]) == (Decimal(1000), Decimal("0.32"))


def test_a_receipt_after_the_day_in_question_changes_nothing_on_that_day(book):
    paid_later = month(SEPTEMBER, Payment(1, date(2024, 3, 1), TEN_THOUSAND))
    assert total(book.lines(paid_later, date(2024, 1, 9))) == "197.31"
    assert [line["is_closed"] for line in book.lines(paid_later, date(2024, 1, 9))] == [False] * 2


def test_a_payment_that_was_taken_back_leaves_the_month_in_delay_again(book):
    ledger = month(
        SEPTEMBER,
        Payment(1, date(2023, 11, 20), TEN_THOUSAND),
        Payment(2, date(2023, 12, 1), -TEN_THOUSAND, reverses=1),
    )
    lines = book.lines(ledger, date(2023, 12, 31))
    assert shown(lines) == [
        ("2023-11-10", "2023-11-20", 11, 300, "9.50", "34.83"),
        ("2023-12-02", "2023-12-31", 30, 300, "9.50", "95.00"),
    ]
    assert (lines[1]["begins_because"], lines[1]["first_delay_day"]) == ("refund", 53)


def test_a_payment_taken_back_before_the_due_day_leaves_no_trace(book):
    ledger = month(
        SEPTEMBER,
        Payment(1, date(2023, 10, 2), TEN_THOUSAND),
        Payment(2, date(2023, 10, 4), -TEN_THOUSAND, reverses=1),
    )
    day, debtor = date(2023, 11, 10), "management_company"  # it owes from the first day on
    undisturbed = book.lines(month(), day, debtor_kind=debtor)
    found = book.lines(ledger, day, debtor_kind=debtor)
    assert shown(found) == shown(undisturbed)
    assert [line["begins_because"] for line in found] == ["step"]


def test_a_write_off_ends_the_delay_on_its_day(book):
    ledger = Ledger((charge(),), (), (WriteOff(1, date(2023, 11, 19), TEN_THOUSAND, (SEPTEMBER,)),))
    [line] = book.lines(ledger, date(2024, 6, 1))
    assert shown([line]) == [("2023-11-10", "2023-11-19", 10, 300, "9.50", "31.67")]
    assert line["closed_by_kind"] == "write_off"


def test_a_recalculation_lowers_the_base_from_the_first_day(book):
    lowered = charge(
        number=2, kopecks=-4_000_00, kind="recalculation", booked_on=date(2023, 12, 20)
    )
    ledger = Ledger((charge(), lowered))
    [line] = book.lines(ledger, date(2023, 12, 31))
    assert line["base_amount"] == Decimal(6000)
    assert shown([line]) == [("2023-11-10", "2023-12-31", 52, 300, "9.50", "98.80")]


def test_a_recalculation_that_takes_the_whole_month_leaves_no_penalty(book):
    annulled = charge(number=2, kopecks=-TEN_THOUSAND, kind="recalculation")
    assert book.lines(Ledger((charge(), annulled)), date(2024, 6, 1)) == []


def test_a_credit_of_another_month_closes_the_debt_on_its_own_day(book):
    # August comes to less than nothing: on 19 November it pays for September.
    august = charge(
        date(2023, 8, 1),
        -TEN_THOUSAND,
        number=2,
        kind="recalculation",
        booked_on=date(2023, 11, 19),
    )
    [line] = book.lines(Ledger((charge(), august)), date(2024, 6, 1))
    assert shown([line]) == [("2023-11-10", "2023-11-19", 10, 300, "9.50", "31.67")]
    assert (line["closed_by_kind"], line["closed_by_id"]) == ("recalculation", 2)


# Moratoria


def test_the_moratorium_of_2020_takes_its_days_out_and_the_count_goes_on(book):
    # January 2020 is due on 10 February; day 31 is 12 March; 1 January 2021 is day 326.
    lines = book.lines(month(date(2020, 1, 1)), date(2021, 2, 28))
    assert shown(lines) == [
        ("2020-03-12", "2020-04-05", 25, 300, "4.25", "35.42"),
        ("2021-01-01", "2021-02-28", 59, 130, "4.25", "192.88"),
    ]
    assert [line["first_delay_day"] for line in lines] == [31, 326]
    assert (lines[0]["ends_because"], lines[1]["begins_because"]) == (
        "moratorium",
        "moratorium_end",
    )


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2020, 4, 5), 25),
        (date(2020, 4, 6), 25),
        (date(2020, 12, 31), 25),
        (date(2021, 1, 1), 26),
    ],
)
def test_the_moratorium_of_2020_lasts_from_6_april_through_31_december(book, day, days):
    lines = book.lines(month(date(2020, 1, 1)), day)
    assert sum(line["day_count"] for line in lines) == days


def test_the_moratorium_of_2020_covers_months_that_arose_in_it(book):
    # May 2020, due on 10 June, is 205 days late on New Year's Day and bears only that one.
    [line] = book.lines(month(date(2020, 5, 1)), date(2021, 1, 1))
    assert (line["first_delay_day"], line["day_count"], line["denominator"]) == (205, 1, 130)


def test_a_debt_paid_within_the_moratorium_takes_the_rate_of_that_day(book):
    ledger = month(date(2020, 1, 1), Payment(1, date(2020, 5, 20), TEN_THOUSAND))
    [line] = book.lines(ledger, date(2021, 2, 28))
    assert shown([line]) == [("2020-03-12", "2020-04-05", 25, 300, "5.50", "45.83")]
    assert line["ends_because"] == "moratorium"


def test_the_moratorium_of_2022_takes_out_its_days_for_older_months(book):
    # February 2022 is due on 10 March; day 31 falls into the moratorium; 2 October is day 206.
    ledger = month(date(2022, 2, 1))
    assert book.lines(ledger, date(2022, 10, 1)) == []
    [line] = book.lines(ledger, date(2022, 10, 2))
    assert shown([line]) == [("2022-10-02", "2022-10-02", 1, 130, "7.50", "5.77")]
    assert line["first_delay_day"] == 206


def test_the_moratorium_of_2022_covers_march_and_not_april(book):
    assert book.lines(month(date(2022, 3, 1)), date(2022, 10, 1)) == []
    # April is due on 11 May, the 10th being a day off in 2022; day 31 is 11 June.
    [first, second] = book.lines(month(date(2022, 4, 1)), date(2022, 10, 1))
    assert (first["date_from"], first["day_count"], first["denominator"]) == (
        date(2022, 6, 11), 60, 300,
    )  # fmt: skip
    assert (second["date_from"], second["denominator"]) == (date(2022, 8, 10), 130)


# Rates and caps


@pytest.mark.parametrize(
    ("day", "days", "rate", "penalty"),
    [
        # November 2021 is due on 10 December; day 31 is 10 January 2022.
        (date(2022, 2, 13), 35, "8.50", "99.17"),
        (date(2022, 2, 27), 49, "9.50", "155.17"),
        (date(2022, 2, 28), 50, "9.50", "158.33"),  # the key rate is 20 % from this day on
    ],
)
def test_the_cap_begins_on_28_february_2022(book, day, days, rate, penalty):
    [line] = book.lines(month(date(2021, 11, 1)), day)
    assert (line["day_count"], str(line["rate_pct"]), str(line["penalty_amount"])) == (
        days, rate, penalty,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "days", "rate", "penalty"),
    [
        # April 2022 is due on 11 May; the key rate is 8 % from 25 July on.
        (date(2022, 7, 24), 44, "9.50", "139.33"),
        (date(2022, 7, 31), 51, "9.50", "161.50"),
        (date(2022, 8, 1), 52, "8.00", "138.67"),
    ],
)
def test_the_rate_is_fixed_through_july_2022_and_the_smaller_of_two_from_august(
    book, day, days, rate, penalty
):
    [line] = book.lines(month(date(2022, 4, 1)), day)
    assert (line["day_count"], str(line["rate_pct"]), str(line["penalty_amount"])) == (
        days, rate, penalty,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "days", "key_rate", "rate", "penalty"),
    [
        # May 2023 is due on 13 June; day 31 is 14 July.
        (date(2023, 7, 23), 10, "7.50", "7.50", "25.00"),
        (date(2023, 7, 24), 11, "8.50", "8.50", "31.17"),
        (date(2023, 8, 14), 32, "8.50", "8.50", "90.67"),
        (date(2023, 8, 15), 33, "12.00", "9.50", "104.50"),
    ],
)
def test_the_key_rate_counts_below_the_cap_and_the_cap_below_the_key_rate(
    book, day, days, key_rate, rate, penalty
):
    [line] = book.lines(month(date(2023, 5, 1)), day)
    assert line["day_count"] == days
    assert (str(line["key_rate_pct"]), str(line["rate_pct"])) == (key_rate, rate)
    assert str(line["penalty_amount"]) == penalty
    assert line["cap_id"] == "C2023"


def test_the_cap_is_not_known_beyond_2026_and_the_line_says_so(book):
    # September 2026 is due on 15 October; day 31 is 15 November.
    ledger = month(date(2026, 9, 1))
    [known] = book.lines(ledger, date(2026, 12, 31))
    assert shown([known]) == [("2026-11-15", "2026-12-31", 47, 300, "9.50", "148.83")]
    assert known["is_verified"]
    [unknown] = book.lines(ledger, date(2027, 1, 1))
    assert shown([unknown]) == [("2026-11-15", "2027-01-01", 48, 300, "14.00", "224.00")]
    assert not unknown["is_verified"]
    assert unknown["cap_id"] is None


def test_a_zero_rate_gives_a_line_of_nothing_and_not_no_line(book):
    lines = book.lines(
        month(),
        date(2024, 1, 9),
        before="update intermediate.int_penalty_rates set rate_pct = 0",
    )
    assert [line["penalty_amount"] for line in lines] == [Decimal("0.00"), Decimal("0.00")]
    assert [line["day_count"] for line in lines] == [60, 1]


def test_a_rate_that_is_not_known_gives_no_sum_and_says_so(book):
    # The table of rates begins on 26 December 2011.
    ledger = month(date(2011, 1, 1), Payment(1, date(2011, 6, 1), TEN_THOUSAND))
    [line] = book.lines(ledger, date(2026, 11, 21))
    assert (line["rate_pct"], line["penalty_amount"], line["is_verified"]) == (None, None, False)


# The law before 2016


def test_before_2016_one_three_hundredth_was_due_from_the_first_day_on(book):
    # March 2015 is due on 10 April; 1 August is day 113 and takes no second step.
    ledger = month(date(2015, 3, 1), Payment(1, date(2015, 8, 1), TEN_THOUSAND))
    assert shown(book.lines(ledger, date(2026, 11, 21))) == [
        ("2015-04-11", "2015-08-01", 113, 300, "8.25", "310.75")
    ]


def test_a_debt_over_new_year_2016_bears_each_day_by_the_law_of_that_day(book):
    # November 2015 is due on 10 December: 21 days by the old law; days 22-30 are free by the new.
    ledger = month(date(2015, 11, 1), Payment(1, date(2016, 4, 1), TEN_THOUSAND))
    lines = book.lines(ledger, date(2026, 11, 21))
    assert shown(lines) == [
        ("2015-12-11", "2015-12-31", 21, 300, "11.00", "77.00"),
        ("2016-01-10", "2016-03-09", 60, 300, "11.00", "220.00"),
        ("2016-03-10", "2016-04-01", 23, 130, "11.00", "194.62"),
    ]
    assert total(lines) == "491.62"


def test_a_debt_already_long_late_at_new_year_2016_takes_the_second_step_at_once(book):
    # March 2015: 1 January 2016 is day 266.
    ledger = month(date(2015, 3, 1), Payment(1, date(2016, 1, 10), TEN_THOUSAND))
    lines = book.lines(ledger, date(2026, 11, 21))
    assert shown(lines) == [
        ("2015-04-11", "2015-12-31", 265, 300, "11.00", "971.67"),
        ("2016-01-01", "2016-01-10", 10, 130, "11.00", "84.62"),
    ]
    assert lines[1]["begins_because"] == "rule"


# Capital repair and other debtors


def test_capital_repair_bears_one_three_hundredth_from_day_31_and_no_second_step(book):
    ledger = month(service=CAPITAL_REPAIR)
    assert book.lines(ledger, date(2023, 11, 9)) == []
    assert shown(book.lines(ledger, date(2024, 2, 1))) == [
        ("2023-11-10", "2024-02-01", 84, 300, "9.50", "266.00")
    ]


def test_capital_repair_stands_beside_housing_as_a_debt_of_its_own(book):
    ledger = Ledger((charge(), charge(number=2, service=CAPITAL_REPAIR)))
    lines = book.lines(ledger, date(2024, 2, 1))
    by_liability = {
        liability: total([line for line in lines if line["liability"] == liability])
        for liability in ("housing", "capital_repair")
    }
    assert by_liability == {"housing": "365.38", "capital_repair": "266.00"}


def test_a_homeowners_association_owes_by_the_steps_of_citizens(book):
    as_citizen = shown(book.lines(month(), date(2024, 1, 31)))
    assert shown(book.lines(month(), date(2024, 1, 31), debtor_kind="hoa")) == as_citizen


def test_a_management_company_owes_from_the_first_day_in_three_steps(book):
    lines = book.lines(month(), date(2024, 1, 31), debtor_kind="management_company")
    assert shown(lines) == [
        ("2023-10-11", "2023-12-09", 60, 300, "9.50", "190.00"),
        ("2023-12-10", "2024-01-08", 30, 170, "9.50", "167.65"),
        ("2024-01-09", "2024-01-31", 23, 130, "9.50", "168.08"),
    ]


def test_any_other_organisation_owes_one_hundred_and_thirtieth_from_the_first_day(book):
    lines = book.lines(month(), date(2024, 1, 31), debtor_kind="other_organisation")
    assert shown(lines) == [("2023-10-11", "2024-01-31", 113, 130, "9.50", "825.77")]


# Holds


@pytest.mark.parametrize("kind", ["no_penalty", "exempt_person", "late_bill"])
def test_days_of_a_hold_bear_nothing_and_the_count_goes_on(book, kind):
    holds = [Hold(kind, date(2023, 11, 20), date(2023, 11, 29))]
    lines = book.lines(month(), date(2024, 1, 9), holds=holds)
    assert shown(lines) == [
        ("2023-11-10", "2023-11-19", 10, 300, "9.50", "31.67"),
        ("2023-11-30", "2024-01-08", 40, 300, "9.50", "126.67"),
        ("2024-01-09", "2024-01-09", 1, 130, "9.50", "7.31"),
    ]
    assert (lines[0]["ends_because"], lines[1]["begins_because"]) == ("hold", "hold_end")


def test_a_hold_without_an_end_stops_the_penalty_for_good(book):
    holds = [Hold("exempt_person", date(2023, 11, 20))]
    lines = book.lines(month(), date(2026, 11, 21), holds=holds)
    assert sum(line["day_count"] for line in lines) == 10


def test_persons_are_exempt_only_since_the_law_exempts_them(book):
    # April 2022 is due on 11 May; the law of 7 October 2022 says nothing of the days before it.
    holds = [Hold("exempt_person", date(2022, 9, 21))]
    lines = book.lines(month(date(2022, 4, 1)), date(2023, 3, 1), holds=holds)
    assert [(line["date_from"], line["date_to"]) for line in lines] == [
        (date(2022, 6, 11), date(2022, 8, 9)),
        (date(2022, 8, 10), date(2022, 10, 6)),
    ]


def test_a_lock_on_pursuit_does_not_stop_the_penalty(book):
    holds = [Hold("no_pursuit", date(2023, 10, 1))]
    assert total(book.lines(month(), date(2024, 1, 9), holds=holds)) == "197.31"


def test_overlapping_holds_take_a_day_out_once(book):
    holds = [
        Hold("no_penalty", date(2023, 11, 20), date(2023, 11, 29)),
        Hold("exempt_person", date(2023, 11, 25), date(2023, 12, 4)),
    ]
    lines = book.lines(month(), date(2024, 1, 8), holds=holds)
    assert [(line["date_from"], line["day_count"]) for line in lines] == [
        (date(2023, 11, 10), 10),
        (date(2023, 12, 5), 35),
    ]


# Late bills


def test_a_month_whose_bill_came_late_is_in_delay_from_the_day_after_delivery(book):
    # Delivered on 20 November 2023: day 31 is 21 December, not 10 November.
    bills = {SEPTEMBER: date(2023, 11, 20)}
    assert book.lines(month(), date(2023, 12, 20), bills=bills) == []
    [line] = book.lines(month(), date(2023, 12, 21), bills=bills)
    assert shown([line]) == [("2023-12-21", "2023-12-21", 1, 300, "9.50", "3.17")]
    assert (line["first_delay_day"], line["due_date"], line["delay_from_date"]) == (
        31, date(2023, 10, 10), date(2023, 11, 20),
    )  # fmt: skip
    assert line["bill_delivered_date"] == date(2023, 11, 20)


def test_a_late_bill_of_one_month_leaves_the_other_months_alone(book):
    ledger = Ledger((charge(), charge(date(2023, 8, 1), number=2)))
    day = date(2023, 11, 20)
    found = book.lines(ledger, day, bills={SEPTEMBER: date(2023, 11, 15)})
    undisturbed = book.lines(month(date(2023, 8, 1)), day)
    assert shown(found) == shown(undisturbed)
    assert {line["period"] for line in found} == {date(2023, 8, 1)}


def test_a_bill_that_came_before_the_due_day_changes_nothing(book):
    day = date(2024, 1, 9)
    for delivered in (date(2023, 10, 5), date(2023, 10, 10)):
        found = book.lines(month(), day, bills={SEPTEMBER: delivered})
        assert shown(found) == shown(book.lines(month(), day))
        assert [line["bill_delivered_date"] for line in found] == [None, None]


def test_without_a_bill_there_is_no_delay(book):
    assert book.lines(month(), date(2026, 1, 1), bills={SEPTEMBER: None}) == []


def test_a_late_bill_does_not_move_the_due_date_of_the_debt(book):
    [line, _] = book.lines(month(), date(2024, 6, 1), bills={SEPTEMBER: date(2023, 11, 20)})
    assert line["due_date"] == date(2023, 10, 10)


def test_the_rule_of_late_bills_can_be_switched_off(book):
    found = book.lines(
        month(),
        date(2024, 1, 9),
        bills={SEPTEMBER: date(2023, 11, 20)},
        before="update reference.legal_term set is_enabled = false "
        "where code = 'payment_after_late_bill'",
    )
    assert total(found) == "197.31"


# Due days of contracts


def test_a_contract_moves_the_due_day_of_its_months(book):
    ledger = Ledger((charge(),), own_due_days=(OwnDueDay("housing", 25, date(2023, 1, 1)),))
    assert book.lines(ledger, date(2023, 11, 24)) == []
    [line] = book.lines(ledger, date(2023, 11, 25))
    assert (line["due_date"], line["first_delay_day"]) == (date(2023, 10, 25), 31)


def test_a_contract_day_that_a_month_does_not_have_is_its_last_day(book):
    # January 2024, day 31: 29 February, a working Thursday.
    term = OwnDueDay("housing", 31, date(2023, 1, 1))
    [line] = book.lines(
        Ledger((charge(date(2024, 1, 1)),), own_due_days=(term,)), date(2024, 3, 31)
    )
    assert (line["due_date"], line["date_from"]) == (date(2024, 2, 29), date(2024, 3, 31))


def test_a_contract_day_on_a_day_off_moves_too(book):
    # 25 November 2023 is a Saturday.
    term = OwnDueDay("housing", 25, date(2023, 1, 1))
    [line] = book.lines(
        Ledger((charge(date(2023, 10, 1)),), own_due_days=(term,)), date(2023, 12, 28)
    )
    assert line["due_date"] == date(2023, 11, 27)


def test_since_177_fz_a_contract_sets_no_due_day(book):
    term = OwnDueDay("housing", 25, date(2020, 1, 1))
    for period, due in (
        (date(2026, 1, 1), date(2026, 2, 25)),
        (date(2026, 3, 1), date(2026, 4, 15)),
    ):
        ledger = Ledger((charge(period),), own_due_days=(term,))
        [line] = book.lines(ledger, due + timedelta(days=31))
        assert line["due_date"] == due


def test_a_contract_that_ended_and_one_that_was_taken_back_leave_the_day_of_the_law(book):
    ended = OwnDueDay("housing", 25, date(2023, 1, 1), date(2023, 8, 1))
    taken_back = (OwnDueDay("housing", 25, date(2023, 1, 1)), OwnDueDay("housing", None, SEPTEMBER))
    for terms in ((ended,), taken_back):
        [line] = book.lines(Ledger((charge(),), own_due_days=terms), date(2023, 11, 10))
        assert line["due_date"] == date(2023, 10, 10)


def test_the_bill_goes_before_the_contract(book):
    term = OwnDueDay("housing", 25, date(2023, 1, 1))
    named = charge(due_date=date(2023, 10, 18))
    [line] = book.lines(Ledger((named,), own_due_days=(term,)), date(2023, 11, 18))
    assert line["due_date"] == date(2023, 10, 18)


# Kinds of debtors


@pytest.mark.parametrize(
    ("debtor", "lines"),
    [
        # 100 days of delay of 10 000 roubles at 9.5 %.
        ("citizen", [(31, 60, 300, "190.00"), (91, 10, 130, "73.08")]),
        ("hoa", [(31, 60, 300, "190.00"), (91, 10, 130, "73.08")]),
        ("management_company", [(1, 60, 300, "190.00"), (61, 30, 170, "167.65"),
                                (91, 10, 130, "73.08")]),
        ("other_organisation", [(1, 100, 130, "730.77")]),
    ],
)  # fmt: skip
def test_every_kind_of_debtor_has_its_own_steps(book, debtor, lines):
    found = book.lines(month(), date(2023, 10, 10) + timedelta(days=100), debtor_kind=debtor)
    assert [
        (line["first_delay_day"], line["day_count"], line["denominator"],
         str(line["penalty_amount"]))
        for line in found
    ] == lines  # fmt: skip


# The rate of each day, for comparison


def test_stepped_the_same_delay_takes_the_rate_of_each_day(book):
    # May 2023, due on 13 June; 7.5 % through 23 July, 8.5 % through 14 August, then 9.5 %.
    lines = book.lines(month(date(2023, 5, 1)), date(2023, 8, 20), view=STEPPED)
    assert shown(lines) == [
        ("2023-07-14", "2023-07-23", 10, 300, "7.50", "25.00"),
        ("2023-07-24", "2023-08-14", 22, 300, "8.50", "62.33"),
        ("2023-08-15", "2023-08-20", 6, 300, "9.50", "19.00"),
    ]
    assert [(line["begins_because"], line["ends_because"]) for line in lines] == [
        ("step", "rate"), ("rate", "rate"), ("rate", "calculation"),
    ]  # fmt: skip
    assert total(book.lines(month(date(2023, 5, 1)), date(2023, 8, 20))) == "120.33"


def test_under_an_even_cap_both_ways_of_reckoning_agree(book):
    day = date(2024, 6, 1)
    assert shown(book.lines(month(), day, view=STEPPED)) == shown(book.lines(month(), day))


def test_a_closed_account_still_bears_penalty_for_what_it_owes(book):
    closed = (
        "insert into ops.account_state (account_id, valid_from, is_open) "
        f"values ({book.accounts['citizen']}, '2023-10-01', false), "
        f"({book.accounts['citizen']}, '2023-12-01', true)"
    )
    assert total(book.lines(month(), date(2024, 1, 9), before=closed)) == "197.31"
