"""find recovered receipts and events that were taken back without reading all others

Revision ID: a10f00000033
Revises: a10f00000030
"""

from alembic import op

revision = "a10f00000033"
down_revision = "a10f00000030"

RECOVERED = "ix_payment_recovered_on"
EVENTS = ("contact_event", "account_event")


def upgrade() -> None:
    op.create_index(
        RECOVERED,
        "payment",
        ["paid_on"],
        schema="ops",
        postgresql_where="execution_document_id is not null or channel = 'bailiff'",
    )
    for table in EVENTS:
        op.create_index(
            op.f(f"ix_{table}_account_id_cancels_event_id"),
            table,
            ["account_id", "cancels_event_id"],
            schema="ops",
            postgresql_where="cancels_event_id is not null",
        )


def downgrade() -> None:
    for table in EVENTS:
        op.drop_index(
            op.f(f"ix_{table}_account_id_cancels_event_id"), table_name=table, schema="ops"
        )
    op.drop_index(RECOVERED, table_name="payment", schema="ops")
