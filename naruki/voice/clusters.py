"""What nobody has a name for yet: unknown texts of a month in groups, each named by its own terms, for a person to
promote."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_MAX_TERMS = 4
_TERM_JA = re.compile(r"[一-龥々]{2,}|[ァ-ヶー]{3,}|[a-z][a-z0-9-]{2,}")
_TERM_LATIN = re.compile(r"[^\W\d_]{3,}")
_DIMENSIONS = 50
_TEXTS_PER_CLUSTER = 25


@dataclass(frozen=True)
class Clustering:
    """`labels[i]` is the cluster of text i (-1: too few texts, or without terms); `names[c]` its terms, most telling
    first."""

    labels: list[int]
    names: list[str]


def cluster_texts(texts: Sequence[str], language: str, seed: int, min_texts: int, max_clusters: int) -> Clustering:
    """Groups normalised texts by latent semantic analysis and k-means; fewer than `min_texts` stay ungrouped.

    There are as many clusters as the texts allow at 25 each, at most `max_clusters`. Same texts and seed, same
    clusters.
    """
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    find = (_TERM_JA if language == "ja" else _TERM_LATIN).findall
    terms = [find(text) for text in texts]
    rows = [row for row, found in enumerate(terms) if found]
    if len(rows) < max(min_texts, 2):
        return Clustering([-1] * len(texts), [])
    features = TfidfVectorizer(analyzer=find, sublinear_tf=True, stop_words=None, max_df=0.5).fit_transform(
        [texts[r] for r in rows]
    )
    dimensions = min(_DIMENSIONS, min(features.shape) - 1)
    points = (
        normalize(TruncatedSVD(dimensions, random_state=seed).fit_transform(features))
        if dimensions > 1
        else features.toarray()
    )
    count = int(np.clip(len(rows) // _TEXTS_PER_CLUSTER, 2, max_clusters))
    found = KMeans(count, n_init=3, random_state=seed).fit_predict(points)
    labels = [-1] * len(texts)
    for row, label in zip(rows, found, strict=True):
        labels[row] = int(label)
    sets = [set(terms[row]) for row in rows]
    overall = Counter(term for found_terms in sets for term in found_terms)
    members = [[sets[at] for at in np.flatnonzero(found == cluster)] for cluster in range(count)]
    return Clustering(labels, [_name(group, overall, len(rows)) for group in members])


def _name(members: list[set[str]], overall: Counter[str], texts: int) -> str:
    """The terms that most of the cluster's texts hold and few others do, by the excess of their share."""
    inside = Counter(term for found in members for term in found)
    excess = {term: n / max(len(members), 1) - overall[term] / texts for term, n in inside.items()}
    best = sorted(excess, key=lambda term: (-excess[term], term))[:_MAX_TERMS]
    return " / ".join(best)
