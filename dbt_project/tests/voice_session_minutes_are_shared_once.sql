-- The shares of a session add up to at most one: a minute of a group session is never counted twice.
select session_id, sum(share) as shares
from {{ ref('fct_touch') }}
where session_id is not null
group by session_id
having sum(share) > 1.000001
