-- answered + abandoned + other = offered in every interval, and a call is handled once at most.
select as_of_date, call_date, interval_minute, queue, offered, answered, abandoned, other
from {{ ref('contact_center') }}
where answered + abandoned + other <> offered
    or handled > answered
    or short_abandoned > abandoned
    or within_service_level > answered
