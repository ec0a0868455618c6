-- One row per shift of an agent, by its start.
with

landed as (select * from {{ newest(source('landing', 'agents_shifts'), ['agent_id', 'starts_at']) }}),

final as (
    select
        {{ agent_pseudonym('agent_id') }} as agent_id,

        lower(trim(team)) as team,
        lower(trim(skill)) as skill,

        hourly_cost_minor,
        upper(currency) as currency,

        starts_at,
        ends_at,
        _loaded_at
    from landed
    where ends_at > starts_at
)

select * from final
