-- One row per as-of day, attribute and value: how many of the customers of a year ago still pay.
{%- set attributes = {
    'plan': 'opening_plan_tier', 'billing_interval': 'opening_interval_group', 'industry': 'industry',
    'employees': 'employees_band', 'entity_type': 'entity_type', 'channel': 'acquisition_channel', 'country': 'country',
} %}
with

months as (select * from {{ ref('int_billing__mrr_month') }} where month_end_date <= {{ as_of_date() }}),
versions as (select * from {{ ref('stg_customer_versions') }} where valid_from_at < {{ as_of_instant() }}),
bands as (select * from {{ ref('cfg_band') }} where band_set = 'employees'),

newest as (select max(month_start_date) as end_month from months),

-- The customers as they were known on the day.
customers as (
    select ranked.*, bands.band as employees_band
    from (
        select *, row_number() over (partition by customer_id order by valid_from_at desc) as newest_first
        from versions
    ) as ranked
    left join bands
        on ranked.employees >= bands.lower_bound and (bands.upper_bound is null or ranked.employees <= bands.upper_bound)
    where ranked.newest_first = 1
),

-- The closed cohort of those who paid twelve months before the newest month that had ended.
cohort as (
    select
        months.customer_id,
        months.opening_plan_tier,
        months.opening_interval_group,
        customers.industry,
        customers.employees_band,
        customers.entity_type,
        customers.acquisition_channel,
        customers.country,
        newest.end_month
    from months
    inner join newest on months.month_start_date = {{ add_months('newest.end_month', -12) }}
    left join customers on months.customer_id = customers.customer_id
    where months.is_paying_at_end
),

outcomes as (
    select cohort.*, case when months.is_paying_at_end then 1 else 0 end as stayed
    from cohort
    left join months on cohort.customer_id = months.customer_id and cohort.end_month = months.month_start_date
),

valued as (
    {% for attribute, column in attributes.items() %}
    select '{{ attribute }}' as attribute, coalesce({{ column }}, 'unknown') as attribute_value, end_month, stayed from outcomes
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

overall as (select cast(sum(stayed) as double) / nullif(count(*), 0) as repeat_rate from outcomes),

counted as (
    select
        attribute,
        attribute_value,
        end_month,
        cast(count(*) as bigint) as customers,
        cast(sum(stayed) as bigint) as customers_stayed
    from valued
    group by attribute, attribute_value, end_month
),

-- The mean of a beta-binomial whose prior is the overall rate.
shrunk as (
    select
        counted.*,
        overall.repeat_rate as overall_rate,
        counted.customers >= {{ setting('minimum_group_size') }} as is_published,
        counted.customers + {{ setting('attribute_prior_strength', 'double') }} as weight,
        (counted.customers_stayed + overall.repeat_rate * {{ setting('attribute_prior_strength', 'double') }})
        / (counted.customers + {{ setting('attribute_prior_strength', 'double') }}) as shrunk_rate
    from counted
    cross join overall
),

final as (
    select
        {{ as_of_date() }} as as_of_date,
        end_month as month_start_date,
        attribute,
        attribute_value,

        customers,
        case when is_published then customers_stayed end as customers_stayed,
        case when is_published then cast(customers_stayed as double) / customers end as repeat_rate,
        case when is_published then shrunk_rate end as repeat_rate_shrunk,
        case when is_published then {{ wilson_bound('shrunk_rate', 'weight', '-') }} end as repeat_rate_low,
        case when is_published then {{ wilson_bound('shrunk_rate', 'weight', '+') }} end as repeat_rate_high,
        overall_rate,

        is_published
    from shrunk
)

select * from final
