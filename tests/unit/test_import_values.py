"""Single values as people and billing programs write them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operational_db.imports.problems import FieldError
from operational_db.imports.values import (
    FIRST_CREDIBLE_DATE,
    LARGEST_AMOUNT,
    read_amount,
    read_bank_amount,
    read_date,
    read_day,
    read_month,
    read_period,
)

TODAY = date(2026, 11, 21)
MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь",
    "ноябрь", "декабрь",
)  # fmt: skip

amounts = st.decimals(min_value=-99_999_999, max_value=99_999_999, places=2)
days = st.dates(min_value=FIRST_CREDIBLE_DATE, max_value=TODAY)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234.5", "1234.50"),
        ("1.234.567,80", "1234567.80"),
        ("1,234,567.80", "1234567.80"),
        ("700", "700.00"),
        ("-5", "-5.00"),
        ("\u22125,00", "-5.00"),
        ("\u20135", "-5.00"),
        ("5,00-", "-5.00"),
        ("(5,00)", "-5.00"),
        ("12,5000", "12.50"),
        ("100 руб.", "100.00"),
        ("100,5 ₽", "100.50"),
        ("0007", "7.00"),
    ],
)
def test_a_sum_is_understood_as_accounting_programs_write_it(written, meant):
    assert str(read_amount(written)) == meant


@pytest.mark.parametrize("written", ["1,234", "0.005", "12.3456"])
def test_a_third_decimal_is_refused_and_never_rounded(written):
    with pytest.raises(FieldError, match="больше двух знаков"):
        read_amount(written)


@pytest.mark.parametrize(
    "written", ["", "  ", "abc", "1e5", "NaN", "--5", "1-2", "5 штук", "1,2,3", "١٢"]
)
def test_what_is_no_sum_is_refused(written):
    with pytest.raises(FieldError):
        read_amount(written)


def test_a_sum_too_large_for_the_ledger_is_refused():
    with pytest.raises(FieldError, match="слишком велика"):
        read_amount("1000000000000,00")


@pytest.mark.parametrize("written", ["100000000,01", "-100000000.01", "123 456 789,00"])
def test_a_sum_that_no_home_pays_is_refused_and_the_limit_is_named(written):
    with pytest.raises(FieldError, match="не больше 100\u00a0000\u00a0000,00 руб"):
        read_amount(written)


def test_a_hundred_millions_are_still_taken_and_a_bank_may_hold_more():
    assert read_amount("100000000,00") == LARGEST_AMOUNT
    assert read_bank_amount("123 456 789 012,34") == Decimal("123456789012.34")
    with pytest.raises(FieldError, match="слишком велика"):
        read_bank_amount("1" * 13)


@given(amounts)
def test_every_way_of_writing_a_sum_gives_the_same_sum(amount):
    plain = f"{amount:.2f}"
    digits = f"{abs(amount):,.2f}"
    sign = "-" if amount < 0 else ""
    ways = [
        plain,
        plain.replace(".", ","),
        sign + digits,
        sign + digits.replace(",", " ").replace(".", ","),
        sign + digits.replace(",", "\u00a0"),
        digits.replace(",", "'") + sign,
        sign + digits.replace(",", "_").replace(".", ",").replace("_", "."),
    ]
    assert {read_amount(way) for way in ways} == {amount}


@given(days)
def test_every_way_of_writing_a_day_gives_the_same_day(day):
    ways = [
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day:%d-%m-%Y}",
        f"{day:%d.%m.%y}",
        f"{day:%Y-%m-%d} 00:00:00",
        f"{day:%d.%m.%Y} 0:00:00",
    ]
    assert {read_date(way) for way in ways} == {day}


@given(days)
def test_every_way_of_writing_a_month_gives_its_first_day(day):
    name = MONTHS[day.month - 1]
    ways = [
        f"{day:%Y-%m}",
        f"{day:%m.%Y}",
        f"{day.month}.{day.year}",
        f"{day:%m/%Y}",
        f"{day:%Y%m}",
        f"{day:%m%Y}",
        f"{name} {day.year}",
        f"{name.capitalize()} {day.year} г.",
        f"{name[:3]}.{day:%y}",
        day.isoformat(),
        f"{day:%d.%m.%Y}",
    ]
    assert {read_period(way) for way in ways} == {day.replace(day=1)}


@given(days)
def test_four_digits_are_a_month_only_when_there_is_no_other_reading(day):
    written = f"{day:%m%y}"
    year = day.year % 100
    if 1 <= year <= 12 and year != day.month:
        with pytest.raises(FieldError, match="двояко"):
            read_period(written)
    else:
        assert read_period(written) == day.replace(day=1)


@pytest.mark.parametrize(
    "written", ["31.02.2024", "2024-13-01", "00.01.2024", "01/02/2024", "вчера", ""]
)
def test_a_day_that_is_not_in_the_calendar_is_refused(written):
    with pytest.raises(FieldError):
        read_date(written)


@pytest.mark.parametrize(
    "written", ["13.2024", "2024-00", "мартобрь 2024", "март", "99", "", "0000"]
)
def test_a_month_that_does_not_exist_is_refused(written):
    with pytest.raises(FieldError):
        read_period(written)


def test_a_year_typed_wrong_is_caught_on_both_sides():
    with pytest.raises(FieldError, match="раньше 1991"):
        read_day("01.01.1924", today=TODAY)
    with pytest.raises(FieldError, match="позже сегодняшнего"):
        read_month("01.2062", today=TODAY)


def test_the_next_bill_may_be_loaded_forty_days_ahead():
    latest = TODAY + timedelta(days=40)
    assert read_day(latest.isoformat(), today=TODAY) == latest
    with pytest.raises(FieldError):
        read_day((latest + timedelta(days=1)).isoformat(), today=TODAY)


def test_a_message_names_the_value_and_says_what_to_write():
    with pytest.raises(FieldError) as caught:
        read_amount("двести")
    assert "«двести»" in str(caught.value)
    assert "1234,56" in str(caught.value)
    assert Decimal("1234.56") == read_amount("1234,56")
