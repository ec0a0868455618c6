-- One row per as-of day and request for the product: what is wanted and why, who wants it with how much revenue, how far it got.
{%- set day = as_of_date() %}
with

requests as (select * from {{ ref('stg_feature_requests') }} where created_at < {{ as_of_instant() }}),
customers as (select * from {{ ref('stg_customers') }} where not is_test),
revenue as (select customer_id, mrr from {{ ref('mart_customer_value') }} where as_of_date = {{ day }}),

-- What was judged or shipped after the day was still open then.
known as (
    select
        requests.request_id,
        requests.customer_id,
        requests.ticket_id,
        requests.roadmap_id,
        requests.title,
        requests.body,
        requests.goal,
        requests.created_at,
        case when requests.judged_at < {{ as_of_instant() }} then requests.fit_judgement else 'pending' end as fit_judgement,
        case when requests.judged_at < {{ as_of_instant() }} then requests.judged_by end as judged_by,
        case when requests.judged_at < {{ as_of_instant() }} then requests.judged_at end as judged_at,
        case when requests.shipped_at < {{ as_of_instant() }} then requests.shipped_at end as shipped_at,
        coalesce(requests.roadmap_id, concat('title:', lower(trim(requests.title)))) as wanted,
        revenue.mrr
    from requests
    inner join customers on requests.customer_id = customers.customer_id
    left join revenue on requests.customer_id = revenue.customer_id
),

together as (
    select wanted, count(distinct customer_id) as requesters, sum(mrr) as mrr
    from (select distinct wanted, customer_id, mrr from known) as each_once
    group by wanted
),

final as (
    select
        {{ day }} as as_of_date,
        known.request_id,
        known.customer_id,
        known.ticket_id,
        known.roadmap_id,

        known.title,
        known.body as request_text,
        known.goal,
        case
            when known.shipped_at is not null then 'shipped'
            when known.fit_judgement = 'no' then 'declined'
            when known.roadmap_id is not null then 'planned'
            when known.fit_judgement = 'yes' then 'accepted'
            else 'open'
        end as request_status,
        known.fit_judgement,
        known.judged_by,

        known.mrr,
        cast(together.requesters as bigint) as requesters,
        cast(together.mrr as decimal(18, 2)) as requesters_mrr,
        {{ setting('reporting_currency', 'string') }} as currency,

        known.mrr > 0 as is_paying,

        {{ business_date('known.created_at') }} as requested_on,
        {{ business_date('known.judged_at') }} as judged_on,
        {{ business_date('known.shipped_at') }} as shipped_on
    from known
    inner join together on known.wanted = together.wanted
)

select * from final
