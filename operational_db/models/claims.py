"""Cases in courts: who is sued for which months, and everything that then happened to the case.

Nothing here is ever updated. What a case is now follows from its events (``ops.court_case_state``);
a mistake is taken back by an event that names the mistaken one. Triggers of the database keep a
month of one debtor in one live case at most.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from operational_db.base import (
    Base,
    BigInt,
    BigKey,
    Money,
    RecordedAt,
    credible_check,
    month_check,
    range_check,
)


class CaseKind(StrEnum):
    """What is asked of the court: an order without a hearing (ГПК 121), or a claim (ГПК 131)."""

    ORDER = "order"
    CLAIM = "claim"


class CourtCase(Base):
    """One application to a court about one account."""

    __tablename__ = "court_case"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        # For foreign keys that hold a row to the account of its case.
        UniqueConstraint("case_id", "account_id"),
        ForeignKeyConstraint(
            ["account_id", "organisation_id"],
            ["ops.account.account_id", "ops.account.organisation_id"],
            name="fk_court_case_account_of_organisation",
        ),
        ForeignKeyConstraint(
            ["parent_case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_court_case_parent_of_account",
        ),
        CheckConstraint("parent_case_id <> case_id", name="parent_is_another"),
        CheckConstraint("number = btrim(number) and number <> ''", name="number_filled"),
        Index(None, "account_id"),
        Index(None, "parent_case_id", postgresql_where="parent_case_id is not null"),
        {"comment": "Applications for court orders and claims, one account each; append-only"},
    )

    case_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    account_id: Mapped[BigInt]
    kind: Mapped[CaseKind]
    number: Mapped[str] = mapped_column(
        comment="Number of ours, printed on documents and in their QR code; given by a trigger"
    )
    court_code: Mapped[str | None] = mapped_column(
        ForeignKey("ops.court.court_code"), comment="Null while the court is not resolved"
    )
    parent_case_id: Mapped[BigInt | None] = mapped_column(
        comment="The cancelled order (or returned application) that this case goes on from"
    )
    penalty_until_paid: Mapped[bool] = mapped_column(
        server_default="false",
        comment="The claim asks for penalty till the day of payment: later days are claimed too",
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class DebtorLiability(StrEnum):
    """How a debtor answers for the sums of a case."""

    SHARE = "share"
    JOINT = "joint"
    REPRESENTATIVE = "representative"


class CaseDebtor(Base):
    """Somebody from whom a case asks money."""

    __tablename__ = "case_debtor"
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_case_debtor_case_of_account",
        ),
        CheckConstraint(
            "num_nonnulls(person_id, holder_organisation_id, holder_name) = 1", name="one_debtor"
        ),
        CheckConstraint("btrim(holder_name) <> ''", name="holder_name_filled"),
        CheckConstraint(
            "share_numerator > 0 and share_denominator > 0 "
            "and share_numerator <= share_denominator",
            name="share_is_a_part",
        ),
        CheckConstraint(
            "(liability_kind = 'representative') = (represented_person_id is not null)",
            name="represents_somebody",
        ),
        CheckConstraint("represented_person_id <> person_id", name="represents_another"),
        Index(
            "uq_case_debtor_of_case",
            "case_id",
            "person_id",
            "holder_organisation_id",
            "holder_name",
            "represented_person_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "account_id"),
        Index(None, "person_id"),
        {"comment": "Debtors of cases: by share, jointly, or for a minor; append-only"},
    )

    case_debtor_id: Mapped[BigKey]
    case_id: Mapped[BigInt]
    account_id: Mapped[BigInt]
    person_id: Mapped[BigInt | None] = mapped_column(ForeignKey("ops.person.person_id"))
    holder_organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("ops.organisation.organisation_id"), comment="A debtor that is no citizen"
    )
    holder_name: Mapped[str | None] = mapped_column(
        comment="An organisation that is none of ours, as the register of rights names it"
    )
    liability_kind: Mapped[DebtorLiability]
    share_numerator: Mapped[int] = mapped_column(
        server_default="1", comment="Share of the right that he answers by"
    )
    share_denominator: Mapped[int] = mapped_column(server_default="1")
    represented_person_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.person.person_id"), comment="The minor for whom a representative answers"
    )
    recorded_at: Mapped[RecordedAt]


class ClaimedPart(StrEnum):
    """What of a month is claimed."""

    PRINCIPAL = "principal"
    PENALTY = "penalty"


class ClaimedMonth(Base):
    """A month that a case claims: the whole of it, or the part that falls to one owner."""

    __tablename__ = "claimed_month"
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_claimed_month_case_of_account",
        ),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("liability in ('housing', 'capital_repair')", name="liability_known"),
        CheckConstraint(month_check("period"), name="period_is_a_month"),
        CheckConstraint(credible_check("period"), name="period_credible"),
        CheckConstraint(
            "(part = 'penalty') = (penalty_to is not null)", name="penalty_has_its_last_day"
        ),
        CheckConstraint("penalty_from is null or part = 'penalty'", name="days_are_of_penalty"),
        CheckConstraint(range_check("penalty_from", "penalty_to"), name="penalty_range"),
        CheckConstraint(credible_check("penalty_to"), name="penalty_to_credible"),
        Index(None, "account_id", "period"),
        Index(None, "case_id"),
        {"comment": "Months that cases claim; a month of a debtor is in one live case at most"},
    )

    account_id: Mapped[BigInt] = mapped_column(primary_key=True)
    claimed_month_id: Mapped[BigKey]
    case_id: Mapped[BigInt]
    liability: Mapped[str] = mapped_column(comment="housing or capital_repair")
    period: Mapped[date] = mapped_column(comment="Month of the debt, its first day")
    portion_person_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("ops.person.person_id"),
        comment="Whose part of the month it is: an owner by share. Null: the whole month",
    )
    part: Mapped[ClaimedPart]
    amount: Mapped[Money] = mapped_column(comment="Roubles asked for")
    penalty_from: Mapped[date | None] = mapped_column(
        comment="First day of the penalty claimed; null: from its beginning"
    )
    penalty_to: Mapped[date | None] = mapped_column(comment="Day that the penalty is counted to")
    recorded_at: Mapped[RecordedAt]


class CaseEventKind(StrEnum):
    """What can happen to a case. The state of a case is the last of its events that count."""

    DRAFTED = "drafted"
    FILED = "filed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    REFUSED = "refused"
    LEFT_UNHEARD = "left_unheard"
    WITHDRAWN = "withdrawn"
    ISSUED = "issued"
    COPY_RECEIVED = "copy_received"
    CANCELLED = "cancelled"
    DISMISSED = "dismissed"
    IN_FORCE = "in_force"
    SENT_TO_BANK = "sent_to_bank"
    SENT_TO_BAILIFF = "sent_to_bailiff"
    SENT_TO_EMPLOYER = "sent_to_employer"
    DOCUMENT_RETURNED = "document_returned"
    PAID = "paid"
    ENDED = "ended"
    ANNULLED = "annulled"


class CaseEvent(Base):
    """Something that happened to a case. What was registered by mistake is annulled by a row."""

    __tablename__ = "case_event"
    __table_args__ = (
        UniqueConstraint("case_event_id", "case_id"),
        ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_case_event_case_of_account",
        ),
        ForeignKeyConstraint(
            ["annuls_event_id", "case_id"],
            ["ops.case_event.case_event_id", "ops.case_event.case_id"],
            name="fk_case_event_annulled_of_case",
        ),
        CheckConstraint("(kind = 'annulled') = (annuls_event_id is not null)", name="annuls_one"),
        CheckConstraint(credible_check("happened_on"), name="happened_on_credible"),
        CheckConstraint(
            "principal_amount >= 0 and penalty_amount >= 0 and duty_amount >= 0",
            name="sums_not_negative",
        ),
        Index(None, "case_id"),
        Index(None, "account_id"),
        Index(
            "uq_case_event_annuls_event_id",
            "annuls_event_id",
            unique=True,
            postgresql_where="annuls_event_id is not null",
        ),
        {"comment": "What happened to cases; append-only, a mistake is annulled by an event"},
    )

    case_event_id: Mapped[BigKey]
    case_id: Mapped[BigInt]
    account_id: Mapped[BigInt]
    kind: Mapped[CaseEventKind]
    happened_on: Mapped[date] = mapped_column(comment="Day of the deed or of the court's act")
    court_number: Mapped[str | None] = mapped_column(comment="Number of the case in the court")
    document_number: Mapped[str | None] = mapped_column(comment="Number of the act or letter")
    principal_amount: Mapped[Money | None] = mapped_column(comment="Debt awarded; issued only")
    penalty_amount: Mapped[Money | None] = mapped_column(comment="Penalty awarded; issued only")
    duty_amount: Mapped[Money | None] = mapped_column(
        comment="State duty awarded; issued only. Duty of the application is in state_duty"
    )
    reason_code: Mapped[str | None] = mapped_column(
        ForeignKey("reference.court_reason.reason_code"), comment="Why the court did it"
    )
    destination: Mapped[str | None] = mapped_column(comment="Bank, bailiffs or employer sent to")
    comment: Mapped[str | None] = mapped_column(comment="Free words; may hold personal data")
    annuls_event_id: Mapped[BigInt | None] = mapped_column(comment="The event taken back")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("ops.import_file.import_id"))
    import_line: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class ClaimLock(Base):
    """One row an account: whoever adds months or events to its cases holds it till the end."""

    __tablename__ = "claim_lock"
    __table_args__ = (
        {"comment": "Serialises the cases of an account under every isolation level; no facts"},
    )

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("ops.account.account_id"), primary_key=True
    )
    turns: Mapped[BigInt] = mapped_column(server_default="1", comment="How often it was taken")
