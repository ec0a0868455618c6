"""Decisions over two days of the sample company, with a delivery that came late in between."""

import csv
import shutil

import duckdb
import pytest

from tests.pipeline.conftest import Deployment, must_succeed, naruki

# Several whole runs: `make test-whole`.
pytestmark = pytest.mark.whole

FIRST, SECOND = "2026-05-31", "2026-06-30"
# Sixty times the seats from the middle of May on: told in June, true in May.
FROM, TIMES = "2026-05-15T03:00:00Z", 60


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
    """New terms of five customers who pay by the year for one thing, and whose terms did not change in these weeks."""
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    at = {name: place for place, name in enumerate(header)}
    terms: dict[str, list[list[str]]] = {}
    for row in sorted(rows, key=lambda row: row[at["effective_at"]]):
        terms.setdefault(row[at["customer_id"]], []).append(row)
    for row in [found for own in terms.values() if (found := standing(own, at))][:5]:
        changed = {"effective_at": FROM, "updated_at": FROM, "quantity": str(int(row[at["quantity"]]) * TIMES)}
        rows.append([changed.get(name, row[place]) for name, place in at.items()])
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([header, *rows])


def standing(terms: list[list[str]], at: dict[str, int]) -> list[str] | None:
    """The terms that hold from FROM to SECOND, if they are plain; terms of one customer come oldest first."""
    before = [row for row in terms if row[at["effective_at"]] < FROM]
    if (
        not before
        or len({row[at["subscription_id"]] for row in terms}) > 1
        or len({row[at["item_id"]] for row in terms}) > 1
    ):
        return None
    row = before[-1]
    left = any(one[at["ended_at"]] or one[at["cancel_requested_at"]] for one in terms)
    plain = row[at["discount_duration"]] in ("", "once") and row[at["is_trial"]] == "false"
    yearly = row[at["billing_interval"]] == "year" and row[at["status"]] == "active"
    changes = any(FROM <= one[at["effective_at"]] < "2026-07-02" for one in terms)
    return row if yearly and plain and not left and not changes else None


def computed(deployment: Deployment, table: str, day: str) -> str:
    return f"read_parquet('{deployment.home}/computed/{table}/as_of_date={day}/{table}.parquet')"


def test_late_terms_restate_the_day_before_and_leave_its_decision_as_it_was(deployment):
    then, restated = computed(deployment, "kept_facts", FIRST), computed(deployment, "kept_restated", SECOND)
    changed = duckdb.sql(f"""
        select earlier.customer_id, restated.mrr / earlier.mrr
        from {then} as earlier join {restated} as restated using (customer_id)
        where earlier.mrr <> restated.mrr
    """).fetchall()
    assert len(changed) == 5
    assert [ratio for _, ratio in changed] == pytest.approx([TIMES] * 5, rel=0.01)
    assert deployment.value(f"select count(*) from customer_tiers where as_of_date = '{FIRST}'") > 0


def test_cause_of_what_late_rows_brought_about_is_a_data_correction(deployment):
    told = "select customer_id, candidate_cause as cause from customer_tiers_current union select customer_id, cause from tier_moves_current"
    causes = deployment.rows(f"select customer_id from ({told}) where cause = 'data correction'")
    late = duckdb.sql(f"""
        select earlier.customer_id
        from {computed(deployment, "kept_facts", FIRST)} as earlier
        join {computed(deployment, "kept_restated", SECOND)} as restated using (customer_id)
        where earlier.mrr <> restated.mrr
    """).fetchall()
    assert causes
    assert set(causes) <= set(late)


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
        options = ("--hours", "high=+40", "--home", str(deployment.home), "--as-of", day)
        done = naruki("whatif", *options, environment={"COLUMNS": "160"})
        must_succeed(done)
        assert f"decided again as of {day}" in done.stdout
        assert "Customers expected to leave" in done.stdout


def test_why_tells_the_decision_of_a_past_day(deployment):
    (customer,) = deployment.rows(f"select min(customer_id) from customer_tiers where as_of_date = '{FIRST}'")[0]
    done = naruki("why", customer, "--home", str(deployment.home), "--as-of", FIRST)
    must_succeed(done)
    assert f"decided as of {FIRST}" in done.stdout


def test_inputs_of_decisions_are_not_published(deployment):
    tables = deployment.rows("select table_name from duckdb_tables() where table_name like 'kept%'")
    assert tables == []
