"""The event log with its files kept open is the ordinary one on disk."""

from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.storage.event_log import SqliteEventLogStorage

from naruki.home import Home
from orchestration.event_log import OpenEventLog
from orchestration.run import prepare_environment


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("DAGSTER_HOME", "NARUKI_HOME", "NARUKI_SALT", "NARUKI_SOURCES", "NARUKI_FULL_REFRESH"):
        monkeypatch.setenv(name, "")
    home = Home(tmp_path / "a home: with a colon")
    prepare_environment(home, tmp_path, False)
    return home


def test_the_ordinary_event_log_reads_what_the_open_one_wrote(home: Home):
    @dg.asset
    def tree() -> None:
        """Bears."""

    @dg.asset_check(asset=tree)
    def bears() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False)

    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog)
        run_id = dg.materialize([tree, bears], instance=instance, raise_on_error=False).run_id
        written = [record.dagster_event_type for record in instance.all_logs(run_id) if record.is_dagster_event]
    ordinary = SqliteEventLogStorage(str(home.dagster / "history" / "runs"))
    read = [record.dagster_event_type for record in ordinary.get_logs_for_run(run_id) if record.is_dagster_event]
    assert read == written
    assert read.count(dg.DagsterEventType.ASSET_CHECK_EVALUATION) == 1
    assert ordinary.all_asset_keys() == [dg.AssetKey("tree")]


def test_settings_of_ones_own_are_kept_and_ours_follow_the_home(home: Home, tmp_path: Path):
    settings = home.dagster / "dagster.yaml"
    moved = Home(tmp_path / "moved")
    home.root.rename(moved.root)
    prepare_environment(moved, tmp_path, False)
    ours = yaml.safe_load((moved.dagster / "dagster.yaml").read_text())
    assert ours["event_log_storage"]["config"]["base_dir"] == str(moved.dagster / "history" / "runs")

    settings = moved.dagster / "dagster.yaml"
    settings.write_text("telemetry: {enabled: false}\n")
    prepare_environment(moved, tmp_path, False)
    assert settings.read_text() == "telemetry: {enabled: false}\n"
