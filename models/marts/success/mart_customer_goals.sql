-- One row per as-of day and customer: what it needs, wants and thinks of us, with where that is known from.
{%- set day = as_of_date() %}
with

customers as (select * from {{ ref('dim_customer') }}),
contacts as (
    select * from {{ ref('fct_interaction') }}
    where {{ stood_as_contact() }} and occurred_at < {{ as_of_instant() }} and occurred_on > {{ add_months(day, -12) }}
),
touches as (select * from {{ ref('fct_touch') }} where occurred_at < {{ as_of_instant() }} and not is_missed),
judgements as (select * from {{ ref('stg_judgements') }} where rated_at < {{ as_of_instant() }}),
requests as (select * from {{ ref('stg_feature_requests') }} where created_at < {{ as_of_instant() }}),
known as (select {{ feed_known(['tickets', 'calls']) }} as has_contacts),

-- What is asked for most; of equals the one asked for last.
needs as (
    select customer_id, reason
    from (
        select
            customer_id,
            reason,
            row_number() over (partition by customer_id order by count(*) desc, max(occurred_at) desc, reason) as from_most
        from contacts
        where customer_id is not null and reason is not null and reason <> 'unclassified'
        group by customer_id, reason
    ) as ranked
    where from_most = 1
),

asked as (select distinct customer_id from contacts),

wanted as (
    select customer_id, goal
    from (
        select
            customer_id,
            goal,
            row_number() over (partition by customer_id order by created_at desc, request_id) as from_newest
        from requests
        where goal is not null
    ) as ranked
    where from_newest = 1
),

-- The newest word of each kind that still counts.
judged as (
    select
        customer_id,
        max(case when judgement_kind = 'goal' then judgement_value end) as goal,
        max(case when judgement_kind = 'plan_fit' then {{ business_date('rated_at') }} end) as plan_fit_on,
        max(case when judgement_kind = 'usefulness' then rating end) as usefulness_rating,
        max(case when judgement_kind = 'opt_out' then lower(trim(judgement_value)) end) as opt_out
    from (
        select
            *,
            row_number() over (partition by customer_id, judgement_kind order by rated_at desc, rater) as from_newest
        from judgements
        where expires_at is null or expires_at >= {{ as_of_instant() }}
    ) as ranked
    where from_newest = 1
    group by customer_id
),

planned as (
    select
        customer_id,
        max(occurred_date) as plan_fit_on
    from touches
    where {{ is_listed('action_id', 'plan_fit_actions') }}
    group by customer_id
),

final as (
    select
        {{ day }} as as_of_date,
        customers.customer_id,

        case
            when needs.reason is not null then needs.reason
            when known.has_contacts and asked.customer_id is null then 'none'
        end as support_need,
        case when needs.reason is not null or (known.has_contacts and asked.customer_id is null) then 'contacts' end as support_need_source,
        customers.purpose_of_use,
        coalesce(judged.goal, wanted.goal) as customer_goal,
        case
            when judged.goal is not null then 'judgement'
            when wanted.goal is not null then 'feature_request'
        end as goal_source,

        judged.usefulness_rating,

        judged.opt_out = 'yes' as is_opted_out,

        greatest(
            coalesce(judged.plan_fit_on, planned.plan_fit_on),
            coalesce(planned.plan_fit_on, judged.plan_fit_on)
        ) as plan_fit_reviewed_on
    from customers
    cross join known
    left join needs using (customer_id)
    left join asked using (customer_id)
    left join wanted using (customer_id)
    left join judged using (customer_id)
    left join planned using (customer_id)
    where customers.signed_up_at < {{ as_of_instant() }}
)

select * from final
