"""claim penalty by its own days, and correct acts of courts

Old code must run on the new schema: everything is added, and what is replaced answers the same to
those who do not know of it.

Revision ID: a10f00000030
Revises: a10f00000021
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from operational_db.migrations import guarding

revision = "a10f00000030"
down_revision = "a10f00000021"

SQL = Path(__file__).parent / "sql"
LAWYERS = ("lawyer", "manager")
OF_DOCUMENT = (
    "exists (select 1 from ops.execution_document as d "
    "where d.execution_document_id = {table}.execution_document_id "
    "and d.account_id = {table}.account_id)"
)


def upgrade() -> None:
    op.add_column(
        "court_case",
        sa.Column(
            "penalty_until_paid",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="The claim asks for penalty till the day of payment: later days are claimed too",
        ),
        schema="ops",
    )
    op.execute("grant insert (penalty_until_paid) on ops.court_case to dolgomer_screens")
    _let_penalty_have_its_days()
    _let_acts_be_corrected()
    op.execute((SQL / f"{revision}_penalty_claims.sql").read_text(encoding="utf-8"))
    _tell_of_penalty_until_paid()


def _let_penalty_have_its_days() -> None:
    columns = (
        sa.Column(
            "penalty_portion_person_id",
            sa.BigInteger(),
            nullable=True,
            comment="Owner whose part of the penalty it is; null: the whole of the month's",
        ),
        sa.Column(
            "penalty_from",
            sa.Date(),
            nullable=True,
            comment="First day of the penalty asked for; null: from its beginning",
        ),
        sa.Column(
            "penalty_to",
            sa.Date(),
            nullable=True,
            comment="Last day of the penalty asked for; null: the day of the calculation",
        ),
    )
    for column in columns:
        op.add_column("filing_month", column, schema="ops")
    op.create_foreign_key(
        op.f("fk_filing_month_penalty_portion_person_id_person"),
        "filing_month",
        "person",
        ["penalty_portion_person_id"],
        ["person_id"],
        source_schema="ops",
        referent_schema="ops",
    )
    op.create_check_constraint(
        op.f("ck_filing_month_penalty_range"),
        "filing_month",
        "penalty_to >= penalty_from",
        schema="ops",
    )
    op.execute(
        "grant insert (penalty_portion_person_id, penalty_from, penalty_to) "
        "on ops.filing_month to dolgomer_screens"
    )


def _let_acts_be_corrected() -> None:
    op.create_table(
        "execution_document_correction",
        sa.Column(
            "execution_document_correction_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("execution_document_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False, comment="Number as it should read"),
        sa.Column("issued_on", sa.Date(), nullable=False, comment="Day of the act"),
        sa.Column("court_code", sa.String(), nullable=True),
        sa.Column(
            "user_id",
            sa.Integer(),
            nullable=True,
            comment="Whose session wrote it; null: the system",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "number = btrim(number) and number <> ''",
            name=op.f("ck_execution_document_correction_number_filled"),
        ),
        sa.ForeignKeyConstraint(
            ["execution_document_id"],
            ["ops.execution_document.execution_document_id"],
            name=op.f("fk_execution_document_correction_execution_document"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_execution_document_correction_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["court_code"],
            ["ops.court.court_code"],
            name=op.f("fk_execution_document_correction_court_code_court"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_execution_document_correction_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint(
            "execution_document_correction_id", name=op.f("pk_execution_document_correction")
        ),
        schema="ops",
        comment="Orders and writs registered with a mistake, as they should read; append-only",
    )
    op.create_index(
        op.f("ix_execution_document_correction_execution_document_id"),
        "execution_document_correction",
        ["execution_document_id"],
        schema="ops",
    )
    guarding.only_add("execution_document_correction")
    guarding.let_read("execution_document_correction", guarding.OF_ACCOUNT)
    guarding.let_add(
        "execution_document_correction",
        ("execution_document_id", "account_id", "number", "issued_on", "court_code", "user_id"),
        OF_DOCUMENT,
        roles=LAWYERS,
    )


def _tell_of_penalty_until_paid() -> None:
    """Make the view of cases anew as it was made first, with one column more at its end."""
    made = (SQL / "a10f00000003_claims.sql").read_text(encoding="utf-8")
    begins = made.index("create view ops.court_case_state")
    columns, query = made[begins : made.index(";", begins)].split("\nfrom ops.court_case as c\n")
    view = columns.replace("create view", "create or replace view", 1)
    op.execute(f"{view},\n    c.penalty_until_paid\nfrom ops.court_case as c\n{query}")


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
