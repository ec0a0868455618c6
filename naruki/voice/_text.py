"""Length-preserving folding of full-width characters, so that a match's offsets hold in the text as it was written."""

import re

HYPHENS = "‐‑‒–—―−－ｰ"
SPACES = "\u3000\u00a0\u2009\u202f"
TAGS = ("EMAIL", "PHONE", "CARD", "MYNUMBER", "POSTAL", "ADDRESS", "URL", "NAME")
# While a text is being redacted a tag is one noncharacter: nothing can match inside it, and offsets stay aligned.
FIRST_MARK = 0xFDD0
MARKS = {tag: chr(FIRST_MARK + number) for number, tag in enumerate(TAGS)}
MARK_CLASS = f"{chr(FIRST_MARK)}-{chr(FIRST_MARK + len(TAGS) - 1)}"

_FOLD = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{ord(hyphen): "-" for hyphen in HYPHENS},
    **{ord(space): " " for space in SPACES},
}
_TAG = re.compile(r"\[(" + "|".join(TAGS) + r")\]")
_MARK = re.compile(f"[{MARK_CLASS}]")


def fold(text: str) -> str:
    """`text` with full-width letters, digits, hyphens and blanks in ASCII; as many characters as before."""
    return text if text.isascii() else text.translate(_FOLD)


def mark_tags(text: str) -> str:
    """Tags of an earlier redaction become marks; marks that the text itself holds are not text and become U+FFFD."""
    if not text.isascii():
        text = _MARK.sub("\ufffd", text)
    return _TAG.sub(lambda match: MARKS[match[1]], text) if "[" in text else text


def unmark_tags(text: str) -> str:
    """Marks become the tags that people read."""
    return text if text.isascii() else _MARK.sub(lambda match: f"[{TAGS[ord(match[0]) - FIRST_MARK]}]", text)
