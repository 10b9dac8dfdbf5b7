"""know who may see which report form

Rights by form, requests to pay out money, and what agents tell of receipts beyond their sums.

Revision ID: a10f00000007
Revises: a10f00000006
"""

import sqlalchemy as sa
from alembic import op

from operational_db.migrations.guarding import (
    OF_ACCOUNT,
    OF_ORGANISATION,
    SIGNED_IN,
    let_add,
    let_read,
)
from operational_db.models.imports import ImportKind

revision = "a10f00000007"
down_revision = "a10f00000006"

FORMS = ("osv", "payments-register", "debt-info", "resource")
# Until somebody decides otherwise: the accountant and the manager use every form, the lawyer the
# information about debts; an official of the municipality sees sheets without requests to pay.
FIRST_RIGHTS = {
    "accountant": FORMS,
    "manager": FORMS,
    "lawyer": ("debt-info",),
    "official": ("osv", "debt-info", "resource"),
}
ROLES = ("official", "manager", "lawyer", "accountant", "operator", "inspector", "administrator")
OF_FORM = (
    "{table}.organisation_id = any ((select ops.organisations_of_form('payments-register'))"
    "::integer[])"
)
FROM_FILE_IN_SIGHT = (
    "({table}.import_id is null or exists (select 1 from ops.import_file as f "
    "where f.import_id = {table}.import_id))"
)


def upgrade() -> None:
    _rights()
    _payment_requests()
    _payment_details()
    # The kinds of files are those that the code knows; other revisions added theirs before.
    kinds = ", ".join(f"'{kind.value}'" for kind in ImportKind)
    op.drop_constraint("ck_import_file_importkind", "import_file", schema="ops")
    op.create_check_constraint(
        op.f("ck_import_file_importkind"), "import_file", f"kind in ({kinds})", schema="ops"
    )


def _rights() -> None:
    op.create_table(
        "report_form_right",
        sa.Column("report_form_right_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "organisation_id",
            sa.Integer(),
            nullable=True,
            comment="Null: in every organisation that has no row of its own",
        ),
        sa.Column(
            "role",
            sa.Enum(*ROLES, name="role", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "form",
            sa.Enum(
                *FORMS, name="reportform", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        _recorded_at(),
        sa.ForeignKeyConstraint(["organisation_id"], ["ops.organisation.organisation_id"],
            name=op.f("fk_report_form_right_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_report_form_right_user_id_app_user")),
        sa.PrimaryKeyConstraint("report_form_right_id", name=op.f("pk_report_form_right")),
        schema="ops",
        comment="Rights to report forms by role and organisation; append-only, newest counts",
    )  # fmt: skip
    op.create_index(
        op.f("ix_report_form_right_form_role_organisation_id_recorded_at"),
        "report_form_right",
        ["form", "role", "organisation_id", "recorded_at"],
        schema="ops",
    )
    op.bulk_insert(
        sa.table("report_form_right", sa.column("role"), sa.column("form"),
            sa.column("is_allowed"), schema="ops"),
        [
            {"role": role, "form": form, "is_allowed": True}
            for role, forms in FIRST_RIGHTS.items()
            for form in forms
        ],
    )  # fmt: skip
    op.execute(
        """
        create function ops.organisations_of_form(asked_form text) returns integer[]
        language sql stable security definer parallel restricted
        set search_path = pg_catalog, pg_temp
        as $$
            select coalesce(array_agg(seen.organisation_id), '{}')
            from unnest(ops.visible_organisations()) as seen (organisation_id)
            where exists (
                select 1
                from unnest(ops.session_roles()) as mine (role)
                cross join lateral (
                    -- What is said of the organisation itself goes before what is said of all.
                    select r.is_allowed
                    from ops.report_form_right as r
                    where r.form = asked_form and r.role = mine.role
                        and (r.organisation_id = seen.organisation_id or r.organisation_id is null)
                    order by r.organisation_id is null, r.recorded_at desc,
                        r.report_form_right_id desc
                    limit 1
                ) as newest
                where newest.is_allowed
            )
        $$
        """
    )
    op.execute(
        "comment on function ops.organisations_of_form(text) is "
        "'Organisations whose rows of a report form the user of the session may see'"
    )
    _only_added("report_form_right")
    let_read(
        "report_form_right",
        "({table}.organisation_id is null or " + OF_ORGANISATION + ") and " + SIGNED_IN,
    )
    let_add(
        "report_form_right",
        ("organisation_id", "role", "form", "is_allowed", "user_id"),
        OF_ORGANISATION,
        roles=("administrator",),
    )


def _payment_requests() -> None:
    op.create_table(
        "payment_request",
        sa.Column("payment_request_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False, comment="Номер заявки"),
        sa.Column("desired_on", sa.Date(), nullable=False, comment="Желаемая дата платежа"),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False, comment="Сумма документа, ₽"),
        sa.Column("counterparty", sa.String(), nullable=False, comment="Контрагент"),
        sa.Column("alternative_recipient", sa.String(), nullable=True,
            comment="Who gets the money instead of the counterparty"),
        sa.Column("contract", sa.String(), nullable=True, comment="Договор контрагента"),
        sa.Column("purpose", sa.String(), nullable=False, comment="Назначение платежа"),
        sa.Column("responsibility_centre", sa.String(), nullable=True,
            comment="ЦФО, centre of financial responsibility"),
        sa.Column("settlement_account", sa.String(), nullable=False,
            comment="Расчётный счёт, 20 digits"),
        sa.Column("initiator", sa.String(), nullable=False, comment="Who asks for the payment"),
        sa.Column("replaces_request_id", sa.BigInteger(), nullable=True,
            comment="The row that this one corrects or withdraws"),
        sa.Column("is_withdrawn", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        _recorded_at(),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_request_amount_positive")),
        sa.CheckConstraint("number = btrim(number) and number <> ''",
            name=op.f("ck_payment_request_number_filled")),
        sa.CheckConstraint("desired_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_payment_request_desired_on_credible")),
        sa.CheckConstraint("settlement_account ~ '^[0-9]{20}$'",
            name=op.f("ck_payment_request_settlement_account_format")),
        sa.CheckConstraint("not is_withdrawn or replaces_request_id is not null",
            name=op.f("ck_payment_request_withdrawal_names_a_request")),
        sa.ForeignKeyConstraint(["organisation_id"], ["ops.organisation.organisation_id"],
            name=op.f("fk_payment_request_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["organisation_id", "replaces_request_id"],
            ["ops.payment_request.organisation_id", "ops.payment_request.payment_request_id"],
            name="fk_payment_request_replaced_of_organisation"),
        sa.ForeignKeyConstraint(["import_id"], ["ops.import_file.import_id"],
            name=op.f("fk_payment_request_import_id_import_file")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_payment_request_user_id_app_user")),
        sa.PrimaryKeyConstraint("payment_request_id", name=op.f("pk_payment_request")),
        sa.UniqueConstraint("organisation_id", "payment_request_id",
            name=op.f("uq_payment_request_organisation_id_payment_request_id")),
        schema="ops",
        comment="Requests of organisations to pay out money; append-only",
    )  # fmt: skip
    op.create_index(
        op.f("ix_payment_request_organisation_id_desired_on"),
        "payment_request",
        ["organisation_id", "desired_on"],
        schema="ops",
    )
    op.create_index(
        "uq_payment_request_replaced",
        "payment_request",
        ["replaces_request_id"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("replaces_request_id is not null"),
    )
    op.create_index(
        "uq_payment_request_number",
        "payment_request",
        ["organisation_id", "number"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("replaces_request_id is null"),
    )
    _only_added("payment_request")
    let_read("payment_request", OF_FORM)
    let_add(
        "payment_request",
        (
            "organisation_id", "number", "desired_on", "amount", "counterparty",
            "alternative_recipient", "contract", "purpose", "responsibility_centre",
            "settlement_account", "initiator", "replaces_request_id", "is_withdrawn",
            "import_id", "import_line", "user_id",
        ),
        OF_FORM,
        FROM_FILE_IN_SIGHT,
        roles=("accountant", "manager"),
    )  # fmt: skip


def _payment_details() -> None:
    op.create_table(
        "payment_detail",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        _recorded_at(),
        sa.Column("credited_on", sa.Date(), nullable=True,
            comment="Day the money reached our account"),
        sa.Column("commission", sa.Numeric(14, 2), nullable=True,
            comment="What the agent kept for the transfer, ₽"),
        sa.Column("receipt_number", sa.String(), nullable=True,
            comment="Number of the fiscal receipt"),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("import_line", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("commission >= 0",
            name=op.f("ck_payment_detail_commission_not_negative")),
        sa.CheckConstraint("credited_on between date '1991-01-01' and date '2036-12-31'",
            name=op.f("ck_payment_detail_credited_on_credible")),
        sa.ForeignKeyConstraint(["account_id"], ["ops.account.account_id"],
            name=op.f("fk_payment_detail_account_id_account")),
        sa.ForeignKeyConstraint(["import_id"], ["ops.import_file.import_id"],
            name=op.f("fk_payment_detail_import_id_import_file")),
        sa.ForeignKeyConstraint(["user_id"], ["ops.app_user.user_id"],
            name=op.f("fk_payment_detail_user_id_app_user")),
        sa.PrimaryKeyConstraint("account_id", "payment_id", "recorded_at",
            name=op.f("pk_payment_detail")),
        schema="ops",
        comment="Day of crediting, commission and fiscal receipt of payments; append-only",
    )  # fmt: skip
    _only_added("payment_detail")
    let_read("payment_detail", OF_ACCOUNT)
    let_add(
        "payment_detail",
        (
            "account_id", "payment_id", "credited_on", "commission", "receipt_number",
            "import_id", "import_line", "user_id",
        ),
        OF_ACCOUNT,
        FROM_FILE_IN_SIGHT,
        roles=("accountant", "manager", "administrator"),
    )  # fmt: skip


def _only_added(table: str) -> None:
    op.execute(
        f"create trigger facts_are_only_added before update or delete on ops.{table} "
        "for each statement execute function ops.refuse_change()"
    )
    op.execute(
        f"create trigger facts_are_not_thrown_away before truncate on ops.{table} "
        "for each statement execute function ops.refuse_change()"
    )


def _recorded_at() -> sa.Column:
    return sa.Column(
        "recorded_at",
        sa.DateTime(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
        comment="When we came to know this row",
    )


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
