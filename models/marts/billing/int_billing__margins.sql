-- One row per customer: what came in and went back by the as-of day, ever and in twelve months, and what serving it cost.
{{ config(materialized='ephemeral') }}
with

customers as (select customer_id, min(first_seen_at) as first_seen_at from {{ ref('int_customer__months') }} group by customer_id),
cash as (select * from {{ ref('int_billing__cash') }} where occurred_at < {{ as_of_instant() }}),
work as (select * from {{ ref('fct_work_allocation') }} where worked_at < {{ as_of_instant() }}),

brought as (
    select
        customer_id,
        {{ money_parts('') }},
        {{ money_parts('_12m', 'occurred_on > ' ~ add_months(as_of_date(), -12)) }}
    from cash
    group by customer_id
),

served as (
    select
        customer_id,
        {{ sum_if_known('cost_minor') }} as cost_minor,
        {{ sum_if_known_where('cost_minor', 'worked_on > ' ~ add_months(as_of_date(), -12)) }} as cost_12m_minor
    from work
    where customer_id is not null
    group by customer_id
),

known as (
    select
        {{ feed_known(['subscriptions']) }} as has_subscriptions,
        {{ feed_known(['invoices']) }} as has_invoices,
        {{ feed_known(['tickets', 'calls', 'success_touches']) }} as has_work
),

joined as (
    select
        customers.customer_id,
        customers.first_seen_at,
        known.*,
        {%- for part in ['collected', 'refunds', 'chargebacks', 'fees'] %}
        {%- for span in ['', '_12m'] %}
        case
            when not known.has_invoices then null
            when brought.customer_id is null then 0
            else brought.{{ part }}{{ span }}_minor
        end as {{ part }}{{ span }}_minor,
        {%- endfor %}
        {%- endfor %}
        case when known.has_work then case when served.customer_id is null then 0 else served.cost_minor end end as cost_minor,
        case when known.has_work then case when served.customer_id is null then 0 else served.cost_12m_minor end end as cost_12m_minor
    from customers
    cross join known
    left join brought using (customer_id)
    left join served using (customer_id)
    where customers.first_seen_at < {{ as_of_instant() }}
),

final as (
    select
        *,
        collected_minor - refunds_minor - chargebacks_minor as revenue_minor,
        collected_12m_minor - refunds_12m_minor - chargebacks_12m_minor as revenue_12m_minor,
        (collected_minor - refunds_minor - chargebacks_minor - fees_minor)
        * {{ setting('gross_margin_rate', 'double') }} as gross_margin_minor,
        (collected_12m_minor - refunds_12m_minor - chargebacks_12m_minor - fees_12m_minor)
        * {{ setting('gross_margin_rate', 'double') }} as gross_margin_12m_minor,
        least(12, greatest(1, {{ days_between(business_date('first_seen_at'), as_of_date()) }} / 30.4375)) as months_served
    from joined
)

select * from final
