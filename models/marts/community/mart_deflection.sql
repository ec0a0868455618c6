-- One row per as-of day, month and way to find an answer without us: contacts that were probably spared, low to high.
{%- set day = as_of_date() %}
{%- set settled = add_days(day, '-cast(ceil(' ~ setting('search_to_contact_hours') ~ ' / 24.0) as integer)') %}
with

months as (
    select * from {{ ref('int_calendar__months') }}
    where
        month_end_date <= {{ settled }}
        and month_start_date >= {{ add_months(month_start(add_days(day, 1)), '-' ~ setting('satisfaction_months')) }}
),

chances as (select * from {{ ref('cfg_deflection') }}),
threads as (select * from {{ ref('fct_community_thread') }} where is_question and first_answer_at < {{ as_of_instant() }}),
sessions as (select * from {{ ref('int_support__self_service') }} where occurred_at < {{ as_of_instant() }}),
effort as (select * from {{ ref('mart_support_effort') }} where as_of_date = {{ day }}),

-- A session that a contact followed, or that was handed to a person, spared nothing. Who is unknown can't be followed.
found as (
    select
        case when accepted_by = 'peer' and accepted_at < {{ as_of_instant() }} then 'community_accepted' else 'community_answered' end as solution,
        {{ business_date('first_answer_at') }} as found_on
    from threads
    where first_answer_by = 'peer' or (accepted_by = 'peer' and accepted_at < {{ as_of_instant() }})

    union all

    select
        event_kind as solution,
        occurred_on as found_on
    from sessions
    where
        not is_followed_by_contact
        and not coalesce(is_handed_off, false)
        and not is_without_result
        and (event_kind <> 'bot_session' or is_resolved)
),

counted as (
    select
        months.month_start_date,
        found.solution,
        cast(count(*) as bigint) as solved
    from months
    inner join found on found.found_on between months.month_start_date and months.month_end_date
    group by 1, 2
),

contact as (
    select
        {{ rate(exact_sum('demand_hours'), 'sum(contacts)') }} as hours_per_contact,
        {{ rate(exact_sum('cost'), 'sum(contacts)') }} as cost_per_contact
    from effort
),

final as (
    select
        {{ day }} as as_of_date,
        counted.month_start_date,
        counted.solution,

        counted.solved,
        {%- for guess in ['low', 'mid', 'high'] %}
        chances.p_{{ guess }},
        round(counted.solved * chances.p_{{ guess }}, 4) as deflected_contacts_{{ guess }},
        round(counted.solved * chances.p_{{ guess }} * contact.hours_per_contact, 4) as deflected_hours_{{ guess }},
        cast(round(counted.solved * chances.p_{{ guess }} * contact.cost_per_contact, 2) as decimal(18, 2)) as deflected_cost_{{ guess }},
        {%- endfor %}
        contact.hours_per_contact,
        contact.cost_per_contact,
        {{ setting('reporting_currency', 'string') }} as currency
    from counted
    inner join chances using (solution)
    cross join contact
)

select * from final
