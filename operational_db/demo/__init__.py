"""The demonstration town: an invented Krasnogorsk of any size, the same for the same seed."""

from operational_db.demo.town import TownError, TownSummary, load_town
from operational_db.demo.users import DEMO_USERS, DemoUser, create_users

__all__ = [
    "DEMO_USERS",
    "DemoUser",
    "TownError",
    "TownSummary",
    "create_users",
    "load_town",
]
