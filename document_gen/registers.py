"""Lists of many cases: the register of state duty and the cover list of a court section."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from document_gen.names import PersonName
from document_gen.parties import Claimant, Court, DocumentDataError, Signer
from document_gen.qr import case_code


@dataclass(frozen=True, slots=True)
class DutyPayee:
    """Where the duty of one court is paid."""

    name: str
    inn: str
    kpp: str
    oktmo: str
    kbk: str
    bic: str
    account: str
    bank: str


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One duty: ``kind`` is ``order`` or ``claim``; ``rule`` says how the sum came about.

    ``status`` is as the register prints it: рассчитана, на оплате, оплачена, зачтена, к возврату.
    """

    number: int
    account_number: str
    debtor: PersonName
    kind: str
    price: Decimal
    rule: str
    amount: Decimal
    purpose: str
    status: str
    case_number: str
    paid_by: str | None = None


@dataclass(frozen=True, slots=True)
class DutyOfCourt:
    """The duties of one court section, with its payee and their sum."""

    court: Court
    payee: DutyPayee
    lines: tuple[DutyLine, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class DutyRegisterContext:
    """«Реестр государственной пошлины»."""

    number: str
    made_on: date
    claimant: Claimant
    signer: Signer
    courts: tuple[DutyOfCourt, ...]
    count: int
    total: Decimal
    built_at: datetime

    def __post_init__(self) -> None:
        """Refuse a register whose sums do not add up."""
        for court in self.courts:
            if sum((line.amount for line in court.lines), Decimal(0)) != court.total:
                raise DocumentDataError(f"Реестр {self.number}: не сходится сумма по суду")
        lines = sum(len(court.lines) for court in self.courts)
        if lines != self.count or sum((c.total for c in self.courts), Decimal(0)) != self.total:
            raise DocumentDataError(f"Реестр {self.number}: не сходится общая сумма")


@dataclass(frozen=True, slots=True)
class SectionLine:
    """One case of the list; ``sheets`` of the whole package."""

    number: int
    case_number: str
    debtor: PersonName
    account_number: str
    address: str
    total: Decimal
    duty: Decimal
    sheets: int | None = None


@dataclass(frozen=True, slots=True)
class SectionListContext:
    """The cover list of the cases handed to one court section."""

    number: str
    made_on: date
    court: Court
    claimant: Claimant
    signer: Signer
    lines: tuple[SectionLine, ...]
    total: Decimal
    duty: Decimal
    built_at: datetime

    def __post_init__(self) -> None:
        """Refuse a list whose sums do not add up."""
        totals = sum((line.total for line in self.lines), Decimal(0))
        duties = sum((line.duty for line in self.lines), Decimal(0))
        if not self.lines or totals != self.total or duties != self.duty:
            raise DocumentDataError(f"Перечень {self.number}: не сходятся суммы")


def register_values(context: DutyRegisterContext | SectionListContext) -> dict[str, Any]:
    """The names that templates use: the fields, and the number as a picture, ``number_qr``."""
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return values | {"number_qr": case_code(context.number)}
