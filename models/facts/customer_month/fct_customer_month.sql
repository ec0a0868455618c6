-- One row per customer and month: what came in, what it cost to serve, how much of the product was used, what was said.
with

months as (select * from {{ ref('int_customer__months') }}),
billing as (select * from {{ ref('int_billing__customer_month') }}),
usage as (select * from {{ ref('int_usage__customer_month') }}),
support as (select * from {{ ref('int_support__customer_month') }}),
voice as (select * from {{ ref('int_voice__customer_month') }}),
feeds as (select * from {{ ref('stg_feeds') }}),

-- From when on, and for usage until when, the feeds know something.
known as (
    select
        min(case when feed = 'usage_events' then {{ business_date('first_event_at') }} end) as usage_from,
        max(case when feed = 'usage_events' then {{ business_date('newest_event_at') }} end) as usage_to,
        min(case when feed in ('tickets', 'calls') then first_event_at end) as support_from_at,
        min(case when feed = 'success_touches' then first_event_at end) as touches_from_at,
        min(case when feed = 'survey_responses' then first_event_at end) as surveys_from_at
    from feeds
),

covered as (
    select
        months.*,
        coalesce(
            known.usage_from <= months.measured_on
            and known.usage_to >= {{ add_days('months.measured_on', '-' ~ setting('usage_feed_max_lag_days')) }},
            false
        ) as has_usage,
        {{ days_between('greatest(known.usage_from, ' ~ business_date('months.first_seen_at') ~ ')', 'months.measured_on') }} + 1 as usage_days,
        coalesce(known.support_from_at < months.measured_at, false) as has_support,
        coalesce(known.touches_from_at < months.measured_at, false) as has_touches,
        coalesce(known.surveys_from_at < months.measured_at, false) as has_surveys
    from months
    cross join known
),

-- Nothing in a month that a feed covers is 0, in a month before it is unknown. Users who are not named are unknown too.
joined as (
    select
        covered.customer_id,
        covered.month_start_date,
        covered.is_complete,
        billing.movement,
        billing.currency,
        billing.mrr_minor,
        billing.net_revenue_minor,
        billing.refunds_minor,
        billing.chargebacks_minor,
        billing.gross_margin_minor,
        billing.seats,
        billing.is_paying,
        case when covered.has_usage and coalesce(usage.has_known_users, true) then coalesce(usage.active_users, 0) end as active_users,
        case
            when covered.has_usage and covered.usage_days >= {{ setting('usage_window_days') }} and coalesce(usage.has_known_users, true)
                then coalesce(usage.active_users_28d, 0)
        end as active_users_28d,
        {% for column in ['active_days', 'active_days_28d', 'features', 'events'] -%}
        case when covered.has_usage then coalesce(usage.{{ column }}, 0) end as {{ column }},
        {% endfor -%}
        case when covered.has_usage then usage.error_events end as error_events,
        case when covered.has_usage then usage.duration_seconds end as duration_seconds,
        case when covered.has_support then coalesce(support.demand_hours, 0) end as demand_hours,
        case when covered.has_support then coalesce(support.vendor_fault_hours, 0) end as vendor_fault_hours,
        case when covered.has_touches then coalesce(support.proactive_hours, 0) end as proactive_hours,
        case when covered.has_support then coalesce(support.inbound_contacts, 0) end as inbound_contacts,
        case when covered.has_support or covered.has_touches then case when support.customer_id is null then 0 else support.cost_minor end end as cost_to_serve_minor,
        {% for column in ['surveys_offered', 'surveys_answered', 'csat_good', 'csat_bad', 'nps_answers', 'nps_promoters', 'nps_detractors'] -%}
        case when covered.has_surveys then coalesce(voice.{{ column }}, 0) end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from covered
    left join billing using (customer_id, month_start_date)
    left join usage using (customer_id, month_start_date)
    left join support using (customer_id, month_start_date)
    left join voice using (customer_id, month_start_date)
),

final as (
    select
        customer_id,
        month_start_date,

        movement,
        currency,
        mrr_minor,
        net_revenue_minor,
        refunds_minor,
        chargebacks_minor,
        gross_margin_minor,
        cost_to_serve_minor,
        gross_margin_minor - cost_to_serve_minor as contribution_minor,

        active_users,
        active_users_28d,
        active_days,
        active_days_28d,
        features,
        events,
        error_events,
        duration_seconds / 3600 as duration_hours,
        seats,
        {{ rate('active_users_28d', 'seats') }} as utilisation_rate,

        demand_hours,
        vendor_fault_hours,
        proactive_hours,
        inbound_contacts,

        surveys_offered,
        surveys_answered,
        {{ published_rate('surveys_answered', 'surveys_offered') }} as response_rate,
        csat_good,
        csat_bad,
        {{ published_rate('csat_good', '(csat_good + csat_bad)') }} as csat_rate,
        nps_answers,
        nps_promoters,
        nps_detractors,
        {{ published_rate('(nps_promoters - nps_detractors)', 'nps_answers') }} * 100 as nps,

        is_paying,
        is_complete
    from joined
)

select * from final
