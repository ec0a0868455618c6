-- One row per action of this week's list: what fits into the hours first, then what does not, each in the order of the queue.
select
    cast(row_number() over (order by below_line, rank) as integer) as rank,
    customer_id,
    name as customer_name,
    quadrant,
    tier,
    reason_en,
    reason_ja,
    action_label_en as action_en,
    action_label_ja as action_ja,
    hours,
    value_at_stake_low as value_low,
    value_at_stake_high as value_high,
    due_on,
    is_overdue,
    owner,
    below_line as is_below_line
from action_queue_current
where status is null or status <> 'resolved'
order by below_line, rank
limit $list_limit
