-- One row per ticket that this run builds: its waits in calendar and in business seconds.
with

touched_days as (select * from {{ ref('int_support__touched_days') }}),
tickets as (
    select ticket_id, schedule_id, created_at from {{ ref('int_support__tickets') }}
    where {{ business_date('created_at') }} in (select touched_date from touched_days)
),
milestones as (select * from {{ ref('int_support__ticket_milestones') }}),
status_steps as (
    select
        *,
        row_number() over (partition by ticket_id order by occurred_at, event_id) as step_number
    from {{ ref('int_support__ticket_events') }}
    where event_kind = 'status' and to_value is not null
),
calendar as (select * from {{ ref('int_support__business_calendar') }}),

moments as (
    select
        tickets.ticket_id,
        'status' as kind,
        0 as step_number,
        coalesce(first_step.from_value, 'new') as status,
        tickets.created_at as happened_at
    from tickets
    inner join status_steps as first_step on tickets.ticket_id = first_step.ticket_id and first_step.step_number = 1
    union all
    select
        status_steps.ticket_id,
        'status' as kind,
        status_steps.step_number,
        status_steps.to_value as status,
        greatest(status_steps.occurred_at, status_steps.created_at) as happened_at
    from status_steps
    union all
    select ticket_id, 'created' as kind, null as step_number, null as status, created_at as happened_at
    from tickets
    {% for kind in ['first_reply', 'first_resolved', 'resolved'] %}
    union all
    select ticket_id, '{{ kind }}' as kind, null as step_number, null as status, {{ kind }}_at as happened_at
    from milestones
    where {{ kind }}_at is not null
    {% endfor %}
),

clocked as (
    select
        moments.ticket_id,
        moments.kind,
        moments.step_number,
        moments.status,
        {{ epoch_seconds('moments.happened_at') }} as calendar_seconds,
        {{ open_seconds_at('moments.happened_at', 'calendar') }} as open_seconds
    from moments
    inner join tickets on moments.ticket_id = tickets.ticket_id
    left join calendar
        on tickets.schedule_id = calendar.schedule_id
        and {{ quarter_of('moments.happened_at') }} = calendar.quarter_number
),

-- Every moment knows when its ticket was created and resolved, so that a state ends with the ticket.
spans as (
    select
        *,
        max(case when kind = 'created' then calendar_seconds end) over (partition by ticket_id) as created_calendar,
        max(case when kind = 'created' then open_seconds end) over (partition by ticket_id) as created_open,
        max(case when kind = 'first_resolved' then calendar_seconds end) over (partition by ticket_id) as first_resolved_calendar,
        max(case when kind = 'first_resolved' then open_seconds end) over (partition by ticket_id) as first_resolved_open,
        max(case when kind = 'resolved' then calendar_seconds end) over (partition by ticket_id) as resolved_calendar,
        max(case when kind = 'resolved' then open_seconds end) over (partition by ticket_id) as resolved_open,
        lead(calendar_seconds) over (partition by ticket_id, kind order by step_number) as next_calendar,
        lead(open_seconds) over (partition by ticket_id, kind order by step_number) as next_open
    from clocked
),

durations as (
    select
        ticket_id,
        kind,
        status,
        calendar_seconds - created_calendar as calendar_seconds,
        open_seconds - created_open as business_seconds,
        -- The time in a state is known once the ticket is resolved; until then it still runs.
        case when kind = 'status' and resolved_calendar is not null then {{ state_seconds('calendar', 'resolved') }} end as state_seconds,
        case when kind = 'status' and resolved_open is not null then {{ state_seconds('open', 'resolved') }} end as state_business_seconds,
        case
            when kind = 'status' and first_resolved_calendar is not null then {{ state_seconds('calendar', 'first_resolved') }}
        end as first_state_seconds,
        case
            when kind = 'status' and first_resolved_open is not null then {{ state_seconds('open', 'first_resolved') }}
        end as first_state_business_seconds
    from spans
),

final as (
    select
        ticket_id,
        {% for kind in ['first_reply', 'first_resolved', 'resolved'] %}
        max(case when kind = '{{ kind }}' then calendar_seconds end) as {{ kind }}_seconds,
        max(case when kind = '{{ kind }}' then business_seconds end) as {{ kind }}_business_seconds,
        {% endfor %}
        {% for wait, states, part in [
            ('requester_wait', "'new', 'open', 'hold'", ''), ('agent_wait', "'pending'", ''), ('agent_work', "'new', 'open'", ''),
            ('first_wait', "'new', 'open', 'hold'", 'first_'),
        ] %}
        {% set last = loop.last %}
        {% for clock in ['', 'business_'] %}
        cast(sum(
            case when status in ({{ states }}) then 1 else 0 end * {{ part }}state_{{ clock }}seconds
        ) as bigint) as {{ wait }}_{{ clock }}seconds{{ ',' if not (last and loop.last) }}
        {% endfor %}
        {% endfor %}
    from durations
    group by ticket_id
)

select * from final
