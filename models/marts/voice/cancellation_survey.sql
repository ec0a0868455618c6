-- One row per as-of day and group of leavers: who was asked why and answered, who was asked and did not, and who was not asked.
{%- set day = as_of_date() %}
with

churns as (
    select *, coalesce(notice_at, ended_at) as decided_at, {{ business_date('coalesce(notice_at, ended_at)') }} as decided_on
    from {{ ref('fct_churn_event') }}
    where not is_pause and coalesce(notice_at, ended_at) < {{ as_of_instant() }}
),
surveys as (
    select customer_id, {{ business_date('offered_at') }} as offered_on, answered_at < {{ as_of_instant() }} as is_answered
    from {{ ref('fct_survey_response') }}
    where survey_kind = 'cancellation' and offered_at < {{ as_of_instant() }}
),
customers as (select customer_id, {{ business_date('signed_up_at') }} as signed_up_on from {{ ref('stg_customers') }}),

asked as (
    select
        churns.customer_id,
        churns.decided_at,
        max(case when surveys.is_answered then 1 else 0 end) = 1 as is_answered
    from churns
    inner join surveys
        on churns.customer_id = surveys.customer_id
        and surveys.offered_on >= {{ add_days('churns.decided_on', '-' ~ setting('churn_survey_window_days')) }}
        and surveys.offered_on <= {{ add_days('churns.decided_on', setting('churn_survey_window_days')) }}
    group by churns.customer_id, churns.decided_at
),

leavers as (
    select
        case when asked.customer_id is null then 'not_asked' when asked.is_answered then 'answered' else 'not_answered' end as answer,
        churns.mrr_lost_minor,
        churns.supported_90d,
        {{ days_between('customers.signed_up_on', 'churns.decided_on') }} as tenure_days
    from churns
    inner join customers on churns.customer_id = customers.customer_id
    left join asked on churns.customer_id = asked.customer_id and churns.decided_at = asked.decided_at
    where churns.decided_on > {{ add_days(day, '-' ~ setting('churn_triangulation_days')) }}
),

counted as (
    select
        answer,
        cast(count(*) as bigint) as leavers,
        cast(sum(mrr_lost_minor) as bigint) as mrr_lost_minor,
        cast(count(case when supported_90d then 1 end) as bigint) as supported,
        cast(count(supported_90d) as bigint) as supported_known,
        cast(sum(tenure_days) as bigint) as tenure_days
    from leavers
    group by answer
),

final as (
    select
        {{ day }} as as_of_date,
        answer,

        leavers,
        {{ rate('leavers', 'sum(leavers) over ()') }} as share_of_leavers,
        cast(sum(case when answer = 'answered' then leavers else 0 end) over () as double)
        / nullif(sum(case when answer <> 'not_asked' then leavers else 0 end) over (), 0) as response_rate,
        {{ reporting_amount('mrr_lost_minor') }} as mrr_lost,
        {{ published_rate(reporting_amount('mrr_lost_minor'), 'leavers') }} as mrr_lost_each,
        {{ setting('reporting_currency', 'string') }} as currency,
        {{ published_rate('supported', 'supported_known') }} as supported_rate,
        {{ published_rate('tenure_days', 'leavers') }} as tenure_days
    from counted
)

select * from final
