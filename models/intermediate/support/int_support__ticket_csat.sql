-- One row per rated ticket: the newest answer, where it lies on its own scale, 1 being best.
{{ config(materialized='ephemeral') }}
with

surveys as (select * from {{ ref('stg_survey_responses') }}),

final as (
    select * from (
        select
            ticket_id,
            case when coalesce(higher_is_better, true)
                then (score - scale_min) / nullif(scale_max - scale_min, 0)
                else (scale_max - score) / nullif(scale_max - scale_min, 0)
            end as csat_score,
            responded_at as csat_responded_at,
            row_number() over (partition by ticket_id order by responded_at desc, response_id desc) as answer_from_newest
        from surveys
        where survey_kind = 'csat' and ticket_id is not null and score is not null and responded_at is not null
    ) as answers
    where answer_from_newest = 1
)

select * from final
