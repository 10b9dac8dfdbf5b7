"""Where the dbt project lives, how Dagster runs it, and how its nodes are named as assets."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject

from operational_db import settings
from orchestration.lib.builds import PROJECT, dbt_environment, project_digest

# Reading the project needs no database; the profile must only be complete.
NOBODY = "postgresql://nobody@localhost/nothing"
DBT_OPTIONS = ("--no-version-check", "--no-use-colors")


class WarehouseTranslator(DagsterDbtTranslator):
    """Key and group by schema: ``marts/debt_intervals`` in the group ``marts``."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        node = self.get_resource_props(manifest, unique_id)
        spec = super().get_asset_spec(manifest, unique_id, project)
        # The name of the relation: screens/accounts and marts/accounts are models of two names.
        name = node.get("alias") or node["name"]
        return spec.replace_attributes(
            key=dg.AssetKey([node["schema"], name]), group_name=node["schema"]
        )


def dbt_project() -> DbtProject:
    """The dbt project with a manifest of its present models, read anew when there is none."""
    return DbtProject(project_dir=PROJECT, target_path=_manifest_folder(), profiles_dir=PROJECT)


def dbt_resource() -> DbtCliResource:
    """Run the dbt of this Python environment, whatever PATH says."""
    return DbtCliResource(
        project_dir=str(PROJECT),
        profiles_dir=str(PROJECT),
        dbt_executable=str(Path(sys.executable).parent / "dbt"),
        global_config_flags=list(DBT_OPTIONS),
    )


def run_folder() -> Path:
    """Where dbt writes during a run of Dagster; builds are exclusive, so one folder does."""
    return settings.home() / "dbt" / "dagster"


def _manifest_folder() -> Path:
    """Folder of the manifest of the present models.

    It is named by the digest of what it is made from, so a manifest never goes stale and is never
    overwritten while another process reads it.
    """
    made_from = project_digest() + (PROJECT / "dbt_project.yml").read_text("utf-8")
    digest = hashlib.sha256((made_from + version("dbt-core")).encode()).hexdigest()
    folder = settings.home() / "dbt" / "manifests" / digest[:16]
    if (folder / "manifest.json").exists():
        return folder
    with settings.locked("dbt-manifest"):
        if not (folder / "manifest.json").exists():
            _parse_into(folder)
    return folder


def _parse_into(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".draft-"))
    try:
        places = {"DBT_TARGET_PATH": str(draft), "DBT_LOG_PATH": str(draft / "logs")}
        outcome = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "dbt.cli.main", "--quiet", *DBT_OPTIONS, "parse"],
            cwd=PROJECT,
            env=os.environ | dbt_environment(NOBODY) | places,
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            raise RuntimeError(f"Модели расчёта не прочитаны:\n{outcome.stdout}{outcome.stderr}")
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
