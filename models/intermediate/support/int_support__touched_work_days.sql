-- One row per business day of which this run allocates the work.
{%- set minutes = standing('int_support__work_minutes') %}
{%- set allocated = standing('fct_work_allocation') %}
{%- set policy_version = work_policy_version() %}
{%- set attributes = [
    'source_kind', 'source_id', 'agent_id', 'channel', 'reason', 'reported_seconds', 'started_seconds', 'paid_seconds',
    'hourly_cost_reporting', 'contact_cost_reporting', 'is_imputed', 'is_provisional', 'worked_at', 'worked_on', 'priced_on', 'built_on',
] | join(', ') %}
with

activities as (select * from {{ ref('int_support__priced_activities') }}),
slices as (select * from {{ ref('int_support__work_slices') }}),

{% if minutes and allocated -%}
-- Work that came, changed or went, and with it what was done at the same time: that may reach over midnight.
differing as (
    select built_on from (select {{ attributes }} from activities except select {{ attributes }} from {{ minutes }}) as arrived
    union all
    select built_on from (select {{ attributes }} from {{ minutes }} except select {{ attributes }} from activities) as gone
    union all
    select built_on from {{ minutes }} where policy_version <> {{ policy_version }}
),

reached as (
    select {{ add_days('built_on', 'days_apart') }} as touched_date
    from (select distinct built_on from differing) as days
    cross join (select -1 as days_apart union all select 0 as days_apart union all select 1 as days_apart) as neighbours
),

-- Work that is the same and served somebody else or for something else, and what a run that broke off left undone.
served as (
    select minutes.built_on as touched_date
    from {{ minutes }} as minutes
    inner join slices on minutes.source_kind = slices.source_kind and minutes.source_id = slices.source_id
    left join {{ allocated }} as allocated on slices.work_id = allocated.work_id and slices.source_id = allocated.source_id
    where
        allocated.work_id is null
        or allocated.minutes is distinct from minutes.allocated_seconds * slices.part / 60
        or allocated.cost_minor is distinct from {{ work_cost('minutes.allocated_seconds * slices.part / 60', 'slices.part', 'minutes') }}
        {% for column in ['customer_id', 'demand_kind', 'part', 'onboarding_ends_on'] -%}
        or allocated.{{ column }} is distinct from slices.{{ column }}
        {% endfor -%}
        {% for column in ['agent_id', 'channel', 'reason', 'is_imputed', 'is_provisional', 'worked_at', 'policy_version'] -%}
        or allocated.{{ column }} is distinct from minutes.{{ column }}
        {% endfor %}
    union all
    select allocated.built_on as touched_date
    from {{ allocated }} as allocated
    left join slices on allocated.work_id = slices.work_id and allocated.source_id = slices.source_id
    left join {{ minutes }} as minutes on allocated.source_kind = minutes.source_kind and allocated.source_id = minutes.source_id
    where slices.work_id is null or minutes.source_id is null or minutes.built_on <> allocated.built_on
),

final as (
    select touched_date from reached
    union
    select touched_date from served
)
{%- else -%}
final as (select distinct built_on as touched_date from activities)
{%- endif %}

select touched_date from final
