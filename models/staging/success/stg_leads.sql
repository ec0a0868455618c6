-- One row per prospect.
with

landed as (select * from {{ newest(source('landing', 'leads'), ['lead_id']) }}),

final as (
    select
        lead_id,

        company as company_name,
        industry,
        upper(country) as country,
        role as contact_role,
        source as lead_source,

        employees,

        created_at,
        _loaded_at
    from landed
)

select * from final
