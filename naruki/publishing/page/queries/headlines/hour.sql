-- One row: the team where one more hour a week is worth most.
select
    max(hour_price) as price,
    arg_max(label_en, hour_price) as team_en,
    arg_max(label_ja, hour_price) as team_ja,
    case when count(hour_price) = 0 then 'unknown' when max(hour_price) < 1 then 'none' end as variant
from tier_capacity_current
