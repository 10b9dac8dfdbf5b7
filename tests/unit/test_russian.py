"""Sums, dates and names read as a Russian clerk writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytils import numeral

from document_gen.russian import (
    LARGEST_SUM,
    amount,
    amount_in_words,
    counted,
    date_long,
    date_ru,
    initials,
    moment_ru,
    number,
    percent,
    period_ru,
    periods_ru,
    plural,
    rubles,
    short_rubles,
)

SUMS = st.decimals(min_value=-LARGEST_SUM, max_value=LARGEST_SUM, places=2)
WHOLE_KOPECKS = st.decimals(min_value=0, max_value=LARGEST_SUM, places=2)


def spaced(text: str) -> str:
    """The same text with every no-break space made an ordinary one, to be read in a test."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def test_thousands_are_parted_by_a_narrow_no_break_space():
    assert amount(Decimal("1234567.89")) == "1\u202f234\u202f567,89"


def test_a_sum_carries_its_currency_on_the_same_line():
    assert rubles(Decimal("1234567.89")) == "1\u202f234\u202f567,89\u00a0₽"


def test_an_overpayment_is_written_with_a_true_minus():
    assert spaced(rubles(Decimal("-1234.5"))) == "\u22121 234,50 ₽"


def test_a_zero_is_a_nought_and_an_unknown_sum_is_a_dash():
    assert spaced(rubles(Decimal("0.00"))) == "0 ₽"
    assert amount(Decimal(0)) == "0,00"
    assert rubles(None) == amount(None) == short_rubles(None) == percent(None) == "—"
    assert amount(Decimal("NaN")) == "—"


def test_half_a_kopeck_rounds_as_the_database_rounds_it():
    assert amount(Decimal("200.005")) == "200,01"
    assert amount(Decimal("-200.005")) == "\u2212200,01"
    assert amount(Decimal("-0.004")) == "0,00"


def test_a_binary_fraction_is_never_printed_as_money():
    with pytest.raises(TypeError, match="float"):
        rubles(1234.5)


def test_an_endless_sum_is_refused():
    with pytest.raises(ValueError, match="конечным"):
        rubles(Decimal("Infinity"))


@given(SUMS)
def test_a_printed_sum_reads_back_to_the_kopeck(value):
    text = spaced(amount(value)).replace(" ", "").replace(",", ".").replace("\u2212", "-")
    assert Decimal(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0 ₽"),
        ("845.40", "845 ₽"),
        ("999.49", "999 ₽"),
        ("999.50", "1,0 тыс. ₽"),
        ("12400000", "12,4 млн ₽"),
        ("999949", "999,9 тыс. ₽"),
        ("999950", "1,0 млн ₽"),
        ("-12450000", "\u221212,5 млн ₽"),
        ("3200000000", "3,2 млрд ₽"),
        ("1500000000000", "1,5 трлн ₽"),
    ],
)
def test_a_tile_tells_a_sum_short(value, text):
    assert spaced(short_rubles(Decimal(value))) == text


@given(SUMS)
def test_a_tile_never_shows_a_thousand_of_its_own_unit(value):
    figure = spaced(short_rubles(value)).lstrip("\u2212").split(",")[0]
    assert " " not in figure.split(" ₽")[0]


def test_a_share_is_shown_as_a_percentage():
    assert spaced(percent(Decimal("0.943"))) == "94,3 %"
    assert spaced(percent(1, digits=0)) == "100 %"
    assert spaced(percent(Decimal("-0.0005"))) == "\u22120,1 %"


def test_volumes_keep_their_decimals():
    assert spaced(number(Decimal("24140.043"), digits=3)) == "24 140,043"


@pytest.mark.parametrize(
    ("count", "word"),
    [
        (0, "счетов"),
        (1, "счёт"),
        (2, "счёта"),
        (4, "счёта"),
        (5, "счетов"),
        (11, "счетов"),
        (14, "счетов"),
        (21, "счёт"),
        (111, "счетов"),
        (122, "счёта"),
        (-1, "счёт"),
    ],
)
def test_the_word_agrees_with_the_count(count, word):
    assert plural(count, "счёт", "счёта", "счетов") == word


@given(st.integers(min_value=0, max_value=10**9))
def test_the_word_is_the_one_that_a_published_grammar_chooses(count):
    forms = ("счёт", "счёта", "счетов")
    assert plural(count, *forms) == numeral.choose_plural(count, forms)


def test_a_count_stays_with_its_word():
    assert counted(5000, "счёт", "счёта", "счетов") == "5\u202f000\u00a0счетов"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0", "Ноль рублей 00 копеек"),
        ("0.01", "Ноль рублей 01 копейка"),
        ("121.05", "Сто двадцать один рубль 05 копеек"),
        ("2002.22", "Две тысячи два рубля 22 копейки"),
        ("1000.11", "Одна тысяча рублей 11 копеек"),
        (
            "1234567.89",
            "Один миллион двести тридцать четыре тысячи пятьсот шестьдесят семь рублей 89 копеек",
        ),
        ("1000000000", "Один миллиард рублей 00 копеек"),
        ("234000000021.4", "Двести тридцать четыре миллиарда двадцать один рубль 40 копеек"),
    ],
)
def test_a_sum_is_spelt_as_banks_and_courts_spell_it(value, words):
    assert amount_in_words(Decimal(value)) == words


@given(WHOLE_KOPECKS)
def test_any_sum_of_the_database_can_be_spelt(value):
    words = amount_in_words(value)
    assert words[0].isupper()
    assert f" {int(value * 100) % 100:02d} копе" in words
    assert "  " not in words


def test_what_cannot_be_spelt_is_refused():
    for value in ("-0.01", "10.005", "1000000000000"):
        with pytest.raises(ValueError, match="Прописью"):
            amount_in_words(Decimal(value))


def test_dates_and_months_are_russian():
    day = date(2026, 12, 31)
    assert date_ru(day) == "31.12.2026"
    assert spaced(date_long(day)) == "31 декабря 2026 г."
    assert period_ru(date(2026, 11, 1)) == "ноябрь 2026"
    assert date_ru(None) == date_long(None) == period_ru(None) == moment_ru(None) == "—"


def test_a_moment_is_told_to_the_minute():
    assert spaced(moment_ru(datetime(2026, 11, 21, 2, 14, tzinfo=UTC))) == "21.11.2026 02:14"


def test_a_run_of_one_month_names_it_once():
    assert periods_ru(date(2026, 11, 1), date(2026, 11, 1)) == "ноябрь 2026"
    assert periods_ru(date(2023, 12, 1), date(2026, 11, 1)) == "декабрь 2023 – ноябрь 2026"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        (("Иванов", "Иван", "Иванович"), "Иванов И. И."),
        (("Ким", "Анна-Мария", None), "Ким А.-М."),
        (("Мамедов", "Али", "Гасан оглы"), "Мамедов А. Г."),
        (("Петрова", "", " "), "Петрова"),
        (("Ли", "Чен", "-"), "Ли Ч."),
        (("ёлкин", "ёсиф", None), "ёлкин Ё."),
    ],
)
def test_a_person_in_a_table_is_a_surname_with_initials(name, short):
    assert initials(*name) == short
