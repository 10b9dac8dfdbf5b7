"""Personal accounts (лицевые счета) and what is true of them by date."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import (
    Base,
    BigInt,
    BigKey,
    IntKey,
    RecordedAt,
    SmallInt,
    credible_check,
    month_check,
    range_check,
)


class Account(Base):
    """One account of one organisation. Everything large leads its key with ``account_id``."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("organisation_id", "account_number"),
        # For foreign keys that hold a row to the organisation of its account.
        UniqueConstraint("account_id", "organisation_id"),
        CheckConstraint("account_number = btrim(account_number)", name="number_trimmed"),
        CheckConstraint("account_number <> ''", name="number_filled"),
        CheckConstraint(
            "debtor_kind in ('citizen', 'hoa', 'management_company', 'other_organisation')",
            name="debtor_kind_known",
        ),
        {"comment": "Personal accounts; number is unique within the organisation that keeps it"},
    )

    account_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    account_number: Mapped[str] = mapped_column(comment="As printed on the bill, zeros kept")
    unified_number: Mapped[str | None] = mapped_column(comment="ЕЛС of ГИС ЖКХ")
    payer_code: Mapped[str | None]
    debtor_kind: Mapped[str] = mapped_column(
        server_default="citizen",
        comment="Whose penalty rules apply: citizen, hoa, management_company, other_organisation",
    )
    premises_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.premises.premises_id"),
        index=True,
        comment="Null when a ledger brought the account before its address was known",
    )
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    recorded_at: Mapped[RecordedAt]


class AccountState(Base):
    """What an account is from a day on: open or closed, area, residents. Rows are only added."""

    __tablename__ = "account_state"
    __table_args__ = (
        CheckConstraint("area is null or area > 0", name="area_positive"),
        CheckConstraint("residents is null or residents >= 0", name="residents_counted"),
        {"comment": "History of accounts: opened, closed, re-opened, area, residents"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    recorded_at: Mapped[RecordedAt] = mapped_column(primary_key=True)
    is_open: Mapped[bool]
    area: Mapped[Decimal | None] = mapped_column(Numeric(10, 2), comment="Square metres billed")
    residents: Mapped[SmallInt | None] = mapped_column(comment="People billed for")
    reason: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))


class DebtHold(Base):
    """A day range in which an account must not be pursued, or penalty is not counted, and why."""

    __tablename__ = "debt_hold"
    __table_args__ = (
        CheckConstraint(range_check("valid_from", "valid_to"), name="range"),
        Index(None, "account_id", "valid_from"),
        {"comment": "Locks and pauses by date: dispute, hardship, service in the СВО, late bill"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    debt_hold_id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(comment="no_penalty, no_pursuit, exempt_person, late_bill")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    basis: Mapped[str] = mapped_column(comment="Document that the hold rests on")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class DeliveryChannel(StrEnum):
    """How a bill came to the one who pays it."""

    PAPER = "paper"
    HAND = "hand"
    POST = "post"
    EMAIL = "email"
    PERSONAL_PAGE = "personal_page"
    GIS = "gis"
    OTHER = "other"


class BillDelivery(Base):
    """When the bill of a month came: the delay of that month begins no earlier (ГК 405, 406).

    The last row of a month counts. Without a day the bill has not come, and nobody is in delay.
    """

    __tablename__ = "bill_delivery"
    __table_args__ = (
        CheckConstraint(month_check("period"), name="period_is_a_month"),
        CheckConstraint(credible_check("period"), name="period_credible"),
        CheckConstraint(credible_check("delivered_on"), name="delivered_on_credible"),
        CheckConstraint("delivered_on >= period", name="delivered_in_its_month_or_later"),
        Index(None, "account_id", "period"),
        {"comment": "Deliveries of bills by account and month, where they are known; append-only"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    bill_delivery_id: Mapped[BigKey]
    period: Mapped[date] = mapped_column(comment="First day of the month that is billed")
    delivered_on: Mapped[date | None] = mapped_column(comment="Null: it has not been delivered")
    channel: Mapped[DeliveryChannel]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class OwnDueDay(Base):
    """A due day other than the law's: of a management contract, a meeting, a regional law.

    It holds only for months whose rule in ``reference.due_day`` lets it: since 177-ФЗ none does. Of
    two rows for one month the later counts; one for a house goes before one for all houses.
    """

    __tablename__ = "own_due_day"
    __table_args__ = (
        CheckConstraint("liability in ('housing', 'capital_repair')", name="liability_known"),
        CheckConstraint("due_day between 1 and 31", name="due_day_of_a_month"),
        CheckConstraint(month_check("period_from"), name="from_a_month"),
        CheckConstraint(month_check("period_to", nullable=True), name="to_a_month"),
        CheckConstraint(range_check("period_from", "period_to"), name="range"),
        Index(None, "organisation_id"),
        {"comment": "Due days of contracts, meetings, regional laws, by month; append-only"},
    )

    own_due_day_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    house_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.house.house_id"), comment="Null: all houses of the organisation"
    )
    liability: Mapped[str] = mapped_column(comment="housing or capital_repair")
    due_day: Mapped[SmallInt | None] = mapped_column(
        comment="Day of the month after the billed one; null: the law's day again"
    )
    period_from: Mapped[date] = mapped_column(comment="First month that it holds for")
    period_to: Mapped[date | None] = mapped_column(comment="Last month; null: open")
    basis: Mapped[str] = mapped_column(comment="Contract, minutes of the meeting, regional law")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
