"""know who may see which report form

Revision ID: a10f00000007
Revises: a10f00000006
"""

revision = "a10f00000007"
down_revision = "a10f00000006"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
