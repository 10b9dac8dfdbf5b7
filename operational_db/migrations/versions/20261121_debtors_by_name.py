"""let a case name a debtor that stands in no register of ours

An organisation that holds premises is known by its name and ИНН from the register of rights. Cases
against it are heard by other courts and written down by hand; its months are claimed all the same.

Revision ID: a10f00000041
Revises: a10f00000050
"""

import sqlalchemy as sa
from alembic import op

revision = "a10f00000041"
down_revision = "a10f00000050"


def upgrade() -> None:
    op.add_column(
        "case_debtor",
        sa.Column(
            "holder_name",
            sa.String(),
            nullable=True,
            comment="An organisation that is none of ours, as the register of rights names it",
        ),
        schema="ops",
    )
    op.drop_constraint(
        op.f("ck_case_debtor_one_debtor"), "case_debtor", schema="ops", type_="check"
    )
    op.create_check_constraint(
        op.f("ck_case_debtor_one_debtor"),
        "case_debtor",
        "num_nonnulls(person_id, holder_organisation_id, holder_name) = 1",
        schema="ops",
    )
    op.create_check_constraint(
        op.f("ck_case_debtor_holder_name_filled"),
        "case_debtor",
        "btrim(holder_name) <> ''",
        schema="ops",
    )
    op.drop_index("uq_case_debtor_of_case", "case_debtor", schema="ops")
    op.create_index(
        "uq_case_debtor_of_case",
        "case_debtor",
        [
            *("case_id", "person_id", "holder_organisation_id", "holder_name"),
            "represented_person_id",
        ],
        unique=True,
        schema="ops",
        postgresql_nulls_not_distinct=True,
    )
    op.execute("grant insert (holder_name) on ops.case_debtor to dolgomer_screens")


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
