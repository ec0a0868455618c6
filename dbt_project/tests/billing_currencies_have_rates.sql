-- A currency without a rate leaves its amounts unknown: someone has to add it to cfg_fx_rate (and cfg_currency) or land fx_rates.
{{ config(meta={'dagster': {'ref': {'name': 'int_billing__cash'}}}) }}
{{ config(severity='warn') }}
select currency, cast(sum(rows_without_rate) as bigint) as rows_without_rate
from (
    select original_currency as currency, count(*) as rows_without_rate
    from {{ ref('int_billing__cash') }}
    where net_minor is null
    group by original_currency
    union all
    select currency, count(*) as rows_without_rate
    from {{ ref('int_billing__mrr_currency_month') }}
    where mrr_minor > 0 and reporting_minor_per_minor is null
    group by currency
) as missing
group by currency
