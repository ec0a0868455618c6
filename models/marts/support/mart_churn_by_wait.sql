-- One row per as-of day and wait band: paying customers of a while ago by how long they had waited, and how many have left since.
{%- set days = setting('wait_churn_days') %}
{%- set cohort_at = day_start(add_days(as_of_date(), '1 - ' ~ days)) %}
with

terms as (select * from {{ ref('fct_subscription_interval') }} where mrr_minor > 0),
tickets as (
    select * from {{ ref('fct_ticket') }}
    where is_inbound and not is_spam and (not is_merged or merged_at >= {{ cohort_at }})
        and first_resolved_at < {{ cohort_at }}
        and first_resolved_at >= {{ day_start(add_days(as_of_date(), '1 - 2 * ' ~ days)) }}
),

-- The cohort is frozen before anyone leaves, and its waits lie before it: what comes after can't choose its band.
cohort as (
    select
        customer_id,
        max(case when {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }} then 1 else 0 end) = 1 as stays
    from terms
    group by customer_id
    having max(case when {{ stood_before(cohort_at, 'valid_from_at', 'valid_to_at') }} then 1 else 0 end) = 1
),

waits as (
    select
        customer_id,
        max(case when is_long_wait then 1 when not is_long_wait then 0 end) as longest
    from tickets
    where customer_id is not null
    group by customer_id
),

banded as (
    select
        cohort.customer_id,
        cohort.stays,
        case
            when waits.customer_id is null then 'no_contact'
            when waits.longest = 1 then 'long'
            when waits.longest = 0 then 'short'
            else 'unknown'
        end as wait_band
    from cohort
    left join waits on cohort.customer_id = waits.customer_id
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        wait_band,

        cast(count(*) as bigint) as customers,
        cast(count(case when not stays then 1 end) as bigint) as churned,
        {{ published_rate('count(case when not stays then 1 end)', 'count(*)') }} as churn_rate,
        case
            when count(*) >= {{ setting('minimum_group_size') }}
                then {{ wilson_bound('cast(count(case when not stays then 1 end) as double) / count(*)', 'count(*)', '-') }}
        end as churn_rate_low,
        case
            when count(*) >= {{ setting('minimum_group_size') }}
                then {{ wilson_bound('cast(count(case when not stays then 1 end) as double) / count(*)', 'count(*)', '+') }}
        end as churn_rate_high
    from banded
    where {{ feed_known(['tickets']) }}
    group by wait_band
)

select * from final
