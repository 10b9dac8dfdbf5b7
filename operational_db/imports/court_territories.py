"""Territories of court sections as a table: one row for a street, a part of it, or a settlement."""

from dataclasses import dataclass
from datetime import date

from operational_db.imports.court_places import Houses, Place, read_houses, read_place
from operational_db.imports.problems import FieldError, ParsedTable, Refusal
from operational_db.imports.table import Column, empty_result, open_table, records
from operational_db.imports.values import FIRST_CREDIBLE_DATE, read_date

COLUMNS = (
    Column("court_code", "Код суда", ("участок", "код участка", "код")),
    Column("settlement", "Населённый пункт", ("город", "пункт")),
    Column("street", "Улица", (), is_required=False),
    Column("parity", "Чётность", ("четность домов",), is_required=False),
    Column("number_from", "С дома", ("с", "от"), is_required=False),
    Column("number_to", "По дом", ("по", "до"), is_required=False),
    Column("houses", "Дома", ("дом", "house"), is_required=False),
    Column("except_houses", "Кроме", ("кроме домов", "except"), is_required=False),
    Column("valid_from", "Действует с", ("дата начала",), is_required=False),
    Column("valid_to", "Действует по", ("дата конца",), is_required=False),
    Column("source", "Источник", ("основание", "закон"), is_required=False),
)
NO_SOURCE = "файл без указания источника"


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    """One territory of a court; ``houses`` is the whole street where nothing else is said."""

    line: int
    court_code: str
    place: Place
    houses: Houses
    valid_from: date
    valid_to: date | None
    source: str

    @property
    def is_whole_settlement(self) -> bool:
        return self.place.street is None

    def told(self) -> str:
        """In Russian, for a message."""
        where = self.place.settlement
        if self.place.street:
            return f"{where}, {self.place.street}, {self.houses.told()}"
        return f"{where} целиком"

    def common(self, other: "TerritoryRow") -> str | None:
        """A house that both have on the same day, in Russian; None when there is none.

        The rest of a settlement yields to a street of it, so the two have nothing in common.
        """
        if self.place.key != other.place.key or not self._meets_in_time(other):
            return None
        if self.is_whole_settlement:
            return "населённый пункт целиком"
        key = self.houses.common(other.houses)
        return None if key is None else f"дом {key}"

    def _meets_in_time(self, other: "TerritoryRow") -> bool:
        return not (
            (self.valid_to is not None and self.valid_to < other.valid_from)
            or (other.valid_to is not None and other.valid_to < self.valid_from)
        )


def read_territories(content: bytes) -> ParsedTable[TerritoryRow]:
    """Read a list of territories. A row that cannot be read is refused with its column."""
    table = open_table(content, COLUMNS)
    parsed: ParsedTable[TerritoryRow] = empty_result(table)
    for record in records(table, parsed.refusals.append):
        values = {
            name: " ".join(record.cells[place].split()) for name, place in table.positions.items()
        }
        try:
            parsed.rows.append(territory(record.line, values))
        except FieldError as error:
            parsed.refusals.append(Refusal(record.line, "", str(error), record.raw))
    return parsed


def territory(line: int, values: dict[str, str]) -> TerritoryRow:
    """One territory from values as people write them, by the names of ``COLUMNS``."""
    code = values.get("court_code", "")
    if not code:
        raise FieldError("не указан код суда, например 50MS0084.")
    place = read_place(values.get("settlement", ""), values.get("street", ""))
    houses = read_houses(
        *(values.get(name, "") for name in ("parity", "number_from", "number_to", "houses")),
        values.get("except_houses", ""),
    )
    if place.street is None and houses != Houses():
        raise FieldError("дома названы без улицы. Впишите улицу или уберите номера домов.")
    start, end = values.get("valid_from"), values.get("valid_to")
    row = TerritoryRow(
        line=line,
        court_code=code,
        place=place,
        houses=houses,
        valid_from=read_date(start) if start else FIRST_CREDIBLE_DATE,
        valid_to=read_date(end) if end else None,
        source=values.get("source") or NO_SOURCE,
    )
    if row.valid_to is not None and row.valid_to < row.valid_from:
        raise FieldError("«Действует по» раньше, чем «Действует с». Исправьте даты.")
    return row
