-- One row per as-of day, week and contact reason: how much of the contacts and of the cost it makes, and whether an answer exists.
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
articles as (select reason, count(*) as articles from {{ ref('cfg_article') }} group by reason),
effects as (select * from {{ ref('push_effect') }} where as_of_date = {{ as_of_date() }}),
touches as (
    select *, {{ week_start('occurred_date') }} as week_start_date from {{ ref('fct_touch') }}
    where is_proactive and not is_missed and occurred_at < {{ as_of_instant() }}
),
spared as (select action, reason from {{ ref('cfg_push') }}),

-- A week that had not ended by the as-of day does not exist yet.
bounds as (
    select
        {{ add_days(week_start(add_days(as_of_date(), 1)), '-7 * ' ~ setting('contact_reason_weeks')) }} as first_week,
        {{ add_days(week_start(add_days(as_of_date(), 1)), -7) }} as last_week,
        {{ feed_known(['self_service_events']) }} as has_self_service
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

-- Ties are broken by the name, so that the same week always has the same order.
ranked as (
    select
        *,
        row_number() over (partition by week_start_date order by contacts desc, reason) as rank_by_count,
        row_number() over (partition by week_start_date order by cost_minor desc nulls last, reason) as rank_by_cost,
        sum(contacts) over (partition by week_start_date) as total_contacts,
        sum(cost_minor) over (partition by week_start_date) as total_cost_minor,
        sum(contacts) over (
            partition by week_start_date order by contacts desc, reason rows between unbounded preceding and current row
        ) as running_contacts,
        sum(cost_minor) over (
            partition by week_start_date order by cost_minor desc nulls last, reason
            rows between unbounded preceding and current row
        ) as running_cost_minor
    from reasons
),

shared as (
    select
        *,
        {{ rate('running_contacts', 'total_contacts') }} as cumulative_share_by_count,
        {{ rate('running_cost_minor', 'total_cost_minor') }} as cumulative_share_by_cost,
        -- The reason with which the share is reached belongs to the head.
        {% for name, level in [('70', 'pareto_low_share'), ('80', 'pareto_high_share')] %}
        {{ rate('(running_contacts - contacts)', 'total_contacts') }} < {{ setting(level, 'double') }} as is_in_head_{{ name }}_by_count,
        {{ rate('(running_cost_minor - cost_minor)', 'total_cost_minor') }} < {{ setting(level, 'double') }}
            as is_in_head_{{ name }}_by_cost{{ ',' if not loop.last }}
        {% endfor %}
    from ranked
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        shared.week_start_date,
        shared.reason,

        shared.contacts,
        shared.customers,
        shared.hours,
        {{ reporting_amount('shared.cost_minor') }} as cost,
        {{ setting('reporting_currency', 'string') }} as currency,

        cast(shared.rank_by_count as integer) as rank_by_count,
        cast(shared.rank_by_cost as integer) as rank_by_cost,
        shared.cumulative_share_by_count,
        shared.cumulative_share_by_cost,
        {% for name in ['70', '80'] %}
        {% for axis in ['count', 'cost'] %}
        cast(count(case when shared.is_in_head_{{ name }}_by_{{ axis }} then 1 end) over (
            partition by shared.week_start_date
        ) as integer) as k_{{ name }}_by_{{ axis }},
        {% endfor %}
        {% endfor %}
        cast(count(*) over (partition by shared.week_start_date) as integer) as reasons,

        case when bounds.has_self_service then coalesce(searched.searches, 0) end as searches,
        case when bounds.has_self_service then coalesce(searched.searches_without_result, 0) end as searches_without_result,
        case when bounds.has_self_service then coalesce(searched.articles_read_in_vain, 0) end as articles_read_in_vain,
        case when bounds.has_self_service and articles.reason is not null then coalesce(pushable.push_list_size, 0) end as push_list_size,

        case when effects.finding <> 'no_feed' then coalesce(pushed.pushed_customers, 0) end as pushed_customers,
        {% for end in ['', '_low', '_high'] -%}
        coalesce(pushed.pushed_customers, 0) * effects.hours_per_contact * effects.avoided_per_push{{ end }} as avoided_hours{{ end }},
        {% endfor %}
        shared.reason = 'unclassified' as is_unclassified,
        articles.reason is not null as article_exists,
        {% for name in ['70', '80'] %}
        shared.is_in_head_{{ name }}_by_count,
        shared.is_in_head_{{ name }}_by_cost{{ ',' if not loop.last }}
        {% endfor %}
    from shared
    cross join bounds
    left join articles on shared.reason = articles.reason
    left join searched
        on shared.week_start_date = searched.week_start_date
        and shared.reason = searched.reason
    left join effects on shared.reason = effects.reason
    left join pushed
        on shared.week_start_date = pushed.week_start_date
        and shared.reason = pushed.reason
    left join pushable
        on shared.week_start_date = pushable.week_start_date
        and shared.reason = pushable.reason
)

select * from final
