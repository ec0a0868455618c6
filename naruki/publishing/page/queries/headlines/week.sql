-- One row: what stays of the revenue of a year ago, and what grew.
select
    grr,
    nrr,
    customers_closing as customers,
    case when grr is null then 'none' end as variant
from mart_revenue_retention_current
where horizon_months = 12 and customers_opening >= $minimum_n
order by month_start_date desc
limit 1
