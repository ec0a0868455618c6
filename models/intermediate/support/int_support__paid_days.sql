-- One row per agent and business day with a shift: the seconds that are paid.
with

shifts as (select * from {{ ref('stg_agents_shifts') }}),

-- A shift over midnight of the business zone is paid on both days.
shift_days as (
    select
        shifts.*,
        {{ business_date('starts_at') }} as first_day,
        {{ explode_numbers('0', days_between(business_date('starts_at'), business_date('ends_at'))) }} as day_offset
    from shifts
),

shift_parts as (
    select
        agent_id,
        {{ add_days('first_day', 'day_offset') }} as paid_on,
        {{ epoch_seconds('least(ends_at, ' ~ day_start(add_days('first_day', 'day_offset + 1')) ~ ')') }}
        - {{ epoch_seconds('greatest(starts_at, ' ~ day_start(add_days('first_day', 'day_offset')) ~ ')') }} as paid_seconds
    from shift_days
),

final as (
    select
        agent_id,
        paid_on,

        cast(sum(paid_seconds) as double) as paid_seconds
    from shift_parts
    group by agent_id, paid_on
    having sum(paid_seconds) > 0
)

select * from final
