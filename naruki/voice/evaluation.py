"""How well the signals are found, on texts of our own writing: precision, recall, F1, accuracy, and whether it got
worse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from naruki.voice.examples import Examples
from naruki.voice.normalise import text_hashes
from naruki.voice.rules import RuleSet
from naruki.voice.settings import VoiceSettings
from naruki.voice.taxonomy import Taxonomy

_RESAMPLES = 1_000
_INTERVAL = (2.5, 97.5)
# Gold column -> (signal, whether any value counts as one positive class). The level of an intent is judged apart
# from its presence.
_BINARY: dict[str, tuple[str, Callable[[Mapping[str, Any]], bool]]] = {
    "churn_intent": ("churn_intent", lambda row: row["churn_intent"] != "none"),
    "dissatisfaction": ("dissatisfaction", lambda row: _is_true(row["is_dissatisfied"])),
    "upsell": ("upsell", lambda row: _is_true(row["is_upsell"])),
    "how_to": ("how_to", lambda row: _is_true(row["is_how_to"])),
    **{
        f"voc_{kind}": (f"voc_type.{kind}", lambda row, kind=kind: kind in row["voc_type"].split(";"))
        for kind in ("complaint", "praise", "wish")
    },
    **{
        f"voc_{kind}": (f"voc_type.{kind}", lambda row, kind=kind: row["usability"] == kind)
        for kind in ("cannot_use", "unsolved", "unexpected_use")
    },
}
_EXACT = ("contact_reason", "polarity", "churn_level")


@dataclass(frozen=True)
class GoldScore:
    """One signal in one language and part of the gold set: its main measure with a 95 % bootstrap interval."""

    lang: str
    split: str
    signal: str
    measure: str
    value: float
    low: float
    high: float
    precision: float | None
    recall: float | None
    n: int
    positives: int


def score_gold(
    gold: Sequence[Mapping[str, Any]],
    taxonomy: Taxonomy,
    rules: RuleSet,
    settings: VoiceSettings,
    examples: Examples | None = None,
) -> list[GoldScore]:
    """F1 of every yes-or-no signal and accuracy of the others, by language and split of the rows of `cfg_voc_gold`.

    Rules and `examples` are judged: the gold texts have no help-desk category to learn from.
    """
    predicted = _predict(gold, taxonomy, rules, settings, examples)
    scores = []
    for lang, split in sorted({(row["lang"], row["split"]) for row in gold}):
        rows = [row for row in gold if (row["lang"], row["split"]) == (lang, split)]
        found = [predicted[row["gold_id"]] for row in rows]
        for name, (signal, is_positive) in _BINARY.items():
            truth = np.array([is_positive(row) for row in rows])
            guess = np.array([signal in signals for signals in found])
            scores.append(_binary_score(lang, split, name, truth, guess, settings.seed))
        for name in _EXACT:
            pairs = [
                (row, signals)
                for row, signals in zip(rows, found, strict=True)
                if name != "churn_level" or row["churn_intent"] != "none"
            ]
            right = np.array(
                [signals[name] == row["churn_intent" if name == "churn_level" else name] for row, signals in pairs]
            )
            scores.append(_exact_score(lang, split, name, right, settings.seed))
    return scores


def is_real_fall(now: GoldScore, value_before: float, tolerance: float) -> bool:
    """Whether a measure fell by more than `tolerance` (0.02 = two points) below what its bootstrap interval
    explains."""
    return now.high < value_before - tolerance


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _predict(
    gold: Sequence[Mapping[str, Any]],
    taxonomy: Taxonomy,
    rules: RuleSet,
    settings: VoiceSettings,
    examples: Examples | None = None,
) -> dict[str, dict[str, str]]:
    """By gold id: signal -> value, and 'signal.value' for those with several; intents only if they are meant."""
    from naruki.voice.pipeline import score_documents

    count, texts = len(gold), pa.array([row["text"] for row in gold], pa.string())
    documents = pa.table(
        {
            "document_id": pa.array([row["gold_id"] for row in gold], pa.string()),
            "source": pa.array(["gold"] * count, pa.string()),
            "customer_id": pa.nulls(count, pa.string()),
            "occurred_at": pa.nulls(count, pa.timestamp("us")),
            "category": pa.nulls(count, pa.string()),
            "text": texts,
            "text_hash": text_hashes(texts),
        }
    )
    found: dict[str, dict[str, str]] = {row["gold_id"]: {"churn_level": "none"} for row in gold}
    levels = {"procedure": 1, "considering": 2, "request": 3, "none": 0}
    for row in score_documents(documents, taxonomy, rules, None, settings, examples).to_pylist():
        signals, signal, value = found[row["document_id"]], row["signal"], row["value"]
        if (signal == "churn_intent" and row["modality"] != "asserted") or not row["is_chosen"]:
            continue
        signals[signal] = signals[f"{signal}.{value}"] = value
        if signal == "churn_intent" and levels[value] > levels[signals["churn_level"]]:
            signals["churn_level"] = value
    return found


def _binary_score(lang: str, split: str, name: str, truth: np.ndarray, guess: np.ndarray, seed: int) -> GoldScore:
    draws = np.random.default_rng(seed).integers(0, len(truth), (_RESAMPLES, len(truth)))
    low, high = np.percentile([_f1(truth[draw], guess[draw]) for draw in draws], _INTERVAL)
    hits = int((truth & guess).sum())
    precision = hits / int(guess.sum()) if guess.any() else None
    recall = hits / int(truth.sum()) if truth.any() else None
    return GoldScore(
        lang,
        split,
        name,
        "f1",
        _f1(truth, guess),
        float(low),
        float(high),
        precision,
        recall,
        len(truth),
        int(truth.sum()),
    )


def _exact_score(lang: str, split: str, name: str, right: np.ndarray, seed: int) -> GoldScore:
    draws = np.random.default_rng(seed).integers(0, max(len(right), 1), (_RESAMPLES, len(right)))
    low, high = np.percentile(right[draws].mean(axis=1), _INTERVAL) if len(right) else (0.0, 1.0)
    value = float(right.mean()) if len(right) else 0.0
    return GoldScore(lang, split, name, "accuracy", value, float(low), float(high), None, None, len(right), len(right))


def _f1(truth: np.ndarray, guess: np.ndarray) -> float:
    hits = (truth & guess).sum()
    return float(2 * hits / max(truth.sum() + guess.sum(), 1))


def real_falls(scores: Sequence[GoldScore], accepted: Sequence[Mapping[str, Any]], tolerance: float) -> list[str]:
    """One sentence for each measure that fell for real since the scores of `cfg_voc_gold_score` were accepted; none
    is good news.

    An accepted measure that is no longer scored is a fall as well: it would otherwise vanish unseen.
    """
    by_key = {(score.lang, score.split, score.signal): score for score in scores}
    found = []
    for row in accepted:
        key, before = (row["lang"], row["split"], row["signal"]), float(row["value"])
        now = by_key.get(key)
        if now is None:
            found.append(f"{' '.join(key)} is no longer scored.")
        elif is_real_fall(now, before, tolerance):
            found.append(
                f"{' '.join(key)}: {now.measure} fell from {before:.3f} to {now.value:.3f} (95 % up to {now.high:.3f})."
            )
    return found
