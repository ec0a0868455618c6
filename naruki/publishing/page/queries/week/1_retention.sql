-- One row per month for GRR and for NRR of the 12 months up to it.
with

months as (
    select
        month_start_date as period,
        grr,
        nrr,
        {
            'lost': revenue_lost,
            'customers_lost': customers_lost,
            'expanded': revenue_expanded,
            'explained': case when customers_lost >= $minimum_n then lost_explained_share end
        } as details
    from mart_revenue_retention_current
    where horizon_months = 12 and customers_opening >= $minimum_n
)

select 'grr' as measure, 'share' as unit, 'up' as better, cast(null as double) as most, period, grr as value, details from months
union all
select 'nrr', 'share', 'up', null, period, nrr, details from months
