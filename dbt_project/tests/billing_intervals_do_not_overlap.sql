-- Two terms of one item never hold at the same instant: they would be counted twice.
with

beside as (
    select
        *,
        lag(valid_to_at) over (partition by subscription_id, item_id order by valid_from_at) as prior_valid_to_at,
        lag(valid_from_at) over (partition by subscription_id, item_id order by valid_from_at) as prior_valid_from_at
    from {{ ref('fct_subscription_interval') }}
)

select *
from beside
where
    valid_to_at <= valid_from_at
    or (prior_valid_from_at is not null and (prior_valid_to_at is null or prior_valid_to_at > valid_from_at))
