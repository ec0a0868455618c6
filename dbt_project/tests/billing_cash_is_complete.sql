-- What the months add up to is what came in and went back, to the minor unit.
{{ config(meta={'dagster': {'ref': {'name': 'int_billing__customer_month'}}}) }}
select months.net_revenue_minor, cash.net_minor
from (
    select cast(sum(net_revenue_minor) as bigint) as net_revenue_minor, count(*) - count(net_revenue_minor) as unknown_months
    from {{ ref('int_billing__customer_month') }}
) as months
cross join (
    select cast(sum(case when cash.kind = 'collected' then cash.net_minor else -cash.net_minor end) as bigint) as net_minor
    from {{ ref('int_billing__cash') }} as cash
    inner join {{ ref('int_calendar__months') }} as calendar on {{ month_start('cash.occurred_on') }} = calendar.month_start_date
) as cash
where months.unknown_months = 0 and months.net_revenue_minor <> cash.net_minor
