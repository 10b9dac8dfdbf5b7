"""Agreements to pay a debt by instalments: what was signed, the schedule, how it ended.

Nothing is updated. Whether an agreement is kept follows from payments
(``ops.instalment_state``), so it can be asked of any day; its end, and a mistake, are events.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
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
    range_check,
)


class InstalmentAgreement(Base):
    """An agreement with those who answer together for a debt; its lines add up to the kopeck.

    Co-owners by share answer each for his own part, so each has an agreement of his own.
    """

    __tablename__ = "instalment_agreement"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        UniqueConstraint("instalment_agreement_id", "account_id"),
        ForeignKeyConstraint(
            ["account_id", "organisation_id"],
            ["ops.account.account_id", "ops.account.organisation_id"],
            name="fk_instalment_agreement_account_of_organisation",
        ),
        CheckConstraint("number = btrim(number) and number <> ''", name="number_filled"),
        CheckConstraint("principal_amount > 0 and penalty_amount >= 0", name="sums_of_a_debt"),
        CheckConstraint("missed_limit between 1 and 12", name="missed_limit_counted"),
        CheckConstraint(
            "jsonb_typeof(answering) = 'array' and jsonb_array_length(answering) > 0",
            name="answering_listed",
        ),
        CheckConstraint(month_check("period_from"), name="period_from_is_a_month"),
        CheckConstraint(month_check("period_to"), name="period_to_is_a_month"),
        CheckConstraint(range_check("period_from", "period_to"), name="range"),
        CheckConstraint(credible_check("signed_on"), name="signed_on_credible"),
        Index(None, "account_id"),
        {"comment": "Agreements to pay a debt by instalments; append-only"},
    )

    instalment_agreement_id: Mapped[BigKey]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("ops.organisation.organisation_id"))
    account_id: Mapped[BigInt]
    number: Mapped[str] = mapped_column(comment="Number of ours; given by a trigger if not named")
    signed_on: Mapped[date]
    place: Mapped[str]
    period_from: Mapped[date] = mapped_column(comment="First month of the debt")
    period_to: Mapped[date] = mapped_column(comment="Last month of the debt")
    principal_amount: Mapped[Money]
    penalty_amount: Mapped[Money]
    missed_limit: Mapped[int] = mapped_column(
        comment="So many missed payments let the creditor go to court"
    )
    answering: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="Whose debt it is: people who answer together, each with the child he answers "
        "for; null: all holders of the account, as agreements were before",
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class InstalmentDebtor(Base):
    """Somebody who signed: the agreement binds the creditor against nobody else."""

    __tablename__ = "instalment_debtor"
    __table_args__ = ({"comment": "People who signed agreements by instalments; append-only"},)

    instalment_agreement_id: Mapped[BigInt] = mapped_column(
        ForeignKey(
            "ops.instalment_agreement.instalment_agreement_id",
            name="fk_instalment_debtor_agreement",
        ),
        primary_key=True,
    )
    person_id: Mapped[BigInt] = mapped_column(ForeignKey("ops.person.person_id"), primary_key=True)
    recorded_at: Mapped[RecordedAt]


class InstalmentLine(Base):
    """One payment of the schedule; the first payment has the number nought."""

    __tablename__ = "instalment_line"
    __table_args__ = (
        CheckConstraint("line_number >= 0", name="line_counted"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(credible_check("due_on"), name="due_on_credible"),
        {"comment": "Schedules of agreements by instalments; append-only"},
    )

    instalment_agreement_id: Mapped[BigInt] = mapped_column(
        ForeignKey(
            "ops.instalment_agreement.instalment_agreement_id", name="fk_instalment_line_agreement"
        ),
        primary_key=True,
    )
    line_number: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(comment="Not later than this day")
    amount: Mapped[Money]
    recorded_at: Mapped[RecordedAt]


class InstalmentEvent(Base):
    """How an agreement ended, or that it was entered by mistake; undone by another event."""

    __tablename__ = "instalment_event"
    __table_args__ = (
        CheckConstraint("kind in ('terminated', 'annulled', 'undone')", name="kind_known"),
        CheckConstraint("(kind = 'undone') = (undoes_event_id is not null)", name="undoes_one"),
        CheckConstraint("btrim(comment) <> ''", name="comment_filled"),
        CheckConstraint(credible_check("happened_on"), name="happened_on_credible"),
        UniqueConstraint("instalment_agreement_id", "instalment_event_id"),
        UniqueConstraint("undoes_event_id"),
        ForeignKeyConstraint(
            ["instalment_agreement_id", "undoes_event_id"],
            [
                "ops.instalment_event.instalment_agreement_id",
                "ops.instalment_event.instalment_event_id",
            ],
            name="fk_instalment_event_undone_of_agreement",
        ),
        {"comment": "Ends of agreements by instalments and mistakes; append-only"},
    )

    instalment_event_id: Mapped[BigKey]
    instalment_agreement_id: Mapped[BigInt] = mapped_column(
        ForeignKey(
            "ops.instalment_agreement.instalment_agreement_id", name="fk_instalment_event_agreement"
        )
    )
    kind: Mapped[str] = mapped_column(comment="terminated, annulled, undone")
    happened_on: Mapped[date]
    comment: Mapped[str] = mapped_column(comment="Why")
    undoes_event_id: Mapped[BigInt | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]


class InstalmentPayment(Base):
    """Somebody's word on which agreement a payment pays, where an account has several."""

    __tablename__ = "instalment_payment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "payment_id"],
            ["ops.payment.account_id", "ops.payment.payment_id"],
            name="fk_instalment_payment_payment",
        ),
        ForeignKeyConstraint(
            ["instalment_agreement_id", "account_id"],
            [
                "ops.instalment_agreement.instalment_agreement_id",
                "ops.instalment_agreement.account_id",
            ],
            name="fk_instalment_payment_agreement_of_account",
        ),
        Index(None, "account_id", "payment_id"),
        {
            "comment": "Which agreement by instalments a payment pays where an account has "
            "several; the last row of a payment counts; append-only"
        },
    )

    instalment_payment_id: Mapped[BigKey]
    account_id: Mapped[BigInt]
    payment_id: Mapped[BigInt]
    instalment_agreement_id: Mapped[BigInt | None] = mapped_column(
        comment="The agreement that it pays; null: none of them"
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ops.app_user.user_id"))
    recorded_at: Mapped[RecordedAt]
