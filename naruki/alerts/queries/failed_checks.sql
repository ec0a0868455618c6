-- One row per check that failed: only its name, for what it found may hold values of a source.
select
    table_name || '.' || check_name as code,
    table_name || '.' || check_name as name_en,
    table_name || '.' || check_name as name_ja
from data_quality
where as_of_date = $as_of_date and status = 'failed'
order by code
