-- One row per currency and business day: the rate into the reporting currency that holds on it, and of which day it is.
with

landed as (select * from {{ ref('stg_fx_rates') }}),
planned as (select * from {{ ref('cfg_fx_rate') }}),
currencies as (select * from {{ ref('cfg_currency') }}),
calendar as (select * from {{ ref('int_calendar__days') }}),

reporting as (
    select currency as reporting_currency, minor_digits as reporting_digits
    from currencies
    where currency = {{ setting('reporting_currency', 'string') }}
),

-- The rates of the policy are quoted in one currency; a company that reports in another gets the cross rate of the day.
crossed as (
    select planned.rate_date, planned.currency, planned.rate_to_reporting
    from planned
    inner join reporting on planned.reporting_currency = reporting.reporting_currency
    union all
    select planned.rate_date, planned.currency, planned.rate_to_reporting / home.rate_to_reporting as rate_to_reporting
    from planned
    inner join planned as home on planned.rate_date = home.rate_date and planned.reporting_currency = home.reporting_currency
    inner join reporting on home.currency = reporting.reporting_currency
    union all
    select planned.rate_date, planned.reporting_currency as currency, 1 / planned.rate_to_reporting as rate_to_reporting
    from planned
    inner join reporting on planned.currency = reporting.reporting_currency
),

delivered as (
    select landed.rate_date, landed.currency, max(landed.rate_to_reporting) as rate_to_reporting
    from landed
    cross join reporting
    where landed.rate_to_reporting > 0 and coalesce(landed.reporting_currency, reporting.reporting_currency) = reporting.reporting_currency
    group by landed.rate_date, landed.currency
),

began as (select currency, min(rate_date) as began_on from delivered group by currency),

-- From the first day that a source delivers a currency on, only what it delivers counts.
quotes as (
    select * from delivered
    union all
    select crossed.*
    from crossed
    left join began on crossed.currency = began.currency
    where began.began_on is null or crossed.rate_date < began.began_on
    union all
    select cast('0001-01-01' as date) as rate_date, reporting_currency as currency, cast(1 as double) as rate_to_reporting
    from reporting
),

bounded as (
    select
        currency,
        rate_date,
        rate_to_reporting,
        lead(rate_date) over (partition by currency order by rate_date) as next_rate_date
    from quotes
    where currency not in (select reporting_currency from reporting) or rate_date = cast('0001-01-01' as date)
),

-- A year more than the data have, for who decides as of a later day than the newest event.
bounds as (
    select min(calendar_date) as first_date, {{ add_days('max(calendar_date)', 366) }} as last_date
    from calendar
),

days as ({{ day_series('bounds', 'first_date', 'last_date') }}),

final as (
    select
        bounded.currency,
        days.calendar_date as rate_date,

        bounded.rate_to_reporting,
        bounded.rate_to_reporting * power(10.0, cast(reporting.reporting_digits - currencies.minor_digits as double)) as reporting_minor_per_minor,

        bounded.rate_date as quoted_on
    from days
    cross join reporting
    inner join bounded
        on days.calendar_date >= bounded.rate_date and (bounded.next_rate_date is null or days.calendar_date < bounded.next_rate_date)
    inner join currencies on bounded.currency = currencies.currency
)

select * from final
