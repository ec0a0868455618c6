"""All signals of all documents: rules, the help desk's own categories, a classifier, and names for what nobody has
named yet."""

import hashlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from naruki.errors import NarukiError
from naruki.voice import _assemble
from naruki.voice.clusters import cluster_texts
from naruki.voice.edits import texts_touched
from naruki.voice.examples import METHOD as EXAMPLES
from naruki.voice.examples import Examples
from naruki.voice.judge import with_examples
from naruki.voice.language import detect_language
from naruki.voice.matching import match_rules
from naruki.voice.normalise import normalise, text_hashes
from naruki.voice.reasons import CODE_VERSION, Labelled, enough_labels, predict_reasons
from naruki.voice.rules import RuleSet
from naruki.voice.settings import VoiceSettings
from naruki.voice.signals import TEXT_ROWS, text_rows
from naruki.voice.taxonomy import CONTACT_REASON, Taxonomy

DOCUMENT_COLUMNS = ("document_id", "source", "customer_id", "occurred_at", "category", "text", "text_hash")
SIGNALS = _assemble.SIGNALS


@dataclass(frozen=True)
class _Texts:
    """Distinct texts: their hash, normalised form and language."""

    hashes: list[str]
    plain: pa.Array
    languages: list[str]


def score_documents(
    documents: pa.Table,
    taxonomy: Taxonomy,
    rules: RuleSet,
    previous: pa.Table | None,
    settings: VoiceSettings,
    examples: Examples | None = None,
    rules_before: RuleSet | None = None,
) -> pa.Table:
    """One row per document, signal, value and method (`SIGNALS`), of documents with a text.

    `documents` has `DOCUMENT_COLUMNS`: redacted text, its sha256 (computed where null), instants in UTC without zone;
    source 'cancellation' marks answers given while cancelling, whose category is the reason code of the survey.
    `previous` are rows of an earlier call: texts that the same version of a method has read are not read again, and of
    those that `rules_before` have read only what the edit touches. Languages without rules get 'unsupported_lang' and
    nothing else. `examples` teach what no rule has a phrase for; None leaves it to the rules.
    """
    docs = _documents(documents)
    done = previous if previous is not None else SIGNALS.empty_table()
    beside = [examples.version] if examples else []
    rules_version = method_version(rules, taxonomy, settings, *beside)
    if rules_before is not None:
        version_before = method_version(rules_before, taxonomy, settings, *beside)
        if version_before != rules_version:
            touched = _touched_by_edit(docs, done, version_before, rules_before, rules, settings)
            done = _assemble.with_version(done, version_before, rules_version, touched)
    old, new_hashes = _assemble.reusable(docs, done, rules_version, ("rules", "language", EXAMPLES))
    labelled_docs = _labelled(docs, taxonomy, settings)
    texts = _read(docs, set(new_hashes) | set(labelled_docs), settings)
    read = _rule_rows(texts, new_hashes, rules, taxonomy, rules_version, examples)
    by_rules = _assemble.rows_of_documents(docs, pa.concat_tables([old, read]))
    by_people = _assemble.category_rows(docs, by_rules, taxonomy)
    # What a person said stands: only the other documents need a guess.
    others = _assemble.without_reason(docs, by_people)
    parts = [by_rules, by_people]
    for learnt in _labelled_by_language(texts, labelled_docs, settings):
        parts.append(_linear_rows(others, by_rules, done, learnt, settings))
    signals = _assemble.with_choice(pa.concat_tables(parts))
    return pa.concat_tables([signals, _cluster_rows(docs, signals, settings)])


def _documents(documents: pa.Table) -> pa.Table:
    missing = [name for name in DOCUMENT_COLUMNS if name not in documents.column_names]
    if missing:
        raise NarukiError(f"The documents lack the columns {', '.join(missing)}; give {', '.join(DOCUMENT_COLUMNS)}.")
    docs = documents.select(list(DOCUMENT_COLUMNS))
    docs = docs.filter(
        pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(docs["text"].cast(pa.large_string())), ""), False)
    )
    if docs["text_hash"].null_count:
        hashes = pc.coalesce(docs["text_hash"].cast(pa.string()), text_hashes(docs["text"]))
        docs = docs.set_column(docs.column_names.index("text_hash"), "text_hash", hashes)
    return docs


def method_version(rules: RuleSet, taxonomy: Taxonomy, settings: VoiceSettings, *more: str) -> str:
    """A hash of everything that decides what the rules find, and of `more`."""
    return _hash(rules.version, taxonomy.version, CODE_VERSION, str(settings.max_characters), *more)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read(docs: pa.Table, wanted: set[str], settings: VoiceSettings) -> _Texts:
    """The distinct texts with the wanted hashes, normalised, with their language (which needs the letters as
    written)."""
    distinct = docs.group_by("text_hash", use_threads=False).aggregate([("text", "first")])
    distinct = distinct.filter(pc.is_in(distinct["text_hash"], pa.array(sorted(wanted), pa.string())))
    return _Texts(
        distinct["text_hash"].to_pylist(),
        normalise(distinct["text_first"], settings.max_characters),
        detect_language(distinct["text_first"]),
    )


def _touched_by_edit(
    docs: pa.Table, done: pa.Table, version: str, before: RuleSet, after: RuleSet, settings: VoiceSettings
) -> list[str]:
    """Hashes of the texts read under a version of which other rules may say something else."""
    read = set(done.filter(pc.equal(done["method_version"], version))["text_hash"].unique().to_pylist())
    texts = _read(docs, read, settings) if read else _Texts([], pa.array([], pa.string()), [])
    return [texts.hashes[place] for place in texts_touched(texts.plain, texts.languages, before, after).to_pylist()]


def _rule_rows(
    texts: _Texts, hashes: list[str], rules: RuleSet, taxonomy: Taxonomy, version: str, examples: Examples | None
) -> pa.Table:
    wanted = set(hashes)
    rows = [row for row, text_hash in enumerate(texts.hashes) if text_hash in wanted]
    if not rows:
        return _assemble.HASHED_ROWS.empty_table()
    plain, languages = texts.plain.take(pa.array(rows)), [texts.languages[row] for row in rows]
    hits = match_rules(plain, languages, rules)
    found = text_rows(plain, languages, hits, rules, taxonomy)
    if examples is not None:
        found = with_examples(plain, languages, hits, found, examples, rules, taxonomy)
    return _assemble.hashed(found, [texts.hashes[row] for row in rows], languages, version)


def _labelled(docs: pa.Table, taxonomy: Taxonomy, settings: VoiceSettings) -> dict[str, list[str]]:
    """Reasons that people gave, by text hash: of documents from before `train_before`."""
    if settings.train_before is not None:
        docs = docs.filter(pc.less(docs["occurred_at"], pa.scalar(settings.train_before, docs["occurred_at"].type)))
    found: dict[str, list[str]] = {}
    has_category = docs.filter(pc.is_valid(docs["category"])).select(["text_hash", "category", "source"])
    for text_hash, category, source in zip(
        *(has_category[name].to_pylist() for name in has_category.column_names), strict=True
    ):
        reason = taxonomy.meant_by(CONTACT_REASON, category) if source != _assemble.CANCELLATION else None
        if reason:
            found.setdefault(text_hash, []).append(reason)
    return found


def _labelled_by_language(texts: _Texts, labelled: dict[str, list[str]], settings: VoiceSettings) -> list[Labelled]:
    pairs: dict[str, list[tuple[str, str]]] = {}
    for text_hash, plain, language in zip(texts.hashes, texts.plain.to_pylist(), texts.languages, strict=True):
        pairs.setdefault(language, []).extend((plain, reason) for reason in labelled.get(text_hash, ()))
    found = (enough_labels(language, pairs[language], settings) for language in sorted(pairs))
    return [learnt for learnt in found if learnt is not None]


def _linear_rows(
    docs: pa.Table, by_rules: pa.Table, done: pa.Table, learnt: Labelled, settings: VoiceSettings
) -> pa.Table:
    """The classifier's reason for every supported text of its language; texts that the same model has read are not
    read again."""
    of_language = by_rules.filter(
        pc.and_(pc.equal(by_rules["lang"], learnt.language), pc.equal(by_rules["method"], "rules"))
    )["text_hash"]
    mine = docs.filter(pc.is_in(docs["text_hash"], of_language.combine_chunks()))
    version = _hash(learnt.version, str(settings.seed), str(settings.max_characters))
    old, new_hashes = _assemble.reusable(mine, done, version, ("linear",))
    texts = _read(mine, set(new_hashes), settings)
    labels, scores = predict_reasons(learnt, texts.plain.to_pylist(), settings)
    count = len(labels)
    columns = {
        "text_id": pa.array(range(count), pa.int64()),
        "signal": pa.array([CONTACT_REASON] * count, pa.string()),
        "value": pa.array(labels, pa.string()),
        "method": pa.array(["linear"] * count, pa.string()),
        "score": pa.array(scores, pa.float64()),
        "confidence": pa.array(scores, pa.float64()),
        "modality": pa.array(["asserted"] * count, pa.string()),
        "for_cancellations_only": pa.array([False] * count, pa.bool_()),
    }
    table = pa.table([columns.get(field.name, pa.nulls(count, field.type)) for field in TEXT_ROWS], schema=TEXT_ROWS)
    new = _assemble.hashed(table, texts.hashes, [learnt.language] * count, version)
    return _assemble.rows_of_documents(mine, pa.concat_tables([old, new]))


def _cluster_rows(docs: pa.Table, signals: pa.Table, settings: VoiceSettings) -> pa.Table:
    """A row per unclassified document of a month and language that has enough of them: signal 'unnamed_theme', value
    its terms."""
    unnamed = _assemble.unclassified(docs, signals)
    codes = pc.binary_join_element_wise(unnamed["month"], unnamed["lang"], "/")
    names: list[str | None] = [None] * unnamed.num_rows
    versions: list[str | None] = [None] * unnamed.num_rows
    for code in sorted(pc.unique(codes).to_pylist()):
        rows = pc.indices_nonzero(pc.equal(codes, code))
        some = unnamed.take(rows)
        plain = normalise(some["text"], settings.max_characters).to_pylist()
        found = cluster_texts(
            plain, code.partition("/")[2], settings.seed, settings.cluster_min_texts, settings.cluster_max
        )
        version = _hash(CODE_VERSION, str(settings), *sorted(some["text_hash"].to_pylist()))
        for row, label in zip(rows.to_pylist(), found.labels, strict=True):
            names[row], versions[row] = (found.names[label] if label >= 0 else None), version
    return _assemble.theme_rows(unnamed, names, versions)
