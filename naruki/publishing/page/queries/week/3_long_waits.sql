-- One row per four weeks: share of the tickets solved in them whose customer waited too long.
with

solved as (
    select
        is_long_wait,
        cast(floor(date_diff('day', business_day(first_resolved_at), $as_of_date) / 28) as integer) as windows_ago
    from fct_ticket
    where is_counted and is_long_wait is not null and business_day(first_resolved_at) <= $as_of_date
)

select
    'long_waits' as measure,
    'share' as unit,
    'down' as better,
    cast(null as double) as most,
    $as_of_date - windows_ago * 28 as period,
    count(*) filter (where is_long_wait) / count(*) as value,
    {'long': count(*) filter (where is_long_wait), 'solved': count(*)} as details
from solved
where windows_ago <= 13
group by windows_ago
having count(*) >= $minimum_n
