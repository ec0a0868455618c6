-- One row per customer, in its newest version.
with

landed as (select * from {{ newest(source('landing', 'customers'), ['customer_id'], 'updated_at') }}),

final as (
    select
        customer_id,
        parent_customer_id,

        name as customer_name,
        coalesce(entity_type, 'unknown') as entity_type,
        industry,
        upper(country) as country,
        time_zone,
        upper(currency) as currency,
        plan as plan_name,
        acquisition_channel,
        owner as owner_name,
        purpose_of_use,
        status as source_status,

        employees,

        coalesce(is_test, false) as is_test,

        signed_up_at,
        updated_at,
        _loaded_at
    from landed
)

select * from final
