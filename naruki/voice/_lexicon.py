"""The word lists of `lexicon.yml`, behind the redaction of names and addresses."""

from importlib import resources

import yaml

_LISTS: dict[str, list[str]] = {
    key: words.split()
    for key, words in yaml.safe_load(resources.files(__package__).joinpath("lexicon.yml").read_text("utf-8")).items()
}

SURNAMES = frozenset(_LISTS["surnames"])
_AS_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ん") + 1)}
SURNAMES_KANA = frozenset(form for name in _LISTS["surnames_kana"] for form in (name, name.translate(_AS_KATAKANA)))
NOT_NAMES = frozenset(_LISTS["not_names"])
NOT_NAME_ENDINGS = tuple(_LISTS["not_name_endings"])
NOT_NAMES_EN = frozenset(_LISTS["not_names_en"])
ORDINARY_WORDS_EN = frozenset(_LISTS["ordinary_words_en"])
FIRST_NAMES_EN = frozenset(_LISTS["first_names_en"])
PREFECTURES = tuple(_LISTS["prefectures"])
US_STATES = tuple(_LISTS["us_states"])
STREETS_EN = tuple(_LISTS["streets_en"])
