-- One row per day and currency: the rate that landed, in the newest version.
with

landed as (select * from {{ newest(source('landing', 'fx_rates'), ['rate_date', 'currency']) }}),

final as (
    select
        rate_date,
        upper(currency) as currency,
        upper(reporting_currency) as reporting_currency,

        rate_to_reporting,

        _loaded_at
    from landed
)

select * from final
