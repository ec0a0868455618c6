"""Names of persons: those that the source knows, and those that an honorific, a greeting or a signature gives away."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from naruki.voice._lexicon import (
    FIRST_NAMES_EN,
    NOT_NAME_ENDINGS,
    NOT_NAMES,
    NOT_NAMES_EN,
    ORDINARY_WORDS_EN,
    SURNAMES,
    SURNAMES_KANA,
)
from naruki.voice._text import fold

_KANJI = "一-龥々〆ヶ﨑髙"
_SURNAME = "|".join(sorted(SURNAMES, key=len, reverse=True))
_LONG_SURNAME = "|".join(sorted((name for name in SURNAMES if len(name) > 1), key=len, reverse=True))
_KANA_PERSON = (
    rf"(?:{'|'.join(sorted(SURNAMES_KANA, key=lambda name: (-len(name), name)))})(?:[ ・][ぁ-んァ-ヶー]{{2,5}})?"
)
_WHO = rf"(?:(?:{_LONG_SURNAME})(?:[ ・]?[{_KANJI}]{{1,3}}|[ ・][ぁ-んァ-ヶー]{{2,5}})?|{_KANA_PERSON})"
_HONORIFIC = re.compile(
    rf"(?P<who>(?:[{_KANJI}]{{1,4}} )?[{_KANJI}]{{1,8}}|[ァ-ヶー]{{2,9}}(?:[ ・][ァ-ヶー]{{2,9}})?|[A-Z][a-z]+(?:"
    rf" [A-Z][a-z]+)?|(?<![ｦ-ﾟ-])[ｦ-ﾟ]{{2,12}}(?: [ｦ-ﾟ]{{2,12}})?)"
    r" ?(?:様(?![子々式相態な])|さま(?![ざ])|さん(?![かざ])|氏(?!名|は?不)|殿(?![堂下様])"
    r"|くん(?=[、。にがはのを\s])|ちゃん(?=[、。にがはのを\s]))"
)
# Hiragana has no gaps between words: only readings that are known, at the start of a run or behind a particle.
_HIRAGANA_HONORIFIC = re.compile(
    rf"(?:(?<![ぁ-ん])|(?<=[のはがをにでとも]))(?P<who>(?=[ぁ-ん]){_KANA_PERSON})(?= ?(?:様|さま(?![ざ])|さん(?![ぁ-ん])|さん(?=[にがはのをへともで])|氏|殿))"
)
_TITLE = re.compile(
    rf"(?P<who>(?:{_LONG_SURNAME}))(?=(?:部長|課長|係長|社長|専務|常務|主任|店長|先生|教授|弁護士|マネージャー|リーダー))"
)
_SELF_JA = re.compile(
    rf"(?:^|[の、。,. \n社店部課会)）])(?P<who>{_WHO})(?= ?(?:です|でございます|と申し|ともうし|といいます"
    rf"|と言います|より(?:ご?連絡|です)|拝))"
    rf"|(?:^|[の、。,. \n社店部課会)）は])(?P<said>[{_KANJI}]{{1,6}}(?: [{_KANJI}]{{1,4}})?"
    rf"|[ァ-ヶー]{{2,10}})(?=と申し(?:ます|まし))"
    rf"|(?:氏名|名前|担当者名?|ご担当|連絡先氏名|契約者名)\s*[:：は]\s*(?P<label>{_WHO}|[{_KANJI}]{{1,4}}"
    rf" [{_KANJI}]{{1,4}}|[ァ-ヶー]{{2,9}} [ァ-ヶー]{{2,9}})",
    re.MULTILINE,
)
_SIGN_JA = re.compile(rf"^[ \t]*(?P<who>(?:{_SURNAME})[ ]?[{_KANJI}ぁ-ん]{{0,3}})[ \t]*$", re.MULTILINE)
_CAP = r"[A-ZÀ-ÖØ-ÞĀ-Ž][a-zA-ZÀ-ÖØ-öø-ž'’-]+"
_PERSON_EN = rf"(?:[A-Z]\.? )?{_CAP}(?: [A-Z]\.)?(?: {_CAP}){{0,2}}"
_TITLE_EN = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam)\b\.? (?P<who>(?:[A-Z]\. ?)?{_PERSON_EN})")
_GREETING_EN = re.compile(
    rf"\b(?:Dear|DEAR|dear|Hi|hi|HI|Hello|hello|Hey|hey|Good (?:morning|afternoon|evening))[, ] ?(?:(?:Mr|Mrs|Ms"
    rf"|Miss|Mx|Dr|Prof)\.? )?(?P<who>{_PERSON_EN}|[a-z]{{2,12}}(?=[,!\n]))"
)
_SELF_EN = re.compile(
    rf"\b(?:[Mm]y name is|[Tt]his is|[Ii] am|[Ii]'m|[Ii]t's|[Nn]ame ?:|[Cc]ontact(?: person)? ?:|[Aa]ttn\.?:?"
    rf"|[Ss]poke (?:to|with)|[Tt]alked to|[Aa]sk for) (?P<who>{_PERSON_EN})"
)
_CLOSING_EN = re.compile(
    r"(?:\b(?:[Kk]ind|[Bb]est|[Ww]arm|[Mm]any)? ?[Rr]egards|\b[Ss]incerely(?: yours)?|\b[Yy]ours (?:sincerely"
    r"|faithfully|truly)|\b[Cc]heers|\b[Tt]hanks"
    r"(?: (?:again|so much|a lot|in advance))?|\b[Tt]hank you(?: (?:again|so much|very much|in advance))?|\bBest(?:"
    r" wishes)?|\bSigned|^ ?-{1,2})[,.!]?[ \t]*(?:\n[ \t]*){0,3}"
    rf"(?P<who>{_PERSON_EN})[ \t]*(?=$|[\n,|(]|\.[ \t]*$)",
    re.MULTILINE,
)
_SAN_EN = re.compile(rf"\b(?P<who>{_CAP})(?=-(?:san|sama|sensei|kun)\b)")
_ENGLISH = (_TITLE_EN, _GREETING_EN, _SELF_EN, _CLOSING_EN, _SAN_EN)
_NEEDS_FIRST_NAME = (_SELF_EN,)
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+")
_LEGAL_FORM_JA = re.compile(
    r"(?:株式|有限|合同|合資|合名)会社|[㈱㈲]|\((?:株|有|同)\)|(?:一般|公益)(?:社団|財団)法人|(?:医療|学校|社会福祉)法人"
)
_LEGAL_FORM_EN = re.compile(
    r"(?:[ ,]+(?:Inc|Incorporated|Co|Ltd|Limited|LLC|LLP|Corp|Corporation|Company|PLC|GmbH|AG|K\.?K|Pte|Pty)\b\.?)+$",
    re.IGNORECASE,
)
_NOT_KATAKANA = re.compile(r"[ぁ-ん一-龥々]")
_IS_LATIN = re.compile(r"[0-9A-Za-zÀ-ɏ]")


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Spans of names that an honorific, a title, an introduction, a greeting or a signature marks in a folded text."""
    if not text.isascii():
        yield from _japanese(text)
    for pattern in _ENGLISH:
        for match in pattern.finditer(text):
            span = _english_person(match["who"], is_strict=pattern in _NEEDS_FIRST_NAME)
            if span:
                yield match.start("who") + span[0], match.start("who") + span[1]


def _japanese(text: str) -> Iterator[tuple[int, int]]:
    for match in _HONORIFIC.finditer(text):
        who = _person_before_honorific(match["who"])
        if who:
            yield match.end("who") - len(who), match.end("who")
    for pattern in (_TITLE, _HIRAGANA_HONORIFIC):
        for match in pattern.finditer(text):
            yield match.span("who")
    for match in _SELF_JA.finditer(text):
        group = next(name for name in ("who", "said", "label") if match[name])
        if match[group] not in NOT_NAMES:
            yield match.span(group)
    for match in _SIGN_JA.finditer(text):
        if "\n" in text and (match["who"] in SURNAMES or " " in match["who"] or len(match["who"]) > 3):
            yield match.span("who")


def _person_before_honorific(run: str) -> str:
    """Of the characters before 様 or さん those that are the name: '営業部田中' gives '田中', 'お客' gives ''."""
    last = run.split(" ")[-1].split("・")[-1]
    if unicodedata.normalize("NFKC", last) in NOT_NAMES:
        return ""
    if run in NOT_NAMES or last in NOT_NAMES or last in NOT_NAMES_EN or last.lower() in NOT_NAMES_EN:
        return ""
    for start in range(len(last)):
        for size in (4, 3, 2, 1):
            is_rest_given_name = len(last) - start - size <= 3
            if last[start : start + size] in SURNAMES and is_rest_given_name and (size > 1 or start == 0):
                return run if start == 0 and run != last and run.split(" ")[0] in SURNAMES else last[start:]
    if " " in run and run.split(" ")[0] in SURNAMES:
        return run
    is_common = last.endswith(NOT_NAME_ENDINGS) or any(last.endswith(word) for word in NOT_NAMES if len(word) > 1)
    return (
        ""
        if is_common or (len(last) > 4 and not _is_kana_or_latin(last)) or len(last) < 2
        else run
        if " " in run or "・" in run
        else last
    )


def _is_kana_or_latin(word: str) -> bool:
    return all("ァ" <= char <= "ー" or "ｦ" <= char <= "ﾟ" or char.isascii() for char in word)


def _english_person(who: str, is_strict: bool) -> tuple[int, int] | None:
    """The span of the person in 'Sarah' or 'Support Team': words until one that is no part of a name."""
    kept_end = 0
    words = list(_WORD.finditer(who))
    for word in words:
        if word[0].lower() in NOT_NAMES_EN:
            break
        kept_end = word.end()
    if not kept_end:
        return None
    first = words[0][0].lower()
    is_several = len(_WORD.findall(who[:kept_end])) > 1
    if (is_strict and not is_several and first not in FIRST_NAMES_EN) or (
        who[0].islower() and first not in FIRST_NAMES_EN
    ):
        return None
    return 0, kept_end


def _without_legal_form(name: str) -> str | None:
    """'みほん商事' of '株式会社みほん商事': people leave it out. None where nothing is left out, or what is left is too
    short or too ordinary to be told from other words."""
    bare = _LEGAL_FORM_EN.sub("", _LEGAL_FORM_JA.sub("", name)).strip(" ,.")
    if bare == name or bare in NOT_NAMES or bare.lower() in NOT_NAMES_EN | ORDINARY_WORDS_EN:
        return None
    is_distinct = len(bare) >= (4 if _IS_LATIN.match(bare) or _NOT_KATAKANA.search(bare) else 6)
    return bare if is_distinct else None


class KnownNames:
    """The names that the source knows, found anywhere: Latin ones as whole words, Japanese ones with or without blanks,
    companies with or without their legal form.

    Names shorter than two characters (three for Latin letters) are left out: they would eat ordinary text.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_head: dict[str, list[tuple[str, bool, bool]]] = {}
        variants: set[str] = set()
        bares: set[str] = set()
        for name in names:
            folded = " ".join(fold(name or "").split())
            is_latin = bool(_IS_LATIN.match(folded))
            variants.add(folded)
            if not is_latin:
                variants.add(folded.replace(" ", ""))
            if bare := _without_legal_form(folded):
                variants.add(bare)
                bares.add(bare)
        for variant in sorted(variants, key=lambda name: (-len(name), name)):
            is_latin = bool(_IS_LATIN.match(variant))
            if len(variant) < (3 if is_latin else 2) or variant.isdigit():
                continue
            is_word = variant.lower() in ORDINARY_WORDS_EN or variant.lower() in NOT_NAMES_EN
            is_exact = is_word or (variant in bares and is_latin and " " not in variant)
            self._by_head.setdefault(variant[:2].lower(), []).append(
                (variant if is_exact else variant.lower(), is_latin, is_exact)
            )

    def __bool__(self) -> bool:
        return bool(self._by_head)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans of known names in a folded text, the longest first at each place, without overlap."""
        lower = text.lower()
        lower = lower if len(lower) == len(text) else text
        heads, at, end = self._by_head, 0, len(text) - 1
        while at < end:
            names = heads.get(lower[at : at + 2])
            size = self._match(text, lower, at, names) if names else 0
            if size:
                yield at, at + size
            at += size or 1

    @staticmethod
    def _match(text: str, lower: str, at: int, names: list[tuple[str, bool, bool]]) -> int:
        for name, is_latin, is_exact in names:
            if not (text if is_exact else lower).startswith(name, at):
                continue
            after = at + len(name)
            if is_latin and at and _IS_LATIN.match(text[at - 1]):
                continue
            if _IS_LATIN.match(name[-1]) and after < len(text) and _IS_LATIN.match(text[after]):
                continue
            return len(name)
        return 0
