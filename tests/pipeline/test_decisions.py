"""Decisions over two days of the sample company, with a delivery that came late in between."""

import csv
import shutil

import duckdb
import pytest

from tests.pipeline.conftest import Deployment, must_succeed, naruki

FIRST, SECOND = "2026-05-31", "2026-06-30"
# Sixty times the seats from the middle of May on: told in June, true in May.
CUSTOMER, FROM, TIMES = "C0000060", "2026-05-15T03:00:00Z", 60


@pytest.fixture(scope="module")
def deployment(sample, tmp_path_factory) -> Deployment:
    """Decided for the end of May; then larger terms of one customer land, and the end of June is decided."""
    folder = tmp_path_factory.mktemp("decisions")
    shutil.copytree(sample.sources, folder / "sources")
    found = Deployment(folder / "sources", folder / "home")
    must_succeed(found.run("--as-of", FIRST))
    deliver_late(found.sources / "subscriptions.csv")
    must_succeed(found.run("--as-of", SECOND))
    return found


def deliver_late(file) -> None:
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    at = {name: place for place, name in enumerate(header)}
    terms = [row for row in rows if row[at["customer_id"]] == CUSTOMER and row[at["effective_at"]] < FROM][-1]
    changed = {"effective_at": FROM, "updated_at": FROM, "quantity": str(int(terms[at["quantity"]]) * TIMES)}
    rows.append([changed.get(name, terms[place]) for name, place in at.items()])
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([header, *rows])


def computed(deployment: Deployment, table: str, day: str) -> str:
    return f"read_parquet('{deployment.home}/computed/{table}/as_of_date={day}/{table}.parquet')"


def test_late_terms_restate_the_day_before_and_leave_its_decision_as_it_was(deployment):
    then, restated = (
        duckdb.sql(f"select mrr from {computed(deployment, table, day)} where customer_id = '{CUSTOMER}'").fetchone()[0]
        for table, day in (("kept_facts", FIRST), ("kept_restated", SECOND))
    )
    assert restated == pytest.approx(then * TIMES, rel=0.01)
    assert deployment.value(f"select count(*) from customer_tiers where as_of_date = '{FIRST}'") > 0


def test_cause_of_what_late_rows_brought_about_is_a_data_correction(deployment):
    (row,) = deployment.rows(
        f"select tier, proposed_tier, coalesce(candidate_cause, '') from customer_tiers_current where customer_id = '{CUSTOMER}'"
    )
    moved = deployment.rows(f"select cause from tier_moves_current where customer_id = '{CUSTOMER}'")
    assert row[1] == "high"
    assert "data correction" in {row[2], *(cause for (cause,) in moved)}


def test_other_moves_are_told_from_it_and_every_one_has_a_sentence(deployment):
    moves = deployment.rows("select direction, cause, reason_en, reason_ja from tier_moves_current")
    assert moves
    assert all(cause in ("customer", "policy", "capacity", "data correction") for _, cause, _, _ in moves)
    assert all(english and japanese for _, _, english, japanese in moves)
    causes = {row[0] for row in deployment.rows("select distinct candidate_cause from customer_tiers_current")}
    assert "customer" in causes | {cause for _, cause, _, _ in moves}


def test_history_gives_failure_modes_months_by_tier(deployment):
    tiers = deployment.rows("select distinct tier from tier_metrics where period_start_date = '2026-06-01'")
    assert {"all", "low", "tech"} <= {tier for (tier,) in tiers}
    assert "no_feed" not in {row[0] for row in deployment.rows("select distinct status from failure_modes_current")}


def test_objectives_are_measured_from_the_day_on_which_their_group_was_frozen(deployment):
    query = "select objective, status, frozen_on, n_measured from objectives_current"
    rows = {row[0]: row[1:] for row in deployment.rows(query)}
    assert {str(frozen) for _, frozen, _ in rows.values()} == {FIRST}
    assert all(status not in ("unanswerable", "started") for status, *_ in rows.values())
    first = deployment.rows(f"select distinct status from objectives where as_of_date = '{FIRST}'")
    assert ("started",) in first


def test_question_about_other_hours_is_answered_for_any_decided_day(deployment):
    for day in (FIRST, SECOND):
        done = naruki("whatif", "--hours", "high=+40", "--home", str(deployment.home), "--as-of", day)
        must_succeed(done)
        assert f"decided again as of {day}" in done.stdout
        assert "Customers expected to leave" in done.stdout


def test_why_tells_the_decision_of_a_past_day(deployment):
    done = naruki("why", CUSTOMER, "--home", str(deployment.home), "--as-of", FIRST)
    must_succeed(done)
    assert f"decided as of {FIRST}" in done.stdout


def test_inputs_of_decisions_are_not_published(deployment):
    tables = deployment.rows("select table_name from duckdb_tables() where table_name like 'kept%'")
    assert tables == []
