-- One row per as-of day, period and kind of survey: how many were asked, how many answered, and what they answered.
{%- set day = as_of_date() %}
with

surveys as (
    select
        *,
        {{ business_date('offered_at') }} as offered_on,
        {{ business_date('answered_at') }} as answered_on
    from {{ ref('fct_survey_response') }}
    where offered_at < {{ as_of_instant() }}
),

kinds as (select * from {{ ref('cfg_survey') }} where good_from is not null),

months as (
    select month_start_date, month_end_date from {{ ref('int_calendar__months') }}
    where
        month_end_date <= {{ day }}
        and month_start_date >= {{ add_months(month_start(add_days(day, 1)), '-' ~ setting('satisfaction_months')) }}
),

-- Months that ended by then, and the days up to now over which the NPS is read.
periods as (
    select
        'month' as period,
        month_start_date as period_start,
        month_end_date as period_end,
        {{ add_days(add_days('month_end_date', '-' ~ setting('nps_window_days')), 1) }} as nps_from
    from months
    union all
    select
        'recent' as period,
        {{ add_days(add_days(day, '-' ~ setting('nps_window_days')), 1) }} as period_start,
        {{ day }} as period_end,
        {{ add_days(add_days(day, '-' ~ setting('nps_window_days')), 1) }} as nps_from
),

offered as (
    select
        periods.period,
        periods.period_start,
        surveys.survey_kind,
        cast(count(*) as bigint) as offered,
        cast(sum(case when surveys.answered_on <= periods.period_end then 1 else 0 end) as bigint) as answered
    from periods
    inner join surveys on surveys.offered_on between periods.period_start and periods.period_end
    group by 1, 2, 3
),

-- The newest answer counts: of a ticket for csat, of a respondent for nps (over its window), every answer for ces.
answers as (
    select
        periods.period,
        periods.period_start,
        surveys.survey_kind,
        surveys.is_good,
        surveys.is_bad,
        row_number() over (
            partition by periods.period, periods.period_start, surveys.survey_kind,
                case surveys.survey_kind
                    when 'csat' then coalesce(surveys.ticket_id, surveys.response_id)
                    when 'nps' then surveys.respondent_id
                    else surveys.response_id
                end
            order by surveys.answered_at desc, surveys.response_id desc
        ) as answer_from_newest
    from periods
    inner join surveys
        on surveys.answered_on <= periods.period_end
        and surveys.answered_on >= case when surveys.survey_kind = 'nps' then periods.nps_from else periods.period_start end
    where surveys.common_score is not null
),

judged as (
    select
        period,
        period_start,
        survey_kind,
        cast(count(*) as bigint) as answers,
        cast(sum(case when is_good then 1 else 0 end) as bigint) as good,
        cast(sum(case when is_bad then 1 else 0 end) as bigint) as bad
    from answers
    where answer_from_newest = 1
    group by 1, 2, 3
),

measured as (
    select
        periods.period,
        periods.period_start,
        periods.period_end,
        kinds.survey_kind,
        coalesce(offered.offered, 0) as offered,
        coalesce(offered.answered, 0) as answered,
        coalesce(judged.answers, 0) as answers,
        coalesce(judged.good, 0) as good,
        coalesce(judged.bad, 0) as bad,
        case kinds.survey_kind
            when 'csat' then coalesce(judged.good, 0)
            when 'nps' then coalesce(judged.good, 0) - coalesce(judged.bad, 0)
            else coalesce(judged.good, 0)
        end as score_numerator,
        case kinds.survey_kind when 'csat' then coalesce(judged.good + judged.bad, 0) else coalesce(judged.answers, 0) end as score_denominator
    from periods
    cross join kinds
    left join offered on periods.period = offered.period and periods.period_start = offered.period_start and kinds.survey_kind = offered.survey_kind
    left join judged on periods.period = judged.period and periods.period_start = judged.period_start and kinds.survey_kind = judged.survey_kind
),

final as (
    select
        {{ day }} as as_of_date,
        period,
        period_start,
        period_end,
        survey_kind,

        offered,
        answered,
        {{ published_rate('answered', 'offered') }} as response_rate,
        answers,
        good,
        bad,
        score_numerator,
        score_denominator,
        {{ published_rate('score_numerator', 'score_denominator') }} as score,

        score_denominator >= {{ setting('minimum_group_size') }} as is_published
    from measured
)

select * from final
