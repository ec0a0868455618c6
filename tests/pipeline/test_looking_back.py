"""What was decided can be decided again, and a customer who asked for it is in nothing any more."""

from datetime import UTC, datetime

import pytest

from tests.pipeline.conftest import Deployment, must_succeed, naruki

# Several whole runs: `make test-whole`.
pytestmark = pytest.mark.whole

DECISIONS = ("customer_segments", "customer_tiers", "tier_reasons", "tier_capacity", "action_queue")


@pytest.fixture(scope="module")
def looked_back(sample: Deployment) -> Deployment:
    """The sample as it is known now, decided again in a home of its own below that of the sample."""
    now = datetime.now(UTC)
    must_succeed(naruki("run", "--home", str(sample.home), "--known-at", now.isoformat()))
    return Deployment(sample.sources, sample.home / "known" / f"{now:%Y%m%dT%H%M%S}")


@pytest.mark.parametrize("table", DECISIONS)
def test_the_same_knowledge_gives_the_same_decisions(sample: Deployment, looked_back: Deployment, table: str):
    columns = [name for (name, *_) in sample.rows(f"describe {table}") if name != "run_id"]
    query = f"select {', '.join(columns)} from {table} order by all"
    assert looked_back.rows(query) == sample.rows(query)
    assert sample.value(f"select count(*) from {table}") > 0


def test_an_erased_customer_is_in_no_published_table(looked_back: Deployment):
    ((customer_id, name),) = looked_back.rows(
        "select customer_id, name from customer_tiers join dim_customer using (customer_id) where tier = 'high' order by all limit 1"
    )
    must_succeed(naruki("erase", customer_id, "--yes", "--home", str(looked_back.home)))
    tables = [
        table for (table,) in looked_back.rows("select table_name from duckdb_tables() where schema_name = 'main'")
    ]
    for table in tables:
        found = looked_back.rows(f"select * from {table} as row where contains(row::varchar, '{customer_id}')")
        assert found == [], table
    page = [
        file.read_text()
        for file in (looked_back.current / "page").rglob("*")
        if file.suffix in (".html", ".js", ".json")
    ]
    assert page
    assert not any(customer_id in text or name in text for text in page)
    assert [folder.name for folder in looked_back.current.parent.iterdir() if folder.name != "current"] == [
        looked_back.current.resolve().name
    ]
