-- One row per subscription item and interval of constant terms: what it was worth a month and why it changed.
with

intervals as (select * from {{ ref('int_billing__subscription_interval') }}),

beside as (
    select
        *,
        lag(status) over (partition by subscription_id, item_id order by interval_number) as prior_status,
        lag(is_trial) over (partition by subscription_id, item_id order by interval_number) as prior_is_trial,
        lag(valid_to_at) over (partition by subscription_id, item_id order by interval_number) as prior_valid_to_at,
        lag(plan_id) over (partition by subscription_id, item_id order by interval_number) as prior_plan_id,
        lag(plan_tier) over (partition by subscription_id, item_id order by interval_number) as prior_plan_tier,
        lag(currency) over (partition by subscription_id, item_id order by interval_number) as prior_currency,
        lag(billing_interval) over (partition by subscription_id, item_id order by interval_number) as prior_billing_interval,
        lag(interval_count) over (partition by subscription_id, item_id order by interval_number) as prior_interval_count,
        lag(unit_amount_minor) over (partition by subscription_id, item_id order by interval_number) as prior_unit_amount_minor,
        lag(quantity) over (partition by subscription_id, item_id order by interval_number) as prior_quantity,
        lag(mrr_minor) over (partition by subscription_id, item_id order by interval_number) as prior_mrr_minor,
        lead(valid_from_at) over (partition by subscription_id, item_id order by interval_number) as next_valid_from_at
    from intervals
),

final as (
    select
        subscription_id,
        item_id,
        interval_number,
        customer_id,
        plan_id,

        plan_tier,
        status,
        currency,
        billing_interval,
        interval_group,
        discount_duration,
        case
            when interval_number = 1 and (is_trial or status = 'trialing') then 'trial_started'
            when interval_number = 1 then 'started'
            when prior_valid_to_at < valid_from_at then 'restarted'
            when (prior_is_trial or prior_status = 'trialing') and not (is_trial or status = 'trialing') then 'trial_converted'
            when status <> prior_status and status = 'paused' then 'paused'
            when status <> prior_status and prior_status = 'paused' then 'resumed'
            when status <> prior_status and status in ('past_due', 'unpaid') then 'payment_late'
            when status <> prior_status and prior_status in ('past_due', 'unpaid') then 'payment_recovered'
            when status <> prior_status then 'status'
            when currency <> prior_currency then 'currency'
            when billing_interval <> prior_billing_interval or interval_count <> prior_interval_count then 'billing_interval'
            when plan_id is distinct from prior_plan_id or plan_tier is distinct from prior_plan_tier then 'plan'
            when quantity > prior_quantity then 'quantity_up'
            when quantity < prior_quantity then 'quantity_down'
            when unit_amount_minor > prior_unit_amount_minor then 'price_up'
            when unit_amount_minor < prior_unit_amount_minor then 'price_down'
            else 'discount'
        end as change_reason,
        excluded_because,

        quantity,
        interval_count,
        unit_amount_minor,
        discount_minor,
        mrr_minor,
        mrr_minor - coalesce(case when prior_valid_to_at >= valid_from_at then prior_mrr_minor end, 0) as mrr_change_minor,
        term_months,

        is_trial,
        auto_renews,
        valid_to_at is not null and (next_valid_from_at is null or next_valid_from_at > valid_to_at) as is_followed_by_end,

        valid_from_at,
        valid_to_at,
        started_at,
        current_term_end_at,
        notice_at,
        end_at
    from beside
)

select * from final
