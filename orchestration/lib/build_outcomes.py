"""What a build of Dagster came to, in the words that a user reads."""

import json
from pathlib import Path

from sqlalchemy import Connection

from document_gen.russian import counted, number
from orchestration.lib.builds import LAST_BUILD, BuildPlan


def success_text(connection: Connection, plan: BuildPlan) -> str:
    """Tell what the build that has just finished did."""
    row = connection.execute(LAST_BUILD).one()
    extent = f"полный ({plan.reason})" if plan.is_full else "по изменениям"
    accounts = counted(row.accounts_rebuilt, "счёт", "счёта", "счетов")
    return f"Пересчёт {extent}: {accounts}, {number(row.seconds, 1)} с."


def failure_text(run_folder: Path) -> str:
    """Name the models that were not built and the reconciliations that do not agree.

    Reads what dbt wrote down about its run; where it wrote nothing, it did not begin.
    """
    try:
        results = json.loads((run_folder / "run_results.json").read_text("utf-8"))["results"]
    except FileNotFoundError:
        return "Пересчёт не начался: нет связи с базой данных или модели расчёта не читаются."
    failures = [_failure(result) for result in results if _is_failure(result)]
    return "\n".join(["Пересчёт не закончен, прежние показатели остались.", *failures])


def _is_failure(result: dict) -> bool:
    return result["status"] in ("error", "fail", "runtime error")


def _failure(result: dict) -> str:
    name = result["unique_id"].split(".")[2]
    if result["status"] == "fail":
        return f"Сверка «{name}» не сошлась, строк с расхождением: {result['failures']}."
    return f"«{name}»: {(result['message'] or '').strip()}"
