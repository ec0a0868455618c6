-- One row per subscription item and interval in which its terms did not change, with what they are worth a month.
with

terms as (select * from {{ ref('stg_subscriptions') }}),
customers as (select * from {{ ref('stg_customers') }}),

-- The end that the source states counts. Where it states only the notice, the running term ends it: an annual plan stays
-- until its term's end. Nothing else ends a subscription.
ending as (
    select
        terms.*,
        case
            when terms.ended_at is not null then terms.ended_at
            when (terms.cancel_requested_at is not null or terms.status = 'canceled') and terms.current_term_end_at is not null
                then greatest(terms.current_term_end_at, coalesce(terms.cancel_requested_at, terms.current_term_end_at))
            when terms.status = 'canceled' then coalesce(terms.cancel_requested_at, terms.effective_at)
        end as end_at
    from terms
    left join customers using (customer_id)
    where not coalesce(customers.is_test, false)
),

following as (
    select
        *,
        lead(effective_at) over (partition by subscription_id, item_id order by effective_at) as next_effective_at,
        lead(end_at) over (partition by subscription_id, item_id order by effective_at) as next_end_at,
        lead(cancel_requested_at) over (partition by subscription_id, item_id order by effective_at) as next_cancel_requested_at
    from ending
),

-- An end that the next row reports, with its notice, belongs to the terms before it.
bounded as (
    select
        *,
        coalesce(cancel_requested_at, case when next_end_at <= next_effective_at then next_cancel_requested_at end) as notice_at,
        least(next_effective_at, end_at, case when next_end_at <= next_effective_at then next_end_at end) as valid_to_at,
        case when status = 'canceled' then 'active' else status end as standing_status
    from following
),

held as (
    select * from bounded
    where valid_to_at is null or valid_to_at > effective_at
),

compared as (
    select
        *,
        concat_ws(
            '|', customer_id, coalesce(plan_id, ''), coalesce(plan_tier, ''), standing_status, currency, billing_interval,
            interval_count, quantity, unit_amount_minor, discount_minor, coalesce(discount_duration, ''), is_trial
        ) as terms_key
    from held
),

marked as (
    select
        *,
        case
            when lag(terms_key) over (partition by subscription_id, item_id order by effective_at) = terms_key
                and lag(valid_to_at) over (partition by subscription_id, item_id order by effective_at) = effective_at then 0
            else 1
        end as is_change
    from compared
),

numbered as (
    select
        *,
        cast(sum(is_change) over (
            partition by subscription_id, item_id order by effective_at rows between unbounded preceding and current row
        ) as bigint) as interval_number
    from marked
),

ranked as (
    select
        *,
        min(effective_at) over (partition by subscription_id, item_id, interval_number) as valid_from_at,
        row_number() over (partition by subscription_id, item_id, interval_number order by effective_at desc) as newest_first
    from numbered
),

final as (
    select
        subscription_id,
        item_id,
        interval_number,
        customer_id,
        plan_id,

        plan_tier,
        standing_status as status,
        currency,
        billing_interval,
        discount_duration,

        quantity,
        interval_count,
        unit_amount_minor,
        discount_minor,

        is_trial,
        auto_renews,

        valid_from_at,
        valid_to_at,
        started_at,
        current_term_end_at,
        notice_at,
        coalesce(end_at, case when next_end_at <= next_effective_at then next_end_at end) as end_at
    from ranked
    where newest_first = 1
)

select * from final
