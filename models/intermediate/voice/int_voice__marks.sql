-- One row per document and signal that a person marked: the category of a ticket, the answer to a survey.
with

tickets as (select * from {{ ref('fct_ticket') }} where is_counted and reason <> 'unclassified'),
surveys as (select * from {{ ref('fct_survey_response') }} where answered_at is not null),
reasons as (select * from {{ ref('cfg_voc_taxonomy') }} where kind = 'churn_reason'),

categories as (
    select
        concat('support:', ticket_id) as document_id,
        customer_id,
        'support' as source,
        'contact_reason' as signal,
        reason as value,
        'category' as method,
        cast(null as string) as polarity,
        cast(null as double) as score,
        created_at as occurred_at
    from tickets
),

answers as (
    select
        concat('survey:', response_id) as document_id,
        customer_id,
        'survey' as source,
        case when is_bad then 'dissatisfaction' else 'satisfaction' end as signal,
        survey_kind as value,
        'survey' as method,
        case when is_bad then 'negative' else 'positive' end as polarity,
        score_share as score,
        answered_at as occurred_at
    from surveys
    where survey_kind <> 'cancellation' and (is_good or is_bad)
),

-- Why somebody leaves, in the words of the taxonomy; a code that it does not know stays visible.
leavings as (
    select
        concat('survey:', surveys.response_id) as document_id,
        max(surveys.customer_id) as customer_id,
        'cancellation' as source,
        'churn_reason' as signal,
        coalesce(min(reasons.reason), max(lower(trim(surveys.reason_code))), 'unknown') as value,
        'survey' as method,
        'negative' as polarity,
        cast(null as double) as score,
        max(surveys.answered_at) as occurred_at
    from surveys
    left join reasons
        on lower(trim(surveys.reason_code)) = reasons.reason
        or position(concat(';', lower(trim(surveys.reason_code)), ';') in concat(';', lower(reasons.aliases), ';')) > 0
    where surveys.survey_kind = 'cancellation'
    group by surveys.response_id
),

marked as (
    select * from categories
    union all
    select * from answers
    union all
    select * from leavings
),

final as (
    select
        document_id,
        customer_id,
        cast(null as string) as text_hash,

        source,
        cast(null as string) as lang,
        signal,
        value,
        method,
        cast(null as string) as method_version,
        polarity,
        'asserted' as modality,
        cast(null as string) as evidence_term,
        cast(null as string) as evidence_rule,

        score,
        cast(1.0 as double) as confidence,
        cast(null as bigint) as evidence_start,
        cast(null as bigint) as evidence_end,

        true as is_chosen,

        occurred_at,
        cast(null as date) as scored_on
    from marked
)

select * from final
