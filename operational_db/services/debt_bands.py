"""Bands of debt by which plans, lists and the radar divide accounts."""

from sqlalchemy import Connection, text


def names(connection: Connection) -> dict[str, str]:
    """Codes of the bands and what they are called, the largest debt first."""
    return {row.band_code: row.label for row in connection.execute(NAMES)}


NAMES = text("select band_code, label from reference.debt_band order by sort_order")
