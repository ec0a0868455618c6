"""The gold scores of a day as a table: precision, recall and targets beside the scores that were accepted last."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from naruki.voice.evaluation import GoldScore, real_falls, score_gold
from naruki.voice.examples import Examples
from naruki.voice.pipeline import method_version
from naruki.voice.rules import RuleSet
from naruki.voice.settings import settings_from
from naruki.voice.taxonomy import Taxonomy

Rows = Sequence[Mapping[str, str]]
# Targets are judged on texts that nobody looked at while rules were written.
JUDGED_SPLIT = "heldout"

GOLD_SCORES = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("lang", pa.string()),
        ("split", pa.string()),
        ("signal", pa.string()),
        ("measure", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("precision", pa.float64()),
        ("recall", pa.float64()),
        ("n", pa.int64()),
        ("positives", pa.int64()),
        ("accepted", pa.float64()),
        ("target_value", pa.float64()),
        ("target_precision", pa.float64()),
        ("target_recall", pa.float64()),
        ("is_target_met", pa.bool_()),
        ("method_version", pa.string()),
    ]
)


def gold_day(
    gold: Rows,
    accepted: Rows,
    targets: Rows,
    examples: Examples,
    taxonomy: Taxonomy,
    rules: RuleSet,
    settings: Mapping[str, str],
    day: date,
    stored: pa.Table | None,
) -> tuple[pa.Table, list[str]]:
    """The scores of a day (`GOLD_SCORES`) and one sentence for each real fall.

    `gold`, `accepted` and `targets` are the rows of cfg_voc_gold, cfg_voc_gold_score and cfg_voc_gold_target; texts that
    were looked at are not judged. `stored` are scores of an earlier day: they stand as long as rules, taxonomy, texts and
    code are the same.
    """
    voice = settings_from(settings)
    gold = [row for row in gold if row["split"] == JUDGED_SPLIT]
    texts = "\n".join("\t".join(row.values()) for row in gold)
    version = method_version(rules, taxonomy, voice, texts, examples.version, _code())
    scores = _read_again(stored, version) or score_gold(gold, taxonomy, rules, voice, examples)
    before = {_key(row): float(row["value"]) for row in accepted}
    wanted = {row["signal"]: row for row in targets}
    rows = [
        vars(score)
        | {"as_of_date": day, "method_version": version, "accepted": before.get(_key(vars(score)))}
        | _target(score, wanted.get(score.signal))
        for score in scores
    ]
    table = pa.Table.from_pylist(rows, schema=GOLD_SCORES)
    return table, real_falls(scores, accepted, float(settings["voice_gold_tolerance"]))


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["lang"], row["split"], row["signal"]


def _code() -> str:
    """A hash of the code that reads texts: whoever changes it gets new scores."""
    files = sorted(file for file in Path(__file__).parent.iterdir() if file.suffix in (".py", ".yml"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _read_again(stored: pa.Table | None, version: str) -> list[GoldScore]:
    """The stored scores if they were found in the same way; [] if not."""
    if stored is None or "method_version" not in stored.column_names:
        return []
    fields = list(GoldScore.__dataclass_fields__)
    rows = [row for row in stored.to_pylist() if row["method_version"] == version]
    return [GoldScore(**{name: row[name] for name in fields}) for row in rows]


def _target(score: GoldScore, wanted: Mapping[str, str] | None) -> dict[str, float | bool | None]:
    """The targets of a score's signal and whether they are all met; null without any."""
    names = ("value", "precision", "recall")
    if wanted is None or score.split != JUDGED_SPLIT or not any(wanted[name] for name in names):
        return {}
    targets = {name: float(wanted[name]) if wanted[name] else None for name in names}
    met = [
        getattr(score, name) is not None and getattr(score, name) >= least for name, least in targets.items() if least
    ]
    return {f"target_{name}": least for name, least in targets.items()} | {"is_target_met": all(met)}
