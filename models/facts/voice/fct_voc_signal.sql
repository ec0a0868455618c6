-- One row per document, signal, value and method: what was said, and how it is known.
-- A view, because texts are read between facts and marts.
{{ config(materialized='view') }}

with

texts as (
    select * from {{ ref('int_voice__signals') }}
    where scored_on = (select max(scored_on) from {{ ref('int_voice__signals') }})
),

marks as (select * from {{ ref('int_voice__marks') }}),

final as (
    select
        {% set columns = ['document_id', 'customer_id', 'text_hash', 'source', 'lang', 'signal', 'value', 'method', 'method_version',
            'polarity', 'modality', 'evidence_term', 'evidence_rule', 'score', 'confidence', 'evidence_start', 'evidence_end',
            'is_chosen', 'occurred_at', 'scored_on'] -%}
        {{ columns | join(',\n        ') }}
    from texts
    union all
    select
        {{ columns | join(',\n        ') }}
    from marks
)

select * from final
