"""count the work of a plan

Revision ID: a10f00000006
Revises: a10f00000005
"""

revision = "a10f00000006"
down_revision = "a10f00000005"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
