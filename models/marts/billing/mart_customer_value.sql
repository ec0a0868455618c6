-- One row per as-of day and customer: what it brought, what it cost to serve, what it is likely to bring.
with

margins as (select * from {{ ref('int_billing__margins') }}),
predicted as (select * from {{ ref('mart_value_baseline') }} where as_of_date = {{ as_of_date() }}),
scored as (select * from {{ value_prediction() }} as computed where as_of_date = {{ as_of_date() }}),

-- The prediction (renewal model or retention curve) speaks for those who go on: of who gave notice or left, more is known.
modelled as (
    select scored.*
    from scored
    left join predicted on scored.customer_id = predicted.customer_id
    where
        (scored.method in ('hazard', 'segment_retention') and predicted.method = 'segment_retention')
        or (scored.method in ('bgnbd', 'past_spend') and (predicted.customer_id is null or predicted.method = 'never_paid'))
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        margins.customer_id,

        {{ setting('reporting_currency', 'string') }} as currency,
        predicted.original_currency,
        coalesce(predicted.lifecycle_stage, case when margins.has_subscriptions then 'prospect' end) as lifecycle_stage,
        predicted.plan_tier,
        predicted.interval_group,

        case when margins.has_subscriptions then coalesce(predicted.mrr, case when predicted.customer_id is null then 0 end) end as mrr,
        predicted.seats,
        {{ in_reporting_currency('margins.collected_minor') }} as collected,
        {{ in_reporting_currency('margins.refunds_minor') }} as refunds,
        {{ in_reporting_currency('margins.chargebacks_minor') }} as chargebacks,
        {{ in_reporting_currency('margins.fees_minor') }} as fees,
        {{ in_reporting_currency('margins.revenue_minor') }} as net_revenue,
        {{ in_reporting_currency('margins.revenue_12m_minor') }} as revenue_12m,
        {{ in_reporting_currency('margins.gross_margin_minor') }} as gross_margin,
        {{ in_reporting_currency('margins.gross_margin_12m_minor') }} as gross_margin_12m,
        {{ in_reporting_currency('margins.cost_minor') }} as cost_to_serve_total,
        {{ in_reporting_currency('margins.cost_12m_minor') }} as cost_to_serve,
        {{ in_reporting_currency('margins.gross_margin_minor - margins.cost_minor') }} as historical_margin,
        {{ in_reporting_currency('margins.gross_margin_12m_minor - margins.cost_12m_minor') }} as contribution_12m,

        {%- for column in ['ltv_mean', 'ltv_p10', 'ltv_p50', 'ltv_p90'] %}
        {{ modelled(column) }} as {{ column }},
        {%- endfor %}
        cast(modelled.ltv_se as decimal(18, 2)) as ltv_se,
        predicted.ltv_mean as ltv_baseline,
        coalesce(cast(modelled.ltv_naive as decimal(18, 2)), predicted.ltv_mean) as ltv_naive,
        {%- for column in ['renewal_p', 'renewal_p_low', 'renewal_p_high'] %}
        {{ modelled(column, 'double') }} as {{ column }},
        {%- endfor %}
        scored.growth_mean,
        scored.growth_p10,
        scored.growth_p50,
        scored.growth_p90,
        cast(round({{ modelled('ltv_mean') }} - coalesce(modelled.discounted_months, predicted.expected_months, 0)
            * cast(margins.cost_12m_minor as double) / {{ reporting_minor_units() }} / margins.months_served, 2) as decimal(18, 2))
            as net_value,
        coalesce(modelled.method, predicted.method, case when margins.has_subscriptions then 'never_paid' end) as method,
        {%- for language in ['en', 'ja'] %}
        coalesce(modelled.reason_1_{{ language }}, predicted.reason_1_{{ language }}) as reason_1_{{ language }},
        modelled.reason_2_{{ language }},
        modelled.reason_3_{{ language }},
        {%- endfor %}
        case when modelled.customer_id is not null then cast(round(modelled.n_effective) as bigint) else predicted.n_effective end as n_effective,
        modelled.model_version,

        coalesce(predicted.is_paying, case when margins.has_subscriptions then false end) as is_paying,
        coalesce(case when modelled.is_promoted then modelled.prior_only end, predicted.prior_only, false) as prior_only,
        not margins.has_invoices as is_revenue_unknown,
        not margins.has_work as is_effort_unknown,

        predicted.tenure_days,
        predicted.term_end_on,
        predicted.notice_at
    from margins
    left join predicted on margins.customer_id = predicted.customer_id
    left join scored on margins.customer_id = scored.customer_id
    left join modelled on margins.customer_id = modelled.customer_id
)

select * from final
