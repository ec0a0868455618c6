-- One row per as-of day, document and kind of hint: needs that nothing we sell meets, and uses that nobody planned.
{%- set day = as_of_date() %}
with

said as (
    select * from {{ signals_said() }} as signals
    where
        signal = 'voc_type' and value in ('cannot_use', 'unsolved', 'unexpected_use')
        and occurred_on > {{ add_days(day, '-' ~ setting('voice_window_days')) }}
),
themes as (
    select document_id, min(theme) as theme, max(case when is_negative then 1 else 0 end) = 1 as is_negative
    from {{ themes_said() }} as themes
    group by document_id
),
documents as (select * from {{ ref('int_voice__documents') }}),
customers as (select * from {{ ref('dim_customer') }}),
revenue as (select customer_id, mrr from {{ ref('mart_customer_value') }} where as_of_date = {{ day }}),

hints as (
    select
        document_id,
        value as hint,
        max(source) as source,
        max(customer_id) as customer_id,
        max(lang) as lang,
        min(evidence_term) as evidence_term,
        min(evidence_rule) as evidence_rule,
        max(occurred_on) as occurred_on
    from said
    group by document_id, value
),

final as (
    select
        {{ day }} as as_of_date,
        hints.document_id,
        hints.customer_id,

        hints.hint,
        hints.source,
        hints.lang,
        themes.theme,
        customers.industry,
        customers.employees_band,
        customers.plan,
        customers.purpose_of_use,
        hints.evidence_term,
        hints.evidence_rule,
        left(documents.text, 500) as text_excerpt,

        revenue.mrr,
        {{ setting('reporting_currency', 'string') }} as currency,

        hints.occurred_on
    from hints
    inner join documents on hints.document_id = documents.document_id
    left join themes on hints.document_id = themes.document_id
    left join customers on hints.customer_id = customers.customer_id
    left join revenue on hints.customer_id = revenue.customer_id
)

select * from final
