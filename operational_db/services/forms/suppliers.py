"""Who is owed the money for a service: the recipient of the contract in force on a day.

Where an organisation has no contract for a service, it is its own supplier. Money that waits as an
advance belongs to no service and so to no supplier.
"""

from sqlalchemy import Connection, text

# Joins `supplier` to rows that have organisation_id and service_id, for the day :until.
JOIN = """
    left join lateral (
        select coalesce(
            (
                select c.recipient_id
                from ops.contract as c
                where c.organisation_id = {rows}.organisation_id
                    and c.service_id = {rows}.service_id
                    and c.valid_from <= :until
                    and (c.valid_to is null or c.valid_to >= :until)
                order by c.valid_from desc, c.contract_id
                limit 1
            ),
            {rows}.organisation_id
        ) as supplier_id
        where {rows}.service_id is not null
    ) as supplier on true
"""

SUPPLIERS = text(
    """
    select o.organisation_id, o.short_name
    from ops.organisation as o
    where o.organisation_id in (
        select c.recipient_id from ops.contract as c
        union
        select a.organisation_id from ops.account as a
    )
    order by ops.russian_sort_key(o.short_name)
    """
)
SERVICES = text("select service_id, name from reference.service order by sort_order")


def suppliers(connection: Connection) -> dict[int, str]:
    """Everybody who can be owed money for a service, by name."""
    return {row.organisation_id: row.short_name for row in connection.execute(SUPPLIERS)}


def services(connection: Connection) -> dict[int, str]:
    """Services in their customary order, by name."""
    return {row.service_id: row.name for row in connection.execute(SERVICES)}
