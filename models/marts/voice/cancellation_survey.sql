-- One row per as-of day and group of leavers: who was asked why and answered, who was asked and did not, and who was not asked.
{%- set day = as_of_date() %}
{%- set window = setting('churn_survey_window_days') %}
with

leavers as (select * from {{ ref('int_voice__leavers') }}),
surveys as (
    select customer_id, {{ business_date('offered_at') }} as offered_on, answered_at < {{ as_of_instant() }} as is_answered
    from {{ ref('fct_survey_response') }}
    where survey_kind = 'cancellation' and offered_at < {{ as_of_instant() }}
),
customers as (select customer_id, {{ business_date('signed_up_at') }} as signed_up_on from {{ ref('stg_customers') }}),
feeds as (
    select min({{ business_date('first_event_at') }}) as surveys_from
    from {{ ref('stg_feeds') }}
    where feed = 'survey_responses' and first_event_at < {{ as_of_instant() }}
),

asked as (
    select
        leavers.customer_id,
        max(case when surveys.is_answered then 1 else 0 end) = 1 as is_answered
    from leavers
    inner join surveys
        on leavers.customer_id = surveys.customer_id
        and surveys.offered_on >= {{ add_days('leavers.decided_on', '-' ~ window) }}
        and surveys.offered_on <= {{ add_days('leavers.ended_on', window) }}
    group by leavers.customer_id
),

-- Of who left before the surveys that we know begin nobody can say whether they were asked.
grouped as (
    select
        case
            when asked.is_answered then 'answered'
            when asked.customer_id is not null then 'not_answered'
            when feeds.surveys_from <= {{ add_days('leavers.ended_on', window) }} then 'not_asked'
            else 'no_feed'
        end as answer,
        leavers.mrr_lost_minor,
        leavers.supported_90d,
        {{ days_between('customers.signed_up_on', 'leavers.decided_on') }} as tenure_days
    from leavers
    cross join feeds
    left join customers on leavers.customer_id = customers.customer_id
    left join asked on leavers.customer_id = asked.customer_id
),

counted as (
    select
        answer,
        cast(count(*) as bigint) as leavers,
        cast(sum(mrr_lost_minor) as bigint) as mrr_lost_minor,
        cast(count(case when supported_90d then 1 end) as bigint) as supported,
        cast(count(supported_90d) as bigint) as supported_known,
        cast(sum(tenure_days) as bigint) as tenure_days,
        cast(count(tenure_days) as bigint) as tenure_known
    from grouped
    group by answer
),

totals as (
    select
        cast(sum(leavers) as bigint) as all_leavers,
        cast(sum(case when answer in ('answered', 'not_answered') then leavers else 0 end) as bigint) as asked,
        cast(sum(case when answer = 'answered' then leavers else 0 end) as bigint) as answered
    from counted
),

responded as (
    select *, {{ published_rate('answered', 'asked') }} as response_rate
    from totals
),

final as (
    select
        {{ day }} as as_of_date,
        counted.answer,

        counted.leavers,
        {{ published_rate('counted.leavers', 'responded.all_leavers') }} as share_of_leavers,
        responded.response_rate,
        {{ wilson_bound('responded.response_rate', 'nullif(responded.asked, 0)', '-') }} as response_rate_low,
        {{ wilson_bound('responded.response_rate', 'nullif(responded.asked, 0)', '+') }} as response_rate_high,
        {{ reporting_amount('counted.mrr_lost_minor') }} as mrr_lost,
        {{ published_rate(reporting_amount('counted.mrr_lost_minor'), 'counted.leavers') }} as mrr_lost_each,
        {{ setting('reporting_currency', 'string') }} as currency,
        {{ published_rate('counted.supported', 'counted.supported_known') }} as supported_rate,
        {{ published_rate('counted.tenure_days', 'counted.tenure_known') }} as tenure_days
    from counted
    cross join responded
)

select * from final
