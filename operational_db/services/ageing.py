"""Debt by age: the columns it falls into, and how they are added up."""

COLUMNS = {
    "advance": "advance",
    "not_due": "not_due",
    "d001_030": "days_1_30",
    "d031_060": "days_31_60",
    "d061_090": "days_61_90",
    "d091_180": "days_91_180",
    "d181_365": "days_181_365",
    "y1_3": "years_1_3",
    "y3_plus": "over_3_years",
}
"""Codes of ``reference.ageing_bucket`` and what papers and reports call them, in order."""


def sums(amount: str, bucket: str) -> str:
    """Columns of a query, named by the codes of the buckets.

    ``amount`` is an aggregate of our own query («sum(amount)»), ``bucket`` its column of codes.
    """
    return ", ".join(sum_of(amount, bucket, code) for code in COLUMNS)


def sum_of(amount: str, bucket: str, code: str, name: str | None = None) -> str:
    """One of these columns, under another name if it is given."""
    return f"coalesce({amount} filter (where {bucket} = '{code}'), 0.00) as {name or code}"
