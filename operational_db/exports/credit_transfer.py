"""Payment orders as ISO 20022 pain.001.001.09, for SAP and banks that take it.

Russian practice: the БИК is a member of the clearing system RUCBC, an account stands in ``Othr``,
an ИНН is an organisation's TXID, fields 101–105 stand in the block ``Tax``. Fields 106–109 are
zeros for state duty; the message has no place for a zero date or period, so they are left out.
Every file is checked against the schema before anybody gets it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from lxml import etree

from operational_db.exports.payment_orders import (
    NO_UIN,
    OrderRefusedError,
    Party,
    PaymentOrder,
    check_orders,
    control_total,
)

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
SCHEMA = Path(__file__).parent / "schemas" / "pain.001.001.09.xsd"
_LONGEST_LINE = 140
_CLEARING_SYSTEM = "RUCBC"


def credit_transfer_file(
    orders: Sequence[PaymentOrder], *, message_id: str, created_at: datetime
) -> bytes:
    """Write the orders as one message; the same orders, id and moment give the same bytes.

    Orders of one payer account and day make one payment instruction. ``created_at`` is written
    with its time zone. Raises ``OrderRefusedError`` for what a bank would send back.
    """
    check_orders(orders)
    if created_at.tzinfo is None:
        raise ValueError("created_at needs a time zone")
    root = etree.Element(_name("Document"), nsmap={None: NAMESPACE})
    message = _add(root, "CstmrCdtTrfInitn")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created_at.isoformat(timespec="seconds"))
    _add(header, "NbOfTxs", str(len(orders)))
    _add(header, "CtrlSum", _sum(control_total(orders)))
    _party(_add(header, "InitgPty"), orders[0].payer)
    groups: dict[tuple[str, date], list[PaymentOrder]] = {}
    for order in orders:
        groups.setdefault((order.payer.account, order.day), []).append(order)
    for number, group in enumerate(groups.values(), start=1):
        _instruction(message, f"{message_id}-{number}", group)
    if not _schema().validate(root):
        problem = _schema().error_log.last_error
        raise OrderRefusedError(f"Файл pain.001 не прошёл проверку по схеме: {problem.message}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def _instruction(message: etree._Element, number: str, orders: Sequence[PaymentOrder]) -> None:
    payer = orders[0].payer
    part = _add(message, "PmtInf")
    _add(part, "PmtInfId", number)
    _add(part, "PmtMtd", "TRF")
    _add(part, "NbOfTxs", str(len(orders)))
    _add(part, "CtrlSum", _sum(control_total(orders)))
    _add(_add(part, "ReqdExctnDt"), "Dt", orders[0].day.isoformat())
    _party(_add(part, "Dbtr"), payer)
    _account(_add(part, "DbtrAcct"), payer.account)
    _bank(_add(part, "DbtrAgt"), payer)
    _account(_add(part, "DbtrAgtAcct"), payer.correspondent_account)
    for order in orders:
        _transfer(_add(part, "CdtTrfTxInf"), order)


def _transfer(part: etree._Element, order: PaymentOrder) -> None:
    identity = _add(part, "PmtId")
    _add(identity, "InstrId", str(order.number))
    _add(identity, "EndToEndId", order.mark)
    _add(_add(part, "Amt"), "InstdAmt", _sum(order.amount)).set("Ccy", "RUB")
    _bank(_add(part, "CdtrAgt"), order.payee)
    _account(_add(part, "CdtrAgtAcct"), order.payee.correspondent_account)
    _party(_add(part, "Cdtr"), order.payee)
    _account(_add(part, "CdtrAcct"), order.payee.account)
    tax = _add(part, "Tax")
    for side, party in (("Cdtr", order.payee), ("Dbtr", order.payer)):
        taxpayer = _add(tax, side)
        _add(taxpayer, "TaxId", party.inn)
        _add(taxpayer, "RegnId", party.kpp)
    _add(tax, "AdmstnZone", order.oktmo)
    record = _add(tax, "Rcrd")
    _add(record, "Ctgy", order.kbk)
    _add(record, "DbtrSts", order.status)
    remittance = _add(part, "RmtInf")
    for start in range(0, len(order.purpose), _LONGEST_LINE):
        _add(remittance, "Ustrd", order.purpose[start : start + _LONGEST_LINE])
    if order.uin != NO_UIN:
        reference = _add(_add(remittance, "Strd"), "CdtrRefInf")
        _add(reference, "Ref", order.uin)


def _party(part: etree._Element, party: Party) -> None:
    _add(part, "Nm", party.name[:_LONGEST_LINE])
    other = _add(_add(_add(part, "Id"), "OrgId"), "Othr")
    _add(other, "Id", party.inn)
    _add(_add(other, "SchmeNm"), "Cd", "TXID")


def _account(part: etree._Element, number: str) -> None:
    _add(_add(_add(part, "Id"), "Othr"), "Id", number)


def _bank(part: etree._Element, party: Party) -> None:
    institution = _add(part, "FinInstnId")
    member = _add(institution, "ClrSysMmbId")
    _add(_add(member, "ClrSysId"), "Cd", _CLEARING_SYSTEM)
    _add(member, "MmbId", party.bic)
    _add(institution, "Nm", party.bank[:_LONGEST_LINE])


def _sum(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, _name(name))
    element.text = text
    return element


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
