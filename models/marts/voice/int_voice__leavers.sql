-- One row per customer that left for good, or said so, within churn_triangulation_days before the as-of day; its newest leaving counts.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
with

final as (
    select
        customer_id,
        {{ business_date('coalesce(notice_at, ended_at)') }} as decided_on,
        {{ business_date('ended_at') }} as ended_on,
        mrr_lost_minor,
        supported_90d
    from (
        select
            *,
            row_number() over (partition by customer_id order by coalesce(notice_at, ended_at) desc, ended_at desc) as newest_first
        from {{ ref('fct_churn_event') }}
        where not is_pause and coalesce(notice_at, ended_at) < {{ as_of_instant() }}
    ) as churns
    where newest_first = 1 and {{ business_date('coalesce(notice_at, ended_at)') }} > {{ add_days(day, '-' ~ setting('churn_triangulation_days')) }}
)

select * from final
