"""Requests to pay out money, as a table with the columns of the register."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_db.imports.problems import FieldError, ParsedTable, Refusal
from operational_db.imports.table import Column, empty_result, open_table, records
from operational_db.imports.values import read_amount, read_day

COLUMNS = (
    Column("number", "Номер", ("номер заявки", "№ заявки")),
    Column("desired_on", "Желаемая дата", ("дата", "дата платежа")),
    Column("amount", "Сумма документа", ("сумма", "сумма, руб.")),
    Column("counterparty", "Контрагент", ("получатель",)),
    Column(
        "alternative_recipient",
        "Альтернативный получатель",
        ("иной получатель",),
        is_required=False,
    ),
    Column("contract", "Договор контрагента", ("договор",), is_required=False),
    Column("purpose", "Назначение платежа", ("назначение",)),
    Column("responsibility_centre", "ЦФО", (), is_required=False),
    Column("settlement_account", "Расчетный счет", ("р/с", "счет")),
    Column("initiator", "Инициатор", ("автор",)),
)
_DIGITS = 20


@dataclass(frozen=True, slots=True)
class PaymentRequestRow:
    """One request. Optional texts are None where the file is silent."""

    line: int
    number: str
    desired_on: date
    amount: Decimal
    counterparty: str
    alternative_recipient: str | None
    contract: str | None
    purpose: str
    responsibility_centre: str | None
    settlement_account: str
    initiator: str


def read_payment_requests(content: bytes, *, today: date) -> ParsedTable[PaymentRequestRow]:
    """Read the table. A row that cannot be paid is refused with its column and the reason.

    Raises ``FileRefusedError`` when it is no such table.
    """
    table = open_table(content, COLUMNS)
    parsed: ParsedTable[PaymentRequestRow] = empty_result(table)
    for record in records(table, parsed.refusals.append):
        values = {
            name: " ".join(record.cells[place].split()) or None
            for name, place in table.positions.items()
        }
        if (values["number"] or "").rstrip(":").lower() == "итого":
            continue
        field = "number"
        try:
            for field in ("number", "counterparty", "purpose", "initiator"):
                if not values[field]:
                    raise FieldError("не заполнено. Впишите значение.")
            field = "desired_on"
            desired_on = read_day(values[field] or "", today=today)
            field = "amount"
            amount = read_amount(values[field] or "")
            if amount <= 0:
                raise FieldError("сумма документа должна быть больше нуля.")
            field = "settlement_account"
            account = (values[field] or "").replace(" ", "")
            if not (account.isascii() and account.isdigit() and len(account) == _DIGITS):
                raise FieldError(f"счёт «{account}» должен состоять из {_DIGITS} цифр.")
        except FieldError as error:
            heading = parsed.header_of(field)
            parsed.refusals.append(Refusal(record.line, heading, str(error), record.raw))
            continue
        parsed.rows.append(
            PaymentRequestRow(
                line=record.line,
                number=values["number"],
                desired_on=desired_on,
                amount=amount,
                counterparty=values["counterparty"],
                alternative_recipient=values.get("alternative_recipient"),
                contract=values.get("contract"),
                purpose=values["purpose"],
                responsibility_centre=values.get("responsibility_centre"),
                settlement_account=account,
                initiator=values["initiator"],
            )
        )
    return parsed
