-- One row per origin, channel and priority that occurs: the promise that fits most exactly.
{{ config(materialized='ephemeral') }}
with

tickets as (select * from {{ ref('int_support__tickets') }}),
sla as (select * from {{ ref('cfg_sla') }}),

final as (
    select * from (
        select
            kinds.origin,
            kinds.channel,
            kinds.priority,
            sla.first_reply_minutes,
            sla.long_wait_minutes,
            row_number() over (
                partition by kinds.origin, kinds.channel, kinds.priority
                order by sla.origin = '*', sla.priority = '*', sla.channel = '*', sla.origin, sla.priority, sla.channel
            ) as choice
        from (select distinct coalesce(origin, 'customer') as origin, channel, priority from tickets) as kinds
        inner join sla
            on sla.origin in (kinds.origin, '*')
            and sla.channel in (kinds.channel, '*')
            and sla.priority in (kinds.priority, '*')
    ) as ranked
    where choice = 1
)

select * from final
