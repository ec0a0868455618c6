"""What the analyst decides about the reading of texts: rows of `cfg_setting` that begin with `voice_`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from naruki.errors import NarukiError

_PREFIX = "voice_"


@dataclass(frozen=True)
class VoiceSettings:
    """Thresholds of the reading of texts.

    `train_before` (UTC, no zone) bounds the texts that a classifier learns from; as long as it stands, a rerun finds
    the same model and needs to read only new texts. None: all texts given.
    """

    min_labels: int
    min_labels_per_class: int
    seed: int
    max_training_texts: int
    max_characters: int
    cluster_min_texts: int
    cluster_max: int
    rule_weight: float
    phrase_weight: float
    reason_least_score: float
    train_before: datetime | None = None


def settings_from(values: Mapping[str, str | int | float], train_before: datetime | None = None) -> VoiceSettings:
    """Settings from a mapping of setting to value, as `cfg_setting` has them (`voice_min_labels`, `voice_seed`, …)."""
    names = [field.name for field in fields(VoiceSettings) if field.name != "train_before"]
    missing = [_PREFIX + name for name in names if _PREFIX + name not in values]
    if missing:
        raise NarukiError(f"cfg_setting lacks {', '.join(missing)}; add a row for each.")
    read = {field.name: float if field.type is float else int for field in fields(VoiceSettings)}
    return VoiceSettings(**{name: read[name](values[_PREFIX + name]) for name in names}, train_before=train_before)
