-- One row per customer with a card and action that is open for it.
select
    customer_id,
    action_label_en as action_en,
    action_label_ja as action_ja,
    reason_en,
    reason_ja,
    due_on,
    below_line as is_below_line
from action_queue_current
where (status is null or status <> 'resolved') and customer_id in (select customer_id from carded)
order by customer_id, rank
