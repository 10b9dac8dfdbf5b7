"""Houses of court sections: one form of numbers, ranges, parity, exceptions, common houses."""

import pytest

from operational_db.imports.court_places import Houses, house_key, read_houses, read_place
from operational_db.imports.problems import FieldError


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("12", "12"),
        ("12А", "12а"),
        ("12 а", "12а"),
        ("12к1", "12к1"),
        ("12 к. 1", "12к1"),
        ("12 корп. 1", "12к1"),
        ("12, корпус 1", "12к1"),
        ("12/1", "12/1"),
        ("12 стр. 2", "12с2"),
        ("12к1 стр. 2", "12к1с2"),
        ("12 литера А", "12слитераа"),
    ],
)
def test_a_house_has_one_form_however_it_is_written(written, key):
    assert house_key(written) == key


@pytest.mark.parametrize("written", ["дом", "б/н", "12 14"])
def test_what_is_no_house_number_is_refused(written):
    with pytest.raises(FieldError):
        house_key(written)


def test_a_street_has_one_form_with_and_without_yo():
    assert read_place("г. Орёл", "ул. Весёлая").key == "г. орел|ул. веселая"
    assert read_place("город Орел", "улица Веселая").key == "г. орел|ул. веселая"
    assert read_place("г. Орёл п. Дачный", "").key == "г. орел|п. дачный"
    assert read_place("г. Орёл", "").street is None


def houses(parity="", first="", last="", listed="", excepted=""):
    return read_houses(parity, first, last, listed, excepted)


@pytest.mark.parametrize(
    ("asked", "inside", "outside"),
    [
        (houses(), ["1", "12а", "999к5"], []),
        (houses("нечётные", "1", "25"), ["1", "25а", "13к2"], ["2", "26", "27"]),
        (houses("чет.", "2"), ["2", "1000"], ["1"]),
        (houses(last="10", excepted="5, 7к1"), ["7", "5а"], ["5", "7к1", "11"]),
        (houses(listed="12, 12А; 14 корп. 2"), ["12", "12а", "14к2"], ["12к1", "14"]),
    ],
)
def test_a_row_takes_in_just_its_houses(asked, inside, outside):
    assert [asked.covers(key) for key in inside] == [True] * len(inside)
    assert [asked.covers(key) for key in outside] == [False] * len(outside)


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (houses(first="1", last="20"), houses(first="10", last="30"), "10"),
        (houses("нечётные", "1", "20"), houses("чётные", "1", "20"), None),
        (houses("нечётные", "1", "21"), houses(first="21"), "21"),
        (houses("нечётные", "1", "20"), houses(first="20"), None),
        (houses(), houses(listed="12к1"), "12к1"),
        (houses(excepted="12к1"), houses(listed="12к1"), None),
        (houses(listed="1, 2"), houses(listed="2, 3"), "2"),
        (houses(excepted="5"), houses(first="5", last="5"), None),
        (houses(excepted="5, 6, 7"), houses(first="5", last="8"), "8"),
        (houses(), houses(), "1"),
    ],
)
def test_a_house_that_two_rows_share_is_named(one, other, common):
    assert one.common(other) == common
    assert other.common(one) == common


def test_common_houses_are_found_just_where_both_take_a_house_in():
    """Against the plain definition, over many rows."""
    rows = [
        Houses(parity, first, last, None, excepted)
        for parity in ("all", "odd", "even")
        for first in (None, 3, 6)
        for last in (None, 4, 6)
        for excepted in ((), ("3",), ("4", "6"))
        if first is None or last is None or first <= last
    ]
    for one in rows:
        for other in rows:
            shared = [str(n) for n in range(1, 40) if one.covers(str(n)) and other.covers(str(n))]
            assert one.common(other) == (shared[0] if shared else None), (one, other)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"parity": "половина"}, "чётность"),
        ({"first": "12А"}, "«Дома»"),
        ({"first": "9", "last": "3"}, "больше последнего"),
        ({"listed": "5", "first": "1"}, "по двум строкам"),
    ],
)
def test_a_mistyped_row_says_what_to_do(asked, told):
    with pytest.raises(FieldError, match=told):
        houses(**asked)
