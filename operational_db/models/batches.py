"""Batches for the court: who is proposed, what the guard found, who approved, what came of it.

A batch is a proposal until a person with the right approves it. Its lines and months are what was
approved, to the kopeck: where the debt is another one on the day of the run, the line is not filed.
Nothing is updated: a batch is what its steps made of it.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import (
    Base,
    BigInt,
    BigKey,
    Money,
    RecordedAt,
    credible_check,
    month_check,
)


class FilingBatch(Base):
    """A proposal to send debtors to court together."""

    __tablename__ = "filing_batch"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(selection) = 'object'", name="selection_is_named"),
        CheckConstraint(credible_check("calculated_on"), name="calculated_on_credible"),
        CheckConstraint(credible_check("sent_on"), name="sent_on_credible"),
        Index(None, "organisation_id", "batch_id"),
        {"comment": "Batches of applications for court orders: the proposal; append-only"},
    )

    batch_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    title: Mapped[str] = mapped_column(comment="As the lawyer calls it")
    calculated_on: Mapped[date] = mapped_column(comment="Day that debt and penalty are counted on")
    sent_on: Mapped[date] = mapped_column(
        comment="Planned day of sending: the scale of the duty goes by it"
    )
    with_penalty: Mapped[bool] = mapped_column(comment="The penalty is claimed as well")
    selection: Mapped[dict] = mapped_column(JSONB, comment="Filters that chose the debtors")
    attachments: Mapped[list[str]] = mapped_column(
        ARRAY(String), comment="What goes with an application, in the order of the list"
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class FilingItem(Base):
    """One application that a batch proposes: an account and who answers for which of its months."""

    __tablename__ = "filing_item"
    __table_args__ = (
        Index(
            "uq_filing_item_holder",
            *("batch_id", "account_id", "holder_kind", "holder_person_id"),
            *("holder_organisation_id", "holder_name", "debtors", "family_ids", "is_agreed"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(
            "holder_kind in ('owner', 'joint_owners', 'tenants', 'public_owner', 'organisation', "
            "'unknown')",
            name="holder_kind_known",
        ),
        CheckConstraint("principal_amount >= 0 and penalty_amount >= 0", name="sums_not_negative"),
        CheckConstraint("duty_amount >= 0", name="duty_not_negative"),
        CheckConstraint(
            "debtors is null or jsonb_typeof(debtors) = 'array'", name="debtors_are_listed"
        ),
        CheckConstraint(month_check("period_from", nullable=True), name="period_from_is_a_month"),
        CheckConstraint(month_check("period_to", nullable=True), name="period_to_is_a_month"),
        Index(None, "account_id"),
        {"comment": "Applications proposed: whose debt, which sums, which court; append-only"},
    )

    batch_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.filing_batch.batch_id"), primary_key=True
    )
    item_number: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.account.account_id"))
    holder_kind: Mapped[str] = mapped_column(
        comment="owner, joint_owners, tenants, public_owner, organisation, unknown"
    )
    holder_person_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.person.person_id"), comment="The owner, or the first of those who answer"
    )
    holder_organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id")
    )
    holder_name: Mapped[str | None] = mapped_column(
        comment="Name of a holder that is known by name only"
    )
    principal_amount: Mapped[Money]
    penalty_amount: Mapped[Money]
    duty_amount: Mapped[Money] = mapped_column(comment="State duty of this application")
    period_from: Mapped[date | None] = mapped_column(comment="First month claimed")
    period_to: Mapped[date | None] = mapped_column(comment="Last month claimed")
    court_code: Mapped[str | None] = mapped_column(ForeignKey("ops.court.court_code"))
    recorded_at: Mapped[RecordedAt]
    debtors: Mapped[list | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="People asked, as parts of the debt list them; null: the holder alone",
    )
    family_ids: Mapped[list[int] | None] = mapped_column(
        ARRAY(BigInteger),
        comment="Family of the owner, who answer with him for utilities; null: nobody",
    )
    is_agreed: Mapped[bool] = mapped_column(
        server_default="false",
        comment="Months that an agreement by instalments put off when this was proposed",
    )


class FilingMonth(Base):
    """A month that an application of a batch claims: the whole of it, or an owner's part."""

    __tablename__ = "filing_month"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_month_item",
        ),
        CheckConstraint("liability in ('housing', 'capital_repair')", name="liability_known"),
        CheckConstraint(month_check("period"), name="period_is_a_month"),
        CheckConstraint("principal_amount >= 0 and penalty_amount >= 0", name="sums_not_negative"),
        CheckConstraint("penalty_to >= penalty_from", name="penalty_range"),
        {"comment": "Months of proposed applications: debt and penalty; append-only"},
    )

    batch_id: Mapped[BigInt] = mapped_column(primary_key=True)
    item_number: Mapped[int] = mapped_column(primary_key=True)
    liability: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    due_date: Mapped[date] = mapped_column(primary_key=True)
    portion_person_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.person.person_id"),
        comment="Owner whose part of the month it is; null: the whole month",
    )
    principal_amount: Mapped[Money]
    penalty_amount: Mapped[Money]
    penalty_portion_person_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.person.person_id"),
        comment="Owner whose part of the penalty it is; null: the whole of the month's",
    )
    penalty_from: Mapped[date | None] = mapped_column(
        comment="First day of the penalty asked for; null: from its beginning"
    )
    penalty_to: Mapped[date | None] = mapped_column(
        comment="Last day of the penalty asked for; null: the day of the calculation"
    )
    recorded_at: Mapped[RecordedAt]
    family_ids: Mapped[list[int] | None] = mapped_column(
        ARRAY(BigInteger),
        comment="Family of the owner who answer for utilities of this month; null: nobody",
    )


class FilingFinding(Base):
    """What the guard found about an application before anybody approved it."""

    __tablename__ = "filing_finding"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_finding_item",
        ),
        {"comment": "Rules that an application broke when the batch was proposed; append-only"},
    )

    batch_id: Mapped[BigInt] = mapped_column(primary_key=True)
    item_number: Mapped[int] = mapped_column(primary_key=True)
    rule_code: Mapped[str] = mapped_column(
        ForeignKey("reference.filing_rule.rule_code"), primary_key=True
    )
    is_red: Mapped[bool] = mapped_column(comment="Stops the application; else it is a warning")
    details: Mapped[str | None] = mapped_column(comment="What exactly, in Russian; no names")
    recorded_at: Mapped[RecordedAt]


class FilingStepKind(StrEnum):
    """What people and the run do with a batch."""

    EXCLUDED = "excluded"
    INCLUDED = "included"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    PRINTED = "printed"


class FilingStep(Base):
    """A step of a batch, or of one of its applications. The last of its kind counts."""

    __tablename__ = "filing_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_step_item",
        ),
        CheckConstraint(
            "(kind in ('excluded', 'included')) = (item_number is not null)",
            name="an_item_is_left_out",
        ),
        CheckConstraint("kind <> 'excluded' or comment is not null", name="exclusion_has_a_reason"),
        # One approves and another cancels at once: one of them decides.
        Index(
            "uq_filing_step_decided",
            "batch_id",
            unique=True,
            postgresql_where="kind in ('approved', 'cancelled')",
        ),
        Index(None, "batch_id", "item_number"),
        {"comment": "Steps of batches: left out, approved by whom, cancelled; append-only"},
    )

    filing_step_id: Mapped[BigKey]
    batch_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.filing_batch.batch_id"))
    item_number: Mapped[int | None]
    kind: Mapped[FilingStepKind]
    comment: Mapped[str | None]
    run_request_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.run_request.run_request_id"), comment="Approval: the run that it ordered"
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class FilingResult(Base):
    """What the run made of an application: a case with its package, or the reason why not."""

    __tablename__ = "filing_result"
    __table_args__ = (
        ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_result_item",
        ),
        CheckConstraint("(case_id is null) = (reason is not null)", name="case_or_reason"),
        {"comment": "What became of approved applications, once each; append-only"},
    )

    batch_id: Mapped[BigInt] = mapped_column(primary_key=True)
    item_number: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.court_case.case_id"), unique=True
    )
    reason: Mapped[str | None] = mapped_column(comment="Why it was not filed, in Russian")
    recorded_at: Mapped[RecordedAt]


class PackageDocument(Base):
    """A document's place in the package of a case."""

    __tablename__ = "package_document"
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        {"comment": "Which documents make the package of a case, and in which order"},
    )

    document_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.document.document_id"), primary_key=True
    )
    case_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.court_case.case_id"))
    position: Mapped[int]
