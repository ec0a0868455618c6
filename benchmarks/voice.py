"""How long reading a million texts takes: `python -m benchmarks.voice [texts]`. Prints one line a step.

The texts are made of those of the gold set with a number each, half Japanese, half English, all distinct.
"""

import csv
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from naruki.policy import read_settings
from naruki.voice.classifier import TextClassifier
from naruki.voice.examples import SEEDS as TAUGHT
from naruki.voice.examples import examples_from
from naruki.voice.language import detect_language
from naruki.voice.matching import match_rules
from naruki.voice.normalise import normalise, text_hashes
from naruki.voice.pipeline import score_documents
from naruki.voice.redact import redact_array
from naruki.voice.rules import rules_from
from naruki.voice.settings import settings_from
from naruki.voice.taxonomy import taxonomy_from

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
SETTINGS = settings_from(read_settings())


EDIT = {"rule_id": "edit", "signal": "contact_reason", "reason": "login", "lang": "en", "include": "passkey"}
EDIT |= {"exclude": "", "weight": "3"}


def _rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _timed(what: str, work: Callable[[], Any]) -> Any:
    start, used = time.perf_counter(), time.process_time()
    result = work()
    print(
        f"{what:<40} {time.perf_counter() - start:8.1f} s {time.process_time() - used:8.1f} s of processor", flush=True
    )
    return result


def documents(count: int, labelled_share: float) -> pa.Table:
    """`count` distinct documents over a year; a share of them carries the gold reason as the help desk's category."""
    gold = {lang: [row for row in _rows("voice/cfg_voc_gold.csv") if row["lang"] == lang] for lang in ("ja", "en")}
    start = datetime(2025, 1, 1)
    # Of two texts of one language: a whole one, and enough of another for 80 characters.
    pairs = []
    for number in range(count):
        rows = gold["ja" if number % 2 else "en"]
        first, second = rows[number // 2 % len(rows)], rows[number * 7 % len(rows)]
        pairs.append((first, second["text"][: max(74 - len(first["text"]), 12)]))
    picked = [row for row, _ in pairs]
    texts = pa.array([f"{row['text']} {more} {number}" for number, (row, more) in enumerate(pairs)])
    every = max(int(1 / labelled_share), 1) if labelled_share else count + 1
    return pa.table(
        {
            "document_id": pa.array([str(number) for number in range(count)]),
            "source": pa.array(["ticket"] * count),
            "customer_id": pa.array([f"c{number % 5000}" for number in range(count)]),
            "occurred_at": pa.array(
                [start + timedelta(minutes=number % 525_600) for number in range(count)], pa.timestamp("us")
            ),
            "category": pa.array(
                [row["contact_reason"] if number % every == 0 else None for number, row in enumerate(picked)],
                pa.string(),
            ),
            "text": texts,
            "text_hash": text_hashes(texts),
        }
    )


def main(count: int) -> None:
    """Times each step alone, then everything."""
    rules, taxonomy = rules_from(_rows("cfg_voc_rule.csv")), taxonomy_from(_rows("cfg_voc_taxonomy.csv"))
    examples = examples_from({name: _rows(f"voice/{name}.csv") for name in TAUGHT}, SETTINGS)
    docs = documents(count, 0.02)
    texts = docs["text"].combine_chunks()
    characters = sum(len(text) for text in texts.slice(0, 1000).to_pylist()) / min(1000, count)
    print(f"{count:,} texts of {characters:.0f} characters on average")
    _timed("redaction", lambda: redact_array(texts))
    plain = _timed("normalisation", lambda: normalise(texts, SETTINGS.max_characters))
    languages = _timed("language", lambda: detect_language(texts))
    hits = _timed("rules alone", lambda: match_rules(plain, languages, rules))
    print(f"{'':<4}{hits.num_rows:,} phrases found")
    signals = _timed("everything, first time", lambda: score_documents(docs, taxonomy, rules, None, SETTINGS, examples))
    print(f"{'':<4}{signals.num_rows:,} signals")
    again = _timed(
        "everything, nothing new", lambda: score_documents(docs, taxonomy, rules, signals, SETTINGS, examples)
    )
    print(f"{'':<4}{again.num_rows:,} signals")
    edited = rules_from([*_rows("cfg_voc_rule.csv"), EDIT])
    changed = _timed(
        "everything, one rule edited",
        lambda: score_documents(docs, taxonomy, edited, signals, SETTINGS, examples, rules),
    )
    print(f"{'':<4}{changed.num_rows:,} signals")
    few = docs.slice(0, 5_000)
    model = TextClassifier("en", SETTINGS.seed)
    labels = [row % 50 for row in range(few.num_rows)]
    _timed(
        "classifier fit, 5,000 texts, 50 labels",
        lambda: model.fit(few["text"].to_pylist(), [str(label) for label in labels]),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
