"""A small invented company as published tables: enough of every column that the page reads, and names that bite."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from naruki.home import Home
from naruki.project import SEEDS
from naruki.publishing.page import build_page
from naruki.publishing.publication import Contents, publish
from tests.page.associations import associations
from tests.page.decisions import decisions
from tests.page.marts import CUSTOMERS, DAY, marts

HOSTILE = (
    "<script>window.broken = 1</script>",
    '"\' onmouseover="window.broken = 1" \'><img src=x onerror="window.broken = 1">',
    "</script><svg onload=window.broken=1>",
    "\u202eشركة مثال\u202c",
    "長い名前株式会社" * 38,
    '=HYPERLINK("http://example.invalid","x")',
    "＝1+1",
    "+441234\r\n-2",
    "{first_name:name} [[bold]] {0}",
    "`${window.broken = 1}` \u2028 \\u003c",
)
QUADRANTS = ("money_tree", "wisdom_tree", "money_seedling", "testing_ground")
SILENCE = ("not_silent", "not_silent", "not_silent", "healthy_silent", "fading_silent", "unknown")


def name_of(number: int) -> str:
    return HOSTILE[number] if number < len(HOSTILE) else f"Invented Works {number:03d}"


def customer(number: int) -> dict[str, Any]:
    """What is true of a customer, whichever table tells it."""
    silence = SILENCE[number % 6]
    return {
        "as_of_date": DAY,
        "customer_id": f"C{number:04d}",
        "customer_name": name_of(number),
        "name": name_of(number),
        "quadrant": QUADRANTS[number % 4],
        "tier": ("high", "low", "tech")[min(number // 10, 2)],
        "owner_name": ("Aoi", "Ren", None)[number % 3],
        "industry": "retail",
        "plan": "pro",
        "signed_up_at": datetime(2024, 1, 1),
        "purpose_of_use": "Answer within a day" if number == 1 else None,
        "mrr": 1000.0 * (CUSTOMERS - number),
        "interval_group": "year" if number % 2 else "month",
        "term_end_on": DAY + timedelta(days=number),
        "notice_at": datetime(2026, 10, 1) if number == 3 else None,
        "renewal_p": 0.9,
        "renewal_p_low": 0.8,
        "renewal_p_high": 0.95,
        "prior_only": number % 5 == 0,
        "is_paying": True,
        "ltv_p10": 10_000.0,
        "ltv_p90": 90_000.0,
        "cost_to_serve": 5_000.0,
        "demand_hours": 0.5 + number / 10,
        "vendor_fault_hours": 0.25,
        "silence": silence,
        "is_silent": silence != "not_silent",
        "days_since_contact": 20 + number,
        "days_since_survey": None,
        "usage_z": -1.0,
    }


def told(rows: pa.Table) -> pa.Table:
    """A column that is unknown for everybody still has a type."""
    return rows.cast(
        pa.schema([field.with_type(pa.string()) if pa.types.is_null(field.type) else field for field in rows.schema])
    )


def publish_company(root: Path, leave_out: frozenset[str] = frozenset(), empty: bool = False) -> Home:
    """A home whose current publication holds the company, page included.

    Tables of `leave_out` are not published; with `empty` all tables have no rows, as when no feed was delivered.
    """
    home = Home(root)
    home.prepare()
    everyone = [customer(number) for number in range(CUSTOMERS)]
    tables = {
        name: rows
        for name, rows in (marts(everyone) | associations() | decisions(everyone)).items()
        if name not in leave_out
    }
    seeds = sorted(file.stem for file in SEEDS.glob("cfg_*.csv"))
    with duckdb.connect(str(home.warehouse)) as connection:
        for name in seeds:
            connection.execute(f"create table {name} as select * from read_csv('{SEEDS / name}.csv', header = true)")
        for name, rows in tables.items():
            connection.register("rows_of_table", told(rows.slice(0, 0) if empty else rows))
            connection.execute(f"create table {name} as select * from rows_of_table")
            connection.unregister("rows_of_table")
    facts = {"run_id": "r", "version": "20261101T000000Z-test", "code_version": "1", "policy_version": "p"}
    publish(
        home,
        facts["version"],
        DAY,
        Contents(list(tables), seeds),
        facts,
        lambda c, folder, manifest: build_page(c, folder / "page", manifest) and None,
    )
    return home
