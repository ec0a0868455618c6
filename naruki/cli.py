"""The `naruki` command."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from naruki.errors import NarukiError

if TYPE_CHECKING:
    from naruki.home import Home

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Which customers to serve, how, and why.")
voice = typer.Typer(no_args_is_help=True, help="What customers say: see what an edit of the rules changes.")
app.add_typer(voice, name="voice")
console = Console(file=sys.stdout)

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="NARUKI_HOME", help="Where landing/, the warehouse and published/ are kept.")
]
SourcesOption = Annotated[
    Path | None,
    typer.Option(
        "--sources", envvar="NARUKI_SOURCES", help="A folder of canonical files, or a sources.yml that maps your own."
    ),
]
DayOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Decide as of this day; default: the newest complete day.")
]


def day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise NarukiError(f"--as-of '{text}' is not a date: write it as 2026-10-31.") from error


@app.command()
def sample(
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")] = Path("data/sample"),
    scale: Annotated[
        str, typer.Option(help="xs = 200 customers, s = 2 thousand, m = 100 thousand, l = 1 million.")
    ] = "s",
    seed: Annotated[int, typer.Option(help="The same seed makes the same company.")] = 7,
) -> None:
    """Make the sample company: files as a real company would have them, blemishes included."""
    from naruki.sample import write_sample

    with console.status(f"Making the sample company ({scale})"):
        summary = write_sample(out, scale=scale, seed=seed)
    console.print(
        f"Sample company in [bold]{out}[/bold]: {sum(summary.rows.values()):,} rows in {len(summary.rows)} files."
    )


@app.command()
def run(
    sources: SourcesOption = None,
    home: HomeOption = Path("data"),
    as_of: DayOption = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            "--known-at",
            metavar="INSTANT",
            help="Decide again with what had landed by this instant (UTC), in a home of its own; nothing is landed.",
        ),
    ] = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild the warehouse from landing/.")] = False,
) -> None:
    """Land, build, decide, check and publish."""
    from naruki.home import Home
    from naruki.known import home_known_at, instant
    from naruki.sources.mapping import load_sources

    where, wanted = Home(home.resolve()), day(as_of)
    if known_at:
        decide(home_known_at(where, instant(known_at), wanted), None, wanted, False)
    elif sources:
        load_sources(sources)  # A wrong path or setting should be told before anything is written.
        decide(where, sources, wanted, full_refresh)
    else:
        raise NarukiError("No sources are named: give --sources (or NARUKI_SOURCES), a folder or a sources.yml.")


def decide(home: "Home", sources: Path | None, as_of: date | None, full_refresh: bool) -> None:
    """Run, follow and sum up; a run that failed is an error."""
    from naruki.console import follow, summarise
    from orchestration.run import run_pipeline

    started = datetime.now()
    with follow(console) as report:
        done = run_pipeline(home, sources, as_of, full_refresh, report)
    summarise(console, home, done, (datetime.now() - started).total_seconds())
    if done.error:
        raise NarukiError(done.error)


@app.command()
def erase(
    customer_ids: Annotated[list[str], typer.Argument(metavar="CUSTOMER_ID...")],
    home: HomeOption = Path("data"),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase customers for good: from what landed, from every decision and every publication; they are kept out from now on."""
    from naruki.erasure import erase as take_away
    from naruki.home import Home
    from naruki.publishing.older import remove_older
    from naruki.publishing.publication import published_day

    where = Home(home.resolve())
    if not yes:
        typer.confirm(f"Erase {', '.join(customer_ids)} from {where.root}? It can't be undone.", abort=True)
    newest = published_day(where)
    erased = take_away(where, customer_ids, now=datetime.now(UTC).replace(tzinfo=None))
    console.print(f"{erased.total:,} rows erased in {len(erased.rows)} tables; now the publication is made anew.")
    try:
        decide(where, None, newest, True)
    except NarukiError as error:
        raise NarukiError(
            f"The rows are erased, but published/ still shows them, for it could not be made anew: {error} "
            "Mend that and call `naruki erase` again."
        ) from error
    remove_older(where)


@app.command()
def page(
    home: HomeOption = Path("data"),
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Build the leaders' page of the current publication anew, for instance after texts or labels were edited."""
    import webbrowser

    from naruki.home import Home
    from naruki.publishing.page import rebuild_page

    where = Home(home.resolve())
    with console.status("Building the page"):
        report = rebuild_page(where)
    index = where.current / "page" / "index.html"
    console.print(
        f"{report.listed:,} actions, {report.cards:,} cards, {report.size / 1e6:.1f} MB: {index}", soft_wrap=True
    )
    if show:
        webbrowser.open(index.as_uri())


@app.command()
def docs(
    home: HomeOption = Path("data"),
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Build dbt's documentation of the SQL as one file: models, columns, tests, metrics and lineage."""
    import webbrowser

    from naruki.home import Home
    from orchestration.shell import build_docs

    with console.status("Building the documentation"):
        file = build_docs(Home(home.resolve()))
    console.print(f"{file.stat().st_size / 1e6:.1f} MB: {file}", soft_wrap=True)
    if show:
        webbrowser.open(file.as_uri())


@app.command()
def why(
    customer_id: str,
    home: HomeOption = Path("data"),
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The decision of this day; default: the newest.")
    ] = None,
) -> None:
    """Every number behind a customer's quadrant and tier."""
    from naruki.console import explain
    from naruki.home import Home
    from naruki.publishing.reading import customer_story

    explain(console, customer_story(Home(home.resolve()), customer_id, day(as_of)))


@app.command()
def whatif(
    hours: Annotated[
        str, typer.Option("--hours", help="Hours a week to add or take away, such as high=+40 or high=-20,low=+20.")
    ],
    home: HomeOption = Path("data"),
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="The decision of this day; default: the newest.")
    ] = None,
    moves: Annotated[int, typer.Option("--moves", help="List so many of the customers who would move.")] = 10,
) -> None:
    """What other hours would do: value, hours, customers, churn, and who would move."""
    from naruki.home import Home
    from naruki.tiering.questions import ask_hours
    from naruki.whatif_console import show_answer

    with console.status("Deciding again"):
        answer = ask_hours(Home(home.resolve()), hours, day(as_of))
    show_answer(console, answer, moves)


@app.command()
def doctor(
    home: HomeOption = Path("data"),
    sources: Annotated[Path | None, typer.Option("--sources", envvar="NARUKI_SOURCES")] = None,
) -> None:
    """Check the machine, the configuration and the sources; say what to mend."""
    from naruki.console import show_findings
    from naruki.doctor import examine
    from naruki.home import Home

    findings = examine(Home(home.resolve()), sources)
    show_findings(console, findings)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def dbt(context: typer.Context, home: HomeOption = Path("data"), as_of: DayOption = None) -> None:
    """Run dbt on this home's warehouse, e.g. `naruki dbt build --select +fct_ticket`."""
    from naruki.home import Home
    from orchestration.shell import run_dbt

    raise typer.Exit(run_dbt(Home(home.resolve()), context.args, day(as_of)))


@voice.command("diff")
def voice_diff(
    home: HomeOption = Path("data"),
    limit: Annotated[int, typer.Option(help="Show this many documents of each kind of change.")] = 3,
    out: Annotated[Path | None, typer.Option(help="Write all of them to this CSV file.")] = None,
) -> None:
    """Documents whose signals change by your edit of cfg_voc_rule or cfg_voc_taxonomy, with their redacted text."""
    from naruki.console import show_changes
    from naruki.home import Home
    from naruki.voice.changes import changes_of_rules

    with console.status("Reading all texts by both rules"):
        changes = changes_of_rules(Home(home.resolve()))
    show_changes(console, changes, limit)
    if out:
        import pyarrow.csv as csv

        csv.write_csv(changes.rows, out)
        console.print(f"All of them: {out}", soft_wrap=True)


@voice.command("calibrate")
def voice_calibrate(
    accept: Annotated[
        bool, typer.Option(help="Accept today's gold scores: later falls are told against them.")
    ] = False,
) -> None:
    """Find anew from which score on the reader is believed, after an edit of cfg_voc_example or of many rules."""
    from naruki.voice.keeping import keep_calibrations, keep_gold_scores

    with console.status("Learning the examples in five folds"):
        found = keep_calibrations()
    console.print(f"{len(found)} thresholds are in seeds/voice/cfg_voc_reader.csv: commit them with the examples.")
    if accept:
        with console.status("Reading the gold texts"):
            count = keep_gold_scores()
        console.print(f"{count} scores are in seeds/voice/cfg_voc_gold_score.csv.")


def main() -> None:
    """Entry point: an error that the user can mend is one sentence, not a traceback."""
    try:
        app()
    except NarukiError as error:
        Console(stderr=True).print(f"[bold red]Naruki:[/bold red] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)
