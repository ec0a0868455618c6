-- One row per thing an agent spent time on: a ticket, an answered leg of a call, a session of the success team; with the time reported.
with

tickets as (select * from {{ ref('fct_ticket') }}),
calls as (select * from {{ ref('fct_call') }}),
touches as (select *, {{ session_key() }} as session_key from {{ ref('stg_success_touches') }}),

sessions as (
    select
        session_key,
        min(touch_kind) as touch_kind,
        {{ agent_pseudonym('min(owner_name)') }} as agent_id,
        max(minutes) as minutes,
        min(occurred_at) as occurred_at
    from touches
    -- Without owner and minutes nobody worked: mails and guides that go out by themselves.
    where owner_name is not null or minutes is not null
    group by session_key
),

-- Work on a ticket counts when it was first resolved: later events don't move that day. Until then it is provisional and
-- has no day. A ticket that is a call's record holds only the work beside the call.
activities as (
    select
        'ticket' as source_kind,
        ticket_id as source_id,
        agent_id,
        channel,
        reason,
        first_resolved_at as worked_at,
        coalesce(first_resolved_at, updated_at, created_at) as priced_at,
        cast(
            case when call_seconds > 0 then greatest(coalesce(handle_seconds, 0) - call_seconds, 0) else handle_seconds end as double
        ) as measured_seconds,
        case
            when is_live and call_seconds = 0 and handle_seconds > 0 and first_resolved_at is not null
                then {{ epoch_seconds('first_resolved_at') }} - handle_seconds
        end as started_seconds,
        first_resolved_at is null as is_provisional
    from tickets
    where is_counted
    union all
    select
        'call' as source_kind,
        call_id as source_id,
        agent_id,
        'phone' as channel,
        reason,
        coalesce(answered_at, offered_at) as worked_at,
        offered_at as priced_at,
        cast(handled_seconds as double) as measured_seconds,
        {{ epoch_seconds('answered_at') }} as started_seconds,
        false as is_provisional
    from calls
    where is_answered
    union all
    select
        'touch' as source_kind,
        session_key as source_id,
        agent_id,
        'touch' as channel,
        touch_kind as reason,
        occurred_at as worked_at,
        occurred_at as priced_at,
        round(cast(minutes as double) * 60) as measured_seconds,
        {{ epoch_seconds('occurred_at') }} as started_seconds,
        false as is_provisional
    from sessions
),

final as (
    select
        source_kind,
        source_id,
        agent_id,
        channel,
        reason,

        measured_seconds,
        started_seconds,

        is_provisional,

        worked_at,
        {{ business_date('worked_at') }} as worked_on,
        {{ business_date('priced_at') }} as priced_on,
        {{ month_start(business_date('worked_at')) }} as worked_month
    from activities
)

select * from final
