-- One row: hours of the action list that this week does not have, and in which team most.
with

teams as (
    select
        queue.pool,
        coalesce(any_value(pools.label_en), queue.pool) as label_en,
        coalesce(any_value(pools.label_ja), queue.pool) as label_ja,
        coalesce(sum(queue.hours) filter (where queue.below_line), 0) as hours
    from action_queue_current as queue
    left join policy.cfg_capacity as pools on queue.pool = pools.pool
    where queue.status is null or queue.status <> 'resolved'
    group by queue.pool
)

select
    sum(hours) as below,
    arg_max(label_en, hours) as team_en,
    arg_max(label_ja, hours) as team_ja,
    max(hours) as team_below,
    case when coalesce(sum(hours), 0) < 0.05 then 'none' end as variant
from teams
