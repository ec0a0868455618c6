-- One row per shift of an agent, by its start.
with

landed as (select * from {{ newest(source('landing', 'agents_shifts'), ['agent_id', 'starts_at']) }}),

-- A shift that is delivered again was known since it came first.
announced as (
    select agent_id, starts_at, min(_loaded_at) as first_loaded_at
    from {{ source('landing', 'agents_shifts') }}
    where _deleted_at is null
    group by agent_id, starts_at
),

final as (
    select
        {{ agent_pseudonym('landed.agent_id') }} as agent_id,

        lower(trim(landed.team)) as team,
        lower(trim(landed.skill)) as skill,

        landed.hourly_cost_minor,
        upper(landed.currency) as currency,

        landed.starts_at,
        landed.ends_at,
        announced.first_loaded_at,
        landed._loaded_at
    from landed
    inner join announced on landed.agent_id = announced.agent_id and landed.starts_at = announced.starts_at
    where landed.ends_at > landed.starts_at
)

select * from final
