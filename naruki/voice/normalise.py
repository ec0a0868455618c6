"""From a redacted text to the form that rules and models read: NFKC, lower case, the customer's own words only."""

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

# RE2. Everything from a quoted message or a signature line to the end, and lines that quote.
_TAILS = (
    r"(?s)\n[ \t]*-{3,} ?(?:original message|元のメッセージ|転送|forwarded message).*$",
    r"(?s)\n[ \t]*on [^\n]{5,120} wrote:.*$",
    r"(?s)\n[ \t]*[^\n]{0,20}[0-9]{4}[年/-][^\n]{3,80}(?:wrote|のメール|書きました|さんは)[^\n]{0,20}:?\n.*$",
    r"(?s)\n[ \t]*(?:from|差出人): [^\n]+\n(?:[^\n]*\n){0,3}[ \t]*(?:to|宛先|sent|送信日時): .*$",
    r"(?s)\n--[ \t]*\n.{0,600}$",
    r"(?s)\n[ \t]*[-_=*━─☆★~+]{4,}[ \t]*\n.{0,600}$",
    r"(?s)\n[ \t]*(?:(?:kind|best|warm) )?(?:regards|wishes|sincerely|cheers)[,.!]?[ \t]*\n.{0,300}$",
    r"\n[ \t]*(?:sent from my|iphoneから送信|get outlook for)[^\n]*$",
)
_QUOTED_LINES = r"(?:^|\n)[ \t]*>[^\n]*"
_BLANKS = r"[ \t\r\n\f\v\x{00a0}\x{3000}]+"
_CONTROLS = r"[\x00-\x08\x0e-\x1f\x7f\x{200b}-\x{200f}\x{feff}]"


def normalise(texts: pa.Array | pa.ChunkedArray, max_characters: int) -> pa.Array:
    """`texts` in NFKC and lower case, without quotes and signatures, blanks single; null becomes ''.

    Only the first `max_characters` of a text are read: a pasted log says nothing more about the customer. A text
    that is all
    quote or signature stays as it is.
    """
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    plain = pc.utf8_slice_codeunits(pc.fill_null(array.cast(pa.large_string()), ""), 0, max_characters)
    plain = pc.utf8_lower(pc.utf8_normalize(pc.replace_substring_regex(plain, _CONTROLS, ""), form="NFKC"))
    has_lines = pc.match_substring(plain, "\n")
    if pc.any(has_lines).as_py():
        own = pc.replace_substring_regex(plain.filter(has_lines), _QUOTED_LINES, "\n")
        for pattern in _TAILS:
            own = pc.replace_substring_regex(own, pattern, "")
        own = pc.if_else(pc.match_substring_regex(own, r"[^ \t\r\n]"), own, plain.filter(has_lines))
        plain = pc.replace_with_mask(plain, has_lines, own)
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, _BLANKS, " "))


def text_hashes(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """sha256 of each text's UTF-8 bytes, in hex; null for null."""
    return pa.array(
        [
            None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            for text in texts.to_pylist()
        ],
        pa.string(),
    )
