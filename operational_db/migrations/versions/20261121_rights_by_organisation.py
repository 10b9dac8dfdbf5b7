"""let each organisation keep its own record of who holds premises

A right of a person belongs to the organisation whose record the person is in. One of a body, or of
nobody known, is copied to every organisation that keeps an account in the premises. Accounts that
rested on people of another organisation are left without a holder until an extract is loaded.

Revision ID: a10f00000010
Revises: a10f00000009
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from operational_db.migrations.guarding import OF_ORGANISATION, only_where

revision = "a10f00000010"
down_revision = "a10f00000009"

SQL = Path(__file__).parent / "sql" / "a10f00000010_rights.sql"
OWN = "(select ops.own_organisation())"
# As their owner: a policy of a table that read the table would ask itself for ever.
IS_ONES_OWN = """
create function ops.is_ones_own_{table}(event bigint) returns boolean
language sql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select 1 from ops.{table} as e
        where e.{table}_id = event and e.user_id = ops.session_user_id()
    )
$$
"""


def upgrade() -> None:
    op.add_column(
        "ownership",
        sa.Column(
            "organisation_id",
            sa.Integer(),
            nullable=True,
            comment="Whose record it is; others see and end theirs. Null: recorded before anybody "
            "kept an account in the premises, and nobody rests on it",
        ),
        schema="ops",
    )
    op.create_foreign_key(
        op.f("fk_ownership_organisation_id_organisation"),
        "ownership",
        "organisation",
        ["organisation_id"],
        ["organisation_id"],
        source_schema="ops",
        referent_schema="ops",
    )
    op.execute(SQL.read_text("utf-8"))
    for table in ("contact_event", "account_event", "public_event"):
        op.execute(IS_ONES_OWN.format(table=table))
    op.execute("drop policy own_premises on ops.ownership")
    op.execute(
        "create policy own_organisation on ops.ownership for select to dolgomer_screens "
        f"using ({OF_ORGANISATION.format(table='ownership')})"
    )
    op.execute("grant insert (organisation_id) on ops.ownership to dolgomer_screens")
    only_where(
        "insert", "ownership", "of_ones_own_organisation", f"{{table}}.organisation_id = {OWN}"
    )
    only_where(
        "insert",
        "ownership_end",
        "of_ones_own_organisation",
        "exists (select 1 from ops.ownership as mine "
        "where mine.ownership_id = {table}.ownership_id "
        "and mine.organisation_id = (select ops.own_organisation()))",
    )
    only_where("insert", "person", "under_a_drawn_number", "ops.is_drawn_person({table}.person_id)")
    for table in ("contact_event", "account_event"):
        # Who oversees a company adds its own work and takes back no work of the company.
        only_where(
            "insert",
            table,
            "takes_back_ones_own",
            "{table}.cancels_event_id is null or exists (select 1 from ops.account as mine "
            "where mine.account_id = {table}.account_id "
            "and mine.organisation_id = (select ops.own_organisation())) "
            "or ops.is_ones_own_{table}({table}.cancels_event_id)",
        )
    only_where(
        "insert",
        "public_event",
        "takes_back_ones_own",
        "{table}.cancels_event_id is null "
        "or {table}.organisation_id = (select ops.own_organisation()) "
        "or ops.is_ones_own_public_event({table}.cancels_event_id)",
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
