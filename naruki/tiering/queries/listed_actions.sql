-- One row per action that was ever on the list, as it stood when it first came up.
select action_key, action, customer_id, quadrant, value_at_stake, first_listed_on
from read_parquet('computed/action_queue/as_of_date=[2-9]*/action_queue.parquet', union_by_name = true, hive_partitioning = false)
where as_of_date <= $day
qualify row_number() over (partition by action_key order by as_of_date) = 1
order by action_key
