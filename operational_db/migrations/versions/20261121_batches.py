"""send debtors to court in batches

Revision ID: a10f00000005
Revises: a10f00000004
"""

revision = "a10f00000005"
down_revision = "a10f00000004"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
