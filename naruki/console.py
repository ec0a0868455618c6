"""How the command line speaks: progress while a run works, a short summary when it is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from naruki.home import Home
from naruki.publishing.reading import CustomerStory, quadrant_counts

STEPS = {
    "land_sources": "Landing the sources",
    "check_landed_rows": "Checking what landed",
    "check_deliveries": "Checking deliveries",
    "build_facts": "Building facts (dbt)",
    "check_facts": "Checking facts",
    "computed__voc_signal": "Reading what customers say",
    "voc_gold_score": "Scoring the reading of texts",
    "customer_value": "Estimating value",
    "check_value": "Checking value",
    "build_marts": "Building marts (dbt)",
    "check_marts": "Checking marts",
    "check_segments": "Checking segments",
    "check_tiers": "Checking tiers",
    "steering": "Watching the policy",
    "check_steering": "Checking the watch",
    "customer_segments": "Deciding segments",
    "customer_tiers": "Deciding tiers",
    "voice_by_quadrant": "Placing requests and themes",
    "check_voice": "Checking voices",
    "data_quality": "Collecting checks",
    "publication": "Publishing",
    "publication_postgres": "Publishing to Postgres",
    "notifications": "Telling what is new",
}


@contextmanager
def follow(console: Console) -> Iterator[Any]:
    """A line per finished step, and what is going on in between."""
    with console.status("Starting") as status:

        def report(kind: str, text: str) -> None:
            name, _, seconds = text.partition("\t")
            label = STEPS.get(name, name.replace("_", " ").capitalize())
            if kind == "done":
                console.print(f"  [green]✓[/green] {label} [dim]{seconds} s[/dim]")
            elif kind == "failed":
                console.print(f"  [red]✗[/red] {label}")
            elif kind == "phase":
                console.print(f"[bold]{text}[/bold]")
            status.update(label)

        yield report


def summarise(console: Console, home: Home, done: Any, seconds: float) -> None:
    """Customers by quadrant and tier, checks, seconds, and where the tables are."""
    checks = done.progress
    if done.error is None:
        console.print(quadrant_table(home))
    failed, warned = len(checks.failed), len(checks.warned)
    console.print(
        f"Checks: [green]{checks.passed} passed[/green], [yellow]{warned} warned[/yellow], [red]{failed} failed[/red]"
    )
    for name in checks.warned[:10]:
        console.print(f"  [yellow]![/yellow] {escape(name)}")
    if warned > 10:
        console.print(f"  … and {warned - 10} more in the table data_quality")
    longest = sorted(done.steps, key=lambda step: -step["seconds"])[:4]
    console.print(
        f"Seconds: {seconds:.0f} in all; longest "
        + ", ".join(f"{s['step'].replace('_', ' ')} {s['seconds']:.1f}" for s in longest)
    )
    if done.error is None:
        console.print(
            f"As of [bold]{done.as_of}[/bold] · tables: {home.current / 'published.duckdb'} · parquet: {home.current / 'parquet'}"
        )


def quadrant_table(home: Home) -> Table:
    """Quadrants down, tiers across."""
    counts = quadrant_counts(home)
    tiers = sorted({tier for _, tier in counts}, key=("high", "low", "tech").index)
    table = Table("Quadrant", *tiers, "All")
    for quadrant in dict.fromkeys(quadrant for quadrant, _ in counts):
        row = [counts.get((quadrant, tier), 0) for tier in tiers]
        table.add_row(quadrant, *(f"{n:,}" for n in row), f"{sum(row):,}")
    return table


def explain(console: Console, story: CustomerStory) -> None:
    """Every number behind one customer's quadrant and tier."""
    console.print(f"[bold]{escape(story.title)}[/bold]")
    for heading, rows in story.sections.items():
        table = Table(title=heading, title_justify="left", show_header=bool(rows))
        for column in rows[0] if rows else ():
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("–" if value is None else escape(str(value)) for value in row.values()))
        console.print(table if rows else f"{heading}: nothing known")


def show_findings(console: Console, findings: list[Any]) -> None:
    marks = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "error": "[red]✗[/red]"}
    for finding in findings:
        console.print(f"{marks[finding.level]} {escape(finding.message)}")


def show_changes(console: Console, changes: Any, limit: int) -> None:
    """How many documents gained or lost which signal, and some of each kind with their text."""
    if changes.version is None:
        console.print(
            "No publication has other rules than seeds/cfg_voc_rule.csv and cfg_voc_taxonomy.csv.", soft_wrap=True
        )
        return
    rows = changes.rows.to_pylist()
    console.print(
        f"{len({row['document_id'] for row in rows}):,} of {changes.documents:,} documents change against {changes.version}."
    )
    kinds: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows:
        kinds.setdefault((row["signal"], row["before"] or "-", row["after"] or "-"), []).append(row)
    for (signal, before, after), some in sorted(kinds.items(), key=lambda kind: (-len(kind[1]), kind[0])):
        console.print(
            f"[bold]{escape(signal)}[/bold] {escape(before)} → {escape(after)}: {len(some):,}", soft_wrap=True
        )
        for row in some[:limit]:
            text = " ".join(row["text"].split())[:160]
            evidence = f" [dim]({escape(row['evidence'])})[/dim]" if row["evidence"] else ""
            console.print(f"  {row['document_id']} {escape(text)}{evidence}", highlight=False, soft_wrap=True)
