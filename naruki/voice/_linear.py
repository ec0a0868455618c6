"""The numerical parts of the text classifier: features, folds, training, calibration, and what is in scope at all."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from naruki.voice._ngrams import Batch, Weighted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# n-grams seen once in a large set are noise and two thirds of the memory.
_RARE_FROM_TEXTS = 2_000
# Of a text's squared length characters make this share, words the rest.
_CHARACTER_SHARE = 0.6
_SMOOTHING = 0.1
_TEMPERATURES = np.geomspace(0.03, 3.0, 60)


@dataclass(frozen=True)
class Scope:
    """Log-odds that a text belongs to one of the classes at all, from its evidence; below the threshold it doesn't."""

    weights: Floats
    intercept: float
    threshold: float

    def log_odds(self, evidence: Floats) -> Floats:
        """One value a row of evidence."""
        return np.asarray(evidence @ self.weights + self.intercept)


@dataclass(frozen=True)
class Model:
    """Weights (classes x features) and biases (classes) of the machine, and the weights of the second opinion."""

    weights: Floats
    bias: Floats
    opinion: Floats

    def margins(self, features: sparse.csr_matrix, share: float) -> Floats:
        """How much each text speaks for each class: the machine's margin and `share` of the second opinion."""
        return np.asarray(features @ (self.weights + share * self.opinion).T) + self.bias


class Features:
    """TF-IDF of n-grams, sublinear, unit length: characters 1-4 for Japanese, else words 1-2 and characters 2-5 in
    words."""

    def __init__(self, language: str, size: int, rare_words: int = 1) -> None:
        """`size` texts will be learnt; words that fewer than `rare_words` of them hold don't count."""
        self._is_spaced = language != "ja"
        rare = 2 if size >= _RARE_FROM_TEXTS else 1
        self._parts = [(Weighted(rare), 1.0)]
        if self._is_spaced:
            shares = np.sqrt(_CHARACTER_SHARE), np.sqrt(1 - _CHARACTER_SHARE)
            self._parts = [(Weighted(rare), shares[0]), (Weighted(rare_words), shares[1])]

    def fit(self, batch: Batch) -> sparse.csr_matrix:
        """Learns the n-grams of a batch; its features, one row a text."""
        counts = self._counts(batch)
        return _join([part.fit(found) * share for (part, share), found in zip(self._parts, counts, strict=True)])

    def transform(self, batch: Batch) -> sparse.csr_matrix:
        """The features of other texts, one row a text; n-grams never seen don't count."""
        counts = self._counts(batch)
        return _join([part.transform(found) * share for (part, share), found in zip(self._parts, counts, strict=True)])

    def state(self) -> dict[str, NDArray[Any]]:
        """What was learnt, an array a name."""
        parts = enumerate(part.state() for part, _ in self._parts)
        return {f"{number}.{name}": values for number, state in parts for name, values in state.items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Takes what others of the same language learnt."""
        for number, (part, _) in enumerate(self._parts):
            part.restore({name: state[f"{number}.{name}"] for name in part.NAMES})

    def _counts(self, batch: Batch) -> list[sparse.csr_matrix]:
        if self._is_spaced:
            return [batch.characters_in_words(range(2, 6)), batch.words(pairs=True)]
        return [batch.characters(range(1, 5))]


def _join(parts: list[sparse.csr_matrix]) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.hstack(parts, format="csr")) if len(parts) > 1 else sparse.csr_matrix(parts[0])


def batch_of(texts: Sequence[str]) -> Batch:
    """The n-grams of texts in NFKC and lower case, blanks single."""
    return Batch([" ".join(unicodedata.normalize("NFKC", text or "").lower().split()) for text in texts])


def folds_of(target: Ints, folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Stratified train and test rows; a class with fewer rows than folds is always learnt and never tested."""
    is_tested = np.bincount(target)[target] >= folds
    tested, rest = np.flatnonzero(is_tested), np.flatnonzero(~is_tested)
    if not len(tested):
        return []
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(tested, target[tested])
    return [(np.sort(np.concatenate([tested[learn], rest])), tested[test]) for learn, test in parts]


class Familiarity:
    """How much of a text's words (Japanese: character pairs) training held, rare ones weighing more: 0 to 1."""

    def __init__(self, language: str) -> None:
        self._is_spaced = language != "ja"

    def fit(self, batch: Batch) -> bool:
        """Learns the words of a batch and how rare they are; False if there is not a single word."""
        self._units = self._split(batch)
        self._rarity, self._unknown = _rarity(self._units)
        return bool(self._units.nnz)

    def within(self, learn: Ints, test: Ints) -> Floats:
        """The share of the fitted texts `test` that the fitted texts `learn` hold."""
        return _known_share(self._units[test], *_rarity(self._units[learn]))

    def of(self, batch: Batch) -> Floats:
        """The share of other texts that the fitted texts hold."""
        return _known_share(self._split(batch), self._rarity, self._unknown)

    def _split(self, batch: Batch) -> sparse.csr_matrix:
        return batch.words(pairs=False) if self._is_spaced else batch.characters(range(2, 3))


def _rarity(units: sparse.csr_matrix) -> tuple[Floats, float]:
    """Inverse document frequency of each word, 0 for a word never seen, and what a word never seen weighs."""
    counts = np.bincount(units.indices, minlength=units.shape[1])
    unknown = float(np.log(1 + units.shape[0]) + 1)
    return np.where(counts > 0, unknown - np.log(1 + counts), 0.0), unknown


def _known_share(units: sparse.csr_matrix, rarity: Floats, unknown: float) -> Floats:
    weights = rarity[units.indices]
    known, strange = (
        np.diff(np.concatenate([[0.0], np.cumsum(each)])[units.indptr]) for each in (weights, weights == 0.0)
    )
    total = known + unknown * strange
    return np.asarray(known / np.where(total > 0, total, 1.0))


def train(features: sparse.csr_matrix, target: Ints, classes: int, penalty: float, seed: int) -> Model:
    """A linear support vector machine, one class against the rest, and a naive Bayes beside it; classes without rows
    stay 0."""
    machine = LinearSVC(C=penalty, random_state=seed, tol=1e-2, max_iter=2_000)
    machine.fit(features, target)
    weights, bias = np.zeros((classes, features.shape[1])), np.full(classes, -1.0)
    if len(machine.classes_) == 2:
        weights[machine.classes_] = np.vstack([-machine.coef_[0], machine.coef_[0]])
        bias[machine.classes_] = [-machine.intercept_[0], machine.intercept_[0]]
    else:
        weights[machine.classes_], bias[machine.classes_] = machine.coef_, machine.intercept_
    return Model(weights, bias, _naive_bayes(features, target, classes))


def _naive_bayes(features: sparse.csr_matrix, target: Ints, classes: int) -> Floats:
    """Weights of complement naive Bayes (Rennie et al. 2003), centred over classes, scaled to unit spread on the
    training texts."""
    member = sparse.csr_matrix((np.ones(len(target)), (target, np.arange(len(target)))), shape=(classes, len(target)))
    sums = np.asarray((member @ features).todense())
    others = sums.sum(axis=0) - sums + _SMOOTHING
    weights = -np.log(others / others.sum(axis=1, keepdims=True))
    weights -= weights.mean(axis=0)
    return np.asarray(weights / max(float(np.asarray(features @ weights.T).std()), 1e-9))


def temperature_of(margins: Floats, target: Ints) -> float:
    """The temperature whose softmax of out-of-fold margins gives the true classes the highest likelihood (Guo et al.
    2017)."""
    rows = np.arange(len(target))
    losses = [-log_softmax(margins / heat, axis=1)[rows, target].mean() for heat in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def unit_rows(features: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows of unit length, as texts have them whose other n-grams were never seen; empty rows stay empty."""
    length = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-12)) @ features)


def learn_scope(
    evidence: Floats, is_inside: NDArray[np.bool_], is_right: NDArray[np.bool_], weight: float, max_loss: float
) -> Scope:
    """The evidence's weights and the threshold that best trades texts of unseen classes found for right answers
    given up.

    `weight` is what one found unseen text is worth in right answers; never more than `max_loss` of the texts inside
    are given up.
    """
    scale = evidence.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=500).fit(evidence / scale, is_inside)
    scope = Scope(model.coef_[0] / scale, float(model.intercept_[0]), -np.inf)
    odds = scope.log_odds(evidence)
    right, outside = np.sort(odds[is_inside & is_right]), np.sort(odds[~is_inside])
    steps = np.quantile(odds, np.linspace(0, 0.9, 361))
    lost = np.searchsorted(right, steps) / max(is_inside.sum(), 1)
    found = np.searchsorted(outside, steps) / max(len(outside), 1)
    gain = np.where(lost <= max_loss, weight * found - lost, -np.inf)
    best = np.flatnonzero(gain >= gain.max() - 1e-9)
    return Scope(scope.weights, scope.intercept, float(steps[best[len(best) // 2]]))
