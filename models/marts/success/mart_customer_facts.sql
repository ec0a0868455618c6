-- One row per as-of day and customer: everything that the decisions read, side by side.
{%- set day = as_of_date() %}
with

customers as (select * from {{ ref('dim_customer') }}),
customer_values as (select * from {{ ref('mart_customer_value') }} where as_of_date = {{ day }}),
effort as (select * from {{ ref('mart_support_effort') }} where as_of_date = {{ day }}),
voice as (select * from {{ ref('mart_customer_voice') }} where as_of_date = {{ day }}),
usage as (select * from {{ ref('mart_usage') }} where as_of_date = {{ day }}),
self_serve as (select * from {{ ref('mart_self_serve') }} where as_of_date = {{ day }}),
swings as (select * from {{ ref('int_support__year_by_customer') }}),
judged as (select * from {{ ref('int_customer__judgements') }}),
goals as (select * from {{ ref('mart_customer_goals') }} where as_of_date = {{ day }}),

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
        goals.purpose_of_use,
        goals.support_need,
        goals.customer_goal,
        judged.fit_judgement,
        voice.hidden_rule as voice_rule,
        voice.silence,

        coalesce(customer_values.tenure_days, {{ days_between(business_date('customers.signed_up_at'), day) }}) as tenure_days,
        {%- for column in ['mrr', 'revenue_12m', 'gross_margin_12m', 'contribution_12m', 'cost_to_serve'] %}
        cast(customer_values.{{ column }} as double) as {{ column }},
        {%- endfor %}
        {%- for column in ['ltv_mean', 'ltv_p10', 'ltv_p50', 'ltv_p90', 'ltv_se', 'renewal_p', 'growth_mean', 'growth_p10', 'growth_p50', 'growth_p90'] %}
        cast(customer_values.{{ column }} as double) as {{ column }},
        {%- endfor %}
        voice.churn_intent,
        effort.demand_hours,
        case when not effort.no_feed then swings.demand_hours_sd end as demand_hours_sd,
        effort.contacts as n_contacts,
        effort.vendor_fault_hours,
        effort.proactive_hours,
        effort.onboarding_hours,
        effort.steady_hours,
        effort.growth_cost_hours,
        self_serve.self_serve_ratio,
        cast(self_serve.months_to_threshold as double) as months_to_threshold,
        self_serve.hours_to_threshold,
        judged.executive_rating,
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
        swings.wait_minutes,
        voice.complaints,
        cast(case when voice.last_csat_bad then 0 when not voice.last_csat_bad then 1 end as double) as csat,
        goals.usefulness_rating,

        customer_values.prior_only,
        customer_values.is_paying,
        voice.last_csat_bad,
        voice.last_nps_bad,
        voice.is_silent,
        voice.is_dissatisfied,
        voice.survey_due,
        voice.is_community_member,
        goals.is_opted_out,

        goals.plan_fit_reviewed_on
    from customer_values
    left join customers using (customer_id)
    left join effort using (customer_id)
    left join voice using (customer_id)
    left join usage using (customer_id)
    left join self_serve using (customer_id)
    left join swings using (customer_id)
    left join judged using (customer_id)
    left join goals using (customer_id)
)

select * from final
