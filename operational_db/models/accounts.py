"""Personal accounts (лицевые счета) and what is true of them by date."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, RecordedAt, SmallInt, range_check


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
