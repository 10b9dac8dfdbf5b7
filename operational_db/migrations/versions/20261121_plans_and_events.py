"""count the work of a plan

Plans as rows, the work with debtors as facts, lists of accounts to call, and the chain that seals
what was counted. Old code must run on the new schema: nothing existing changes but the list of kinds
of files, which grows.

Revision ID: a10f00000006
Revises: a10f00000005
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from operational_db.migrations.guarding import (
    OF_ACCOUNT,
    OF_ORGANISATION,
    SIGNED_IN,
    also_allow,
    let_add,
    let_read,
)

revision = "a10f00000006"
down_revision = "a10f00000005"

WORKS_WITH_DEBTORS = ("manager", "lawyer", "accountant", "operator", "inspector")
# Plans are the municipality's own and of those that it oversees.
OF_ITS_MUNICIPALITY = (
    "exists (select 1 from ops.organisation as o "
    "where o.organisation_id = any ((select ops.visible_organisations())::integer[]) "
    "and {table}.organisation_id in (o.organisation_id, o.municipality_id))"
)
OF_PLAN = "exists (select 1 from ops.plan as p where p.plan_id = {table}.plan_id)"
OF_MEASURE = (
    "exists (select 1 from ops.plan_measure as m where m.plan_measure_id = {table}.plan_measure_id)"
)
OF_LIST = "exists (select 1 from ops.call_list as l where l.call_list_id = {table}.call_list_id)"
OF_OWN_LIST = (
    "exists (select 1 from ops.call_list as l where l.call_list_id = {table}.call_list_id "
    "and l.user_id = (select ops.session_user_id()))"
)
FROM_OWN_FILE = (
    "({table}.import_id is null or exists (select 1 from ops.import_file as f "
    "where f.import_id = {table}.import_id and f.user_id = (select ops.session_user_id())))"
)
NOT_INVENTED = "{table}.source in ('screen', 'file')"


def upgrade() -> None:
    _create_tables()
    also_allow("import_file", "kind", "ck_import_file_importkind", "events")
    op.execute((Path(__file__).parent / "sql" / f"{revision}_guard.sql").read_text("utf-8"))
    _let_screens_in()


def _let_screens_in() -> None:
    let_read("plan", OF_ITS_MUNICIPALITY)
    let_read("plan_section", OF_PLAN)
    let_read("plan_measure", OF_PLAN)
    let_read("plan_indicator", OF_MEASURE)
    let_read("plan_comment", OF_ORGANISATION)
    let_add(
        "plan_comment",
        ("plan_measure_id", "organisation_id", "period_start", "comment", "user_id"),
        OF_ORGANISATION,
        OF_MEASURE,
        roles=("official", "manager"),
    )
    let_read("event_seal", SIGNED_IN)
    let_read("contact_event", OF_ACCOUNT, WORKS_WITH_DEBTORS)
    let_add(
        "contact_event",
        (
            *("account_id", "kind", "happened_at", "result", "phone", "duration_seconds"),
            *("non_payment_reason", "promise_date", "promise_amount", "next_action"),
            *("next_action_on", "document_number", "executor", "comment", "call_list_id"),
            *("cancels_event_id", "source", "import_id", "import_line", "user_id"),
        ),
        OF_ACCOUNT,
        FROM_OWN_FILE,
        NOT_INVENTED,
        roles=WORKS_WITH_DEBTORS,
    )
    let_read("account_event", OF_ACCOUNT, WORKS_WITH_DEBTORS)
    let_add(
        "account_event",
        (
            *("account_id", "kind", "happened_on", "amount", "document_number"),
            *("execution_document_id", "duty_paid_on", "bailiff_office", "has_receipt"),
            *("decision", "executor", "comment", "cancels_event_id", "source", "import_id"),
            *("import_line", "user_id"),
        ),
        OF_ACCOUNT,
        FROM_OWN_FILE,
        NOT_INVENTED,
        roles=WORKS_WITH_DEBTORS,
    )
    let_read("public_event", OF_ORGANISATION)
    let_add(
        "public_event",
        (
            *("organisation_id", "kind", "happened_on", "house_ids", "entrance", "title"),
            *("reference", "bailiff_office", "participants", "amount", "amount_after"),
            *("is_signed", "file_sha256", "executor", "comment", "cancels_event_id", "source"),
            *("import_id", "import_line", "user_id"),
        ),
        OF_ORGANISATION,
        FROM_OWN_FILE,
        NOT_INVENTED,
        roles=("official", *WORKS_WITH_DEBTORS),
    )
    let_read("bill_event", OF_ACCOUNT)
    let_add(
        "bill_event",
        (
            *("account_id", "period", "issued_on", "has_penalty_information", "penalty_amount"),
            *("source", "import_id", "import_line", "user_id"),
        ),
        OF_ACCOUNT,
        FROM_OWN_FILE,
        NOT_INVENTED,
        roles=("manager", "accountant"),
    )
    let_read("event_file", OF_ORGANISATION)
    let_add(
        "event_file",
        ("organisation_id", "sha256", "file_name", "content", "user_id"),
        OF_ORGANISATION,
        roles=("official", *WORKS_WITH_DEBTORS),
    )
    let_read("call_list", OF_ORGANISATION, WORKS_WITH_DEBTORS)
    let_add(
        "call_list",
        ("organisation_id", "title", "parameters", "user_id"),
        OF_ORGANISATION,
        roles=("operator", "manager"),
    )
    let_read("call_list_item", OF_LIST)
    let_add(
        "call_list_item",
        ("account_id", "call_list_id", "position"),
        OF_ACCOUNT,
        OF_OWN_LIST,
        roles=("operator", "manager"),
    )
    # What operators have in hand is nobody's to read; ops.take_call tells each their own.
    op.execute("alter table ops.call_hold enable row level security")


def _create_tables() -> None:
    op.create_table(
        "event_seal",
        sa.Column("event_seal_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("last_contact_event_id", sa.BigInteger(), nullable=False),
        sa.Column("last_account_event_id", sa.BigInteger(), nullable=False),
        sa.Column("last_public_event_id", sa.BigInteger(), nullable=False),
        sa.Column("last_bill_event_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "events", sa.BigInteger(), nullable=False, comment="How many events this link seals"
        ),
        sa.Column(
            "previous_digest",
            sa.String(),
            nullable=False,
            comment="Digest of the link before; empty at first",
        ),
        sa.Column(
            "digest",
            sa.String(),
            nullable=False,
            comment="SHA-256 over the previous digest and the events",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.PrimaryKeyConstraint("event_seal_id", name=op.f("pk_event_seal")),
        schema="ops",
        comment="Hash chain over the events that plans count; append-only",
    )
    op.create_table(
        "call_list",
        sa.Column("call_list_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_call_list_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_call_list_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("call_list_id", name=op.f("pk_call_list")),
        schema="ops",
        comment="Lists of accounts to call, with the parameters that chose them",
    )
    op.create_index(
        op.f("ix_call_list_organisation_id_recorded_at"),
        "call_list",
        ["organisation_id", "recorded_at"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "event_file",
        sa.Column("event_file_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_event_file_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_event_file_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("event_file_id", name=op.f("pk_event_file")),
        sa.UniqueConstraint(
            "organisation_id", "sha256", name=op.f("uq_event_file_organisation_id_sha256")
        ),
        schema="ops",
        comment="Photos and scans of plan events; append-only",
    )
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False, comment="The municipality"),
        sa.Column(
            "code", sa.String(), nullable=False, comment="Short code, the same in all versions"
        ),
        sa.Column(
            "version",
            sa.SmallInteger(),
            nullable=False,
            comment="1 for the first file, then 2, 3, …",
        ),
        sa.Column("title", sa.String(), nullable=False, comment="As in the source"),
        sa.Column(
            "approval", sa.String(), nullable=True, comment="Who approved it and when, as written"
        ),
        sa.Column(
            "columns",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Columns of the source in their order: field of the measure and heading",
        ),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=False,
            comment="Events before this day are not counted",
        ),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="Last day; null while the plan is in force",
        ),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False, comment="Checksum of the plan file"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_plan_range")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_plan_version_counted")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_plan_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_plan_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan")),
        sa.UniqueConstraint(
            "organisation_id", "code", "version", name=op.f("uq_plan_organisation_id_code_version")
        ),
        schema="ops",
        comment="Municipal plans of measures by version; a changed file is a new version",
    )
    op.create_table(
        "plan_measure",
        sa.Column("plan_measure_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False, comment="Order in the plan"),
        sa.Column(
            "section_no", sa.SmallInteger(), nullable=True, comment="Its section; null without one"
        ),
        sa.Column("measure_no", sa.String(), nullable=False, comment="Number as printed"),
        sa.Column("name", sa.String(), nullable=False, comment="Мероприятие"),
        sa.Column("quantity", sa.String(), nullable=True, comment="Кол-во"),
        sa.Column("expected_result", sa.String(), nullable=True, comment="Ожидаемый результат"),
        sa.Column("mechanism", sa.String(), nullable=True, comment="Механизм реализации"),
        sa.Column("indicators", sa.String(), nullable=True, comment="Индикаторы, in words"),
        sa.Column("responsible", sa.String(), nullable=True, comment="Ответственный исполнитель"),
        sa.Column("term", sa.String(), nullable=True, comment="Срок исполнения"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["ops.plan.plan_id"], name=op.f("fk_plan_measure_plan_id_plan")
        ),
        sa.PrimaryKeyConstraint("plan_measure_id", name=op.f("pk_plan_measure")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_plan_measure_plan_id_position")),
        schema="ops",
        comment="Measures of plans with the texts of their source",
    )
    op.create_table(
        "plan_section",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("section_no", sa.SmallInteger(), nullable=False, comment="Order in the plan"),
        sa.Column("title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["ops.plan.plan_id"], name=op.f("fk_plan_section_plan_id_plan")
        ),
        sa.PrimaryKeyConstraint("plan_id", "section_no", name=op.f("pk_plan_section")),
        schema="ops",
        comment="Sections (tasks) of plans",
    )
    op.create_table(
        "public_event",
        sa.Column("public_event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False, comment="Who did it"),
        sa.Column(
            "kind", sa.String(), nullable=False, comment="poster, publication, meeting, raid, …"
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column(
            "house_ids",
            sa.ARRAY(sa.Integer()),
            nullable=True,
            comment="Houses covered; of a poster, the one where it hangs",
        ),
        sa.Column("entrance", sa.SmallInteger(), nullable=True),
        sa.Column(
            "title", sa.String(), nullable=True, comment="Outlet and headline, theme of a meeting"
        ),
        sa.Column(
            "reference",
            sa.String(),
            nullable=True,
            comment="Address of the page, number of the act",
        ),
        sa.Column("bailiff_office", sa.String(), nullable=True, comment="ОСП"),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Sum announced, or difference before a reconciliation",
        ),
        sa.Column(
            "amount_after",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Difference after a reconciliation",
        ),
        sa.Column(
            "is_signed",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="The act of reconciliation is signed by both sides",
        ),
        sa.Column(
            "file_sha256", sa.String(), nullable=True, comment="Photo or scan, see ops.event_file"
        ),
        sa.Column("executor", sa.String(), nullable=True, comment="Name of who did it, as printed"),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column(
            "cancels_event_id",
            sa.BigInteger(),
            nullable=True,
            comment="The event that this takes back",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="screen, file, system, demo"),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "happened_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_public_event_happened_on_credible"),
        ),
        sa.CheckConstraint(
            "kind <> 'poster' or cardinality(house_ids) = 1",
            name=op.f("ck_public_event_poster_hangs_in_one_house"),
        ),
        sa.CheckConstraint(
            "kind in ('poster', 'publication', 'meeting', 'forum', 'raid', 'reconciliation', 'housing_allocated')",
            name=op.f("ck_public_event_kind_known"),
        ),
        sa.CheckConstraint(
            "source in ('screen', 'file', 'system', 'demo')",
            name=op.f("ck_public_event_source_known"),
        ),
        sa.CheckConstraint("participants >= 0", name=op.f("ck_public_event_participants_counted")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "cancels_event_id"],
            ["ops.public_event.organisation_id", "ops.public_event.public_event_id"],
            name="fk_public_event_cancelled_of_organisation",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_public_event_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_public_event_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_public_event_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("public_event_id", name=op.f("pk_public_event")),
        sa.UniqueConstraint(
            "organisation_id",
            "public_event_id",
            name=op.f("uq_public_event_organisation_id_public_event_id"),
        ),
        schema="ops",
        comment="Events of a plan that concern no single account; append-only",
    )
    op.create_index(
        op.f("ix_public_event_organisation_id_happened_on"),
        "public_event",
        ["organisation_id", "happened_on"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "plan_comment",
        sa.Column("plan_comment_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_measure_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "period_start", sa.Date(), nullable=False, comment="First day of the period spoken of"
        ),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_plan_comment_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_measure_id"],
            ["ops.plan_measure.plan_measure_id"],
            name=op.f("fk_plan_comment_plan_measure_id_plan_measure"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_plan_comment_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("plan_comment_id", name=op.f("pk_plan_comment")),
        schema="ops",
        comment="Comments on measures by month; the last one goes into the report",
    )
    op.create_index(
        op.f("ix_plan_comment_plan_measure_id_period_start"),
        "plan_comment",
        ["plan_measure_id", "period_start"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "plan_indicator",
        sa.Column("plan_indicator_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_measure_id", sa.Integer(), nullable=False),
        sa.Column(
            "position",
            sa.SmallInteger(),
            nullable=False,
            comment="1 is the one that the board shows",
        ),
        sa.Column("code", sa.String(), nullable=False, comment="K1, B1 and so on"),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False, comment="лицевых счетов, ₽, %, дней"),
        sa.Column(
            "counts", sa.String(), nullable=False, comment="What is counted, one of the known ways"
        ),
        sa.Column(
            "event_kinds", sa.ARRAY(sa.String()), nullable=False, comment="Kinds of events read"
        ),
        sa.Column(
            "results", sa.ARRAY(sa.String()), nullable=True, comment="Results that count; null: any"
        ),
        sa.Column(
            "marks",
            sa.ARRAY(sa.String()),
            nullable=True,
            comment="What an event must have: duty_paid, photo, receipt, signed, …",
        ),
        sa.Column(
            "debt_over",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Overdue debt on the day of the event must be above; null: any",
        ),
        sa.Column(
            "bands",
            sa.ARRAY(sa.String()),
            nullable=True,
            comment="Bands of reference.debt_band on the day of the event; null: any",
        ),
        sa.Column(
            "average_charges_from",
            sa.Numeric(precision=4, scale=1),
            nullable=True,
            comment="Debt of at least so many mean monthly charges; null: any",
        ),
        sa.Column(
            "follow_up_kinds",
            sa.ARRAY(sa.String()),
            nullable=True,
            comment="Kinds of events that must come after it on the same account",
        ),
        sa.Column(
            "follow_up_days", sa.SmallInteger(), nullable=True, comment="Within so many days"
        ),
        sa.Column(
            "period",
            sa.String(),
            nullable=False,
            comment="What one counting covers: day, month, quarter, year",
        ),
        sa.Column(
            "calendar",
            sa.String(),
            nullable=False,
            comment="Whether events of days off count: working – no, calendar – yes",
        ),
        sa.Column(
            "is_daily_norm",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="A norm of a day: a longer period is told in days that kept it",
        ),
        sa.Column(
            "target",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="At least so much in a period; shares as parts of one; null: the source has none",
        ),
        sa.Column(
            "offered_target",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="What we offer where the source has no target; judges nothing",
        ),
        sa.Column("numerator", sa.String(), nullable=False, comment="In words"),
        sa.Column(
            "denominator", sa.String(), nullable=True, comment="In words; null for plain counts"
        ),
        sa.Column(
            "counting_rule",
            sa.String(),
            nullable=False,
            comment="In words, printed beside the figure",
        ),
        sa.Column(
            "sources", sa.String(), nullable=False, comment="Where the events come from, in words"
        ),
        sa.Column(
            "awaits",
            sa.String(),
            nullable=False,
            comment="What to enter when nothing was counted yet",
        ),
        sa.Column(
            "responsible",
            sa.String(),
            nullable=True,
            comment="Who answers; null: as the measure says",
        ),
        sa.Column(
            "deadline",
            sa.String(),
            nullable=True,
            comment="Term in words; null: as the measure says",
        ),
        sa.CheckConstraint(
            "(counts = 'share_followed') = (follow_up_kinds is not null) and (follow_up_kinds is null) = (follow_up_days is null)",
            name=op.f("ck_plan_indicator_follow_up_is_whole"),
        ),
        sa.CheckConstraint(
            "calendar in ('working', 'calendar')", name=op.f("ck_plan_indicator_calendar_known")
        ),
        sa.CheckConstraint(
            "counts in ('accounts', 'events', 'houses', 'amount', 'share_of_events', 'share_of_accounts', 'share_of_houses', 'share_followed', 'bills_marked', 'bills_with_penalty', 'documents_dispatched', 'days_to_payment')",
            name=op.f("ck_plan_indicator_counts_known"),
        ),
        sa.CheckConstraint(
            "period in ('day', 'month', 'quarter', 'year')",
            name=op.f("ck_plan_indicator_period_known"),
        ),
        sa.CheckConstraint(
            "target is not null or not is_daily_norm",
            name=op.f("ck_plan_indicator_norm_has_a_target"),
        ),
        sa.CheckConstraint(
            "target is null or target > 0", name=op.f("ck_plan_indicator_target_positive")
        ),
        sa.ForeignKeyConstraint(
            ["plan_measure_id"],
            ["ops.plan_measure.plan_measure_id"],
            name=op.f("fk_plan_indicator_plan_measure_id_plan_measure"),
        ),
        sa.PrimaryKeyConstraint("plan_indicator_id", name=op.f("pk_plan_indicator")),
        sa.UniqueConstraint(
            "plan_measure_id", "code", name=op.f("uq_plan_indicator_plan_measure_id_code")
        ),
        schema="ops",
        comment="Computable indicators of measures: rule, events, target, period",
    )
    op.create_index(
        op.f("ix_plan_indicator_plan_measure_id"),
        "plan_indicator",
        ["plan_measure_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "bill_event",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False, comment="Month of the bill"),
        sa.Column("bill_event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column(
            "has_penalty_information",
            sa.Boolean(),
            nullable=False,
            comment="The bill says how penalties are counted",
        ),
        sa.Column(
            "penalty_amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Penalty line; null without one",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="screen, file, system, demo"),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "issued_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_bill_event_issued_on_credible"),
        ),
        sa.CheckConstraint(
            "extract(day from period) = 1", name=op.f("ck_bill_event_period_is_a_month")
        ),
        sa.CheckConstraint("penalty_amount >= 0", name=op.f("ck_bill_event_penalty_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_bill_event_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_bill_event_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_bill_event_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "period", "bill_event_id", name=op.f("pk_bill_event")
        ),
        schema="ops",
        comment="Bills issued: information on penalties and the penalty charged; append-only",
    )
    op.create_table(
        "call_hold",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("call_list_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "is_put_off",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Put back by the operator: nobody gets it till then",
        ),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ops.account.account_id"], name=op.f("fk_call_hold_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["call_list_id"],
            ["ops.call_list.call_list_id"],
            name=op.f("fk_call_hold_call_list_id_call_list"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_call_hold_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_call_hold")),
        schema="ops",
        comment="Accounts in hand of operators; a row is renewed, no fact",
    )
    op.create_index(
        op.f("ix_call_hold_user_id"), "call_hold", ["user_id"], unique=False, schema="ops"
    )
    op.create_table(
        "call_list_item",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("call_list_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_call_list_item_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["call_list_id"],
            ["ops.call_list.call_list_id"],
            name=op.f("fk_call_list_item_call_list_id_call_list"),
        ),
        sa.PrimaryKeyConstraint("account_id", "call_list_id", name=op.f("pk_call_list_item")),
        schema="ops",
        comment="Accounts of call lists in their order",
    )
    op.create_index(
        op.f("ix_call_list_item_call_list_id_position"),
        "call_list_item",
        ["call_list_id", "position"],
        unique=True,
        schema="ops",
    )
    op.create_table(
        "contact_event",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="sms, live_call, robot_call, email, letter, visit",
        ),
        sa.Column(
            "happened_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was made or sent",
        ),
        sa.Column(
            "result", sa.String(), nullable=False, comment="talked, no_answer, delivered and so on"
        ),
        sa.Column("phone", sa.String(), nullable=True, comment="Number or address that was used"),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("non_payment_reason", sa.String(), nullable=True, comment="What the debtor says"),
        sa.Column("promise_date", sa.Date(), nullable=True, comment="By when payment is promised"),
        sa.Column(
            "promise_amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="How much; null: the whole debt",
        ),
        sa.Column("next_action", sa.String(), nullable=True, comment="What to do next, in words"),
        sa.Column("next_action_on", sa.Date(), nullable=True),
        sa.Column(
            "document_number", sa.String(), nullable=True, comment="Letter, notice or recording"
        ),
        sa.Column("executor", sa.String(), nullable=True, comment="Name of who did it, as printed"),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column(
            "call_list_id",
            sa.Integer(),
            nullable=True,
            comment="List that the operator worked from",
        ),
        sa.Column(
            "cancels_event_id",
            sa.BigInteger(),
            nullable=True,
            comment="The event that this takes back",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="screen, file, system, demo"),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "kind in ('sms', 'live_call', 'robot_call', 'email', 'letter', 'visit')",
            name=op.f("ck_contact_event_kind_known"),
        ),
        sa.CheckConstraint(
            "promise_date between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_contact_event_promise_date_credible"),
        ),
        sa.CheckConstraint(
            "result in ('talked', 'no_answer', 'busy', 'wrong_number', 'third_person', 'refused', 'sent', 'delivered', 'failed', 'returned', 'handed_over', 'nobody_home')",
            name=op.f("ck_contact_event_result_known"),
        ),
        sa.CheckConstraint(
            "source in ('screen', 'file', 'system', 'demo')",
            name=op.f("ck_contact_event_source_known"),
        ),
        sa.CheckConstraint("duration_seconds >= 0", name=op.f("ck_contact_event_duration_counted")),
        sa.CheckConstraint("promise_amount > 0", name=op.f("ck_contact_event_promise_positive")),
        sa.CheckConstraint(
            "promise_amount is null or promise_date is not null",
            name=op.f("ck_contact_event_promise_has_a_date"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "cancels_event_id"],
            ["ops.contact_event.account_id", "ops.contact_event.contact_event_id"],
            name=op.f("fk_contact_event_account_id_cancels_event_id_contact_event"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_contact_event_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["call_list_id"],
            ["ops.call_list.call_list_id"],
            name=op.f("fk_contact_event_call_list_id_call_list"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_contact_event_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_contact_event_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", "contact_event_id", name=op.f("pk_contact_event")),
        schema="ops",
        comment="Contacts with debtors: SMS, calls, letters, visits; append-only",
    )
    op.create_index(
        op.f("ix_contact_event_happened_at"),
        "contact_event",
        ["happened_at"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_contact_event_user_id_happened_at"),
        "contact_event",
        ["user_id", "happened_at"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "account_event",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("account_event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="notice_delivered, order_filed, writ_dispatched, …",
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Sum claimed, seized or agreed",
        ),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column(
            "execution_document_id",
            sa.BigInteger(),
            nullable=True,
            comment="The writ or order that was dispatched, returned or acted on",
        ),
        sa.Column(
            "duty_paid_on", sa.Date(), nullable=True, comment="State duty of a filing was paid"
        ),
        sa.Column("bailiff_office", sa.String(), nullable=True, comment="ОСП"),
        sa.Column(
            "has_receipt",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="A payment slip with the creditor's account went with it",
        ),
        sa.Column(
            "decision", sa.String(), nullable=True, comment="What a working group or court decided"
        ),
        sa.Column("executor", sa.String(), nullable=True, comment="Name of who did it, as printed"),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column(
            "cancels_event_id",
            sa.BigInteger(),
            nullable=True,
            comment="The event that this takes back",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="screen, file, system, demo"),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "happened_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_account_event_happened_on_credible"),
        ),
        sa.CheckConstraint(
            "kind in ('notice_printed', 'notice_posted', 'notice_delivered', 'notice_returned', 'restriction_notice', 'restriction', 'restriction_lifted', 'order_filed', 'claim_filed', 'filing_returned', 'writ_dispatched', 'writ_returned', 'account_seizure', 'property_arrest', 'travel_ban', 'eviction_warning', 'eviction_claim', 'eviction_decision', 'eviction_done', 'working_group_decision', 'direct_payment_notice')",
            name=op.f("ck_account_event_kind_known"),
        ),
        sa.CheckConstraint(
            "source in ('screen', 'file', 'system', 'demo')",
            name=op.f("ck_account_event_source_known"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_account_event_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id", "cancels_event_id"],
            ["ops.account_event.account_id", "ops.account_event.account_event_id"],
            name=op.f("fk_account_event_account_id_cancels_event_id_account_event"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_account_event_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["execution_document_id"],
            ["ops.execution_document.execution_document_id"],
            name=op.f("fk_account_event_execution_document_id_execution_document"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_account_event_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_account_event_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", "account_event_id", name=op.f("pk_account_event")),
        schema="ops",
        comment="Steps of collection by account that a plan counts; append-only",
    )
    op.create_index(
        op.f("ix_account_event_happened_on"),
        "account_event",
        ["happened_on"],
        unique=False,
        schema="ops",
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
