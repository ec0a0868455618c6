-- One row per thing that a prospect did.
with

landed as (select * from {{ newest(source('landing', 'lead_events'), ['event_id']) }}),

final as (
    select
        event_id,
        lead_id,

        kind as event_kind,

        occurred_at,
        _loaded_at
    from landed
)

select * from final
