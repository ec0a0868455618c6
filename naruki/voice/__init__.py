"""What customers say: redaction, language, reasons, churn intent and the other signals, with their evidence."""

from typing import TYPE_CHECKING, Any

from naruki.voice.language import detect_language
from naruki.voice.redact import redact, redact_array

if TYPE_CHECKING:
    from naruki.voice.classifier import TextClassifier

__all__ = ["TextClassifier", "detect_language", "redact", "redact_array"]


def __getattr__(name: str) -> Any:
    """The classifier brings scikit-learn along: only whoever asks for it waits for that."""
    if name == "TextClassifier":
        from naruki.voice.classifier import TextClassifier

        return TextClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
