"""Texts of our own writing that teach a reader what rules have no phrase for: what is in them, and what is asked of them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from naruki.voice.settings import VoiceSettings
from naruki.voice.taxonomy import CONTACT_REASON

Rows = Sequence[Mapping[str, str]]
METHOD = "examples"
SEEDS = ("cfg_voc_example", "cfg_voc_gold", "cfg_voc_gold_target", "cfg_voc_reader")
REASON = CONTACT_REASON
CHURN_INTENT = "churn_intent"
# Another way to learn from the same texts: raise it, and every text is read again.
CODE_VERSION = "4"
_GOLD_COLUMNS = ("lang", "text", "contact_reason", "churn_intent", "is_dissatisfied", "voc_type", "usability")
COLUMNS = (*_GOLD_COLUMNS, "is_upsell", "is_how_to")


@dataclass(frozen=True)
class Mark:
    """A yes-or-no signal that is learnt: which rows of the rules say yes, which examples show it ('' if they don't tell),
    and the (signal, value) of a text that no rule has a phrase for; none are added without."""

    name: str
    says: Callable[[str, str], bool]
    shown: Callable[[Mapping[str, str]], str]
    added: tuple[tuple[str, str], ...] = ()


def _flag(column: str) -> Callable[[Mapping[str, str]], str]:
    return lambda row: str(row[column] or "").lower()


def _among(column: str, value: str) -> Callable[[Mapping[str, str]], str]:
    return lambda row: "" if not row[column] else str(value in row[column].split(";")).lower()


MARKS = (
    Mark(
        CHURN_INTENT,
        lambda signal, value: signal == CHURN_INTENT,
        lambda row: "" if not row["churn_intent"] else str(row["churn_intent"] != "none").lower(),
        ((CHURN_INTENT, ""),),
    ),
    # Who is dissatisfied complains.
    Mark(
        "dissatisfaction",
        lambda signal, value: signal == "dissatisfaction" or (signal, value) == ("voc_type", "complaint"),
        _flag("is_dissatisfied"),
        (("dissatisfaction", "implied"), ("voc_type", "complaint")),
    ),
    Mark("how_to", lambda signal, value: signal == "how_to", _flag("is_how_to"), (("how_to", "question"),)),
    # Which kind of more they want, only a phrase tells.
    Mark("upsell", lambda signal, value: signal == "upsell", _flag("is_upsell")),
    *(
        Mark(
            f"voc_{kind}",
            lambda signal, value, kind=kind: (signal, value) == ("voc_type", kind),
            _among(column, kind),
            (("voc_type", kind),),
        )
        for kind, column in (
            ("praise", "voc_type"),
            ("wish", "voc_type"),
            ("cannot_use", "usability"),
            ("unsolved", "usability"),
        )
    ),
)


@dataclass(frozen=True)
class Calibration:
    """From which score on a mark of a language counts (1e9: never), and the log-odds of being right:
    intercept + slope x score. Of contact reasons the score is the lead over the next, and each counts.

    `precision`, `recall` and `positives` are those of texts that were not learnt from.
    """

    lang: str
    signal: str
    threshold: float
    intercept: float
    slope: float
    precision: float
    recall: float
    positives: int
    version: str = ""


@dataclass(frozen=True)
class Examples:
    """`texts` and `phrases` teach (rows with `COLUMNS`, '' where a row doesn't tell); `looked_at` are texts that rules were
    written from: they teach too, but say nothing of how well rules do. `precision` is what guesses of a signal have to
    reach, `kept` are calibrations that were found before, `store` is a folder that keeps what was learnt."""

    texts: Rows
    phrases: Rows
    looked_at: Rows
    precision: Mapping[str, float]
    settings: VoiceSettings
    kept: Sequence[Calibration] = ()
    store: Path | None = None

    @cached_property
    def content(self) -> str:
        """A hash of everything that decides what is learnt and how it is calibrated."""
        rows = [row for part in (self.texts, self.phrases, self.looked_at) for row in part]
        of = self.settings
        asked = (sorted(self.precision.items()), of.seed, of.rule_weight, of.reason_least_score)
        told = "\n".join("\t".join(str(row[name]) for name in COLUMNS) for row in rows)
        return _hash(CODE_VERSION, str(asked), str(of.phrase_weight), told)

    @cached_property
    def version(self) -> str:
        """A hash of the content and of the calibrations kept."""
        return _hash(self.content, str(sorted(vars(one).items() for one in self.kept)))

    @cached_property
    def readers(self) -> dict[str, Any]:
        """The readers that learnt them so far, by language: learning takes seconds, and the same examples teach the same."""
        return {}

    @property
    def languages(self) -> list[str]:
        """Languages with texts to learn from."""
        return sorted({row["lang"] for row in self.texts})

    def of(self, lang: str) -> tuple[Rows, Rows, Rows]:
        """Texts, phrases and texts looked at of a language."""
        texts, phrases, looked_at = (
            [row for row in part if row["lang"] == lang] for part in (self.texts, self.phrases, self.looked_at)
        )
        return texts, phrases, looked_at


def examples_from(seeds: Mapping[str, Rows], settings: VoiceSettings, store: Path | None = None) -> Examples:
    """What the seeds `cfg_voc_example`, `cfg_voc_gold` (dev), `cfg_voc_gold_target` and `cfg_voc_reader` teach."""
    taught = seeds["cfg_voc_example"]
    bars = {
        row["signal"]: float(row["example_precision"])
        for row in seeds["cfg_voc_gold_target"]
        if row["example_precision"]
    }
    kept = [
        Calibration(
            row["lang"],
            row["signal"],
            *(float(row[name]) for name in ("threshold", "intercept", "slope", "precision", "recall")),
            int(row["positives"]),
            row["version"],
        )
        for row in seeds["cfg_voc_reader"]
    ]
    return Examples(
        [row for row in taught if row["kind"] == "text"],
        [row for row in taught if row["kind"] == "phrase"],
        [row for row in seeds["cfg_voc_gold"] if row["split"] == "dev"],
        bars,
        settings,
        kept,
        store,
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
