-- One row per customer and month, without a gap, from sign-up or first subscription to the newest month of the data.
with

customers as (select * from {{ ref('stg_customers') }}),
terms as (select * from {{ ref('int_billing__subscription_terms') }}),
invoices as (select * from {{ ref('stg_invoices') }}),
months as (select * from {{ ref('int_calendar__months') }}),

-- Who pays without being in the customer feed is kept: its revenue is real, and the match rate shows the hole.
seen as (
    select customer_id, signed_up_at as seen_at from customers
    union all
    select customer_id, min(valid_from_at) as seen_at from terms group by customer_id
    union all
    select customer_id, min(coalesce(paid_at, issued_at)) as seen_at from invoices group by customer_id
),

first_seen as (
    select seen.customer_id, min(seen.seen_at) as first_seen_at
    from seen
    left join customers using (customer_id)
    where not coalesce(customers.is_test, false)
    group by seen.customer_id
),

final as (
    select
        first_seen.customer_id,
        months.month_start_date,
        months.month_end_date,
        months.measured_on,

        months.is_complete,

        first_seen.first_seen_at,
        months.starts_at,
        months.measured_at
    from first_seen
    inner join months on first_seen.first_seen_at < months.measured_at
)

select * from final
