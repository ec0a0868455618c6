"""A reader that learnt from examples: linear machines on n-grams, one language each, whose scores rules add to.

Marks are read twice: in the whole text, and in the sentence that says most. People put one reproach between three lines of
facts, where the whole alone would not show it.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from naruki.voice import _linear
from naruki.voice.examples import CHURN_INTENT, MARKS, REASON, Examples, Rows
from naruki.voice.normalise import normalise

Floats = NDArray[np.float64]
_LEVEL = "level"
_FOLDS = 5
# How freely a machine follows its texts: many reasons share few texts each, marks have thousands.
_PENALTIES = {REASON: 1.0, _LEVEL: 1.0}
_PENALTY = 0.5
# A word of a single text teaches nothing about others.
_LEAST_TEXTS = 2
_ENDS = re.compile(r"(?<=[。!?])\s*|(?<=\.)\s+")
_LEAST_CHARACTERS, _MOST_SENTENCES = 4, 40
# How much the whole text counts beside its strongest sentence.
_WHOLE = 0.5


@dataclass(frozen=True)
class Scores:
    """What texts say: a score per mark (texts x `MARKS`), per reason and per level of an intent, with their names."""

    marks: Floats
    reasons: Floats
    levels: Floats
    reason_names: tuple[str, ...]
    level_names: tuple[str, ...]


@dataclass(frozen=True)
class Sentences:
    """Features of sentences, and the row of the text that each stands in."""

    features: sparse.csr_matrix
    of: NDArray[np.int64]

    def within(self, rows: NDArray[np.int64], count: int) -> "Sentences":
        """Those of some of `count` texts, by their place among these."""
        places = np.full(count, -1, dtype=np.int64)
        places[rows] = np.arange(len(rows))
        kept = np.flatnonzero(places[self.of] >= 0)
        return Sentences(self.features[kept], places[self.of[kept]])


class Reader:
    """Machines of one language. `features` and `rows` go together; a row teaches what it tells and nothing else."""

    def __init__(self, lang: str, seed: int) -> None:
        self._seed = seed
        self._lang = lang

    def features(self, rows: Rows, max_characters: int) -> sparse.csr_matrix:
        """Learns the n-grams of the rows' texts; one row of features each."""
        self._features = _linear.Features(self._lang, len(rows), _LEAST_TEXTS)
        return self._features.fit(_linear.batch_of(plain_texts(rows, max_characters)))

    def sentences(self, texts: Sequence[str]) -> Sentences:
        """The features of the sentences of texts that have more than one."""
        parts = [_sentences(text) for text in texts]
        several = [(row, part) for row, found in enumerate(parts) if len(found) > 1 for part in found]
        features = self._features.transform(_linear.batch_of([part for _, part in several]))
        return Sentences(features, np.array([row for row, _ in several], dtype=np.int64))

    def learn(self, features: sparse.csr_matrix, rows: Rows, weights: Floats) -> "Reader":
        """Trains all machines."""
        parts, self._names, self._places = [], {}, {}
        start = 0
        for name, labels in _tasks(rows).items():
            known = np.flatnonzero(labels != "")
            names = tuple(np.unique(labels[known]).tolist())
            penalty = _PENALTIES.get(name, _PENALTY)
            weight, bias = _trained(features[known], labels[known], weights[known], penalty, self._seed)
            if name in _PENALTIES and len(names) == 2:
                weight, bias = np.vstack([-weight, weight]), np.concatenate([-bias, bias])
            self._names[name], self._places[name] = names, slice(start, start + len(bias))
            parts.append((weight, bias))
            start += len(bias)
        self._weights = np.ascontiguousarray(np.vstack([weight for weight, _ in parts]).T, dtype=np.float32)
        self._bias = np.concatenate([bias for _, bias in parts])
        self._marks = [self._places[mark.name].start for mark in MARKS]
        return self

    def scores(self, features: sparse.csr_matrix, sentences: Sentences) -> Scores:
        """The machines' margins; those of marks are the mean of the whole text's and its strongest sentence's."""
        margins = self._margins(features)
        marks = margins[:, self._marks]
        if len(sentences.of):
            best = np.full(marks.shape, -np.inf)
            np.maximum.at(best, sentences.of, self._margins(sentences.features)[:, self._marks])
            marks = np.where(np.isfinite(best), _WHOLE * marks + (1 - _WHOLE) * best, marks)
        return Scores(
            marks,
            margins[:, self._places[REASON]],
            margins[:, self._places[_LEVEL]],
            self._names[REASON],
            self._names[_LEVEL],
        )

    def read(self, texts: Sequence[str]) -> Scores:
        """The scores of normalised texts."""
        return self.scores(self._features.transform(_linear.batch_of(texts)), self.sentences(texts))

    def save(self, file: Path) -> None:
        """Keeps what was learnt in a file, whole or not at all."""
        learnt = {"weights": self._weights, "bias": self._bias, **self._features.state()}
        names = json.dumps([[name, list(labels), self._places[name].start] for name, labels in self._names.items()])
        aside = file.with_name(f"{file.stem}.{os.getpid()}.npz")
        np.savez(aside, names=np.array(names), **learnt)
        os.replace(aside, file)

    def load(self, file: Path) -> "Reader":
        """Takes what a reader of the same language learnt."""
        with np.load(file) as kept:
            learnt = dict(kept)
        self._features = _linear.Features(self._lang, 0)
        self._features.restore(learnt)
        self._weights, self._bias = learnt["weights"], learnt["bias"]
        tasks = json.loads(str(learnt["names"]))
        ends = [start for _, _, start in tasks[1:]] + [len(self._bias)]
        self._names = {name: tuple(labels) for name, labels, _ in tasks}
        self._places = {name: slice(start, end) for (name, _, start), end in zip(tasks, ends, strict=True)}
        self._marks = [self._places[mark.name].start for mark in MARKS]
        return self

    def _margins(self, features: sparse.csr_matrix) -> Floats:
        return np.asarray(features.astype(np.float32) @ self._weights, dtype=np.float64) + self._bias


def reader_of(lang: str, examples: Examples) -> Reader:
    """A reader that learnt all examples of a language, kept in `examples.store` until the examples are others."""
    if lang not in examples.readers:
        examples.readers[lang] = _stored(lang, examples) if examples.store else _taught(lang, examples)
    found: Reader = examples.readers[lang]
    return found


def _stored(lang: str, examples: Examples) -> Reader:
    assert examples.store
    file = examples.store / f"{lang}-{examples.content}.npz"
    with suppress(OSError, ValueError, KeyError, BadZipFile):  # Not there, or damaged: learn.
        return Reader(lang, examples.settings.seed).load(file)
    reader = _taught(lang, examples)
    examples.store.mkdir(parents=True, exist_ok=True)
    for old in examples.store.glob(f"{lang}-*.npz"):
        old.unlink(missing_ok=True)
    reader.save(file)
    return reader


def _taught(lang: str, examples: Examples) -> Reader:
    rows, weights = _weighted(lang, examples)
    reader = Reader(lang, examples.settings.seed)
    return reader.learn(reader.features(rows, examples.settings.max_characters), rows, weights)


def scores_out_of_fold(lang: str, examples: Examples) -> Scores:
    """What readers say of the texts of a language that they did not learn; phrases and texts looked at are always learnt."""
    rows, weights = _weighted(lang, examples)
    count = len(examples.of(lang)[0])
    reader = Reader(lang, examples.settings.seed)
    features = reader.features(rows, examples.settings.max_characters)
    sentences = reader.sentences(plain_texts(rows[:count], examples.settings.max_characters))
    reasons = np.unique([row[REASON] for row in rows[:count]], return_inverse=True)[1].astype(np.int64)
    always = np.arange(count, len(rows))
    found: Scores | None = None
    for learn, test in _linear.folds_of(reasons, _FOLDS, examples.settings.seed):
        taught = np.concatenate([learn, always])
        reader.learn(features[taught], [rows[row] for row in taught], weights[taught])
        said = reader.scores(features[test], sentences.within(test, count))
        if found is None:
            blank = (np.full((count, part.shape[1]), np.nan) for part in (said.marks, said.reasons, said.levels))
            found = Scores(*blank, said.reason_names, said.level_names)
        for whole, part in ((found.marks, said.marks), (found.reasons, said.reasons), (found.levels, said.levels)):
            whole[test] = part
    assert found is not None
    return found


def plain_texts(rows: Rows, max_characters: int) -> list[str]:
    """The texts of rows as rules and readers see them."""
    return normalise(pa.array([row["text"] for row in rows], pa.string()), max_characters).to_pylist()


def _sentences(text: str) -> list[str]:
    return [part for part in _ENDS.split(text) if len(part) >= _LEAST_CHARACTERS][:_MOST_SENTENCES]


def _weighted(lang: str, examples: Examples) -> tuple[Rows, Floats]:
    texts, phrases, looked_at = examples.of(lang)
    rows = [*texts, *looked_at, *phrases]
    weights = np.ones(len(rows))
    weights[len(texts) + len(looked_at) :] = examples.settings.phrase_weight
    return rows, weights


def _tasks(rows: Rows) -> Mapping[str, NDArray[np.str_]]:
    """The label of each row by task, '' where it doesn't tell."""
    tasks = {mark.name: np.array([mark.shown(row) for row in rows]) for mark in MARKS}
    tasks[REASON] = np.array([row[REASON] or "" for row in rows])
    tasks[_LEVEL] = np.array(["" if row[CHURN_INTENT] in ("", "none") else row[CHURN_INTENT] for row in rows])
    return tasks


def _trained(
    features: sparse.csr_matrix, labels: NDArray[np.str_], weights: Floats, penalty: float, seed: int
) -> tuple[Floats, Floats]:
    """Weights (classes x features) and biases, one row for two labels, the later of which ('true') is the positive one; a
    task whose rows all tell the same says 'no' of everything."""
    from sklearn.svm import LinearSVC

    if len(np.unique(labels)) < 2:
        return np.zeros((1, features.shape[1])), np.array([-1.0])
    machine = LinearSVC(C=penalty, random_state=seed, tol=1e-1).fit(features, labels, sample_weight=weights)
    return machine.coef_, machine.intercept_
