"""The site that dbt writes about the models: what each means and where it comes from."""

import shutil
from pathlib import Path

from operational_db import settings
from orchestration.lib.builds import BuildError, dbt_environment, working_with


def write_site(url: str) -> Path:
    """Write the site and return its page. Raises ``BuildError`` when dbt could not."""
    from dbt.cli.main import dbtRunner

    with working_with(dbt_environment(url)):
        outcome = dbtRunner().invoke(["--log-level", "none", "docs", "generate", "--static"])
    if not outcome.success:
        raise BuildError(f"Описание витрин не построено: {outcome.exception or 'см. журнал dbt'}")
    made = Path(dbt_environment(url)["DBT_TARGET_PATH"]) / "static_index.html"
    site = settings.home() / "docs" / "index.html"
    site.parent.mkdir(exist_ok=True)
    shutil.copyfile(made, site)
    return site
