"""know whose penalty rules apply

Old code must run on the new schema: the column has a default.

Revision ID: 2c5be0f4a7d1
Revises: 7d1f0c2a9b34
"""

import sqlalchemy as sa
from alembic import op

revision = "2c5be0f4a7d1"
down_revision = "7d1f0c2a9b34"


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column(
            "debtor_kind",
            sa.String(),
            server_default="citizen",
            nullable=False,
            comment="Whose penalty rules apply: citizen, hoa, management_company, other_organisation",
        ),
        schema="ops",
    )
    op.create_check_constraint(
        op.f("ck_account_debtor_kind_known"),
        "account",
        "debtor_kind in ('citizen', 'hoa', 'management_company', 'other_organisation')",
        schema="ops",
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
