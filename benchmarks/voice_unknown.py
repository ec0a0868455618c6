"""How well the classifier says 'unknown' to what nobody has labelled: `python -m benchmarks.voice_unknown`.

Each contact reason of the gold set is left out of the training in turn; its texts are then asked beside a fifth of the
others', of which the rest was learnt. Prints, by language: the share of the left-out texts that were called unknown, the
share of known texts that were given up, and the share of the known ones that were answered right.
"""

import csv
from pathlib import Path

import numpy as np

from naruki.voice.classifier import UNKNOWN, TextClassifier

GOLD = Path(__file__).resolve().parent.parent / "seeds" / "voice" / "cfg_voc_gold.csv"
# Not a reason of its own but all that is left: no classifier can know it from the rest.
NO_CLASS = "unclassified"


def main(weight: float = 0.25) -> None:
    with GOLD.open(encoding="utf-8", newline="") as file:
        gold = [row for row in csv.DictReader(file) if row["contact_reason"] != NO_CLASS]
    for lang in ("ja", "en"):
        rows = [row for row in gold if row["lang"] == lang]
        parts = np.random.default_rng(7).integers(0, 5, len(rows))
        found, lost, right = [], [], []
        for held_out in sorted({row["contact_reason"] for row in rows}):
            inside = np.array([row["contact_reason"] != held_out for row in rows])
            learn = [row for row, at, known in zip(rows, parts, inside, strict=True) if known and at]
            asked = [row for row, at, known in zip(rows, parts, inside, strict=True) if known and not at]
            strange = [row for row, known in zip(rows, inside, strict=True) if not known]
            model = TextClassifier(lang, 7, weight).fit(
                [row["text"] for row in learn], [row["contact_reason"] for row in learn]
            )
            labels, _ = model.predict([row["text"] for row in asked])
            lost += [label == UNKNOWN for label in labels]
            right += [label == row["contact_reason"] for label, row in zip(labels, asked, strict=True)]
            labels, _ = model.predict([row["text"] for row in strange])
            found += [label == UNKNOWN for label in labels]
        print(
            f"{lang}: unknown found {np.mean(found):.2f} of {len(found)}, known given up {np.mean(lost):.2f}", end=", "
        )
        print(f"answered right {np.mean(right):.2f} of {len(right)}")


if __name__ == "__main__":
    main()
