"""let people keep sets of filters and write notes about accounts

Revision ID: a10f00000020
Revises: a10f00000012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from operational_db.migrations.guarding import (
    IN_ONES_OWN_NAME,
    OF_ACCOUNT,
    let_add,
    let_read,
    only_add,
)

revision = "a10f00000020"
down_revision = "a10f00000012"

OWN_ORGANISATION = "{table}.organisation_id = (select w.organisation_id from ops.who_am_i() as w)"
OWN_OR_SHARED = f"({IN_ONES_OWN_NAME} or ({{table}}.is_shared and {OWN_ORGANISATION}))"
WORKERS = ("lawyer", "manager", "operator")


def upgrade() -> None:
    _saved_views()
    _notes()


def _saved_views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("saved_view_id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False,
            comment="Whose people see it when shared"),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("screen", sa.String(), nullable=False, comment="Which list: debtors"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False,
            comment="Colleagues of the organisation see it too"),
        sa.Column("is_removed", sa.Boolean(), server_default=sa.text("false"), nullable=False,
            comment="The set of this name is thrown away"),
        sa.Column("filters", JSONB(), nullable=False,
            comment="As they stand in the address of the list"),
        sa.Column("columns", ARRAY(sa.String()), nullable=False,
            comment="Keys of columns in their order; empty: those of the stage"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.CheckConstraint("name = btrim(name) and name <> ''",
            name=op.f("ck_saved_view_name_filled")),
        sa.CheckConstraint("char_length(name) <= 80", name=op.f("ck_saved_view_name_fits")),
        sa.CheckConstraint("jsonb_typeof(filters) = 'object'",
            name=op.f("ck_saved_view_filters_are_named")),
        sa.ForeignKeyConstraint(["organisation_id"], ["ops.organisation.organisation_id"],
            name=op.f("fk_saved_view_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_saved_view_user_id_app_user")),
        sa.PrimaryKeyConstraint("saved_view_id", name=op.f("pk_saved_view")),
        schema="ops",
        comment="Saved sets of filters and columns of lists; append-only, the newest counts",
    )  # fmt: skip
    op.create_index(
        op.f("ix_saved_view_organisation_id_screen"),
        "saved_view",
        ["organisation_id", "screen"],
        schema="ops",
    )
    op.create_index(
        op.f("ix_saved_view_user_id_screen_name"),
        "saved_view",
        ["user_id", "screen", "name"],
        schema="ops",
    )
    only_add("saved_view")
    # A set may look for a surname or a telephone: those who may write one read those of others.
    let_read("saved_view", OWN_OR_SHARED, ("lawyer", "manager"))
    let_add(
        "saved_view",
        (
            *("organisation_id", "user_id", "screen", "name", "is_shared", "is_removed"),
            *("filters", "columns"),
        ),
        OWN_ORGANISATION,
        roles=("lawyer", "manager"),
    )


def _notes() -> None:
    op.create_table(
        "account_note",
        sa.Column("account_note_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=True,
            comment="Null in a row that takes a note back"),
        sa.Column("cancels_note_id", sa.BigInteger(), nullable=True,
            comment="The note that this takes back"),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.CheckConstraint("(cancels_note_id is null) = (note is not null)",
            name=op.f("ck_account_note_note_or_cancellation")),
        sa.CheckConstraint("btrim(note) <> '' and char_length(note) <= 1000",
            name=op.f("ck_account_note_note_filled")),
        sa.ForeignKeyConstraint(["account_id"], ["ops.account.account_id"],
            name=op.f("fk_account_note_account_id_account")),
        sa.ForeignKeyConstraint(["account_id", "cancels_note_id"],
            ["ops.account_note.account_id", "ops.account_note.account_note_id"],
            name=op.f("fk_account_note_cancelled_of_account")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_account_note_user_id_app_user")),
        sa.PrimaryKeyConstraint("account_note_id", name=op.f("pk_account_note")),
        sa.UniqueConstraint("cancels_note_id", name=op.f("uq_account_note_cancels_note_id")),
        sa.UniqueConstraint("account_id", "account_note_id",
            name=op.f("uq_account_note_account_id_account_note_id")),
        schema="ops",
        comment="Notes about accounts for those who work with debtors; append-only",
    )  # fmt: skip
    op.create_index(
        op.f("ix_account_note_account_id_recorded_at"),
        "account_note",
        ["account_id", "recorded_at"],
        schema="ops",
    )
    only_add("account_note")
    # People write names into notes: those who work with names read them.
    let_read("account_note", OF_ACCOUNT, WORKERS)
    let_add(
        "account_note",
        ("account_id", "note", "cancels_note_id", "user_id"),
        OF_ACCOUNT,
        roles=WORKERS,
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
