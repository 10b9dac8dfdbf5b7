"""Rooms keep to themselves, every page can be imported, the schema is what the models say."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from operational_db import migrate, server
from operational_db.base import Base

ROOT = Path(__file__).parents[2]
PACKAGES = ("apps", "document_gen", "dolgomer", "operational_db", "orchestration")
# Pages run as scripts of Streamlit: importing one outside of it draws it into nowhere.
SCRIPTS = re.compile(r"^apps\.(main|entry|screens\..+)$|^operational_db\.migrations\.")


def modules() -> list[str]:
    found = []
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], prefix=f"{package}."):
            if not SCRIPTS.match(module.name):
                found.append(module.name)
    return found


def test_nobody_imports_across_the_rooms():
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("module", modules())
def test_every_module_can_be_imported(module: str):
    importlib.import_module(module)


def test_migrations_say_what_the_models_say(fresh_database: server.DatabaseUrls):
    migrate.check(fresh_database.owner)


def test_every_table_says_what_it_holds():
    silent = [table.fullname for table in Base.metadata.sorted_tables if not table.comment]
    assert silent == []


def test_every_model_of_the_warehouse_is_described():
    described = set()
    for file in (ROOT / "dbt_project" / "models").rglob("*.yml"):
        for model in yaml.safe_load(file.read_text("utf-8")).get("models", []):
            if model.get("description"):
                described.add(model["name"])
    models = {file.stem for file in (ROOT / "dbt_project" / "models").rglob("*.sql")}
    assert models - described == set()


def test_every_mart_keeps_a_contract():
    for file in (ROOT / "dbt_project" / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(file.read_text("utf-8")).get("models", []):
            typed = [column for column in model["columns"] if column.get("data_type")]
            assert typed == model["columns"], model["name"]


def test_the_lock_names_no_host():
    assert not re.search(r"https?://", (ROOT / "requirements.lock").read_text("utf-8"))
