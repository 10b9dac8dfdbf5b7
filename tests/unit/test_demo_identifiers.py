"""Invented numbers must pass the checks that banks, courts and the tax service make."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from operational_db.demo import check_digits
from operational_db.demo.clock import Clock
from operational_db.demo.organisations import bank_account_rows, organisation_rows


def test_the_tax_number_of_a_company_ends_as_the_register_has_it():
    assert check_digits.inn_of_organisation(770708389) == "7707083893"


def test_the_state_number_of_a_company_ends_as_the_register_has_it():
    assert check_digits.ogrn(102770013219) == "1027700132195"


def test_the_tax_number_of_a_person_ends_as_the_service_checks_it():
    assert check_digits.inns_of_people(np.array([5001007322])).tolist() == [500100732259]


def test_the_insurance_number_of_a_person_ends_as_the_fund_checks_it():
    assert check_digits.snils_checks(np.array([112233445])).tolist() == [95]


@given(st.integers(min_value=1_001_999, max_value=999_999_999))
def test_the_check_of_an_insurance_number_is_its_weighted_sum(number: int):
    weighted = sum(
        int(digit) * weight for digit, weight in zip(f"{number:09d}", range(9, 0, -1), strict=True)
    )
    expected = weighted % 101
    assert check_digits.snils_checks(np.array([number]))[0] == (0 if expected == 100 else expected)


@given(st.from_regex(r"[0-9]{20}", fullmatch=True), st.from_regex(r"04[0-9]{7}", fullmatch=True))
def test_a_bank_account_with_its_key_passes_the_control_of_the_bank(account: str, bic: str):
    keyed = check_digits.bank_account(account, bic)

    assert _control(keyed, bic) == 0
    assert keyed[:8] + keyed[9:] == account[:8] + account[9:]


def test_requisites_of_the_town_pass_every_check():
    clock = Clock.ending(date(2026, 11, 21), 36)
    organisations = organisation_rows(clock)
    accounts = bank_account_rows(clock)

    for inn, ogrn in zip(organisations["inn"], organisations["ogrn"], strict=True):
        assert inn == check_digits.inn_of_organisation(int(inn[:9]))
        assert ogrn == check_digits.ogrn(int(ogrn[:12]))
    for number, bic in zip(accounts["account_number"], accounts["bic"], strict=True):
        assert len(number) == 20
        assert _control(number, bic) == 0
    for column in (organisations["inn"], organisations["ogrn"], accounts["account_number"]):
        assert len(set(column)) == len(column)


def _control(account: str, bic: str) -> int:
    """Return the last digit of the control sum: zero where the key is right."""
    weights = "713" * 8
    pairs = zip(bic[-3:] + account, weights, strict=False)
    return sum(int(digit) * int(weight) for digit, weight in pairs) % 10
