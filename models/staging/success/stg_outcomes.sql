-- One row per proposed action of which a person reported what came of it.
with

landed as (select * from {{ newest(source('landing', 'outcomes'), ['action_key'], 'resolved_at') }}),

-- The list makes its keys of the first day, the customer and the action; a key of another form stands for itself alone.
read as (
    select
        *,
        {{ safe_cast('substring(action_key, 1, 10)', 'date') }} as listed_on,
        {{ dbt.split_part('action_key', "':'", -1) }} as last_part
    from landed
    where action_key is not null
),

final as (
    select
        action_key,
        case when listed_on is not null then substring(action_key, 12, length(action_key) - 12 - length(last_part)) end as customer_id,
        case when listed_on is not null then last_part end as action_id,

        outcome,
        note,
        {{ adapter.quote('by') }} as reported_by,

        listed_on,
        {{ business_date('contacted_at') }} as contacted_on,
        contacted_at,
        resolved_at,
        _loaded_at
    from read
)

select * from final
