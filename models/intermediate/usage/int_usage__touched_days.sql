-- One row per business day whose usage has to be rebuilt in this run.
{%- set users, customers = ref('stg_users'), ref('stg_customers') %}
{%- set built = adapter.get_relation(database=target.database, schema=target.schema, identifier='int_usage__user_feature_day') %}
{%- set people_landed = is_unbuilt(source('landing', 'users')) != 'false' or is_unbuilt(source('landing', 'customers')) != 'false' %}
with

landed as ({{ touched_days(source('landing', 'usage_events'), 'event_id', 'occurred_at') }}),

{% if built and people_landed -%}
-- A user who turns out to belong to another customer, or a customer that becomes a test customer, changes days gone by.
users as (select * from {{ users }}),

customers as (select * from {{ customers }}),

reassigned as (
    select distinct built.activity_date as touched_date
    from {{ built }} as built
    left join users on built.user_id = users.user_id
    left join customers on built.customer_id = customers.customer_id
    where
        (not built.is_customer_stated and built.customer_id is distinct from users.customer_id)
        or built.is_test != coalesce(customers.is_test, false)
),

{% endif -%}
final as (
    select touched_date from landed
    {%- if built and people_landed %}
    union
    select touched_date from reassigned
    {%- endif %}
)

select touched_date from final
where touched_date is not null
