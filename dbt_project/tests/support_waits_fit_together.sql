-- Business minutes never exceed calendar minutes, and the waits of a ticket never exceed its time to resolution.
select ticket_id
from {{ ref('fct_ticket') }}
where first_reply_business_minutes > first_reply_minutes
    or full_resolution_business_minutes > full_resolution_minutes
    or requester_wait_minutes + agent_wait_minutes > full_resolution_minutes + 0.001
    or requester_wait_business_minutes + agent_wait_business_minutes > full_resolution_business_minutes + 0.001
    or agent_work_minutes > requester_wait_minutes
    or first_resolution_minutes > full_resolution_minutes
    or first_reply_business_minutes < 0
