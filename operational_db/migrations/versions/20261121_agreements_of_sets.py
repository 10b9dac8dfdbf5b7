"""let an agreement by instalments be of those who answer together

Revision ID: a10f00000050
Revises: a10f00000034
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from operational_db.migrations.guarding import (
    OF_ACCOUNT,
    let_add,
    let_read,
    only_add,
    only_where,
)

revision = "a10f00000050"
down_revision = "a10f00000034"

SQL = Path(__file__).parent / "sql" / "a10f00000050_sets.sql"
WRITERS = ("lawyer", "manager")
OF_ACCOUNT_OF_ONES_OWN = (
    "exists (select 1 from ops.account as mine where mine.account_id = {table}.account_id "
    "and mine.organisation_id = (select ops.own_organisation()))"
)


def upgrade() -> None:
    op.add_column(
        "instalment_agreement",
        sa.Column(
            "answering",
            JSONB(),
            nullable=True,
            comment="Whose debt it is: people who answer together, each with the child he answers "
            "for; null: all holders of the account, as agreements were before",
        ),
        schema="ops",
    )
    op.create_check_constraint(
        op.f("ck_instalment_agreement_answering_listed"),
        "instalment_agreement",
        "jsonb_typeof(answering) = 'array' and jsonb_array_length(answering) > 0",
        schema="ops",
    )
    op.create_unique_constraint(
        op.f("uq_instalment_agreement_instalment_agreement_id_account_id"),
        "instalment_agreement",
        ["instalment_agreement_id", "account_id"],
        schema="ops",
    )
    op.execute("grant insert (answering) on ops.instalment_agreement to dolgomer_screens")
    _whose_payment_it_is()
    _applications_of_what_is_put_off()
    op.execute(SQL.read_text(encoding="utf-8"))


def _whose_payment_it_is() -> None:
    op.create_table(
        "instalment_payment",
        sa.Column("instalment_payment_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("instalment_agreement_id", sa.BigInteger(), nullable=True,
            comment="The agreement that it pays; null: none of them"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.ForeignKeyConstraint(["account_id", "payment_id"],
            ["ops.payment.account_id", "ops.payment.payment_id"],
            name=op.f("fk_instalment_payment_payment")),
        sa.ForeignKeyConstraint(["instalment_agreement_id", "account_id"],
            ["ops.instalment_agreement.instalment_agreement_id",
             "ops.instalment_agreement.account_id"],
            name=op.f("fk_instalment_payment_agreement_of_account")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_instalment_payment_user_id_app_user")),
        sa.PrimaryKeyConstraint("instalment_payment_id", name=op.f("pk_instalment_payment")),
        schema="ops",
        comment="Which agreement by instalments a payment pays where an account has several; the "
        "last row of a payment counts; append-only",
    )  # fmt: skip
    op.create_index(
        op.f("ix_instalment_payment_account_id_payment_id"),
        "instalment_payment",
        ["account_id", "payment_id"],
        schema="ops",
    )
    only_add("instalment_payment")
    let_read("instalment_payment", OF_ACCOUNT)
    let_add(
        "instalment_payment",
        ("account_id", "payment_id", "instalment_agreement_id", "user_id"),
        OF_ACCOUNT,
        roles=WRITERS,
    )
    only_where("insert", "instalment_payment", "of_account_of_ones_own", OF_ACCOUNT_OF_ONES_OWN)


def _applications_of_what_is_put_off() -> None:
    """Months under an agreement and months besides it are two applications to the same people."""
    op.add_column(
        "filing_item",
        sa.Column(
            "is_agreed",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Months that an agreement by instalments put off when this was proposed",
        ),
        schema="ops",
    )
    op.drop_index("uq_filing_item_holder", table_name="filing_item", schema="ops")
    op.create_index(
        "uq_filing_item_holder",
        "filing_item",
        [
            *("batch_id", "account_id", "holder_kind", "holder_person_id"),
            *("holder_organisation_id", "holder_name", "debtors", "family_ids", "is_agreed"),
        ],
        unique=True,
        schema="ops",
        postgresql_nulls_not_distinct=True,
    )
    op.execute("grant insert (is_agreed) on ops.filing_item to dolgomer_screens")


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
