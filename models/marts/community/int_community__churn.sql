-- One row per month: payers at its start who are members of the community and others, and how many of each it lost.
{{ config(materialized='ephemeral') }}
{%- set day = as_of_date() %}
with

months as (
    select * from {{ ref('int_calendar__months') }}
    where
        month_end_date <= {{ day }}
        and month_start_date >= {{ add_months(month_start(add_days(day, 1)), '-' ~ setting('satisfaction_months')) }}
),

authored as (select * from {{ ref('int_community__authored') }}),
paying as (select customer_id, month_start_date, is_paying from {{ ref('fct_customer_month') }} where month_start_date < {{ add_days(day, 1) }}),

-- Who paid when the month began, and had written within community_member_days before.
members as (
    select
        months.month_start_date,
        opening.customer_id,
        coalesce(closing.is_paying, false) as has_stayed,
        max(case when authored.customer_id is not null then 1 else 0 end) = 1 as is_member
    from months
    inner join paying as opening on opening.month_start_date = {{ add_months('months.month_start_date', -1) }} and opening.is_paying
    left join paying as closing on opening.customer_id = closing.customer_id and closing.month_start_date = months.month_start_date
    left join authored
        on opening.customer_id = authored.customer_id and authored.posted_on < months.month_start_date
        and authored.posted_on >= {{ add_days('months.month_start_date', '-' ~ setting('community_member_days')) }}
    group by 1, 2, 3
),

final as (
    select
        month_start_date,
        cast(sum(case when is_member then 1 else 0 end) as bigint) as members_at_start,
        cast(sum(case when is_member and not has_stayed then 1 else 0 end) as bigint) as members_lost,
        cast(sum(case when not is_member then 1 else 0 end) as bigint) as others_at_start,
        cast(sum(case when not is_member and not has_stayed then 1 else 0 end) as bigint) as others_lost
    from members
    group by 1
)

select * from final
