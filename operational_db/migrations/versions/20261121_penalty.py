"""know when bills came and what a contract says

Revision ID: a10f00000002
Revises: a10f00000001
"""

import sqlalchemy as sa
from alembic import op

from operational_db.migrations.guarding import (
    OF_ACCOUNT,
    OF_ORGANISATION,
    also_allow,
    let_add,
    let_read,
    only_add,
)

revision = "a10f00000002"
down_revision = "a10f00000001"

LOADERS = ("accountant", "manager", "administrator")
FROM_FILE = (
    "({table}.import_id is null or exists (select 1 from ops.import_file as f "
    "where f.import_id = {table}.import_id))"
)
FIRST_DAY, LAST_DAY = "1991-01-01", "2036-12-31"


def upgrade() -> None:
    _bill_deliveries()
    _own_due_days()
    also_allow("import_file", "kind", "ck_import_file_importkind", "bills")


def _bill_deliveries() -> None:
    op.create_table(
        "bill_delivery",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("bill_delivery_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "period", sa.Date(), nullable=False, comment="First day of the month that is billed"
        ),
        sa.Column(
            "delivered_on", sa.Date(), nullable=True, comment="Null: it has not been delivered"
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "paper",
                "hand",
                "post",
                "email",
                "personal_page",
                "gis",
                "other",
                name="deliverychannel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "extract(day from period) = 1", name=op.f("ck_bill_delivery_period_is_a_month")
        ),
        sa.CheckConstraint(
            f"period between date '{FIRST_DAY}' and date '{LAST_DAY}'",
            name=op.f("ck_bill_delivery_period_credible"),
        ),
        sa.CheckConstraint(
            f"delivered_on between date '{FIRST_DAY}' and date '{LAST_DAY}'",
            name=op.f("ck_bill_delivery_delivered_on_credible"),
        ),
        sa.CheckConstraint(
            "delivered_on >= period", name=op.f("ck_bill_delivery_delivered_in_its_month_or_later")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_bill_delivery_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_bill_delivery_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_bill_delivery_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", "bill_delivery_id", name=op.f("pk_bill_delivery")),
        schema="ops",
        comment="Deliveries of bills by account and month, where they are known; append-only",
    )
    op.create_index(
        op.f("ix_bill_delivery_account_id_period"),
        "bill_delivery",
        ["account_id", "period"],
        schema="ops",
    )
    only_add("bill_delivery")
    let_read("bill_delivery", OF_ACCOUNT)
    let_add(
        "bill_delivery",
        (
            *("account_id", "period", "delivered_on", "channel"),
            *("import_id", "import_line", "user_id"),
        ),
        OF_ACCOUNT,
        FROM_FILE,
        roles=LOADERS,
    )


def _own_due_days() -> None:
    op.create_table(
        "own_due_day",
        sa.Column("own_due_day_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "house_id", sa.Integer(), nullable=True, comment="Null: all houses of the organisation"
        ),
        sa.Column("liability", sa.String(), nullable=False, comment="housing or capital_repair"),
        sa.Column(
            "due_day",
            sa.SmallInteger(),
            nullable=True,
            comment="Day of the month after the billed one; null: the law's day again",
        ),
        sa.Column(
            "period_from", sa.Date(), nullable=False, comment="First month that it holds for"
        ),
        sa.Column("period_to", sa.Date(), nullable=True, comment="Last month; null: open"),
        sa.Column(
            "basis",
            sa.String(),
            nullable=False,
            comment="Contract, minutes of the meeting, regional law",
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "liability in ('housing', 'capital_repair')",
            name=op.f("ck_own_due_day_liability_known"),
        ),
        sa.CheckConstraint(
            "due_day between 1 and 31", name=op.f("ck_own_due_day_due_day_of_a_month")
        ),
        sa.CheckConstraint(
            "extract(day from period_from) = 1", name=op.f("ck_own_due_day_from_a_month")
        ),
        sa.CheckConstraint(
            "period_to is null or extract(day from period_to) = 1",
            name=op.f("ck_own_due_day_to_a_month"),
        ),
        sa.CheckConstraint(
            "period_to is null or period_to >= period_from", name=op.f("ck_own_due_day_range")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_own_due_day_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["house_id"], ["ops.house.house_id"], name=op.f("fk_own_due_day_house_id_house")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_own_due_day_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("own_due_day_id", name=op.f("pk_own_due_day")),
        schema="ops",
        comment="Due days of contracts, meetings, regional laws, by month; append-only",
    )
    op.create_index(
        op.f("ix_own_due_day_organisation_id"), "own_due_day", ["organisation_id"], schema="ops"
    )
    only_add("own_due_day")
    let_read("own_due_day", OF_ORGANISATION)
    # The warehouse is told of every account whose due dates may move.
    op.execute("""
        create function ops.note_own_due_day() returns trigger
        language plpgsql security definer
        set search_path = pg_catalog, pg_temp
        as $$
        begin
            insert into ops.account_change (account_id)
            select distinct a.account_id
            from new_rows as n
            inner join ops.account as a on n.organisation_id = a.organisation_id
            left join ops.premises as p on a.premises_id = p.premises_id
            where n.house_id is null or n.house_id = p.house_id;
            return null;
        end
        $$
    """)
    op.execute(
        "create trigger account_changed after insert on ops.own_due_day "
        "referencing new table as new_rows "
        "for each statement execute function ops.note_own_due_day()"
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
