-- One row per document, signal, value and method: what was said, and how it is known.
with

documents as (select * from {{ ref('int_voice__documents') }}),
surveys as (select * from {{ ref('fct_survey_response') }}),

-- The help desk's own categories.
categories as (
    select
        document_id,
        source,
        customer_id,
        text_hash,
        'contact_reason' as signal,
        category as value,
        'category' as method,
        cast(null as varchar) as method_version,
        cast(null as double) as score,
        1.0 as confidence,
        cast(null as varchar) as polarity,
        cast(null as varchar) as modality,
        occurred_at
    from documents
    where source = 'support' and category is not null
),

-- What a person marks needs no text; a cancellation survey beats it.
answers as (
    select
        concat('survey:', response_id) as document_id,
        case when survey_kind = 'cancellation' then 'cancelled' else 'survey' end as source,
        customer_id,
        cast(null as varchar) as text_hash,
        case when survey_kind = 'cancellation' then 'churn_reason' when is_bad then 'dissatisfaction' else 'satisfaction' end as signal,
        case when survey_kind = 'cancellation' then coalesce(reason_code, 'unknown') else survey_kind end as value,
        'survey' as method,
        cast(null as varchar) as method_version,
        score_share as score,
        1.0 as confidence,
        case when survey_kind = 'cancellation' or is_bad then 'complaint' else 'praise' end as polarity,
        'asserted' as modality,
        answered_at as occurred_at
    from surveys
    where answered_at is not null and (survey_kind = 'cancellation' or is_good or is_bad)
),

final as (
    select * from categories
    union all
    select * from answers
)

select * from final
