"""Reading single values as people and billing programs write them: sums, dates, months.

Each function returns a typed value or raises ``FieldError`` with a Russian reason and advice.
Results are cached: a file of 300,000 lines holds a few dozen months and dates.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from operational_db.imports.problems import FieldError

# Accounts of the field begin with the housing reform; an earlier date is always a typing error.
FIRST_CREDIBLE_DATE = date(1991, 1, 1)
# Charges are made up to a month ahead; what is further away is a typing error.
DAYS_AHEAD_ALLOWED = 40
# No home is charged or pays so much at once: what is larger is two columns run together. And the
# totals of the warehouse are numeric(14, 2): thousands of rows of this sum still fit into them.
LARGEST_AMOUNT = Decimal("100000000.00")
# One bill or payment beyond this is rare enough for a second look.
NOTABLE_AMOUNT = Decimal("1000000.00")
# An organisation itself may hold or receive more (a subsidy): it need only fit numeric(14, 2).
LARGEST_BANK_AMOUNT = Decimal("999999999999.99")
_MOST_DIGITS = 12
_LONGEST_QUOTATION = 40

_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u2007\u2009\u202f'’"), None)
_MINUSES = str.maketrans("−–—‐‑‒", "------")
_CURRENCY = re.compile(r"(?:руб(?:лей|ля|\.)?|р\.?|₽|rub)$", re.IGNORECASE)
_PLAIN_AMOUNT = re.compile(r"-?\d{1,8}(?:[.,]\d{1,2})?", re.ASCII)
_AMOUNT_PARTS = re.compile(r"(\d+)(?:[.,](\d*))?", re.ASCII)
_GROUPED_BY_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+", re.ASCII)
_GROUPED_BY_COMMA = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+", re.ASCII)

_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?"
_ISO_DATE = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_TIME}", re.ASCII)
_RUSSIAN_DATE = re.compile(
    rf"(\d{{1,2}})([.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}})\s*(?:г\.?)?{_TIME}", re.ASCII
)

_ISO_MONTH = re.compile(r"(\d{4})[-./](\d{1,2})", re.ASCII)
_RUSSIAN_MONTH = re.compile(r"(\d{1,2})[-./](\d{4})", re.ASCII)
_MONTH_DIGITS = re.compile(r"\d{6}|\d{4}", re.ASCII)
_NAMED_MONTH = re.compile(r"([а-я]+)\.?\s*[-']?\s*(\d{4}|\d{2})\s*(?:г|г\.|год|года)?")
_MONTH_NAMES = (
    ("январь", "января"),
    ("февраль", "февраля"),
    ("март", "марта"),
    ("апрель", "апреля"),
    ("май", "мая"),
    ("июнь", "июня"),
    ("июль", "июля"),
    ("август", "августа"),
    ("сентябрь", "сентября"),
    ("октябрь", "октября"),
    ("ноябрь", "ноября"),
    ("декабрь", "декабря"),
)
MONTHS_BY_NAME = {
    form: number
    for number, names in enumerate(_MONTH_NAMES, start=1)
    for form in (*names, names[0][:3], names[0][:4])
} | {"сент": 9, "нояб": 11, "мая": 5}


def read_amount(text: str) -> Decimal:
    """Read a sum of roubles with at most two decimals.

    Takes ``1234.5``, ``1 234,50`` (any kind of space), ``1.234,50``, ``-5``, ``−5``, ``5-`` as
    accounting programs print it, ``(5)``, ``5 руб.``. Three decimals are refused, not rounded, and
    so is more than ``LARGEST_AMOUNT``.
    """
    # Nearly every sum of a billing export is plain: this line keeps a big file fast. Its eight
    # digits stay below the largest sum.
    if _PLAIN_AMOUNT.fullmatch(text):
        return Decimal(text.replace(",", ".")).quantize(Decimal("0.01"))
    return _read_written_amount(text, LARGEST_AMOUNT)


def read_bank_amount(text: str) -> Decimal:
    """Read a sum or a balance of a bank statement, up to ``LARGEST_BANK_AMOUNT``; same forms."""
    return _read_written_amount(text, LARGEST_BANK_AMOUNT)


def _read_written_amount(text: str, largest: Decimal) -> Decimal:
    number = text.translate(_SPACES).translate(_MINUSES)
    if not number:
        raise FieldError("сумма не указана. Впишите сумму в рублях, например 1234,56.")
    number = _CURRENCY.sub("", number)
    number, is_negative = _without_sign(number)
    if _GROUPED_BY_POINT.fullmatch(number):
        number = number.replace(".", "")
    elif _GROUPED_BY_COMMA.fullmatch(number):
        number = number.replace(",", "")
    match = _AMOUNT_PARTS.fullmatch(number)
    if not match:
        raise FieldError(f"«{text}» не сумма. Впишите число в рублях, например 1234,56.")
    roubles, kopecks = match[1].lstrip("0") or "0", match[2] or "0"
    # Programs pad sums with zeros (12,5000): that is exact, so only a real third digit is refused.
    if kopecks.rstrip("0")[2:]:
        raise FieldError(
            f"в сумме «{text}» больше двух знаков после запятой. Округлите её до копеек в своей "
            "программе: округление при загрузке исказило бы долг."
        )
    # Digits are counted first: a number of a thousand digits cannot even be rounded to kopecks.
    amount = Decimal(f"{roubles}.{kopecks}") if len(roubles) <= _MOST_DIGITS else None
    if amount is None or amount > largest:
        raise FieldError(
            f"сумма «{_short(text)}» слишком велика: здесь принимается не больше "
            f"{_with_spaces(largest)} руб. Проверьте, не склеились ли столбцы."
        )
    amount = amount.quantize(Decimal("0.01"))
    return -amount if is_negative else amount


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTATION else text[:_LONGEST_QUOTATION] + "…"


def _with_spaces(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def _without_sign(number: str) -> tuple[str, bool]:
    if number.startswith("(") and number.endswith(")"):
        return number[1:-1], True
    if number.startswith(("-", "+")):
        return number[1:], number[0] == "-"
    if number.endswith("-"):
        return number[:-1], True
    return number, False


@lru_cache(maxsize=20_000)
def read_date(text: str) -> date:
    """Read a day: 2024-01-31, 31.01.2024, 31-01-2024 or 31.01.24; a time after it is ignored."""
    stripped = text.strip().translate(_MINUSES)
    if not stripped:
        raise FieldError("дата не указана. Впишите дату в виде 31.01.2024.")
    if match := _ISO_DATE.fullmatch(stripped):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _RUSSIAN_DATE.fullmatch(stripped):
        year, month, day = _full_year(match[4]), int(match[3]), int(match[1])
    else:
        raise FieldError(f"«{text}» не дата. Впишите дату в виде 31.01.2024 или 2024-01-31.")
    try:
        return date(year, month, day)
    except ValueError:
        raise FieldError(f"даты «{text}» нет в календаре. Исправьте день или месяц.") from None


def read_day(text: str, *, today: date) -> date:
    """Read a date on which something was booked or paid: not before 1991, not far in the future."""
    return _credible(read_date(text), text, today)


@lru_cache(maxsize=5_000)
def read_period(text: str) -> date:
    """Read a month and return its first day.

    Takes 2024-01, 01.2024, 01/2024, 202401, 012024, any date of the month, «январь 2024 г.»,
    «янв.24», and four digits MMYY (as agents' registries write it) unless they could also be YYMM.
    """
    stripped = " ".join(text.lower().replace("ё", "е").translate(_MINUSES).split())
    if not stripped:
        raise FieldError("месяц не указан. Впишите месяц в виде 01.2024.")
    year, month = _year_and_month(stripped, text)
    if not 1 <= month <= 12:
        raise FieldError(f"в периоде «{text}» месяц {month}. Впишите месяц в виде 01.2024.")
    if not 1 <= year <= 9999:
        raise FieldError(f"в периоде «{text}» год {year}. Впишите месяц в виде 01.2024.")
    return date(year, month, 1)


def read_month(text: str, *, today: date) -> date:
    """Read a month that a charge or a payment belongs to; see ``read_period`` for the forms."""
    return _credible(read_period(text), text, today)


def _year_and_month(stripped: str, text: str) -> tuple[int, int]:
    if match := _ISO_MONTH.fullmatch(stripped):
        return int(match[1]), int(match[2])
    if match := _RUSSIAN_MONTH.fullmatch(stripped):
        return int(match[2]), int(match[1])
    if _MONTH_DIGITS.fullmatch(stripped):
        return _month_of_digits(stripped, text)
    match = _NAMED_MONTH.fullmatch(stripped)
    if match and match[1] in MONTHS_BY_NAME:
        return _full_year(match[2]), MONTHS_BY_NAME[match[1]]
    try:
        day = read_date(stripped)
    except FieldError:
        raise FieldError(f"«{text}» не месяц. Впишите месяц в виде 01.2024 или 2024-01.") from None
    return day.year, day.month


def _month_of_digits(digits: str, text: str) -> tuple[int, int]:
    if len(digits) == 6:
        if digits[:2] in {"19", "20"}:
            return int(digits[:4]), int(digits[4:])
        return int(digits[2:]), int(digits[:2])
    head, tail = int(digits[:2]), int(digits[2:])
    is_month_first, is_year_first = 1 <= head <= 12, 1 <= tail <= 12
    if is_month_first and is_year_first and head != tail:
        raise FieldError(
            f"период «{text}» можно понять двояко (ММГГ или ГГММ). Впишите месяц в виде 01.2024."
        )
    if is_month_first:
        return _full_year(digits[2:]), head
    if is_year_first:
        return _full_year(digits[:2]), tail
    raise FieldError(f"«{text}» не месяц. Впишите месяц в виде 01.2024 или 2024-01.")


def _full_year(digits: str) -> int:
    """1991 is the first credible year, so two digits from 91 on belong to the last century."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return 1900 + year if year >= FIRST_CREDIBLE_DATE.year - 1900 else 2000 + year


def _credible(day: date, text: str, today: date) -> date:
    if day < FIRST_CREDIBLE_DATE:
        raise FieldError(f"«{text}» раньше 1991 года. Исправьте год.")
    if day > today + timedelta(days=DAYS_AHEAD_ALLOWED):
        raise FieldError(
            f"«{text}» больше чем на {DAYS_AHEAD_ALLOWED} дней позже сегодняшнего. Исправьте год."
        )
    return day


def rubles(amount: Decimal) -> str:
    """A sum as people write it: 1 234,50, in roubles."""
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",").replace("-", "\u2212")


def read_line_numbers(text: str) -> list[int]:
    """Numbers of lines of a file as people write them: «5, 12, 20-25». Empty text means none."""
    numbers: set[int] = set()
    for part in filter(None, (word.strip() for word in re.split(r"[,;\s]+", text))):
        match = re.fullmatch(r"(\d{1,7})(?:[-–](\d{1,7}))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last or first < 1:
            raise FieldError(f"«{part}» – не номер строки. Напишите номера так: 5, 12, 20-25.")
        numbers.update(range(first, last + 1))
    return sorted(numbers)
