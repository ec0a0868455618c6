-- One row per action that was ever on the list: until when it was due, when somebody reached the customer, and what came of it.
with

listed as (
    select action_key, action, customer_id, trigger, owner, first_listed_on, due_on
    from read_parquet('computed/action_queue/as_of_date=[2-9]*/action_queue.parquet', union_by_name = true, hive_partitioning = false)
    where as_of_date <= $day
    qualify row_number() over (partition by action_key order by as_of_date) = 1
),

reported as (
    select action_key, outcome, reported_by, contacted_on, cast(timezone(zone.value, timezone('UTC', resolved_at)) as date) as resolved_on
    from stg_outcomes, (select value from cfg_setting where setting = 'business_time_zone') as zone
)

select
    listed.*,
    case when reported.contacted_on <= $day then reported.contacted_on end as contacted_on,
    case when reported.resolved_on <= $day then reported.resolved_on end as resolved_on,
    case when least(reported.contacted_on, reported.resolved_on) <= $day then reported.outcome end as outcome,
    case when least(reported.contacted_on, reported.resolved_on) <= $day then reported.reported_by end as reported_by,
    case when reported.contacted_on <= $day then reported.contacted_on <= listed.due_on when listed.due_on < $day then false end as is_in_time
from listed
left join reported using (action_key)
order by action_key
