"""Every minute: sessions of screens that hold the database too long are ended."""

import dagster as dg

from operational_db.errors import ServerError
from operational_db.services.overlong_sessions import end_overlong_sessions
from orchestration.lib import environments
from orchestration.lib.database import DatabaseResource


@dg.sensor(
    minimum_interval_seconds=60,
    default_status=environments.sensor_status("overlong_sessions"),
    description="Завершает сеансы экранов, которые слишком долго держат базу",
)
def overlong_sessions(
    context: dg.SensorEvaluationContext, database: DatabaseResource
) -> dg.SkipReason:
    """Nothing is run: what was ended stands in the log of the sensor."""
    try:
        with database.engine().begin() as connection:
            ended = end_overlong_sessions(connection)
    except (ServerError, PermissionError) as problem:
        return dg.SkipReason(str(problem))
    for session in ended:
        context.log.warning(f"Сеанс {session.process} завершён: {session.reason}")
    return dg.SkipReason(f"Завершено сеансов: {len(ended)}")
