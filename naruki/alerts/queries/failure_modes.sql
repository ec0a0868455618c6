-- One row per failure mode of the tiers that is red.
select
    code,
    label_en as name_en,
    label_ja as name_ja,
    meaning_en,
    meaning_ja
from failure_modes
where as_of_date = $as_of_date and status = 'alarm'
order by mode
