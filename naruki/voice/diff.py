"""What a change of the rules would change: documents whose signals differ, before anyone publishes it."""

from dataclasses import replace

import pyarrow as pa

from naruki.voice.examples import Examples
from naruki.voice.pipeline import score_documents
from naruki.voice.redact import Redactor
from naruki.voice.rules import RuleSet
from naruki.voice.settings import VoiceSettings
from naruki.voice.taxonomy import Taxonomy

DIFFERENCES = pa.schema(
    [
        ("document_id", pa.string()),
        ("source", pa.string()),
        ("signal", pa.string()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("evidence", pa.string()),
        ("text", pa.string()),
    ]
)


def diff_signals(
    documents: pa.Table,
    old: tuple[Taxonomy, RuleSet],
    new: tuple[Taxonomy, RuleSet],
    settings: VoiceSettings,
    examples: Examples | None = None,
) -> pa.Table:
    """One row per document and signal whose values differ (`DIFFERENCES`), the values joined by a comma, '' for none.

    Values carry their modality where it is not plain assertion ('request (negated)'), and what a person marked says so
    ('login (category)'). `evidence` is the phrase and rule behind the new values, `text` is redacted again.
    `examples` are read with both rules; the classifier of the help desk's categories is left out: it doesn't depend on them.
    """
    import duckdb

    alone = replace(settings, min_labels=documents.num_rows + 1, cluster_min_texts=documents.num_rows + 2)
    with duckdb.connect() as connection:
        before = score_documents(documents, *old, None, alone, examples)
        connection.register("before", before)
        connection.register("after", score_documents(documents, *new, before, alone, examples, old[1]))
        connection.register("documents", documents.select(["document_id", "source", "text"]))
        found = connection.execute(_SQL).to_arrow_table()
    redactor = Redactor()
    texts = pa.array([redactor.text(text) for text in found["text"].to_pylist()], pa.string())
    return found.set_column(found.column_names.index("text"), "text", texts).cast(DIFFERENCES)


def _values(table: str) -> str:
    return f"""
        select document_id, source, signal,
            string_agg(
                value || case
                    when method in ('category', 'survey') then ' (' || method || ')'
                    when modality in ('asserted', 'question') or modality is null then ''
                    else ' (' || modality || ')'
                end, ', ' order by method in ('category', 'survey'), value, modality
            ) as "values",
            string_agg(evidence_term || ' [' || evidence_rule || ']', ', ' order by value, modality) as evidence
        from {table} where method in ('rules', 'language', 'examples', 'category', 'survey') group by document_id, source, signal
    """


_SQL = f"""
with old as ({_values("before")}), new as ({_values("after")})
select document_id, source, signal, coalesce(old.values, '') as "before", coalesce(new.values, '') as "after",
    coalesce(new.evidence, '') as evidence, documents.text
from old full join new using (document_id, source, signal) inner join documents using (document_id, source)
where old.values is distinct from new.values
order by document_id, source, signal
"""
