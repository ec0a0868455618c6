"""Which language a text is written in, by script and function words first: a statistical guess only where those are
silent."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

UNKNOWN_LANGUAGE = "und"
_NOISE = r"\[(?:EMAIL|PHONE|CARD|MYNUMBER|POSTAL|ADDRESS|URL|NAME)\]|https?://\S+|\S+@\S+"
_SCRIPTS = (
    ("ja", r"[\x{3041}-\x{3096}\x{30a1}-\x{30fa}\x{ff66}-\x{ff9d}]"),
    ("ko", r"\p{Hangul}"),
    ("ru", r"\p{Cyrillic}"),
    ("el", r"\p{Greek}"),
    ("ar", r"\p{Arabic}"),
    ("he", r"\p{Hebrew}"),
    ("th", r"\p{Thai}"),
    ("hi", r"\p{Devanagari}"),
)
# Characters that Chinese writes and Japanese doesn't, and words of help desks that only Japanese writes so.
_CHINESE = (
    "[们这为么吗说时间发问题请谢录无书订单难过们會這嗎們沒於麼還點您给让从东车马鱼鸟门见贝页风飞]"
    "|[的了是我你他它](?:[的了是我你他在不])"
)
# What UTF-8 read as Shift JIS is full of, and Japanese never writes: letters that say nothing any more.
_MOJIBAKE = "[縺繧繝]"
_HAN = r"\p{Han}"
_LATIN = r"\p{Latin}"
_ENGLISH = (
    r"(?i)\b(?:the|is|are|am|was|were|be|been|to|of|and|i|you|my|our|we|us|it|this|that|not|can|can't|cannot|don't|doesn't|how|what|when|where|which|why|"
    r"who|please|for|with|have|has|had|do|does|did|your|from|there|they|would|should|could|will|if|but|on|at|by|all|any|no|yes|get|got|still|again|after|"
    r"ok|okay|thanks|thank|hello|hi|need|want|help|login|log|password|error|invoice|account|work|works|working|never|great|best|worst|good|bad|slow)\b"
)
_FOREIGN = (
    r"(?i)\b(?:el|los|las|que|por|para|una|con|est|les|des|vous|nous|pas|mon|dans|avec|und|der|die|das|nicht|ist|ich|sie|mit|ein|eine|não|uma|você|com|"
    r"são|het|een|niet|wij|che|non|sono|della|il|per|di|è|je|ne|jest|nie|się|och|att|det|som|ikke|jeg|og|bu|ve|bir|için|yang|dan|saya|tidak|untuk|"
    r"je|le|la|un|mi|mein|meine|kann|hola|gracias|bonjour|merci|danke|bitte|factura|facture|rechnung|obrigado|không|tôi|của|là|được|cho|ma|mot|passe)\b"
    r"|[ñáéíóúàèùâêîôûçãõäöüßåøæœěščřžýůłńśźżğışơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệ]"
)


def detect_language(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> list[str]:
    """The ISO 639-1 code of each text; 'und' for null, empty, emoji and numbers only, and where nothing speaks for
    any language."""
    array = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(list(texts), pa.large_string())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    clean = pc.utf8_slice_codeunits(pc.fill_null(array.cast(pa.large_string()), ""), 0, 2000)
    # A Japanese keyboard also writes English in full width.
    clean = pc.utf8_normalize(pc.replace_substring_regex(clean, _NOISE, " "), form="NFKC")
    found = pc.if_else(pc.match_substring_regex(clean, _LATIN), "latin", UNKNOWN_LANGUAGE)
    is_han = pc.match_substring_regex(clean, _HAN)
    found = pc.if_else(is_han, pc.if_else(pc.match_substring_regex(clean, _CHINESE), "zh", "ja"), found)
    for code, pattern in reversed(_SCRIPTS):
        found = pc.if_else(pc.match_substring_regex(clean, pattern), code, found)
    found = pc.if_else(pc.greater_equal(pc.count_substring_regex(clean, _MOJIBAKE), 2), UNKNOWN_LANGUAGE, found)
    codes = found.to_pylist()
    rows = [row for row, code in enumerate(codes) if code == "latin"]
    if rows:
        for row, code in zip(rows, _latin_languages(clean.take(pa.array(rows))), strict=True):
            codes[row] = code
    return codes


def _latin_languages(texts: pa.Array) -> list[str]:
    english = pc.count_substring_regex(texts, _ENGLISH).to_pylist()
    foreign = pc.count_substring_regex(texts, _FOREIGN).to_pylist()
    return [
        "en" if here > there else _statistical(text, here == there == 0)
        for text, here, there in zip(texts.to_pylist(), english, foreign, strict=True)
    ]


def _statistical(text: str, is_silent: bool) -> str:
    """py3langid's answer; a few ASCII words without any function word say nothing: they are left undetermined or
    English."""
    from py3langid.langid import classify

    letters = sum(char.isalpha() for char in text)
    if letters < 4:
        return UNKNOWN_LANGUAGE
    if is_silent and text.isascii() and len(text.split()) <= 5:
        return "en"
    return str(classify(text)[0])
