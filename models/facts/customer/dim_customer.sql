-- One row per customer, test customers included, as it stands on the newest day of the data.
{%- set depth = 8 %}
{%- set months = ref('int_calendar__months') %}
with

customers as (select * from {{ ref('stg_customers') }}),
bands as (select * from {{ ref('cfg_band') }} where band_set = 'employees'),
newest as (select max(measured_at) as measured_at, max(measured_on) as measured_on from {{ ref('int_calendar__months') }}),

states as (
    select *
    from {{ customer_state('(select max(measured_at) from ' ~ months ~ ')', '(select max(measured_on) from ' ~ months ~ ')') }} as standing
),

-- A parent that nobody knows is no parent; who is its own ancestor stands for itself.
parents as (
    select child.customer_id, parent.customer_id as parent_customer_id
    from customers as child
    left join customers as parent on child.parent_customer_id = parent.customer_id and child.customer_id <> parent.customer_id
),

lineage as (
    select
        level_0.customer_id,
        level_0.parent_customer_id,
        level_{{ depth }}.parent_customer_id is not null as is_parent_circular,
        coalesce(
            {% for level in range(depth - 1, -1, -1) %}level_{{ level }}.parent_customer_id, {% endfor %}level_0.customer_id
        ) as top_customer_id
    from parents as level_0
    {% for level in range(1, depth + 1) -%}
    left join parents as level_{{ level }} on level_{{ level - 1 }}.parent_customer_id = level_{{ level }}.customer_id
    {% endfor %}
),

final as (
    select
        customers.customer_id,
        lineage.parent_customer_id,
        case when lineage.is_parent_circular then customers.customer_id else lineage.top_customer_id end as top_parent_customer_id,

        customers.customer_name,
        customers.entity_type,
        customers.industry,
        customers.country,
        customers.time_zone,
        coalesce(states.plan_tier, lower(customers.plan_name)) as plan,
        states.billing_interval,
        coalesce(states.original_currency, customers.currency) as currency,
        customers.acquisition_channel,
        customers.owner_name,
        customers.purpose_of_use,
        bands.band as employees_band,
        coalesce(states.lifecycle_stage, 'prospect') as lifecycle_stage,

        customers.employees,
        states.seats,

        customers.is_test,
        coalesce(states.is_paying, false) as is_paying,
        lineage.is_parent_circular,

        customers.signed_up_at,
        states.first_paid_at,
        states.notice_at,
        states.term_end_on,
        newest.measured_on
    from customers
    cross join newest
    inner join lineage using (customer_id)
    left join bands on customers.employees >= bands.lower_bound and (bands.upper_bound is null or customers.employees <= bands.upper_bound)
    left join states using (customer_id)
)

select * from final
