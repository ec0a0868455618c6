"""Bytes of any delivery -> chunks of UTF-8 text with `\\n` line ends, streaming and in constant memory."""

from __future__ import annotations

import codecs
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

CHUNK = 1 << 20
# Deliveries compress up to a thousandfold; small bites keep a decompressed chunk small.
_BITE = 1 << 15

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# What the cp932 codec also accepts although no Japanese text holds it: stray bytes of other encodings.
_STRAY = re.compile("[\x80\xa0\uf8f0-\uf8f3]")
# What only Japanese text gives by chance-proof measure: kana, circled digits, two kanji or half-width kana in a row.
_JAPANESE = re.compile("[ぁ-ゖァ-ヺ①-⑳Ⅰ-Ⅹ㈱㈲]|[ｦ-ﾟ]{2}|[\u4e00-\u9fff\uf900-\ufaff]{2}")


class UnreadableFile(Exception):
    """The whole file fails; the message is one half of a sentence that says why and the way out."""


def sha256_of(path: Path) -> str:
    """SHA-256 of the file as delivered (hex)."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise UnreadableFile(f"can't be opened ({error.strerror}); deliver it again") from None
    return digest.hexdigest()


def plain_chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes, decompressed if it is gzip or zstd; a truncated or damaged archive raises UnreadableFile."""
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
            stream.seek(0)
            if magic.startswith(_GZIP):
                yield from _decompressed(stream, "gzip")
            elif magic == _ZSTD:
                yield from _decompressed(stream, "zstd")
            elif magic and path.suffix.lower() in {".gz", ".zst", ".zstd"}:
                raise UnreadableFile(f"is named {path.suffix} but isn't compressed so; deliver it again or rename it")
            else:
                while chunk := stream.read(CHUNK):
                    yield chunk
    except OSError as error:
        raise UnreadableFile(f"can't be read ({error.strerror or 'read error'}); deliver it again") from None


def _decompressed(stream: Iterable[bytes], kind: str) -> Iterator[bytes]:
    import zstandard

    def machine():  # type: ignore[no-untyped-def]
        return zlib.decompressobj(31) if kind == "gzip" else zstandard.ZstdDecompressor().decompressobj()

    current, fresh = machine(), True
    try:
        while bite := stream.read(_BITE):  # type: ignore[attr-defined]
            while bite:
                if fresh:
                    # Padding with zeros after the last member is legal and holds nothing.
                    bite = bite.lstrip(b"\0") if kind == "gzip" else bite
                    if not bite:
                        break
                data = current.decompress(bite)
                fresh = False
                if data:
                    yield data
                bite = current.unused_data if current.eof else b""
                if current.eof:
                    current, fresh = machine(), True
    except (zlib.error, zstandard.ZstdError) as error:
        raise UnreadableFile(f"is a damaged {kind} archive ({error}); deliver it again") from None
    if not fresh:
        raise UnreadableFile(f"is a truncated {kind} archive; deliver it again")


def head_of(path: Path, size: int = 1 << 16) -> bytes:
    """The first bytes after decompression."""
    head = b""
    for chunk in plain_chunks(path):
        head += chunk
        if len(head) >= size:
            break
    return head[:size]


def encoding_by_mark(head: bytes) -> str | None:
    """The encoding that a byte order mark states, if there is one."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(head) >= 64 and head.count(0) > len(head) // 4:
        raise UnreadableFile(
            "looks like UTF-16 without a byte order mark; state `encoding: utf-16-le` (or -be) in sources.yml"
        )
    return None


def is_cp932(path: Path) -> bool:
    """Whether a file that is not clean UTF-8 is CP932 (Shift_JIS) as a whole, rather than UTF-8 with broken rows.

    It is if every byte decodes strictly, Japanese text comes out, and lines that are valid non-ASCII UTF-8 are fewer
    than lines that aren't UTF-8 at all.
    """
    decoder = codecs.getincrementaldecoder("cp932")("strict")
    japanese, utf8_lines, other_lines, carry = False, 0, 0, b""
    try:
        for chunk in plain_chunks(path):
            text = decoder.decode(chunk)
            if _STRAY.search(text):
                return False
            japanese = japanese or bool(_JAPANESE.search(text))
            lines = (carry + chunk).split(b"\n")
            carry = lines.pop()
            for line in lines:
                if not line.isascii():
                    valid = _is_utf8(line)
                    utf8_lines, other_lines = utf8_lines + valid, other_lines + (not valid)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    if not carry.isascii():
        valid = _is_utf8(carry)
        utf8_lines, other_lines = utf8_lines + valid, other_lines + (not valid)
    return japanese and other_lines > utf8_lines


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def utf8_chunks(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Chunks in UTF-8 without byte order mark and with `\\n` line ends.

    What can't be decoded becomes bytes that are not UTF-8, so that the rows that hold them are found and quarantined.
    """
    pending = b""
    for chunk in _transcoded(chunks, encoding):
        chunk = pending + chunk
        pending = b""
        if b"\r" in chunk:
            if chunk.endswith(b"\r"):
                chunk, pending = chunk[:-1], b"\r"
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if chunk:
            yield chunk
    if pending:
        yield b"\n"


def _transcoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    name = codecs.lookup(encoding).name
    if name in {"utf-8", "utf-8-sig", "ascii"}:
        head: bytes | None = b""
        for chunk in chunks:
            if head is None:
                yield chunk
            elif len(head + chunk) >= len(codecs.BOM_UTF8):
                yield (head + chunk).removeprefix(codecs.BOM_UTF8)
                head = None
            else:
                head += chunk
        if head:
            yield head
        return
    wide = name.startswith(("utf-16", "utf-32"))
    decoder = codecs.getincrementaldecoder(name)("surrogatepass" if wide else "surrogateescape")
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"is not {encoding} ({error.reason}); state the right `encoding:` or deliver it again"
        ) from None
