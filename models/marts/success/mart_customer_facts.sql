-- One row per as-of day and customer: everything that the decisions read, side by side.
{%- set day = as_of_date() %}
with

customers as (select * from {{ ref('dim_customer') }}),
customer_values as (select * from {{ ref('mart_customer_value') }} where as_of_date = {{ day }}),
effort as (select * from {{ ref('mart_support_effort') }} where as_of_date = {{ day }}),
voice as (select * from {{ ref('mart_customer_voice') }} where as_of_date = {{ day }}),
usage as (select * from {{ ref('mart_usage') }} where as_of_date = {{ day }}),
support_months as (select * from {{ ref('int_support__customer_month') }}),
tickets as (select * from {{ ref('fct_ticket') }} where created_at < {{ as_of_instant() }}),
judgements as (select * from {{ ref('stg_judgements') }} where rated_at < {{ as_of_instant() }}),
requests as (select * from {{ ref('stg_feature_requests') }} where judged_at < {{ as_of_instant() }}),

-- How far the hours of a year swing by themselves: twelve times the variance of a month, months without work included.
monthly as (
    select
        customer_id,
        {{ exact_sum('demand_hours') }} as hours,
        {{ exact_sum('demand_hours * demand_hours') }} as squared_hours
    from support_months
    where
        month_start_date >= {{ add_months(month_start(add_days(day, 1)), -12) }}
        and month_start_date < {{ month_start(add_days(day, 1)) }}
    group by customer_id
),

waits as (
    select customer_id, {{ percentile('first_reply_minutes', 0.5) }} as wait_minutes
    from tickets
    where is_counted and is_inbound and first_reply_at < {{ as_of_instant() }} and created_on > {{ add_months(day, -12) }}
    group by customer_id
),

-- The newest judgement that still counts, whoever gave it.
judged as (
    select * from (
        select
            customer_id,
            judgement_kind,
            judgement_value,
            rating,
            row_number() over (partition by customer_id, judgement_kind order by rated_at desc, rater) as from_newest
        from judgements
        where expires_at is null or expires_at >= {{ as_of_instant() }}
    ) as ranked
    where from_newest = 1
),

judgement as (
    select
        customer_id,
        max(case when judgement_kind = 'executive' then rating end) as executive_rating,
        max(case when judgement_kind = 'fit' then lower(trim(judgement_value)) end) as fit_judgement
    from judged
    group by customer_id
),

requested as (
    select * from (
        select
            customer_id,
            fit_judgement,
            row_number() over (partition by customer_id order by judged_at desc, request_id) as from_newest
        from requests
    ) as ranked
    where from_newest = 1
),

final as (
    select
        {{ day }} as as_of_date,
        customer_values.customer_id,
        customers.parent_customer_id,

        customers.customer_name as name,
        customer_values.lifecycle_stage,
        customers.owner_name as owner,
        customer_values.plan_tier as plan,
        customers.entity_type,
        customers.industry,
        customers.country,
        customers.employees_band,
        customer_values.original_currency as currency,
        customer_values.currency as reporting_currency,
        customers.purpose_of_use,
        coalesce(judgement.fit_judgement, requested.fit_judgement) as fit_judgement,
        voice.hidden_rule as voice_rule,
        voice.silence,

        coalesce(customer_values.tenure_days, {{ days_between(business_date('customers.signed_up_at'), day) }}) as tenure_days,
        {%- for column in ['mrr', 'revenue_12m', 'gross_margin_12m', 'contribution_12m', 'cost_to_serve'] %}
        cast(customer_values.{{ column }} as double) as {{ column }},
        {%- endfor %}
        {%- for column in ['ltv_mean', 'ltv_p10', 'ltv_p50', 'ltv_p90', 'ltv_se', 'renewal_p', 'growth_p10', 'growth_p50', 'growth_p90'] %}
        cast(customer_values.{{ column }} as double) as {{ column }},
        {%- endfor %}
        voice.churn_intent,
        effort.demand_hours,
        case
            when not effort.no_feed
                then round(sqrt(greatest(12 * (monthly.squared_hours - monthly.hours * monthly.hours / 12) / 11, 0)), 6)
        end as demand_hours_sd,
        effort.contacts as n_contacts,
        effort.vendor_fault_hours,
        effort.proactive_hours,
        effort.onboarding_hours,
        effort.steady_hours,
        effort.growth_cost_hours,
        judgement.executive_rating,
        case
            when voice.upsell_signals is not null or usage.upgrade_days_28d is not null then least(
                cast(1 as double),
                coalesce(voice.upsell_signals, 0) * {{ setting('upgrade_text_strength', 'double') }}
                + coalesce(usage.upgrade_days_28d, 0) * {{ setting('upgrade_view_strength', 'double') }}
            )
        end as upgrade_intent,
        usage.utilisation_rate,
        usage.usage_z,
        usage.features_used_28d as features_used,
        usage.active_users_28d as active_users,
        usage.integrations_28d as integrations,
        voice.days_since_touch,
        voice.days_since_contact,
        voice.days_since_survey,
        usage.feed_age_days as days_since_usage,
        waits.wait_minutes,
        voice.complaints,

        customer_values.prior_only,
        customer_values.is_paying,
        voice.last_csat_bad,
        voice.last_nps_bad,
        voice.is_silent,
        voice.is_dissatisfied,
        voice.survey_due,
        voice.is_community_member
    from customer_values
    left join customers using (customer_id)
    left join effort using (customer_id)
    left join voice using (customer_id)
    left join usage using (customer_id)
    left join monthly using (customer_id)
    left join waits using (customer_id)
    left join judgement using (customer_id)
    left join requested using (customer_id)
)

select * from final
