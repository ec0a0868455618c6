-- The hours of customers and months are the allocated minutes of known customers, by kind and by lifecycle.
{{ config(meta={'dagster': {'ref': {'name': 'int_support__customer_month'}}}) }}
with

months as (select * from {{ ref('int_support__customer_month') }}),
work as (select * from {{ ref('fct_work_allocation') }} where customer_id is not null and not is_provisional),

totals as (
    select
        (select coalesce(sum(demand_hours + vendor_fault_hours + proactive_hours + internal_hours), 0) from months) as hours_by_kind,
        (select coalesce(sum(onboarding_hours + steady_hours), 0) from months) as hours_by_lifecycle,
        (select coalesce(sum(minutes), 0) / 60 from work) as hours_allocated
)

select * from totals
where abs(hours_by_kind - hours_allocated) > 0.02 or abs(hours_by_lifecycle - hours_allocated) > 0.02
