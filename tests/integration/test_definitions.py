"""What Dagster offers: nothing vanishes unnoticed, and nothing runs by itself unasked."""

import json

import dagster as dg
import pytest

from orchestration.defs.dbt.assets import DBT_PROJECT
from orchestration.lib import dagster_home, environments
from orchestration.lib.quality.rules import RULES
from tests.integration.orchestrating_steps import definitions

MARTS = {
    *("accounts", "account_holders", "obligations", "debt_intervals", "account_turnover"),
    *("account_balances", "collection", "organisation_collection", "house_debts"),
    *("account_bills", "account_events", "account_month_debts"),
    *("plan_execution", "plan_feasibility"),
}


@pytest.fixture(scope="module")
def repository():
    return definitions().get_repository_def()


@pytest.fixture(scope="module")
def manifest():
    return json.loads(DBT_PROJECT.manifest_path.read_text("utf-8"))


def test_every_model_is_an_asset_in_the_group_of_its_schema(repository, manifest):
    expected = {
        (node["schema"], node["alias"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    graph = repository.asset_graph

    groups = {tuple(key.path): graph.get(key).group_name for key in graph.materializable_asset_keys}

    assert expected <= groups.keys()
    assert {groups[key] for key in expected} == {schema for schema, _name in expected}
    assert {("marts", name) for name in MARTS} <= expected


def test_what_is_not_a_model_is_listed_here(repository, manifest):
    schemas = {node["schema"] for node in manifest["nodes"].values()}

    own = {
        key.to_user_string()
        for key in repository.asset_graph.materializable_asset_keys
        if key.path[0] not in schemas
    }

    assert own == {
        "closing/closed_months",
        "documents/account_statements",
        "documents/court_packages",
        "quality/operational_facts",
    }


def test_every_data_test_is_a_check_so_that_its_failure_is_seen(repository, manifest):
    tests = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"}

    checks = {key.name for key in repository.asset_graph.asset_check_keys}

    assert tests - checks == set()


def test_every_rule_of_data_quality_is_a_check(repository):
    checks = {key.name for key in repository.asset_graph.asset_check_keys}

    assert {rule.code for rule in RULES} <= checks
    assert "every_requested_account_has_a_statement" in checks


def test_what_runs_by_itself_is_the_list_and_nothing_else(repository):
    on = dg.DefaultScheduleStatus.RUNNING, dg.DefaultSensorStatus.RUNNING

    running = {
        automation.name
        for automation in (*repository.schedule_defs, *repository.sensor_defs)
        if automation.default_status in on
    }

    assert running == set(environments.RUNS_BY_ITSELF)


def test_the_nightly_build_is_at_three_in_moscow(repository):
    nightly = repository.get_schedule_def("nightly_build")

    assert nightly.cron_schedule == "0 3 * * *"
    assert nightly.execution_timezone == "Europe/Moscow"


def test_the_full_build_is_weekly_and_full(repository):
    weekly = repository.get_schedule_def("weekly_full_build")
    context = dg.build_schedule_context(repository_def=repository)

    request = weekly.evaluate_tick(context).run_requests[0]

    assert weekly.cron_schedule == "0 4 * * 0"
    assert request.run_config["ops"]["warehouse_models"]["config"]["full"] is True


def test_in_a_trial_copy_only_the_buttons_of_screens_work(monkeypatch):
    monkeypatch.setenv(environments.VARIABLE, environments.TRIAL)

    assert environments.schedule_status("nightly_build") is dg.DefaultScheduleStatus.STOPPED
    assert environments.sensor_status("inbox_files") is dg.DefaultSensorStatus.STOPPED
    assert environments.sensor_status("run_requests") is dg.DefaultSensorStatus.RUNNING


def test_a_schedule_that_nobody_thought_of_cannot_be_loaded():
    with pytest.raises(environments.EnvironmentUnknownError, match="RUNS_BY_ITSELF"):
        environments.schedule_status("midnight_surprise")


def test_a_misspelt_environment_is_refused_and_not_taken_for_the_working_one(monkeypatch):
    monkeypatch.setenv(environments.VARIABLE, "trail")

    with pytest.raises(environments.EnvironmentUnknownError, match="«trail» не известно"):
        environments.environment()


def test_every_job_that_a_person_starts_says_in_russian_what_it_does(repository):
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]

    assert {job.name for job in jobs} == {
        *("build_warehouse", "check_month", "check_quality", "close_months", "import_inbox_file"),
        *("print_packages", "print_statements", "reopen_month"),
    }
    for job in jobs:
        assert any("а" <= letter <= "я" for letter in job.description or ""), job.name


def test_dagsters_folder_is_made_with_telemetry_off_and_may_be_made_twice(open_folder, monkeypatch):
    monkeypatch.setenv("DOLGOMER_HOME", str(open_folder / "Данные"))

    home = dagster_home.prepare()
    with dg.DagsterInstance.from_config(str(dagster_home.prepare())) as instance:
        assert instance.root_directory == str(home)
        assert instance.telemetry_enabled is False
        assert instance.run_monitoring_enabled is True
