-- One row per survey offered to a customer, answered or not, on a scale that can be compared.
with

surveys as (select * from {{ ref('stg_survey_responses') }}),
kinds as (select * from {{ ref('cfg_survey') }}),
customers as (select * from {{ ref('stg_customers') }}),

scaled as (
    select
        surveys.*,
        kinds.good_from,
        kinds.bad_to,
        coalesce(surveys.scale_min, kinds.scale_min) as lowest,
        coalesce(surveys.scale_max, kinds.scale_max) as highest,
        coalesce(surveys.higher_is_better, kinds.higher_is_better) as is_upward,
        surveys.responded_at is not null or surveys.score is not null or surveys.reason_code is not null as is_answered
    from surveys
    left join kinds using (survey_kind)
    left join customers using (customer_id)
    where not coalesce(customers.is_test, false)
),

-- 0 is the worst answer and 1 the best; a score off its own scale is no answer that can be judged.
shares as (
    select
        *,
        case
            when score < lowest or score > highest or lowest >= highest then null
            when is_upward then (score - lowest) / (highest - lowest)
            else (highest - score) / (highest - lowest)
        end as score_share
    from scaled
),

judged as (
    select
        *,
        case survey_kind
            when 'csat' then score_share
            when 'nps' then round(score_share * 10)
            when 'ces' then 1 + round(score_share * 6)
        end as common_score
    from shares
),

final as (
    select
        response_id,
        customer_id,
        user_id,
        coalesce(user_id, customer_id) as respondent_id,
        ticket_id,

        survey_kind,
        reason_code,

        score,
        score_share,
        common_score,

        is_answered,
        common_score >= good_from as is_good,
        common_score <= bad_to as is_bad,
        comment is not null as has_comment,

        coalesce(offered_at, responded_at) as offered_at,
        case when is_answered then coalesce(responded_at, offered_at) end as answered_at,
        _loaded_at as loaded_at
    from judged
)

select * from final
