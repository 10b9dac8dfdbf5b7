"""read the age of majority where the law is kept

Revision ID: a10f00000060
Revises: a10f00000041
"""

from pathlib import Path

from alembic import op

revision = "a10f00000060"
down_revision = "a10f00000041"

SQL = Path(__file__).parent / "sql" / "a10f00000060_majority.sql"


def upgrade() -> None:
    op.execute(SQL.read_text(encoding="utf-8"))
