"""mend what reviews of access found

Revision ID: a10f00000001
Revises: 2c5be0f4a7d1
"""

import sqlalchemy as sa
from alembic import op

revision = "a10f00000001"
down_revision = "2c5be0f4a7d1"


def upgrade() -> None:
    """Apply what the reviews found."""
    _note_accounts_of_moved_premises()
    _age_in_calendar_years()


def _note_accounts_of_moved_premises() -> None:
    """Rows of marts stand under the house of the account, so its move is a change of the account."""
    op.execute("""
        create function ops.note_moved_premises() returns trigger
        language plpgsql security definer
        set search_path = pg_catalog, pg_temp
        as $$
        begin
            insert into ops.account_change (account_id)
            select a.account_id
            from new_rows as n
            inner join old_rows as o on n.premises_id = o.premises_id
            inner join ops.account as a on n.premises_id = a.premises_id
            where n.house_id is distinct from o.house_id;
            return null;
        end
        $$
    """)
    op.execute("""
        create trigger account_changed_with_premises after update on ops.premises
        referencing old table as old_rows new table as new_rows
        for each statement execute function ops.note_moved_premises()
    """)


def _age_in_calendar_years() -> None:
    """Three years are those of limitation: over a 29 February they have a day more."""
    for column, comment in (
        (
            "years_from",
            "Whole calendar years after the due date that must have passed; null: no such bound",
        ),
        ("years_to", "Whole calendar years after the due date, inclusive; null: no such bound"),
    ):
        op.add_column(
            "ageing_bucket",
            sa.Column(column, sa.Integer(), nullable=True, comment=comment),
            schema="reference",
        )
    op.create_check_constraint(
        op.f("ck_ageing_bucket_years_to_not_before_years_from"),
        "ageing_bucket",
        "years_to >= years_from",
        schema="reference",
    )
    op.execute(
        "comment on table reference.ageing_bucket is 'Ageing of debt by the time since the due date'"
    )
    op.execute(
        "comment on column reference.ageing_bucket.days_to is "
        "'Last day of delay inclusive; 0 for debt not due yet; null: no bound in days'"
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
