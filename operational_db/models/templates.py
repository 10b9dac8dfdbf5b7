"""Word templates of organisations: every version there was, and which of them is used."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import Base, IntKey, RecordedAt


class TemplateVersion(Base):
    """A template as it was: the document made from it can be made again from these bytes."""

    __tablename__ = "template_version"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "sha256", postgresql_nulls_not_distinct=True),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_format"),
        CheckConstraint("octet_length(content) between 1 and 10485760", name="size"),
        Index(None, "sha256"),
        {"comment": "Versions of Word templates by the hash of their bytes; append-only"},
    )

    template_version_id: Mapped[IntKey]
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"),
        comment="Null: a template that came with the program",
    )
    kind: Mapped[str] = mapped_column(comment="Code of the kind of document: order_application")
    sha256: Mapped[str] = mapped_column(comment="Version of the template, as documents print it")
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, comment="The .docx, byte for byte")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class TemplateChoice(Base):
    """A decision that documents of a kind are made from a version; the latest one stands."""

    __tablename__ = "template_choice"
    __table_args__ = (
        Index(None, "organisation_id", "kind", "court_code", "template_choice_id"),
        {"comment": "Which template an organisation uses, for all courts or one; append-only"},
    )

    template_choice_id: Mapped[IntKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    kind: Mapped[str] = mapped_column(comment="Code of the kind of document: order_application")
    court_code: Mapped[str | None] = mapped_column(
        ForeignKey("ops.court.court_code"), comment="Null: every court without a choice of its own"
    )
    template_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.template_version.template_version_id"),
        comment="Null: back to the template that stands without this choice",
    )
    reason: Mapped[str | None] = mapped_column(comment="Why, in the words of who chose")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
