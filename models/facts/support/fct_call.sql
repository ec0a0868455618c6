-- One row per leg of a call, test customers left out; the legs of one call share root_call_id.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='offered_on',
    on_schema_change='fail',
    pre_hook="{{ forget_days('select touched_date from ' ~ ref('int_support__touched_call_days'), 'offered_on') }}"
) }}
with

touched_days as (select * from {{ ref('int_support__touched_call_days') }}),

-- The days beside a touched one are read as well: a leg before or after midnight may belong to a call of the day.
read_days as (
    select distinct {{ add_days('touched_date', 'days_apart') }} as offered_on
    from touched_days
    cross join (select -1 as days_apart union all select 0 as days_apart union all select 1 as days_apart) as neighbours
),

legs as (
    select
        *,
        talk_seconds + hold_seconds + wrap_seconds as handled_seconds
    from {{ ref('int_support__calls') }}
    where offered_on in (select offered_on from read_days)
),

-- A leg follows the leg before when that one was answered and ended moments before.
linked as (
    select
        *,
        case
            when lag(outcome) over caller_legs = 'answered'
                and {{ epoch_seconds('offered_at') }}
                - coalesce(
                    lag({{ epoch_seconds('ended_at') }}) over caller_legs,
                    lag({{ epoch_seconds('answered_at') }} + talk_seconds + hold_seconds) over caller_legs
                )
                <= {{ setting('transfer_gap_seconds') }}
                then 0
            else 1
        end as is_first_leg
    from legs
    window caller_legs as (partition by caller_id, is_inbound order by offered_at, call_id)
),

numbered as (
    select
        *,
        sum(is_first_leg) over (
            partition by caller_id, is_inbound order by offered_at, call_id rows between unbounded preceding and current row
        ) as call_number
    from linked
),

rooted as (
    select
        *,
        first_value(call_id) over (partition by caller_id, is_inbound, call_number order by offered_at, call_id) as root_call_id,
        row_number() over (partition by caller_id, is_inbound, call_number order by offered_at, call_id) as leg_number,
        row_number() over (partition by caller_id, is_inbound, call_number, outcome order by offered_at, call_id) as leg_of_outcome,
        sum(handled_seconds) over (partition by caller_id, is_inbound, call_number) as call_handled_seconds
    from numbered
),

final as (
    select
        call_id,
        root_call_id,
        ticket_id,
        customer_id,
        agent_id,

        queue,
        outcome,
        reason,

        cast(leg_number as integer) as leg_number,
        wait_seconds,
        talk_seconds,
        hold_seconds,
        wrap_seconds,
        handled_seconds,
        -- All legs of a call are one handled call, which counts where it was first answered.
        cast(case when outcome = 'answered' and leg_of_outcome = 1 then call_handled_seconds end as bigint) as call_handled_seconds,

        is_inbound,
        is_inbound as is_offered,
        outcome = 'answered' as is_answered,
        outcome = 'answered' and leg_of_outcome = 1 as is_handled,
        outcome = 'abandoned' as is_abandoned,
        coalesce(outcome = 'abandoned' and wait_seconds < {{ setting('short_abandon_seconds') }}, false) as is_short_abandoned,
        outcome = 'ivr' as is_ivr,
        outcome = 'overflow' as is_overflow,
        coalesce(outcome = 'answered' and wait_seconds <= {{ setting('service_level_seconds') }}, false) as is_within_service_level,

        offered_at,
        offered_on,
        answered_at,
        ended_at,
        {{ call_policy_version() }} as policy_version
    from rooted
    where offered_on in (select touched_date from touched_days)
)

select * from final
