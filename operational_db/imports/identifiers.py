"""Check digits of Russian identifiers: ИНН and СНИЛС."""

import re

_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11 = (7, *_INN_10)
_INN_12 = (3, *_INN_11)
# Numbers up to 001-001-998 were given out before СНИЛС had check digits.
_FIRST_CHECKED_SNILS = 1_001_998
_SNILS_MODULUS = 101
_NOT_DIGITS = re.compile(r"[\s–−-]+")


def inn_is_right(inn: str) -> bool:
    """Tell whether an ИНН of 10 or 12 digits has the right check digits."""
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", inn) or not inn.strip("0"):
        return False
    if len(inn) == len(_INN_10) + 1:
        return _weighted(inn, _INN_10) % 11 % 10 == int(inn[-1])
    return (
        _weighted(inn, _INN_11) % 11 % 10 == int(inn[-2])
        and _weighted(inn, _INN_12) % 11 % 10 == int(inn[-1])
    )  # fmt: skip


def snils_digits(written: str) -> str | None:
    """The eleven digits of a СНИЛС however it is written, or None when it is none or wrong."""
    digits = _NOT_DIGITS.sub("", written)
    if not re.fullmatch(r"[0-9]{11}", digits) or not digits[:9].strip("0"):
        return None
    if int(digits[:9]) > _FIRST_CHECKED_SNILS:
        check = _weighted(digits, tuple(range(9, 0, -1))) % _SNILS_MODULUS % 100
        if check != int(digits[9:]):
            return None
    return digits


def snils_written(digits: str) -> str:
    """As printed: 112-233-445 95."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))
