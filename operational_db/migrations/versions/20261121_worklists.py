"""steer the work of people

Revision ID: a10f00000008
Revises: a10f00000007
"""

revision = "a10f00000008"
down_revision = "a10f00000007"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
