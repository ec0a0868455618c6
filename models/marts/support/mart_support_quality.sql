-- One row per as-of day and channel ('all' for all of them): how fast and how well support answered in the weeks up to that day.
{%- set days = setting('support_quality_days') %}
{%- set settle_days = setting('first_contact_resolution_days') %}
with

tickets as (
    select * from {{ ref('fct_ticket') }}
    where created_at < {{ as_of_instant() }} and not is_spam and (not is_merged or merged_at >= {{ as_of_instant() }})
),
contacts as (select * from {{ ref('fct_interaction') }} where {{ stood_as_contact() }} and occurred_at < {{ as_of_instant() }}),
terms as (select * from {{ ref('fct_subscription_interval') }}),

active as (
    select case when {{ feed_known(['subscriptions']) }} then cast(count(distinct customer_id) as bigint) end as active_customers
    from terms
    where mrr_minor > 0 and {{ stood_before(as_of_instant(), 'valid_from_at', 'valid_to_at') }}
),

bounds as (
    select
        {{ add_days(as_of_date(), '1 - ' ~ days) }} as first_day,
        -- The last days are left out of first-contact resolution: a further contact may still come.
        {{ add_days(as_of_date(), '1 - ' ~ days ~ ' - ' ~ settle_days) }} as first_settled_day,
        {{ add_days(as_of_date(), '-' ~ settle_days) }} as last_settled_day
),

-- One row per happening of a ticket within the weeks that its measure looks at.
happenings as (
    select
        tickets.channel,
        'created' as kind,
        cast(null as double) as calendar_minutes,
        cast(null as double) as business_minutes,
        case
            when tickets.is_inbound then
                coalesce(tickets.first_reply_at >= {{ as_of_instant() }}, true)
                and coalesce(tickets.first_resolved_at >= {{ as_of_instant() }}, true)
        end as is_bad,
        cast(null as boolean) as is_second_bad
    from tickets
    cross join bounds
    where tickets.created_on >= bounds.first_day
    union all
    select channel, 'replied', first_reply_minutes, first_reply_business_minutes, not is_sla_met, null
    from tickets
    cross join bounds
    where first_reply_at < {{ as_of_instant() }} and {{ business_date('first_reply_at') }} >= bounds.first_day
    union all
    select
        channel,
        'resolved',
        coalesce(first_wait_minutes, first_resolution_minutes),
        coalesce(first_wait_business_minutes, first_resolution_business_minutes),
        is_long_wait,
        null
    from tickets
    cross join bounds
    where first_resolved_at < {{ as_of_instant() }} and {{ business_date('first_resolved_at') }} >= bounds.first_day
    union all
    select
        tickets.channel,
        'settled',
        null,
        null,
        -- A further contact for the same reason, a transfer or a reopening within the days means: not at first contact.
        case when tickets.customer_id is not null then
            coalesce({{ within_days('contacts.next_same_reason_at', 'tickets.first_resolved_at', settle_days) }}, false)
            or coalesce({{ within_days('tickets.first_transferred_at', 'tickets.first_resolved_at', settle_days) }}, false)
            or coalesce({{ within_days('tickets.first_reopened_at', 'tickets.first_resolved_at', settle_days) }}, false)
        end,
        case
            when tickets.reopens is not null
                then coalesce({{ within_days('tickets.first_reopened_at', 'tickets.first_resolved_at', settle_days) }}, false)
        end
    from tickets
    cross join bounds
    left join contacts on contacts.source_kind = 'ticket' and tickets.ticket_id = contacts.source_id
    where tickets.is_inbound
        and {{ business_date('tickets.first_resolved_at') }} between bounds.first_settled_day and bounds.last_settled_day
    union all
    select contacts.channel, 'contact', null, null, null, null
    from contacts
    cross join bounds
    where contacts.occurred_on >= bounds.first_day
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
