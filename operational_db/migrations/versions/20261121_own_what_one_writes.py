"""let people write for their own organisation only, and common registries by one administrator

Revision ID: a10f00000009
Revises: a10f00000033
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from operational_db.migrations.guarding import IN_ONES_OWN_NAME, only_where

revision = "a10f00000009"
down_revision = "a10f00000033"

SQL = Path(__file__).parent / "sql" / "a10f00000009_own.sql"
OWN = "(select ops.own_organisation())"
KEEPS_REGISTRIES = "(select ops.keeps_registries())"
OF_ITS_OWNER = (
    "exists (select 1 from ops.{owner} as mine where mine.{key} = {{table}}.{key} "
    "and mine.organisation_id = (select ops.own_organisation()))"
)
OF_ACCOUNT = OF_ITS_OWNER.format(owner="account", key="account_id")
OF_PERSON = OF_ITS_OWNER.format(owner="person_visible", key="person_id")
# Whoever oversees a company reads its rows. What it owes and claims, who its people are, and who
# may use its forms is said by the company itself.
KEYED_BY_ORGANISATION = (
    *("account", "bank_operation", "court_case", "duty_register", "egrn_extract", "filing_batch"),
    *(
        "instalment_agreement",
        "payment_request",
        "person",
        "report_form_right",
        "state_duty",
        "template_choice",
    ),
    *("template_version", "work_cost"),
)
KEYED_BY_ACCOUNT = (
    *("account_state", "bill_delivery", "bill_event", "case_debtor", "case_event", "charge"),
    *("claimed_month", "execution_document", "execution_document_correction"),
    *("instalment_agreement", "payment", "payment_detail", "write_off"),
    *("account_note", "work_assignment"),
)
KEYED_BY_PERSON = (
    *("person_bankruptcy", "person_correction", "person_identifier", "person_identifier_removal"),
    *("representative", "representative_end"),
)
KEYED_BY_ANOTHER = {
    "bank_operation_decision": ("bank_operation", "bank_operation_id"),
    "duty_register_item": ("duty_register", "duty_register_id"),
    "filing_finding": ("filing_batch", "batch_id"),
    "filing_item": ("filing_batch", "batch_id"),
    "filing_month": ("filing_batch", "batch_id"),
    "filing_step": ("filing_batch", "batch_id"),
    "instalment_debtor": ("instalment_agreement", "instalment_agreement_id"),
    "instalment_event": ("instalment_agreement", "instalment_agreement_id"),
    "instalment_line": ("instalment_agreement", "instalment_agreement_id"),
    "state_duty_event": ("state_duty", "state_duty_id"),
}
# Earlier policies took rows of nobody as well: no author, no answer.
SIGNED = ("account_state", "charge", "import_file", "payment", "write_off")
COURT_FILES = ("courts", "court-details", "court-territories")


def upgrade() -> None:
    op.add_column(
        "organisation",
        sa.Column(
            "keeps_registries",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Its administrators write what all organisations use: courts, their payment "
            "details and territories",
        ),
        schema="ops",
    )
    _name_the_keeper_of_registries()
    op.execute(SQL.read_text("utf-8"))
    _let_one_administrator_keep_registries()
    _let_write_for_ones_own_organisation()


def _name_the_keeper_of_registries() -> None:
    """Take one: the first municipality, else the first organisation; an administrator may move it."""
    op.execute("""
        update ops.organisation set keeps_registries = true
        where organisation_id = (
            select o.organisation_id from ops.organisation as o
            order by (o.kind = 'municipality') desc, o.organisation_id
            limit 1
        )
    """)


def _let_one_administrator_keep_registries() -> None:
    for table in ("court", "court_payment_details", "court_territory"):
        only_where("insert", table, "by_keeper_of_registries", KEEPS_REGISTRIES)
    only_where("update", "court", "refreshed_by_keeper_of_registries", KEEPS_REGISTRIES)
    files = ", ".join(f"'{kind}'" for kind in COURT_FILES)
    only_where(
        "insert",
        "import_file",
        "courts_by_keeper_of_registries",
        f"kind not in ({files}) or {KEEPS_REGISTRIES}",
    )
    # A house is heard by one court whoever sues: a company decides only where it is alone.
    only_where(
        "insert",
        "house_court_decision",
        "by_keeper_or_alone",
        f"{KEEPS_REGISTRIES} or ops.is_alone_in_house({{table}}.house_id)",
    )


def _let_write_for_ones_own_organisation() -> None:
    name = "of_ones_own_organisation"
    for table in KEYED_BY_ORGANISATION:
        only_where("insert", table, name, f"{{table}}.organisation_id = {OWN}")
    only_where(
        "insert",
        "import_file",
        name,
        f"{{table}}.organisation_id is null or {{table}}.organisation_id = {OWN}",
    )
    for table in KEYED_BY_ACCOUNT:
        only_where("insert", table, "of_account_of_ones_own", OF_ACCOUNT)
    for table in KEYED_BY_PERSON:
        only_where("insert", table, name, OF_PERSON)
    for table, (owner, key) in KEYED_BY_ANOTHER.items():
        only_where("insert", table, name, OF_ITS_OWNER.format(owner=owner, key=key))
    only_where("insert", "instalment_debtor", "person_of_ones_own_organisation", OF_PERSON)
    # An application is about an account of the organisation whose batch it is in.
    only_where("insert", "filing_item", "account_of_ones_own_organisation", OF_ACCOUNT)
    for table in SIGNED:
        only_where("insert", table, "in_ones_own_name", IN_ONES_OWN_NAME)


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
