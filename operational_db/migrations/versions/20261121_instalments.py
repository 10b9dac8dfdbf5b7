"""keep agreements by instalments as facts

Revision ID: a10f00000021
Revises: a10f00000020
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from operational_db.migrations.guarding import OF_ORGANISATION, let_add, let_read, only_add

revision = "a10f00000021"
down_revision = "a10f00000020"

SQL = Path(__file__).parent / "sql" / "a10f00000021_instalments.sql"
OF_AGREEMENT = (
    "exists (select 1 from ops.instalment_agreement as a "
    "where a.instalment_agreement_id = {table}.instalment_agreement_id)"
)
WRITERS = ("lawyer", "manager")


def upgrade() -> None:
    _tables()
    op.execute(SQL.read_text(encoding="utf-8"))
    for table in (
        "instalment_agreement", "instalment_debtor", "instalment_line", "instalment_event"
    ):  # fmt: skip
        only_add(table)
    let_read("instalment_agreement", OF_ORGANISATION)
    let_add(
        "instalment_agreement",
        (
            *("organisation_id", "account_id", "number", "signed_on", "place", "period_from"),
            *("period_to", "principal_amount", "penalty_amount", "missed_limit"),
            "user_id",
        ),
        OF_ORGANISATION,
        roles=WRITERS,
    )
    for table, columns in (
        ("instalment_debtor", ("instalment_agreement_id", "person_id")),
        ("instalment_line", ("instalment_agreement_id", "line_number", "due_on", "amount")),
        (
            "instalment_event",
            (
                *("instalment_agreement_id", "kind", "happened_on", "comment"),
                *("undoes_event_id", "user_id"),
            ),
        ),
    ):
        let_read(table, OF_AGREEMENT)
        let_add(table, columns, OF_AGREEMENT, roles=WRITERS)


def _recorded_at() -> sa.Column:
    return sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
        nullable=False, comment="When we came to know this row")  # fmt: skip


def _of_agreement(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["instalment_agreement_id"],
        ["ops.instalment_agreement.instalment_agreement_id"],
        name=op.f(f"fk_{table}_agreement"),
    )


def _tables() -> None:
    op.create_table(
        "instalment_agreement",
        sa.Column("instalment_agreement_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False,
            comment="Number of ours; given by a trigger if not named"),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False, comment="First month of the debt"),
        sa.Column("period_to", sa.Date(), nullable=False, comment="Last month of the debt"),
        sa.Column("principal_amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("penalty_amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("missed_limit", sa.Integer(), nullable=False,
            comment="So many missed payments let the creditor go to court"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        _recorded_at(),
        sa.CheckConstraint("number = btrim(number) and number <> ''",
            name=op.f("ck_instalment_agreement_number_filled")),
        sa.CheckConstraint("principal_amount > 0 and penalty_amount >= 0",
            name=op.f("ck_instalment_agreement_sums_of_a_debt")),
        sa.CheckConstraint("missed_limit between 1 and 12",
            name=op.f("ck_instalment_agreement_missed_limit_counted")),
        sa.CheckConstraint("extract(day from period_from) = 1",
            name=op.f("ck_instalment_agreement_period_from_is_a_month")),
        sa.CheckConstraint("extract(day from period_to) = 1",
            name=op.f("ck_instalment_agreement_period_to_is_a_month")),
        sa.CheckConstraint("period_to is null or period_to >= period_from",
            name=op.f("ck_instalment_agreement_range")),
        sa.CheckConstraint("signed_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_instalment_agreement_signed_on_credible")),
        sa.ForeignKeyConstraint(["organisation_id"], ["ops.organisation.organisation_id"],
            name=op.f("fk_instalment_agreement_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["account_id", "organisation_id"],
            ["ops.account.account_id", "ops.account.organisation_id"],
            name=op.f("fk_instalment_agreement_account_of_organisation")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_instalment_agreement_user_id_app_user")),
        sa.PrimaryKeyConstraint("instalment_agreement_id", name=op.f("pk_instalment_agreement")),
        sa.UniqueConstraint("organisation_id", "number",
            name=op.f("uq_instalment_agreement_organisation_id_number")),
        schema="ops",
        comment="Agreements to pay a debt by instalments; append-only",
    )  # fmt: skip
    op.create_index(
        op.f("ix_instalment_agreement_account_id"),
        "instalment_agreement",
        ["account_id"],
        schema="ops",
    )
    op.create_table(
        "instalment_debtor",
        sa.Column("instalment_agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        _recorded_at(),
        _of_agreement("instalment_debtor"),
        sa.ForeignKeyConstraint(["person_id"], ["ops.person.person_id"],
            name=op.f("fk_instalment_debtor_person_id_person")),
        sa.PrimaryKeyConstraint("instalment_agreement_id", "person_id",
            name=op.f("pk_instalment_debtor")),
        schema="ops",
        comment="People who signed agreements by instalments; append-only",
    )  # fmt: skip
    op.create_table(
        "instalment_line",
        sa.Column("instalment_agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False, comment="Not later than this day"),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        _recorded_at(),
        sa.CheckConstraint("line_number >= 0", name=op.f("ck_instalment_line_line_counted")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_instalment_line_amount_positive")),
        sa.CheckConstraint("due_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_instalment_line_due_on_credible")),
        _of_agreement("instalment_line"),
        sa.PrimaryKeyConstraint("instalment_agreement_id", "line_number",
            name=op.f("pk_instalment_line")),
        schema="ops",
        comment="Schedules of agreements by instalments; append-only",
    )  # fmt: skip
    op.create_table(
        "instalment_event",
        sa.Column("instalment_event_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("instalment_agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="terminated, annulled, undone"),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False, comment="Why"),
        sa.Column("undoes_event_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        _recorded_at(),
        sa.CheckConstraint("kind in ('terminated', 'annulled', 'undone')",
            name=op.f("ck_instalment_event_kind_known")),
        sa.CheckConstraint("(kind = 'undone') = (undoes_event_id is not null)",
            name=op.f("ck_instalment_event_undoes_one")),
        sa.CheckConstraint("btrim(comment) <> ''",
            name=op.f("ck_instalment_event_comment_filled")),
        sa.CheckConstraint("happened_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_instalment_event_happened_on_credible")),
        _of_agreement("instalment_event"),
        sa.ForeignKeyConstraint(["instalment_agreement_id", "undoes_event_id"],
            ["ops.instalment_event.instalment_agreement_id",
             "ops.instalment_event.instalment_event_id"],
            name=op.f("fk_instalment_event_undone_of_agreement")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_instalment_event_user_id_app_user")),
        sa.PrimaryKeyConstraint("instalment_event_id", name=op.f("pk_instalment_event")),
        sa.UniqueConstraint("instalment_agreement_id", "instalment_event_id",
            name=op.f("uq_instalment_event_instalment_agreement_id_instalment_event_id")),
        sa.UniqueConstraint("undoes_event_id", name=op.f("uq_instalment_event_undoes_event_id")),
        schema="ops",
        comment="Ends of agreements by instalments and mistakes; append-only",
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
