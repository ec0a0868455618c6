-- One row per day of scoring, document, signal, value and method: what was read out of the texts.
-- A view out of the graph, because texts are read after the facts and before the marts.
{{ config(materialized='view') }}

with

scored as (select * from {{ texts_read(in_graph=false) }} as computed),

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
