"""The clock by which facts are dated: a day of ours begins at midnight in Moscow."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


def now() -> datetime:
    """The moment that it is in Moscow."""
    return datetime.now(MOSCOW)


def today() -> date:
    """The day that it is in Moscow."""
    return now().date()
