-- One row: what was lost in the last 12 months, how much of it is explained, and how much could have been prevented.
select
    customers_lost as lost,
    revenue_lost as mrr_lost,
    lost_explained_share as explained,
    revenue_lost_controllable / nullif(revenue_lost_explained, 0) as preventable,
    case when customers_lost = 0 then 'none' when customers_lost < $minimum_n then 'few' end as variant
from mart_revenue_retention_current
where horizon_months = 12
order by month_start_date desc
limit 1
