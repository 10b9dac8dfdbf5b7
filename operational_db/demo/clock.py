"""Days and moments of the town: which months are charged, and when a fact became known."""

from dataclasses import dataclass
from datetime import date

import numpy as np

DAY = np.timedelta64(1, "D")
NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class Clock:
    """The months that are charged, and the last moment that may be recorded.

    Moments are Moscow wall-clock time; the loader tells the database so.
    """

    today: np.datetime64
    months: np.ndarray
    """Months charged, ascending (``datetime64[M]``)."""

    @classmethod
    def ending(cls, today: date, months: int) -> "Clock":
        """Charge ``months`` months, the last being the one before the month of ``today``."""
        this_month = np.datetime64(today, "M")
        return cls(np.datetime64(today, "D"), np.arange(this_month - months, this_month))

    @property
    def first_day(self) -> np.datetime64:
        return self.months[0].astype("datetime64[D]")

    @property
    def latest_moment(self) -> np.datetime64:
        """Midnight before ``today``: nothing is known from the future, at whatever hour we load."""
        return self.today.astype("datetime64[s]")

    def first_days(self) -> np.ndarray:
        return self.months.astype("datetime64[D]")

    def last_days(self) -> np.ndarray:
        return (self.months + 1).astype("datetime64[D]") - DAY

    def recorded(self, days: np.ndarray, seconds: np.ndarray | int) -> np.ndarray:
        """Return moments on the given days, ``seconds`` after midnight, never from the future."""
        moments = days.astype("datetime64[s]") + np.asarray(seconds).astype("timedelta64[s]")
        return np.minimum(moments, self.latest_moment)


def hour(value: float) -> int:
    """Return an hour of the day as seconds after midnight."""
    return int(value * 3600)
