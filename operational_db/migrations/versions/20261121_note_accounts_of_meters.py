"""note accounts whose meters changed: the resource report tells what was metered

Revision ID: a10f00000061
Revises: a10f00000060
"""

from alembic import op

revision = "a10f00000061"
down_revision = "a10f00000060"

TOLD_OF = (
    ("account_changed", "insert", "new"),
    ("account_changed_again", "update", "new"),
    ("account_changed_from", "update", "old"),
    ("account_changed_at_last", "delete", "old"),
)


def upgrade() -> None:
    op.execute("""
        create function ops.note_meters() returns trigger
        language plpgsql security definer
        set search_path = pg_catalog, pg_temp
        as $$
        begin
            insert into ops.account_change (account_id)
            select distinct a.account_id
            from changed_rows as m
            inner join ops.account as a on m.premises_id = a.premises_id;
            return null;
        end
        $$
    """)
    for name, event, rows in TOLD_OF:
        op.execute(
            f"create trigger {name} after {event} on ops.meter "
            f"referencing {rows} table as changed_rows "
            "for each statement execute function ops.note_meters()"
        )


def downgrade() -> None:
    for name, _, _ in TOLD_OF:
        op.execute(f"drop trigger {name} on ops.meter")
    op.execute("drop function ops.note_meters()")
