"""How the command line shows what other hours would do."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from naruki.tiering.questions import Answer

# Figures in the order in which they are read; the others follow as they are.
TITLES = {
    "value_p10": "Value of all customers, low (p10)",
    "value_p50": "Value of all customers, middle (p50)",
    "value_p90": "Value of all customers, high (p90)",
    "value_gain_of_service": "Net value of service at the low effect",
    "expected_churned_customers_low": "Customers expected to leave, at the high effect",
    "expected_churned_customers": "Customers expected to leave",
    "expected_churned_customers_high": "Customers expected to leave, at the low effect",
    "expected_retention_rate": "Expected retention",
}


def show_answer(console: Console, answer: Answer, listed: int) -> None:
    """Figures before and after, then who would move."""
    console.print(f"[bold]{escape(answer.scenario)}[/bold] hours a week, decided again as of {answer.as_of}")
    table = Table("Figure", "Unit")
    for heading in ("Before", "After", "Difference"):
        table.add_column(heading, justify="right")
    rows = {row["item"]: row for row in answer.figures.to_pylist()}
    for item in [*(name for name in TITLES if name in rows), *(name for name in rows if name not in TITLES)]:
        row = rows[item]
        unit = answer.policy["reporting_currency"] if row["unit"].startswith("money") else row["unit"]
        figures = (number(row[name], row["unit"]) for name in ("before", "after"))
        sign = "" if row["difference"] is None or row["difference"] < 0 else "+"
        title = TITLES.get(item, item.replace("_", " ").capitalize())
        table.add_row(title, unit, *figures, sign + number(row["difference"], row["unit"]))
    console.print(table)
    total = len(answer.movers)
    console.print(
        f"{total:,} customers would get another tier"
        + (f"; the {listed} with the most at stake:" if total > listed else ":" if total else ".")
    )
    if total and listed:
        moving = Table("Customer", "Name", "From", "To", "Value (middle effect)", "Renewal")
        for mover in answer.movers[:listed]:
            renewal = "–" if mover.renewal_p != mover.renewal_p else f"{mover.renewal_p:.0%}"
            names = (mover.customer_id, escape(mover.name or ""), mover.from_tier, mover.to_tier)
            moving.add_row(*names, f"{mover.value_change:+,.0f}", renewal)
        console.print(moving)
    console.print(
        "Effects are assumptions of the policy (cfg_uplift) where its source says so; p10 to p90 hold their spread and the error of the values. "
        "Tiers move only after the waiting rules.",
        style="dim",
    )


def number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.2%}"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}" if unit.startswith("hours") or abs(value) < 100 else f"{value:,.0f}"
