"""count what came in under documents, what reconciliations settled, what the press announced

Two conditions of an indicator, five ways of counting, the knowledge of changed property, and the
figures of plans as each build told them.

Revision ID: a10f00000012
Revises: a10f00000008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from operational_db.migrations.guarding import OF_ORGANISATION, also_allow, let_read, only_add

revision = "a10f00000012"
down_revision = "a10f00000008"

NEW_COUNTS = (
    "share_of_amount",
    "share_of_execution",
    "difference_removed",
    "difference_open",
    "announced_sums",
)


def upgrade() -> None:
    for counts in NEW_COUNTS:
        also_allow("plan_indicator", "counts", "ck_plan_indicator_counts_known", counts)
    also_allow("account_event", "kind", "ck_account_event_kind_known", "property_change")
    op.add_column(
        "plan_indicator",
        sa.Column(
            "among_marks",
            sa.ARRAY(sa.String()),
            nullable=True,
            comment="What an event must have to be looked at, beside its kind; null: any",
        ),
        schema="ops",
    )
    op.add_column(
        "plan_indicator",
        sa.Column(
            "tolerance",
            sa.Numeric(6, 4),
            nullable=True,
            comment="By which part a sum announced may differ from the ledger; null: not asked",
        ),
        schema="ops",
    )
    op.add_column(
        "plan_indicator",
        sa.Column(
            "is_follow_up_working",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="The days of the follow-up are working days",
        ),
        schema="ops",
    )
    op.create_check_constraint(
        op.f("ck_plan_indicator_tolerance_of_announced_sums"),
        "plan_indicator",
        "(counts = 'announced_sums') = (tolerance is not null)",
        schema="ops",
    )
    _keep_figures()


def _keep_figures() -> None:
    op.create_table(
        "plan_figure",
        sa.Column("plan_figure_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("plan_indicator_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("period_kind", sa.String(), nullable=False,
            comment="day, month, quarter, year"),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("as_of_date", sa.Date(), nullable=False,
            comment="Day that the build answered for"),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False,
            comment="The row of marts.plan_execution as it was"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.ForeignKeyConstraint(["plan_indicator_id"],
            ["ops.plan_indicator.plan_indicator_id"],
            name=op.f("fk_plan_figure_plan_indicator_id_plan_indicator")),
        sa.ForeignKeyConstraint(["organisation_id"], ["ops.organisation.organisation_id"],
            name=op.f("fk_plan_figure_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("plan_figure_id", name=op.f("pk_plan_figure")),
        schema="ops",
        comment="Figures of plans as builds told them; append-only, a row for each that differs",
    )  # fmt: skip
    op.create_index(
        "ix_plan_figure_newest",
        "plan_figure",
        ["plan_indicator_id", "organisation_id", "period_kind", "period_start", "plan_figure_id"],
        schema="ops",
    )
    only_add("plan_figure")
    let_read("plan_figure", OF_ORGANISATION)
