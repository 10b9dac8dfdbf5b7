"""Who works on which account: assignments of the manager's queue of work."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, RecordedAt, credible_check


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
