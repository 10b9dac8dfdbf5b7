"""guard the system of record

Functions, triggers and row-level security: facts are only added, screens see only what the signed-in
user may see, and the warehouse learns which accounts changed. ``alembic check`` does not look at any
of this; tests/integration/test_access.py does.

Revision ID: 7d1f0c2a9b34
Revises: 93f2f3385735
"""

from pathlib import Path

from alembic import op

revision = "7d1f0c2a9b34"
down_revision = "93f2f3385735"


def upgrade() -> None:
    op.execute((Path(__file__).parent / "sql" / f"{revision}_guard.sql").read_text("utf-8"))


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: guards are never taken off.")
