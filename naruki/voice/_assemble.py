"""From signals of texts to signals of documents: reuse, joins, and which method's answer stands. DuckDB over Arrow
tables."""

import pyarrow as pa
import pyarrow.compute as pc

from naruki.voice.signals import TEXT_ROWS
from naruki.voice.taxonomy import CHURN_REASON, CONTACT_REASON, Taxonomy

CANCELLATION = "cancellation"

_VALUE_FIELDS = [field for field in TEXT_ROWS if field.name not in ("text_id", "for_cancellations_only")]
HASHED_ROWS = pa.schema(
    [
        ("text_hash", pa.string()),
        ("lang", pa.string()),
        *_VALUE_FIELDS,
        ("for_cancellations_only", pa.bool_()),
        ("method_version", pa.string()),
    ]
)
# One row per document, signal, value and method; `is_chosen` marks the answer that stands where methods differ.
SIGNALS = pa.schema(
    [
        ("document_id", pa.string()),
        ("source", pa.string()),
        ("customer_id", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("text_hash", pa.string()),
        ("lang", pa.string()),
        *_VALUE_FIELDS,
        ("is_chosen", pa.bool_()),
        ("method_version", pa.string()),
    ]
)
_VALUES = ", ".join(field.name for field in _VALUE_FIELDS)


def _query(sql: str, **tables: pa.Table) -> pa.Table:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(sql).to_arrow_table()


def with_version(done: pa.Table, old: str, new: str, but: list[str]) -> pa.Table:
    """The rows of an earlier call, those of the version `old` as if read under `new`, but for some texts (hashes)."""
    is_touched = pc.is_in(done["text_hash"], pa.array(but, pa.string()))
    stands = pc.and_(pc.equal(done["method_version"], old), pc.invert(is_touched))
    place = done.column_names.index("method_version")
    return done.set_column(place, "method_version", pc.if_else(stands, new, done["method_version"]))


def reusable(docs: pa.Table, done: pa.Table, version: str, methods: tuple[str, ...]) -> tuple[pa.Table, list[str]]:
    """Rows of earlier calls (`HASHED_ROWS`) for these documents' texts under the same version, and the hashes still
    to be read.

    A text that was only ever read outside of cancellations is read again when it first comes as the answer to one:
    its reasons
    to leave were not kept.
    """
    names = ", ".join(f"'{method}'" for method in methods)
    known = _query(
        f"""
        select distinct text_hash, source = '{CANCELLATION}' as is_cancellation
        from done where method_version = '{version}' and method in ({names})
        """,
        done=done,
    )
    missing = _query(
        f"""
        select distinct text_hash from docs
        where text_hash not in (
            select docs.text_hash from docs inner join known
                on docs.text_hash = known.text_hash and known.is_cancellation >= (docs.source = '{CANCELLATION}')
        ) order by text_hash
        """,
        docs=docs,
        known=known,
    )
    rows = _query(
        f"""
        select distinct text_hash, lang, {_VALUES},
            signal = '{CHURN_REASON}' and text_hash not in (
                select text_hash from done where signal = 'churn_intent' and modality = 'asserted' and method_version
                = '{version}'
            ) as for_cancellations_only,
            method_version
        from done
        where method_version = '{version}' and method in ({names})
            and text_hash in (select text_hash from docs) and text_hash not in (select text_hash from missing)
        order by text_hash, signal, value
        """,
        done=done,
        docs=docs,
        missing=missing,
    )
    return rows.cast(HASHED_ROWS), missing["text_hash"].to_pylist()


def hashed(rows: pa.Table, hashes: list[str], languages: list[str], version: str) -> pa.Table:
    """Rows of texts (`TEXT_ROWS`) with the texts' hash and language instead of their position."""
    texts = pa.table(
        {
            "text_id": pa.array(range(len(hashes)), pa.int64()),
            "text_hash": pa.array(hashes, pa.string()),
            "lang": pa.array(languages, pa.string()),
        }
    )
    return _query(
        f"""
        select text_hash, lang, {_VALUES}, for_cancellations_only, '{version}' as method_version
        from rows inner join texts using (text_id) order by text_id, signal, value
        """,
        rows=rows,
        texts=texts,
    ).cast(HASHED_ROWS)


def rows_of_documents(docs: pa.Table, rows: pa.Table) -> pa.Table:
    """Each document with the rows of its text; reasons to leave only where somebody leaves."""
    return _query(
        f"""
        select document_id, source, customer_id, cast(occurred_at as timestamp) as occurred_at, text_hash, lang,
        {_VALUES},
            cast(null as boolean) as is_chosen, method_version
        from docs inner join rows using (text_hash)
        where not for_cancellations_only or source = '{CANCELLATION}'
        order by document_id, source, signal, value, method
        """,
        docs=docs,
        rows=rows,
    ).cast(SIGNALS)


def category_rows(docs: pa.Table, by_rules: pa.Table, taxonomy: Taxonomy) -> pa.Table:
    """What a person already said: the help desk's category of a contact, the reason code of a cancellation."""
    import pyarrow.compute as pc

    names = pc.unique(pc.drop_null(docs["category"].combine_chunks())).to_pylist() if docs.num_rows else []
    kinds = [(kind, name, taxonomy.meant_by(kind, name)) for kind in (CONTACT_REASON, CHURN_REASON) for name in names]
    meanings = [row for row in kinds if row[2]]
    columns = ("signal", "category", "value")
    meaning = pa.table({name: pa.array([row[at] for row in meanings], pa.string()) for at, name in enumerate(columns)})
    return _query(
        f"""
        with languages as (
            select text_hash, any_value(lang) as lang, any_value(polarity) as polarity from by_rules group by text_hash
        )
        select document_id, source, customer_id, cast(occurred_at as timestamp) as occurred_at, text_hash, lang,
            signal, value, if(source = '{CANCELLATION}', 'survey', 'category') as method, 1.0 as score, 1.0 as
            confidence,
            polarity, 'asserted' as modality, null as evidence_term, null as evidence_start, null as evidence_end,
            null as evidence_rule, null as is_chosen, '{taxonomy.version}' as method_version
        from docs inner join meaning using (category) left join languages using (text_hash)
        where (signal = '{CHURN_REASON}') = (source = '{CANCELLATION}')
        order by document_id, source, signal
        """,
        docs=docs,
        meaning=meaning,
        by_rules=by_rules,
    ).cast(SIGNALS)


def without_reason(docs: pa.Table, by_people: pa.Table) -> pa.Table:
    """Documents to which nobody has given a contact reason."""
    return _query(
        f"""
        select docs.* from docs anti join (select document_id, source from by_people where signal = '{CONTACT_REASON}') as told
            using (document_id, source)
        order by document_id, source
        """,
        docs=docs,
        by_people=by_people,
    )


def with_choice(signals: pa.Table) -> pa.Table:
    """`is_chosen`: a person's word before the classifier's, that before the rules'; signals of one method all stand.

    A classifier that doesn't know leaves the word to the rules.
    """
    names = ", ".join(name for name in SIGNALS.names if name != "is_chosen")
    return (
        _query(
            f"""
            with ranked as (
                select {names}, case
                    when method in ('survey', 'category') then 0
                    when method = 'linear' then if(value = 'unclassified', 4, 1)
                    when value = 'unclassified' then 3
                    else 2
                end as place
                from signals
            )
            select {names}, place = min(place) over (partition by document_id, source, signal) as is_chosen
            from ranked order by document_id, source, signal, value, method
            """,
            signals=signals,
        )
        .select(SIGNALS.names)
        .cast(SIGNALS)
    )


def unclassified(docs: pa.Table, signals: pa.Table) -> pa.Table:
    """Documents whose chosen contact reason is unclassified: identity, text, language and month."""
    return _query(
        """
        select document_id, docs.source, docs.customer_id, cast(docs.occurred_at as timestamp) as occurred_at,
            docs.text_hash, lang, polarity, text, strftime(docs.occurred_at, '%Y-%m') as month
        from docs inner join signals using (document_id, source)
        where signal = 'contact_reason' and value = 'unclassified' and is_chosen and docs.occurred_at is not null
        order by document_id, source
        """,
        docs=docs,
        signals=signals,
    )


def theme_rows(rows: pa.Table, names: list[str | None], versions: list[str | None]) -> pa.Table:
    """The unnamed theme of each clustered document."""
    named = rows.append_column("value", pa.array(names, pa.string()))
    return _query(
        """
        select document_id, source, customer_id, occurred_at, text_hash, lang, 'unnamed_theme' as signal, value,
            'cluster' as method, null as score, null as confidence, polarity, null as modality, null as evidence_term,
            null as evidence_start, null as evidence_end, null as evidence_rule, true as is_chosen, method_version
        from named where value is not null order by document_id, source
        """,
        named=named.append_column("method_version", pa.array(versions, pa.string())),
    ).cast(SIGNALS)
