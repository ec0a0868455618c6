-- One row per happening of a ticket (created, replied, resolved, settled) or contact within the weeks that its measure looks at.
{{ config(materialized='ephemeral') }}
{%- set days = setting('support_quality_days') %}
{%- set settle_days = setting('first_contact_resolution_days') %}
with

tickets as (
    select * from {{ ref('fct_ticket') }}
    where created_at < {{ as_of_instant() }} and not is_spam and (not is_merged or merged_at >= {{ as_of_instant() }})
),
contacts as (select * from {{ ref('fct_interaction') }} where {{ stood_as_contact() }} and occurred_at < {{ as_of_instant() }}),

bounds as (
    select
        {{ add_days(as_of_date(), '1 - ' ~ days) }} as first_day,
        -- The last days are left out of first-contact resolution: a further contact may still come.
        {{ add_days(as_of_date(), '1 - ' ~ days ~ ' - ' ~ settle_days) }} as first_settled_day,
        {{ add_days(as_of_date(), '-' ~ settle_days) }} as last_settled_day
),

final as (
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
)

select * from final
