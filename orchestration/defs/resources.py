"""What assets share: the home of the deployment and the dbt project."""

import os
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject

from naruki.home import Home
from naruki.project import ROOT
from naruki.settings import Settings
from orchestration.dbt_process import DBT, dbt_environment

settings = Settings()
home = Home(settings.home.resolve())
retry_twice = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)

# dbt and the libraries below it read these from the environment.
home.prepare()
os.environ.update(dbt_environment(home), NARUKI_THREADS=str(settings.threads))

dbt_project = DbtProject(
    project_dir=ROOT,
    profiles_dir=ROOT / "dbt_project",
    target_path=Path(os.path.relpath(home.target, ROOT)),
)
dbt = DbtCliResource(
    project_dir=dbt_project,
    dbt_executable=DBT,
    global_config_flags=["--no-use-colors", "--log-path", str(home.logs)],
)
