"""Rules of debt on accounts small enough to check by hand. Sums are kopecks: 100_00 is 100 ₽."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, text

from tests.factories import new_account, new_organisation
from tests.warehouse.conftest import Warehouse
from tests.warehouse.ledger import Charge, Payment, WriteOff, next_month
from tests.warehouse.storing import Fact, Summed, live_pieces, store

MAINTENANCE, CAPITAL_REPAIR, COLD_WATER, HOT_WATER = 1, 2, 3, 4
JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))


class Account:
    """An account whose facts a test tells, and whose pieces it asks for."""

    def __init__(self, connection: Connection, account_id: int) -> None:
        self.connection = connection
        self.account_id = account_id
        self.numbers = iter(range(1, 1000))

    def add(self, *facts: Fact) -> None:
        store(self.connection, [(self.account_id, fact) for fact in facts])

    def charge(self, period: date, kopecks: int, service: int = MAINTENANCE, **more) -> None:
        booked_on = more.pop("booked_on", next_month(period))
        self.add(Charge(next(self.numbers), period, service, kopecks, booked_on, **more))

    def recalculate(self, period: date, kopecks: int, on: date, **more) -> None:
        self.charge(period, kopecks, kind="recalculation", booked_on=on, **more)

    def pay(self, on: date, kopecks: int, named: date | None = None, **more) -> int:
        number = next(self.numbers)
        self.add(Payment(number, on, kopecks, named, **more))
        return number

    def write_off(self, on: date, kopecks: int, *periods: date) -> None:
        self.add(WriteOff(next(self.numbers), on, kopecks, periods))

    @property
    def pieces(self) -> Summed:
        return live_pieces(self.connection, self.account_id)

    def owed_on(self, day: date) -> dict[str, int]:
        """Month → kopecks that are open on a day; an advance under its own name."""
        owed: dict[str, int] = {}
        for key, (kopecks, _) in self.pieces.items():
            kind, _, period, _, opened, closed = key[:6]
            if opened <= day.isoformat() and (closed is None or closed > day.isoformat()):
                name = period[:7] if period else kind
                owed[name] = owed.get(name, 0) + kopecks
        return owed

    def closed(self, period: date) -> dict[str, int]:
        """Day → kopecks of a month that were closed on it."""
        return {
            key[5]: kopecks
            for key, (kopecks, _) in sorted(self.pieces.items(), key=str)
            if key[2] == period.isoformat() and key[5]
        }

    def services_paid(self, on: date) -> dict[int, int]:
        """Service → kopecks that were closed on a day."""
        [services] = [found for key, (_, found) in self.pieces.items() if key[5] == on.isoformat()]
        return services

    def due_dates(self) -> dict[tuple[str, str], str]:
        return {(key[1], key[2][:7]): key[3] for key in self.pieces if key[2]}


@pytest.fixture
def account(warehouse: Warehouse) -> Iterator[Account]:
    """An account without facts; whatever a test adds is rolled back."""
    with warehouse.engine.connect() as connection:
        connection.execute(text("set local jit = off"))
        yield Account(connection, new_account(connection, new_organisation(connection)))
        connection.rollback()


def test_housing_is_due_on_the_10th_until_january_2026_and_on_the_15th_since(account):
    for period in (date(2025, 11, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 5, 1)):
        account.charge(period, 100_00)
        account.charge(period, 10_00, CAPITAL_REPAIR)
    for liability in ("housing", "capital_repair"):
        due_dates = {p: due for (kind, p), due in account.due_dates().items() if kind == liability}
        assert due_dates == {
            "2025-11": "2025-12-10",
            "2026-01": "2026-02-10",
            "2026-02": "2026-03-16",  # the 15th of March 2026 is a Sunday
            "2026-05": "2026-06-15",
        }


def test_a_due_day_in_the_may_holidays_moves_to_the_first_working_day(account):
    account.charge(date(2025, 4, 1), 100_00)  # 10 May 2025: Saturday, then Sunday 11 May
    account.charge(date(2024, 12, 1), 100_00)  # 10 January 2025: a working Friday
    account.charge(date(2022, 3, 1), 100_00)  # 10 April 2022: Sunday
    assert sorted(account.due_dates().values()) == ["2022-04-11", "2025-01-10", "2025-05-12"]


def test_a_month_counts_from_its_last_day_and_is_closed_from_the_first_day_after_it(account):
    account.pay(date(2025, 1, 20), 100_00)
    account.charge(JAN, 100_00)
    assert account.owed_on(date(2025, 1, 30)) == {"advance": -100_00}
    assert account.owed_on(date(2025, 1, 31)) == {"advance": -100_00, "2025-01": 100_00}
    assert account.owed_on(FEB) == {}


def test_the_oldest_month_is_closed_first(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.pay(date(2025, 3, 5), 130_00)
    assert account.owed_on(date(2025, 3, 5)) == {"2025-02": 70_00}


def test_a_payment_for_a_named_month_closes_that_month(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.pay(date(2025, 3, 5), 100_00, named=FEB)
    assert account.owed_on(date(2025, 3, 5)) == {"2025-01": 100_00}


def test_what_a_named_month_does_not_need_goes_to_the_oldest(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.pay(date(2025, 3, 5), 130_00, named=FEB)
    assert account.owed_on(date(2025, 3, 5)) == {"2025-01": 70_00}


def test_a_payment_for_a_month_to_come_waits_though_old_debt_is_open(account):
    account.charge(JAN, 100_00)
    account.charge(MAR, 40_00)
    account.pay(date(2025, 3, 10), 60_00, named=MAR)
    assert account.owed_on(date(2025, 3, 30)) == {"2025-01": 100_00, "advance": -60_00}
    # On the first day after March it closes March, and what is left goes to the oldest.
    assert account.owed_on(APR) == {"2025-01": 80_00}


def test_a_payment_for_a_month_that_was_never_charged_is_let_go_after_that_month(account):
    account.charge(JAN, 100_00)
    account.pay(date(2025, 3, 10), 60_00, named=MAR)
    assert account.owed_on(date(2025, 3, 31)) == {"2025-01": 100_00, "advance": -60_00}
    assert account.owed_on(APR) == {"2025-01": 40_00}


def test_an_advance_closes_the_next_month_on_the_first_day_after_it(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.pay(date(2025, 2, 10), 150_00)
    assert account.owed_on(date(2025, 2, 27)) == {"advance": -50_00}
    assert account.closed(FEB) == {"2025-03-01": 50_00}


def test_the_oldest_advance_is_used_first(account):
    first = account.pay(date(2025, 1, 10), 30_00)
    second = account.pay(date(2025, 1, 11), 30_00)
    account.charge(JAN, 40_00)
    used = {key[6]: kopecks for key, (kopecks, _) in account.pieces.items() if key[0] == "debt"}
    assert used == {("payment", first): 30_00, ("payment", second): 10_00}


def test_a_payment_skips_a_month_whose_limitation_has_run_out(account):
    account.charge(date(2021, 1, 1), 100_00)  # due 10 February 2021
    account.charge(date(2021, 2, 1), 100_00)  # due 10 March 2021
    account.pay(date(2024, 2, 10), 10_00)  # the last day of the three years
    account.pay(date(2024, 2, 11), 20_00)
    assert account.owed_on(date(2024, 2, 11)) == {"2021-01": 90_00, "2021-02": 80_00}


def test_a_payment_that_finds_only_time_barred_debt_is_an_advance(account):
    account.charge(date(2021, 1, 1), 100_00)
    account.pay(date(2024, 2, 11), 30_00)
    assert account.owed_on(date(2024, 2, 11)) == {"2021-01": 100_00, "advance": -30_00}


def test_a_payer_who_names_a_time_barred_month_closes_it(account):
    account.charge(date(2021, 1, 1), 100_00)
    account.pay(date(2025, 2, 11), 30_00, named=date(2021, 1, 1))
    assert account.owed_on(date(2025, 2, 11)) == {"2021-01": 70_00}


def test_a_write_off_without_months_takes_time_barred_debt_first(account):
    account.charge(date(2021, 1, 1), 100_00)
    account.charge(JAN, 100_00)
    account.write_off(date(2025, 2, 20), 130_00)
    assert account.owed_on(date(2025, 2, 20)) == {"2025-01": 70_00}


def test_a_write_off_closes_the_months_that_it_names(account):
    for period in (JAN, FEB, MAR):
        account.charge(period, 100_00)
    account.write_off(date(2025, 4, 20), 150_00, JAN, MAR)
    assert account.owed_on(date(2025, 4, 20)) == {"2025-02": 100_00, "2025-03": 50_00}


def test_the_rest_of_a_write_off_for_named_months_leaves_time_barred_debt_alone(account):
    account.charge(date(2021, 1, 1), 100_00)
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.write_off(date(2025, 4, 20), 120_00, FEB)
    assert account.owed_on(date(2025, 4, 20)) == {"2021-01": 100_00, "2025-01": 80_00}


def test_a_cancelled_write_off_opens_again_what_write_offs_closed(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.write_off(date(2025, 3, 1), 100_00)
    account.pay(date(2025, 3, 2), 100_00)
    account.write_off(date(2025, 3, 20), -40_00)
    assert account.owed_on(date(2025, 3, 19)) == {}
    assert account.owed_on(date(2025, 3, 20)) == {"2025-01": 40_00}


def test_a_reversed_payment_opens_again_what_it_had_closed(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    wrong = account.pay(date(2025, 3, 1), 100_00)
    account.pay(date(2025, 3, 2), 100_00)
    account.pay(date(2025, 3, 20), -100_00, reverses=wrong)
    assert account.owed_on(date(2025, 3, 19)) == {}
    assert account.owed_on(date(2025, 3, 20)) == {"2025-01": 100_00}
    again = [key for key in account.pieces if key[8] is not None]
    assert [key[3:6] for key in again] == [("2025-02-10", "2025-03-20", None)]


def test_a_refund_takes_back_the_advance_before_it_opens_debt(account):
    account.charge(JAN, 100_00)
    payment = account.pay(date(2025, 2, 5), 130_00)
    account.pay(date(2025, 2, 10), -50_00, reverses=payment)
    assert account.owed_on(date(2025, 2, 10)) == {"2025-01": 20_00}


def test_a_refund_that_names_no_payment_takes_any_advance_then_the_latest_closing(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.pay(date(2025, 3, 1), 210_00)
    account.pay(date(2025, 3, 10), -30_00)
    assert account.owed_on(date(2025, 3, 10)) == {"2025-02": 20_00}


def test_a_refund_of_what_was_never_paid_is_a_debt_due_that_day(account):
    account.pay(date(2025, 3, 10), -30_00)
    assert account.owed_on(date(2025, 3, 10)) == {"2025-03": 30_00}
    assert {key[3] for key in account.pieces} == {"2025-03-10"}


def test_a_debt_made_by_a_refund_keeps_its_due_date_when_it_is_opened_again(account):
    account.pay(date(2025, 3, 10), -30_00)
    paid = account.pay(date(2025, 4, 1), 30_00)
    account.pay(date(2025, 5, 20), -30_00, reverses=paid)
    assert account.owed_on(date(2025, 5, 20)) == {"2025-03": 30_00}
    assert {key[3] for key in account.pieces} == {"2025-03-10"}


def test_an_advance_that_waits_closes_what_a_refund_opens(account):
    account.charge(date(2021, 1, 1), 100_00)
    account.charge(JAN, 100_00)
    wrong = account.pay(date(2025, 2, 5), 100_00)
    account.pay(date(2025, 2, 6), 70_00)
    account.pay(date(2025, 2, 10), -100_00, reverses=wrong)
    assert account.owed_on(date(2025, 2, 10)) == {"2021-01": 100_00, "2025-01": 30_00}


def test_a_refund_gives_back_the_very_services_that_were_paid(account):
    for service in (MAINTENANCE, COLD_WATER, HOT_WATER):
        account.charge(JAN, {MAINTENANCE: 33, COLD_WATER: 33, HOT_WATER: 34}[service], service)
    account.pay(date(2025, 2, 1), 50)
    second = account.pay(date(2025, 2, 2), 50)
    assert account.services_paid(date(2025, 2, 1)) == {1: 17, 3: 16, 4: 17}
    assert account.services_paid(date(2025, 2, 2)) == {1: 16, 3: 17, 4: 17}
    account.pay(date(2025, 2, 3), -50, reverses=second)
    [opened] = [services for key, (_, services) in account.pieces.items() if key[8]]
    assert opened == {1: 16, 3: 17, 4: 17}


def test_a_month_that_is_paid_in_parts_has_paid_exactly_every_service(account):
    account.charge(JAN, 1_01, MAINTENANCE)
    account.charge(JAN, 1_01, COLD_WATER)
    account.charge(JAN, 99, HOT_WATER)
    for day in range(1, 8):
        account.pay(date(2025, 2, day), 43)
    paid = {1: 0, 3: 0, 4: 0}
    for _, services in account.pieces.values():
        for service, kopecks in services.items():
            paid[service] += kopecks
    assert paid == {1: 1_01, 3: 1_01, 4: 99}


def test_a_recalculation_lowers_its_own_month(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.recalculate(FEB, -30_00, on=date(2025, 4, 10))
    assert account.owed_on(date(2025, 4, 10)) == {"2025-01": 100_00, "2025-02": 70_00}


def test_what_a_recalculation_takes_below_zero_is_a_credit_of_its_document(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 100_00)
    account.recalculate(FEB, -130_00, on=date(2025, 4, 10))
    assert account.owed_on(date(2025, 4, 9)) == {"2025-01": 100_00}
    assert account.owed_on(date(2025, 4, 10)) == {"2025-01": 70_00}
    assert account.closed(JAN) == {"2025-04-10": 30_00}


def test_a_recalculation_of_a_paid_month_frees_the_money(account):
    account.charge(JAN, 100_00)
    account.pay(date(2025, 2, 5), 100_00)
    account.recalculate(JAN, -30_00, on=date(2025, 4, 10))
    assert account.owed_on(date(2025, 2, 5)) == {"advance": -30_00}


def test_after_a_surplus_a_month_owes_only_for_what_came_later(account):
    account.charge(JAN, 100_00, MAINTENANCE)
    account.recalculate(JAN, -150_00, on=date(2025, 3, 10))
    account.recalculate(JAN, 30_00, on=date(2025, 4, 10), service=COLD_WATER)
    [(kopecks, services)] = [
        value for key, value in account.pieces.items() if key[2] == "2025-01-01"
    ]
    assert (kopecks, services) == (30_00, {COLD_WATER: 30_00})


def test_a_service_below_zero_is_shared_by_the_others_of_the_month(account):
    account.charge(JAN, 20_00, MAINTENANCE)
    account.charge(JAN, 60_00, COLD_WATER)
    account.charge(JAN, 40_00, HOT_WATER)
    account.recalculate(JAN, -30_00, on=date(2025, 1, 31))
    assert account.owed_on(date(2025, 1, 31)) == {"2025-01": 90_00}
    assert [services for _, services in account.pieces.values()] == [
        {COLD_WATER: 54_00, HOT_WATER: 36_00}
    ]


def test_liabilities_due_on_one_day_share_a_payment_by_largest_remainder(account):
    account.charge(JAN, 100_00, MAINTENANCE)
    account.charge(JAN, 50_00, CAPITAL_REPAIR)
    account.pay(date(2025, 2, 5), 100_01)
    closed = {key[1]: kopecks for key, (kopecks, _) in account.pieces.items() if key[5]}
    # 66.673 and 33.337: the kopeck that is left goes to the larger remainder.
    assert closed == {"housing": 66_67, "capital_repair": 33_34}


def test_a_receipt_under_a_court_order_goes_to_the_months_of_the_order(account):
    for period in (JAN, FEB, MAR, APR):
        account.charge(period, 100_00)
    account.pay(date(2025, 6, 1), 150_00, order=(FEB, MAR), named=JAN)
    assert account.owed_on(date(2025, 6, 1)) == {
        "2025-01": 100_00,
        "2025-03": 50_00,
        "2025-04": 100_00,
    }


def test_a_ledger_from_elsewhere_keeps_the_due_date_that_it_names(account):
    account.charge(JAN, 100_00, due_date=date(2025, 1, 25))
    account.charge(JAN, 50_00, COLD_WATER)
    account.recalculate(JAN, -10_00, on=date(2025, 3, 1))
    # The recalculation follows the named date; the water has the date of the law.
    assert {key[3]: (key[4], kopecks) for key, (kopecks, _) in account.pieces.items()} == {
        "2025-01-25": ("2025-01-25", 90_00),
        "2025-02-10": ("2025-01-31", 50_00),
    }


def test_a_named_due_date_in_the_month_lets_money_close_it_that_day(account):
    account.pay(date(2025, 1, 10), 100_00)
    account.charge(JAN, 100_00, due_date=date(2025, 1, 25))
    assert account.owed_on(date(2025, 1, 24)) == {"advance": -100_00}
    assert account.closed(JAN) == {"2025-01-25": 100_00}


def test_a_source_that_names_the_date_of_the_law_makes_no_second_debt(account):
    account.charge(JAN, 100_00, due_date=date(2025, 2, 10))
    account.charge(JAN, 50_00, COLD_WATER)
    assert len(account.pieces) == 1


def test_on_one_day_payments_go_before_surplus_and_write_offs(account):
    account.charge(JAN, 100_00)
    account.charge(FEB, 10_00)
    day = date(2025, 3, 20)
    account.write_off(day, 30_00)
    account.recalculate(FEB, -40_00, on=day)  # a surplus of 30.00
    account.pay(day, 60_00)
    closed = {
        key[6][0]: kopecks for key, (kopecks, _) in account.pieces.items() if key[5] == str(day)
    }
    assert closed == {"payment": 60_00, "recalculation": 30_00, "write_off": 10_00}


def test_what_was_known_then_can_be_asked_again(account):
    account.charge(JAN, 100_00)
    account.connection.execute(text("select set_config('dolgomer.known_at', '2020-01-01', true)"))
    assert account.pieces == {}
