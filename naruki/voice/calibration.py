"""From which score on the reader is believed: found on texts that it did not learn, with what rules add."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from naruki.voice.examples import MARKS, REASON, Calibration, Examples
from naruki.voice.matching import match_rules
from naruki.voice.reader import Floats, Scores, plain_texts, scores_out_of_fold
from naruki.voice.rules import RuleSet
from naruki.voice.settings import VoiceSettings
from naruki.voice.signals import text_rows
from naruki.voice.taxonomy import UNCLASSIFIED, Taxonomy

# A rule of this weight stands, whatever the examples say.
SETTLED = 9.0
# A score that no machine reaches: as a threshold, never; below 0, always.
BEYOND = 1e9
# The most that a rule adds, in shares of `voice_rule_weight`.
_MOST = 1.0


def calibrate(examples: Examples, rules: RuleSet, taxonomy: Taxonomy) -> list[Calibration]:
    """Thresholds of every mark and language, and how likely a score is right; takes readers of five folds.

    Of the thresholds at which a mark is right as often as asked (`examples.precision`) the one with the best F1 counts.
    """
    found = []
    for lang in examples.languages:
        rows = examples.of(lang)[0]
        plain = pa.array(plain_texts(rows, examples.settings.max_characters), pa.string())
        languages = [lang] * len(rows)
        hits = match_rules(plain, languages, rules)
        said = scores_out_of_fold(lang, examples)
        marks, reasons = with_rules(said, text_rows(plain, languages, hits, rules, taxonomy), hits, examples.settings)
        for place, mark in enumerate(MARKS):
            shown = np.array([mark.shown(row) for row in rows])
            known = shown != ""
            if mark.name in examples.precision and (shown == "true").any():
                one = _of_mark(marks[known, place], shown[known] == "true", examples.precision[mark.name])
                found.append(Calibration(lang, mark.name, *one, version=examples.content))
        names = np.array(said.reason_names)
        is_right = names[reasons.argmax(axis=1)] == np.array([row[REASON] for row in rows])
        intercept, slope = _odds(lead(reasons), is_right)
        share = float(is_right.mean())
        found.append(Calibration(lang, REASON, -BEYOND, intercept, slope, share, share, len(rows), examples.content))
    return found


def with_rules(said: Scores, by_rules: pa.Table, hits: pa.Table, settings: VoiceSettings) -> tuple[Floats, Floats]:
    """The scores of marks and reasons with what rules add: `rule_weight` for a rule of weight 1 or more, less for a
    lighter one, and without end for one that settles. Texts like none of what was learnt are unclassified."""
    marks, reasons = said.marks.copy(), said.reasons.copy()
    names = {name: place for place, name in enumerate(said.reason_names)}
    marks += _added(mark_weights(by_rules, len(marks)), settings.rule_weight)
    is_reason = pc.equal(hits["signal"], REASON)
    cues = by_rules.filter(
        pc.and_(pc.equal(by_rules["signal"], "churn_intent"), pc.equal(by_rules["modality"], "asserted"))
    )
    weights = np.zeros_like(reasons)
    told = hits.filter(is_reason)
    for ids, reason, weight in (
        (told["text_id"], told["reason"].to_pylist(), told["weight"]),
        (cues["text_id"], ["cancellation"] * cues.num_rows, cues["score"]),
    ):
        places = np.array([names.get(name, -1) for name in reason], dtype=np.int64)
        is_known = places >= 0
        np.maximum.at(weights, (ids.to_numpy()[is_known], places[is_known]), weight.to_numpy()[is_known])
    reasons += _added(weights, settings.rule_weight)
    if UNCLASSIFIED in names:
        is_strange = reasons.max(axis=1) < settings.reason_least_score
        reasons[is_strange, names[UNCLASSIFIED]] = settings.reason_least_score
    return marks, reasons


def mark_weights(by_rules: pa.Table, count: int) -> Floats:
    """The weight of the heaviest rule that says yes (texts x `MARKS`), 0 without one."""
    weights = np.zeros((count, len(MARKS)))
    places = mark_of_rows(by_rules)
    is_mark = places >= 0
    ids, score = by_rules["text_id"].to_numpy(), pc.fill_null(by_rules["score"], 0.0).to_numpy()
    np.maximum.at(weights, (ids[is_mark], places[is_mark]), score[is_mark])
    return weights


def mark_of_rows(rows: pa.Table) -> NDArray[np.int64]:
    """The place in `MARKS` of what each row says, -1 for other rows and for phrases of leaving that are not meant."""
    kinds = pc.binary_join_element_wise(rows["signal"], pc.fill_null(rows["value"], ""), "\t").combine_chunks()
    coded = kinds.dictionary_encode()
    place_of = []
    for kind in coded.dictionary.to_pylist():
        signal, value = kind.split("\t")
        place_of.append(next((place for place, mark in enumerate(MARKS) if mark.says(signal, value)), -1))
    places = np.array([*place_of, -1], dtype=np.int64)[coded.indices.to_numpy()]
    is_meant = pc.or_(pc.not_equal(rows["signal"], "churn_intent"), pc.equal(rows["modality"], "asserted"))
    return np.where(pc.fill_null(is_meant, False).to_numpy(), places, -1)


def lead(scores: Floats) -> Floats:
    """The best score of each row over the next."""
    if scores.shape[1] < 2:
        return np.zeros(len(scores))
    best = np.partition(scores, -2, axis=1)
    return np.asarray(best[:, -1] - best[:, -2])


def _added(weights: Floats, rule_weight: float) -> Floats:
    return np.where(weights >= SETTLED, np.inf, rule_weight * np.minimum(weights, _MOST))


def _of_mark(scores: Floats, truth: NDArray[np.bool_], least: float) -> tuple[float, float, float, float, float, int]:
    """Threshold, intercept, slope, precision and recall there, and how many texts show the mark."""
    intercept, slope = _odds(scores, truth)
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    precision, recall = hits / np.arange(1, len(order) + 1), hits / truth.sum()
    good = np.flatnonzero(precision >= least)
    if not len(good):
        return BEYOND, intercept, slope, 0.0, 0.0, int(truth.sum())
    at = good[np.argmax((2 * precision * recall / np.maximum(precision + recall, 1e-12))[good])]
    return float(scores[order[at]]), intercept, slope, float(precision[at]), float(recall[at]), int(truth.sum())


def _odds(scores: Floats, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Intercept and slope of the log-odds of being right by score (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    finite = np.isfinite(scores)
    if len(np.unique(truth[finite])) < 2:
        return (20.0 if truth[finite].all() else -20.0), 0.0
    model = LogisticRegression(C=1e3, max_iter=500).fit(scores[finite, None], truth[finite])
    return float(model.intercept_[0]), float(model.coef_[0, 0])
