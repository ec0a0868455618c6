"""Obviously fictional names of companies and persons, in Japanese and English."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naruki.sample.columns import blank, labels

_JA_FIRST = [
    "架空",
    "見本",
    "例示",
    "仮想",
    "想定",
    "試作",
    "空想",
    "例題",
    "雛形",
    "模型",
    "仮名",
    "絵空",
    "虚構",
    "仮設",
    "ひながた",
    "まぼろし",
    "作例",
    "例文",
    "夢想",
    "模擬",
]
_JA_MIDDLE = [
    "東",
    "西",
    "南",
    "北",
    "中央",
    "青葉",
    "若葉",
    "桜",
    "松",
    "竹",
    "梅",
    "銀河",
    "北斗",
    "南風",
    "朝日",
    "夕日",
    "山手",
    "川端",
    "海辺",
    "丘",
]
_JA_LAST = [
    "商事",
    "工業",
    "製作所",
    "食品",
    "物産",
    "電機",
    "印刷",
    "運輸",
    "建設",
    "薬品",
    "出版",
    "書店",
    "農園",
    "水産",
    "繊維",
    "精機",
    "不動産",
    "学園",
    "病院",
    "システム",
]
_JA_FORM = ("株式会社{}", "{}株式会社", "有限会社{}", "{}合同会社", "（株）{}")
_EN_FIRST = [
    "Example",
    "Sample",
    "Fictional",
    "Placeholder",
    "Imaginary",
    "Pretend",
    "Specimen",
    "Notional",
    "Mockup",
    "Invented",
]
_EN_MIDDLE = [
    "Orchard",
    "Harbor",
    "Maple",
    "Lantern",
    "Meadow",
    "River",
    "Granite",
    "Copper",
    "Willow",
    "Summit",
    "Pebble",
    "Anchor",
    "Juniper",
    "Falcon",
]
_EN_LAST = [
    "Trading",
    "Foods",
    "Robotics",
    "Press",
    "Tools",
    "Textiles",
    "Clinics",
    "Schools",
    "Logistics",
    "Media",
    "Paper",
    "Gardens",
]
_EN_FORM = ("{} Ltd", "{} Inc", "{} LLC", "{} Co., Ltd.", "{} GmbH")
JA_FAMILY = ["見本", "架空", "例文", "仮名", "試験", "空野", "例田", "想定", "雛形", "仮野", "模擬", "虚原"]
JA_GIVEN = ["太郎", "花子", "次郎", "桃子", "一郎", "さくら", "健", "葵", "翔", "結衣", "大輔", "恵"]
EN_GIVEN = ["Alex", "Sam", "Jordan", "Casey", "Robin", "Taylor", "Morgan", "Jamie", "Riley", "Avery", "Quinn", "Drew"]
EN_FAMILY = [
    "Example",
    "Sample",
    "Placeholder",
    "Specimen",
    "Fictional",
    "Testman",
    "Mockley",
    "Pretend",
    "Dummy",
    "Nobody",
    "Instance",
    "Notional",
]


def _combine(parts: list[list[str]], number: np.ndarray, join: str) -> pa.Array:
    """Mixed-radix choice of one word from each list: neighbours differ in every part."""
    rest = number.copy()
    words = []
    for part in parts:
        rest, index = np.divmod(rest, len(part))
        words.append(labels(part, index))
    return pc.binary_join_element_wise(*words, join)


def _in_form(core: pa.Array, forms: tuple[str, ...], index: np.ndarray) -> pa.Array:
    """The legal form before or after the name."""
    before = labels([form.split("{}")[0] for form in forms], index)
    after = labels([form.split("{}")[1] for form in forms], index)
    return pc.binary_join_element_wise(before, core, after, "")


def _choose(condition: np.ndarray, yes: pa.Array, no: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(condition), yes, no)


def person_names(number: np.ndarray, is_japanese: np.ndarray) -> pa.Array:
    """Names of persons, e.g. 見本 太郎 or Alex Placeholder."""
    mixed = number * 7 + number // 144
    japanese = _combine([JA_FAMILY, JA_GIVEN], mixed, " ")
    return _choose(is_japanese, japanese, _combine([EN_GIVEN, EN_FAMILY], mixed, " "))


def customer_names(is_company: np.ndarray, is_japanese: np.ndarray) -> pa.Array:
    """One name per customer; a place number is added where the words have run out, so that companies stay distinct."""
    number = np.arange(len(is_company), dtype=np.int64)
    mixed = number * 3
    ja = _in_form(_combine([_JA_FIRST, _JA_LAST, _JA_MIDDLE], mixed, ""), _JA_FORM, number % 5)
    en = _in_form(_combine([_EN_FIRST, _EN_MIDDLE, _EN_LAST], mixed, " "), _EN_FORM, number % 5)
    company = _choose(is_japanese, ja, en)
    cycle = np.where(is_japanese, mixed // 8000, mixed // 1680)
    suffix = pc.binary_join_element_wise(
        labels(["第", "No. "], np.where(is_japanese, 0, 1)), pa.array(cycle + 1).cast(pa.string()), ""
    )
    numbered = pc.binary_join_element_wise(company, suffix, " ")
    company = _choose(cycle > 0, numbered, company)
    return _choose(is_company, company, person_names(number, is_japanese))


def mail_addresses(number: np.ndarray, is_japanese: np.ndarray, missing: np.ndarray) -> pa.Array:
    """Addresses in the reserved example domains only."""
    local = pc.binary_join_element_wise(
        labels(["sample", "mihon", "example.user", "kakuu", "demo"], number % 5),
        pa.array(number).cast(pa.string()),
        ".",
    )
    domain = labels(["example.com", "example.org", "example.jp"], np.where(is_japanese, 2, number % 2))
    return blank(pc.binary_join_element_wise(local, domain, "@"), missing)
