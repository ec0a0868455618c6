-- One row per user, in the newest version.
with

landed as (select * from {{ newest(source('landing', 'users'), ['user_id']) }}),

final as (
    select
        user_id,
        customer_id,

        email as email_hash,
        lower(role) as user_role,

        created_at,
        _loaded_at
    from landed
)

select * from final
