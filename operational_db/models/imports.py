"""What came from files: each file once, and every line that was refused."""

from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, IntKey, RecordedAt


class ImportKind(StrEnum):
    """Kinds of files that we read."""

    CHARGES = "charges"
    PAYMENTS = "payments"
    BILLS = "bills"
    HOUSES = "houses"
    COURTS = "courts"
    COURT_DETAILS = "court-details"
    COURT_TERRITORIES = "court-territories"
    EGRN = "egrn"
    BANK_STATEMENT = "bank-statement"
    COURT_ANSWERS = "court-answers"
    DEMO = "demo"
    PAYMENT_REQUESTS = "payment-requests"
    EVENTS = "events"


class ImportFile(Base):
    """A file that was loaded. The same bytes of the same kind are loaded once."""

    __tablename__ = "import_file"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "sha256", postgresql_nulls_not_distinct=True),
        {"comment": "Files that were loaded: checksum, who, when, how many rows"},
    )

    import_id: Mapped[IntKey]
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="Null for registries of all"
    )
    kind: Mapped[ImportKind]
    file_name: Mapped[str]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    rows_accepted: Mapped[int]
    rows_known: Mapped[int]
    rows_refused: Mapped[int]
    report: Mapped[dict] = mapped_column(JSONB, comment="Warnings, sums and counts, as shown")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class ImportLine(Base):
    """A line that was refused, or known from another file, or accepted with a warning."""

    __tablename__ = "import_line"
    __table_args__ = ({"comment": "Remarks on lines of loaded files, word for word, with reasons"},)

    import_id: Mapped[int] = mapped_column(
        ForeignKey("ops.import_file.import_id"), primary_key=True
    )
    line_number: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(
        primary_key=True, server_default="1", comment="Several remarks on one line"
    )
    outcome: Mapped[str] = mapped_column(comment="refused, known or warning")
    field: Mapped[str | None]
    reason: Mapped[str]
    raw: Mapped[str]


class ImportLineTaken(Base):
    """A line that was not taken when its file was loaded, and was when it was loaded again."""

    __tablename__ = "import_line_taken"
    __table_args__ = ({"comment": "Lines of loaded files that were taken later, by whom and when"},)

    import_id: Mapped[int] = mapped_column(
        ForeignKey("ops.import_file.import_id"), primary_key=True
    )
    line_number: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(comment="What it was at first: refused or known")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
