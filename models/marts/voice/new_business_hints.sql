-- One row per as-of day, document and kind of hint: needs that nothing we sell meets, and uses that nobody planned.
-- Who can't use it for a fault or a lost password needs support, no new product: such contact reasons are left out.
{%- set day = as_of_date() %}
with

said as (
    select * from {{ signals_said() }} as signals
    where
        signal = 'voc_type' and value in ('cannot_use', 'unsolved', 'unexpected_use')
        and occurred_on > {{ add_days(day, '-' ~ setting('voice_window_days')) }}
),
themes as (
    select document_id, min(theme) as theme
    from {{ themes_said() }} as themes
    group by document_id
),
reasons as (
    select
        signals.document_id,
        min(signals.value) as contact_reason
    from {{ signals_said() }} as signals
    where signals.signal = 'contact_reason' and signals.is_chosen
    group by signals.document_id
),
no_hints as (select reason from {{ ref('cfg_voc_taxonomy') }} where kind = 'contact_reason' and not gives_hints),
documents as (select * from {{ ref('int_voice__documents') }}),
customers as (select * from {{ ref('dim_customer') }}),
revenue as (select customer_id, mrr from {{ ref('mart_customer_value') }} where as_of_date = {{ day }}),

-- Two methods may find the same hint: the one with words to show for it is shown, its rule and its words together.
hints as (
    select *
    from (
        select
            *,
            value as hint,
            row_number() over (
                partition by document_id, value
                order by case when evidence_term is null then 1 else 0 end, method desc, evidence_rule, evidence_term, occurred_at
            ) as shown_first
        from said
    ) as found
    where shown_first = 1
),

final as (
    select
        {{ day }} as as_of_date,
        hints.document_id,
        hints.customer_id,

        hints.hint,
        hints.source,
        hints.lang,
        reasons.contact_reason,
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
    left join reasons on hints.document_id = reasons.document_id
    left join themes on hints.document_id = themes.document_id
    left join customers on hints.customer_id = customers.customer_id
    left join revenue on hints.customer_id = revenue.customer_id
    where reasons.contact_reason is null or reasons.contact_reason not in (select reason from no_hints)
)

select * from final
