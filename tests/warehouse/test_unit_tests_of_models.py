"""The unit tests that stand beside the models: builds leave them out, here they run."""

from orchestration.lib.builds import dbt_environment, working_with
from tests.warehouse.conftest import Warehouse


def test_every_unit_test_of_the_models_passes(warehouse: Warehouse) -> None:
    from dbt.cli.main import dbtRunner

    with working_with(dbt_environment(warehouse.urls.owner)):
        outcome = dbtRunner().invoke(["--quiet", "test", "--select", "test_type:unit"])
    assert outcome.exception is None
    results = {result.node.name: result.message for result in outcome.result}
    assert len(results) >= 5
    assert outcome.success, results
