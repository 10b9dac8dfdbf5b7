"""create the system of record

Old code must run on the new schema: add first, move, remove in a later release.

Revision ID: 93f2f3385735
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "93f2f3385735"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account_change",
        sa.Column("account_change_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_change_id", name=op.f("pk_account_change")),
        schema="ops",
        comment="Accounts to be rebuilt; filled by triggers, taken by builds",
    )
    op.create_table(
        "address_object",
        sa.Column("address_object_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "region",
                "district",
                "settlement",
                "street",
                name="addresslevel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("type_name", sa.String(), nullable=False, comment="г., ул., пр-кт as printed"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fias_guid", sa.Uuid(), nullable=True, comment="OBJECTGUID in ГАР"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["ops.address_object.address_object_id"],
            name=op.f("fk_address_object_parent_id_address_object"),
        ),
        sa.PrimaryKeyConstraint("address_object_id", name=op.f("pk_address_object")),
        sa.UniqueConstraint("fias_guid", name=op.f("uq_address_object_fias_guid")),
        schema="ops",
        comment="Regions, settlements and streets; fias_guid binds to ФИАС/ГАР",
    )
    op.create_index(
        "uq_address_object_name",
        "address_object",
        ["parent_id", "level", "type_name", "name"],
        unique=True,
        schema="ops",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "organisation",
        sa.Column("organisation_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="Short code for commands and files"),
        sa.Column(
            "kind",
            sa.Enum(
                "management_company",
                "homeowners",
                "resource_supplier",
                "waste_operator",
                "capital_repair_fund",
                "settlement_centre",
                "municipality",
                "bank",
                name="organisationkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False, comment="Full name as in ЕГРЮЛ"),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column(
            "municipality_id",
            sa.Integer(),
            nullable=True,
            comment="The municipality that oversees it; null for a municipality itself",
        ),
        sa.Column("inn", sa.String(), nullable=True),
        sa.Column("kpp", sa.String(), nullable=True),
        sa.Column("ogrn", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True, comment="Legal address"),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column(
            "head_position", sa.String(), nullable=True, comment="Position of the person who signs"
        ),
        sa.Column(
            "head_name", sa.String(), nullable=True, comment="Full name of the person who signs"
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "inn is null or inn ~ '^([0-9]{10}|[0-9]{12})$'",
            name=op.f("ck_organisation_inn_format"),
        ),
        sa.CheckConstraint(
            "kpp is null or kpp ~ '^[0-9]{9}$'", name=op.f("ck_organisation_kpp_format")
        ),
        sa.CheckConstraint(
            "ogrn is null or ogrn ~ '^([0-9]{13}|[0-9]{15})$'",
            name=op.f("ck_organisation_ogrn_format"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_organisation_municipality_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
        schema="ops",
        comment="Organisations: those that keep accounts, suppliers, municipalities, banks",
    )
    op.create_index(
        op.f("ix_organisation_municipality_id"),
        "organisation",
        ["municipality_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("sign_in_attempt_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.PrimaryKeyConstraint("sign_in_attempt_id", name=op.f("pk_sign_in_attempt")),
        schema="ops",
        comment="Failed sign-ins by login; many in a short time close the door for a while",
    )
    op.create_index(
        op.f("ix_sign_in_attempt_login_recorded_at"),
        "sign_in_attempt",
        ["login", "recorded_at"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "ageing_bucket",
        sa.Column("bucket_code", sa.String(), nullable=False, comment="Code, e.g. d031_060"),
        sa.Column("label", sa.String(), nullable=False, comment="Heading in Russian"),
        sa.Column(
            "days_from",
            sa.Integer(),
            nullable=True,
            comment="First day of delay; null: an advance, or debt that is not due yet",
        ),
        sa.Column(
            "days_to",
            sa.Integer(),
            nullable=True,
            comment="Last day of delay inclusive; 0 for debt that is not due yet; null: no bound",
        ),
        sa.Column("sort_order", sa.SmallInteger(), nullable=False, comment="Order of the columns"),
        sa.CheckConstraint(
            "days_to >= days_from", name=op.f("ck_ageing_bucket_days_to_not_before_days_from")
        ),
        sa.PrimaryKeyConstraint("bucket_code", name=op.f("pk_ageing_bucket")),
        schema="reference",
        comment="Ageing of debt by days since the due date",
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False, comment="Calendar day"),
        sa.Column(
            "is_working",
            sa.Boolean(),
            nullable=False,
            comment="Working day of the five-day week; a term that ends on another day moves (ГК 193)",
        ),
        sa.Column(
            "day_kind",
            sa.String(),
            nullable=False,
            comment="working, weekend, holiday, moved_day_off (day off by transfer), moved_working (worked day off), short (eve of a holiday, an hour less)",
        ),
        sa.Column(
            "note", sa.String(), nullable=True, comment="Holiday, transfer or trap, in Russian"
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
        sa.CheckConstraint(
            "day_kind in ('working', 'weekend', 'holiday', 'moved_day_off', 'moved_working', 'short')",
            name=op.f("ck_calendar_day_day_kind_known"),
        ),
        sa.CheckConstraint(
            "is_working = (day_kind in ('working', 'moved_working', 'short'))",
            name=op.f("ck_calendar_day_kind_decides_working"),
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_calendar_day_mark_known"),
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
        schema="reference",
        comment="Production calendar, every day, five-day week",
    )
    op.create_table(
        "debt_band",
        sa.Column("band_code", sa.String(), nullable=False, comment="A, B, C or D"),
        sa.Column("label", sa.String(), nullable=False, comment="Name in Russian"),
        sa.Column(
            "amount_from",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="Lower bound, roubles",
        ),
        sa.Column(
            "is_from_inclusive",
            sa.Boolean(),
            nullable=False,
            comment="Whether the bound itself belongs here",
        ),
        sa.Column(
            "amount_to",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Upper bound, roubles; null: none",
        ),
        sa.Column(
            "is_to_inclusive",
            sa.Boolean(),
            nullable=False,
            comment="Whether the bound itself belongs here",
        ),
        sa.Column("sort_order", sa.SmallInteger(), nullable=False, comment="Largest debt first"),
        sa.CheckConstraint("amount_to > amount_from", name=op.f("ck_debt_band_band_not_empty")),
        sa.PrimaryKeyConstraint("band_code", name=op.f("pk_debt_band")),
        schema="reference",
        comment="Bands of debt of one account, plans' groups A to D",
    )
    op.create_table(
        "due_day",
        sa.Column("due_day_id", sa.String(), nullable=False, comment="Stable code of the row"),
        sa.Column("scope", sa.String(), nullable=False, comment="housing or capital_repair"),
        sa.Column(
            "period_from", sa.Date(), nullable=False, comment="First month charged, its first day"
        ),
        sa.Column(
            "period_to",
            sa.Date(),
            nullable=True,
            comment="Last month charged inclusive, its first day; null: open",
        ),
        sa.Column(
            "due_day",
            sa.SmallInteger(),
            nullable=False,
            comment="Day of the month that follows the month charged, inclusive",
        ),
        sa.Column(
            "payment_document_by_day",
            sa.SmallInteger(),
            nullable=False,
            comment="Day of the following month by which the bill must be delivered",
        ),
        sa.Column(
            "is_override_allowed",
            sa.Boolean(),
            nullable=False,
            comment="Whether a contract, a meeting or a regional law may set another day",
        ),
        sa.Column(
            "is_shifted_from_day_off",
            sa.Boolean(),
            nullable=False,
            comment="Whether a due day on a day off moves to the next working day (ГК 193)",
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
        sa.Column(
            "notes",
            sa.String(),
            nullable=True,
            comment="Doubts, defaults chosen and what would change them",
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_due_day_mark_known"),
        ),
        sa.CheckConstraint(
            "scope in ('housing', 'capital_repair')", name=op.f("ck_due_day_scope_known")
        ),
        sa.CheckConstraint(
            "due_day between 1 and 28", name=op.f("ck_due_day_due_day_exists_in_every_month")
        ),
        sa.CheckConstraint(
            "extract(day from period_from) = 1 and (period_to is null or extract(day from period_to) = 1)",
            name=op.f("ck_due_day_periods_are_months"),
        ),
        sa.CheckConstraint(
            "payment_document_by_day between 1 and 28",
            name=op.f("ck_due_day_document_day_exists_in_every_month"),
        ),
        sa.CheckConstraint(
            "period_to >= period_from", name=op.f("ck_due_day_period_to_not_before_period_from")
        ),
        sa.PrimaryKeyConstraint("due_day_id", name=op.f("pk_due_day")),
        schema="reference",
        comment="Due day of a month's charge, by month charged",
    )
    op.create_table(
        "key_rate",
        sa.Column(
            "start_date",
            sa.Date(),
            nullable=False,
            comment="First day of the rate; it holds until the next row",
        ),
        sa.Column(
            "rate_pct", sa.Numeric(precision=6, scale=2), nullable=False, comment="Per cent a year"
        ),
        sa.Column(
            "basis",
            sa.String(),
            nullable=False,
            comment="refinancing before 2016-01-01, key_rate since then",
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
        sa.CheckConstraint(
            "basis in ('refinancing', 'key_rate')", name=op.f("ck_key_rate_basis_known")
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_key_rate_mark_known"),
        ),
        sa.CheckConstraint("rate_pct > 0", name=op.f("ck_key_rate_rate_positive")),
        sa.PrimaryKeyConstraint("start_date", name=op.f("pk_key_rate")),
        schema="reference",
        comment="Key rate of the Bank of Russia, one row per change",
    )
    op.create_table(
        "legal_term",
        sa.Column("code", sa.String(), nullable=False, comment="What the number is, in English"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="First day it holds"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="Last day inclusive; null: open"),
        sa.Column(
            "value", sa.Integer(), nullable=False, comment="The number, in the unit of the row"
        ),
        sa.Column(
            "unit",
            sa.String(),
            nullable=False,
            comment="Unit of value; times: allowed number of actions; monthly_payment: that many monthly payments",
        ),
        sa.Column(
            "title",
            sa.String(),
            nullable=False,
            comment="What the number is, in Russian, for screens",
        ),
        sa.Column(
            "is_enabled",
            sa.Boolean(),
            nullable=False,
            comment="False keeps an alternative reading of the law at hand without applying it",
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
        sa.Column(
            "notes",
            sa.String(),
            nullable=True,
            comment="Doubts, defaults chosen and what would change them",
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_legal_term_mark_known"),
        ),
        sa.CheckConstraint(
            "unit in ('hour', 'day', 'working_day', 'month', 'year', 'rouble', 'percent', 'times', 'hour_of_day', 'day_of_month', 'monthly_payment')",
            name=op.f("ck_legal_term_unit_known"),
        ),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_legal_term_valid_to_not_before_valid_from")
        ),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_legal_term")),
        schema="reference",
        comment="Terms and limits of law: courts, limitation, bailiffs",
    )
    op.create_table(
        "moratorium",
        sa.Column("moratorium_id", sa.String(), nullable=False, comment="Stable code, e.g. M2022"),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="exclude_days: these days bear no penalty; rate_cap: the rate is limited; exempt_person: no penalty while a person's ground lasts",
        ),
        sa.Column(
            "date_from", sa.Date(), nullable=False, comment="First day, on the axis of the row"
        ),
        sa.Column(
            "date_to", sa.Date(), nullable=True, comment="Last day inclusive; null while open"
        ),
        sa.Column(
            "axis",
            sa.String(),
            nullable=False,
            comment="What the dates are compared with: the day of delay, the day of payment or calculation, or the dates of a person's ground",
        ),
        sa.Column("rule", sa.String(), nullable=False, comment="The rule in words"),
        sa.Column(
            "rate_mode",
            sa.String(),
            nullable=True,
            comment="fixed: cap_pct itself; min: the lower of cap_pct and the key rate; null: no cap",
        ),
        sa.Column(
            "cap_pct",
            sa.Numeric(precision=6, scale=2),
            nullable=True,
            comment="Cap, per cent a year; null when the row caps nothing",
        ),
        sa.Column("scope_debtors", sa.String(), nullable=True, comment="Whom it covers, in words"),
        sa.Column(
            "scope_debts", sa.String(), nullable=True, comment="Which debts it covers, in words"
        ),
        sa.Column(
            "debts_before",
            sa.Date(),
            nullable=True,
            comment="Only obligations whose month starts before this day; null: all obligations",
        ),
        sa.Column(
            "is_enabled",
            sa.Boolean(),
            nullable=False,
            comment="False keeps an alternative reading of the law at hand without applying it",
        ),
        sa.Column(
            "act",
            sa.String(),
            nullable=True,
            comment="Act of law (or other source) that the row rests on; null when none was found",
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
        sa.CheckConstraint(
            "axis in ('day_of_delay', 'date_of_payment_or_calculation', 'person')",
            name=op.f("ck_moratorium_axis_known"),
        ),
        sa.CheckConstraint(
            "kind in ('exclude_days', 'rate_cap', 'exempt_person')",
            name=op.f("ck_moratorium_kind_known"),
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_moratorium_mark_known"),
        ),
        sa.CheckConstraint(
            "not is_enabled or (kind = 'rate_cap') = (rate_mode is not null)",
            name=op.f("ck_moratorium_only_a_cap_has_a_rate_mode"),
        ),
        sa.CheckConstraint(
            "rate_mode in ('fixed', 'min')", name=op.f("ck_moratorium_rate_mode_known")
        ),
        sa.CheckConstraint(
            "(rate_mode is null) = (cap_pct is null)",
            name=op.f("ck_moratorium_rate_mode_and_cap_together"),
        ),
        sa.CheckConstraint(
            "date_to >= date_from", name=op.f("ck_moratorium_date_to_not_before_date_from")
        ),
        sa.PrimaryKeyConstraint("moratorium_id", name=op.f("pk_moratorium")),
        schema="reference",
        comment="Moratoria on penalties, caps of their rate, exemptions",
    )
    op.create_table(
        "penalty_step",
        sa.Column("step_id", sa.String(), nullable=False, comment="Stable code of the step"),
        sa.Column(
            "debtor_kind",
            sa.String(),
            nullable=False,
            comment="citizen, hoa (ТСЖ, ЖСК), management_company, other_organisation",
        ),
        sa.Column("liability", sa.String(), nullable=False, comment="housing or capital_repair"),
        sa.Column(
            "variant",
            sa.String(),
            nullable=False,
            comment="Reading of the law the step belongs to; the steps of a variant switch together",
        ),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=False,
            comment="First calendar day of delay under the rule",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="Last such day inclusive; null: open"
        ),
        sa.Column(
            "day_from", sa.Integer(), nullable=False, comment="First day of delay of the step"
        ),
        sa.Column(
            "day_to", sa.Integer(), nullable=True, comment="Last day inclusive; null: without end"
        ),
        sa.Column(
            "denominator",
            sa.SmallInteger(),
            nullable=True,
            comment="300 for 1/300 of the rate a day; null: no penalty",
        ),
        sa.Column(
            "is_enabled",
            sa.Boolean(),
            nullable=False,
            comment="False keeps an alternative reading of the law at hand without applying it",
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
        sa.Column(
            "notes",
            sa.String(),
            nullable=True,
            comment="Doubts, defaults chosen and what would change them",
        ),
        sa.CheckConstraint(
            "debtor_kind in ('citizen', 'hoa', 'management_company', 'other_organisation')",
            name=op.f("ck_penalty_step_debtor_kind_known"),
        ),
        sa.CheckConstraint(
            "liability in ('housing', 'capital_repair')",
            name=op.f("ck_penalty_step_liability_known"),
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_penalty_step_mark_known"),
        ),
        sa.CheckConstraint("day_from >= 1", name=op.f("ck_penalty_step_day_from_positive")),
        sa.CheckConstraint(
            "day_to >= day_from", name=op.f("ck_penalty_step_day_to_not_before_day_from")
        ),
        sa.CheckConstraint("denominator > 0", name=op.f("ck_penalty_step_denominator_positive")),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_penalty_step_valid_to_not_before_valid_from")
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_penalty_step")),
        schema="reference",
        comment="Steps of the penalty: 1/denominator of the rate a day",
    )
    op.create_table(
        "service",
        sa.Column(
            "service_id",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="Stable number, never reused",
        ),
        sa.Column("code", sa.String(), nullable=False, comment="Code in English, e.g. cold_water"),
        sa.Column("name", sa.String(), nullable=False, comment="Full name in Russian"),
        sa.Column(
            "short_name", sa.String(), nullable=False, comment="Name for narrow columns, in Russian"
        ),
        sa.Column(
            "unit", sa.String(), nullable=True, comment="Unit of volume in Russian; null: none"
        ),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="housing, utility, capital_repair or other (ЖК 154)",
        ),
        sa.Column(
            "liability",
            sa.String(),
            nullable=False,
            comment="Which due day and penalty steps apply: housing or capital_repair",
        ),
        sa.Column(
            "sort_order", sa.SmallInteger(), nullable=False, comment="Order in bills and reports"
        ),
        sa.CheckConstraint(
            "kind in ('housing', 'utility', 'capital_repair', 'other')",
            name=op.f("ck_service_kind_known"),
        ),
        sa.CheckConstraint(
            "liability in ('housing', 'capital_repair')", name=op.f("ck_service_liability_known")
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_service")),
        sa.UniqueConstraint("code", name=op.f("uq_service_code")),
        sa.UniqueConstraint("name", name=op.f("uq_service_name")),
        schema="reference",
        comment="Services that are charged",
    )
    op.create_table(
        "state_duty_step",
        sa.Column("step_id", sa.String(), nullable=False, comment="Stable code of the step"),
        sa.Column(
            "scale_id", sa.String(), nullable=False, comment="Scale the step belongs to: old or new"
        ),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=False,
            comment="First day of sending to the court for which the scale is used",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="Last such day inclusive; null: open"
        ),
        sa.Column(
            "forum",
            sa.String(),
            nullable=False,
            comment="SOYU: general courts and magistrates; ARBITRAZH",
        ),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="What is filed: claim, court_order, cassation, …",
        ),
        sa.Column(
            "payer",
            sa.String(),
            nullable=False,
            comment="Whose fee it is; any when the law does not say",
        ),
        sa.Column(
            "claim_over",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="The step is for claims above this sum; null when the sum does not matter",
        ),
        sa.Column(
            "claim_upto_incl",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="… and up to this sum inclusive; null: no upper bound",
        ),
        sa.Column(
            "base_rub",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Fixed part, roubles; null when the fee is a share of the claim's fee",
        ),
        sa.Column(
            "pct_over",
            sa.Numeric(precision=6, scale=3),
            nullable=True,
            comment="Per cent of the part of the claim above claim_over",
        ),
        sa.Column(
            "claim_fee_share_pct",
            sa.Numeric(precision=6, scale=3),
            nullable=True,
            comment="Per cent of the fee for a claim of the same sum (court orders: 50)",
        ),
        sa.Column(
            "min_rub",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Not less than, roubles",
        ),
        sa.Column(
            "max_rub",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Not more than, roubles",
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
        sa.Column(
            "notes",
            sa.String(),
            nullable=True,
            comment="Doubts, defaults chosen and what would change them",
        ),
        sa.CheckConstraint(
            "forum in ('SOYU', 'ARBITRAZH')", name=op.f("ck_state_duty_step_forum_known")
        ),
        sa.CheckConstraint(
            "mark in ('V2', 'V1', 'C', 'M+', 'M', 'M-', 'NOT_FOUND')",
            name=op.f("ck_state_duty_step_mark_known"),
        ),
        sa.CheckConstraint(
            "payer in ('any', 'organisation', 'citizen')",
            name=op.f("ck_state_duty_step_payer_known"),
        ),
        sa.CheckConstraint(
            "base_rub is not null or claim_fee_share_pct is not null",
            name=op.f("ck_state_duty_step_fee_is_computable"),
        ),
        sa.CheckConstraint(
            "claim_upto_incl > claim_over", name=op.f("ck_state_duty_step_claim_range_not_empty")
        ),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_state_duty_step_valid_to_not_before_valid_from")
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_state_duty_step")),
        schema="reference",
        comment="State duty: fee = base_rub + pct_over per cent of the claim above claim_over, or a share of the fee for a claim, within min_rub and max_rub",
    )
    op.create_table(
        "table_state",
        sa.Column("table_name", sa.String(), nullable=False, comment="Table of this schema"),
        sa.Column(
            "verified_through",
            sa.Date(),
            nullable=True,
            comment="Last day for which the rows were checked; null for lists that do not age",
        ),
        sa.Column("source", sa.String(), nullable=False, comment="Where the rows were taken from"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="Rows in the table"),
        sa.Column(
            "checksum",
            sa.String(),
            nullable=False,
            comment="SHA-256 of the CSV file that was loaded",
        ),
        sa.Column(
            "loaded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the rows last changed",
        ),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_table_state_rows_not_negative")),
        sa.PrimaryKeyConstraint("table_name", name=op.f("pk_table_state")),
        schema="reference",
        comment="State of every reference table after its last load",
    )
    op.create_table(
        "app_user",
        sa.Column("user_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "login", sa.String(), nullable=False, comment="Login, or e-mail where OIDC is used"
        ),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column(
            "password_hash", sa.String(), nullable=True, comment="argon2id; null for OIDC users"
        ),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "login = lower(btrim(login)) and login <> ''", name=op.f("ck_app_user_login_normal")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_app_user_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("login", name=op.f("uq_app_user_login")),
        schema="ops",
        comment="Users; screens cannot read this table",
    )
    op.create_table(
        "bank_account",
        sa.Column("bank_account_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_number", sa.String(), nullable=False),
        sa.Column("bic", sa.String(), nullable=False),
        sa.Column("bank_name", sa.String(), nullable=False),
        sa.Column("correspondent_account", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "account_number ~ '^[0-9]{20}$'", name=op.f("ck_bank_account_number_format")
        ),
        sa.CheckConstraint("bic ~ '^[0-9]{9}$'", name=op.f("ck_bank_account_bic_format")),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_bank_account_range")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_bank_account_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("bank_account_id", name=op.f("pk_bank_account")),
        schema="ops",
        comment="Settlement accounts of organisations, by date",
    )
    op.create_index(
        op.f("ix_bank_account_account_number"),
        "bank_account",
        ["account_number"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_bank_account_organisation_id_account_number_valid_from"),
        "bank_account",
        ["organisation_id", "account_number", "valid_from"],
        unique=True,
        schema="ops",
    )
    op.create_table(
        "contract",
        sa.Column("contract_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "organisation_id", sa.Integer(), nullable=False, comment="Who bills the resident"
        ),
        sa.Column("recipient_id", sa.Integer(), nullable=False, comment="Who is owed the money"),
        sa.Column("service_id", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_contract_range")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_contract_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_contract_recipient_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["reference.service.service_id"],
            name=op.f("fk_contract_service_id_service"),
        ),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_contract")),
        schema="ops",
        comment="Contracts with recipients of money (suppliers), by service and date",
    )
    op.create_index(
        op.f("ix_contract_organisation_id_service_id_recipient_id_valid_from"),
        "contract",
        ["organisation_id", "service_id", "recipient_id", "valid_from"],
        unique=True,
        schema="ops",
    )
    op.create_table(
        "norm",
        sa.Column("norm_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.SmallInteger(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "person",
                "square_metre",
                name="normbasis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=16, scale=6),
            nullable=False,
            comment="Units of the service a month",
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_norm_amount_not_negative")),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_norm_range")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_norm_municipality_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["reference.service.service_id"],
            name=op.f("fk_norm_service_id_service"),
        ),
        sa.PrimaryKeyConstraint("norm_id", name=op.f("pk_norm")),
        schema="ops",
        comment="Norms of consumption by municipality, service and date",
    )
    op.create_index(
        op.f("ix_norm_municipality_id_service_id_basis_valid_from"),
        "norm",
        ["municipality_id", "service_id", "basis", "valid_from"],
        unique=True,
        schema="ops",
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("middle_name", sa.String(), nullable=True),
        sa.Column(
            "sex",
            sa.Enum(
                "male", "female", name="sex", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("birth_place", sa.String(), nullable=True),
        sa.Column("death_date", sa.Date(), nullable=True),
        sa.Column(
            "registered_address",
            sa.String(),
            nullable=True,
            comment="Place of residence where it is not the premises of the account",
        ),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "death_date is null or death_date >= birth_date", name=op.f("ck_person_life_range")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_person_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        schema="ops",
        comment="Personal data, kept apart by organisation; screens read it through masks",
    )
    op.create_index(
        op.f("ix_person_organisation_id_last_name_first_name"),
        "person",
        ["organisation_id", "last_name", "first_name"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "tariff",
        sa.Column("tariff_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.SmallInteger(), nullable=False),
        sa.Column(
            "price",
            sa.Numeric(precision=16, scale=6),
            nullable=False,
            comment="Roubles for one unit of the service",
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_tariff_price_not_negative")),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_tariff_range")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_tariff_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["reference.service.service_id"],
            name=op.f("fk_tariff_service_id_service"),
        ),
        sa.PrimaryKeyConstraint("tariff_id", name=op.f("pk_tariff")),
        schema="ops",
        comment="Prices by organisation, service and date, with the act that set them",
    )
    op.create_index(
        op.f("ix_tariff_organisation_id_service_id_valid_from"),
        "tariff",
        ["organisation_id", "service_id", "valid_from"],
        unique=True,
        schema="ops",
    )
    op.create_table(
        "service_synonym",
        sa.Column(
            "synonym",
            sa.String(),
            nullable=False,
            comment="Normalised name: lower case, ё as е, punctuation and spaces collapsed",
        ),
        sa.Column("service_id", sa.SmallInteger(), nullable=False, comment="Service that it means"),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["reference.service.service_id"],
            name=op.f("fk_service_synonym_service_id_service"),
        ),
        sa.PrimaryKeyConstraint("synonym", name=op.f("pk_service_synonym")),
        schema="reference",
        comment="Names of services in other programs, normalised",
    )
    op.create_index(
        op.f("ix_service_synonym_service_id"),
        "service_synonym",
        ["service_id"],
        unique=False,
        schema="reference",
    )
    op.create_table(
        "audit_event",
        sa.Column("audit_event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "action",
            sa.String(),
            nullable=False,
            comment="sign_in, import, export, print, run, month_close",
        ),
        sa.Column("object_kind", sa.String(), nullable=True),
        sa.Column("object_id", sa.String(), nullable=True),
        sa.Column(
            "purpose", sa.String(), nullable=True, comment="Why personal data left the system"
        ),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
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
            name=op.f("fk_audit_event_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_audit_event_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("audit_event_id", name=op.f("pk_audit_event")),
        schema="ops",
        comment="Audit trail: sign-ins, imports, exports with purpose, documents; append-only",
    )
    op.create_index(
        op.f("ix_audit_event_organisation_id_recorded_at"),
        "audit_event",
        ["organisation_id", "recorded_at"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "import_file",
        sa.Column("import_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "organisation_id", sa.Integer(), nullable=True, comment="Null for registries of all"
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "charges",
                "payments",
                "houses",
                "courts",
                "bank-statement",
                "demo",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("rows_accepted", sa.Integer(), nullable=False),
        sa.Column("rows_known", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Warnings, sums and counts, as shown",
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
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_import_file_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_import_file_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_file")),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "sha256",
            name=op.f("uq_import_file_organisation_id_kind_sha256"),
            postgresql_nulls_not_distinct=True,
        ),
        schema="ops",
        comment="Files that were loaded: checksum, who, when, how many rows",
    )
    op.create_table(
        "month_closing",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False, comment="First day of the month"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("control_totals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "extract(day from period) = 1", name=op.f("ck_month_closing_period_is_a_month")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_month_closing_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_month_closing_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "period", "recorded_at", name=op.f("pk_month_closing")
        ),
        schema="ops",
        comment="Closed months with control totals; re-opened by a later row",
    )
    op.create_table(
        "person_identifier",
        sa.Column(
            "person_identifier_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "snils",
                "inn",
                "passport",
                "birth_certificate",
                "driving_licence",
                "vehicle_certificate",
                name="identifierkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["ops.person.person_id"],
            name=op.f("fk_person_identifier_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("person_identifier_id", name=op.f("pk_person_identifier")),
        sa.UniqueConstraint(
            "person_id", "kind", "number", name=op.f("uq_person_identifier_person_id_kind_number")
        ),
        schema="ops",
        comment="СНИЛС, ИНН, passports and licences of people",
    )
    op.create_table(
        "representative",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("representative_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False, comment="родитель, опекун, попечитель"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "person_id <> representative_id", name=op.f("ck_representative_somebody_else")
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_representative_range")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ops.person.person_id"], name=op.f("fk_representative_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["representative_id"],
            ["ops.person.person_id"],
            name=op.f("fk_representative_representative_id_person"),
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "representative_id", "valid_from", name=op.f("pk_representative")
        ),
        schema="ops",
        comment="Legal representatives (СК 64): parent, guardian, trustee",
    )
    op.create_table(
        "run_request",
        sa.Column("run_request_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False, comment="build, statements, month_close"),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("state", sa.String(), server_default="queued", nullable=False),
        sa.Column("items_total", sa.Integer(), nullable=True),
        sa.Column("items_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message", sa.String(), nullable=True, comment="For the user, in Russian"),
        sa.Column("dagster_run_id", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'done', 'failed')",
            name=op.f("ck_run_request_state_known"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(parameters) = 'object'",
            name=op.f("ck_run_request_parameters_are_named"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_run_request_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_run_request_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("run_request_id", name=op.f("pk_run_request")),
        schema="ops",
        comment="Requests from screens to Dagster, with progress and outcome",
    )
    op.create_index(
        op.f("ix_run_request_state_run_request_id"),
        "run_request",
        ["state", "run_request_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "official",
                "manager",
                "lawyer",
                "accountant",
                "operator",
                "inspector",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_user_role_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_role")),
        schema="ops",
        comment="Roles of users; one user may have several",
    )
    op.create_table(
        "user_session",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_user_session_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_user_session")),
        schema="ops",
        comment="Sessions; only a digest of the token is kept",
    )
    op.create_index(
        op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False, schema="ops"
    )
    op.create_table(
        "bank_operation",
        sa.Column("bank_operation_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "natural_key",
            sa.String(),
            nullable=False,
            comment="Digest of number, date, sum, both accounts, purpose and ordinal among equals",
        ),
        sa.Column(
            "direction",
            sa.Enum(
                "in",
                "out",
                "internal",
                name="direction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("document_kind", sa.String(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column(
            "operation_date",
            sa.Date(),
            nullable=False,
            comment="Day debited or credited by the bank",
        ),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("our_account", sa.String(), nullable=True),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("payer_inn", sa.String(), nullable=True),
        sa.Column("payer_account", sa.String(), nullable=True),
        sa.Column("payer_bic", sa.String(), nullable=True),
        sa.Column("payee_name", sa.String(), nullable=True),
        sa.Column("payee_inn", sa.String(), nullable=True),
        sa.Column("payee_account", sa.String(), nullable=True),
        sa.Column("payee_bic", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("payment_code", sa.String(), nullable=True, comment="УИН, field 22 (key «Код»)"),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("import_line", sa.Integer(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_operation_amount_positive")),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_bank_operation_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_bank_operation_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("bank_operation_id", name=op.f("pk_bank_operation")),
        sa.UniqueConstraint(
            "organisation_id",
            "natural_key",
            name=op.f("uq_bank_operation_organisation_id_natural_key"),
        ),
        schema="ops",
        comment="Documents of bank statements, each once however often it was delivered",
    )
    op.create_index(
        op.f("ix_bank_operation_organisation_id_operation_date"),
        "bank_operation",
        ["organisation_id", "operation_date"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "court",
        sa.Column("court_code", sa.String(), nullable=False, comment="e.g. 50MS0084"),
        sa.Column(
            "kind", sa.String(), nullable=False, comment="MS magistrate, RS district, and others"
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("parent_court", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column(
            "source_updated_on", sa.Date(), nullable=True, comment="last_update of the source row"
        ),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
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
            name=op.f("fk_court_import_id_import_file"),
        ),
        sa.PrimaryKeyConstraint("court_code", name=op.f("pk_court")),
        schema="ops",
        comment="Registry of courts and court sections",
    )
    op.create_index(
        op.f("ix_court_region_code"), "court", ["region_code"], unique=False, schema="ops"
    )
    op.create_table(
        "house",
        sa.Column("house_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "address_object_id", sa.Integer(), nullable=False, comment="Street, or the settlement"
        ),
        sa.Column(
            "number", sa.String(), nullable=False, comment="Number with its letter: 12, 12А, 12/1"
        ),
        sa.Column("building", sa.String(), nullable=True, comment="Корпус"),
        sa.Column("structure", sa.String(), nullable=True, comment="Строение"),
        sa.Column("fias_guid", sa.Uuid(), nullable=True),
        sa.Column("postal_code", sa.String(), nullable=True),
        sa.Column("built_year", sa.SmallInteger(), nullable=True),
        sa.Column("floors", sa.SmallInteger(), nullable=True),
        sa.Column("entrances", sa.SmallInteger(), nullable=True),
        sa.Column(
            "total_area", sa.Numeric(precision=10, scale=2), nullable=True, comment="Square metres"
        ),
        sa.Column("import_id", sa.Integer(), nullable=True, comment="File that brought the house"),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.ForeignKeyConstraint(
            ["address_object_id"],
            ["ops.address_object.address_object_id"],
            name=op.f("fk_house_address_object_id_address_object"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_house_import_id_import_file"),
        ),
        sa.PrimaryKeyConstraint("house_id", name=op.f("pk_house")),
        sa.UniqueConstraint("fias_guid", name=op.f("uq_house_fias_guid")),
        schema="ops",
        comment="Houses of the address list",
    )
    op.create_index(
        "uq_house_address",
        "house",
        ["address_object_id", "number", "building", "structure"],
        unique=True,
        schema="ops",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "import_line",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column(
            "position",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="Several remarks on one line",
        ),
        sa.Column("outcome", sa.String(), nullable=False, comment="refused or warning"),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_import_line_import_id_import_file"),
        ),
        sa.PrimaryKeyConstraint(
            "import_id", "line_number", "position", name=op.f("pk_import_line")
        ),
        schema="ops",
        comment="Refused lines (and warnings) of loaded files",
    )
    op.create_table(
        "house_management",
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "basis", sa.String(), nullable=True, comment="Minutes of the meeting, contract, licence"
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_house_management_range")
        ),
        sa.ForeignKeyConstraint(
            ["house_id"], ["ops.house.house_id"], name=op.f("fk_house_management_house_id_house")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_house_management_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("house_id", "valid_from", name=op.f("pk_house_management")),
        schema="ops",
        comment="Management of houses by date",
    )
    op.create_index(
        op.f("ix_house_management_organisation_id"),
        "house_management",
        ["organisation_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "premises",
        sa.Column("premises_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "flat",
                "room",
                "non_residential",
                "parking",
                name="premiseskind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("entrance", sa.SmallInteger(), nullable=True),
        sa.Column("floor", sa.SmallInteger(), nullable=True),
        sa.Column("total_area", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("useful_area", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("cadastral_number", sa.String(), nullable=True),
        sa.Column("fias_guid", sa.Uuid(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "total_area is null or total_area > 0", name=op.f("ck_premises_area_positive")
        ),
        sa.ForeignKeyConstraint(
            ["house_id"], ["ops.house.house_id"], name=op.f("fk_premises_house_id_house")
        ),
        sa.PrimaryKeyConstraint("premises_id", name=op.f("pk_premises")),
        schema="ops",
        comment="Premises of houses",
    )
    op.create_index(
        op.f("ix_premises_cadastral_number"),
        "premises",
        ["cadastral_number"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_premises_house_id_kind_number"),
        "premises",
        ["house_id", "kind", "number"],
        unique=True,
        schema="ops",
    )
    op.create_table(
        "account",
        sa.Column("account_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "account_number",
            sa.String(),
            nullable=False,
            comment="As printed on the bill, zeros kept",
        ),
        sa.Column("unified_number", sa.String(), nullable=True, comment="ЕЛС of ГИС ЖКХ"),
        sa.Column("payer_code", sa.String(), nullable=True),
        sa.Column(
            "premises_id",
            sa.Integer(),
            nullable=True,
            comment="Null when a ledger brought the account before its address was known",
        ),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint("account_number <> ''", name=op.f("ck_account_number_filled")),
        sa.CheckConstraint(
            "account_number = btrim(account_number)", name=op.f("ck_account_number_trimmed")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_account_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_account_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["premises_id"],
            ["ops.premises.premises_id"],
            name=op.f("fk_account_premises_id_premises"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "organisation_id",
            "account_number",
            name=op.f("uq_account_organisation_id_account_number"),
        ),
        schema="ops",
        comment="Personal accounts; number is unique within the organisation that keeps it",
    )
    op.create_index(
        op.f("ix_account_premises_id"), "account", ["premises_id"], unique=False, schema="ops"
    )
    op.create_table(
        "meter",
        sa.Column("meter_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("premises_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("verified_until", sa.Date(), nullable=True, comment="Next verification is due"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "removed_on is null or removed_on >= installed_on", name=op.f("ck_meter_range")
        ),
        sa.ForeignKeyConstraint(
            ["premises_id"],
            ["ops.premises.premises_id"],
            name=op.f("fk_meter_premises_id_premises"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["reference.service.service_id"],
            name=op.f("fk_meter_service_id_service"),
        ),
        sa.PrimaryKeyConstraint("meter_id", name=op.f("pk_meter")),
        schema="ops",
        comment="Individual meters with dates of installation and verification",
    )
    op.create_index(
        op.f("ix_meter_premises_id_service_id"),
        "meter",
        ["premises_id", "service_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "ownership",
        sa.Column("ownership_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("premises_id", sa.Integer(), nullable=False),
        sa.Column(
            "right_kind",
            sa.Enum(
                "ownership",
                "shared_ownership",
                "joint_ownership",
                "social_tenancy",
                "municipal_property",
                "unknown",
                name="rightkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("holder_organisation_id", sa.Integer(), nullable=True),
        sa.Column("share_numerator", sa.Integer(), server_default="1", nullable=False),
        sa.Column("share_denominator", sa.Integer(), server_default="1", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "registration_number", sa.String(), nullable=True, comment="Number of the right in ЕГРН"
        ),
        sa.Column(
            "source",
            sa.String(),
            nullable=False,
            comment="ЕГРН extract, billing, statement of the owner",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "num_nonnulls(person_id, holder_organisation_id) <= 1",
            name=op.f("ck_ownership_one_holder"),
        ),
        sa.CheckConstraint(
            "share_numerator > 0 and share_denominator > 0 and share_numerator <= share_denominator",
            name=op.f("ck_ownership_share_is_a_part"),
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_ownership_range")
        ),
        sa.ForeignKeyConstraint(
            ["holder_organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_ownership_holder_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ops.person.person_id"], name=op.f("fk_ownership_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["premises_id"],
            ["ops.premises.premises_id"],
            name=op.f("fk_ownership_premises_id_premises"),
        ),
        sa.PrimaryKeyConstraint("ownership_id", name=op.f("pk_ownership")),
        schema="ops",
        comment="Rights to premises: kind, holder, share, registration, dates",
    )
    op.create_index(
        op.f("ix_ownership_person_id"), "ownership", ["person_id"], unique=False, schema="ops"
    )
    op.create_index(
        op.f("ix_ownership_premises_id_valid_from"),
        "ownership",
        ["premises_id", "valid_from"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "account_state",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column(
            "area", sa.Numeric(precision=10, scale=2), nullable=True, comment="Square metres billed"
        ),
        sa.Column("residents", sa.SmallInteger(), nullable=True, comment="People billed for"),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("area is null or area > 0", name=op.f("ck_account_state_area_positive")),
        sa.CheckConstraint(
            "residents is null or residents >= 0", name=op.f("ck_account_state_residents_counted")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_account_state_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_account_state_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "valid_from", "recorded_at", name=op.f("pk_account_state")
        ),
        schema="ops",
        comment="History of accounts: opened, closed, re-opened, area, residents",
    )
    op.create_table(
        "bank_operation_decision",
        sa.Column("bank_operation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.Column(
            "decision", sa.String(), nullable=False, comment="posted, not_residents, postponed"
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_bank_operation_decision_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_operation_id"],
            ["ops.bank_operation.bank_operation_id"],
            name=op.f("fk_bank_operation_decision_bank_operation_id_bank_operation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_bank_operation_decision_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint(
            "bank_operation_id", "recorded_at", name=op.f("pk_bank_operation_decision")
        ),
        schema="ops",
        comment="Decisions on unknown receipts: posted to an account, or not for residents",
    )
    op.create_table(
        "charge",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("charge_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period", sa.Date(), nullable=False, comment="First day of the month it is for"),
        sa.Column("service_id", sa.SmallInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "charge",
                "recalculation",
                "adjustment",
                name="chargekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="Positive raises the debt, negative lowers it",
        ),
        sa.Column(
            "booked_on",
            sa.Date(),
            nullable=False,
            comment="Charge: last day of its month. Recalculation, adjustment: date of the document",
        ),
        sa.Column("due_date", sa.Date(), nullable=True, comment="Only where the source names it"),
        sa.Column("volume", sa.Numeric(precision=16, scale=6), nullable=True),
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
        sa.CheckConstraint("amount <> 0 or kind = 'charge'", name=op.f("ck_charge_amount_nonzero")),
        sa.CheckConstraint(
            "kind <> 'charge' or amount >= 0", name=op.f("ck_charge_charge_not_negative")
        ),
        sa.CheckConstraint(
            "extract(day from period) = 1", name=op.f("ck_charge_period_is_a_month")
        ),
        sa.CheckConstraint(
            "period between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_charge_period_credible"),
        ),
        sa.CheckConstraint(
            "booked_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_charge_booked_on_credible"),
        ),
        sa.CheckConstraint(
            "due_date between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_charge_due_date_credible"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ops.account.account_id"], name=op.f("fk_charge_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_charge_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["reference.service.service_id"],
            name=op.f("fk_charge_service_id_service"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_charge_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", "charge_id", name=op.f("pk_charge")),
        schema="ops",
        comment="Charges, recalculations and adjustments by month and service; append-only",
    )
    op.create_index(
        "ix_charge_corrections",
        "charge",
        ["account_id"],
        schema="ops",
        postgresql_where="kind <> 'charge'",
    )
    op.create_index(
        "ix_charge_named_due",
        "charge",
        ["account_id"],
        schema="ops",
        postgresql_where="due_date is not null",
    )
    op.create_table(
        "debt_hold",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("debt_hold_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="no_penalty, no_pursuit, exempt_person, late_bill",
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False, comment="Document that the hold rests on"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_debt_hold_range")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ops.account.account_id"], name=op.f("fk_debt_hold_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_debt_hold_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", "debt_hold_id", name=op.f("pk_debt_hold")),
        schema="ops",
        comment="Locks and pauses by date: dispute, hardship, service in the СВО, late bill",
    )
    op.create_index(
        op.f("ix_debt_hold_account_id_valid_from"),
        "debt_hold",
        ["account_id", "valid_from"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "document",
        sa.Column("document_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("run_request_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind", sa.String(), nullable=False, comment="account_statement, and others later"
        ),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("context_digest", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
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
            ["account_id"], ["ops.account.account_id"], name=op.f("fk_document_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_document_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["run_request_id"],
            ["ops.run_request.run_request_id"],
            name=op.f("fk_document_run_request_id_run_request"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_document_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document")),
        schema="ops",
        comment="Documents made: template version, digest of context and of bytes",
    )
    op.create_index(
        op.f("ix_document_account_id_kind"),
        "document",
        ["account_id", "kind"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_document_run_request_id"),
        "document",
        ["run_request_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "execution_document",
        sa.Column(
            "execution_document_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="court_order or writ"),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("court_code", sa.String(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=False, comment="First month adjudged"),
        sa.Column("period_to", sa.Date(), nullable=False, comment="Last month adjudged"),
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
            name=op.f("fk_execution_document_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["court_code"],
            ["ops.court.court_code"],
            name=op.f("fk_execution_document_court_code_court"),
        ),
        sa.PrimaryKeyConstraint("execution_document_id", name=op.f("pk_execution_document")),
        schema="ops",
        comment="Court orders and writs of execution by account",
    )
    op.create_index(
        op.f("ix_execution_document_account_id"),
        "execution_document",
        ["account_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "meter_reading",
        sa.Column("meter_id", sa.BigInteger(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.Column("reading", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column(
            "source", sa.String(), nullable=False, comment="resident, inspector, ГИС ЖКХ, estimate"
        ),
        sa.CheckConstraint("reading >= 0", name=op.f("ck_meter_reading_reading_not_negative")),
        sa.ForeignKeyConstraint(
            ["meter_id"], ["ops.meter.meter_id"], name=op.f("fk_meter_reading_meter_id_meter")
        ),
        sa.PrimaryKeyConstraint(
            "meter_id", "read_on", "recorded_at", name=op.f("pk_meter_reading")
        ),
        schema="ops",
        comment="Readings of meters; append-only",
    )
    op.create_table(
        "residency",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "relation", sa.String(), nullable=True, comment="собственник, супруг, дочь, наниматель"
        ),
        sa.Column("is_permanent", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "position",
            sa.SmallInteger(),
            server_default="1",
            nullable=False,
            comment="Order on the card",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_residency_range")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ops.account.account_id"], name=op.f("fk_residency_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ops.person.person_id"], name=op.f("fk_residency_person_id_person")
        ),
        sa.PrimaryKeyConstraint("account_id", "person_id", "valid_from", name=op.f("pk_residency")),
        schema="ops",
        comment="Residents of accounts with dates, relation and kind of registration",
    )
    op.create_table(
        "write_off",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("write_off_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("written_off_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column(
            "periods",
            sa.ARRAY(sa.Date()),
            nullable=True,
            comment="Months it is for; null means from the oldest, time-barred too",
        ),
        sa.Column(
            "reason",
            sa.String(),
            nullable=False,
            comment="Ground: limitation, death without heirs, decision",
        ),
        sa.Column("document", sa.String(), nullable=True),
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
        sa.CheckConstraint("amount <> 0", name=op.f("ck_write_off_amount_nonzero")),
        sa.CheckConstraint(
            "written_off_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_write_off_written_off_on_credible"),
        ),
        sa.CheckConstraint(
            "date '1991-01-01' <= all (periods) and date '2036-12-31' >= all (periods)",
            name=op.f("ck_write_off_periods_credible"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ops.account.account_id"], name=op.f("fk_write_off_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_write_off_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_write_off_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", "write_off_id", name=op.f("pk_write_off")),
        schema="ops",
        comment="Write-offs of debt, for named months or from the oldest; append-only",
    )
    op.create_table(
        "payment",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "paid_on",
            sa.Date(),
            nullable=False,
            comment="Day the payer paid, not the day of the entry",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="Positive: receipt; negative: refund, reversal",
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "bank",
                "cash_desk",
                "agent",
                "online",
                "autopay",
                "post",
                "bailiff",
                "subsidy",
                "other",
                name="paymentchannel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "agent_id", sa.Integer(), nullable=True, comment="Bank or agent that took the money"
        ),
        sa.Column("document", sa.String(), nullable=True, comment="Number of the payment document"),
        sa.Column(
            "named_period",
            sa.Date(),
            nullable=True,
            comment="Month that the payer named (ГК 319.1 п.1); null when none",
        ),
        sa.Column(
            "execution_document_id",
            sa.BigInteger(),
            nullable=True,
            comment="Court order or writ under which it was recovered",
        ),
        sa.Column(
            "reverses_payment_id",
            sa.BigInteger(),
            nullable=True,
            comment="The payment that this row takes back, wholly or in part",
        ),
        sa.Column("bank_operation_id", sa.BigInteger(), nullable=True),
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
        sa.CheckConstraint("amount <> 0", name=op.f("ck_payment_amount_nonzero")),
        sa.CheckConstraint(
            "named_period is null or extract(day from named_period) = 1",
            name=op.f("ck_payment_named_is_a_month"),
        ),
        sa.CheckConstraint(
            "paid_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_payment_paid_on_credible"),
        ),
        sa.CheckConstraint(
            "named_period between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_payment_named_period_credible"),
        ),
        sa.CheckConstraint(
            "reverses_payment_id is null or amount < 0",
            name=op.f("ck_payment_reversal_is_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ops.account.account_id"], name=op.f("fk_payment_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_payment_agent_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_operation_id"],
            ["ops.bank_operation.bank_operation_id"],
            name=op.f("fk_payment_bank_operation_id_bank_operation"),
        ),
        sa.ForeignKeyConstraint(
            ["execution_document_id"],
            ["ops.execution_document.execution_document_id"],
            name=op.f("fk_payment_execution_document_id_execution_document"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_payment_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_payment_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("account_id", "payment_id", name=op.f("pk_payment")),
        schema="ops",
        comment="Receipts, refunds and reversals; append-only",
    )
    op.create_index(
        op.f("ix_payment_bank_operation_id"),
        "payment",
        ["bank_operation_id"],
        unique=False,
        schema="ops",
        postgresql_where="bank_operation_id is not null",
    )
    op.create_index(op.f("ix_payment_paid_on"), "payment", ["paid_on"], unique=False, schema="ops")


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: this is the first schema.")
