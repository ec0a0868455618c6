-- One row per team: how many of its hours the action list takes this week, and what does not fit.
select
    queue.pool,
    coalesce(any_value(pools.label_en), queue.pool) as pool_en,
    coalesce(any_value(pools.label_ja), queue.pool) as pool_ja,
    coalesce(sum(queue.hours) filter (where not queue.below_line), 0) as hours_listed,
    max(queue.pool_hours) as hours_there,
    count(*) filter (where not queue.below_line) as actions_listed,
    count(*) filter (where queue.below_line) as actions_below,
    coalesce(sum(queue.hours) filter (where queue.below_line), 0) as hours_below
from action_queue_current as queue
left join policy.cfg_capacity as pools on queue.pool = pools.pool
where queue.status is null or queue.status <> 'resolved'
group by queue.pool
order by hours_listed desc, queue.pool
