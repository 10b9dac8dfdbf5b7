"""dbt reads the models once per process of tests instead of once per build.

Reading them takes longer than building a warehouse of a few accounts. What dbt read depends on the
models and on what it was asked for; between tests only the name of the database differs.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from dbt.cli import main, requires
from dbt.contracts.graph.manifest import Manifest

# What is looked up when a statement is run, and not when a model is read.
LATE_VARIABLES = ("as_of", "known_at")
Runner = main.dbtRunner
read_models = requires.parse_manifest


class ReadingOnce(Runner):
    """dbt that builds from a copy of what was read for an earlier build of the same kind."""

    read: dict[str, Manifest] = {}

    def invoke(self, args: list[str], **options: Any) -> main.dbtRunnerResult:
        asked = _but_for_late_variables(args)
        # Nobody reads what dbt would write down of a build of a test.
        args = ["--no-write-json", *args]
        if "--log-level-file" in args:
            args[args.index("--log-level-file") + 1] = "none"
        if asked in self.read:
            self.manifest = _in_the_database_of_now(self.read[asked])
            return super().invoke(args, **options)

        def remember(*parts: Any) -> Manifest:
            manifest = read_models(*parts)
            self.read[asked] = manifest.deepcopy()
            return manifest

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(requires, "parse_manifest", remember)
            return super().invoke(args, **options)


@contextmanager
def models_read_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "dbtRunner", ReadingOnce)
        yield


def _but_for_late_variables(args: list[str]) -> str:
    asked = list(args)
    if "--vars" in asked:
        place = asked.index("--vars") + 1
        given = json.loads(asked[place])
        asked[place] = json.dumps({k: v for k, v in given.items() if k not in LATE_VARIABLES})
    return " ".join(asked)


def _in_the_database_of_now(read: Manifest) -> Manifest:
    manifest, name = read.deepcopy(), os.environ["DOLGOMER_DBT_NAME"]
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}"', f'"{name}"', 1)
        node.database = name
    return manifest
