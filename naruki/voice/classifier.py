"""A linear text classifier that says 'unknown' rather than guess: n-grams, LinearSVC, calibrated scores, fixed seed."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.special import softmax
from sklearn.metrics import matthews_corrcoef

from naruki.errors import NarukiError
from naruki.voice import _linear

UNKNOWN = "unknown"
_PENALTIES = (0.5, 2.0)
_USUAL_PENALTY = 1.0
# Beyond this many texts x classes the usual penalty is taken as it is: the search costs as much as the training and finds little.
_MAX_SEARCH = 20_000
_OPINION_SHARES = (0.0, 0.1, 0.25, 0.5, 1.0)
_FOLDS = 3
# Whole classes are held out as stand-ins for what nobody has labelled; a question of two to five answers has no such
# thing.
_MIN_CLASSES_FOR_SCOPE = 6
_MAX_LOSS = 0.05
# Larger batches fall out of the cache of the processor and take twice as long.
_BATCH = 2_000

_Folds = list[tuple[_linear.Ints, _linear.Ints]]


class TextClassifier:
    """Labels short texts of one language; learns from labels that people gave.

    Japanese reads character 1-4-grams; other languages words 1-2 and characters 2-5 within words. The penalty is
    chosen by
    cross-validation (Matthews correlation); margins become probabilities by a temperature fitted out of fold; the
    threshold for
    'unknown' is learnt by holding out whole classes: right answers are given up only where each buys `1 /
    unknown_weight` finds
    of unseen classes. Same texts, labels and seed: same model.
    """

    def __init__(self, language: str, seed: int, unknown_weight: float = 0.25) -> None:
        self.language = language
        self.seed = seed
        self.unknown_weight = unknown_weight
        self.classes: tuple[str, ...] = ()

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> "TextClassifier":
        """Learns from `texts` and as many `labels` (any strings); returns itself."""
        texts, labels = list(texts), [str(label) for label in labels]
        if len(texts) != len(labels) or not texts:
            raise NarukiError(
                f"TextClassifier.fit got {len(texts)} texts and {len(labels)} labels; give one label a text, at"
                f" least one."
            )
        self.classes = tuple(sorted(set(labels)))
        index = {name: number for number, name in enumerate(self.classes)}
        target = np.array([index[label] for label in labels], dtype=np.int64)
        self._features = _linear.Features(self.language, len(texts))
        batch = _linear.batch_of(texts)
        features = self._features.fit(batch)
        count = len(self.classes)
        self._scope: _linear.Scope | None = None
        self._temperature, self._share, penalty = 1.0, 0.0, _USUAL_PENALTY
        folds = _linear.folds_of(target, _FOLDS, self.seed)
        self._familiarity = _linear.Familiarity(self.language)
        has_words = count >= _MIN_CLASSES_FOR_SCOPE and self._familiarity.fit(batch)
        if count > 1 and folds:
            penalty = self._learn_from_folds(features, target, folds)
            self._scope = self._learn_scope(features, target, folds, penalty) if has_words else None
        model = _linear.train(features, target, count, penalty, self.seed) if count > 1 else None
        self._weights = model.weights + self._share * model.opinion if model else np.zeros((1, features.shape[1]))
        self._bias = model.bias if model else np.zeros(1)
        return self

    def predict(self, texts: Sequence[str]) -> tuple[list[str], list[float]]:
        """A label or 'unknown' for each text, and the calibrated probability (0 to 1) of the best class; 0 for an
        empty text."""
        if not self.classes:
            raise NarukiError("TextClassifier.predict was called before fit; fit it on labelled texts first.")
        texts = list(texts)
        labels: list[str] = []
        scores: list[float] = []
        for start in range(0, len(texts), _BATCH):
            batch = self._predict_batch(texts[start : start + _BATCH])
            labels += batch[0]
            scores += batch[1]
        return labels, scores

    def _predict_batch(self, texts: list[str]) -> tuple[list[str], list[float]]:
        batch = _linear.batch_of(texts)
        features = self._features.transform(batch)
        margins = np.asarray(features @ self._weights.T) + self._bias
        best = margins.argmax(axis=1)
        probability = softmax(margins / self._temperature, axis=1).max(axis=1)
        is_known = np.diff(features.indptr) > 0
        probability = np.where(is_known, probability, 0.0)
        if self._scope is not None:
            evidence = np.column_stack([margins.max(axis=1), self._familiarity.of(batch)])
            is_known &= self._scope.log_odds(evidence) >= self._scope.threshold
        labels = [self.classes[at] if inside else UNKNOWN for at, inside in zip(best, is_known, strict=True)]
        return labels, probability.tolist()

    def _learn_from_folds(self, features: sparse.csr_matrix, target: _linear.Ints, folds: _Folds) -> float:
        """Penalty, share of the second opinion and temperature, all from texts that the fold's model has not seen."""
        count, best = len(self.classes), (-2.0, 0.0, 0.0)
        rows = np.concatenate([test for _, test in folds])
        margins_of: dict[tuple[float, float], _linear.Floats] = {}
        for penalty in _PENALTIES if len(target) * count <= _MAX_SEARCH else (_USUAL_PENALTY,):
            models = [_linear.train(features[learn], target[learn], count, penalty, self.seed) for learn, _ in folds]
            for share in _OPINION_SHARES:
                parts = [model.margins(features[test], share) for model, (_, test) in zip(models, folds, strict=True)]
                margins = np.vstack(parts)
                quality = matthews_corrcoef(target[rows], margins.argmax(axis=1))
                margins_of[penalty, share] = margins
                best = max(best, (quality, -share, penalty))
        penalty, self._share = best[2], -best[1]
        self._temperature = _linear.temperature_of(margins_of[penalty, self._share], target[rows])
        return penalty

    def _learn_scope(
        self, features: sparse.csr_matrix, target: _linear.Ints, folds: _Folds, penalty: float
    ) -> _linear.Scope:
        """Each fold's model has never seen a third of the classes: their texts are outside, the others' inside."""
        count = len(self.classes)
        group = np.random.default_rng(self.seed).permutation(count) % _FOLDS
        evidence, is_inside, is_right = [], [], []
        for number, (learn, test) in enumerate(folds):
            known = np.flatnonzero(group != number)
            learn = learn[group[target[learn]] != number]
            model = _linear.train(features[learn], target[learn], count, penalty, self.seed)
            is_seen = np.asarray((features[learn] != 0).sum(axis=0)).ravel() > 0
            tested = _linear.unit_rows(sparse.csr_matrix(features[test] @ sparse.diags(is_seen.astype(float))))
            margins = model.margins(tested, self._share)[:, known]
            inside = group[target[test]] != number
            evidence.append(np.column_stack([margins.max(axis=1), self._familiarity.within(learn, test)]))
            is_inside.append(inside)
            is_right.append(inside & (known[margins.argmax(axis=1)] == target[test]))
        parts = np.vstack(evidence), np.concatenate(is_inside), np.concatenate(is_right)
        return _linear.learn_scope(*parts, self.unknown_weight, _MAX_LOSS)
