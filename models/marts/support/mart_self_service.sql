-- One row per as-of day, week and kind of self-service: how many sessions were enough and how many ended in a contact all the same.
with

sessions as (
    select *, {{ week_start('occurred_on') }} as week_start_date from {{ ref('int_support__self_service') }}
    where occurred_at < {{ as_of_instant() }}
),
calendar as (select * from {{ ref('int_support__business_calendar') }}),
zones as (select * from {{ ref('cfg_schedule_zone') }} where time_zone = {{ setting('business_time_zone', 'string') }}),

-- A session is settled when the time in which a contact may follow is over: only weeks of which all sessions are settled.
bounds as (
    select
        {{ add_days(week_start(add_days(as_of_date(), 1)), '-7 * ' ~ setting('contact_reason_weeks')) }} as first_week,
        {{ week_start(add_days(
            as_of_date(), '1 - cast(ceil(' ~ setting('search_to_contact_hours') ~ ' / 24.0) as integer)'
        )) }} as first_unsettled_week
),

timed as (
    select
        sessions.*,
        calendar.is_open
    from sessions
    inner join bounds on sessions.week_start_date >= bounds.first_week and sessions.week_start_date < bounds.first_unsettled_week
    cross join zones
    left join calendar
        on zones.schedule_id = calendar.schedule_id
        and {{ quarter_of('sessions.occurred_at') }} = calendar.quarter_number
),

counted as (
    select
        week_start_date,
        event_kind,
        cast(count(*) as bigint) as sessions,
        cast(count(case when is_resolved then 1 end) as bigint) as resolved,
        cast(count(is_resolved) as bigint) as resolved_known,
        cast(count(case when is_handed_off then 1 end) as bigint) as handed_off,
        cast(count(is_handed_off) as bigint) as handed_off_known,
        cast(count(case when is_without_result then 1 end) as bigint) as without_result,
        cast(count(case when event_kind = 'search' then results end) as bigint) as results_known,
        cast(count(case when not is_followed_by_contact and not coalesce(is_handed_off, false) then 1 end) as bigint) as contained,
        cast(count(case when is_followed_by_contact then 1 end) as bigint) as recontacted,
        cast(count(is_followed_by_contact) as bigint) as followed_known,
        cast(count(case when not is_open then 1 end) as bigint) as out_of_hours,
        cast(count(is_open) as bigint) as hours_known
    from timed
    group by week_start_date, event_kind
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        week_start_date,
        event_kind,

        sessions,
        resolved,
        resolved_known,
        {{ rate('resolved', 'resolved_known') }} as resolved_rate,
        handed_off,
        handed_off_known,
        {{ rate('handed_off', 'handed_off_known') }} as hand_off_rate,
        without_result,
        results_known,
        {{ rate('without_result', 'results_known') }} as without_result_rate,
        contained,
        recontacted,
        followed_known,
        {{ rate('contained', 'followed_known') }} as containment_rate,
        {{ rate('recontacted', 'followed_known') }} as recontact_rate,
        out_of_hours,
        hours_known,
        {{ rate('out_of_hours', 'hours_known') }} as out_of_hours_share
    from counted
)

select * from final
