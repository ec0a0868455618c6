-- An agent's day never exceeds the paid hours, and the shares of one activity sum to at most 1.
{{ config(meta={'dagster': {'ref': {'name': 'fct_work_allocation'}}}) }}
with

work as (select * from {{ ref('fct_work_allocation') }}),
shifts as (select * from {{ ref('stg_agents_shifts') }}),

-- Of shifts within one business day, which need no splitting, so that the test does not repeat the model.
paid as (
    select
        agent_id,
        {{ business_date('starts_at') }} as paid_on,
        sum({{ epoch_seconds('ends_at') }} - {{ epoch_seconds('starts_at') }}) / 60.0 as minutes
    from shifts
    group by 1, 2
    having max(case when {{ business_date('starts_at') }} <> {{ business_date('ends_at') }} then 1 else 0 end) = 0
),

overnight as (
    select distinct agent_id, {{ business_date('ends_at') }} as paid_on
    from shifts
    where {{ business_date('starts_at') }} <> {{ business_date('ends_at') }}
),

days as (
    select agent_id, worked_on, sum(minutes) as minutes
    from work
    where agent_id is not null and worked_on is not null
    group by 1, 2
)

select 'day over the paid hours' as problem, days.agent_id as subject, days.minutes
from days
inner join paid on days.agent_id = paid.agent_id and days.worked_on = paid.paid_on
left join overnight on days.agent_id = overnight.agent_id and days.worked_on = overnight.paid_on
where overnight.agent_id is null and days.minutes > paid.minutes + 0.01
union all
select 'shares over 1' as problem, source_id as subject, sum(share) as minutes
from work
group by source_kind, source_id
having sum(share) > 1.000001
union all
select 'more than reported' as problem, work_id as subject, minutes
from work
where minutes > reported_minutes + 0.0001 or minutes < 0
