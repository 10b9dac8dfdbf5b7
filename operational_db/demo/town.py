"""Load the demonstration town into an empty database."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection, text

from operational_db.demo import consumption, ledger, tables
from operational_db.demo.clock import Clock
from operational_db.demo.loading import FILLED_TABLES, LARGE_TABLES, NOTED_TABLES, Town
from operational_db.demo.work import WORKED_TABLES

SMALLEST_TOWN, SHORTEST_HISTORY = 50, 6
LARGEST_TOWN, LONGEST_HISTORY = 1_000_000, 180


class TownError(RuntimeError):
    """The town cannot be loaded; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class TownSummary:
    """What was loaded: rows by table, and the months."""

    accounts: int
    months: int
    first_period: date
    last_period: date
    seed: int
    rows: dict[str, int]
    reading_months: int
    """Meters keep readings for so many last months."""

    def __str__(self) -> str:
        """Say it in Russian, for the command line."""
        readings = (
            ""
            if self.reading_months == self.months
            else f" (за последние {self.reading_months} мес.)"
        )
        return (
            f"Лицевых счетов: {self.accounts}, месяцев начислений: {self.months} "
            f"({self.first_period:%m.%Y}–{self.last_period:%m.%Y}). "
            f"Домов: {self.rows['house']}, граждан: {self.rows['person']}, "
            f"начислений и перерасчётов: {self.rows['charge']}, оплат: {self.rows['payment']}, "
            f"показаний приборов учёта: {self.rows['meter_reading']}{readings}."
        )


def load_town(
    connection: Connection,
    *,
    accounts: int = 3_000,
    months: int = 36,
    seed: int = 1,
    today: date,
) -> TownSummary:
    """Fill a migrated database with the town, in the caller's transaction, as its owner.

    Months end with the one before that of ``today``. The same arguments give the same rows, to the
    second of ``recorded_at``. ``TownError`` when the size is out of range, anything of it is there
    already, or the reference data is missing.
    """
    _check_size(accounts, months, seed)
    _check_empty(connection)
    clock = Clock.ending(today, months)
    service_ids = _service_ids(connection)
    due_days = _due_days(connection, clock)
    driver = connection.connection.driver_connection
    connection.execute(text("set local timezone = 'Europe/Moscow'"))
    connection.execute(text("set local maintenance_work_mem = '512MB'"))
    town = Town(driver, clock, seed, accounts, service_ids, due_days)
    with tables.bare(driver, LARGE_TABLES), tables.quiet(driver, NOTED_TABLES):
        town.load_registers()
        town.load_ledger()
    with tables.quiet(driver, WORKED_TABLES):
        town.load_work()
    town.finish()
    return TownSummary(
        accounts=accounts,
        months=months,
        first_period=clock.first_days()[0].item(),
        last_period=clock.first_days()[-1].item(),
        seed=seed,
        rows=town.rows,
        reading_months=consumption.months_of_readings(accounts, months),
    )


def _check_size(accounts: int, months: int, seed: int) -> None:
    if not SMALLEST_TOWN <= accounts <= LARGEST_TOWN:
        raise TownError(
            f"Число лицевых счетов {accounts} не подходит: нужно от {SMALLEST_TOWN} "
            f"до {LARGEST_TOWN}."
        )
    if not SHORTEST_HISTORY <= months <= LONGEST_HISTORY:
        raise TownError(
            f"Число месяцев {months} не подходит: нужно от {SHORTEST_HISTORY} до {LONGEST_HISTORY}."
        )
    if seed < 0:
        raise TownError(f"Зерно {seed} не подходит: нужно целое число от 0.")


def _check_empty(connection: Connection) -> None:
    for table in FILLED_TABLES:
        # Table names are the constants above.
        if connection.scalar(text(f"select exists (select 1 from ops.{table})")):  # noqa: S608
            raise TownError(
                "Демонстрационный город загружается только в пустую базу данных, а в ней уже есть "
                f"записи (таблица ops.{table}). Чтобы начать заново, удалите папку данных "
                "или создайте новую базу данных."
            )


def _service_ids(connection: Connection) -> dict[str, int]:
    found = {
        row.code: row.service_id
        for row in connection.execute(text("select code, service_id from reference.service"))
    }
    missing = [code for code in ledger.CODES if code not in found]
    if missing:
        raise TownError(
            "В справочнике услуг нет: " + ", ".join(missing) + ". Сначала загрузите справочники."
        )
    return found


def _due_days(connection: Connection, clock: Clock) -> np.ndarray:
    """Return the due day of every charged month, as the law of that month says."""
    days = []
    for period in clock.first_days().tolist():
        day = connection.scalar(
            text(
                "select due_day from reference.due_day where scope = 'housing' "
                "and period_from <= :period and (period_to is null or period_to >= :period) "
                "order by period_from desc limit 1"
            ),
            {"period": period},
        )
        if day is None:
            raise TownError(
                f"В справочнике сроков оплаты нет строки для {period:%m.%Y}. "
                "Сначала загрузите справочники."
            )
        days.append(day)
    return np.array(days)
