-- One row per as-of day and ticket that was open at its end: which skill it needs, how often it was passed on, who should own it.
with

tickets as (select * from {{ ref('fct_ticket') }} where is_counted and created_at < {{ as_of_instant() }}),
open_tickets as (select * from {{ ref('int_support__open_tickets') }}),
shifts as (
    select * from {{ ref('stg_agents_shifts') }}
    where starts_at < {{ as_of_instant() }} and {{ business_date('starts_at') }} > {{ add_days(as_of_date(), '-' ~ setting('routing_shift_days')) }}
),

agents as (select distinct agent_id from shifts),
staffed as (select count(*) as agents from agents),
skilled as (select distinct agent_id, skill from shifts),
loads as (select owner_id as agent_id, cast(count(*) as bigint) as open_tickets from open_tickets where owner_id is not null group by owner_id),

solved as (
    select agent_id, customer_id, reason
    from tickets
    where
        agent_id is not null and first_resolved_at < {{ as_of_instant() }}
        and {{ business_date('first_resolved_at') }} > {{ add_days(as_of_date(), '-' ~ setting('routing_memory_days')) }}
),

of_customer as (select agent_id, customer_id, cast(count(*) as bigint) as tickets from solved group by agent_id, customer_id),
of_reason as (select agent_id, reason, cast(count(*) as bigint) as tickets from solved group by agent_id, reason),

-- Whoever is at work can take a need for which no skill is asked.
able as (
    select needs.needed_skill, needs.reason, agents.agent_id
    from (select distinct needed_skill, reason from open_tickets) as needs
    cross join agents
    left join skilled on agents.agent_id = skilled.agent_id and needs.needed_skill = skilled.skill
    where needs.needed_skill is null or skilled.agent_id is not null
),

ready as (
    select
        able.*,
        coalesce(of_reason.tickets, 0) as reason_tickets,
        coalesce(loads.open_tickets, 0) as open_tickets,
        cast(count(*) over (partition by able.reason) as bigint) as candidates,
        row_number() over (
            partition by able.reason order by coalesce(loads.open_tickets, 0), coalesce(of_reason.tickets, 0) desc, able.agent_id
        ) as choice
    from able
    left join of_reason on able.agent_id = of_reason.agent_id and able.reason = of_reason.reason
    left join loads on able.agent_id = loads.agent_id
),

-- Of those who don't know the customer only the first can be chosen.
nominated as (
    select
        open_tickets.ticket_id,
        ready.*,
        coalesce(ready.agent_id = open_tickets.owner_id, false) as is_owner,
        coalesce(of_customer.tickets, 0) as customer_tickets
    from open_tickets
    inner join ready on open_tickets.reason = ready.reason
    left join of_customer on ready.agent_id = of_customer.agent_id and open_tickets.customer_id = of_customer.customer_id
    where ready.choice = 1 or ready.agent_id = open_tickets.owner_id or of_customer.tickets > 0
),

-- An owner with the skill keeps it; then who knows the customer, who has room, who knows the reason. Never who is fastest.
ranked as (
    select
        *,
        row_number() over (
            partition by ticket_id
            order by is_owner desc, customer_tickets > 0 desc, open_tickets, reason_tickets desc, agent_id
        ) as from_best,
        max(case when is_owner then 1 else 0 end) over (partition by ticket_id) = 1 as is_owner_skilled
    from nominated
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        open_tickets.ticket_id,
        open_tickets.customer_id,
        open_tickets.owner_id as agent_id,
        ranked.agent_id as suggested_agent_id,

        open_tickets.channel,
        open_tickets.reason,
        open_tickets.priority,
        open_tickets.needed_skill,
        case
            when staffed.agents = 0 then 'no_feed'
            when ranked.agent_id is null then 'nobody_skilled'
            when ranked.is_owner then 'owner_fits'
            when ranked.customer_tickets > 0 then 'knows_customer'
            when open_tickets.needed_skill is not null then 'has_skill'
            else 'has_room'
        end as suggestion_reason,

        open_tickets.transfers,
        coalesce(ranked.candidates, 0) as candidates,
        ranked.customer_tickets,
        ranked.reason_tickets,
        ranked.open_tickets,

        case when open_tickets.owner_id is not null and agents.agent_id is not null then coalesce(ranked.is_owner_skilled, false) end as is_skill_match,

        open_tickets.created_at
    from open_tickets
    cross join staffed
    left join agents on open_tickets.owner_id = agents.agent_id
    left join ranked on open_tickets.ticket_id = ranked.ticket_id and ranked.from_best = 1
)

select * from final
