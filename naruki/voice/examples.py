"""A second opinion that learns from texts of our own writing: what no rule has a phrase for, in words like those of the
examples.

It only adds to the rules, and only where it was right often enough on examples that it had not seen.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from naruki.voice.rules import CONTRAST, RuleSet
from naruki.voice.signals import CHURN_INTENT, TEXT_ROWS
from naruki.voice.taxonomy import CONTACT_REASON, UNCLASSIFIED

METHOD = "examples"
_NONE = "none"
# What else a text of a signal's kind may say: learnt beside it so that it is not taken for it, and never said.
_PRAISE = "praise"
_FOLDS = 5
_BATCH = 2_000
# Gold column -> signal and value of its positives; the levels of an intent are told apart by name.
_SIGNALS = {
    "is_dissatisfied": ("dissatisfaction", "implied"),
    "is_how_to": ("how_to", "question"),
    "churn_intent": (CHURN_INTENT, None),
    "contact_reason": (CONTACT_REASON, None),
}

Rows = Sequence[Mapping[str, str]]
Labels = NDArray[np.str_]


@dataclass(frozen=True)
class Examples:
    """Texts with the signals that a careful reader found in them (rows of `cfg_voc_gold`), and how often a guess at a
    signal has to be right to count; a signal without a share is not guessed at."""

    rows: Rows
    precision: Mapping[str, float]
    seed: int

    @cached_property
    def version(self) -> str:
        """A hash of everything that decides what the examples teach."""
        content = "\n".join("\t".join(row.values()) for row in self.rows)
        return hashlib.sha256(f"2\n{sorted(self.precision.items())}\n{self.seed}\n{content}".encode()).hexdigest()[:16]


def examples_from(gold: Rows, targets: Rows, seed: int) -> Examples:
    """The texts of `cfg_voc_gold` that may be looked at (dev), with the shares of `cfg_voc_gold_target`."""
    shares = {row["signal"]: float(row["example_precision"]) for row in targets if row["example_precision"]}
    return Examples([row for row in gold if row["split"] == "dev"], shares, seed)


def with_examples(
    texts: pa.Array, languages: list[str], by_rules: pa.Table, examples: Examples, rules: RuleSet
) -> pa.Table:
    """`TEXT_ROWS` of distinct normalised texts: those of the rules, and what they left out (method 'examples', no
    evidence).

    A phrase of leaving that the rules found, however meant, is theirs to judge; a contact reason is only looked for where
    they have none. A text that the examples call dissatisfied is not neutral; one that praises, without a word like
    'but', is never called dissatisfied.
    """
    found: list[tuple[int, str, str, float]] = []
    taken = _taken(by_rules) | _only_praising(texts, languages, by_rules, rules)
    for lang in sorted({row["lang"] for row in examples.rows}):
        at = [row for row, code in enumerate(languages) if code == lang]
        if not at:
            continue
        reader = _Reader(lang, [row for row in examples.rows if row["lang"] == lang], examples)
        for start in range(0, len(at), _BATCH):
            some = at[start : start + _BATCH]
            for place, signal, value, confidence in reader.read(texts.take(pa.array(some)).to_pylist()):
                if (some[place], signal) not in taken:
                    found.append((some[place], signal, value, confidence))
    dissatisfied = {at for at, signal, _, _ in found if signal == "dissatisfaction"}
    return pa.concat_tables([_not_neutral(by_rules, dissatisfied), _with_complaints(found)])


def _not_neutral(by_rules: pa.Table, dissatisfied: set[int]) -> pa.Table:
    """The rules' rows with another polarity for these texts: negative, or mixed where they praise."""
    import pyarrow.compute as pc

    is_theirs = pc.is_in(by_rules["text_id"], pa.array(sorted(dissatisfied), pa.int64()))
    worse = pc.if_else(pc.equal(by_rules["polarity"], "positive"), "mixed", "negative")
    polarity = pc.if_else(is_theirs, worse, by_rules["polarity"])
    is_row = pc.and_(is_theirs, pc.equal(by_rules["signal"], "polarity"))
    columns = {"polarity": polarity, "value": pc.if_else(is_row, worse, by_rules["value"])}
    columns["score"] = pc.if_else(
        pc.and_(is_row, pc.equal(columns["value"], "negative")), -1.0, pc.if_else(is_row, 0.0, by_rules["score"])
    )
    for name, values in columns.items():
        by_rules = by_rules.set_column(by_rules.column_names.index(name), TEXT_ROWS.field(name), values)
    return by_rules


def _taken(by_rules: pa.Table) -> set[tuple[int, str]]:
    """Texts and signals of which the rules have something to say."""
    names = zip(*(by_rules[name].to_pylist() for name in ("text_id", "signal", "value")), strict=True)
    return {(text_id, signal) for text_id, signal, value in names if value != UNCLASSIFIED}


def _only_praising(texts: pa.Array, languages: list[str], by_rules: pa.Table, rules: RuleSet) -> set[tuple[int, str]]:
    """Texts in which the rules found praise and no word of contrast: nobody need look for dissatisfaction there."""
    import pyarrow.compute as pc

    is_praise = pc.and_(pc.equal(by_rules["signal"], "voc_type"), pc.equal(by_rules["value"], _PRAISE))
    at = by_rules.filter(is_praise)["text_id"].unique().to_pylist()
    praising = zip(at, texts.take(pa.array(at, pa.int64())).to_pylist(), strict=True)
    return {
        (text_id, "dissatisfaction")
        for text_id, text in praising
        if not any(group.includes.search(text) for group in rules.of(CONTRAST, languages[text_id]))
    }


def _with_complaints(found: list[tuple[int, str, str, float]]) -> pa.Table:
    """Who is dissatisfied complains."""
    found = found + [
        (at, "voc_type", "complaint", sure) for at, signal, _, sure in found if signal == "dissatisfaction"
    ]
    count = len(found)
    columns = {
        "text_id": pa.array([row[0] for row in found], pa.int64()),
        "signal": pa.array([row[1] for row in found], pa.string()),
        "value": pa.array([row[2] for row in found], pa.string()),
        "method": pa.array([METHOD] * count, pa.string()),
        "score": pa.array([row[3] for row in found], pa.float64()),
        "confidence": pa.array([row[3] for row in found], pa.float64()),
        "polarity": pa.array(
            ["negative" if row[1] in ("dissatisfaction", "voc_type") else None for row in found], pa.string()
        ),
        "modality": pa.array(["question" if row[1] == "how_to" else "asserted" for row in found], pa.string()),
        "for_cancellations_only": pa.array([False] * count, pa.bool_()),
    }
    return pa.table([columns.get(field.name, pa.nulls(count, field.type)) for field in TEXT_ROWS], schema=TEXT_ROWS)


class _Reader:
    """One linear machine per signal of one language; each speaks above the margin at which it was right often enough out
    of fold."""

    def __init__(self, lang: str, rows: Rows, examples: Examples) -> None:
        from naruki.voice import _linear

        self._linear = _linear
        texts = [row["text"].lower() for row in rows]
        self._features = _linear.Features(lang, len(texts))
        features = self._features.fit(_linear.batch_of(texts))
        self._machines = []
        for column, (signal, value) in _SIGNALS.items():
            empty = UNCLASSIFIED if signal == CONTACT_REASON else _NONE
            labels = np.array([_label(row, column, value, empty) for row in rows])
            if signal in examples.precision and len(set(labels)) > 1:
                least, sure = self._margin(features, labels, empty, examples.precision[signal], examples.seed)
                self._machines.append((signal, empty, self._train(features, labels, examples.seed), least, sure))

    def read(self, texts: list[str]) -> list[tuple[int, str, str, float]]:
        """Place of the text, signal, value and share of right guesses out of fold, wherever the machine is sure."""
        features, found = self._features.transform(self._linear.batch_of(texts)), []
        for signal, empty, machine, least, sure in self._machines:
            labels, margins = _best(machine, features)
            for at in np.flatnonzero(_speaks(labels, empty) & (margins >= least)):
                found.append((int(at), signal, str(labels[at]), sure))
        return found

    def _train(self, features, labels: Labels, seed: int):  # type: ignore[no-untyped-def]
        from sklearn.svm import LinearSVC

        return LinearSVC(C=1.0, random_state=seed, tol=1e-2).fit(features, labels)

    def _margin(self, features, labels: Labels, empty: str, least: float, seed: int) -> tuple[float, float]:  # type: ignore[no-untyped-def]
        """The lowest margin from which on guesses out of fold were right in `least` of the cases, and how often."""
        index = np.unique(labels, return_inverse=True)[1].astype(np.int64)
        margins, is_right = [], []
        for learn, test in self._linear.folds_of(index, _FOLDS, seed):
            guess, margin = _best(self._train(features[learn], labels[learn], seed), features[test])
            said = _speaks(guess, empty)
            margins.append(margin[said])
            is_right.append((guess == labels[test])[said])
        if not margins or not len(np.concatenate(margins)):
            return np.inf, 0.0
        order = np.argsort(-np.concatenate(margins), kind="stable")
        right = np.concatenate(is_right)[order].astype(float)
        precision = np.cumsum(right) / np.arange(1, len(order) + 1)
        good = np.flatnonzero(precision >= least)
        if not len(good):
            return np.inf, 0.0
        return float(np.concatenate(margins)[order][good[-1]]), float(precision[good[-1]])


def _label(row: Mapping[str, str], column: str, value: str | None, empty: str) -> str:
    if value is None:
        return row[column] or empty
    if str(row[column]).lower() == "true":
        return value
    return _PRAISE if column == "is_dissatisfied" and _PRAISE in row["voc_type"].split(";") else empty


def _speaks(labels: Labels, empty: str) -> NDArray[np.bool_]:
    return np.asarray((labels != empty) & (labels != _PRAISE))


def _best(machine, features) -> tuple[Labels, NDArray[np.float64]]:  # type: ignore[no-untyped-def]
    """The best label of each text and its margin over the next; of two labels the positive one with its distance, which
    may be below 0."""
    scores = machine.decision_function(features)
    if scores.ndim == 1:
        positive = next(name for name in machine.classes_ if name != _NONE)
        sign = 1 if machine.classes_[1] == positive else -1
        return np.full(len(scores), positive), sign * scores
    classes = machine.classes_
    if _NONE in classes:
        # An intent speaks for itself: its best level, by its own distance.
        rest = np.flatnonzero(classes != _NONE)
        best = rest[scores[:, rest].argmax(axis=1)]
        return classes[best], scores[np.arange(len(scores)), best]
    order = np.sort(scores, axis=1)
    return classes[scores.argmax(axis=1)], order[:, -1] - order[:, -2]
