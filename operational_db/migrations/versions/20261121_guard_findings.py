"""mend what reviews of access found

Revision ID: a10f00000001
Revises: 2c5be0f4a7d1
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from operational_db.migrations.guarding import (
    IN_ONES_OWN_NAME,
    OF_ORGANISATION,
    has_role,
    let_add,
    let_read,
)

revision = "a10f00000001"
down_revision = "2c5be0f4a7d1"

SQL = Path(__file__).parent / "sql" / "a10f00000001_gate.sql"
LOADERS = ("accountant", "manager", "administrator")
OF_IMPORT = "exists (select 1 from ops.import_file as f where f.import_id = {table}.import_id)"


def upgrade() -> None:
    _let_corrections_move_out_of_closed_months()
    _keep_lines_that_were_taken_later()
    _let_months_be_checked_and_opened_again()
    _count_attempts_to_sign_in_by_address()
    _note_accounts_of_moved_premises()
    _age_in_calendar_years()


def _let_corrections_move_out_of_closed_months() -> None:
    op.add_column(
        "charge",
        sa.Column(
            "moved_from",
            sa.Date(),
            nullable=True,
            comment=(
                "Day it would have been booked on, had that month not been closed; null: not moved"
            ),
        ),
        schema="ops",
    )
    op.create_check_constraint(
        op.f("ck_charge_moved_to_a_later_day"),
        "charge",
        "moved_from is null or (moved_from < booked_on and kind <> 'charge')",
        schema="ops",
    )
    op.execute("grant insert (moved_from) on ops.charge to dolgomer_screens")


def _keep_lines_that_were_taken_later() -> None:
    op.create_table_comment(
        "import_line",
        "Remarks on lines of loaded files, word for word, with reasons",
        existing_comment="Refused lines (and warnings) of loaded files",
        schema="ops",
    )
    op.alter_column("import_line", "outcome", comment="refused, known or warning", schema="ops")
    op.create_table(
        "import_line_taken",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.String(),
            nullable=False,
            comment="What it was at first: refused or known",
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_import_line_taken_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_import_line_taken_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("import_id", "line_number", name=op.f("pk_import_line_taken")),
        schema="ops",
        comment="Lines of loaded files that were taken later, by whom and when",
    )
    _keep("import_line_taken")
    let_read("import_line_taken", OF_IMPORT)
    let_add(
        "import_line_taken",
        ("import_id", "line_number", "outcome", "user_id"),
        OF_IMPORT,
        roles=LOADERS,
    )


def _let_months_be_checked_and_opened_again() -> None:
    op.alter_column(
        "run_request", "kind", comment="What is asked for: build, statements, …", schema="ops"
    )
    op.create_table(
        "month_check",
        sa.Column("month_check_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False, comment="First day of the month"),
        sa.Column("run_request_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "build_id", sa.BigInteger(), nullable=True, comment="Build of the marts it speaks of"
        ),
        sa.Column(
            "accounts", sa.Integer(), nullable=False, comment="Accounts with turnover or balance"
        ),
        sa.Column("differing", sa.Integer(), nullable=False, comment="Accounts whose sums differ"),
        sa.Column("ledger", JSONB(), nullable=False, comment="Totals of primary facts, roubles"),
        sa.Column("marts", JSONB(), nullable=False, comment="Totals of the marts, roubles"),
        sa.Column("differences", JSONB(), nullable=False, comment="The accounts that differ most"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "extract(day from period) = 1", name=op.f("ck_month_check_period_is_a_month")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_month_check_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["run_request_id"],
            ["ops.run_request.run_request_id"],
            name=op.f("fk_month_check_run_request_id_run_request"),
        ),
        sa.PrimaryKeyConstraint("month_check_id", name=op.f("pk_month_check")),
        schema="ops",
        comment="Comparisons of the ledger with the marts by month; append-only",
    )
    op.create_index(
        op.f("ix_month_check_organisation_id_period"),
        "month_check",
        ["organisation_id", "period"],
        schema="ops",
    )
    _keep("month_check")
    let_read("month_check", OF_ORGANISATION, ("accountant", "manager"))
    # An overseeing municipality opens no months of others.
    conditions = " and ".join(
        (
            "kind in ('month_check', 'month_reopen')",
            has_role(("accountant", "manager")),
            "organisation_id = (select w.organisation_id from ops.who_am_i() as w)",
            IN_ONES_OWN_NAME.format(table="run_request"),
        )
    )
    op.execute(
        "create policy ask_for_months on ops.run_request for insert to dolgomer_screens "
        f"with check ({conditions})"
    )


def _keep(table: str) -> None:
    """Let rows of a table be added only."""
    for moment, trigger in (
        ("update or delete", "facts_are_only_added"),
        ("truncate", "facts_are_not_thrown_away"),
    ):
        op.execute(
            f"create trigger {trigger} before {moment} on ops.{table} "
            "for each statement execute function ops.refuse_change()"
        )


def _count_attempts_to_sign_in_by_address() -> None:
    op.drop_index(op.f("ix_sign_in_attempt_login_recorded_at"), "sign_in_attempt", schema="ops")
    op.add_column(
        "sign_in_attempt",
        sa.Column(
            "address",
            sa.String(),
            server_default="",
            nullable=False,
            comment="Where it came from, as the server of the screens saw it",
        ),
        schema="ops",
    )
    op.add_column(
        "sign_in_attempt",
        sa.Column(
            "succeeded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Null while it counts as a failure",
        ),
        schema="ops",
    )
    op.create_index(
        op.f("ix_sign_in_attempt_login_address_recorded_at"),
        "sign_in_attempt",
        ["login", "address", "recorded_at"],
        schema="ops",
    )
    op.create_table_comment(
        "sign_in_attempt",
        "Attempts to sign in by login and address; many failures make the next one wait",
        schema="ops",
    )
    op.execute(SQL.read_text(encoding="utf-8"))


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
