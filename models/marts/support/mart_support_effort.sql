-- One row per as-of day and customer: what its needs cost us in the twelve months up to that day.
{%- set first_day = months_before_as_of(12) %}
with

customers as (select * from {{ ref('stg_customers') }}),
feeds as (select * from {{ ref('stg_feeds') }}),
efforts as (select * from {{ ref('int_support__year_of_effort') }}),

-- Without a feed nothing is known; from its first event on no row means no effort.
known as (
    select
        min(case when feed in ('tickets', 'calls') then {{ business_date('first_event_at') }} end) as support_from,
        min(case when feed = 'success_touches' then {{ business_date('first_event_at') }} end) as touches_from
    from feeds
    where has_rows and first_event_at < {{ as_of_instant() }}
),

joined as (
    select
        customers.customer_id,
        known.support_from is null as no_feed,
        cast(1 + {{ days_between(
            'greatest(known.support_from, ' ~ first_day ~ ', ' ~ business_date('customers.signed_up_at') ~ ')', as_of_date()
        ) }} as double)
        / 30.4375 as months_observed,
        {% for hours in ['demand_hours', 'vendor_fault_hours', 'onboarding_hours', 'steady_hours'] %}
        case when known.support_from is not null then coalesce(efforts.{{ hours }}, 0) end as {{ hours }},
        {% endfor %}
        case when known.touches_from is not null then coalesce(efforts.proactive_hours, 0) end as proactive_hours,
        case when known.touches_from is not null then coalesce(efforts.growth_cost_hours, 0) end as growth_cost_hours,
        efforts.imputed_share,
        case
            when known.support_from is null then null
            when efforts.has_work then efforts.cost_minor
            else 0
        end as cost_minor,
        case when known.support_from is not null then coalesce(efforts.contacts, 0) end as contacts,
        efforts.last_contact_on
    from customers
    cross join known
    left join efforts on customers.customer_id = efforts.customer_id
    where not customers.is_test and customers.signed_up_at < {{ as_of_instant() }}
),

cuts as (
    select
        {{ percentile('demand_hours', setting_literal('demand_axis_percentile')) }} as axis_cut,
        {{ percentile('case when demand_hours > 0 then demand_hours end', setting_literal('demand_level_middle_from')) }} as middle_cut,
        {{ percentile('case when demand_hours > 0 then demand_hours end', setting_literal('demand_level_high_from')) }} as high_cut,
        {{ exact_sum('demand_hours') }} as total_demand_hours,
        cast(sum(cost_minor) as bigint) as total_cost_minor
    from joined
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        joined.customer_id,

        joined.demand_hours,
        joined.demand_hours / greatest(joined.months_observed, 1.0) as demand_hours_per_month,
        case when joined.demand_hours > cuts.axis_cut then cuts.axis_cut else joined.demand_hours end as demand_hours_axis,
        joined.vendor_fault_hours,
        joined.proactive_hours,
        joined.growth_cost_hours,
        joined.onboarding_hours,
        joined.steady_hours,
        joined.months_observed,

        joined.contacts,
        cast(joined.contacts as double) as contact_rate_numerator,
        case when not joined.no_feed then greatest(joined.months_observed, 1.0) end as contact_rate_denominator,
        joined.contacts / greatest(joined.months_observed, 1.0) as contact_rate,
        {{ rate('(joined.demand_hours + joined.vendor_fault_hours) * 60', 'joined.contacts') }} as minutes_per_contact,
        {{ days_between('joined.last_contact_on', as_of_date()) }} as days_since_contact,

        {{ reporting_amount('joined.cost_minor') }} as cost,
        {{ setting('reporting_currency', 'string') }} as currency,
        joined.demand_hours as share_of_total_numerator,
        cuts.total_demand_hours as share_of_total_denominator,
        {{ rate('joined.demand_hours', 'cuts.total_demand_hours') }} as share_of_total,
        {{ rate('joined.cost_minor', 'cuts.total_cost_minor') }} as cost_share,

        case
            when joined.no_feed then null
            when joined.demand_hours = 0 then 'none'
            when joined.demand_hours < cuts.middle_cut then 'low'
            when joined.demand_hours < cuts.high_cut then 'middle'
            else 'high'
        end as demand_level,
        case
            when joined.no_feed then 'no_feed'
            when joined.imputed_share > 0.5 then 'imputed'
            else 'measured'
        end as effort_source,
        coalesce(joined.imputed_share, case when not joined.no_feed then 0 end) as imputed_share,

        joined.no_feed
    from joined
    cross join cuts
)

select * from final
