-- One row per ticket, test customers left out: whose it is, which desk's hours apply, and what kind of contact it was.
with

tickets as (select * from {{ ref('stg_tickets') }}),
customers as (select * from {{ ref('stg_customers') }}),
users as (select * from {{ ref('stg_users') }}),
channels as (select * from {{ ref('cfg_channel') }}),
zones as (select * from {{ ref('cfg_schedule_zone') }}),
reason_faults as (select * from {{ ref('cfg_reason_fault') }}),
account_matches as ({{ account_matches('tickets', 'ticket_id', 'created_at') }}),

-- Outer joins throughout: a ticket whose requester or customer was deleted is still a ticket.
resolved as (
    select
        tickets.*,
        coalesce(direct.customer_id, by_user.customer_id, by_account.customer_id) as resolved_customer_id
    from tickets
    left join customers as direct on tickets.customer_id = direct.customer_id
    left join users on tickets.requester_user_id = users.user_id
    left join customers as by_user on users.customer_id = by_user.customer_id
    left join account_matches on tickets.ticket_id = account_matches.ticket_id
    left join customers as by_account on account_matches.customer_id = by_account.customer_id
),

final as (
    select
        resolved.ticket_id,
        resolved.resolved_customer_id as customer_id,
        resolved.agent_id,
        resolved.merged_into_id,
        -- An unknown zone has no schedule, so its business minutes stay unknown.
        zones.schedule_id,

        case when resolved.channel_label is null then 'unknown' else coalesce(channels.channel, 'other') end as channel,
        coalesce(channels.is_live, false) as is_live,
        resolved.origin,
        coalesce(resolved.category, 'unclassified') as reason,
        coalesce(nullif(resolved.fault, 'unknown'), reason_faults.fault, 'unknown') as fault,
        resolved.priority,
        resolved.status,
        resolved.group_name,

        resolved.handle_seconds,

        coalesce(
            resolved.status = 'spam' or resolved.category = 'spam'
            or concat(',', translate(resolved.tags, ' ;|"[]', ',,,,,,'), ',') like '%,spam,%',
            false
        ) as is_spam,

        resolved.created_at,
        resolved.first_reply_at,
        resolved.first_resolved_at,
        resolved.solved_at,
        resolved.updated_at
    from resolved
    left join customers on resolved.resolved_customer_id = customers.customer_id
    left join channels on resolved.channel_label = channels.channel_label
    left join zones on coalesce(customers.time_zone, {{ setting('business_time_zone', 'string') }}) = zones.time_zone
    left join reason_faults on coalesce(resolved.category, 'unclassified') = reason_faults.reason
    where not coalesce(customers.is_test, false)
)

select * from final
