"""Report forms: who may use which, requests to pay out money, details of receipts."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, Money, RecordedAt, credible_check
from operational_db.models.users import Role


class ReportForm(StrEnum):
    """A form of the accountant."""

    TURNOVER_SHEET = "osv"
    PAYMENTS_REGISTER = "payments-register"
    DEBT_INFORMATION = "debt-info"
    RESOURCE_REPORT = "resource"


class ReportFormRight(Base):
    """Whether a role may use a form, in one organisation or in all. The newest row counts."""

    __tablename__ = "report_form_right"
    __table_args__ = (
        Index(None, "form", "role", "organisation_id", "recorded_at"),
        {"comment": "Rights to report forms by role and organisation; append-only, newest counts"},
    )

    report_form_right_id: Mapped[BigKey]
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"),
        comment="Null: in every organisation that has no row of its own",
    )
    role: Mapped[Role]
    form: Mapped[ReportForm]
    is_allowed: Mapped[bool]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PaymentRequest(Base):
    """A request to pay out money. A correction or a withdrawal is a new row for the old one."""

    __tablename__ = "payment_request"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("number = btrim(number) and number <> ''", name="number_filled"),
        CheckConstraint(credible_check("desired_on"), name="desired_on_credible"),
        CheckConstraint("settlement_account ~ '^[0-9]{20}$'", name="settlement_account_format"),
        CheckConstraint(
            "not is_withdrawn or replaces_request_id is not null", name="withdrawal_names_a_request"
        ),
        # Nobody replaces or withdraws the request of another organisation.
        UniqueConstraint("organisation_id", "payment_request_id"),
        ForeignKeyConstraint(
            ["organisation_id", "replaces_request_id"],
            ["ops.payment_request.organisation_id", "ops.payment_request.payment_request_id"],
            name="fk_payment_request_replaced_of_organisation",
        ),
        Index(None, "organisation_id", "desired_on"),
        # A request has one successor: whoever comes second is told, instead of two truths.
        Index(
            "uq_payment_request_replaced",
            "replaces_request_id",
            unique=True,
            postgresql_where="replaces_request_id is not null",
        ),
        Index(
            "uq_payment_request_number",
            "organisation_id",
            "number",
            unique=True,
            postgresql_where="replaces_request_id is null",
        ),
        {"comment": "Requests of organisations to pay out money; append-only"},
    )

    payment_request_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    number: Mapped[str] = mapped_column(comment="Номер заявки")
    desired_on: Mapped[date] = mapped_column(comment="Желаемая дата платежа")
    amount: Mapped[Money] = mapped_column(comment="Сумма документа, ₽")
    counterparty: Mapped[str] = mapped_column(comment="Контрагент")
    alternative_recipient: Mapped[str | None] = mapped_column(
        comment="Who gets the money instead of the counterparty"
    )
    contract: Mapped[str | None] = mapped_column(comment="Договор контрагента")
    purpose: Mapped[str] = mapped_column(comment="Назначение платежа")
    responsibility_centre: Mapped[str | None] = mapped_column(
        comment="ЦФО, centre of financial responsibility"
    )
    settlement_account: Mapped[str] = mapped_column(comment="Расчётный счёт, 20 digits")
    initiator: Mapped[str] = mapped_column(comment="Who asks for the payment")
    replaces_request_id: Mapped[BigInt | None] = mapped_column(
        comment="The row that this one corrects or withdraws"
    )
    is_withdrawn: Mapped[bool] = mapped_column(server_default="false")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class PaymentDetail(Base):
    """What a register of an agent says of a receipt beyond its sum. The newest row counts."""

    __tablename__ = "payment_detail"
    __table_args__ = (
        CheckConstraint("commission >= 0", name="commission_not_negative"),
        CheckConstraint(credible_check("credited_on"), name="credited_on_credible"),
        {"comment": "Day of crediting, commission and fiscal receipt of payments; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    payment_id: Mapped[BigInt] = mapped_column(primary_key=True)
    recorded_at: Mapped[RecordedAt] = mapped_column(primary_key=True)
    credited_on: Mapped[date | None] = mapped_column(comment="Day the money reached our account")
    commission: Mapped[Decimal | None] = mapped_column(
        Numeric(14, 2), comment="What the agent kept for the transfer, ₽"
    )
    receipt_number: Mapped[str | None] = mapped_column(comment="Number of the fiscal receipt")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
