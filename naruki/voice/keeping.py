"""What an edit of the examples brings back into the seeds: thresholds of the reader, and gold scores that were accepted."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from naruki.policy import SEEDS as FOLDER
from naruki.policy import read_rows, read_settings
from naruki.voice.calibration import calibrate
from naruki.voice.evaluation import score_gold
from naruki.voice.examples import SEEDS, Calibration, Examples, examples_from
from naruki.voice.gold import JUDGED_SPLIT
from naruki.voice.rules import RuleSet, rules_from
from naruki.voice.settings import settings_from
from naruki.voice.taxonomy import Taxonomy, taxonomy_from

_ACCEPTED = ("lang", "split", "signal", "measure", "value", "n", "positives")


def keep_calibrations(seeds: Path = FOLDER) -> list[Calibration]:
    """Calibrates the examples of the seeds and writes `cfg_voc_reader.csv`."""
    taxonomy, rules, examples = _policy(seeds)
    found = calibrate(examples, rules, taxonomy)
    rows = [[_short(value) for value in astuple(one)] for one in found]
    _write(seeds / "voice" / "cfg_voc_reader.csv", [field.name for field in fields(Calibration)], rows)
    return found


def keep_gold_scores(seeds: Path = FOLDER) -> int:
    """Scores the held-out texts and writes `cfg_voc_gold_score.csv`; how many scores there are."""
    taxonomy, rules, examples = _policy(seeds)
    gold = [row for row in read_rows("voice/cfg_voc_gold", seeds) if row["split"] == JUDGED_SPLIT]
    scores = score_gold(gold, taxonomy, rules, examples.settings, examples)
    _write(
        seeds / "voice" / "cfg_voc_gold_score.csv",
        _ACCEPTED,
        [[_short(getattr(score, name)) for name in _ACCEPTED] for score in scores],
    )
    return len(scores)


def _policy(seeds: Path) -> tuple[Taxonomy, RuleSet, Examples]:
    settings = settings_from(read_settings(seeds))
    taught: Mapping[str, list[dict[str, str]]] = {name: read_rows(f"voice/{name}", seeds) for name in SEEDS}
    return (
        taxonomy_from(read_rows("cfg_voc_taxonomy", seeds)),
        rules_from(read_rows("cfg_voc_rule", seeds)),
        examples_from(taught, settings),
    )


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def _write(file: Path, names: Iterable[str], rows: list[list[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
