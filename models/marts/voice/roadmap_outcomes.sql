-- One row per as-of day and roadmap item: who had asked for it, when it was shipped, and whether those who asked stayed afterwards.
{%- set day = as_of_date() %}
{%- set window = setting('roadmap_retention_days') %}
with

requests as (select * from {{ ref('product_requests') }} where as_of_date = {{ day }} and roadmap_id is not null),
instants as (select roadmap_id, min(shipped_at) as shipped_at from {{ ref('stg_feature_requests') }} where shipped_at < {{ as_of_instant() }} group by roadmap_id),
terms as (select * from {{ ref('fct_subscription_interval') }} where mrr_minor > 0),

items as (
    select
        roadmap_id,
        min(title) as title,
        cast(count(*) as bigint) as requests,
        cast(count(distinct customer_id) as bigint) as requesters,
        max(requesters_mrr) as requesters_mrr,
        min(requested_on) as first_requested_on,
        min(shipped_on) as shipped_on
    from requests
    group by roadmap_id
),

-- Of an item that has been out for long enough: who paid when it came, had asked for it before, and still pays.
judged as (
    select roadmap_id, shipped_at, {{ from_epoch(epoch_seconds('shipped_at') ~ ' + 86400 * ' ~ window) }} as judged_at
    from instants
    where {{ business_date('shipped_at') }} <= {{ add_days(day, '-' ~ window) }}
),

paying as (
    select
        judged.roadmap_id,
        terms.customer_id,
        max(case when {{ stood_before('judged.shipped_at', 'terms.valid_from_at', 'terms.valid_to_at') }} then 1 else 0 end) = 1 as paid_then,
        max(case when {{ stood_before('judged.judged_at', 'terms.valid_from_at', 'terms.valid_to_at') }} then 1 else 0 end) = 1 as pays_later
    from judged
    cross join terms
    group by 1, 2
),

asked as (select distinct roadmap_id, customer_id from requests where requested_on <= shipped_on),

retained as (
    select
        paying.roadmap_id,
        {% for side, condition in [('asked', 'asked.customer_id is not null'), ('other', 'asked.customer_id is null')] -%}
        cast(count(case when {{ condition }} then 1 end) as bigint) as {{ side }}_customers,
        cast(count(case when {{ condition }} and paying.pays_later then 1 end) as bigint) as {{ side }}_retained{{ ',' if not loop.last }}
        {% endfor %}
    from paying
    left join asked on paying.roadmap_id = asked.roadmap_id and paying.customer_id = asked.customer_id
    where paying.paid_then
    group by paying.roadmap_id
),

final as (
    select
        {{ day }} as as_of_date,
        items.roadmap_id,
        items.title,

        items.requests,
        items.requesters,
        items.requesters_mrr,
        {{ setting('reporting_currency', 'string') }} as currency,
        {{ days_between('items.first_requested_on', 'items.shipped_on') }} as days_to_ship,
        {% for side in ['asked', 'other'] -%}
        retained.{{ side }}_customers,
        retained.{{ side }}_retained,
        {% set shown = 'retained.' ~ side ~ "_customers >= " ~ setting('minimum_group_size') -%}
        {% set share = rate('retained.' ~ side ~ '_retained', 'retained.' ~ side ~ '_customers') -%}
        case when {{ shown }} then {{ share }} end as {{ side }}_retention_rate,
        case when {{ shown }} then {{ wilson_bound(share, 'retained.' ~ side ~ '_customers', '-') }} end as {{ side }}_retention_low,
        case when {{ shown }} then {{ wilson_bound(share, 'retained.' ~ side ~ '_customers', '+') }} end as {{ side }}_retention_high,
        {% endfor %}

        items.shipped_on is not null as is_shipped,

        items.first_requested_on,
        items.shipped_on
    from items
    left join retained on items.roadmap_id = retained.roadmap_id
)

select * from final
