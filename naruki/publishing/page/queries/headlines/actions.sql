-- One row: whom to call first and why, and how much of the list fits into the week.
with

queue as (select * from action_queue_current where status is null or status <> 'resolved'),

-- A customer with several actions is called once.
customers as (
    select
        left(any_value(coalesce(name, customer_id)), 40) as customer_name,
        min(rank) as first_rank
    from queue
    where not below_line
    group by customer_id
)

select
    count(*) filter (where not below_line) as listed,
    count(distinct customer_id) filter (where not below_line) as customers,
    sum(hours) filter (where not below_line) as hours,
    count(*) filter (where below_line) as below,
    coalesce(sum(hours) filter (where below_line), 0) as hours_below,
    arg_min(customer_id, rank) filter (where not below_line) as first_id,
    arg_min(coalesce(name, customer_id), rank) filter (where not below_line) as first_name,
    arg_min(action_label_en, rank) filter (where not below_line) as first_action_en,
    arg_min(action_label_ja, rank) filter (where not below_line) as first_action_ja,
    arg_min(reason_en, rank) filter (where not below_line) as first_reason_en,
    arg_min(reason_ja, rank) filter (where not below_line) as first_reason_ja,
    (select list(customer_name order by first_rank)[2:3] from customers) as next,
    case when count(*) filter (where not below_line) = 0 then 'none' when count(*) filter (where below_line) = 0 then 'all' end as variant
from queue
