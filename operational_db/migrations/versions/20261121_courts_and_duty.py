"""know which court hears a house, and what duty was paid

People become mendable by facts: corrections, ends of rights and of representation. Rules that the
database keeps itself stand in sql/a10f00000004_courts.sql.

Revision ID: a10f00000004
Revises: a10f00000003
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from operational_db.migrations.guarding import (
    OF_ORGANISATION,
    SIGNED_IN,
    also_allow,
    let_add,
    let_read,
)

revision = "a10f00000004"
down_revision = "a10f00000003"

WORKERS = ("lawyer", "accountant", "manager")
KEEPERS = ("lawyer", "administrator")
PERSONAL = ("manager", "lawyer", "accountant", "operator", "inspector")
OF_PERSON = "exists (select 1 from ops.person_visible as p where p.person_id = {table}.person_id)"
OF_PREMISES = "exists (select 1 from ops.account as a where a.premises_id = {table}.premises_id)"
# Whose company has no account in a house does not decide where the house is sued.
OF_HOUSE = (
    "exists (select 1 from ops.premises as p "
    "inner join ops.account as a on p.premises_id = a.premises_id "
    "where p.house_id = {table}.house_id)"
)
OF_DUTY = "exists (select 1 from ops.state_duty as d where d.state_duty_id = {table}.state_duty_id)"
OF_REGISTER = (
    "exists (select 1 from ops.duty_register as r "
    "where r.duty_register_id = {table}.duty_register_id)"
)
OF_FILE = (
    "({table}.import_id is null or exists (select 1 from ops.import_file as f "
    "where f.import_id = {table}.import_id))"
)
OF_RIGHT = "exists (select 1 from ops.ownership as w where w.ownership_id = {table}.ownership_id)"


def upgrade() -> None:
    """Tables first, then who may read and add to them."""
    _make_tables()
    _find_people_by_number()
    _take_new_kinds_of_files()
    _let_a_right_be_void()
    op.execute((Path(__file__).parent / "sql" / f"{revision}_courts.sql").read_text("utf-8"))
    _guard_courts()
    _guard_duty()
    _guard_people()


def _make_tables() -> None:
    op.create_table(
        "duty_register",
        sa.Column("duty_register_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="Number within the organisation"),
        sa.Column("registered_on", sa.Date(), nullable=False, comment="Date of the payment orders"),
        sa.Column("bank_account_id", sa.Integer(), nullable=False, comment="Account that pays"),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint("total > 0 and items > 0", name=op.f("ck_duty_register_not_empty")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["ops.bank_account.bank_account_id"],
            name=op.f("fk_duty_register_bank_account_id_bank_account"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_duty_register_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_duty_register_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("duty_register_id", name=op.f("pk_duty_register")),
        sa.UniqueConstraint(
            "organisation_id", "number", name=op.f("uq_duty_register_organisation_id_number")
        ),
        schema="ops",
        comment="Registers of state duty to pay; append-only",
    )
    op.create_table(
        "person_bankruptcy",
        sa.Column(
            "person_bankruptcy_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "case_number",
            sa.String(),
            nullable=False,
            comment="Number of the arbitration court: А41-1/2026",
        ),
        sa.Column(
            "accepted_on",
            sa.Date(),
            nullable=False,
            comment="Day the petition was accepted: later debts are current payments (127-ФЗ ст. 5)",
        ),
        sa.Column(
            "closed_on", sa.Date(), nullable=True, comment="End of the case; null: it goes on"
        ),
        sa.Column(
            "is_discharged",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Freed of the debts that were in the register",
        ),
        sa.Column("basis", sa.String(), nullable=False, comment="Ruling, ЕФРСБ message"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "closed_on is null or closed_on >= accepted_on", name=op.f("ck_person_bankruptcy_range")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["ops.person.person_id"],
            name=op.f("fk_person_bankruptcy_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_person_bankruptcy_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("person_bankruptcy_id", name=op.f("pk_person_bankruptcy")),
        schema="ops",
        comment="Bankruptcy cases of people, which stop orders; append-only",
    )
    op.create_index(
        op.f("ix_person_bankruptcy_person_id"),
        "person_bankruptcy",
        ["person_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "person_identifier_removal",
        sa.Column(
            "person_identifier_removal_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
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
        sa.Column("issued_by", sa.String(), nullable=True, comment="Filled by the database"),
        sa.Column("issued_on", sa.Date(), nullable=True, comment="Filled by the database"),
        sa.Column(
            "known_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Filled by the database",
        ),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
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
            name=op.f("fk_person_identifier_removal_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_person_identifier_removal_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint(
            "person_identifier_removal_id", name=op.f("pk_person_identifier_removal")
        ),
        schema="ops",
        comment="Identifiers taken off people, word for word; append-only",
    )
    op.create_index(
        op.f("ix_person_identifier_removal_person_id"),
        "person_identifier_removal",
        ["person_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "person_correction",
        sa.Column(
            "person_correction_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old_value", sa.String(), nullable=True, comment="Filled by the database"),
        sa.Column(
            "new_value", sa.String(), nullable=True, comment="Dates as 2026-12-31; null: not known"
        ),
        sa.Column(
            "basis",
            sa.String(),
            nullable=False,
            comment="Passport, certificate, extract, word of the person",
        ),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "field in ('last_name', 'first_name', 'middle_name', 'sex', 'birth_date', 'birth_place', 'death_date', 'registered_address', 'phone', 'email')",
            name=op.f("ck_person_correction_field_known"),
        ),
        sa.CheckConstraint(
            "field not in ('last_name', 'first_name') or btrim(new_value) <> ''",
            name=op.f("ck_person_correction_name_filled"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_person_correction_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["ops.person.person_id"],
            name=op.f("fk_person_correction_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_person_correction_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("person_correction_id", name=op.f("pk_person_correction")),
        schema="ops",
        comment="Corrections of personal data: field, value before and after; append-only",
    )
    op.create_index(
        op.f("ix_person_correction_person_id"),
        "person_correction",
        ["person_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "representative_end",
        sa.Column(
            "representative_end_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("representative_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("previous_valid_to", sa.Date(), nullable=True, comment="Filled by the database"),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_representative_end_range")
        ),
        sa.ForeignKeyConstraint(
            ["person_id", "representative_id", "valid_from"],
            [
                "ops.representative.person_id",
                "ops.representative.representative_id",
                "ops.representative.valid_from",
            ],
            name=op.f(
                "fk_representative_end_person_id_representative_id_valid_from_representative"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_representative_end_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("representative_end_id", name=op.f("pk_representative_end")),
        schema="ops",
        comment="Ends of legal representation, with the end known before; append-only",
    )
    op.create_index(
        op.f("ix_representative_end_person_id"),
        "representative_end",
        ["person_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "court_payment_details",
        sa.Column(
            "court_payment_details_id", sa.Integer(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("court_code", sa.String(), nullable=False),
        sa.Column(
            "payee", sa.String(), nullable=False, comment="e.g. Казначейство России (ФНС России)"
        ),
        sa.Column("inn", sa.String(), nullable=False),
        sa.Column("kpp", sa.String(), nullable=False),
        sa.Column(
            "oktmo",
            sa.String(),
            nullable=False,
            comment="Field 105: that of the court's municipality",
        ),
        sa.Column("kbk", sa.String(), nullable=False, comment="Field 104"),
        sa.Column("bic", sa.String(), nullable=False),
        sa.Column(
            "account_number", sa.String(), nullable=False, comment="Treasury account of the payee"
        ),
        sa.Column(
            "correspondent_account", sa.String(), nullable=True, comment="Единый казначейский счёт"
        ),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="Last day; null: until the next row"
        ),
        sa.Column(
            "source",
            sa.String(),
            nullable=False,
            comment="Page or letter that the details were taken from",
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
            "account_number ~ '^[0-9]{20}$'", name=op.f("ck_court_payment_details_account_format")
        ),
        sa.CheckConstraint("bic ~ '^[0-9]{9}$'", name=op.f("ck_court_payment_details_bic_format")),
        sa.CheckConstraint(
            "correspondent_account ~ '^[0-9]{20}$'",
            name=op.f("ck_court_payment_details_correspondent_account_format"),
        ),
        sa.CheckConstraint("inn ~ '^[0-9]{10}$'", name=op.f("ck_court_payment_details_inn_format")),
        sa.CheckConstraint("kbk ~ '^[0-9]{20}$'", name=op.f("ck_court_payment_details_kbk_format")),
        sa.CheckConstraint("kpp ~ '^[0-9]{9}$'", name=op.f("ck_court_payment_details_kpp_format")),
        sa.CheckConstraint(
            "oktmo ~ '^([0-9]{8}|[0-9]{11})$'", name=op.f("ck_court_payment_details_oktmo_format")
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from",
            name=op.f("ck_court_payment_details_range"),
        ),
        sa.ForeignKeyConstraint(
            ["court_code"],
            ["ops.court.court_code"],
            name=op.f("fk_court_payment_details_court_code_court"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_court_payment_details_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_court_payment_details_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("court_payment_details_id", name=op.f("pk_court_payment_details")),
        schema="ops",
        comment="Payment details of courts for state duty, by date; append-only",
    )
    op.create_index(
        op.f("ix_court_payment_details_court_code_valid_from"),
        "court_payment_details",
        ["court_code", "valid_from"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "court_territory",
        sa.Column("court_territory_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("court_code", sa.String(), nullable=False),
        sa.Column(
            "settlement", sa.String(), nullable=False, comment="As written: г. Орёл, п. Дачный"
        ),
        sa.Column(
            "street", sa.String(), nullable=True, comment="As written; null: the whole settlement"
        ),
        sa.Column(
            "place_key",
            sa.String(),
            nullable=False,
            comment="Settlement and street in normal form, joined by |, as ops.address_key makes them",
        ),
        sa.Column(
            "address_object_id",
            sa.Integer(),
            nullable=True,
            comment="The street or settlement, when it was known as the row was added",
        ),
        sa.Column(
            "is_whole_settlement",
            sa.Boolean(),
            nullable=False,
            comment="Every house there that no row of a street names",
        ),
        sa.Column(
            "parity", sa.String(), server_default="all", nullable=False, comment="all, odd, even"
        ),
        sa.Column("number_from", sa.Integer(), nullable=True, comment="Null: from the first"),
        sa.Column("number_to", sa.Integer(), nullable=True, comment="Null: to the last"),
        sa.Column(
            "house_keys",
            sa.ARRAY(sa.Text()),
            nullable=True,
            comment="Just these houses: 12а, 12к1; in the form of ops.house_key",
        ),
        sa.Column(
            "except_keys", sa.ARRAY(sa.Text()), nullable=True, comment="All of the range but these"
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "source", sa.String(), nullable=False, comment="Law of the region or page of the court"
        ),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column(
            "is_withdrawn",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Takes the replaced row out and says nothing instead",
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
            "house_keys is null or (parity = 'all' and num_nonnulls(number_from, number_to, except_keys) = 0)",
            name=op.f("ck_court_territory_list_or_range"),
        ),
        sa.CheckConstraint(
            "not is_whole_settlement or (parity = 'all' and num_nonnulls(number_from, number_to, house_keys) = 0)",
            name=op.f("ck_court_territory_settlement_is_whole"),
        ),
        sa.CheckConstraint(
            "parity in ('all', 'odd', 'even')", name=op.f("ck_court_territory_parity_known")
        ),
        sa.CheckConstraint(
            "is_whole_settlement = (street is null)",
            name=op.f("ck_court_territory_street_or_settlement"),
        ),
        sa.CheckConstraint(
            "not is_withdrawn or replaces_id is not null",
            name=op.f("ck_court_territory_withdraws_something"),
        ),
        sa.CheckConstraint(
            "number_to is null or number_to >= number_from", name=op.f("ck_court_territory_numbers")
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_to >= valid_from", name=op.f("ck_court_territory_range")
        ),
        sa.ForeignKeyConstraint(
            ["address_object_id"],
            ["ops.address_object.address_object_id"],
            name=op.f("fk_court_territory_address_object_id_address_object"),
        ),
        sa.ForeignKeyConstraint(
            ["court_code"],
            ["ops.court.court_code"],
            name=op.f("fk_court_territory_court_code_court"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["ops.import_file.import_id"],
            name=op.f("fk_court_territory_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["ops.court_territory.court_territory_id"],
            name=op.f("fk_court_territory_replaces_id_court_territory"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_court_territory_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("court_territory_id", name=op.f("pk_court_territory")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_court_territory_replaces_id")),
        schema="ops",
        comment="Territories of court sections, by date; append-only",
    )
    op.create_index(
        op.f("ix_court_territory_court_code"),
        "court_territory",
        ["court_code"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_court_territory_place_key"),
        "court_territory",
        ["place_key"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "house_court_decision",
        sa.Column(
            "house_court_decision_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("house_id", sa.Integer(), nullable=False),
        sa.Column("court_kind", sa.String(), nullable=False, comment="MS magistrate, RS district"),
        sa.Column(
            "court_code", sa.String(), nullable=True, comment="Null: as the territories say again"
        ),
        sa.Column(
            "basis",
            sa.String(),
            nullable=False,
            comment="Why: letter of the court, its page, a call",
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
            "court_kind in ('MS', 'RS')", name=op.f("ck_house_court_decision_court_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["court_code"],
            ["ops.court.court_code"],
            name=op.f("fk_house_court_decision_court_code_court"),
        ),
        sa.ForeignKeyConstraint(
            ["house_id"],
            ["ops.house.house_id"],
            name=op.f("fk_house_court_decision_house_id_house"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ops.app_user.user_id"],
            name=op.f("fk_house_court_decision_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("house_court_decision_id", name=op.f("pk_house_court_decision")),
        schema="ops",
        comment="Courts of houses given by hand, above territories; append-only",
    )
    op.create_index(
        op.f("ix_house_court_decision_house_id_court_kind"),
        "house_court_decision",
        ["house_id", "court_kind"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "egrn_extract",
        sa.Column("egrn_extract_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("premises_id", sa.Integer(), nullable=False),
        sa.Column("cadastral_number", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True, comment="КУВИ-…"),
        sa.Column("formed_on", sa.Date(), nullable=False, comment="Day whose rights it tells"),
        sa.Column(
            "share_sum",
            sa.String(),
            nullable=True,
            comment="Sum of the shares as a fraction; null: it tells no rights of ownership",
        ),
        sa.Column(
            "has_holders",
            sa.Boolean(),
            nullable=False,
            comment="False: names are left out, as since 01.03.2023 without consent",
        ),
        sa.Column("import_id", sa.Integer(), nullable=False),
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
            name=op.f("fk_egrn_extract_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_egrn_extract_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["premises_id"],
            ["ops.premises.premises_id"],
            name=op.f("fk_egrn_extract_premises_id_premises"),
        ),
        sa.PrimaryKeyConstraint("egrn_extract_id", name=op.f("pk_egrn_extract")),
        schema="ops",
        comment="Extracts from ЕГРН that were loaded; append-only",
    )
    op.create_index(
        op.f("ix_egrn_extract_organisation_id_cadastral_number"),
        "egrn_extract",
        ["organisation_id", "cadastral_number"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_egrn_extract_premises_id_formed_on"),
        "egrn_extract",
        ["premises_id", "formed_on"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "ownership_end",
        sa.Column("ownership_end_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ownership_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="Last day; the day before its start: never held; null: goes on after all",
        ),
        sa.Column("previous_valid_to", sa.Date(), nullable=True, comment="Filled by the database"),
        sa.Column(
            "basis", sa.String(), nullable=False, comment="Extract, contract, word of the owner"
        ),
        sa.Column("import_id", sa.Integer(), nullable=True),
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
            name=op.f("fk_ownership_end_import_id_import_file"),
        ),
        sa.ForeignKeyConstraint(
            ["ownership_id"],
            ["ops.ownership.ownership_id"],
            name=op.f("fk_ownership_end_ownership_id_ownership"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_ownership_end_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("ownership_end_id", name=op.f("pk_ownership_end")),
        schema="ops",
        comment="Ends of rights to premises, with the end known before; append-only",
    )
    op.create_index(
        op.f("ix_ownership_end_ownership_id"),
        "ownership_end",
        ["ownership_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "state_duty",
        sa.Column("state_duty_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "person_id",
            sa.BigInteger(),
            nullable=True,
            comment="The debtor; null: a debtor that is no person",
        ),
        sa.Column(
            "case_id", sa.BigInteger(), nullable=True, comment="The court case, once there is one"
        ),
        sa.Column("kind", sa.String(), nullable=False, comment="order or claim"),
        sa.Column(
            "filed_on",
            sa.Date(),
            nullable=False,
            comment="Day of sending to the court: picks the scale",
        ),
        sa.Column(
            "claim_sum",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="Principal and penalty, without the duty",
        ),
        sa.Column(
            "step_id",
            sa.String(),
            nullable=False,
            comment="Row of reference.state_duty_step that it fell in",
        ),
        sa.Column("formula", sa.String(), nullable=False, comment="How it was counted, as printed"),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column(
            "exact_amount",
            sa.Numeric(precision=16, scale=6),
            nullable=False,
            comment="Before rounding",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="Whole roubles, before any offset",
        ),
        sa.Column(
            "court_code", sa.String(), nullable=True, comment="Null while the court is not resolved"
        ),
        sa.Column(
            "purpose",
            sa.String(),
            nullable=False,
            comment="Purpose of the payment, without its mark",
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint("kind in ('order', 'claim')", name=op.f("ck_state_duty_kind_known")),
        sa.CheckConstraint(
            "amount > 0 and amount = trunc(amount)", name=op.f("ck_state_duty_whole_roubles")
        ),
        sa.CheckConstraint("claim_sum > 0", name=op.f("ck_state_duty_claim_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ops.account.account_id"],
            name=op.f("fk_state_duty_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["court_code"], ["ops.court.court_code"], name=op.f("fk_state_duty_court_code_court")
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "account_id"],
            ["ops.court_case.case_id", "ops.court_case.account_id"],
            name="fk_state_duty_case_of_account",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["ops.organisation.organisation_id"],
            name=op.f("fk_state_duty_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["ops.person.person_id"], name=op.f("fk_state_duty_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_state_duty_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("state_duty_id", name=op.f("pk_state_duty")),
        schema="ops",
        comment="State duty counted for applications to courts; append-only",
    )
    op.create_index(
        op.f("ix_state_duty_account_id"), "state_duty", ["account_id"], unique=False, schema="ops"
    )
    op.create_index(
        op.f("ix_state_duty_case_id"),
        "state_duty",
        ["case_id"],
        unique=False,
        schema="ops",
        postgresql_where="case_id is not null",
    )
    op.create_index(
        op.f("ix_state_duty_organisation_id_filed_on"),
        "state_duty",
        ["organisation_id", "filed_on"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "duty_register_item",
        sa.Column("duty_register_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state_duty_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "order_number", sa.Integer(), nullable=False, comment="Number of the payment order"
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=2),
            nullable=False,
            comment="Duty less what was offset by then",
        ),
        sa.Column("court_payment_details_id", sa.Integer(), nullable=False),
        sa.Column(
            "uin", sa.String(), server_default="0", nullable=False, comment="УИН, field 22; 0: none"
        ),
        sa.Column(
            "purpose",
            sa.String(),
            nullable=False,
            comment="As sent to the bank: begins with the duty's mark",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_duty_register_item_amount_positive")),
        sa.CheckConstraint(
            "char_length(purpose) <= 210", name=op.f("ck_duty_register_item_purpose_fits")
        ),
        sa.ForeignKeyConstraint(
            ["court_payment_details_id"],
            ["ops.court_payment_details.court_payment_details_id"],
            name=op.f("fk_duty_register_item_court_payment_details_id_court_payment_details"),
        ),
        sa.ForeignKeyConstraint(
            ["duty_register_id"],
            ["ops.duty_register.duty_register_id"],
            name=op.f("fk_duty_register_item_duty_register_id_duty_register"),
        ),
        sa.ForeignKeyConstraint(
            ["state_duty_id"],
            ["ops.state_duty.state_duty_id"],
            name=op.f("fk_duty_register_item_state_duty_id_state_duty"),
        ),
        sa.PrimaryKeyConstraint("duty_register_id", "position", name=op.f("pk_duty_register_item")),
        schema="ops",
        comment="Payment orders of registers of state duty; append-only",
    )
    op.create_index(
        op.f("ix_duty_register_item_state_duty_id"),
        "duty_register_item",
        ["state_duty_id"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "state_duty_event",
        sa.Column(
            "state_duty_event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False
        ),
        sa.Column("state_duty_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.String(),
            nullable=False,
            comment="in_register, out_of_register, paid, offset_to, refund_due, refunded, undone",
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column(
            "amount",
            sa.Numeric(precision=14, scale=2),
            nullable=True,
            comment="Paid, offset or refunded; null where no money is meant",
        ),
        sa.Column("duty_register_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "bank_operation_id",
            sa.BigInteger(),
            nullable=True,
            comment="Paid by this operation of the statement; one operation pays one duty",
        ),
        sa.Column(
            "document", sa.String(), nullable=True, comment="Number of the payment order or ruling"
        ),
        sa.Column(
            "other_duty_id",
            sa.BigInteger(),
            nullable=True,
            comment="Duty that this one pays for (зачёт)",
        ),
        sa.Column("undoes_event_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When we came to know this row",
        ),
        sa.CheckConstraint(
            "(kind = 'offset_to') = (other_duty_id is not null)",
            name=op.f("ck_state_duty_event_offset_names_the_other"),
        ),
        sa.CheckConstraint(
            "(kind = 'undone') = (undoes_event_id is not null)",
            name=op.f("ck_state_duty_event_undoes_one"),
        ),
        sa.CheckConstraint(
            "kind in ('in_register', 'out_of_register', 'paid', 'offset_to', 'refund_due', 'refunded', 'undone')",
            name=op.f("ck_state_duty_event_kind_known"),
        ),
        sa.CheckConstraint(
            "kind not in ('in_register', 'out_of_register') or duty_register_id is not null",
            name=op.f("ck_state_duty_event_register_named"),
        ),
        sa.CheckConstraint(
            "kind not in ('paid', 'offset_to', 'refund_due', 'refunded') or amount > 0",
            name=op.f("ck_state_duty_event_amount_positive"),
        ),
        sa.CheckConstraint(
            "other_duty_id <> state_duty_id", name=op.f("ck_state_duty_event_offset_to_another")
        ),
        sa.ForeignKeyConstraint(
            ["bank_operation_id"],
            ["ops.bank_operation.bank_operation_id"],
            name=op.f("fk_state_duty_event_bank_operation_id_bank_operation"),
        ),
        sa.ForeignKeyConstraint(
            ["duty_register_id"],
            ["ops.duty_register.duty_register_id"],
            name=op.f("fk_state_duty_event_duty_register_id_duty_register"),
        ),
        sa.ForeignKeyConstraint(
            ["other_duty_id"],
            ["ops.state_duty.state_duty_id"],
            name=op.f("fk_state_duty_event_other_duty_id_state_duty"),
        ),
        sa.ForeignKeyConstraint(
            ["state_duty_id"],
            ["ops.state_duty.state_duty_id"],
            name=op.f("fk_state_duty_event_state_duty_id_state_duty"),
        ),
        sa.ForeignKeyConstraint(
            ["state_duty_id", "undoes_event_id"],
            ["ops.state_duty_event.state_duty_id", "ops.state_duty_event.state_duty_event_id"],
            name="fk_state_duty_event_undone_of_duty",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["ops.app_user.user_id"], name=op.f("fk_state_duty_event_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("state_duty_event_id", name=op.f("pk_state_duty_event")),
        sa.UniqueConstraint(
            "state_duty_id",
            "state_duty_event_id",
            name=op.f("uq_state_duty_event_state_duty_id_state_duty_event_id"),
        ),
        sa.UniqueConstraint("undoes_event_id", name=op.f("uq_state_duty_event_undoes_event_id")),
        schema="ops",
        comment="Course of state duties: register, payment, offset, refund; append-only",
    )
    op.create_index(
        op.f("ix_state_duty_event_bank_operation_id"),
        "state_duty_event",
        ["bank_operation_id"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        op.f("ix_state_duty_event_other_duty_id"),
        "state_duty_event",
        ["other_duty_id"],
        unique=False,
        schema="ops",
        postgresql_where="other_duty_id is not null",
    )
    op.create_index(
        op.f("ix_state_duty_event_state_duty_id"),
        "state_duty_event",
        ["state_duty_id"],
        unique=False,
        schema="ops",
    )
    op.add_column(
        "ownership",
        sa.Column(
            "holder_name",
            sa.String(),
            nullable=True,
            comment="A body that is none of our organisations, as ЕГРН names it",
        ),
        schema="ops",
    )
    op.add_column(
        "ownership",
        sa.Column("holder_inn", sa.String(), nullable=True, comment="ИНН of that body"),
        schema="ops",
    )
    op.add_column(
        "ownership",
        sa.Column("import_id", sa.Integer(), nullable=True, comment="Extract that brought it"),
        schema="ops",
    )
    op.add_column("ownership", sa.Column("user_id", sa.Integer(), nullable=True), schema="ops")
    op.alter_column(
        "ownership",
        "valid_to",
        existing_type=sa.DATE(),
        comment="Last day; the day before valid_from: recorded by mistake, never held. Set by ops.ownership_end only",
        existing_nullable=True,
        schema="ops",
    )
    op.create_foreign_key(
        op.f("fk_ownership_import_id_import_file"),
        "ownership",
        "import_file",
        ["import_id"],
        ["import_id"],
        source_schema="ops",
        referent_schema="ops",
    )
    op.create_foreign_key(
        op.f("fk_ownership_user_id_app_user"),
        "ownership",
        "app_user",
        ["user_id"],
        ["user_id"],
        source_schema="ops",
        referent_schema="ops",
    )


def _find_people_by_number() -> None:
    op.create_index(
        op.f("ix_person_identifier_number"), "person_identifier", ["number"], schema="ops"
    )


def _take_new_kinds_of_files() -> None:
    for kind in ("court-details", "court-territories", "egrn"):
        also_allow("import_file", "kind", "ck_import_file_importkind", kind)


def _let_a_right_be_void() -> None:
    # A right whose last day is the one before its first was never held: no reader has to know.
    for name, condition in (
        ("range", "valid_to is null or valid_to >= valid_from - 1"),
        ("one_holder", "num_nonnulls(person_id, holder_organisation_id, holder_name) <= 1"),
    ):
        op.drop_constraint(op.f(f"ck_ownership_{name}"), "ownership", schema="ops")
        op.create_check_constraint(
            op.f(f"ck_ownership_{name}"), "ownership", condition, schema="ops"
        )
    op.create_check_constraint(
        op.f("ck_ownership_inn_of_a_name"),
        "ownership",
        "holder_inn is null or holder_name is not null",
        schema="ops",
    )


def _guard_courts() -> None:
    for table in ("court_payment_details", "court_territory", "house_court_decision"):
        let_read(table, SIGNED_IN)
    details = ("payee", "inn", "kpp", "oktmo", "kbk", "bic", "account_number", "bank")
    dated = ("valid_from", "valid_to", "source", "import_id", "import_line", "user_id")
    let_add(
        "court_payment_details",
        ("court_code", *details, "correspondent_account", *dated),
        OF_FILE,
        roles=KEEPERS,
    )
    place = ("settlement", "street", "place_key", "address_object_id", "is_whole_settlement")
    houses = ("parity", "number_from", "number_to", "house_keys", "except_keys")
    let_add(
        "court_territory",
        ("court_code", *place, *houses, "replaces_id", "is_withdrawn", *dated),
        OF_FILE,
        roles=KEEPERS,
    )
    let_add(
        "house_court_decision",
        ("house_id", "court_kind", "court_code", "basis", "user_id"),
        OF_HOUSE,
        roles=KEEPERS,
    )


def _guard_duty() -> None:
    # A purpose names the debtor.
    let_read("state_duty", OF_ORGANISATION, PERSONAL)
    let_read("duty_register", OF_ORGANISATION, PERSONAL)
    let_read("duty_register_item", OF_REGISTER)
    let_read("state_duty_event", OF_DUTY)
    of_account = (
        "exists (select 1 from ops.account as a where a.account_id = {table}.account_id "
        "and a.organisation_id = {table}.organisation_id)"
    )
    let_add(
        "state_duty",
        (
            "organisation_id",
            "account_id",
            "person_id",
            "case_id",
            "kind",
            "filed_on",
            "claim_sum",
            "step_id",
            "formula",
            "act",
            "exact_amount",
            "amount",
            "court_code",
            "purpose",
            "user_id",
        ),
        OF_ORGANISATION,
        of_account,
        f"({{table}}.person_id is null or {OF_PERSON})",
        "({table}.case_id is null or exists (select 1 from ops.court_case as k "
        "where k.case_id = {table}.case_id))",
        roles=WORKERS,
    )
    let_add(
        "duty_register",
        (
            "organisation_id",
            "number",
            "registered_on",
            "bank_account_id",
            "items",
            "total",
            "user_id",
        ),
        OF_ORGANISATION,
        "exists (select 1 from ops.bank_account as b where b.bank_account_id = "
        "{table}.bank_account_id and b.organisation_id = {table}.organisation_id)",
        roles=WORKERS,
    )
    let_add(
        "duty_register_item",
        (
            "duty_register_id",
            "position",
            "state_duty_id",
            "order_number",
            "amount",
            "court_payment_details_id",
            "uin",
            "purpose",
        ),
        OF_REGISTER,
        OF_DUTY,
        roles=WORKERS,
    )
    let_add(
        "state_duty_event",
        (
            "state_duty_id",
            "kind",
            "happened_on",
            "amount",
            "duty_register_id",
            "bank_operation_id",
            "document",
            "other_duty_id",
            "undoes_event_id",
            "reason",
            "user_id",
        ),
        OF_DUTY,
        f"({{table}}.duty_register_id is null or {OF_REGISTER})",
        "({table}.bank_operation_id is null or exists (select 1 from ops.bank_operation as b "
        "where b.bank_operation_id = {table}.bank_operation_id))",
        "({table}.other_duty_id is null or exists (select 1 from ops.state_duty as o "
        "where o.state_duty_id = {table}.other_duty_id))",
        roles=WORKERS,
    )


def _guard_people() -> None:
    let_read("person_correction", OF_PERSON, PERSONAL)
    let_read("person_bankruptcy", OF_PERSON, PERSONAL)
    let_read("representative_end", OF_PERSON, PERSONAL)
    let_read("ownership_end", OF_RIGHT)
    let_read("egrn_extract", OF_ORGANISATION)
    let_read("person_identifier_removal", OF_PERSON, ("lawyer", "accountant"))
    by_lawyers = ("lawyer",)
    details = ("last_name", "first_name", "middle_name", "sex", "birth_date", "birth_place")
    let_add(
        "person",
        ("person_id", "organisation_id", *details, "registered_address", "phone", "email"),
        OF_ORGANISATION,
        roles=by_lawyers,
    )
    let_add(
        "person_identifier",
        ("person_id", "kind", "number", "issued_by", "issued_on"),
        OF_PERSON,
        roles=by_lawyers,
    )
    let_add(
        "person_identifier_removal",
        ("person_id", "kind", "number", "basis", "user_id"),
        OF_PERSON,
        roles=by_lawyers,
    )
    let_add(
        "person_correction",
        ("person_id", "field", "new_value", "basis", "import_id", "user_id"),
        OF_PERSON,
        OF_FILE,
        roles=by_lawyers,
    )
    let_add(
        "person_bankruptcy",
        (
            "person_id",
            "case_number",
            "accepted_on",
            "closed_on",
            "is_discharged",
            "basis",
            "user_id",
        ),
        OF_PERSON,
        roles=by_lawyers,
    )
    let_add(
        "ownership",
        (
            "premises_id",
            "right_kind",
            "person_id",
            "holder_organisation_id",
            "holder_name",
            "holder_inn",
            "share_numerator",
            "share_denominator",
            "valid_from",
            "registration_number",
            "source",
            "import_id",
            "user_id",
        ),
        OF_PREMISES,
        f"({{table}}.person_id is null or {OF_PERSON})",
        OF_FILE,
        roles=by_lawyers,
    )
    let_add(
        "ownership_end",
        ("ownership_id", "valid_to", "basis", "import_id", "user_id"),
        OF_RIGHT,
        OF_FILE,
        roles=by_lawyers,
    )
    let_add(
        "representative",
        ("person_id", "representative_id", "valid_from", "basis"),
        OF_PERSON,
        "exists (select 1 from ops.person_visible as p "
        "where p.person_id = {table}.representative_id)",
        roles=by_lawyers,
    )
    let_add(
        "representative_end",
        ("person_id", "representative_id", "valid_from", "valid_to", "basis", "user_id"),
        OF_PERSON,
        roles=by_lawyers,
    )
    let_add(
        "egrn_extract",
        (
            "organisation_id",
            "premises_id",
            "cadastral_number",
            "number",
            "formed_on",
            "share_sum",
            "has_holders",
            "import_id",
        ),
        OF_ORGANISATION,
        OF_PREMISES,
        OF_FILE,
        roles=by_lawyers,
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
