-- One row: what is at stake in an hour of the best action that does not fit into its team's week.
select
    max(queue.value_per_hour) as price,
    arg_max(coalesce(pools.label_en, queue.pool), queue.value_per_hour) as team_en,
    arg_max(coalesce(pools.label_ja, queue.pool), queue.value_per_hour) as team_ja,
    case when coalesce(max(queue.value_per_hour), 0) < 1 then 'none' end as variant
from action_queue_current as queue
left join policy.cfg_capacity as pools on queue.pool = pools.pool
where queue.below_line and (queue.status is null or queue.status <> 'resolved')
