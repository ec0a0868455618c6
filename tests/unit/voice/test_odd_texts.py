"""Texts that say nothing, are broken or foreign, read with the shipped rules and the shipped examples."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from naruki.voice.pipeline import score_documents
from naruki.voice.redact import redact, redact_array

from .conftest import documents

NOTHING_SAID = {
    "emoji": "😀😀",
    "an emoji of several": "👨\u200d👩\u200d👧\u200d👦❤️",
    "invisible": "\u200b\ufeff",
    "digits": "12345",
    "marks": "？！。。。",
    "a tag only": "[EMAIL]",
    "replacement characters": "\ufffd" * 50,
    "a null": "\x00",
    "nulls around letters": "\x00\x01abc\x00",
    "the last code point": "\U0010ffff",
    "combining marks": "e\u0301" * 100,
    "UTF-8 read as Latin-1": "Ã©Ã¤Âª ï¿½ï¿½",
    "UTF-8 read as Shift JIS": "縺薙ｓ縺ｫ縺｡縺ｯ縲ゅΟ繧ｰ繧､繝ｳ縺ｧ縺阪∪縺帙ｓ",
    "Korean": "비밀번호를 잊었어요. 로그인이 안 됩니다",
    "French": "Je n'arrive pas à me connecter, c'est nul",
    "Chinese": "请问怎么取消订阅，我要退款",
    "Thai": "เข้าสู่ระบบไม่ได้ครับ",
}
BLANK = ["", "  \n\t\u3000", None]
READ = ["ログイン\x00できません", "Z͑ͫ̓a̴l̵g̶o̷: I cannot log in", "ＰＬＥＡＳＥ ＣＡＮＣＥＬ ＯＵＲ ＳＵＢＳＣＲＩＰＴＩＯＮ"]


@pytest.fixture(scope="module")
def read(rules, taxonomy, settings, examples):
    return lambda docs: score_documents(docs, taxonomy, rules, None, settings, examples)


@pytest.fixture(scope="module")
def together(read):
    """All odd texts in one call, among ordinary ones, as a day's load brings them: {document: its rows}."""
    texts = [*NOTHING_SAID.values(), *BLANK, *READ]
    found: dict[str, list[dict]] = {}
    for row in read(documents(*texts)).to_pylist():
        found.setdefault(row["document_id"], []).append(row)
    return found


@pytest.mark.parametrize("name", NOTHING_SAID)
def test_what_says_nothing_in_a_language_we_read_gets_one_row_that_says_so_and_no_guess(name, together):
    [row] = together[f"d{list(NOTHING_SAID).index(name)}"]
    assert (row["signal"], row["value"], row["method"]) == ("contact_reason", "unsupported_lang", "language")
    assert row["lang"] not in ("ja", "en")


def test_a_blank_text_is_no_document(together):
    first = len(NOTHING_SAID)
    assert not {f"d{first + n}" for n in range(len(BLANK))} & set(together)


def test_odd_texts_beside_them_do_not_change_what_ordinary_ones_say(together, read):
    first = len(NOTHING_SAID) + len(BLANK)
    reasons = [
        next(
            row["value"] for row in together[f"d{first + n}"] if row["signal"] == "contact_reason" and row["is_chosen"]
        )
        for n in range(len(READ))
    ]
    assert reasons == ["login", "login", "cancellation"]
    among = [row for n in range(len(READ)) for row in together[f"d{first + n}"]]
    assert _without_ids(among) == _without_ids(read(documents(*READ)).to_pylist())


def _without_ids(rows: list[dict]) -> list[str]:
    return sorted(str({k: v for k, v in row.items() if k not in ("document_id", "customer_id")}) for row in rows)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ログインできません。" * 100_000, "login"),
        ("I cannot log in to my account please help. " * 23_000, "login"),
        ("x" * 1_000_000, "unclassified"),
        ("😀" * 1_000_000, "unsupported_lang"),
        (">\n" * 500_000, "unsupported_lang"),
    ],
    ids=["ja", "en", "one word", "emoji", "quotes only"],
)
def test_a_megabyte_gets_one_reason_like_any_other_text(text, reason, read):
    rows = read(documents(text))
    chosen = rows.filter(pc.and_(pc.equal(rows["signal"], "contact_reason"), rows["is_chosen"]))
    assert chosen["value"].to_pylist() == [reason]
    # Evidence points into what was read, whatever the length of the rest.
    assert all((row["evidence_end"] or 0) <= 100_000 for row in rows.to_pylist())


def test_odd_texts_are_redacted_without_harm():
    for text in [*NOTHING_SAID.values(), *READ]:
        assert redact(text) == text
    assert redact_array(pa.array(list(NOTHING_SAID.values()))).to_pylist() == list(NOTHING_SAID.values())
    assert redact("\ud83d a@example.com \x00") == "\ud83d [EMAIL] \x00", "half an emoji hides no address behind it"
