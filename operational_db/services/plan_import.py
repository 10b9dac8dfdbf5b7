"""Loading plan files: the same file changes nothing, a changed one is a new version."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from operational_db.imports.problems import FileRefusedError
from operational_db.locks import LockSpace
from operational_db.plans.plan_file import MeasureSpecification, PlanSpecification, read_plan

SHIPPED = Path(__file__).parents[1] / "plans" / "data"
"""Plan files that come with the system: Krasnogorsk and Beloyarsky."""

LOCK = text(f"select pg_advisory_xact_lock({LockSpace.PLAN:d}, :organisation_id)")
MUNICIPALITIES = text(
    """
    select organisation_id, code from ops.organisation
    where kind = 'municipality' and (cast(:code as text) is null or code = :code)
    order by organisation_id
    """
)
LATEST = text(
    """
    select plan_id, version, sha256 from ops.plan
    where organisation_id = :organisation_id and code = :code
    order by version desc
    limit 1
    """
)
ADD_PLAN = text(
    """
    insert into ops.plan (
        organisation_id, code, version, title, approval, columns, valid_from, valid_to,
        file_name, sha256, user_id
    )
    values (
        :organisation_id, :code, :version, :title, :approval, cast(:columns as jsonb), :valid_from,
        :valid_to, :file_name, :sha256, :user_id
    )
    returning plan_id
    """
)
ADD_SECTION = text(
    "insert into ops.plan_section (plan_id, section_no, title) values (:plan_id, :number, :title)"
)
ADD_MEASURE = text(
    """
    insert into ops.plan_measure (
        plan_id, position, section_no, measure_no, name, quantity, expected_result, mechanism,
        indicators, responsible, term
    )
    values (
        :plan_id, :position, :section_no, :measure_no, :name, :quantity, :expected_result,
        :mechanism, :indicators, :responsible, :term
    )
    returning plan_measure_id
    """
)
ADD_INDICATOR = text(
    """
    insert into ops.plan_indicator (
        plan_measure_id, position, code, title, unit, counts, event_kinds, results, marks,
        among_marks, tolerance, debt_over, bands, average_charges_from, follow_up_kinds,
        follow_up_days, is_follow_up_working, period, calendar, is_daily_norm, target,
        offered_target, numerator, denominator, counting_rule, sources, awaits, responsible,
        deadline
    )
    values (
        :plan_measure_id, :position, :code, :title, :unit, :counts, :event_kinds, :results, :marks,
        :among_marks, :tolerance, :debt_over, :bands, :average_charges_from, :follow_up_kinds,
        :follow_up_days, :is_follow_up_working, :period, :calendar, :is_daily_norm, :target,
        :offered_target, :numerator, :denominator, :counting_rule, :sources, :awaits, :responsible,
        :deadline
    )
    """
)


@dataclass(frozen=True, slots=True)
class PlanLoaded:
    """What became of a plan file."""

    plan_id: int
    code: str
    version: int
    is_new: bool
    measures: int
    indicators: int

    def as_text(self, file_name: str) -> str:
        """Say it in Russian, for the command line."""
        if not self.is_new:
            return (
                f"Файл «{file_name}»: план «{self.code}» уже загружен (версия {self.version}), "
                "ничего не изменено."
            )
        return (
            f"Файл «{file_name}»: план «{self.code}», версия {self.version}: "
            f"мероприятий {self.measures}, показателей {self.indicators}. "
            "Показатели появятся после пересчёта."
        )


def import_plan(
    connection: Connection,
    *,
    file_name: str,
    content: bytes,
    organisation_id: int,
    user_id: int | None = None,
) -> PlanLoaded:
    """Load one plan file for a municipality; the caller owns the transaction.

    A file equal to the newest version changes nothing; a changed one becomes the next version and
    the old one stays. Raises ``FileRefusedError`` naming the file, line and field.
    """
    try:
        plan = read_plan(content)
    except FileRefusedError as error:
        raise FileRefusedError(f"Файл «{file_name}» не загружен. {error}") from error
    connection.execute(LOCK, {"organisation_id": organisation_id})
    sha256 = hashlib.sha256(content).hexdigest()
    of_plan = {"organisation_id": organisation_id, "code": plan.code}
    latest = connection.execute(LATEST, of_plan).one_or_none()
    counts = len(plan.measures), sum(len(measure.indicators) for measure in plan.measures)
    if latest is not None and latest.sha256 == sha256:
        return PlanLoaded(latest.plan_id, plan.code, latest.version, False, *counts)
    version = 1 if latest is None else latest.version + 1
    plan_id = _write(
        connection,
        plan,
        of_plan
        | {"version": version, "file_name": file_name, "sha256": sha256, "user_id": user_id},
    )
    return PlanLoaded(plan_id, plan.code, version, True, *counts)


def municipality_of_plans(connection: Connection, code: str | None = None) -> int:
    """The municipality that a plan file is of: the named one, or the only one there is."""
    found = connection.execute(MUNICIPALITIES, {"code": code}).all()
    if len(found) == 1:
        return found[0].organisation_id
    if not found:
        raise FileRefusedError(
            "Муниципалитета в базе нет: заведите его командой "
            "dolgomer organisation add КОД --kind municipality --name «…»."
            if code is None
            else f"Муниципалитета с кодом «{code}» нет."
        )
    codes = ", ".join(row.code for row in found)
    raise FileRefusedError(f"Муниципалитетов несколько: укажите --organisation. Есть: {codes}.")


def import_shipped_plans(connection: Connection) -> None:
    """Load the plans that come with the system, for the only municipality there is."""
    municipality = municipality_of_plans(connection)
    for file in sorted(SHIPPED.glob("*.yaml")):
        import_plan(
            connection,
            file_name=file.name,
            content=file.read_bytes(),
            organisation_id=municipality,
        )


def _write(connection: Connection, plan: PlanSpecification, head: dict) -> int:
    columns = [{"field": field, "heading": heading} for field, heading in plan.columns]
    plan_id = connection.execute(
        ADD_PLAN,
        head
        | {
            "title": plan.title,
            "approval": plan.approval,
            "columns": json.dumps(columns, ensure_ascii=False),
            "valid_from": plan.valid_from,
            "valid_to": plan.valid_to,
        },
    ).scalar_one()
    for number, title in enumerate(plan.sections, start=1):
        connection.execute(ADD_SECTION, {"plan_id": plan_id, "number": number, "title": title})
    for position, measure in enumerate(plan.measures, start=1):
        _write_measure(connection, plan_id, position, measure)
    return plan_id


def _write_measure(
    connection: Connection, plan_id: int, position: int, measure: MeasureSpecification
) -> None:
    values = {"plan_id": plan_id, "position": position, **measure.values}
    plan_measure_id = connection.execute(ADD_MEASURE, values).scalar_one()
    for place, indicator in enumerate(measure.indicators, start=1):
        connection.execute(
            ADD_INDICATOR,
            {"plan_measure_id": plan_measure_id, "position": place, **indicator.values},
        )
