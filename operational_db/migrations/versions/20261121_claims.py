"""know what is claimed where

Cases with their debtors and months, and the events that make their state; triggers keep a month of
a debtor in one live case. Old code must run on the new schema: everything is added.

Revision ID: a10f00000003
Revises: a10f00000002
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from operational_db.migrations import guarding

revision = "a10f00000003"
down_revision = "a10f00000002"

LAWYERS = ("lawyer", "manager")
CASE_OF_ACCOUNT = (
    "exists (select 1 from ops.court_case as c "
    "where c.case_id = {table}.case_id and c.account_id = {table}.account_id)"
)
PEOPLE = (
    "(person_id is null or exists (select 1 from ops.person_visible as p "
    "where p.person_id = {table}.person_id))"
)
PORTION = (
    "(portion_person_id is null or exists (select 1 from ops.person_visible as p "
    "where p.person_id = {table}.portion_person_id))"
)
REPRESENTED = (
    "(represented_person_id is null or exists (select 1 from ops.person_visible as p "
    "where p.person_id = {table}.represented_person_id))"
)
FROM_OWN_FILE = (
    "(import_id is null or exists (select 1 from ops.import_file as f "
    "where f.import_id = {table}.import_id))"
)


def upgrade() -> None:
    op.execute("create sequence ops.court_case_number")
    op.create_unique_constraint(
        op.f("uq_account_account_id_organisation_id"),
        "account",
        ["account_id", "organisation_id"],
        schema="ops",
    )
    op.create_table(
        "court_reason",
        sa.Column("reason_code", sa.String(), nullable=False, comment="Code for files and rules"),
        sa.Column(
            "event_kind", sa.String(), nullable=False, comment="Kind of event that it explains"
        ),
        sa.Column("title", sa.String(), nullable=False, comment="Name in Russian"),
        sa.Column(
            "guard_rule",
            sa.String(),
            nullable=True,
            comment="Rule of the check before filing that should have caught it",
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
            "event_kind in ('returned', 'refused', 'left_unheard', 'cancelled', 'dismissed', 'ended')",
            name=op.f("ck_court_reason_event_kind_known"),
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_court_reason_mark_known"),
        ),
        sa.PrimaryKeyConstraint("reason_code", name=op.f("pk_court_reason")),
        schema="reference",
        comment="Reasons of court acts, with the article they rest on",
    )
    op.create_table(
        "claim_lock",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "turns",
            sa.BigInteger(),
            server_default="1",
            nullable=False,
            comment="How often it was taken",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_claim_lock_account_id_account"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_claim_lock")),
        schema="ops",
        comment="Serialises the cases of an account under every isolation level; no facts",
    )
    op.create_table(
        "court_case",
        sa.Column("case_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "order",
                "claim",
                name="casekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "number",
            sa.String(),
            nullable=False,
            comment="Number of ours, printed on documents and in their QR code; given by a trigger",
        ),
        sa.Column(
            "court_code", sa.String(), nullable=True, comment="Null while the court is not resolved"
        ),
        sa.Column(
            "parent_case_id",
            sa.BigInteger(),
            nullable=True,
            comment="The cancelled order (or returned application) that this case goes on from",
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
            "number = btrim(number) and number <> ''", name=op.f("ck_court_case_number_filled")
        ),
        sa.CheckConstraint(
            "parent_case_id <> case_id", name=op.f("ck_court_case_parent_is_another")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "organisation_id"],
            ["ops.account.account_id", "ops.account.organisation_id"],
            name="fk_court_case_account_of_organisation",
        ),
        sa.ForeignKeyConstraint(
            ["court_code"], ["ops.court.court_code"], name=op.f("fk_court_case_court_code_court")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_court_case_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_court_case_parent_of_account",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_court_case_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_court_case")),
        sa.UniqueConstraint("case_id", "account_id", name=op.f("uq_court_case_case_id_account_id")),
        sa.UniqueConstraint(
            "organisation_id", "number", name=op.f("uq_court_case_organisation_id_number")
        ),
        schema="ops",
        comment="Applications for court orders and claims, one account each; append-only",
    )
    op.create_index(
        op.f("ix_court_case_account_id"), "court_case", ["account_id"], unique=False, schema="ops"
    )
    op.create_index(
        op.f("ix_court_case_parent_case_id"),
        "court_case",
        ["parent_case_id"],
        unique=False,
        schema="ops",
        postgresql_where="parent_case_id is not null",
    )
    op.create_table(
        "case_debtor",
        sa.Column("case_debtor_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "holder_organisation_id",
            sa.Integer(),
            nullable=True,
            comment="A debtor that is no citizen",
        ),
        sa.Column(
            "liability_kind",
            sa.Enum(
                "share",
                "joint",
                "representative",
                name="debtorliability",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "share_numerator",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="Share of the right that he answers by",
        ),
        sa.Column("share_denominator", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "represented_person_id",
            sa.BigInteger(),
            nullable=True,
            comment="The minor for whom a representative answers",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "(liability_kind = 'representative') = (represented_person_id is not null)",
            name=op.f("ck_case_debtor_represents_somebody"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(person_id, holder_organisation_id) = 1",
            name=op.f("ck_case_debtor_one_debtor"),
        ),
        sa.CheckConstraint(
            "represented_person_id <> person_id", name=op.f("ck_case_debtor_represents_another")
        ),
        sa.CheckConstraint(
            "share_numerator > 0 and share_denominator > 0 and share_numerator <= share_denominator",
            name=op.f("ck_case_debtor_share_is_a_part"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_case_debtor_case_of_account",
        ),
        sa.ForeignKeyConstraint(
            ["holder_organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_case_debtor_holder_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ops.person.person_id"], name=op.f("fk_case_debtor_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["represented_person_id"],
            ["ops.person.person_id"],
            name=op.f("fk_case_debtor_represented_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("case_debtor_id", name=op.f("pk_case_debtor")),
        schema="ops",
        comment="Debtors of cases: by share, jointly, or for a minor; append-only",
    )
    op.create_index(
        op.f("ix_case_debtor_account_id"), "case_debtor", ["account_id"], unique=False, schema="ops"
    )
    op.create_index(
        op.f("ix_case_debtor_person_id"), "case_debtor", ["person_id"], unique=False, schema="ops"
    )
    op.create_index(
        "uq_case_debtor_of_case",
        "case_debtor",
        ["case_id", "person_id", "holder_organisation_id", "represented_person_id"],
        unique=True,
        schema="ops",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "case_event",
        sa.Column("case_event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "drafted",
                "filed",
                "accepted",
                "returned",
                "refused",
                "left_unheard",
                "withdrawn",
                "issued",
                "copy_received",
                "cancelled",
                "dismissed",
                "in_force",
                "sent_to_bank",
                "sent_to_bailiff",
                "sent_to_employer",
                "document_returned",
                "paid",
                "ended",
                "annulled",
                name="caseeventkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "happened_on",
            sa.Date(),
            nullable=False,
            comment="Day of the deed or of the court's act",
        ),
        sa.Column(
            "court_number", sa.String(), nullable=True, comment="Number of the case in the court"
        ),
        sa.Column(
            "document_number", sa.String(), nullable=True, comment="Number of the act or letter"
        ),
        sa.Column(
            "principal_amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Debt awarded; issued only",
        ),
        sa.Column(
            "penalty_amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Penalty awarded; issued only",
        ),
        sa.Column(
            "duty_amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="State duty awarded; issued only. Duty of the application is in state_duty",
        ),
        sa.Column("reason_code", sa.String(), nullable=True, comment="Why the court did it"),
        sa.Column(
            "destination", sa.String(), nullable=True, comment="Bank, bailiffs or employer sent to"
        ),
        sa.Column(
            "comment", sa.String(), nullable=True, comment="Free words; may hold personal data"
        ),
        sa.Column(
            "annuls_event_id", sa.BigInteger(), nullable=True, comment="The event taken back"
        ),
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
            "(kind = 'annulled') = (annuls_event_id is not null)",
            name=op.f("ck_case_event_annuls_one"),
        ),
        sa.CheckConstraint(
            "happened_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_case_event_happened_on_credible"),
        ),
        sa.CheckConstraint(
            "principal_amount >= 0 and penalty_amount >= 0 and duty_amount >= 0",
            name=op.f("ck_case_event_sums_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["annuls_event_id", "case_id"],
            ["ops.case_event.case_event_id", "ops.case_event.case_id"],
            name="fk_case_event_annulled_of_case",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_case_event_case_of_account",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_case_event_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["reason_code"],
            ["reference.court_reason.reason_code"],
            name=op.f("fk_case_event_reason_code_court_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_case_event_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("case_event_id", name=op.f("pk_case_event")),
        sa.UniqueConstraint(
            "case_event_id", "case_id", name=op.f("uq_case_event_case_event_id_case_id")
        ),
        schema="ops",
        comment="What happened to cases; append-only, a mistake is annulled by an event",
    )
    op.create_index(
        op.f("ix_case_event_account_id"), "case_event", ["account_id"], unique=False, schema="ops"
    )
    op.create_index(
        op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False, schema="ops"
    )
    op.create_index(
        "uq_case_event_annuls_event_id",
        "case_event",
        ["annuls_event_id"],
        unique=True,
        schema="ops",
        postgresql_where="annuls_event_id is not null",
    )
    op.create_table(
        "claimed_month",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("claimed_month_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("liability", sa.String(), nullable=False, comment="housing or capital_repair"),
        sa.Column("period", sa.Date(), nullable=False, comment="Month of the debt, its first day"),
        sa.Column(
            "portion_person_id",
            sa.BigInteger(),
            nullable=True,
            comment="Whose part of the month it is: an owner by share. Null: the whole month",
        ),
        sa.Column(
            "part",
            sa.Enum(
                "principal",
                "penalty",
                name="claimedpart",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "amount", sa.Numeric(precision=14, scale=2), nullable=False, comment="Roubles asked for"
        ),
        sa.Column(
            "penalty_from",
            sa.Date(),
            nullable=True,
            comment="First day of the penalty claimed; null: from its beginning",
        ),
        sa.Column(
            "penalty_to", sa.Date(), nullable=True, comment="Day that the penalty is counted to"
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "(part = 'penalty') = (penalty_to is not null)",
            name=op.f("ck_claimed_month_penalty_has_its_last_day"),
        ),
        sa.CheckConstraint(
            "liability in ('housing', 'capital_repair')",
            name=op.f("ck_claimed_month_liability_known"),
        ),
        sa.CheckConstraint(
            "penalty_from is null or part = 'penalty'",
            name=op.f("ck_claimed_month_days_are_of_penalty"),
        ),
        sa.CheckConstraint(
            "penalty_to between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_claimed_month_penalty_to_credible"),
        ),
        sa.CheckConstraint(
            "period between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_claimed_month_period_credible"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_claimed_month_amount_positive")),
        sa.CheckConstraint(
            "extract(day from period) = 1", name=op.f("ck_claimed_month_period_is_a_month")
        ),
        sa.CheckConstraint(
            "penalty_to is null or penalty_to >= penalty_from",
            name=op.f("ck_claimed_month_penalty_range"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_claimed_month_case_of_account",
        ),
        sa.ForeignKeyConstraint(
            ["portion_person_id"],
            ["ops.person.person_id"],
            name=op.f("fk_claimed_month_portion_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("account_id", "claimed_month_id", name=op.f("pk_claimed_month")),
        schema="ops",
        comment="Months that cases claim; a month of a debtor is in one live case at most",
    )
    op.create_index(
        op.f("ix_claimed_month_account_id_period"),
        "claimed_month",
        ["account_id", "period"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_claimed_month_case_id"), "claimed_month", ["case_id"], unique=False, schema="ops"
    )
    op.add_column(
        "execution_document",
        sa.Column(
            "case_id",
            sa.BigInteger(),
            nullable=True,
            comment="Our case: receipts go to its claimed months. Null: to period_from … period_to",
        ),
        schema="ops",
    )
    op.create_index(
        "uq_execution_document_order_of_case",
        "execution_document",
        ["case_id"],
        unique=True,
        schema="ops",
        postgresql_where="kind = 'court_order' and case_id is not null",
    )
    op.create_foreign_key(
        "fk_execution_document_case_of_account",
        "execution_document",
        "court_case",
        ["case_id", "account_id"],
        ["case_id", "account_id"],
        source_schema="ops",
        referent_schema="ops",
    )

    guarding.also_allow("import_file", "kind", "ck_import_file_importkind", "court-answers")
    op.execute((Path(__file__).parent / "sql" / f"{revision}_claims.sql").read_text("utf-8"))
    _guard()


def _guard() -> None:
    op.execute("alter table ops.claim_lock enable row level security")
    guarding.let_read("court_case", guarding.OF_ORGANISATION)
    for table in ("case_debtor", "claimed_month", "case_event"):
        guarding.let_read(table, guarding.OF_ACCOUNT)
    # Free words of events are read through a view that masks them.
    op.execute("revoke select on ops.case_event from dolgomer_screens")
    op.execute(
        "grant select (case_event_id, case_id, account_id, kind, happened_on, court_number, "
        "document_number, principal_amount, penalty_amount, duty_amount, "
        "reason_code, destination, annuls_event_id, import_id, import_line, user_id, recorded_at) "
        "on ops.case_event to dolgomer_screens"
    )
    guarding.let_add(
        "court_case",
        (
            "organisation_id",
            "account_id",
            "kind",
            "number",
            "court_code",
            "parent_case_id",
            "user_id",
        ),
        guarding.OF_ORGANISATION,
        guarding.OF_ACCOUNT,
        roles=LAWYERS,
    )
    guarding.let_add(
        "case_debtor",
        (
            "case_id",
            "account_id",
            "person_id",
            "holder_organisation_id",
            "liability_kind",
            "share_numerator",
            "share_denominator",
            "represented_person_id",
        ),
        CASE_OF_ACCOUNT,
        PEOPLE,
        REPRESENTED,
        roles=LAWYERS,
    )
    guarding.let_add(
        "claimed_month",
        (
            "account_id",
            "case_id",
            "liability",
            "period",
            "portion_person_id",
            "part",
            "amount",
            "penalty_from",
            "penalty_to",
        ),
        CASE_OF_ACCOUNT,
        PORTION,
        roles=LAWYERS,
    )
    guarding.let_add(
        "case_event",
        (
            "case_id",
            "account_id",
            "kind",
            "happened_on",
            "court_number",
            "document_number",
            "principal_amount",
            "penalty_amount",
            "duty_amount",
            "reason_code",
            "destination",
            "comment",
            "annuls_event_id",
            "import_id",
            "import_line",
            "user_id",
        ),
        CASE_OF_ACCOUNT,
        FROM_OWN_FILE,
        roles=LAWYERS,
    )
    guarding.let_add(
        "execution_document",
        (
            "account_id",
            "kind",
            "number",
            "issued_on",
            "court_code",
            "period_from",
            "period_to",
            "case_id",
        ),
        guarding.OF_ACCOUNT,
        "(case_id is null or " + CASE_OF_ACCOUNT + ")",
        roles=LAWYERS,
    )
    # Lawyers load lists of answers; what they load is theirs to see again.
    op.execute(
        "create policy add_court_answers on ops.import_file for insert to dolgomer_screens "
        f"with check (kind = 'court-answers' and {guarding.OF_ORGANISATION.format(table='import_file')} "
        f"and {guarding.has_role(LAWYERS)} and {guarding.IN_ONES_OWN_NAME.format(table='import_file')})"
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
