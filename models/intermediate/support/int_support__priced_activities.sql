-- One row per activity of an agent, with what is paid that day and what its hour and its contact cost, in the reporting currency.
with

work as (select * from {{ ref('int_support__work_activities') }}),
paid as (select * from {{ ref('int_support__paid_days') }}),
shifts as (select * from {{ ref('stg_agents_shifts') }}),
rates as (select * from {{ ref('cfg_rate') }}),
fx as (select * from {{ ref('int_billing__fx_rate') }}),

ranked_shifts as (
    select
        agent_id,
        team,
        hourly_cost_minor,
        currency,
        {{ business_date('starts_at') }} as starts_on,
        row_number() over (partition by agent_id, {{ business_date('starts_at') }} order by starts_at) as shift_of_day,
        row_number() over (partition by agent_id order by starts_at) as shift_of_agent
    from shifts
),

staffed as (
    select
        work.*,
        paid.paid_seconds,
        coalesce(
            day_shift.team, first_shift.team, case when work.source_kind = 'touch' then 'success' else 'support' end
        ) as role,
        coalesce(day_shift.hourly_cost_minor, first_shift.hourly_cost_minor) as hourly_cost_minor,
        coalesce(
            case when day_shift.hourly_cost_minor is not null then day_shift.currency else first_shift.currency end,
            {{ setting('reporting_currency', 'string') }}
        ) as hourly_currency
    from work
    left join paid on work.agent_id = paid.agent_id and work.worked_on = paid.paid_on
    left join ranked_shifts as day_shift
        on work.agent_id = day_shift.agent_id
        and work.priced_on = day_shift.starts_on
        and day_shift.shift_of_day = 1
    left join ranked_shifts as first_shift
        on work.agent_id = first_shift.agent_id
        and first_shift.shift_of_agent = 1
),

-- The role's own rate before that of support, a rate of the channel before one for any.
chosen as (
    select * from (
        select
            kinds.role,
            kinds.channel,
            rates.hourly_cost_minor,
            rates.cost_per_contact_minor,
            rates.currency,
            row_number() over (
                partition by kinds.role, kinds.channel order by rates.role <> kinds.role, rates.channel = '*', rates.role, rates.channel
            ) as choice
        from (select distinct role, channel from staffed) as kinds
        inner join rates on rates.role in (kinds.role, 'support') and rates.channel in (kinds.channel, '*')
    ) as ranked
    where choice = 1
),

final as (
    select
        staffed.source_kind,
        staffed.source_id,
        staffed.agent_id,
        staffed.channel,
        staffed.reason,
        staffed.role,

        staffed.reported_seconds,
        staffed.started_seconds,
        staffed.paid_seconds,
        case
            when staffed.hourly_cost_minor is not null then staffed.hourly_cost_minor * hourly_fx.reporting_minor_per_minor
            else chosen.hourly_cost_minor * chosen_fx.reporting_minor_per_minor
        end as hourly_cost_reporting,
        case
            when staffed.source_kind in ('ticket', 'call') then chosen.cost_per_contact_minor * chosen_fx.reporting_minor_per_minor
            else 0
        end as contact_cost_reporting,

        staffed.is_imputed,
        staffed.is_provisional,

        staffed.worked_at,
        staffed.worked_on,
        staffed.priced_on,
        staffed.built_on
    from staffed
    left join chosen
        on staffed.role = chosen.role
        and staffed.channel = chosen.channel
    left join fx as hourly_fx
        on staffed.hourly_currency = hourly_fx.currency
        and staffed.priced_on = hourly_fx.rate_date
    left join fx as chosen_fx
        on chosen.currency = chosen_fx.currency
        and staffed.priced_on = chosen_fx.rate_date
)

select * from final
