"""Alerts: what people should hear without looking at the page. Without an address in the environment there are none."""

from dataclasses import asdict

import dagster as dg
from dagster import DagsterEventType as Event

from naruki.alerts.messages import Speech
from naruki.alerts.telling import Teller, by_apprise
from naruki.errors import NarukiError
from naruki.policy import read_setting
from naruki.publishing.page.data import Asked
from naruki.publishing.publication import read_manifest
from naruki.publishing.reading import publication as reading
from naruki.publishing.words import LANGUAGES
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home, settings
from orchestration.errors import explained


def teller() -> Teller:
    """Channels by environment; links lead to NARUKI_PAGE_URL, or to the page on this disk."""
    languages = settings.notify_languages.split()
    if not languages or not set(languages) <= set(LANGUAGES):
        raise NarukiError(
            f"NARUKI_NOTIFY_LANGUAGES '{settings.notify_languages}' can't be used: choose of {', '.join(LANGUAGES)}."
        )
    page = settings.page_url or f"{home.current.as_uri()}/page/index.html"
    speech = Speech(page, languages, read_setting("reporting_currency"), int(read_setting("alert_list_limit")))
    return Teller(settings.channels(), speech, home.told, by_apprise)


@dg.asset(
    group_name="published",
    partitions_def=daily,
    deps=["publication"],
    check_specs=[
        dg.AssetCheckSpec("delivered", asset="notifications", description="Every message was taken by its channel.")
    ],
)
def notifications(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Checks that failed, failure modes that turned red, customers at severe risk, and the digest on Mondays: each told once."""
    day = as_of(context)
    manifest = read_manifest(home.current)
    with explained(), reading(home) as connection:
        told = teller().tell_day(connection, Asked.of(manifest), day)
    failed = (
        f"not delivered: {', '.join(told.refused)}; they are tried again with the next run" if told.refused else "none"
    )
    check = dg.AssetCheckResult(
        check_name="delivered",
        passed=not told.refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": failed},
    )
    return dg.MaterializeResult(metadata=asdict(told), check_results=[check])


def failed_checks(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """Names of the checks that stopped a run."""
    records = instance.all_logs(run_id, of_type=Event.ASSET_CHECK_EVALUATION)
    found = [record.dagster_event.event_specific_data for record in records]
    stopping = [one for one in found if not one.passed and one.blocking and one.severity == dg.AssetCheckSeverity.ERROR]
    return sorted({f"{one.asset_key.path[-1]}.{one.check_name}" for one in stopping})


@dg.failure_hook(name="tell_failure")
def tell_failure(context: dg.HookContext) -> None:
    """A step that failed, in whatever way the run was started."""
    teller().tell_failure(context.run_id, context.step_key, failed_checks(context.instance, context.run_id), home.root)


@dg.run_failure_sensor(name="tell_run_failure", default_status=dg.DefaultSensorStatus.RUNNING)
def tell_run_failure(context: dg.RunFailureSensorContext) -> None:
    """A run that died without a failed step; the daemon sees it."""
    run_id = context.dagster_run.run_id
    teller().tell_failure(run_id, "–", failed_checks(context.instance, run_id), home.root)


wanted = bool(settings.channels())
hooks = frozenset([tell_failure] if wanted else [])
defs = dg.Definitions(assets=[notifications], sensors=[tell_run_failure]) if wanted else dg.Definitions()
