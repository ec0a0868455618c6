-- One row per as-of day and channel ('all' for all of them): how fast and how well support answered in the weeks up to that day.
with

happenings as (select * from {{ ref('int_support__quality_happenings') }}),
terms as (select * from {{ ref('fct_subscription_interval') }}),

active as (
    select
        case when {{ feed_known(['subscriptions']) }} then cast(count(distinct customer_id) as bigint) end as active_customers,
        case when {{ feed_known(['subscriptions']) }} then coalesce(cast(sum(quantity) as bigint), 0) end as active_seats
    from terms
    where mrr_minor > 0 and {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }}
),

channels as (
    select channel as shown_channel, * from happenings
    union all
    select 'all' as shown_channel, * from happenings
),

measured as (
    select
        shown_channel,
        {% for kind in ['contact', 'created', 'replied', 'resolved', 'settled'] %}
        cast(count(case when kind = '{{ kind }}' then 1 end) as bigint) as {{ kind }},
        cast(count(case when kind = '{{ kind }}' and is_bad then 1 end) as bigint) as {{ kind }}_bad,
        cast(count(case when kind = '{{ kind }}' then is_bad end) as bigint) as {{ kind }}_known,
        {% endfor %}
        cast(count(case when is_second_bad then 1 end) as bigint) as reopened,
        cast(count(is_second_bad) as bigint) as reopen_known,
        {% for kind, name in [('replied', 'first_reply'), ('resolved', 'wait')] %}
        {% for clock in ['calendar', 'business'] %}
        {% for level, label in [('0.5', 'p50'), ('0.9', 'p90')] %}
        {{ percentile("case when kind = '" ~ kind ~ "' then " ~ clock ~ "_minutes end", level) }}
            as {{ name }}_{{ clock }}_minutes_{{ label }},
        {% endfor %}
        {% endfor %}
        {% endfor %}
        count(*) as happenings
    from channels
    group by shown_channel
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        measured.shown_channel as channel,

        measured.contact as contacts,
        active.active_customers,
        {{ rate('measured.contact', 'active.active_customers') }} as contact_rate,
        active.active_seats,
        {{ rate('measured.contact', 'active.active_seats') }} as contact_rate_per_seat,
        measured.created as tickets,
        measured.created_bad as unreplied,
        measured.created_known as unreplied_denominator,
        {{ rate('measured.created_bad', 'measured.created_known') }} as unreplied_rate,

        measured.replied as first_replies,
        {% for clock in ['calendar', 'business'] %}
        {% for label in ['p50', 'p90'] %}
        measured.first_reply_{{ clock }}_minutes_{{ label }},
        measured.wait_{{ clock }}_minutes_{{ label }},
        {% endfor %}
        {% endfor %}
        measured.replied_known - measured.replied_bad as sla_met,
        measured.replied_known as sla_denominator,
        {{ rate('(measured.replied_known - measured.replied_bad)', 'measured.replied_known') }} as sla_rate,

        measured.resolved,
        measured.resolved_bad as long_waits,
        measured.resolved_known as long_wait_denominator,
        {{ rate('measured.resolved_bad', 'measured.resolved_known') }} as long_wait_rate,
        measured.settled_known - measured.settled_bad as resolved_at_first_contact,
        measured.settled_known as first_contact_denominator,
        {{ rate('(measured.settled_known - measured.settled_bad)', 'measured.settled_known') }} as first_contact_resolution_rate,
        measured.reopened,
        measured.reopen_known as reopen_denominator,
        {{ rate('measured.reopened', 'measured.reopen_known') }} as reopen_rate
    from measured
    cross join active
)

select * from final
