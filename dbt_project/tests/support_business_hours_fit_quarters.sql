-- The calendar of business minutes knows quarters of an hour: opening hours that lie between them would be rounded in silence.
select schedule_id, weekday, opens_at, closes_at
from {{ ref('cfg_business_hours') }}
where weekday not between 1 and 7
    or substr(opens_at, 4, 2) not in ('00', '15', '30', '45')
    or substr(closes_at, 4, 2) not in ('00', '15', '30', '45')
    or closes_at <= opens_at
    or closes_at > '24:00'
