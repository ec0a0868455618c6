"""Cards, My Numbers and telephone numbers: which runs of digits are personal, and which are order numbers and dates."""

import re
from collections.abc import Iterator

import phonenumbers

# What is written directly before a number of the business: it is not a person's.
_BUSINESS_LABEL = re.compile(
    r"(?:注文|受注|発注|請求書?|見積書?|伝票|管理|契約|会員|顧客|申込|受付|追跡|問い?合わ?せ|チケット|商品|製品|シリアル|取引|予約|口座|法人|登録|バージョン"
    r"|order|ticket|case|invoice|tracking|ref(?:erence)?|serial|sku|po|transaction|request|version|build|account|customer|subscription|booking|id|no)"
    r"(?:番号|ナンバー|コード|[ _-]?(?:id|no|number|num|code))?\s*(?:is|was|は|が|[.:#＃№])*\s*(?:[a-z]{1,4}-?)?$"
    r"|[#＃№_/=]\s*(?:[a-z]{1,4}-)?$",
    re.IGNORECASE,
)
_PHONE_LABEL = re.compile(
    r"(?:電話|携帯|連絡先|直通|内線|ファックス|ファクス|tel|phone|mobile|cell|fax|call (?:me|us)(?: back)?(?: at|"
    r" on)?|whatsapp|text me(?: at| on)?)"
    r"(?:番号|number|no)?\s*(?:is|は|[.:])*\s*$",
    re.IGNORECASE,
)
_MY_NUMBER_LABEL = re.compile(
    r"(?:マイナンバー|個人番号|my ?number)\s*(?:カード|card)?(?:の?番号|の)?\s*(?:is|は|が|を|[:=(「『])*\s*$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\D")
_LONG = re.compile(r"(?<![\d.,])(?<!\d-)(?<![A-Za-z])\d(?:(?:-| {1,2})?\d){11,18}(?![\d])(?!-\d)")
_PHONE = re.compile(
    r"(?:(?<![\dA-Za-z.,/-])(?<!\d:)|(?<=TEL)|(?<=Tel)|(?<=tel)|(?<=FAX)|(?<=Fax))(?:\+ ?\d|\(\+?\d"
    r"|\d)(?:[-ー. ()/]{0,3}\d){6,16}(?:\)(?=\s|$))?(?![\d/:%円個件名人年月日時分秒])(?!-\d)(?!,\d)"
)
_GROUP = re.compile(r"\(?\+? ?\(?\d+\)?")
# No country writes a number in more parts; a run of single digits is a table.
_MAX_GROUPS = 6
_JP_SHAPE = re.compile(
    r"0\d{1,4}(?:[-ー. ]\d{1,4}[-ー. ]| ?\(\d{1,4}\) ?)\d{3,4}|\(0\d{1,4}\)[-ー. ]?\d{1,4}[-ー. ]\d{3,4}"
)
_US_SHAPE = re.compile(r"(?:1[-. ])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}")
_STAMP = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")


def is_luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """Luhn, and a number range and length that a card scheme issues: one order number in ten passes Luhn alone."""
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    scheme = (
        (digits[0] == "4" and size in (16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and size == 16)
        or (two in (34, 37) and size == 15)
        or (3528 <= four <= 3589 and size == 16)
        or ((two in (36, 38, 39) or 3000 <= four <= 3059) and size == 14)
        or ((four == 6011 or 6440 <= four <= 6599) and size in (16, 19))
        or (two == 62 and 16 <= size <= 19)
    )
    return scheme and is_luhn(digits)


def is_my_number(digits: str) -> bool:
    """The check digit of the Japanese individual number (Ministerial Order 85 of 2014, article 5)."""
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    total = sum(int(digits[11 - n]) * (n + 1 if n <= 6 else n - 5) for n in range(1, 12))
    rest = total % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def find_cards(text: str) -> Iterator[tuple[int, int]]:
    """Spans of card numbers in a folded text."""
    for match in _LONG.finditer(text):
        digits = _DIGITS.sub("", match[0])
        if len(digits) >= 13 and is_card(digits):
            yield match.span()


def find_my_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Spans of My Numbers; a label of its own outweighs the check digit, a label of the business forbids the tag."""
    for match in _LONG.finditer(text):
        digits = _DIGITS.sub("", match[0])
        if len(digits) != 12:
            continue
        before = text[max(0, match.start() - 30) : match.start()]
        if _MY_NUMBER_LABEL.search(before) or (
            is_my_number(digits) and not _BUSINESS_LABEL.search(before) and not _STAMP.fullmatch(digits)
        ):
            yield match.span()


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    """Spans of telephone numbers: Japanese, international and North American ones, or any after a label."""
    for match in _PHONE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        is_labelled = bool(_PHONE_LABEL.search(before))
        if _BUSINESS_LABEL.search(before) and not is_labelled:
            continue
        span = _longest_phone(match[0]) or ((0, len(match[0])) if is_labelled else None)
        if span:
            yield match.start() + span[0], match.start() + span[1]


def _longest_phone(run: str) -> tuple[int, int] | None:
    """A run of digit groups may hold a day or a count beside the number: the longest part that is a number."""
    groups = [match.span() for match in _GROUP.finditer(run)]
    parts = [
        (first[0], last[1])
        for at, first in enumerate(groups)
        for last in groups[at : at + _MAX_GROUPS]
        if last[1] - first[0] >= 9
    ]
    return next((part for part in sorted(parts, key=lambda p: p[0] - p[1]) if _is_phone(run[part[0] : part[1]])), None)


def _is_phone(found: str) -> bool:
    digits = _DIGITS.sub("", found)
    if not 9 <= len(digits) <= 16:
        return False
    if found.lstrip("(").startswith("+"):
        return True
    if digits.startswith("00") and digits[2] != "0":
        return _is_valid("+" + digits[2:], None)
    if digits.startswith("010") and len(digits) > 11:
        return _is_valid("+" + digits[3:], None)
    if _US_SHAPE.fullmatch(found):
        return True
    if not digits.startswith("0") or len(digits) not in (10, 11):
        return False
    return bool(_JP_SHAPE.fullmatch(found)) or _is_valid(digits, "JP") or _is_valid(digits, "GB")


def _is_valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
