-- One row per customer that moves between tiers on this day.
select
    moves.customer_id,
    customers.customer_name,
    moves.from_tier,
    moves.to_tier,
    moves.cause,
    causes.label_en as cause_en,
    causes.label_ja as cause_ja,
    moves.evidence as evidence_en,
    moves.evidence as evidence_ja,
    moves.p_tier as certainty,
    case
        when moves.approved_by is not null then 'approved by ' || moves.approved_by
        when moves.direction = 'down' then 'waits for approval'
        else 'not needed'
    end as approval_en,
    case
        when moves.approved_by is not null then moves.approved_by || ' が承認'
        when moves.direction = 'down' then '承認待ち'
        else '不要'
    end as approval_ja
from tier_moves_current as moves
left join dim_customer as customers using (customer_id)
left join policy.cfg_move_cause as causes on moves.cause = causes.cause
order by moves.direction desc, abs(moves.value_gain) desc nulls last, moves.customer_id
