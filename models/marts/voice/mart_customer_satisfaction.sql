-- One row per as-of day and customer: what it answered when it was asked, and when it should be asked again.
{%- set day = as_of_date() %}
{%- set since = add_days(day, '-' ~ setting('voice_window_days')) %}
{%- set nps_since = add_days(day, '-' ~ setting('nps_window_days')) %}
with

customers as (
    select customer_id from {{ ref('stg_customers') }}
    where not is_test and signed_up_at < {{ as_of_instant() }}
),

-- An answer that came after the as-of day is none yet.
surveys as (
    select
        *,
        answered_at < {{ as_of_instant() }} as is_answered_by_then,
        {{ business_date('offered_at') }} as offered_on,
        {{ business_date('answered_at') }} as answered_on
    from {{ ref('fct_survey_response') }}
    where offered_at < {{ as_of_instant() }}
),

feeds as (
    select count(*) > 0 as has_surveys
    from {{ ref('stg_feeds') }}
    where feed = 'survey_responses' and has_rows and first_event_at < {{ as_of_instant() }}
),

asked as (
    select
        customer_id,
        max(offered_on) as last_offered_on,
        max(case when is_answered_by_then then answered_on end) as last_answered_on,
        cast(sum(case when offered_on > {{ since }} then 1 else 0 end) as bigint) as surveys_offered,
        cast(sum(case when offered_on > {{ since }} and is_answered_by_then then 1 else 0 end) as bigint) as surveys_answered
    from surveys
    group by customer_id
),

answers as (
    select
        *,
        row_number() over (partition by customer_id, survey_kind order by answered_at desc, response_id desc) as of_customer,
        row_number() over (partition by survey_kind, coalesce(ticket_id, response_id) order by answered_at desc, response_id desc) as of_ticket,
        row_number() over (partition by customer_id, survey_kind, respondent_id order by answered_at desc, response_id desc) as of_respondent
    from surveys
    where is_answered_by_then and common_score is not null
),

counted as (
    select
        *,
        survey_kind = 'csat' and of_ticket = 1 and answered_on > {{ since }} as in_csat,
        survey_kind = 'nps' and of_respondent = 1 and answered_on > {{ nps_since }} as in_nps
    from answers
),

rated as (
    select
        customer_id,
        cast(sum(case when in_csat and is_good then 1 else 0 end) as bigint) as csat_good,
        cast(sum(case when in_csat and is_bad then 1 else 0 end) as bigint) as csat_bad,
        cast(sum(case when in_nps then 1 else 0 end) as bigint) as nps_answers,
        cast(sum(case when in_nps and is_good then 1 else 0 end) as bigint) as nps_promoters,
        cast(sum(case when in_nps and is_bad then 1 else 0 end) as bigint) as nps_detractors,
        {%- for kind in ['csat', 'nps', 'ces'] %}
        max(case when survey_kind = '{{ kind }}' and of_customer = 1 then common_score end) as last_{{ kind }}_score,
        max(case when survey_kind = '{{ kind }}' and of_customer = 1 then case when is_bad then 1 else 0 end end) = 1 as last_{{ kind }}_bad,
        max(case when survey_kind = '{{ kind }}' and of_customer = 1 then answered_on end) as last_{{ kind }}_on{{ ',' if not loop.last }}
        {%- endfor %}
    from counted
    group by customer_id
),

final as (
    select
        {{ day }} as as_of_date,
        customers.customer_id,

        case when feeds.has_surveys then coalesce(asked.surveys_offered, 0) end as surveys_offered,
        case when feeds.has_surveys then coalesce(asked.surveys_answered, 0) end as surveys_answered,
        {{ published_rate('asked.surveys_answered', 'asked.surveys_offered') }} as response_rate,

        case when feeds.has_surveys then coalesce(rated.csat_good, 0) end as csat_good,
        case when feeds.has_surveys then coalesce(rated.csat_bad, 0) end as csat_bad,
        {{ published_rate('rated.csat_good', '(rated.csat_good + rated.csat_bad)') }} as csat_rate,
        case when feeds.has_surveys then coalesce(rated.nps_answers, 0) end as nps_answers,
        case when feeds.has_surveys then coalesce(rated.nps_promoters, 0) end as nps_promoters,
        case when feeds.has_surveys then coalesce(rated.nps_detractors, 0) end as nps_detractors,
        {{ published_rate('(rated.nps_promoters - rated.nps_detractors)', 'rated.nps_answers') }} * 100 as nps,
        {%- for kind in ['csat', 'nps', 'ces'] %}
        rated.last_{{ kind }}_score,
        {%- endfor %}
        {{ days_between('asked.last_offered_on', day) }} as days_since_offered,
        {{ days_between('asked.last_answered_on', day) }} as days_since_survey,

        not feeds.has_surveys as no_feed,
        {%- for kind in ['csat', 'nps', 'ces'] %}
        rated.last_{{ kind }}_bad,
        {%- endfor %}
        coalesce({{ days_between('asked.last_offered_on', day) }} >= {{ setting('survey_due_days') }}, true) as survey_due,

        {%- for kind in ['csat', 'nps', 'ces'] %}
        rated.last_{{ kind }}_on,
        {%- endfor %}
        asked.last_answered_on
    from customers
    cross join feeds
    left join asked using (customer_id)
    left join rated using (customer_id)
)

select * from final
