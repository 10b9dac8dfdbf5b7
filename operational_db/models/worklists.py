"""Who works on which account: assignments of the manager's queue of work."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, Money, RecordedAt, credible_check


class WorkAssignment(Base):
    """An account given to a person, or taken back. The newest row of an account counts."""

    __tablename__ = "work_assignment"
    __table_args__ = (
        CheckConstraint(credible_check("contact_not_before"), name="contact_not_before_credible"),
        CheckConstraint(credible_check("due_on"), name="due_on_credible"),
        Index(None, "account_id", "recorded_at"),
        Index(None, "assignee_id"),
        {"comment": "Accounts given to people for work; append-only, the newest row counts"},
    )

    work_assignment_id: Mapped[BigKey]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.account.account_id"))
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.app_user.user_id"), comment="Null: nobody works on it any more"
    )
    next_action: Mapped[str | None] = mapped_column(comment="What is to be done, in words")
    contact_not_before: Mapped[date | None] = mapped_column(comment="Day before which to wait")
    due_on: Mapped[date | None] = mapped_column(comment="Day by which it is to be done")
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.app_user.user_id"), comment="Who gave it"
    )
    recorded_at: Mapped[RecordedAt]


class WorkCost(Base):
    """What one piece of work costs an organisation from a day on. The newest row counts."""

    __tablename__ = "work_cost"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint(credible_check("valid_from"), name="valid_from_credible"),
        Index(None, "organisation_id", "kind", "valid_from"),
        {"comment": "Prices of contacts and other work by organisation and date; append-only"},
    )

    work_cost_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    kind: Mapped[str] = mapped_column(comment="Kind of contact: sms, live_call, visit and so on")
    price: Mapped[Money] = mapped_column(comment="Roubles for one")
    valid_from: Mapped[date]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
