"""Check digits of Russian identifiers, so that invented numbers pass every validation."""

import numpy as np

INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
INN_11 = (7, *INN_10)
INN_12 = (3, *INN_11)
ACCOUNT_KEY = (7, 1, 3) * 8
ACCOUNT_KEY_PLACE = 8


def inn_of_organisation(first_nine: int) -> str:
    """Return the ИНН of a legal person: nine digits and the check digit."""
    digits = _digits(np.array([first_nine]), 9)
    return f"{first_nine:09d}{_weighted(digits, INN_10)[0] % 11 % 10}"


def ogrn(first_twelve: int) -> str:
    """Return the ОГРН: twelve digits and the last digit of the remainder from 11."""
    return f"{first_twelve:012d}{first_twelve % 11 % 10}"


def inns_of_people(first_ten: np.ndarray) -> np.ndarray:
    """Return INNs of natural persons as whole numbers of twelve digits."""
    digits = _digits(first_ten, 10)
    eleventh = _weighted(digits, INN_11) % 11 % 10
    digits = np.column_stack([digits, eleventh])
    twelfth = _weighted(digits, INN_12) % 11 % 10
    return first_ten * 100 + eleventh * 10 + twelfth


def snils_checks(first_nine: np.ndarray) -> np.ndarray:
    """Return the two check digits of СНИЛС: the weighted sum modulo 101, where 100 becomes 0."""
    weighted = _weighted(_digits(first_nine, 9), tuple(range(9, 0, -1)))
    return weighted % 101 % 100


def bank_account(account_number: str, bic: str) -> str:
    """Put the right key digit into a settlement account of 20 digits (ЦБ РФ, порядок 515)."""
    place = ACCOUNT_KEY_PLACE
    blank = account_number[:place] + "0" + account_number[place + 1 :]
    control = sum(
        int(digit) * weight % 10
        for digit, weight in zip(bic[-3:] + blank, ACCOUNT_KEY, strict=False)
    )
    return account_number[:place] + str(control * 3 % 10) + account_number[place + 1 :]


def _digits(numbers: np.ndarray, width: int) -> np.ndarray:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers.astype(np.int64)[:, None] // powers % 10


def _weighted(digits: np.ndarray, weights: tuple[int, ...]) -> np.ndarray:
    return digits @ np.array(weights, dtype=np.int64)
