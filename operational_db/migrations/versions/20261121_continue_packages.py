"""let those who approve a batch go on with its run after it failed

Revision ID: a10f00000034
Revises: a10f00000031
"""

from alembic import op

revision = "a10f00000034"
down_revision = "a10f00000031"


def upgrade() -> None:
    # As its owner: screens only add requests. Only the failed run of an approved batch of the
    # session's own organisation is touched, and only to be queued again.
    op.execute("""
        create function ops.continue_packages(of_batch bigint) returns boolean
        language plpgsql volatile security definer
        set search_path = pg_catalog, pg_temp
        as $$
        begin
            if not coalesce(ops.has_any_role('lawyer', 'manager'), false) then
                return false;
            end if;
            update ops.run_request as r set
                state = 'queued', message = null, finished_at = null,
                parameters = r.parameters || jsonb_build_object(
                    'continued', coalesce((r.parameters ->> 'continued')::integer, 0) + 1
                )
            from ops.filing_step as s
            inner join ops.filing_batch as b on s.batch_id = b.batch_id
            where s.batch_id = of_batch and s.kind = 'approved'
                and s.run_request_id = r.run_request_id
                and b.organisation_id = ops.own_organisation()
                and r.kind = 'court_packages' and r.state = 'failed'
                and not exists (
                    select from ops.filing_step as p
                    where p.batch_id = of_batch and p.kind = 'printed'
                );
            return found;
        end
        $$
    """)
    op.execute("""
        comment on function ops.continue_packages(bigint) is
            'Queue the failed run of an approved batch again; false where there is none'
    """)
    op.execute("revoke execute on function ops.continue_packages(bigint) from public")
    op.execute("grant execute on function ops.continue_packages(bigint) to dolgomer_screens")


def downgrade() -> None:
    raise NotImplementedError("Take the database back from a copy: nothing is dropped.")
