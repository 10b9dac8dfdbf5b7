"""What the purpose of a bank payment says: which account it is for, and which month."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from operational_db.imports.problems import FieldError
from operational_db.imports.values import MONTHS_BY_NAME, read_period

# «ЛС: 50133547364», «л/с № 12-34», «лицевой счет 0001», «лиц.сч.77». The group is the number.
ACCOUNT_PATTERNS = (
    r"(?<![а-яёa-z])(?:л\s*[/.\\]\s*с\.?|лс|лиц(?:евой|евого|\.)?\s*сч(?:ет|ёт|ета|ёта|\.)?)"
    r"\s*(?:номер|ном\.?|№|n|no\.?)?\s*[:=\-–]?\s*(?:№\s*)?"
    r"([0-9a-zа-я]*\d[0-9a-zа-я]*(?:[-/][0-9a-zа-я]*\d[0-9a-zа-я]*)*)",
)
_MONTH_WORDS = "|".join(sorted(MONTHS_BY_NAME, key=len, reverse=True))
_NAMED_MONTH = re.compile(rf"(?<![а-я])({_MONTH_WORDS})\.?\s*(\d{{4}}|\d{{2}})(?!\d)")
# Without «за» before it, «Октября 12» is a house of a street and not a month of 2012.
_MEANS_A_MONTH = re.compile(r"(?:за|период\S*|месяц\S*)\s+$")
_LONG_YEAR = 4
# 31.03.2024 is a date of a document, so neither a digit nor a point may stand before the month.
_NUMBERED_MONTH = re.compile(r"(?<![\d./-])(0?[1-9]|1[0-2])[./](20\d{2})(?!\d|[./-]\d)")
_RANGE_OF_MONTHS = re.compile(
    rf"(?:{_MONTH_WORDS})\.?\s*(?:\d{{2,4}})?\s*(?:г\.?)?\s*(?:[-–—,]|и|по)\s*(?:{_MONTH_WORDS})"
    r"|(?:0?[1-9]|1[0-2])(?:[./]20\d{2})?\s*(?:[-–—]|по)\s*(?:0?[1-9]|1[0-2])[./]20\d{2}"
)
_NO_MONTH_OF_SERVICE = re.compile(r"(?:от|договор\S*|сч[её]т\S*)\s+№?\s*$")


@dataclass(frozen=True, slots=True)
class PurposeReading:
    """Account numbers named in a purpose, in order, and the month if exactly one is named."""

    accounts: tuple[str, ...]
    period: date | None


def read_purpose(purpose: str, patterns: Iterable[str] = ACCOUNT_PATTERNS) -> PurposeReading:
    """Read a purpose. A pattern has one group, the account number; letter case does not matter.

    A month counts as named only when it is the only one: «за январь–март» leaves the choice to the
    rule for unnamed payments.
    """
    accounts: dict[str, None] = {}
    for pattern in patterns:
        for match in re.finditer(pattern, purpose, re.IGNORECASE):
            accounts.setdefault(match[1], None)
    return PurposeReading(tuple(accounts), _named_month(purpose))


def _named_month(purpose: str) -> date | None:
    text = purpose.lower().replace("ё", "е")
    if _RANGE_OF_MONTHS.search(text):
        return None
    months = set()
    for match in _NAMED_MONTH.finditer(text):
        # «от 5 марта 2024» dates a paper; a month of service has no day before it.
        before = text[: match.start()]
        is_clear = len(match[2]) == _LONG_YEAR or _MEANS_A_MONTH.search(before)
        if is_clear and not re.search(r"\d\s*$", before):
            months.add(_period(f"{match[1]} {match[2]}"))
    for match in _NUMBERED_MONTH.finditer(text):
        if not _NO_MONTH_OF_SERVICE.search(text[: match.start()]):
            months.add(_period(f"{match[1]}.{match[2]}"))
    months.discard(None)
    return months.pop() if len(months) == 1 else None


def _period(text: str) -> date | None:
    try:
        return read_period(text)
    except FieldError:
        return None
