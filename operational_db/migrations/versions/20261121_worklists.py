"""steer the work of people

Revision ID: a10f00000008
Revises: a10f00000007
"""

import sqlalchemy as sa
from alembic import op

from operational_db.migrations.guarding import OF_ACCOUNT, OF_ORGANISATION, let_add, let_read

revision = "a10f00000008"
down_revision = "a10f00000007"


def upgrade() -> None:
    op.create_table(
        "work_assignment",
        sa.Column("work_assignment_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True,
            comment="Null: nobody works on it any more"),
        sa.Column("next_action", sa.String(), nullable=True,
            comment="What is to be done, in words"),
        sa.Column("contact_not_before", sa.Date(), nullable=True,
            comment="Day before which to wait"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="Day by which it is to be done"),
        sa.Column("user_id", sa.Integer(), nullable=True, comment="Who gave it"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.CheckConstraint("contact_not_before between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_work_assignment_contact_not_before_credible")),
        sa.CheckConstraint("due_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_work_assignment_due_on_credible")),
        sa.ForeignKeyConstraint(["account_id"], ["ops.account.account_id"],
            name=op.f("fk_work_assignment_account_id_account")),
        sa.ForeignKeyConstraint(["assignee_id"], ["ops.app_user.user_id"],
            name=op.f("fk_work_assignment_assignee_id_app_user")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_work_assignment_user_id_app_user")),
        sa.PrimaryKeyConstraint("work_assignment_id", name=op.f("pk_work_assignment")),
        schema="ops",
        comment="Accounts given to people for work; append-only, the newest row counts",
    )  # fmt: skip
    op.create_index(
        op.f("ix_work_assignment_account_id_recorded_at"),
        "work_assignment",
        ["account_id", "recorded_at"],
        schema="ops",
    )
    op.create_index(
        op.f("ix_work_assignment_assignee_id"), "work_assignment", ["assignee_id"], schema="ops"
    )
    op.execute(
        "create trigger facts_are_only_added before update or delete on ops.work_assignment "
        "for each statement execute function ops.refuse_change()"
    )
    op.execute(
        "create trigger facts_are_not_thrown_away before truncate on ops.work_assignment "
        "for each statement execute function ops.refuse_change()"
    )
    # Screens cannot read users; whom work can be given to is told by name, and nothing else is.
    op.execute(
        """
        create function ops.people_at_work()
        returns table (user_id integer, full_name text, organisation_id integer, roles text[])
        language sql stable security definer
        set search_path = pg_catalog, pg_temp
        as $$
            select u.user_id, u.full_name, u.organisation_id,
                array_agg(r.role::text order by r.role::text)
            from ops.app_user as u
            inner join ops.user_role as r on u.user_id = r.user_id
            where u.is_active
                and u.organisation_id = any (ops.visible_organisations())
            group by u.user_id, u.full_name, u.organisation_id
        $$
        """
    )
    op.execute(
        "comment on function ops.people_at_work() is "
        "'People of the organisations that the session sees: names and roles, nothing else'"
    )
    let_read("work_assignment", OF_ACCOUNT)
    let_add(
        "work_assignment",
        ("account_id", "assignee_id", "next_action", "contact_not_before", "due_on", "user_id"),
        OF_ACCOUNT,
        # Whoever is given work sees the account: people of the organisations in sight.
        "({table}.assignee_id is null or {table}.assignee_id in "
        "(select p.user_id from ops.people_at_work() as p))",
        roles=("manager",),
    )
    _costs()


def _costs() -> None:
    op.create_table(
        "work_cost",
        sa.Column("work_cost_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False,
            comment="Kind of contact: sms, live_call, visit and so on"),
        sa.Column("price", sa.Numeric(14, 2), nullable=False, comment="Roubles for one"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.CheckConstraint("price >= 0", name=op.f("ck_work_cost_price_not_negative")),
        sa.CheckConstraint("valid_from between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_work_cost_valid_from_credible")),
        sa.ForeignKeyConstraint(["organisation_id"], ["ops.organisation.organisation_id"],
            name=op.f("fk_work_cost_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_work_cost_user_id_app_user")),
        sa.PrimaryKeyConstraint("work_cost_id", name=op.f("pk_work_cost")),
        schema="ops",
        comment="Prices of contacts and other work by organisation and date; append-only",
    )  # fmt: skip
    op.create_index(
        op.f("ix_work_cost_organisation_id_kind_valid_from"),
        "work_cost",
        ["organisation_id", "kind", "valid_from"],
        schema="ops",
    )
    op.execute(
        "create trigger facts_are_only_added before update or delete on ops.work_cost "
        "for each statement execute function ops.refuse_change()"
    )
    op.execute(
        "create trigger facts_are_not_thrown_away before truncate on ops.work_cost "
        "for each statement execute function ops.refuse_change()"
    )
    let_read("work_cost", OF_ORGANISATION)
    let_add(
        "work_cost",
        ("organisation_id", "kind", "price", "valid_from", "user_id"),
        OF_ORGANISATION,
        roles=("manager",),
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
