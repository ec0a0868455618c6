-- One row per paying customer at severe risk of leaving, the most urgent first: the thresholds are those of the fast lane.
with

limits as (
    select
        max(cast(value as double)) filter (where setting = 'fast_lane_renewal_p') as renewal_p,
        max(cast(value as double)) filter (where setting = 'fast_lane_churn_intent') as churn_intent
    from policy.cfg_tier_setting
    where setting like 'fast_lane_%'
)

select
    facts.customer_id as code,
    segments.quadrant_label_en,
    segments.quadrant_label_ja,
    tiers.tier_label_en,
    tiers.tier_label_ja,
    facts.renewal_p <= limits.renewal_p as is_unlikely_to_renew,
    facts.churn_intent >= limits.churn_intent as speaks_of_leaving
from mart_customer_facts as facts
cross join limits
left join customer_segments as segments on facts.customer_id = segments.customer_id and facts.as_of_date = segments.as_of_date
left join customer_tiers as tiers on facts.customer_id = tiers.customer_id and facts.as_of_date = tiers.as_of_date
where
    facts.as_of_date = $as_of_date
    and facts.is_paying
    and (facts.renewal_p <= limits.renewal_p or facts.churn_intent >= limits.churn_intent)
order by segments.priority_rank, facts.customer_id
