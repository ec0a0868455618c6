-- One row per customer and instant from which its master data held, every version that landed.
with

landed as (select * from {{ source('landing', 'customers') }} where _deleted_at is null),

-- The first version that we know holds since sign-up: nobody told us of another one before.
ordered as (
    select
        *,
        dense_rank() over (partition by customer_id order by updated_at nulls first) as version_number
    from landed
),

dated as (
    select
        *,
        case
            when version_number = 1 or updated_at is null then signed_up_at
            else greatest(updated_at, signed_up_at)
        end as valid_from_at
    from ordered
),

versions as (
    select
        *,
        row_number() over (
            partition by customer_id, valid_from_at
            order by updated_at desc nulls last, _loaded_at desc, _load_id desc, _row_number desc
        ) as version_rank
    from dated
),

final as (
    select
        customer_id,
        parent_customer_id,

        coalesce(entity_type, 'unknown') as entity_type,
        industry,
        upper(country) as country,
        acquisition_channel,

        employees,

        coalesce(is_test, false) as is_test,

        valid_from_at
    from versions
    where version_rank = 1
)

select * from final
