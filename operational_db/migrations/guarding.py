"""Row-level security for tables that later migrations add, in the words of the first guard.

A table without a policy shows nothing to screens, so a migration that adds one also says whose its
rows are, who may read them and who may add which columns. The owner is bound by none of it.
Everything here runs while a migration runs; the names come from migrations, never from a user.
"""

from collections.abc import Sequence
from typing import Literal

from alembic import op

OF_ORGANISATION = "{table}.organisation_id = any ((select ops.visible_organisations())::integer[])"
OF_ACCOUNT = "exists (select 1 from ops.account as a where a.account_id = {table}.account_id)"
SIGNED_IN = "(select ops.session_user_id()) is not null"
IN_ONES_OWN_NAME = "{table}.user_id = (select ops.session_user_id())"


def has_role(roles: Sequence[str]) -> str:
    """Return the condition that the session's user has one of ``roles``."""
    return "(select ops.has_any_role({}))".format(", ".join(f"'{role}'" for role in roles))


def let_read(table: str, whose: str, roles: Sequence[str] = ()) -> None:
    """Show rows of ``ops.table`` for which ``whose`` holds to screens (of ``roles``, if named)."""
    condition = whose.format(table=table) + (f" and {has_role(roles)}" if roles else "")
    op.execute(f"alter table ops.{table} enable row level security")
    op.execute(
        f"create policy own_rows on ops.{table} for select to dolgomer_screens using ({condition})"
    )
    op.execute(f"grant select on ops.{table} to dolgomer_screens")


def let_add(table: str, columns: Sequence[str], *conditions: str, roles: Sequence[str]) -> None:
    """Let screens of ``roles`` insert ``columns`` where every one of ``conditions`` holds.

    Where a column is named ``user_id``, rows are added in the user's own name only.
    """
    all_of = [c.format(table=table) for c in conditions] + [has_role(roles)]
    if "user_id" in columns:
        all_of.append(IN_ONES_OWN_NAME.format(table=table))
    op.execute(
        f"create policy add_own on ops.{table} for insert to dolgomer_screens "
        f"with check ({' and '.join(all_of)})"
    )
    op.execute(f"grant insert ({', '.join(columns)}) on ops.{table} to dolgomer_screens")


def only_where(command: Literal["insert", "update"], table: str, name: str, condition: str) -> None:
    """Narrow what screens may do to ``ops.table``: whatever allows it, ``condition`` holds too."""
    told = condition.format(table=table)
    kept = f"with check ({told})" if command == "insert" else f"using ({told}) with check ({told})"
    op.execute(
        f"create policy {name} on ops.{table} as restrictive for {command} "
        f"to dolgomer_screens {kept}"
    )


def let_request(kind: str, roles: Sequence[str]) -> None:
    """Let screens of ``roles`` ask for a run of ``kind`` for an organisation that they see."""
    whose = OF_ORGANISATION.format(table="run_request")
    mine = IN_ONES_OWN_NAME.format(table="run_request")
    op.execute(
        f"create policy ask_for_{kind} on ops.run_request for insert to dolgomer_screens "
        f"with check (kind = '{kind}' and {whose} and {has_role(roles)} and {mine})"
    )


def also_allow(table: str, column: str, constraint: str, value: str) -> None:
    """Take one more value into the list that ``constraint`` keeps ``ops.table.column`` within.

    Whatever other migrations added before stays allowed.
    """
    op.execute(f"""
        do $$
        declare
            allowed text := pg_get_expr(c.conbin, c.conrelid) from pg_constraint as c
                where c.conrelid = 'ops.{table}'::regclass and c.conname = '{constraint}';
        begin
            execute 'alter table ops.{table} drop constraint {constraint}';
            execute 'alter table ops.{table} add constraint {constraint} check (('
                || allowed || ') or {column} = ''{value}'')';
        end
        $$
    """)


def only_add(table: str) -> None:
    """Refuse changes and deletions in ``ops.table``: facts are only added."""
    op.execute(
        f"create trigger facts_are_only_added before update or delete on ops.{table} "
        "for each statement execute function ops.refuse_change()"
    )
    op.execute(
        f"create trigger facts_are_not_thrown_away before truncate on ops.{table} "
        "for each statement execute function ops.refuse_change()"
    )
