-- What the customer months hold is what billing, usage and support hold: nothing is lost on the way to the spine.
{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_month'}}}) }}
with

months as (
    select
        sum(net_revenue_minor) as net_revenue_minor,
        sum(events) as events,
        sum(csat_good + csat_bad) as csat_answers
    from {{ ref('fct_customer_month') }}
),

parts as (
    select
        (select sum(net_revenue_minor) from {{ ref('int_billing__customer_month') }}) as net_revenue_minor,
        (
            select sum(usage.events) from {{ ref('int_usage__customer_month') }} as usage
            inner join {{ ref('fct_customer_month') }} as months using (customer_id, month_start_date)
            where months.events is not null
        ) as events,
        (
            select sum(voice.csat_good + voice.csat_bad) from {{ ref('int_voice__customer_month') }} as voice
            inner join {{ ref('fct_customer_month') }} using (customer_id, month_start_date)
        ) as csat_answers
)

select *
from months
cross join parts
where
    months.net_revenue_minor is distinct from parts.net_revenue_minor
    or months.events is distinct from parts.events
    or months.csat_answers is distinct from parts.csat_answers
