"""What papers say of the organisation that sends them."""


def bank_account(day: str = "ops.as_of()") -> str:
    """A join of the bank account ``b`` of the organisation ``o`` that papers of a day name.

    Of several that are open on the day it is the one opened last. ``day`` is an expression of our
    own query, never of a user.
    """
    return f"""left join lateral (
        select t.* from ops.bank_account as t
        where t.organisation_id = o.organisation_id and t.valid_from <= {day}
            and (t.valid_to is null or t.valid_to >= {day})
        order by t.valid_from desc, t.bank_account_id
        limit 1
    ) as b on true"""  # noqa: S608 - expressions of our own
