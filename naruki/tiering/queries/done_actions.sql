-- One row per customer, action and day on which it was done: as people reported it, or as the team's touches show.
select customer_id, action_id as action, cast(contacted_on as date) as done_on
from stg_outcomes
where action_id is not null and contacted_on <= $day
union
select customer_id, action_id, occurred_date
from fct_touch
where action_id is not null and not is_missed and occurred_date <= $day
order by all
