"""The demonstration town: an invented Krasnogorsk of any size, the same for the same seed."""

from operational_db.demo.town import TownError, TownSummary, load_town

__all__ = ["TownError", "TownSummary", "load_town"]
