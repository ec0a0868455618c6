-- One row per proposed action of which a person reported what came of it.
with

landed as (select * from {{ newest(source('landing', 'outcomes'), ['action_key'], 'resolved_at') }}),

final as (
    select
        action_key,

        outcome,
        note,
        {{ adapter.quote('by') }} as reported_by,

        contacted_at,
        resolved_at,
        _loaded_at
    from landed
)

select * from final
