-- One row: how many actions the table has, listed on the page or not.
select count(*) as actions
from action_queue_current
where status is null or status <> 'resolved'
