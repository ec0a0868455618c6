-- One row per customer and interval in which it had one parent.
with

versions as (select * from {{ ref('stg_customer_versions') }}),

marked as (
    select
        *,
        case
            when lag(valid_from_at) over (partition by customer_id order by valid_from_at) is not null
                and lag(parent_customer_id) over (partition by customer_id order by valid_from_at) is not distinct from parent_customer_id
                then 0
            else 1
        end as is_change
    from versions
),

changes as (select * from marked where is_change = 1),

bounded as (
    select
        customer_id,
        parent_customer_id,
        valid_from_at,
        lead(valid_from_at) over (partition by customer_id order by valid_from_at) as valid_to_at
    from changes
),

final as (select * from bounded where parent_customer_id is not null)

select * from final
