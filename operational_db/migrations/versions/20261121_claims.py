"""know what is claimed where

Revision ID: a10f00000003
Revises: a10f00000002
"""

revision = "a10f00000003"
down_revision = "a10f00000002"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
