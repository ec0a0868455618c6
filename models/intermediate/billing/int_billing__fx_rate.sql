-- One row per currency and interval of days in which one rate into the reporting currency holds.
with

landed as (select * from {{ ref('stg_fx_rates') }}),
planned as (select * from {{ ref('cfg_fx_rate') }}),
currencies as (select * from {{ ref('cfg_currency') }}),

reporting as (select {{ setting('reporting_currency', 'string') }} as reporting_currency),

-- What a source delivered for a day wins over the planning rate of that day.
candidates as (
    select rate_date, currency, rate_to_reporting, 1 as preference
    from landed
    where coalesce(reporting_currency, {{ setting('reporting_currency', 'string') }}) = {{ setting('reporting_currency', 'string') }}
    union all
    select rate_date, currency, rate_to_reporting, 2 as preference
    from planned
    where reporting_currency = {{ setting('reporting_currency', 'string') }}
),

ranked as (
    select
        *,
        row_number() over (partition by currency, rate_date order by preference, rate_to_reporting) as rank_of_day
    from candidates
    where rate_to_reporting > 0 and currency <> {{ setting('reporting_currency', 'string') }}
),

dated as (
    select currency, rate_date as valid_from_date, rate_to_reporting
    from ranked
    where rank_of_day = 1
    union all
    select reporting_currency as currency, cast('0001-01-01' as date) as valid_from_date, cast(1 as double) as rate_to_reporting
    from reporting
),

bounded as (
    select
        *,
        lead(valid_from_date) over (partition by currency order by valid_from_date) as valid_to_date
    from dated
),

final as (
    select
        bounded.currency,

        bounded.rate_to_reporting,
        bounded.rate_to_reporting * power(10.0, cast(home.minor_digits - currencies.minor_digits as double)) as reporting_minor_per_minor,

        bounded.valid_from_date,
        bounded.valid_to_date
    from bounded
    inner join currencies on bounded.currency = currencies.currency
    cross join reporting
    inner join currencies as home on reporting.reporting_currency = home.currency
)

select * from final
