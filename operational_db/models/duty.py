"""State duty: what is due for an application, its course, and the registers by which it is paid."""

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, Money, RecordedAt


class StateDuty(Base):
    """Duty for one application to one court against one debtor. What becomes of it are events."""

    __tablename__ = "state_duty"
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_state_duty_case_of_account",
        ),
        CheckConstraint("kind in ('order', 'claim')", name="kind_known"),
        CheckConstraint("claim_sum > 0", name="claim_positive"),
        CheckConstraint("amount > 0 and amount = trunc(amount)", name="whole_roubles"),
        Index(None, "organisation_id", "filed_on"),
        Index(None, "account_id"),
        Index(None, "case_id", postgresql_where="case_id is not null"),
        {"comment": "State duty counted for applications to courts; append-only"},
    )

    state_duty_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.account.account_id"))
    person_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.person.person_id"), comment="The debtor; null: a debtor that is no person"
    )
    case_id: Mapped[BigInt | None] = mapped_column(comment="The court case, once there is one")
    kind: Mapped[str] = mapped_column(comment="order or claim")
    filed_on: Mapped[date] = mapped_column(comment="Day of sending to the court: picks the scale")
    claim_sum: Mapped[Money] = mapped_column(comment="Principal and penalty, without the duty")
    step_id: Mapped[str] = mapped_column(comment="Row of reference.state_duty_step that it fell in")
    formula: Mapped[str] = mapped_column(comment="How it was counted, as printed")
    act: Mapped[str]
    exact_amount: Mapped[Decimal] = mapped_column(Numeric(16, 6), comment="Before rounding")
    amount: Mapped[Money] = mapped_column(comment="Whole roubles, before any offset")
    court_code: Mapped[str | None] = mapped_column(
        ForeignKey("ops.court.court_code"), comment="Null while the court is not resolved"
    )
    purpose: Mapped[str] = mapped_column(comment="Purpose of the payment, without its mark")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class DutyRegister(Base):
    """A register of duties that goes to the bank as one file."""

    __tablename__ = "duty_register"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        CheckConstraint("total > 0 and items > 0", name="not_empty"),
        {"comment": "Registers of state duty to pay; append-only"},
    )

    duty_register_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    number: Mapped[int] = mapped_column(comment="Number within the organisation")
    registered_on: Mapped[date] = mapped_column(comment="Date of the payment orders")
    bank_account_id: Mapped[int] = mapped_column(
        ForeignKey("ops.bank_account.bank_account_id"), comment="Account that pays"
    )
    items: Mapped[int]
    total: Mapped[Money]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class DutyRegisterItem(Base):
    """One payment order of a register: a court matches an order to an application one to one."""

    __tablename__ = "duty_register_item"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("char_length(purpose) <= 210", name="purpose_fits"),
        Index(None, "state_duty_id"),
        {"comment": "Payment orders of registers of state duty; append-only"},
    )

    duty_register_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.duty_register.duty_register_id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    state_duty_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.state_duty.state_duty_id"))
    order_number: Mapped[int] = mapped_column(comment="Number of the payment order")
    amount: Mapped[Money] = mapped_column(comment="Duty less what was offset by then")
    court_payment_details_id: Mapped[int] = mapped_column(
        ForeignKey("ops.court_payment_details.court_payment_details_id")
    )
    uin: Mapped[str] = mapped_column(server_default="0", comment="УИН, field 22; 0: none")
    purpose: Mapped[str] = mapped_column(comment="As sent to the bank: begins with the duty's mark")
    recorded_at: Mapped[RecordedAt]


class StateDutyEvent(Base):
    """What became of a duty. A wrong event is undone by another, never removed."""

    __tablename__ = "state_duty_event"
    __table_args__ = (
        CheckConstraint(
            "kind in ('in_register', 'out_of_register', 'paid', 'offset_to', 'refund_due', "
            "'refunded', 'undone')",
            name="kind_known",
        ),
        CheckConstraint("(kind = 'undone') = (undoes_event_id is not null)", name="undoes_one"),
        CheckConstraint(
            "(kind = 'offset_to') = (other_duty_id is not null)", name="offset_names_the_other"
        ),
        CheckConstraint("other_duty_id <> state_duty_id", name="offset_to_another"),
        CheckConstraint(
            "kind not in ('in_register', 'out_of_register') or duty_register_id is not null",
            name="register_named",
        ),
        CheckConstraint(
            "kind not in ('paid', 'offset_to', 'refund_due', 'refunded') or amount > 0",
            name="amount_positive",
        ),
        Index(None, "state_duty_id"),
        # Only an event of the same duty is undone.
        UniqueConstraint("state_duty_id", "state_duty_event_id"),
        ForeignKeyConstraint(
            ["state_duty_id", "undoes_event_id"],
            [
                "ops.state_duty_event.state_duty_id",
                "ops.state_duty_event.state_duty_event_id",
            ],
            name="fk_state_duty_event_undone_of_duty",
        ),
        Index(None, "other_duty_id", postgresql_where="other_duty_id is not null"),
        {"comment": "Course of state duties: register, payment, offset, refund; append-only"},
    )

    state_duty_event_id: Mapped[BigKey]
    state_duty_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.state_duty.state_duty_id"))
    kind: Mapped[str] = mapped_column(
        comment="in_register, out_of_register, paid, offset_to, refund_due, refunded, undone"
    )
    happened_on: Mapped[date]
    amount: Mapped[Decimal | None] = mapped_column(
        Numeric(14, 2), comment="Paid, offset or refunded; null where no money is meant"
    )
    duty_register_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.duty_register.duty_register_id")
    )
    bank_operation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.bank_operation.bank_operation_id"),
        index=True,
        comment="Paid by this operation of the statement; one operation pays one duty",
    )
    document: Mapped[str | None] = mapped_column(comment="Number of the payment order or ruling")
    other_duty_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.state_duty.state_duty_id"), comment="Duty that this one pays for (зачёт)"
    )
    undoes_event_id: Mapped[BigInt | None] = mapped_column(unique=True)
    reason: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
