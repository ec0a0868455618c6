-- One row per survey that was offered, answered or not.
with

landed as (select * from {{ newest(source('landing', 'survey_responses'), ['response_id']) }}),

final as (
    select
        response_id,
        customer_id,
        user_id,
        ticket_id,

        kind as survey_kind,
        reason_code,
        comment,

        score,
        scale_min,
        scale_max,

        higher_is_better,

        offered_at,
        responded_at,
        _loaded_at
    from landed
)

select * from final
