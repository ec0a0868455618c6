-- One row per way of giving out tiers: customers in each, hours, and value with its range.
select
    policy,
    label_en as policy_en,
    label_ja as policy_ja,
    hours_per_week as hours,
    hours_short,
    is_feasible,
    cast(json_extract_string(customers_by_tier, '$.high') as bigint) as high,
    cast(json_extract_string(customers_by_tier, '$.low') as bigint) as low,
    cast(json_extract_string(customers_by_tier, '$.tech') as bigint) as tech,
    value_p10,
    value_p50,
    value_p90,
    case when back_test_n >= $minimum_n then back_test_low end as back_test_low,
    case when back_test_n >= $minimum_n then back_test_high end as back_test_high
from tier_policy_comparison_current
order by case policy when 'optimal' then 1 when 'current' then 2 when 'ltv_only' then 3 when 'all_tech' then 4 else 5 end, policy
