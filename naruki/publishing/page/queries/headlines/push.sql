-- One row: contacts that self-service and the community are thought to have spared in the newest month.
select
    max(month_start_date) as month,
    sum(deflected_hours_low) as low,
    sum(deflected_hours_high) as high,
    case when sum(deflected_hours_high) is null then 'none' end as variant
from mart_deflection_current
where month_start_date = (select max(month_start_date) from mart_deflection_current)
