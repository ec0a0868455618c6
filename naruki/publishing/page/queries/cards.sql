-- One row per customer that has a card, the most urgent first: what is known of it.
select
    segments.customer_id,
    coalesce(customers.customer_name, segments.name) as customer_name,
    segments.quadrant,
    tiers.tier,
    segments.p_quadrant,
    segments.priority_rank,
    segments.revenue_rank,
    segments.near_boundary,
    segments.hidden_dissatisfaction,
    segments.is_silent,
    tiers.not_robust,
    tiers.community_touch,
    tiers.is_onboarding,
    case when tiers.proposed_tier <> tiers.tier then tiers.proposed_tier end as proposed_tier,
    tiers.lock_until,
    amounts.mrr,
    amounts.ltv_p10,
    amounts.ltv_p90,
    amounts.renewal_p_low,
    amounts.renewal_p_high,
    amounts.cost_to_serve,
    amounts.term_end_on,
    effort.demand_hours,
    effort.vendor_fault_hours,
    segments.utilisation_rate,
    segments.days_since_contact,
    segments.days_since_touch,
    customers.owner_name as owner,
    customers.industry,
    customers.plan,
    customers.signed_up_at,
    customers.purpose_of_use as goal
from customer_segments_current as segments
left join customer_tiers_current as tiers on segments.customer_id = tiers.customer_id
left join mart_customer_value_current as amounts on segments.customer_id = amounts.customer_id
left join mart_support_effort_current as effort on segments.customer_id = effort.customer_id
left join dim_customer as customers on segments.customer_id = customers.customer_id
order by segments.priority_rank, segments.customer_id
limit $card_limit
