"""Resources, in a module of their own: a module with ``@dg.definitions`` loads nothing else."""

import dagster as dg

from orchestration.lib.database import DatabaseResource
from orchestration.lib.warehouse import dbt_resource


@dg.definitions
def resources() -> dg.Definitions:
    return dg.Definitions(
        resources={"database": DatabaseResource(), "dbt": dbt_resource()},
        # Every job of ours is one step: a process of its own would only load everything again.
        executor=dg.in_process_executor,
    )
