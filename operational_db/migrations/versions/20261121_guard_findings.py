"""mend what reviews of access found

Revision ID: a10f00000001
Revises: 2c5be0f4a7d1
"""

revision = "a10f00000001"
down_revision = "2c5be0f4a7d1"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
