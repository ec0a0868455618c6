-- One row per subscription item and instant from which its terms hold.
with

landed as (
    select *, coalesce(item_id, 'default') as item
    from {{ source('landing', 'subscriptions') }}
),

-- A full pull of keys found that the source no longer has these terms.
deleted as (
    select subscription_id, item, effective_at, max(_loaded_at) as gone_at
    from landed
    where _deleted_at is not null
    group by subscription_id, item, effective_at
),

standing as (
    select landed.*
    from landed
    left join deleted
        on landed.subscription_id = deleted.subscription_id and landed.item = deleted.item
        and landed.effective_at is not distinct from deleted.effective_at
    where landed._deleted_at is null and (deleted.gone_at is null or landed._loaded_at > deleted.gone_at)
),

-- A source that overwrites its row gives no effective_at: there its successive versions are the history, so that a price
-- raised in place holds from its own update on and is not carried back.
ordered as (
    select
        *,
        dense_rank() over (
            partition by subscription_id, item, effective_at is null order by updated_at nulls first
        ) as version_number
    from standing
),

dated as (
    select
        *,
        case
            when effective_at is not null then effective_at
            when version_number = 1 or updated_at is null then started_at
            else greatest(updated_at, started_at)
        end as terms_from_at
    from ordered
),

versions as (
    select
        *,
        row_number() over (
            partition by subscription_id, item, terms_from_at
            order by updated_at desc nulls last, _loaded_at desc, _load_id desc, _row_number desc
        ) as version_rank
    from dated
),

final as (
    select
        subscription_id,
        item as item_id,
        customer_id,
        plan_id,

        lower(plan_tier) as plan_tier,
        lower(status) as status,
        upper(currency) as currency,
        lower(billing_interval) as billing_interval,
        lower(discount_duration) as discount_duration,

        coalesce(quantity, 1) as quantity,
        unit_amount_minor,
        coalesce(discount_minor, 0) as discount_minor,
        coalesce(nullif(interval_count, 0), 1) as interval_count,

        coalesce(is_trial, false) as is_trial,
        auto_renews,

        terms_from_at as effective_at,
        started_at,
        current_term_end_at,
        cancel_requested_at,
        ended_at,
        updated_at,
        _loaded_at
    from versions
    where version_rank = 1
)

select * from final
