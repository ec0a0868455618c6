"""What customers say: signals read out of texts between facts and marts, how well they are read, what quadrants say."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import dagster as dg
import pyarrow as pa

from naruki.policy import read_rows, read_setting, read_settings
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home
from orchestration.errors import explained
from orchestration.unchanged import Built, computed, landed

VOICE_TABLES = {
    "voc_gold_score": "One row per day, language, part of the gold set and signal: precision, recall and target, with interval.",
    "ideal_visions": "One row per day and request of a wisdom tree: what it wants, to which end, with how much revenue (R19).",
    "theme_origins": "One row per day and theme: whether the testing ground named it first, and others later (R23).",
}
# What the reader learns from and is judged by.
TAUGHT = ("cfg_voc_example", "cfg_voc_gold", "cfg_voc_gold_target", "cfg_voc_reader")
DOCUMENTS = """
    select document_id, source, customer_id, occurred_at, category, text, text_hash
    from int_voice__documents
    where occurred_at < timezone('UTC', timezone('{zone}', cast(date '{day}' + 1 as timestamp)))
    order by document_id
"""
# What customers asked for, why some left, and of what others want more.
MENTIONS = """
    select 'request' as theme_kind, coalesce(roadmap_id, title) as theme, customer_id, requested_on as mentioned_on
    from product_requests where as_of_date = '{day}' and coalesce(roadmap_id, title) is not null
    union all
    select signal, value, customer_id, cast(occurred_at as date)
    from fct_voc_signal
    where customer_id is not null and cast(occurred_at as date) <= '{day}'
        and (signal = 'churn_reason' and is_chosen or signal = 'upsell' or signal = 'voc_type' and value = 'unexpected_use')
"""


@dg.asset(
    name="voc_signal",
    key_prefix="computed",
    group_name="voice",
    deps=["int_voice__documents", "cfg_voc_rule", "cfg_voc_taxonomy", *TAUGHT],
    partitions_def=daily,
    kinds={"python", "parquet"},
)
def voc_signal(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """One row per day, document, signal, value and method; texts that were read before are only read again if an edit
    of the rules touches them."""
    from naruki.voice.changes import published_rules
    from naruki.voice.examples import examples_from
    from naruki.voice.pipeline import score_documents
    from naruki.voice.rules import rules_from
    from naruki.voice.settings import settings_from
    from naruki.voice.taxonomy import taxonomy_from

    day = as_of(context)
    with explained():
        taxonomy, rules = taxonomy_from(read_rows("cfg_voc_taxonomy")), rules_from(read_rows("cfg_voc_rule"))
        # The month's first instant: within a month the classifier stays the same and only new texts are read.
        settings = settings_from(read_settings(), train_before=datetime(day.year, day.month, 1))
        built = Built(home, "voice", [str(day), *landed(home)])
        if built.is_current() and computed(home, "voc_signal", day).exists():
            return dg.MaterializeResult(metadata={"unchanged": True})
        documents = home.read_warehouse(DOCUMENTS.format(zone=read_setting("business_time_zone"), day=day))
        examples = examples_from(taught(), settings, home.readers)
        signals = score_documents(
            documents, taxonomy, rules, read_before(day), settings, examples, published_rules(home)
        )
    rows = signals.append_column("as_of_date", pa.array([day] * signals.num_rows, pa.date32()))
    written = home.write_computed("voc_signal", day, rows)
    built.remember()
    return dg.MaterializeResult(metadata={"dagster/row_count": written, "documents": documents.num_rows})


def taught() -> dict[str, list[dict[str, str]]]:
    """The rows of the seeds that the reader learns from."""
    from naruki.voice.examples import SEEDS

    return {name: read_rows(f"voice/{name}") for name in SEEDS}


def read_before(day: date) -> pa.Table | None:
    """What this day's run, or the newest day before it, has read already."""
    return home.read_computed("voc_signal", on=day) or home.read_computed("voc_signal", before=day)


@dg.asset(
    name="voc_gold_score",
    description=VOICE_TABLES["voc_gold_score"],
    group_name="voice",
    deps=["cfg_voc_rule", "cfg_voc_taxonomy", "cfg_voc_gold_score", *TAUGHT],
    check_specs=[
        dg.AssetCheckSpec(
            "gold", asset="voc_gold_score", description="Signals are read as well as when their scores were accepted."
        )
    ],
    partitions_def=daily,
    kinds={"python", "parquet"},
)
def voc_gold_score(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """How well the signals of texts of our own writing are found; scored anew only when rules, texts or method changed."""
    from naruki.voice.examples import examples_from
    from naruki.voice.gold import gold_day
    from naruki.voice.rules import rules_from
    from naruki.voice.settings import settings_from
    from naruki.voice.taxonomy import taxonomy_from

    day = as_of(context)
    with explained():
        taxonomy, rules = taxonomy_from(read_rows("cfg_voc_taxonomy")), rules_from(read_rows("cfg_voc_rule"))
        seeds, settings = taught(), read_settings()
        examples = examples_from(seeds, settings_from(settings), home.readers)
        accepted = read_rows("voice/cfg_voc_gold_score")
        stored = home.read_computed("voc_gold_score", before=day + timedelta(days=1))
        rows, falls = gold_day(
            seeds["cfg_voc_gold"],
            accepted,
            seeds["cfg_voc_gold_target"],
            examples,
            taxonomy,
            rules,
            settings,
            day,
            stored,
        )
    written = home.write_computed("voc_gold_score", day, rows)
    check = dg.AssetCheckResult(
        check_name="gold",
        passed=not falls,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": "; ".join(falls) or "none", "measures": written},
    )
    return dg.MaterializeResult(metadata={"dagster/row_count": written}, check_results=[check])


@dg.multi_asset(
    name="voice_by_quadrant",
    specs=[
        dg.AssetSpec(
            name,
            description=VOICE_TABLES[name],
            group_name="voice",
            deps=["customer_segments", "product_requests", "fct_voc_signal"],
            kinds={"python", "parquet"},
        )
        for name in ("ideal_visions", "theme_origins")
    ],
    partitions_def=daily,
)
def voice_by_quadrant(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """What wisdom trees want the product to become, and what the testing ground named before others did."""
    from naruki.voice.quadrants import ideal_visions, theme_origins

    day, minimum = as_of(context), int(read_setting("minimum_group_size"))
    segments = home.read_computed("customer_segments", on=day)
    requests = home.read_warehouse(f"select * from product_requests where as_of_date = '{day}'")
    tables = {
        "ideal_visions": ideal_visions(requests, segments),
        "theme_origins": theme_origins(home.read_warehouse(MENTIONS.format(day=day)), segments, day, minimum),
    }
    for name, rows in tables.items():
        written = home.write_computed(name, day, rows)
        yield dg.MaterializeResult(asset_key=name, metadata={"dagster/row_count": written})


defs = dg.Definitions(assets=[voc_signal, voc_gold_score, voice_by_quadrant])
