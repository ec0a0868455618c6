"""What customers say: signals read out of texts between facts and marts, and how well they are read."""

from collections.abc import Iterator
from datetime import date, datetime

import dagster as dg
import pyarrow as pa

from naruki.policy import read_rows, read_setting, read_settings
from orchestration.defs.partitions import as_of, daily
from orchestration.defs.resources import home
from orchestration.errors import explained
from orchestration.unchanged import Built, computed, landed

SIGNALS_KEY = dg.AssetKey(["computed", "voc_signal"])
DOCUMENTS = """
    select document_id, source, customer_id, occurred_at, category, text, text_hash
    from int_voice__documents
    where occurred_at < timezone('UTC', timezone('{zone}', cast(date '{day}' + 1 as timestamp)))
    order by document_id
"""


@dg.asset(
    name="voc_signal",
    key_prefix="computed",
    group_name="voice",
    deps=["int_voice__documents", "cfg_voc_rule", "cfg_voc_taxonomy"],
    check_specs=[
        dg.AssetCheckSpec(
            "gold", asset=SIGNALS_KEY, description="Signals are read as well as when their scores were accepted."
        )
    ],
    partitions_def=daily,
    kinds={"python", "parquet"},
)
def voc_signal(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """One row per day, document, signal, value and method; texts that were read before are not read again."""
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
            yield dg.MaterializeResult(metadata={"unchanged": True})
        else:
            documents = home.read_warehouse(DOCUMENTS.format(zone=read_setting("business_time_zone"), day=day))
            signals = score_documents(documents, taxonomy, rules, read_before(day), settings)
            rows = signals.append_column("as_of_date", pa.array([day] * signals.num_rows, pa.date32()))
            written = home.write_computed("voc_signal", day, rows)
            built.remember()
            yield dg.MaterializeResult(metadata={"dagster/row_count": written, "documents": documents.num_rows})
        yield gold_check(taxonomy, rules, settings)


def read_before(day: date) -> pa.Table | None:
    """What this day's run, or the newest day before it, has read already."""
    return home.read_computed("voc_signal", on=day) or home.read_computed("voc_signal", before=day)


def gold_check(taxonomy, rules, settings) -> dg.AssetCheckResult:
    """A fall of a signal on texts of our own writing beyond what chance explains."""
    from naruki.voice.evaluation import real_falls, score_gold

    scores = score_gold(read_rows("voice/cfg_voc_gold"), taxonomy, rules, settings)
    falls = real_falls(scores, read_rows("voice/cfg_voc_gold_score"), float(read_setting("voice_gold_tolerance")))
    return dg.AssetCheckResult(
        asset_key=SIGNALS_KEY,
        check_name="gold",
        passed=not falls,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": "; ".join(falls) or "none", "measures": len(scores)},
    )


defs = dg.Definitions(assets=[voc_signal])
