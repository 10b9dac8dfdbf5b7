"""know which court hears a house, and what duty was paid

Revision ID: a10f00000004
Revises: a10f00000003
"""

revision = "a10f00000004"
down_revision = "a10f00000003"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
