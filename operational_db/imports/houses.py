"""Lists of houses: address and year of construction, as public registries publish them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from operational_db.imports.address import Address, read_address
from operational_db.imports.problems import FieldError, Notice, ParsedTable, Refusal
from operational_db.imports.table import Column, empty_result, open_table, records

COLUMNS = (
    Column("address", "Адрес", ("адрес дома", "адрес мкд", "house_address")),
    Column(
        "built_year",
        "Год постройки",
        ("год", "год ввода", "год ввода в эксплуатацию", "year"),
        is_required=False,
    ),
)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_UNKNOWN_YEARS = {"", "н.д.", "н.д", "нд", "-", "нет данных", "none"}
_OLDEST_HOUSE = 1600


@dataclass(frozen=True, slots=True)
class HouseRow:
    """One house of a list. ``built_year`` is None where the list does not know it."""

    line: int
    address: Address
    built_year: int | None


def read_houses(content: bytes, *, today: date) -> ParsedTable[HouseRow]:
    """Read a list of houses. Rows whose address cannot be read are refused; a bad year is noted."""
    table = open_table(content, COLUMNS)
    parsed: ParsedTable[HouseRow] = empty_result(table)
    address_at = table.positions["address"]
    year_at = table.positions.get("built_year")
    for record in records(table, parsed.refusals.append):
        try:
            address = read_address(record.cells[address_at])
        except FieldError as error:
            heading = table.header[address_at]
            parsed.refusals.append(Refusal(record.line, heading, str(error), record.raw))
            continue
        text = record.cells[year_at].strip() if year_at is not None else ""
        year = _read_year(text, today)
        parsed.notices.extend(_remarks(record.line, address, text, year))
        parsed.rows.append(HouseRow(record.line, address, year))
    return parsed


def _read_year(text: str, today: date) -> int | None:
    """The year, or None. A range («1929-1958») and a date do not say which year it is for sure."""
    if not _YEAR.fullmatch(text):
        return None
    year = int(text)
    return year if _OLDEST_HOUSE <= year <= today.year + 1 else None


def _remarks(line: int, address: Address, text: str, year: int | None) -> Iterator[Notice]:
    if year is None and text.lower() not in _UNKNOWN_YEARS:
        yield Notice(line, f"год постройки «{text}» не понять; дом принят без года")
    if address.remark:
        yield Notice(line, f"пометка «{address.remark}» в адресе не вошла в номер дома")
