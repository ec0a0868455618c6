-- One row per ended week and contact reason: contacts, hours and cost, searches and articles in vain, whom to push and who was pushed.
{{ config(materialized='ephemeral') }}
with

contacts as (
    select *, {{ week_start('occurred_on') }} as week_start_date from {{ ref('fct_interaction') }}
    where {{ stood_as_contact() }} and occurred_at < {{ as_of_instant() }}
),
work as (
    select *, {{ week_start('worked_on') }} as week_start_date from {{ ref('fct_work_allocation') }}
    where source_kind in ('ticket', 'call') and demand_kind in ('customer', 'vendor_fault') and worked_at < {{ as_of_instant() }}
),
self_service as (
    select *, {{ week_start('occurred_on') }} as week_start_date from {{ ref('int_support__self_service') }}
    where occurred_at < {{ as_of_instant() }}
),
articles as (select distinct reason from {{ ref('cfg_article') }}),
touches as (
    select *, {{ week_start('occurred_date') }} as week_start_date from {{ ref('fct_touch') }}
    where is_proactive and not is_missed and occurred_at < {{ as_of_instant() }}
),
spared as (select action, reason from {{ ref('cfg_push') }}),

-- A week that had not ended by the as-of day does not exist yet.
bounds as (
    select
        {{ add_days(week_start(add_days(as_of_date(), 1)), '-7 * ' ~ setting('contact_reason_weeks')) }} as first_week,
        {{ add_days(week_start(add_days(as_of_date(), 1)), -7) }} as last_week
),

contacted as (
    select
        contacts.week_start_date,
        contacts.reason,
        cast(count(*) as bigint) as contacts,
        cast(count(distinct contacts.customer_id) as bigint) as customers
    from contacts
    inner join bounds on contacts.week_start_date between bounds.first_week and bounds.last_week
    group by contacts.week_start_date, contacts.reason
),

spent as (
    select
        work.week_start_date,
        work.reason,
        {{ exact_sum('work.minutes') }} / 60 as hours,
        cast(sum(work.cost_minor) as bigint) as cost_minor
    from work
    inner join bounds on work.week_start_date between bounds.first_week and bounds.last_week
    group by work.week_start_date, work.reason
),

searched as (
    select
        week_start_date,
        next_contact_reason as reason,
        cast(count(case when event_kind = 'search' then 1 end) as bigint) as searches,
        cast(count(case when is_without_result then 1 end) as bigint) as searches_without_result,
        cast(count(case when article_reason = next_contact_reason then 1 end) as bigint) as articles_read_in_vain
    from self_service
    where is_followed_by_contact and next_contact_at < {{ as_of_instant() }}
    group by week_start_date, next_contact_reason
),

-- Customers who asked although an article answers it, and had not read it: to whom it should be pushed.
readers as (
    select distinct week_start_date, customer_id, article_reason as reason
    from self_service
    where article_reason is not null and customer_id is not null
),

pushable as (
    select
        contacts.week_start_date,
        contacts.reason,
        cast(count(distinct case when readers.customer_id is null then contacts.customer_id end) as bigint) as push_list_size
    from contacts
    inner join articles on contacts.reason = articles.reason
    left join readers
        on contacts.week_start_date = readers.week_start_date
        and contacts.customer_id = readers.customer_id
        and contacts.reason = readers.reason
    group by contacts.week_start_date, contacts.reason
),

-- Who was reached beforehand in the week; what that spared is the effect of a push as it was measured.
pushed as (
    select touches.week_start_date, spared.reason, cast(count(distinct touches.customer_id) as bigint) as pushed_customers
    from touches
    inner join spared on touches.action_id = spared.action
    group by touches.week_start_date, spared.reason
),

reasons as (
    select
        coalesce(contacted.week_start_date, spent.week_start_date) as week_start_date,
        coalesce(contacted.reason, spent.reason) as reason,
        coalesce(contacted.contacts, 0) as contacts,
        coalesce(contacted.customers, 0) as customers,
        coalesce(spent.hours, 0) as hours,
        case when spent.reason is null then 0 else spent.cost_minor end as cost_minor
    from contacted
    full outer join spent
        on contacted.week_start_date = spent.week_start_date
        and contacted.reason = spent.reason
),

final as (
    select
        reasons.*,

        searched.searches,
        searched.searches_without_result,
        searched.articles_read_in_vain,
        pushable.push_list_size,
        pushed.pushed_customers
    from reasons
    left join searched on reasons.week_start_date = searched.week_start_date and reasons.reason = searched.reason
    left join pushable on reasons.week_start_date = pushable.week_start_date and reasons.reason = pushable.reason
    left join pushed on reasons.week_start_date = pushed.week_start_date and reasons.reason = pushed.reason
)

select * from final
