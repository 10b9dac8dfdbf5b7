"""A list of what courts answered, as a clerk keeps it or a court's site gives it out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_db.imports.problems import FieldError, ParsedTable, Refusal
from operational_db.imports.table import Column, empty_result, normal_heading, open_table, records
from operational_db.imports.values import read_amount, read_day

COLUMNS = (
    Column("number", "Наш номер", ("номер заявления", "исходящий номер"), is_required=False),
    Column("court_number", "№ дела", ("номер дела", "дело", "№ дела в суде"), is_required=False),
    Column("act", "Вид акта", ("акт", "результат", "решение суда", "вид")),
    Column("act_number", "№ акта", ("номер акта", "номер приказа", "№ приказа"), is_required=False),
    Column("happened_on", "Дата акта", ("дата", "дата приказа", "дата решения")),
    Column("in_force_on", "Вступило в силу", ("дата вступления в силу",), is_required=False),
    Column("principal", "Взыскано долга", ("долг", "основной долг"), is_required=False),
    Column("penalty", "Взыскано пени", ("пени", "неустойка"), is_required=False),
    Column("duty", "Взыскано пошлины", ("пошлина", "госпошлина"), is_required=False),
    Column("reason", "Причина", ("основание",), is_required=False),
)

ACTS = {
    "filed": ("подано", "подано в суд", "направлено в суд"),
    "accepted": ("принято", "принято к производству"),
    "issued": ("приказ", "судебный приказ", "вынесен приказ", "решение", "иск удовлетворен"),
    "returned": ("возврат", "возвращено", "заявление возвращено", "возвращение"),
    "refused": ("отказ", "отказ в приказе", "отказ в принятии", "отказано в принятии"),
    "left_unheard": ("без рассмотрения", "оставлено без рассмотрения"),
    "cancelled": ("отмена", "отмена приказа", "отменен", "приказ отменен"),
    "dismissed": ("отказ в иске", "в иске отказано"),
    "copy_received": ("вручен", "копия вручена", "приказ вручен"),
    "in_force": ("вступление в силу", "вступил в силу", "вступило в силу"),
    "withdrawn": ("отозвано", "отзыв"),
}
"""Kind of event → what lists call it, in the normal form of a heading."""
WORDS = {word: kind for kind, words in ACTS.items() for word in words}
EXAMPLES = "приказ, возврат, отказ, отмена, без рассмотрения, в иске отказано, вступил в силу"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer. ``reason`` is a code or a name of the code list, as written."""

    line: int
    number: str | None
    court_number: str | None
    kind: str
    act_number: str | None
    happened_on: date
    in_force_on: date | None
    principal: Decimal | None
    penalty: Decimal | None
    duty: Decimal | None
    reason: str | None


def read_court_answers(content: bytes, today: date) -> ParsedTable[AnswerRow]:
    """Read the list. A line without a case, an act or a date is refused."""
    table = open_table(content, COLUMNS)
    parsed: ParsedTable[AnswerRow] = empty_result(table)
    for record in records(table, parsed.refusals.append):
        values = {
            name: " ".join(record.cells[place].split()) or None
            for name, place in table.positions.items()
        }
        field = ["number"]
        try:
            parsed.rows.append(_answer(record.line, values, today, field))
        except FieldError as error:
            heading = parsed.header_of(field[0])
            parsed.refusals.append(Refusal(record.line, heading, str(error), record.raw))
    return parsed


def _answer(line: int, values: dict[str, str | None], today: date, field: list[str]) -> AnswerRow:
    """Read a line; ``field`` is left at the column that was being read."""
    number, court_number = values.get("number"), values.get("court_number")
    if not (number or court_number):
        raise FieldError("не указан ни наш номер, ни номер дела. Впишите один из них.")
    field[0] = "act"
    kind = WORDS.get(normal_heading(values["act"] or ""))
    if kind is None:
        raise FieldError(f"«{values['act'] or ''}» – не вид акта. Напишите: {EXAMPLES}.")
    field[0] = "happened_on"
    happened_on = read_day(values["happened_on"] or "", today=today)

    def day(name: str) -> date | None:
        field[0] = name
        return read_day(values[name], today=today) if values.get(name) else None

    def amount(name: str) -> Decimal | None:
        field[0] = name
        if not values.get(name):
            return None
        found = read_amount(values[name])
        if found < 0:
            raise FieldError("сумма меньше нуля. Впишите, сколько взыскано.")
        return found

    return AnswerRow(
        line=line,
        number=number,
        court_number=court_number,
        kind=kind,
        act_number=values.get("act_number"),
        happened_on=happened_on,
        in_force_on=day("in_force_on"),
        principal=amount("principal"),
        penalty=amount("penalty"),
        duty=amount("duty"),
        reason=values.get("reason"),
    )
