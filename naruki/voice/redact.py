"""Personal data out of texts, before they are stored: typed tags such as [EMAIL] instead.

Cards by Luhn and scheme, My Numbers by check digit, telephone numbers by phonenumbers, mail addresses, links, postal
codes
and addresses, names that the source knows, and names that an honorific, a greeting or a signature gives away. What
belongs to
the business stays: order and ticket numbers, dates, prices, versions.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from naruki.voice import _lexicon
from naruki.voice._names import KnownNames, find_names
from naruki.voice._numbers import find_cards, find_my_numbers, find_phones
from naruki.voice._text import HYPHENS, MARKS, SPACES, fold, mark_tags, unmark_tags

_HONORIFICS = "様|さま|さん|殿|氏|くん|ちゃん|と申し"
_TITLES_JA = "部長|課長|係長|社長|専務|常務|主任|店長|先生|教授|弁護士|マネージャー|リーダー"
_STREETS = "|".join(_lexicon.STREETS_EN)

# A text that doesn't match (RE2 syntax: DuckDB, Arrow, Spark) and holds none of the names surely needs no redaction.
CANDIDATE_PATTERN = (
    "[@＠Ａ-Ｚａ-ｚ〒\ufdd0-\ufdd7]"
    rf"|(?:[0-9０-９][-ー.．()（）/／ 　{SPACES}{HYPHENS}\t\r\n]{{0,3}}){{7}}"
    r"|(?i:https?:|www\.|\.[a-z]{2,}/|\[at\]|\(at\))"
    rf"|{_HONORIFICS}|{_TITLES_JA}"
    r"|[市区町村郡][^\n]{0,40}(?:丁目|番|号|[0-9０-９])"
    rf"|(?:{'|'.join(sorted(_lexicon.SURNAMES | _lexicon.SURNAMES_KANA))})[^\n]{{0,9}}(?:です|でござい|ともうし|といい|と言い|より|拝)"
    r"|(?:氏名|名前|担当者?名?|ご担当|契約者名)\s*[:：は]"
    rf"|(?m:^[ \t　]*(?:{'|'.join(sorted(_lexicon.SURNAMES))})[ 　]?[^ \n]{{0,3}}[ \t　]*$)"
    r"|\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam)\b|(?i:\b(?:dear|hi|hello|hey|name is|this is|i am|it's"
    r"|i'm|attn|name ?:|contact)\b)"
    r"|(?i:good (?:morning|afternoon|evening)|contact ?:|name ?:|contact person|spoke (?:to|with)|talked to|ask for)"
    r"|(?i:regards|sincerely|yours |cheers|thanks|thank you|\bbest\b|signed)|(?m:^ ?-)|-(?:san|sama|sensei|kun)\b"
    rf"|[0-9][A-Za-z]? (?:[A-Z][A-Za-z.'-]* ){{1,4}}(?:{_STREETS})\b|\b[A-Z]{{2}} [0-9]{{5}}"
    r"|\b[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}\b"
)

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}(?:'[A-Za-z0-9._%+-]{1,64})?(?:@| ?[\[(]at[\])] ?)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}"
)
# Japanese text follows a link without a blank; only directly behind / or = it is a part of the link.
_URL_PART = r"(?:[^\s<>\"'、。「」『』【】()\ufdd0-\ufdd7ぁ-んァ-ヶー一-龥]|(?<=[/=])[ァ-ヶー一-龥々]+)"
_URL = re.compile(
    rf"(?:https?://|www\.){_URL_PART}+"
    r"|(?<![A-Za-z0-9@.-])(?:[A-Za-z0-9-]{1,63}\.){1,4}"
    rf"(?!(?:csv|tsv|txt|xlsx?|pdf|json|xml|html?|png|jpe?g|docx?|pptx?|log)/)[A-Za-z]{{2,6}}/{_URL_PART}*",
    re.IGNORECASE,
)
_POSTAL = re.compile(
    r"〒 ?\d{3} ?[-ー]? ?\d{4}(?!\d)|(?:郵便番号|(?i:postal code|zip(?: code)?)) ?(?:は|is|:)?"
    r" ?(?P<code>\d{3}[-ー]?\d{4})(?!\d)"
    r"|(?<![\d-])\d{3}-\d{4}(?= {0,2}(?:" + "|".join(_lexicon.PREFECTURES) + r"|\ufdd5))"
    r"|\b(?:" + "|".join(_lexicon.US_STATES) + r") \d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2}\b"
)
_NUMBER_JA = r"(?:\d{1,5}|[一二三四五六七八九十]{1,4})"
_BLOCK = (
    rf"(?:{_NUMBER_JA}(?:丁目|番地?(?!目)|号)(?:[- のー]?{_NUMBER_JA}(?!\d)(?:番地?|号)?(?![年月日件個名円時分]))*"
    r"|\d{1,5}(?:[-ー]\d{1,5}){1,3}(?:番地?|号)?)"
)
_BUILDING = (
    r"(?: ?(?![のへにでをがは])[^\s、。,\n\ufdd0-\ufdd7]{1,15}?"
    r"(?:ビル|マンション|ハイツ|コーポ|タワー|アパート|荘|レジデンス|ビルディング|館)"
    r"(?: ?\d{1,4}(?:号室|階|F)?)?| \d{1,4}号室)?"
)
_PREFECTURE = "(?:" + "|".join(_lexicon.PREFECTURES) + ")"
_PLACE = r"[一-龥々ヶケぁ-んァ-ヴー]"
_ADDRESS = re.compile(
    rf"{_PREFECTURE} ?{_PLACE}{{1,20}}? ?{_PLACE}{{0,12}}? ?{_BLOCK}{_BUILDING}"
    rf"|(?:[一-龥々ヶ]{{1,4}}|さいたま|つくば|いわき)[市区郡] ?{_PLACE}{{1,12}}? ?{_BLOCK}{_BUILDING}"
    rf"|\b\d{{1,5}}[A-Za-z]? (?:[A-Z][A-Za-z.'-]* ){{1,4}}(?:{_STREETS})\b\.?(?:,? (?:Apt|Suite|Unit|Floor|#)\.?"
    rf" ?\w{{1,5}})?"
    r"(?:, [A-Z][a-z]+(?: [A-Z][a-z]+)?(?=,? (?:[A-Z]{2} )?\d{5}|,? \ufdd4))?"
)
_SEVEN_DIGITS = re.compile(r"(?:\d\D{0,4}){7}")
_TRAILING = ".,;:!?)]}>"


def _spans(pattern: re.Pattern[str]) -> Callable[[str], Iterator[tuple[int, int]]]:
    return lambda text: (match.span() for match in pattern.finditer(text))


def _with_digits(find: Callable[[str], Iterable[tuple[int, int]]]) -> Callable[[str], Iterable[tuple[int, int]]]:
    return lambda text: find(text) if _SEVEN_DIGITS.search(text) else ()


def _urls(text: str) -> Iterator[tuple[int, int]]:
    for match in _URL.finditer(text):
        yield match.start(), match.start() + len(match[0].rstrip(_TRAILING))


def _postal_codes(text: str) -> Iterator[tuple[int, int]]:
    for match in _POSTAL.finditer(text):
        yield match.span("code" if match["code"] else 0)


_Step = tuple[str, Callable[[str], Iterable[tuple[int, int]]]]
# What a cut leaves may read anew (a signature below a link): passes until nothing changes make the result stable.
_MAX_PASSES = 8
_STEPS: tuple[_Step, ...] = (
    ("URL", _urls),
    ("EMAIL", _spans(_EMAIL)),
    ("CARD", _with_digits(find_cards)),
    ("MYNUMBER", _with_digits(find_my_numbers)),
    ("ADDRESS", _spans(_ADDRESS)),
    ("POSTAL", _postal_codes),
    ("PHONE", _with_digits(find_phones)),
    ("NAME", find_names),
)


class Redactor:
    """Redacts with one set of known names, indexed once: what landing holds for a whole load."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = KnownNames(names)
        known = (("NAME", self._names.find),) if self._names else ()
        self._steps: tuple[_Step, ...] = (*_STEPS[:2], *known, *_STEPS[2:])

    def text(self, text: str) -> str:
        """`text` with personal data replaced by tags; the same again changes nothing."""
        marked = mark_tags(text)
        folded = fold(marked)
        for _ in range(_MAX_PASSES):
            before = marked
            for tag, find in self._steps:
                spans = sorted(set(find(folded)))
                if spans:
                    marked, folded = _cut(marked, spans, MARKS[tag]), _cut(folded, spans, MARKS[tag])
            if marked == before:
                break
        return unmark_tags(marked)

    def array(self, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """`texts` redacted, null for null; each distinct text is worked on once, and only if it may need it."""
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        encoded = texts.cast(pa.large_string()).dictionary_encode()
        distinct = encoded.dictionary
        is_candidate = pc.match_substring_regex(distinct, CANDIDATE_PATTERN).to_pylist()
        values = distinct.to_pylist()
        for at, may_need in enumerate(is_candidate):
            if may_need or (self._names and any(True for _ in self._names.find(fold(values[at])))):
                values[at] = self.text(values[at])
        return pa.array(values, pa.string()).take(encoded.indices)


def redact(text: str, names: Sequence[str] = ()) -> str:
    """`text` with personal data replaced by typed tags ([EMAIL], [PHONE], [CARD], [MYNUMBER], [POSTAL], [ADDRESS],
    [URL], [NAME]).

    `names` are the customers' and contacts' names that the source knows; they are found anywhere, whatever surrounds
    them.
    """
    return Redactor(names).text(text)


def redact_array(texts: pa.Array | pa.ChunkedArray, names: Sequence[str] = ()) -> pa.Array:
    """`redact` for a column: null in, null out, as many rows out as in."""
    return Redactor(names).array(texts)


def _cut(text: str, spans: list[tuple[int, int]], mark: str) -> str:
    """`text` with each span as one mark; overlapping spans count once."""
    parts, done = [], 0
    for start, end in spans:
        if start >= done and end > start:
            parts += [text[done:start], mark]
            done = end
    return "".join([*parts, text[done:]])
