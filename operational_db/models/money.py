"""The ledger: what was charged, paid, adjusted and written off. Facts are only added.

Two dates rule every row: a valid date (``booked_on``, ``paid_on``, ``written_off_on``) says when it
counts, ``recorded_at`` says since when we know it. A correction is a new row.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
)
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import (
    Base,
    BigInt,
    BigKey,
    Money,
    RecordedAt,
    credible_check,
    credible_days_check,
    month_check,
)


class ChargeKind(StrEnum):
    """What a line of the ledger is to its month."""

    CHARGE = "charge"
    RECALCULATION = "recalculation"
    ADJUSTMENT = "adjustment"


class Charge(Base):
    """A line that makes or changes the obligation of a month for a service."""

    __tablename__ = "charge"
    __table_args__ = (
        CheckConstraint(month_check("period"), name="period_is_a_month"),
        CheckConstraint("amount <> 0 or kind = 'charge'", name="amount_nonzero"),
        CheckConstraint("kind <> 'charge' or amount >= 0", name="charge_not_negative"),
        CheckConstraint(credible_check("period"), name="period_credible"),
        CheckConstraint(credible_check("booked_on"), name="booked_on_credible"),
        CheckConstraint(credible_check("due_date"), name="due_date_credible"),
        CheckConstraint(
            "moved_from is null or (moved_from < booked_on and kind <> 'charge')",
            name="moved_to_a_later_day",
        ),
        # Both are rare among tens of millions of rows, and both are asked for by account.
        Index("ix_charge_corrections", "account_id", postgresql_where="kind <> 'charge'"),
        Index("ix_charge_named_due", "account_id", postgresql_where="due_date is not null"),
        {"comment": "Charges, recalculations and adjustments by month and service; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    charge_id: Mapped[BigKey]
    period: Mapped[date] = mapped_column(comment="First day of the month it is for")
    service_id: Mapped[int] = mapped_column(ForeignKey("reference.service.service_id"))
    kind: Mapped[ChargeKind]
    amount: Mapped[Money] = mapped_column(comment="Positive raises the debt, negative lowers it")
    booked_on: Mapped[date] = mapped_column(
        comment="Charge: last day of its month. Recalculation, adjustment: date of the document"
    )
    moved_from: Mapped[date | None] = mapped_column(
        comment="Day it would have been booked on, had that month not been closed; null: not moved"
    )
    due_date: Mapped[date | None] = mapped_column(comment="Only where the source names it")
    volume: Mapped[Decimal | None] = mapped_column(Numeric(16, 6))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PaymentChannel(StrEnum):
    """How the money came."""

    BANK = "bank"
    CASH_DESK = "cash_desk"
    AGENT = "agent"
    ONLINE = "online"
    AUTOPAY = "autopay"
    POST = "post"
    BAILIFF = "bailiff"
    SUBSIDY = "subsidy"
    OTHER = "other"


class Payment(Base):
    """Money received for an account. A refund or a reversal is a new, negative row."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_nonzero"),
        CheckConstraint("reverses_payment_id is null or amount < 0", name="reversal_is_negative"),
        CheckConstraint(month_check("named_period", nullable=True), name="named_is_a_month"),
        CheckConstraint(credible_check("paid_on"), name="paid_on_credible"),
        CheckConstraint(credible_check("named_period"), name="named_period_credible"),
        Index(None, "paid_on"),
        Index(None, "bank_operation_id", postgresql_where="bank_operation_id is not null"),
        # One receipt in a hundred was recovered by force, and figures ask for these alone.
        Index(
            "ix_payment_recovered_on",
            "paid_on",
            postgresql_where="execution_document_id is not null or channel = 'bailiff'",
        ),
        {"comment": "Receipts, refunds and reversals; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    payment_id: Mapped[BigKey]
    paid_on: Mapped[date] = mapped_column(comment="Day the payer paid, not the day of the entry")
    amount: Mapped[Money] = mapped_column(comment="Positive: receipt; negative: refund, reversal")
    channel: Mapped[PaymentChannel]
    agent_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="Bank or agent that took the money"
    )
    document: Mapped[str | None] = mapped_column(comment="Number of the payment document")
    named_period: Mapped[date | None] = mapped_column(
        comment="Month that the payer named (ГК 319.1 п.1); null when none"
    )
    execution_document_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.execution_document.execution_document_id"),
        comment="Court order or writ under which it was recovered",
    )
    reverses_payment_id: Mapped[BigInt | None] = mapped_column(
        comment="The payment that this row takes back, wholly or in part"
    )
    bank_operation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.bank_operation.bank_operation_id")
    )
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class WriteOff(Base):
    """Debt that the creditor gave up. A cancelled write-off is a new, negative row."""

    __tablename__ = "write_off"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_nonzero"),
        CheckConstraint(credible_check("written_off_on"), name="written_off_on_credible"),
        CheckConstraint(credible_days_check("periods"), name="periods_credible"),
        {"comment": "Write-offs of debt, for named months or from the oldest; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    write_off_id: Mapped[BigKey]
    written_off_on: Mapped[date]
    amount: Mapped[Money]
    periods: Mapped[list[date] | None] = mapped_column(
        ARRAY(Date), comment="Months it is for; null means from the oldest, time-barred too"
    )
    reason: Mapped[str] = mapped_column(comment="Ground: limitation, death without heirs, decision")
    document: Mapped[str | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class ExecutionDocument(Base):
    """A court order or writ, with the months it adjudged: receipts under it go to them."""

    __tablename__ = "execution_document"
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_execution_document_case_of_account",
        ),
        Index(None, "account_id"),
        # An order is one paper; writs may be as many as there are debtors.
        Index(
            "uq_execution_document_order_of_case",
            "case_id",
            unique=True,
            postgresql_where="kind = 'court_order' and case_id is not null",
        ),
        {"comment": "Court orders and writs of execution by account"},
    )

    execution_document_id: Mapped[BigKey]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.account.account_id"))
    kind: Mapped[str] = mapped_column(comment="court_order or writ")
    number: Mapped[str]
    issued_on: Mapped[date]
    court_code: Mapped[str | None] = mapped_column(ForeignKey("ops.court.court_code"))
    period_from: Mapped[date] = mapped_column(comment="First month adjudged")
    period_to: Mapped[date] = mapped_column(comment="Last month adjudged")
    case_id: Mapped[BigInt | None] = mapped_column(
        comment="Our case: receipts go to its claimed months. Null: to period_from … period_to"
    )
    recorded_at: Mapped[RecordedAt]


class ExecutionDocumentCorrection(Base):
    """A document that was registered with a mistake, as it should read. The latest row counts."""

    __tablename__ = "execution_document_correction"
    __table_args__ = (
        CheckConstraint("number = btrim(number) and number <> ''", name="number_filled"),
        Index(None, "execution_document_id"),
        {"comment": "Orders and writs registered with a mistake, as they should read; append-only"},
    )

    execution_document_correction_id: Mapped[BigKey]
    execution_document_id: Mapped[BigInt] = mapped_column(
        ForeignKey(
            "ops.execution_document.execution_document_id",
            name="fk_execution_document_correction_execution_document",
        )
    )
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.account.account_id"))
    number: Mapped[str] = mapped_column(comment="Number as it should read")
    issued_on: Mapped[date] = mapped_column(comment="Day of the act")
    court_code: Mapped[str | None] = mapped_column(ForeignKey("ops.court.court_code"))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.app_user.user_id"), comment="Whose session wrote it; null: the system"
    )
    recorded_at: Mapped[RecordedAt]


class AccountChange(Base):
    """Queue for the warehouse: accounts whose facts changed since the last build."""

    __tablename__ = "account_change"
    __table_args__ = ({"comment": "Accounts to be rebuilt; filled by triggers, taken by builds"},)

    account_change_id: Mapped[BigKey]
    account_id: Mapped[BigInt]
