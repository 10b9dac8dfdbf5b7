"""send debtors to court in batches

A batch is a proposal with its lines, months and findings until somebody approves it; the run adds
what came of it. Everything is only added, so that what was approved can be shown for ever.

Revision ID: a10f00000005
Revises: a10f00000004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from operational_db.migrations import guarding

revision = "a10f00000005"
down_revision = "a10f00000004"

LAWYERS = ("lawyer", "manager")
OF_BATCH = "exists (select 1 from ops.filing_batch as b where b.batch_id = {table}.batch_id)"
NOT_DECIDED = "ops.batch_is_open({table}.batch_id)"
OF_CASE = "exists (select 1 from ops.court_case as c where c.case_id = {table}.case_id)"
PORTION = (
    "(portion_person_id is null or exists (select 1 from ops.person_visible as p "
    "where p.person_id = {table}.portion_person_id))"
)
HOLDER = (
    "(holder_person_id is null or exists (select 1 from ops.person_visible as p "
    "where p.person_id = {table}.holder_person_id))"
)
OWN_REQUEST = (
    "(run_request_id is null or exists (select 1 from ops.run_request as r "
    "where r.run_request_id = {table}.run_request_id))"
)
FACTS = (
    "filing_batch",
    "filing_item",
    "filing_month",
    "filing_finding",
    "filing_step",
    "filing_result",
    "package_document",
)


def upgrade() -> None:
    op.create_table(
        "filing_rule",
        sa.Column("rule_code", sa.String(), nullable=False, comment="Code that findings name"),
        sa.Column("title", sa.String(), nullable=False, comment="What is wrong, in Russian"),
        sa.Column("what_to_do", sa.String(), nullable=False, comment="How to mend it, in Russian"),
        sa.Column(
            "threshold",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="small: per cent of the demand that the duty may reach",
        ),
        sa.Column(
            "is_red",
            sa.Boolean(),
            nullable=False,
            comment="Stops the application; else it is a warning",
        ),
        sa.Column(
            "is_enabled", sa.Boolean(), nullable=False, comment="False: the rule is not applied"
        ),
        sa.Column(
            "act",
            sa.String(),
            nullable=False,
            comment="Act of law (or other source) that the row rests on",
        ),
        sa.Column(
            "mark",
            sa.String(),
            nullable=False,
            comment="How sure the row is: V2 two published sources, V1 one, C sources conflict, M+/M/M- general knowledge from sure to doubtful, NOT_FOUND no act found",
        ),
        sa.Column("sort_order", sa.SmallInteger(), nullable=False, comment="Order of the list"),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_filing_rule_mark_known"),
        ),
        sa.PrimaryKeyConstraint("rule_code", name=op.f("pk_filing_rule")),
        schema="reference",
        comment="Rules of the check before filing to a court",
    )
    op.create_table(
        "filing_batch",
        sa.Column("batch_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False, comment="As the lawyer calls it"),
        sa.Column(
            "calculated_on",
            sa.Date(),
            nullable=False,
            comment="Day that debt and penalty are counted on",
        ),
        sa.Column(
            "sent_on",
            sa.Date(),
            nullable=False,
            comment="Planned day of sending: the scale of the duty goes by it",
        ),
        sa.Column(
            "with_penalty", sa.Boolean(), nullable=False, comment="The penalty is claimed as well"
        ),
        sa.Column(
            "selection",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Filters that chose the debtors",
        ),
        sa.Column(
            "attachments",
            sa.ARRAY(sa.String()),
            nullable=False,
            comment="What goes with an application, in the order of the list",
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "calculated_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_filing_batch_calculated_on_credible"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(selection) = 'object'", name=op.f("ck_filing_batch_selection_is_named")
        ),
        sa.CheckConstraint(
            "sent_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_filing_batch_sent_on_credible"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_filing_batch_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_filing_batch_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_filing_batch")),
        schema="ops",
        comment="Batches of applications for court orders: the proposal; append-only",
    )
    op.create_index(
        op.f("ix_filing_batch_organisation_id_batch_id"),
        "filing_batch",
        ["organisation_id", "batch_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "filing_item",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "holder_kind",
            sa.String(),
            nullable=False,
            comment="owner, joint_owners, tenants, public_owner, organisation, unknown",
        ),
        sa.Column(
            "holder_person_id",
            sa.BigInteger(),
            nullable=True,
            comment="The owner, or the first of those who answer",
        ),
        sa.Column("holder_organisation_id", sa.Integer(), nullable=True),
        sa.Column(
            "holder_name",
            sa.String(),
            nullable=True,
            comment="Name of a holder that is known by name only",
        ),
        sa.Column("principal_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("penalty_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column(
            "duty_amount",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="State duty of this application",
        ),
        sa.Column("period_from", sa.Date(), nullable=True, comment="First month claimed"),
        sa.Column("period_to", sa.Date(), nullable=True, comment="Last month claimed"),
        sa.Column("court_code", sa.String(), nullable=True),
        sa.CheckConstraint(
            "holder_kind in ('owner', 'joint_owners', 'tenants', 'public_owner', 'organisation', 'unknown')",
            name=op.f("ck_filing_item_holder_kind_known"),
        ),
        sa.CheckConstraint("duty_amount >= 0", name=op.f("ck_filing_item_duty_not_negative")),
        sa.CheckConstraint(
            "period_from is null or extract(day from period_from) = 1",
            name=op.f("ck_filing_item_period_from_is_a_month"),
        ),
        sa.CheckConstraint(
            "period_to is null or extract(day from period_to) = 1",
            name=op.f("ck_filing_item_period_to_is_a_month"),
        ),
        sa.CheckConstraint(
            "principal_amount >= 0 and penalty_amount >= 0",
            name=op.f("ck_filing_item_sums_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_filing_item_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["ops.filing_batch.batch_id"],
            name=op.f("fk_filing_item_batch_id_filing_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["court_code"], ["ops.court.court_code"], name=op.f("fk_filing_item_court_code_court")
        ),
        sa.ForeignKeyConstraint(
            ["holder_organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_filing_item_holder_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["holder_person_id"],
            ["ops.person.person_id"],
            name=op.f("fk_filing_item_holder_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "item_number", name=op.f("pk_filing_item")),
        schema="ops",
        comment="Applications proposed: whose debt, which sums, which court; append-only",
    )
    op.create_index(
        op.f("ix_filing_item_account_id"), "filing_item", ["account_id"], unique=False, schema="ops"
    )
    op.create_index(
        "uq_filing_item_holder",
        "filing_item",
        [
            "batch_id",
            "account_id",
            "holder_kind",
            "holder_person_id",
            "holder_organisation_id",
            "holder_name",
        ],
        unique=True,
        schema="ops",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "filing_finding",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("rule_code", sa.String(), nullable=False),
        sa.Column(
            "is_red",
            sa.Boolean(),
            nullable=False,
            comment="Stops the application; else it is a warning",
        ),
        sa.Column(
            "details", sa.String(), nullable=True, comment="What exactly, in Russian; no names"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_finding_item",
        ),
        sa.ForeignKeyConstraint(
            ["rule_code"],
            ["reference.filing_rule.rule_code"],
            name=op.f("fk_filing_finding_rule_code_filing_rule"),
        ),
        sa.PrimaryKeyConstraint(
            "batch_id", "item_number", "rule_code", name=op.f("pk_filing_finding")
        ),
        schema="ops",
        comment="Rules that an application broke when the batch was proposed; append-only",
    )
    op.create_table(
        "filing_month",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("liability", sa.String(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column(
            "portion_person_id",
            sa.BigInteger(),
            nullable=True,
            comment="Owner whose part of the month it is; null: the whole month",
        ),
        sa.Column("principal_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("penalty_amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint(
            "liability in ('housing', 'capital_repair')",
            name=op.f("ck_filing_month_liability_known"),
        ),
        sa.CheckConstraint(
            "extract(day from period) = 1", name=op.f("ck_filing_month_period_is_a_month")
        ),
        sa.CheckConstraint(
            "principal_amount >= 0 and penalty_amount >= 0",
            name=op.f("ck_filing_month_sums_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_month_item",
        ),
        sa.ForeignKeyConstraint(
            ["portion_person_id"],
            ["ops.person.person_id"],
            name=op.f("fk_filing_month_portion_person_id_person"),
        ),
        sa.PrimaryKeyConstraint(
            "batch_id",
            "item_number",
            "liability",
            "period",
            "due_date",
            name=op.f("pk_filing_month"),
        ),
        schema="ops",
        comment="Months of proposed applications: debt and penalty; append-only",
    )
    op.create_table(
        "filing_result",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True, comment="Why it was not filed, in Russian"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "(case_id is null) = (reason is not null)", name=op.f("ck_filing_result_case_or_reason")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_result_item",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["ops.court_case.case_id"],
            name=op.f("fk_filing_result_case_id_court_case"),
        ),
        sa.PrimaryKeyConstraint("batch_id", "item_number", name=op.f("pk_filing_result")),
        sa.UniqueConstraint("case_id", name=op.f("uq_filing_result_case_id")),
        schema="ops",
        comment="What became of approved applications, once each; append-only",
    )
    op.create_table(
        "filing_step",
        sa.Column("filing_step_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("item_number", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "excluded",
                "included",
                "approved",
                "cancelled",
                "printed",
                name="filingstepkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column(
            "run_request_id",
            sa.BigInteger(),
            nullable=True,
            comment="Approval: the run that it ordered",
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "(kind in ('excluded', 'included')) = (item_number is not null)",
            name=op.f("ck_filing_step_an_item_is_left_out"),
        ),
        sa.CheckConstraint(
            "kind <> 'excluded' or comment is not null",
            name=op.f("ck_filing_step_exclusion_has_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id", "item_number"],
            ["ops.filing_item.batch_id", "ops.filing_item.item_number"],
            name="fk_filing_step_item",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["ops.filing_batch.batch_id"],
            name=op.f("fk_filing_step_batch_id_filing_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["run_request_id"],
            ["ops.run_request.run_request_id"],
            name=op.f("fk_filing_step_run_request_id_run_request"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_filing_step_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("filing_step_id", name=op.f("pk_filing_step")),
        schema="ops",
        comment="Steps of batches: left out, approved by whom, cancelled; append-only",
    )
    op.create_index(
        op.f("ix_filing_step_batch_id_item_number"),
        "filing_step",
        ["batch_id", "item_number"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        "uq_filing_step_decided",
        "filing_step",
        ["batch_id"],
        unique=True,
        schema="ops",
        postgresql_where="kind in ('approved', 'cancelled')",
    )
    op.create_table(
        "package_document",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["ops.court_case.case_id"],
            name=op.f("fk_package_document_case_id_court_case"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["ops.document.document_id"],
            name=op.f("fk_package_document_document_id_document"),
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_package_document")),
        sa.UniqueConstraint(
            "case_id", "position", name=op.f("uq_package_document_case_id_position")
        ),
        schema="ops",
        comment="Which documents make the package of a case, and in which order",
    )
    _guard()
    # Screens do not read app_user: it holds password digests and addresses.
    op.execute(
        """
        create view ops.colleague with (security_barrier = true) as
        select u.user_id, u.organisation_id, u.full_name, u.is_active
        from ops.app_user as u
        where u.organisation_id = any ((select ops.visible_organisations())::integer[])
        """
    )
    op.execute("comment on view ops.colleague is 'Users of the visible organisations, by name'")
    op.execute("grant select on ops.colleague to dolgomer_screens")
    _templates()
    _economics()


def _guard() -> None:
    # As its owner: a policy of filing_step that read filing_step would ask itself for ever.
    op.execute(
        """
        create function ops.batch_is_open(batch bigint) returns boolean
        language sql stable security definer
        set search_path = pg_catalog, pg_temp
        as $$
            select not exists (
                select 1 from ops.filing_step as s
                where s.batch_id = batch and s.kind in ('approved', 'cancelled')
            )
        $$
        """
    )
    guarding.let_read("filing_batch", guarding.OF_ORGANISATION, LAWYERS)
    for table in ("filing_item", "filing_month", "filing_finding", "filing_step", "filing_result"):
        guarding.let_read(table, OF_BATCH)
    guarding.let_read("package_document", OF_CASE)
    guarding.let_add(
        "filing_batch",
        (
            *("organisation_id", "title", "calculated_on", "sent_on", "with_penalty", "selection"),
            *("attachments", "user_id"),
        ),
        guarding.OF_ORGANISATION,
        roles=LAWYERS,
    )
    guarding.let_add(
        "filing_item",
        (
            *("batch_id", "item_number", "account_id", "holder_kind", "holder_person_id"),
            *("holder_organisation_id", "holder_name", "principal_amount", "penalty_amount"),
            *("duty_amount", "period_from", "period_to", "court_code"),
        ),
        OF_BATCH,
        NOT_DECIDED,
        guarding.OF_ACCOUNT,
        HOLDER,
        roles=LAWYERS,
    )
    guarding.let_add(
        "filing_month",
        (
            *("batch_id", "item_number", "liability", "period", "due_date", "portion_person_id"),
            *("principal_amount", "penalty_amount"),
        ),
        OF_BATCH,
        NOT_DECIDED,
        PORTION,
        roles=LAWYERS,
    )
    guarding.let_add(
        "filing_finding",
        ("batch_id", "item_number", "rule_code", "is_red", "details"),
        OF_BATCH,
        NOT_DECIDED,
        roles=LAWYERS,
    )
    guarding.let_add(
        "filing_step",
        ("batch_id", "item_number", "kind", "comment", "run_request_id", "user_id"),
        OF_BATCH,
        NOT_DECIDED,
        OWN_REQUEST,
        roles=LAWYERS,
    )
    guarding.let_request("court_packages", LAWYERS)
    for fact in FACTS:
        op.execute(
            f"create trigger facts_are_only_added before update or delete on ops.{fact} "
            "for each statement execute function ops.refuse_change()"
        )
        op.execute(
            f"create trigger facts_are_not_thrown_away before truncate on ops.{fact} "
            "for each statement execute function ops.refuse_change()"
        )


def _templates() -> None:
    op.create_table(
        "template_version",
        sa.Column("template_version_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "organisation_id",
            sa.Integer(),
            nullable=True,
            comment="Null: a template that came with the program",
        ),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="Code of the kind of document: order_application",
        ),
        sa.Column(
            "sha256",
            sa.String(),
            nullable=False,
            comment="Version of the template, as documents print it",
        ),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="The .docx, byte for byte"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "octet_length(content) between 1 and 10485760", name=op.f("ck_template_version_size")
        ),
        sa.CheckConstraint(
            "sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_template_version_sha256_format")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_template_version_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_template_version_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("template_version_id", name=op.f("pk_template_version")),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "sha256",
            name=op.f("uq_template_version_organisation_id_kind_sha256"),
            postgresql_nulls_not_distinct=True,
        ),
        schema="ops",
        comment="Versions of Word templates by the hash of their bytes; append-only",
    )
    op.create_index(
        op.f("ix_template_version_sha256"), "template_version", ["sha256"], schema="ops"
    )
    op.create_table(
        "template_choice",
        sa.Column("template_choice_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="Code of the kind of document: order_application",
        ),
        sa.Column(
            "court_code",
            sa.String(),
            nullable=True,
            comment="Null: every court without a choice of its own",
        ),
        sa.Column(
            "template_version_id",
            sa.Integer(),
            nullable=True,
            comment="Null: back to the template that stands without this choice",
        ),
        sa.Column("reason", sa.String(), nullable=True, comment="Why, in the words of who chose"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["court_code"],
            ["ops.court.court_code"],
            name=op.f("fk_template_choice_court_code_court"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_template_choice_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["template_version_id"],
            ["ops.template_version.template_version_id"],
            name=op.f("fk_template_choice_template_version_id_template_version"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_template_choice_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("template_choice_id", name=op.f("pk_template_choice")),
        schema="ops",
        comment="Which template an organisation uses, for all courts or one; append-only",
    )
    op.create_index(
        op.f("ix_template_choice_organisation_id_kind_court_code_template_choice_id"),
        "template_choice",
        ["organisation_id", "kind", "court_code", "template_choice_id"],
        schema="ops",
    )
    for table in ("template_version", "template_choice"):
        guarding.only_add(table)
    guarding.let_read("template_choice", guarding.OF_ORGANISATION)
    guarding.let_read(
        "template_version",
        f"({guarding.SIGNED_IN} and ({{table}}.organisation_id is null or "
        f"{guarding.OF_ORGANISATION}))",
    )
    guarding.let_add(
        "template_version",
        ("organisation_id", "kind", "sha256", "file_name", "content", "user_id"),
        guarding.OF_ORGANISATION,
        # The database itself takes the hash, so that a version is what it says it is.
        "{table}.sha256 = encode(sha256({table}.content), 'hex')",
        roles=LAWYERS,
    )
    guarding.let_add(
        "template_choice",
        ("organisation_id", "kind", "court_code", "template_version_id", "reason", "user_id"),
        guarding.OF_ORGANISATION,
        "({table}.template_version_id is null or exists (select 1 from ops.template_version as v "
        "where v.template_version_id = {table}.template_version_id and v.kind = {table}.kind "
        "and (v.organisation_id is null or v.organisation_id = {table}.organisation_id)))",
        roles=LAWYERS,
    )


def _economics() -> None:
    op.create_table(
        "filing_economics",
        sa.Column("code", sa.String(), nullable=False, comment="Code that views name"),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="recovery, observation, unit_cost (all are added up), reserve",
        ),
        sa.Column(
            "value",
            sa.Numeric(precision=14, scale=4),
            nullable=False,
            comment="In the unit of the row",
        ),
        sa.Column(
            "unit",
            sa.String(),
            nullable=False,
            comment="percent, month, case, rouble or day",
        ),
        sa.Column("title", sa.String(), nullable=False, comment="Name in Russian"),
        sa.Column(
            "act",
            sa.String(),
            nullable=False,
            comment="Act of law (or other source) that the row rests on",
        ),
        sa.Column(
            "mark",
            sa.String(),
            nullable=False,
            comment="How sure the row is: V2 two published sources, V1 one, C sources conflict, M+/M/M- general knowledge from sure to doubtful, NOT_FOUND no act found",
        ),
        sa.Column(
            "notes",
            sa.String(),
            nullable=True,
            comment="Doubts, defaults chosen and what would change them",
        ),
        sa.Column("sort_order", sa.SmallInteger(), nullable=False, comment="Order of the list"),
        sa.CheckConstraint(
            "kind in ('recovery', 'observation', 'unit_cost', 'reserve')",
            name=op.f("ck_filing_economics_kind_known"),
        ),
        sa.CheckConstraint(
            "unit in ('percent', 'month', 'case', 'rouble', 'day')",
            name=op.f("ck_filing_economics_unit_known"),
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_filing_economics_mark_known"),
        ),
        sa.CheckConstraint("value >= 0", name=op.f("ck_filing_economics_value_not_negative")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_filing_economics")),
        schema="reference",
        comment="Estimates behind the economics of filing to a court",
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
