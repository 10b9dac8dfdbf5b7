"""dbt reads the models once per process of tests instead of once per build.

Reading them takes longer than building a warehouse of a few accounts. What dbt read depends on the
models and on where they are built; only the name of the database differs between tests.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from dbt.cli import main
from dbt.contracts.graph.manifest import Manifest

# What is looked up when a statement is run, and not when a model is read.
LATE_VARIABLES = ("as_of", "known_at")
Runner = main.dbtRunner


class ReadingOnce(Runner):
    """dbt that builds from a copy of what was read for an earlier database."""

    read: dict[str, Manifest] = {}

    def invoke(self, args: list[str], **options: object) -> main.dbtRunnerResult:
        if args and "build" in args and "--vars" in args and self.manifest is None:
            self.manifest = self._manifest(args[args.index("--vars") + 1])
        return super().invoke(args, **options)

    def _manifest(self, variables: str) -> Manifest | None:
        early = {k: v for k, v in json.loads(variables).items() if k not in LATE_VARIABLES}
        key = json.dumps(early, sort_keys=True)
        if key not in self.read:
            parse = ["--log-level", "none", "--log-level-file", "none", "parse"]
            outcome = Runner().invoke([*parse, "--vars", variables])
            if not outcome.success:
                return None  # the build itself tells what is wrong with the models
            self.read[key] = outcome.result
        return in_database(self.read[key])


def in_database(read: Manifest) -> Manifest:
    """A copy whose tables are in the database of the environment."""
    manifest, name = read.deepcopy(), os.environ["DOLGOMER_DBT_NAME"]
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}"', f'"{name}"', 1)
        node.database = name
    return manifest


@contextmanager
def models_read_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "dbtRunner", ReadingOnce)
        yield
