-- One row per customer and month in which something of support happened; each figure stands in the month in which it happened.
with

work as (select * from {{ ref('fct_work_allocation') }}),
tickets as (select * from {{ ref('fct_ticket') }} where not is_spam and (not is_merged or merged_at is not null)),
interactions as (select * from {{ ref('fct_interaction') }}),

-- Work on open tickets is provisional: it is counted once they are resolved, so that no month changes afterwards.
efforts as (
    select
        customer_id,
        {{ month_start('worked_on') }} as month_start_date,
        {{ exact_sum("case when demand_kind = 'customer' then minutes else 0 end") }} / 60 as demand_hours,
        {{ exact_sum("case when demand_kind = 'vendor_fault' then minutes else 0 end") }} / 60 as vendor_fault_hours,
        {{ exact_sum("case when demand_kind = 'proactive' then minutes else 0 end") }} / 60 as proactive_hours,
        {{ exact_sum("case when demand_kind = 'internal' then minutes else 0 end") }} / 60 as internal_hours,
        {{ exact_sum("case when lifecycle = 'onboarding' then minutes else 0 end") }} / 60 as onboarding_hours,
        {{ exact_sum("case when lifecycle = 'steady' then minutes else 0 end") }} / 60 as steady_hours,
        {{ exact_sum("case when is_imputed then minutes else 0 end") }} / 60 as imputed_hours,
        cast(sum(cost_minor) as bigint) as cost_minor
    from work
    where customer_id is not null and not is_provisional
    group by 1, 2
),

-- One row per happening, in its own month.
happenings as (
    select customer_id, created_at as happened_at, merged_at, 'created' as kind, null as amount, null as business_amount, null as is_bad
    from tickets
    union all
    select customer_id, first_reply_at, merged_at, 'replied', first_reply_minutes, first_reply_business_minutes, not is_sla_met
    from tickets
    where first_reply_at is not null
    union all
    select customer_id, first_resolved_at, merged_at, 'resolved', first_resolution_minutes, first_resolution_business_minutes, is_long_wait
    from tickets
    where first_resolved_at is not null
    union all
    select customer_id, first_reopened_at, merged_at, 'reopened', null, null, null
    from tickets
    where first_reopened_at is not null
    union all
    select customer_id, occurred_at, merged_at, 'contact', null, null, null
    from interactions
    where is_contact or merged_at is not null
),

contacts as (
    select
        customer_id,
        {{ month_start(business_date('happened_at')) }} as month_start_date,
        cast(count(case when kind = 'contact' then 1 end) as bigint) as inbound_contacts,
        cast(count(case when kind = 'created' then 1 end) as bigint) as tickets,
        cast(count(case when kind = 'replied' then 1 end) as bigint) as first_replies,
        {{ exact_sum("case when kind = 'replied' then amount end") }} as first_reply_minutes,
        cast(count(case when kind = 'replied' then business_amount end) as bigint) as business_first_replies,
        {{ exact_sum("case when kind = 'replied' then business_amount end") }} as first_reply_business_minutes,
        cast(count(case when kind = 'replied' then is_bad end) as bigint) as sla_known,
        cast(count(case when kind = 'replied' and not is_bad then 1 end) as bigint) as sla_met,
        cast(count(case when kind = 'resolved' then 1 end) as bigint) as resolved,
        {{ exact_sum("case when kind = 'resolved' then amount end") }} as first_resolution_minutes,
        cast(count(case when kind = 'resolved' then is_bad end) as bigint) as wait_known,
        cast(count(case when kind = 'resolved' and is_bad then 1 end) as bigint) as long_waits,
        cast(count(case when kind = 'reopened' then 1 end) as bigint) as reopened
    from happenings
    -- A duplicate stood for itself in the months before it was merged.
    where customer_id is not null
        and (merged_at is null or {{ month_start(business_date('merged_at')) }} > {{ month_start(business_date('happened_at')) }})
    group by 1, 2
),

final as (
    select
        coalesce(efforts.customer_id, contacts.customer_id) as customer_id,
        coalesce(efforts.month_start_date, contacts.month_start_date) as month_start_date,

        coalesce(contacts.inbound_contacts, 0) as inbound_contacts,
        coalesce(contacts.tickets, 0) as tickets,

        {% for hours in ['demand', 'vendor_fault', 'proactive', 'internal', 'onboarding', 'steady', 'imputed'] %}
        coalesce(efforts.{{ hours }}_hours, 0) as {{ hours }}_hours,
        {% endfor %}
        case when efforts.customer_id is null then 0 else efforts.cost_minor end as cost_minor,
        {{ setting('reporting_currency', 'string') }} as currency,

        coalesce(contacts.first_replies, 0) as first_replies,
        contacts.first_reply_minutes,
        coalesce(contacts.business_first_replies, 0) as business_first_replies,
        contacts.first_reply_business_minutes,
        coalesce(contacts.sla_met, 0) as sla_met,
        coalesce(contacts.sla_known, 0) as sla_known,
        coalesce(contacts.resolved, 0) as resolved,
        contacts.first_resolution_minutes,
        coalesce(contacts.long_waits, 0) as long_waits,
        coalesce(contacts.wait_known, 0) as wait_known,
        coalesce(contacts.reopened, 0) as reopened
    from efforts
    full outer join contacts
        on efforts.customer_id = contacts.customer_id
        and efforts.month_start_date = contacts.month_start_date
)

select * from final
