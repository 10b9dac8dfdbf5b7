"""The small parts that the town is made of."""

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from operational_db.demo import accounts as accounts_of
from operational_db.demo import behaviour, streets, tariffs
from operational_db.demo.clock import Clock
from operational_db.demo.households import settle
from operational_db.demo.randomness import between, pick, stream
from operational_db.demo.tables import fixed_point, money, nullable

KOPECKS = st.integers(min_value=-(10**13), max_value=10**13)


@given(st.lists(KOPECKS, max_size=40))
def test_kopecks_become_roubles_without_loss(values: list[int]):
    roubles = money(np.array(values, dtype=np.int64)).to_pylist()

    assert roubles == [Decimal(value) / 100 for value in values]


@given(st.lists(KOPECKS, min_size=1), st.sampled_from([2, 4, 6]))
def test_a_volume_keeps_its_digits(values: list[int], scale: int):
    column = fixed_point(np.array(values, dtype=np.int64), scale)

    assert column.type == pa.decimal128(18, scale)
    assert [int(value.scaleb(scale)) for value in column.to_pylist()] == values


def test_what_is_not_known_is_null_and_not_zero():
    known = np.array([True, False])

    assert nullable(np.array([5, 7]), known).to_pylist() == [5, None]


@given(st.integers(0, 2**31), st.integers(-50, 50), st.integers(0, 60))
def test_numbers_are_drawn_from_the_whole_range_and_no_further(seed: int, low: int, width: int):
    drawn = between(stream(seed, "test"), low, low + width, size=200)

    assert drawn.min() >= low
    assert drawn.max() <= low + width


def test_things_are_picked_as_often_as_they_weigh():
    drawn = pick(stream(1, "test"), [0.7, 0.0, 0.3], 20_000)

    assert set(drawn.tolist()) == {0, 2}
    assert abs((drawn == 0).mean() - 0.7) < 0.02


def test_a_subject_draws_the_same_whatever_others_draw():
    first = stream(1, "names").random(5)
    stream(1, "payments").random(100)

    assert (stream(1, "names").random(5) == first).all()
    assert (stream(2, "names").random(5) != first).all()
    assert (stream(1, "names", 1).random(5) != first).all()


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(6, 120))
def test_the_last_month_charged_is_the_one_before_today(today: date, months: int):
    clock = Clock.ending(today, months)

    last = clock.first_days()[-1].item()
    assert len(clock.months) == months
    assert (last.year * 12 + last.month) == today.year * 12 + today.month - 1
    assert clock.last_days()[-1].item() < today


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_nothing_is_recorded_in_the_future(today: date):
    clock = Clock.ending(today, 6)
    days = clock.today + np.arange(-5, 6)

    assert (clock.recorded(days, 22 * 3600) <= np.datetime64(today, "s")).all()


def test_prices_rise_in_july_and_only_then():
    clock = Clock.ending(date(2026, 11, 21), 24)
    prices = tariffs.prices_by_month(clock, 5)
    calendar = clock.months.astype(int) % 12 + 1
    rises = (np.diff(prices, axis=1) != 0).all(axis=(0, 2))

    assert (rises == (calendar[1:] == 7)).all()
    assert (prices > 0).all()


def test_tariffs_of_a_service_follow_each_other_without_gap():
    clock = Clock.ending(date(2026, 11, 21), 36)
    rows = tariffs.tariff_rows(clock, [(0, 1, ("heating",))], {"heating": 6})

    assert np.isnat(rows["valid_to"]).tolist() == [False] * (len(rows["valid_to"]) - 1) + [True]
    assert (rows["valid_to"][:-1] + 1 == rows["valid_from"][1:]).all()
    assert rows["valid_from"][0] <= clock.first_day


@given(st.integers(0, 200), st.integers(50, 900))
def test_the_town_has_just_as_many_accounts_as_asked(seed: int, count: int):
    clock = Clock.ending(date(2026, 11, 21), 12)
    houses, premises = streets.build_houses(seed, count)
    needed, renumbered = accounts_of.premises_needed(count, houses, premises)
    premises = premises.first(needed)
    households = settle(seed, clock, houses, premises, renumbered)

    accounts = accounts_of.open_accounts(seed, clock, houses, premises, households)

    assert len(accounts) == count


def test_no_address_occurs_twice():
    houses, _ = streets.build_houses(3, 20_000)
    addresses = list(zip(houses.street.tolist(), houses.number, houses.building, strict=True))

    assert len(set(addresses)) == len(addresses)


def test_habits_are_shared_out_completely():
    usual = sum(habit.weight for habit in behaviour.HABITS)
    troubled = sum(habit.troubled_weight for habit in behaviour.HABITS)

    assert abs(usual - 1) < 0.02
    assert abs(troubled - 1) < 0.02
