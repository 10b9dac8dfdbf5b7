"""Operations of bank statements and what they were matched to."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, Money, RecordedAt


class Direction(StrEnum):
    """Which way the money went, seen from our organisation."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class BankOperation(Base):
    """One document of a bank statement. An incoming one without a match is «невыясненный»."""

    __tablename__ = "bank_operation"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        UniqueConstraint("organisation_id", "natural_key"),
        Index(None, "organisation_id", "operation_date"),
        {"comment": "Documents of bank statements, each once however often it was delivered"},
    )

    bank_operation_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    natural_key: Mapped[str] = mapped_column(
        comment="Digest of number, date, sum, both accounts, purpose and ordinal among equals"
    )
    direction: Mapped[Direction]
    document_kind: Mapped[str]
    document_number: Mapped[str]
    document_date: Mapped[date | None]
    operation_date: Mapped[date] = mapped_column(comment="Day debited or credited by the bank")
    amount: Mapped[Money]
    our_account: Mapped[str | None]
    payer_name: Mapped[str | None]
    payer_inn: Mapped[str | None]
    payer_account: Mapped[str | None]
    payer_bic: Mapped[str | None]
    payee_name: Mapped[str | None]
    payee_inn: Mapped[str | None]
    payee_account: Mapped[str | None]
    payee_bic: Mapped[str | None]
    purpose: Mapped[str | None]
    payment_code: Mapped[str | None] = mapped_column(comment="УИН, field 22 (key «Код»)")
    import_id: Mapped[int] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int]
    recorded_at: Mapped[RecordedAt]


class BankOperationDecision(Base):
    """What somebody decided on an incoming operation that no account was found for."""

    __tablename__ = "bank_operation_decision"
    __table_args__ = (
        {"comment": "Decisions on unknown receipts: posted to an account, or not for residents"},
    )

    bank_operation_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.bank_operation.bank_operation_id"), primary_key=True
    )
    recorded_at: Mapped[RecordedAt] = mapped_column(primary_key=True)
    decision: Mapped[str] = mapped_column(comment="posted, not_residents, postponed")
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("ops.account.account_id"))
    comment: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
