-- One row per leg of a call, in its newest version.
with

landed as (select * from {{ newest(source('landing', 'calls'), ['call_id'], 'ended_at') }}),

final as (
    select
        call_id,
        ticket_id,
        customer_id,
        {{ agent_pseudonym('agent_id') }} as agent_id,

        coalesce(queue, 'unknown') as queue,
        outcome,

        cast(greatest(coalesce(talk_seconds, 0), 0) as bigint) as talk_seconds,
        cast(greatest(coalesce(hold_seconds, 0), 0) as bigint) as hold_seconds,
        cast(greatest(coalesce(wrap_seconds, 0), 0) as bigint) as wrap_seconds,

        coalesce(direction, 'inbound') = 'inbound' as is_inbound,

        offered_at,
        answered_at,
        ended_at,
        _source as source_name,
        _loaded_at
    from landed
)

select * from final
