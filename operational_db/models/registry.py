"""What people keep for themselves about lists: saved sets of filters and columns, notes."""

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, BigInt, BigKey, IntKey, RecordedAt


class SavedView(Base):
    """A set of filters and columns of a list under a name: one's own, or the organisation's.

    The newest row of a person, list and name counts; one that is removed hides those before it.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("name = btrim(name) and name <> ''", name="name_filled"),
        CheckConstraint("char_length(name) <= 80", name="name_fits"),
        CheckConstraint("jsonb_typeof(filters) = 'object'", name="filters_are_named"),
        Index(None, "organisation_id", "screen"),
        Index(None, "user_id", "screen", "name"),
        {"comment": "Saved sets of filters and columns of lists; append-only, the newest counts"},
    )

    saved_view_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="Whose people see it when shared"
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("ops.app_user.user_id"))
    screen: Mapped[str] = mapped_column(comment="Which list: debtors")
    name: Mapped[str]
    is_shared: Mapped[bool] = mapped_column(comment="Colleagues of the organisation see it too")
    is_removed: Mapped[bool] = mapped_column(
        server_default="false", comment="The set of this name is thrown away"
    )
    filters: Mapped[dict] = mapped_column(JSONB, comment="As they stand in the address of the list")
    columns: Mapped[list[str]] = mapped_column(
        ARRAY(String), comment="Keys of columns in their order; empty: those of the stage"
    )
    recorded_at: Mapped[RecordedAt]


class AccountNote(Base):
    """A note of a person about an account; a wrong one is taken back by another row."""

    __tablename__ = "account_note"
    __table_args__ = (
        CheckConstraint(
            "(cancels_note_id is null) = (note is not null)", name="note_or_cancellation"
        ),
        CheckConstraint("btrim(note) <> '' and char_length(note) <= 1000", name="note_filled"),
        UniqueConstraint("cancels_note_id"),
        # A note is taken back on its own account only.
        UniqueConstraint("account_id", "account_note_id"),
        ForeignKeyConstraint(
            ["account_id", "cancels_note_id"],
            ["ops.account_note.account_id", "ops.account_note.account_note_id"],
            name="fk_account_note_cancelled_of_account",
        ),
        Index(None, "account_id", "recorded_at"),
        {"comment": "Notes about accounts for those who work with debtors; append-only"},
    )

    account_note_id: Mapped[BigKey]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.account.account_id"))
    note: Mapped[str | None] = mapped_column(comment="Null in a row that takes a note back")
    cancels_note_id: Mapped[BigInt | None] = mapped_column(comment="The note that this takes back")
    user_id: Mapped[int] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
