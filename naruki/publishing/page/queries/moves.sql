-- One row per customer that moves between tiers on this day; who is new in a tier has not moved.
select
    moves.customer_id,
    customers.customer_name,
    moves.from_tier,
    moves.to_tier,
    moves.direction,
    moves.cause,
    moves.reason_en,
    moves.reason_ja,
    moves.p_tier as certainty,
    moves.value_gain,
    moves.hours_change,
    moves.approved_by,
    case when moves.approved_by is not null then 'approved' else 'not_needed' end as approval
from tier_moves_current as moves
left join dim_customer as customers on moves.customer_id = customers.customer_id
where moves.direction <> 'new'
order by abs(moves.value_gain) desc nulls last, moves.customer_id
limit $list_limit
