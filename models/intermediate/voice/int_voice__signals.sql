-- One row per day of scoring, document, signal, value and method: what was read out of the texts, after the facts and before the marts.
{{ config(materialized='view') }}

with

scored as (select * from {{ computed_or_empty('voc_signal', {
    'as_of_date': 'date', 'document_id': 'string', 'source': 'string', 'customer_id': 'string', 'occurred_at': 'timestamp',
    'text_hash': 'string', 'lang': 'string', 'signal': 'string', 'value': 'string', 'method': 'string', 'score': 'double',
    'confidence': 'double', 'polarity': 'string', 'modality': 'string', 'evidence_term': 'string', 'evidence_start': 'bigint',
    'evidence_end': 'bigint', 'evidence_rule': 'string', 'is_chosen': 'boolean', 'method_version': 'string',
}) }}),

-- What a person marked (a category, a survey) is taken from where it was marked, text or not.
final as (
    select
        cast(as_of_date as date) as scored_on,
        document_id,
        customer_id,
        text_hash,

        source,
        lang,
        signal,
        value,
        method,
        method_version,
        polarity,
        modality,
        evidence_term,
        evidence_rule,

        score,
        confidence,
        evidence_start,
        evidence_end,

        is_chosen,

        occurred_at
    from scored
    where method not in ('survey', 'category')
)

select * from final
