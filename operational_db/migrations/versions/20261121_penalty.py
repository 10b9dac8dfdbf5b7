"""know when bills came and what a contract says

Revision ID: a10f00000002
Revises: a10f00000001
"""

revision = "a10f00000002"
down_revision = "a10f00000001"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
