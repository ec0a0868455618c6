"""Reading the current publication: what the command line and the page ask of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from naruki.errors import NarukiError
from naruki.home import Home

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class CustomerStory:
    """What is known of one customer: a title and, by heading, the rows behind the decision."""

    title: str
    sections: dict[str, Rows]


@contextmanager
def publication(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The current publication, read-only. A reader keeps its version even while a newer one is published."""
    file = home.current / "published.duckdb"
    if not file.exists():
        raise NarukiError(
            f"Nothing is published in {home.root} yet: run `naruki run --sources … --home {home.root}` first."
        )
    with duckdb.connect(str(file.resolve()), read_only=True) as connection:
        yield connection


def rows_of(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any] | None = None) -> Rows:
    return connection.execute(query, values or []).to_arrow_table().to_pylist()


def quadrant_counts(home: Home) -> dict[tuple[str, str], int]:
    """(quadrant with its Japanese name, tier) -> customers of the newest day, best quadrant first."""
    query = """
        select any_value(s.quadrant_label_en || ' ' || s.quadrant_label_ja) as quadrant, t.tier, count(*) as customers
        from customer_segments_current as s
        join customer_tiers_current as t using (customer_id)
        group by s.quadrant, t.tier
        order by min(s.priority_rank), t.tier
    """
    with publication(home) as connection:
        return {(row["quadrant"], row["tier"]): row["customers"] for row in rows_of(connection, query)}


def customer_story(home: Home, customer_id: str, as_of: date | None = None) -> CustomerStory:
    """Every number behind a customer's quadrant and tier, of one day or of the newest."""
    tables = {
        "Quadrant": "customer_segments",
        "Tier": "customer_tiers",
        "Value": "mart_customer_value",
        "Effort": "mart_support_effort",
        "Voice": "mart_customer_voice",
    }
    with publication(home) as connection:
        known = rows_of(connection, "select customer_name from dim_customer where customer_id = ?", [customer_id])
        if not known:
            near = "select customer_id from dim_customer order by jaro_winkler_similarity(customer_id, ?) desc, customer_id limit 3"
            guesses = ", ".join(row["customer_id"] for row in rows_of(connection, near, [customer_id]))
            raise NarukiError(f"No customer '{customer_id}' is published; the nearest ids are {guesses}.")
        day = as_of or rows_of(connection, "select max(as_of_date) as day from customer_tiers")[0]["day"]
        days = [
            row["day"]
            for row in rows_of(connection, "select distinct as_of_date as day from customer_tiers order by 1")
        ]
        if day not in days:
            raise NarukiError(f"Nothing was decided for {day}; there are {', '.join(map(str, days[-5:]))}.")
        at = "where customer_id = ? and as_of_date = ?"
        sections = {
            heading: turned(rows_of(connection, f"select * from {table} {at}", [customer_id, day]))
            for heading, table in tables.items()
        }
        # Few columns, so that sentences stay readable in a terminal: what decided is marked.
        reasons = f"""
            select
                rule || case when is_decisive then ' *' else '' end as rule,
                concat_ws(' / ', format('{{:.6g}}', value), format('{{:.6g}}', threshold)) as "value / threshold",
                concat_ws(chr(10), reason_en, reason_ja) as why,
                concat_ws(chr(10), change_en, change_ja) as "what would change it"
            from tier_reasons {at}
            order by rule_order
        """
        sections["Reasons"] = rows_of(connection, reasons, [customer_id, day])
    return CustomerStory(f"{known[0]['customer_name'] or 'Unnamed'} ({customer_id}), decided as of {day}", sections)


def turned(rows: Rows) -> Rows:
    """One wide row as rows of name and value."""
    return [{"what": name, "value": value} for row in rows for name, value in row.items() if name != "customer_id"]
