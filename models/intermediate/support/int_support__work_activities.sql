-- One row per thing an agent spent time on: a ticket, an answered leg of a call, a session of the success team; with the time reported.
with

tickets as (select * from {{ ref('fct_ticket') }}),
calls as (select * from {{ ref('fct_call') }}),
touches as (select *, {{ session_key() }} as session_key from {{ ref('stg_success_touches') }}),
seeded as (select * from {{ ref('cfg_handle_time') }}),

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

dated as (
    select
        *,
        {{ month_start(business_date('worked_at')) }} as worked_month
    from activities
),

-- What was known before the month: averages of a reason and channel up to the month before.
monthly as (
    select
        source_kind,
        channel,
        reason,
        worked_month,
        count(measured_seconds) as known_count,
        sum(measured_seconds) as known_seconds
    from dated
    where not is_provisional
    group by source_kind, channel, reason, worked_month
),

known as (
    select
        source_kind,
        channel,
        reason,
        worked_month,
        sum(known_count) over before_month as known_count,
        sum(known_seconds) over before_month as known_seconds
    from monthly
    window
        before_month as (
            partition by source_kind, channel, reason order by worked_month rows between unbounded preceding and 1 preceding
        )
),

defaults as (
    select * from (
        select
            kinds.channel,
            kinds.reason,
            seeded.handle_seconds,
            row_number() over (
                partition by kinds.channel, kinds.reason order by seeded.reason = '*', seeded.channel = '*', seeded.reason, seeded.channel
            ) as choice
        from (select distinct channel, reason from monthly) as kinds
        inner join seeded on seeded.channel in (kinds.channel, '*') and seeded.reason in (kinds.reason, '*')
    ) as ranked
    where choice = 1
),

final as (
    select
        dated.source_kind,
        dated.source_id,
        dated.agent_id,
        dated.channel,
        dated.reason,

        coalesce(
            dated.measured_seconds,
            case when known.known_count >= {{ setting('handle_time_min_count') }} then round(known.known_seconds / known.known_count) end,
            cast(defaults.handle_seconds as double)
        ) as reported_seconds,
        dated.started_seconds,

        dated.measured_seconds is null as is_imputed,
        dated.is_provisional,

        dated.worked_at,
        {{ business_date('dated.worked_at') }} as worked_on,
        {{ business_date('dated.priced_at') }} as priced_on
    from dated
    left join known
        on dated.source_kind = known.source_kind
        and dated.channel = known.channel
        and dated.reason = known.reason
        and dated.worked_month = known.worked_month
    left join defaults
        on dated.channel = defaults.channel
        and dated.reason = defaults.reason
    -- An open ticket without a reported time may not have been touched at all.
    where dated.measured_seconds is not null or not dated.is_provisional
)

select * from final
