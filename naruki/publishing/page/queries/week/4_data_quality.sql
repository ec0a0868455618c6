-- One row per decision: checks that did not pass.
select
    'data_quality' as measure,
    'integer' as unit,
    'down' as better,
    cast(null as double) as most,
    as_of_date as period,
    count(*) filter (where status <> 'passed') as value,
    {'checks': count(*), 'failed': count(*) filter (where status = 'failed'), 'warned': count(*) filter (where status = 'warned')} as details
from data_quality
group by as_of_date
