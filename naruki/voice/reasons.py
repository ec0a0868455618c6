"""Contact reasons by a classifier that learns from the help desk's own categories, where there are enough of them."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from naruki.voice.classifier import UNKNOWN, TextClassifier
from naruki.voice.settings import VoiceSettings
from naruki.voice.taxonomy import UNCLASSIFIED

# Another way to compute from the same labels: raise it, and every text is read again.
CODE_VERSION = "4"


@dataclass(frozen=True)
class Labelled:
    """Normalised texts of one language with the reasons that people gave them; classes with too few texts are left
    out."""

    language: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def version(self) -> str:
        """A hash of everything that decides what the classifier answers."""
        content = "\n".join(f"{label}\t{text}" for label, text in zip(self.labels, self.texts, strict=True))
        return hashlib.sha256(f"{CODE_VERSION}\n{self.language}\n{content}".encode()).hexdigest()[:16]


def enough_labels(language: str, pairs: Sequence[tuple[str, str]], settings: VoiceSettings) -> Labelled | None:
    """What there is to learn from of (text, reason) pairs: None under `min_labels` texts or two classes of
    `min_labels_per_class`.

    Equal texts count once, with the reason given most often; beyond `max_training_texts` an even sample by hash is
    taken.
    """
    votes: dict[str, Counter[str]] = {}
    for text, reason in pairs:
        if text:
            votes.setdefault(text, Counter())[reason] += 1
    reason_of = {text: min(found, key=lambda reason: (-found[reason], reason)) for text, found in votes.items()}
    sizes = Counter(reason_of.values())
    kept = sorted(text for text, reason in reason_of.items() if sizes[reason] >= settings.min_labels_per_class)
    kept = sorted(sorted(kept, key=lambda text: hashlib.sha256(text.encode()).digest())[: settings.max_training_texts])
    labels = tuple(reason_of[text] for text in kept)
    if len(kept) < settings.min_labels or len(set(labels)) < 2:
        return None
    return Labelled(language, tuple(kept), labels)


def predict_reasons(labelled: Labelled, texts: Sequence[str], settings: VoiceSettings) -> tuple[list[str], list[float]]:
    """A reason for each normalised text, 'unclassified' where the classifier doesn't know, and its probability (0 to
    1)."""
    if not texts:
        return [], []
    model = TextClassifier(labelled.language, settings.seed).fit(labelled.texts, labelled.labels)
    labels, scores = model.predict(texts)
    return [UNCLASSIFIED if label == UNKNOWN else label for label in labels], scores
