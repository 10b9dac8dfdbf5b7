"""The public registry of courts and court sections, as a table."""

import re
from dataclasses import dataclass
from datetime import date

from operational_db.imports.problems import FieldError, ParsedTable, Refusal
from operational_db.imports.table import Column, empty_result, open_table, records
from operational_db.imports.values import read_date

COLUMNS = (
    Column("court_code", "Код суда", ("code", "код")),
    Column("court_name", "Наименование суда", ("name", "название", "наименование", "суд")),
    Column("court_type", "Вид суда", ("type", "вид", "тип"), is_required=False),
    Column("region_id", "Код региона", ("region", "регион"), is_required=False),
    Column("court_okrug", "Округ", (), is_required=False),
    Column("court_kray", "Субъект", ("субъект рф",), is_required=False),
    Column("court_district", "Судебный район", (), is_required=False),
    Column("city_district", "Район города", (), is_required=False),
    Column("parent_court", "Вышестоящий суд", ("районный суд",), is_required=False),
    Column("court_address", "Адрес", ("address",), is_required=False),
    Column("court_phone", "Телефон", ("phone",), is_required=False),
    Column("court_email", "Электронная почта", ("email", "e-mail"), is_required=False),
    Column("court_www", "Сайт", ("www", "website"), is_required=False),
    Column("last_update", "Обновлено", ("дата обновления",), is_required=False),
)
# 50MS0084: region, kind (MS magistrate, RS district, OS regional, AJ…), number.
_CODE = re.compile(r"(\d{2})([A-Z]{2})\d{4}", re.ASCII)
_SITE_OF_PARENT = re.compile(r"\s*Официальный сайт:.*$", re.IGNORECASE)
_LARGEST_REGION = 99


@dataclass(frozen=True, slots=True)
class CourtRow:
    """One court or court section. Optional texts are None where the registry is silent."""

    line: int
    code: str
    kind: str
    name: str
    region_code: str
    okrug: str | None
    subject: str | None
    district: str | None
    parent_court: str | None
    address: str | None
    phone: str | None
    email: str | None
    website: str | None
    updated_on: date | None


def read_courts(content: bytes) -> ParsedTable[CourtRow]:
    """Read the registry. A row without a proper code or name is refused."""
    table = open_table(content, COLUMNS)
    parsed: ParsedTable[CourtRow] = empty_result(table)
    for record in records(table, parsed.refusals.append):
        values = {
            name: " ".join(record.cells[place].split()) or None
            for name, place in table.positions.items()
        }
        try:
            parsed.rows.append(_court(record.line, values))
        except FieldError as error:
            parsed.refusals.append(Refusal(record.line, "court_code", str(error), record.raw))
    return parsed


def _court(line: int, values: dict[str, str | None]) -> CourtRow:
    code = values["court_code"] or ""
    match = _CODE.fullmatch(code)
    if not match:
        raise FieldError(
            f"код «{code}» не похож на код суда: нужны регион, вид и номер, например 50MS0084."
        )
    name = values["court_name"]
    if not name:
        raise FieldError(f"у суда {code} нет названия. Впишите его.")
    parent = values.get("parent_court")
    updated = values.get("last_update")
    return CourtRow(
        line=line,
        code=code,
        kind=values.get("court_type") or match[2],
        name=name,
        region_code=_region(values.get("region_id"), match[1]),
        okrug=values.get("court_okrug"),
        subject=values.get("court_kray"),
        district=values.get("court_district") or values.get("city_district"),
        parent_court=(_SITE_OF_PARENT.sub("", parent) or None) if parent else None,
        address=values.get("court_address"),
        phone=values.get("court_phone"),
        email=values.get("court_email"),
        website=values.get("court_www"),
        updated_on=read_date(updated) if updated else None,
    )


def _region(text: str | None, from_code: str) -> str:
    """Two digits: the source drops the leading zero («3» for Бурятия)."""
    if text is None:
        return from_code
    if not text.isdecimal() or int(text) > _LARGEST_REGION:
        raise FieldError(
            f"код региона «{text}» должен быть числом от 0 (федеральный суд) до {_LARGEST_REGION}."
        )
    return f"{int(text):02d}"
