"""What must not land as it came: texts are redacted, e-mail addresses become keyed hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import duckdb
import pyarrow as pa

from naruki.errors import NarukiError

REDACT, REDACT_JSON = "naruki_redact", "naruki_redact_json"
# Texts repeat (properties of events, templates of mails): what was redacted is remembered, up to this many texts.
_REMEMBERED = 100_000


class Redaction:
    """The redaction of one connection: SQL functions whose known names may grow while tables land."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.know(())
        con.create_function(REDACT, self._texts, ["VARCHAR"], "VARCHAR", type="arrow")
        con.create_function(REDACT_JSON, self._documents, ["VARCHAR"], "VARCHAR", type="arrow")

    def know(self, names: Iterable[str]) -> None:
        """From now on redact these names of customers wherever they stand, and no others."""
        from naruki.voice.redact import Redactor

        self._redactor = Redactor(sorted(set(names)))
        self._known: dict[str, str] = {}

    def text(self, text: str) -> str:
        """One text, such as a message, redacted."""
        return self._redactor.text(text)

    def _texts(self, texts: pa.ChunkedArray) -> pa.Array:
        encoded = texts.combine_chunks().dictionary_encode()
        return pa.array(self._redacted(encoded.dictionary.to_pylist()), pa.string()).take(encoded.indices)

    def _documents(self, texts: pa.ChunkedArray) -> pa.Array:
        encoded = texts.combine_chunks().dictionary_encode()
        before = encoded.dictionary.to_pylist()
        after = [
            text if text == given else _still_json(text)
            for given, text in zip(before, self._redacted(before), strict=True)
        ]
        return pa.array(after, pa.string()).take(encoded.indices)

    def _redacted(self, texts: list[str]) -> list[str]:
        # Other threads may empty the memory meanwhile: what is looked up has to be held here.
        known = self._known
        fresh = [text for text in texts if text not in known]
        if not fresh:
            return [known[text] for text in texts]
        answers = dict(zip(fresh, self._redactor.array(pa.array(fresh, pa.string())).to_pylist(), strict=True))
        result = [answers[text] if text in answers else known[text] for text in texts]
        if len(known) + len(answers) > _REMEMBERED:
            self._known = answers
        else:
            known.update(answers)
        return result


def _still_json(text: str) -> str:
    """Redacted JSON; where a tag broke it (a number became one), the whole becomes a JSON string."""
    try:
        json.loads(text)
    except ValueError:
        return json.dumps(text, ensure_ascii=False)
    return text


def prepare_privacy(con: duckdb.DuckDBPyConnection, salt: str) -> Redaction:
    """Give a connection the function that redacts and the key that hashes.

    The key is kept in variables of the connection, so that no statement and no error message holds it.
    Raises NarukiError without a salt.
    """
    if not salt:
        raise NarukiError("No salt is set for hashing e-mail addresses; set NARUKI_SALT or let the home make one.")
    key = salt.encode()
    key = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    for name, pad in (("naruki_inner", 0x36), ("naruki_outer", 0x5C)):
        con.execute(f"set variable {name} = unhex('{bytes(byte ^ pad for byte in key).hex()}')")
    return Redaction(con)


def hashed(text: str) -> str:
    """SQL: HMAC-SHA256 (hex) of the lower-cased, trimmed text; null for null."""
    return keyed(f"lower(trim({text}))")


def keyed(text: str) -> str:
    """SQL: HMAC-SHA256 (hex) of the text with the salt as key; null for null."""
    inner = f"sha256(getvariable('naruki_inner') || encode({text}))"
    return f"case when {text} is not null then sha256(getvariable('naruki_outer') || unhex({inner})) end"


def redacted(text: str) -> str:
    """SQL: the text with personal data replaced by tags; null for null."""
    return f"{REDACT}({text})"


def redacted_json(text: str) -> str:
    """SQL: the same for JSON, which stays JSON."""
    return f"{REDACT_JSON}({text})"
