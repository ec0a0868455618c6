-- One row per activity of an agent: its seconds after work at the same time was split and the day was held to the paid hours.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='built_on',
    on_schema_change='fail',
    pre_hook="{{ forget_days('select touched_date from ' ~ ref('int_support__touched_work_days'), 'built_on') }}"
) }}
with

touched_days as (select * from {{ ref('int_support__touched_work_days') }}),
priced as (select * from {{ ref('int_support__priced_activities') }}),

-- Work over midnight shares its time with work of the days beside.
read_days as (
    select distinct {{ add_days('touched_date', 'days_apart') }} as built_on
    from touched_days
    cross join (select -1 as days_apart union all select 0 as days_apart union all select 1 as days_apart) as neighbours
),

activities as (select * from priced where built_on in (select built_on from read_days)),

live as (
    select
        source_kind,
        source_id,
        agent_id,
        started_seconds,
        started_seconds + cast(reported_seconds as bigint) as ended_seconds
    from activities
    where agent_id is not null and started_seconds is not null and reported_seconds >= 1 and not is_imputed
),

-- Between two edges the agent's time is shared by all that runs; summed up along the agent's time line, an activity's
-- own share is what the sum grew by from its start to its end.
edges as (
    select agent_id, edge_seconds, sum(change) as change
    from (
        select agent_id, started_seconds as edge_seconds, 1 as change from live
        union all
        select agent_id, ended_seconds as edge_seconds, -1 as change from live
    ) as changes
    group by agent_id, edge_seconds
),

stretches as (
    select
        agent_id,
        edge_seconds,
        sum(change) over (partition by agent_id order by edge_seconds rows between unbounded preceding and current row) as running,
        lead(edge_seconds) over (partition by agent_id order by edge_seconds) - edge_seconds as stretch_seconds
    from edges
),

time_line as (
    select
        agent_id,
        edge_seconds,
        -- Exact, so that it does not matter from when on the line is summed.
        coalesce(sum(cast(case when running > 0 then cast(stretch_seconds as double) / running else 0 end as decimal(18, 6))) over (
            partition by agent_id order by edge_seconds rows between unbounded preceding and 1 preceding
        ), 0) as own_seconds
    from stretches
),

split as (
    select
        activities.*,
        coalesce(cast(at_end.own_seconds - at_start.own_seconds as double), activities.reported_seconds) as split_seconds
    from activities
    left join live
        on activities.source_kind = live.source_kind
        and activities.source_id = live.source_id
    left join time_line as at_start
        on live.agent_id = at_start.agent_id
        and live.started_seconds = at_start.edge_seconds
    left join time_line as at_end
        on live.agent_id = at_end.agent_id
        and live.ended_seconds = at_end.edge_seconds
),

worked as (
    select
        agent_id,
        worked_on,
        {{ exact_sum('split_seconds') }} as worked_seconds
    from split
    where agent_id is not null and worked_on is not null
    group by agent_id, worked_on
),

final as (
    select
        split.source_kind,
        split.source_id,
        split.agent_id,
        split.channel,
        split.reason,

        split.reported_seconds,
        split.started_seconds,
        split.split_seconds * coalesce(
            least(
                1.0,
                coalesce(split.paid_seconds, {{ setting('paid_minutes_without_shift') }} * 60) / nullif(worked.worked_seconds, 0)
            ),
            1.0
        ) as allocated_seconds,
        split.paid_seconds,
        split.hourly_cost_reporting,
        split.contact_cost_reporting,

        split.is_imputed,
        split.is_provisional,

        split.worked_at,
        split.worked_on,
        split.priced_on,
        split.built_on,
        {{ work_policy_version() }} as policy_version
    from split
    left join worked
        on split.agent_id = worked.agent_id
        and split.worked_on = worked.worked_on
    where split.built_on in (select touched_date from touched_days)
)

select * from final
