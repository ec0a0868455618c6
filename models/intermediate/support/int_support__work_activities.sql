-- One row per thing an agent spent time on, with its seconds: as reported, else as usual for its reason and channel.
with

reports as (select * from {{ ref('int_support__work_reports') }}),
usual as (select * from {{ ref('int_support__handle_times') }}),

final as (
    select
        reports.source_kind,
        reports.source_id,
        reports.agent_id,
        reports.channel,
        reports.reason,

        coalesce(reports.measured_seconds, usual.usual_seconds) as reported_seconds,
        reports.started_seconds,

        reports.measured_seconds is null as is_imputed,
        reports.is_provisional,

        reports.worked_at,
        reports.worked_on,
        reports.priced_on,
        -- Work on an open ticket has no day of its own yet.
        coalesce(reports.worked_on, reports.priced_on) as built_on
    from reports
    left join usual
        on reports.source_kind = usual.source_kind
        and reports.channel = usual.channel
        and reports.reason = usual.reason
        and reports.worked_month = usual.worked_month
    -- An open ticket without a reported time may not have been touched at all.
    where reports.measured_seconds is not null or not reports.is_provisional
)

select * from final
