"""Great Expectations over the operational facts: which rules are broken, and by how many rows."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from orchestration.lib.quality.rules import Rule


@dataclass(frozen=True, slots=True)
class Broken:
    """How many rows break a rule; none where it is kept."""

    rule: Rule
    rows: int


def validate(url: str, rules: Sequence[Rule]) -> Iterator[Broken]:
    """Check the rules against the database at ``url``, a suite per table."""
    # Set before the import: otherwise it would report its use to its makers.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # seconds to import: not for every command

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_postgres("operational", connection_string=url)
    ordered = sorted(rules, key=lambda rule: rule.table)
    for table, of_table in groupby(ordered, key=lambda rule: rule.table):
        asked = list(of_table)
        schema, name = table.split(".")
        batch = (
            source.add_table_asset(table, schema_name=schema, table_name=name)
            .add_batch_definition_whole_table("all")
            .get_batch()
        )
        for rule in asked:
            expectation = gx.expectations.UnexpectedRowsExpectation(
                unexpected_rows_query=rule.query, severity="warning"
            )
            outcome = batch.validate(expectation)
            if outcome.exception_info and outcome.exception_info.get("raised_exception"):
                raise RuntimeError(f"{rule.code}: {outcome.exception_info['exception_message']}")
            yield Broken(rule, int(outcome.result["observed_value"]))
