-- One row per as-of day, week and contact reason: how much of the contacts and of the cost it makes, and whether an answer exists.
with

reasons as (select * from {{ ref('int_support__reason_weeks') }}),
articles as (select reason, count(*) as articles from {{ ref('cfg_article') }} group by reason),
effects as (select * from {{ ref('push_effect') }} where as_of_date = {{ as_of_date() }}),
known as (select {{ feed_known(['self_service_events']) }} as has_self_service),

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

        case when known.has_self_service then coalesce(shared.searches, 0) end as searches,
        case when known.has_self_service then coalesce(shared.searches_without_result, 0) end as searches_without_result,
        case when known.has_self_service then coalesce(shared.articles_read_in_vain, 0) end as articles_read_in_vain,
        case when known.has_self_service and articles.reason is not null then coalesce(shared.push_list_size, 0) end as push_list_size,

        case when effects.finding <> 'no_feed' then coalesce(shared.pushed_customers, 0) end as pushed_customers,
        {% for end in ['', '_low', '_high'] -%}
        coalesce(shared.pushed_customers, 0) * effects.hours_per_contact * effects.avoided_per_push{{ end }} as avoided_hours{{ end }},
        {% endfor %}
        shared.reason = 'unclassified' as is_unclassified,
        articles.reason is not null as article_exists,
        {% for name in ['70', '80'] %}
        shared.is_in_head_{{ name }}_by_count,
        shared.is_in_head_{{ name }}_by_cost{{ ',' if not loop.last }}
        {% endfor %}
    from shared
    cross join known
    left join articles on shared.reason = articles.reason
    left join effects on shared.reason = effects.reason
)

select * from final
