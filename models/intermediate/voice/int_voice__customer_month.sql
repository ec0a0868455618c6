-- One row per customer and month in which a survey was offered, or an answer still counted.
with

surveys as (select *, {{ business_date('answered_at') }} as answered_on from {{ ref('fct_survey_response') }}),
months as (
    select *, {{ add_days('measured_on', '-' ~ setting('nps_window_days')) }} as nps_after from {{ ref('int_calendar__months') }}
),

offered as (
    select
        surveys.customer_id,
        months.month_start_date,
        cast(count(*) as bigint) as surveys_offered,
        cast(sum(case when surveys.answered_at < months.measured_at then 1 else 0 end) as bigint) as surveys_answered
    from surveys
    inner join months on surveys.offered_at >= months.starts_at and surveys.offered_at < months.measured_at
    group by 1, 2
),

-- The newest answer of a ticket counts, as of the month's end: a later month changes nothing here.
rated as (
    select
        surveys.customer_id,
        months.month_start_date,
        surveys.is_good,
        surveys.is_bad,
        row_number() over (
            partition by months.month_start_date, coalesce(surveys.ticket_id, surveys.response_id)
            order by surveys.answered_at desc, surveys.response_id desc
        ) as answer_from_newest
    from surveys
    inner join months on surveys.answered_at >= months.starts_at and surveys.answered_at < months.measured_at
    where surveys.survey_kind = 'csat' and surveys.common_score is not null
),

csat as (
    select
        customer_id,
        month_start_date,
        cast(sum(case when is_good then 1 else 0 end) as bigint) as csat_good,
        cast(sum(case when is_bad then 1 else 0 end) as bigint) as csat_bad
    from rated
    where answer_from_newest = 1
    group by 1, 2
),

recommended as (
    select
        surveys.customer_id,
        months.month_start_date,
        surveys.is_good,
        surveys.is_bad,
        row_number() over (
            partition by months.month_start_date, surveys.customer_id, surveys.respondent_id
            order by surveys.answered_at desc, surveys.response_id desc
        ) as answer_from_newest
    from surveys
    inner join months
        on surveys.answered_at < months.measured_at
        and surveys.answered_on > months.nps_after
    where surveys.survey_kind = 'nps' and surveys.common_score is not null
),

nps as (
    select
        customer_id,
        month_start_date,
        cast(count(*) as bigint) as nps_answers,
        cast(sum(case when is_good then 1 else 0 end) as bigint) as nps_promoters,
        cast(sum(case when is_bad then 1 else 0 end) as bigint) as nps_detractors
    from recommended
    where answer_from_newest = 1
    group by 1, 2
),

keys as (
    select customer_id, month_start_date from offered
    union
    select customer_id, month_start_date from csat
    union
    select customer_id, month_start_date from nps
),

final as (
    select
        keys.customer_id,
        keys.month_start_date,

        coalesce(offered.surveys_offered, 0) as surveys_offered,
        coalesce(offered.surveys_answered, 0) as surveys_answered,
        coalesce(csat.csat_good, 0) as csat_good,
        coalesce(csat.csat_bad, 0) as csat_bad,
        coalesce(nps.nps_answers, 0) as nps_answers,
        coalesce(nps.nps_promoters, 0) as nps_promoters,
        coalesce(nps.nps_detractors, 0) as nps_detractors
    from keys
    left join offered using (customer_id, month_start_date)
    left join csat using (customer_id, month_start_date)
    left join nps using (customer_id, month_start_date)
)

select * from final
