"""know who answers together with whom

Revision ID: a10f00000031
Revises: a10f00000010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from operational_db.migrations.guarding import (
    OF_ACCOUNT,
    OF_ORGANISATION,
    let_add,
    let_read,
    only_add,
    only_where,
)

revision = "a10f00000031"
down_revision = "a10f00000010"

LAWYERS = ("lawyer", "manager", "administrator")
OF_PERSON = "exists (select 1 from ops.person_visible as p where p.person_id = {table}.person_id)"
# Whoever oversees a company reads this; the company itself says it.
OF_ONES_OWN_ORGANISATION = "{table}.organisation_id = (select ops.own_organisation())"
OF_ACCOUNT_OF_ONES_OWN = (
    "exists (select 1 from ops.account as mine where mine.account_id = {table}.account_id "
    "and mine.organisation_id = (select ops.own_organisation()))"
)
FIRST_DAY, LAST_DAY = "1991-01-01", "2036-12-31"


def upgrade() -> None:
    _people_asked()
    _separate_liability()
    _family_practice()
    _applications_name_their_debtors()


def _people_asked() -> None:
    """Who is asked is told by a part of the debt and by an application alike, and read one way."""
    op.execute("""
        create function ops.people_asked(holder bigint, debtors jsonb, family_ids bigint[])
        returns table (person_id bigint, asked_as text, ward_id bigint)
        language sql immutable parallel safe
        as $$
            select holder, 'share', null::bigint where debtors is null and holder is not null
            union all
            select d.person_id, d.kind, d.ward_id
            from jsonb_to_recordset(debtors) as d (person_id bigint, kind text, ward_id bigint)
            union all
            select f.person_id, 'family', null
            from unnest(family_ids) as f (person_id)
        $$
    """)
    op.execute("""
        comment on function ops.people_asked is
            'People asked for a part: holders, their representatives, family. Without a list of '
            'debtors the holder answers alone'
    """)
    op.execute("grant execute on function ops.people_asked to dolgomer_screens")


def _separate_liability() -> None:
    op.create_table(
        "separate_liability",
        sa.Column("separate_liability_id", sa.BigInteger(), sa.Identity(always=False),
            nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True,
            comment="Last day; the day before valid_from: recorded by mistake"),
        sa.Column("basis", sa.String(), nullable=False,
            comment="Agreement with the owner, decision of a court, word of a witness"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from - 1",
            name=op.f("ck_separate_liability_range")),
        sa.CheckConstraint(f"valid_from between date '{FIRST_DAY}' and date '{LAST_DAY}'",
            name=op.f("ck_separate_liability_valid_from_credible")),
        sa.CheckConstraint("btrim(basis) <> ''", name=op.f("ck_separate_liability_basis_filled")),
        sa.ForeignKeyConstraint(["account_id"], ["ops.account.account_id"],
            name=op.f("fk_separate_liability_account_id_account")),
        sa.ForeignKeyConstraint(["person_id"], ["ops.person.person_id"],
            name=op.f("fk_separate_liability_person_id_person")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_separate_liability_user_id_app_user")),
        sa.PrimaryKeyConstraint("separate_liability_id", name=op.f("pk_separate_liability")),
        schema="ops",
        comment="Residents who do not answer jointly; the last row of a beginning counts; "
        "append-only",
    )  # fmt: skip
    op.create_index(
        op.f("ix_separate_liability_account_id_person_id"),
        "separate_liability",
        ["account_id", "person_id"],
        schema="ops",
    )
    only_add("separate_liability")
    let_read("separate_liability", OF_ACCOUNT)
    let_add(
        "separate_liability",
        ("account_id", "person_id", "valid_from", "valid_to", "basis", "user_id"),
        OF_ACCOUNT,
        OF_PERSON,
        roles=LAWYERS,
    )
    only_where("insert", "separate_liability", "of_account_of_ones_own", OF_ACCOUNT_OF_ONES_OWN)
    op.execute(
        "create trigger account_changed after insert on ops.separate_liability "
        "referencing new table as new_rows "
        "for each statement execute function ops.note_account_change()"
    )


def _family_practice() -> None:
    op.create_table(
        "family_practice",
        sa.Column("family_practice_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("is_family_named", sa.Boolean(), nullable=False,
            comment="Applications name the family that lives with an owner"),
        sa.Column("basis", sa.String(), nullable=False, comment="Practice of the court, in words"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False, comment="When we came to know this row"),
        sa.CheckConstraint("btrim(basis) <> ''", name=op.f("ck_family_practice_basis_filled")),
        sa.ForeignKeyConstraint(["organisation_id"], ["ops.organisation.organisation_id"],
            name=op.f("fk_family_practice_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_family_practice_user_id_app_user")),
        sa.PrimaryKeyConstraint("family_practice_id", name=op.f("pk_family_practice")),
        schema="ops",
        comment="Whether an organisation sues the family of owners (ЖК 31); the last row counts; "
        "append-only",
    )  # fmt: skip
    op.create_index(
        op.f("ix_family_practice_organisation_id"),
        "family_practice",
        ["organisation_id"],
        schema="ops",
    )
    only_add("family_practice")
    let_read("family_practice", OF_ORGANISATION)
    let_add(
        "family_practice",
        ("organisation_id", "is_family_named", "basis", "user_id"),
        OF_ORGANISATION,
        roles=LAWYERS,
    )
    only_where("insert", "family_practice", "of_ones_own_organisation", OF_ONES_OWN_ORGANISATION)
    # The warehouse is told of every account whose debtors may become others.
    op.execute("""
        create function ops.note_family_practice() returns trigger
        language plpgsql security definer
        set search_path = pg_catalog, pg_temp
        as $$
        begin
            insert into ops.account_change (account_id)
            select distinct a.account_id
            from new_rows as n
            inner join ops.account as a on n.organisation_id = a.organisation_id;
            return null;
        end
        $$
    """)
    op.execute(
        "create trigger account_changed after insert on ops.family_practice "
        "referencing new table as new_rows "
        "for each statement execute function ops.note_family_practice()"
    )


def _applications_name_their_debtors() -> None:
    op.add_column(
        "filing_item",
        sa.Column(
            "debtors",
            JSONB(),
            nullable=True,
            comment="People asked, as parts of the debt list them; null: the holder alone",
        ),
        schema="ops",
    )
    op.add_column(
        "filing_item",
        sa.Column(
            "family_ids",
            sa.ARRAY(sa.BigInteger()),
            nullable=True,
            comment="Family of the owner, who answer with him for utilities; null: nobody",
        ),
        schema="ops",
    )
    op.add_column(
        "filing_month",
        sa.Column(
            "family_ids",
            sa.ARRAY(sa.BigInteger()),
            nullable=True,
            comment="Family of the owner who answer for utilities of this month; null: nobody",
        ),
        schema="ops",
    )
    op.drop_index("uq_filing_item_holder", table_name="filing_item", schema="ops")
    op.create_index(
        "uq_filing_item_holder",
        "filing_item",
        [
            *("batch_id", "account_id", "holder_kind", "holder_person_id"),
            *("holder_organisation_id", "holder_name", "debtors", "family_ids"),
        ],
        unique=True,
        schema="ops",
        postgresql_nulls_not_distinct=True,
    )
    op.create_check_constraint(
        op.f("ck_filing_item_debtors_are_listed"),
        "filing_item",
        "debtors is null or jsonb_typeof(debtors) = 'array'",
        schema="ops",
    )
    # Papers are made by the owner, who sees everybody: nobody is named that the lawyer does not see.
    op.execute("""
        create policy debtors_are_known on ops.filing_item as restrictive
        for insert to dolgomer_screens
        with check (not exists (
            select 1
            from ops.people_asked(null, filing_item.debtors, filing_item.family_ids) as named
            where not exists (
                select 1 from ops.person_visible as p where p.person_id = named.person_id
            ) or (named.ward_id is not null and not exists (
                select 1 from ops.person_visible as p where p.person_id = named.ward_id
            ))
        ))
    """)
    op.execute("grant insert (debtors, family_ids) on ops.filing_item to dolgomer_screens")
    op.execute("grant insert (family_ids) on ops.filing_month to dolgomer_screens")


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
