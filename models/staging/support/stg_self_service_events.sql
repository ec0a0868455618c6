-- One row per search, article or bot session of the help centre.
with

landed as (select * from {{ newest_of_many(source('landing', 'self_service_events'), 'event_id') }}),

final as (
    select
        event_id,
        customer_id,
        user_id,
        article_id,

        kind as event_kind,
        query,

        results,

        is_resolved,
        handed_off as is_handed_off,

        occurred_at,
        _loaded_at
    from landed
)

select * from final
