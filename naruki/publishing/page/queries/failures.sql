-- One row per way in which a policy can fail: its signs now, and how it stood four weeks ago.
with

modes as (select * from failure_modes_current),

earlier as (
    select
        code,
        status as status_before
    from failure_modes
    where as_of_date <= $as_of_date - 28
    qualify row_number() over (partition by code order by as_of_date desc) = 1
)

select
    modes.code,
    modes.label_en,
    modes.label_ja,
    modes.meaning_en,
    modes.meaning_ja,
    modes.status,
    earlier.status_before,
    modes.cause_metric,
    modes.cause_before,
    modes.cause_now,
    modes.effect_metric,
    modes.effect_before,
    modes.effect_now,
    case modes.status when 'alarm' then 'red' when 'warning' then 'watch' when 'ok' then 'good' else 'unknown' end as state
from modes
left join earlier on modes.code = earlier.code
order by modes.mode
