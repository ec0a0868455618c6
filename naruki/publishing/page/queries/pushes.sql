-- One row per reason for which articles were sent before customers asked: contacts spared per hundred customers, with the interval.
select
    labels.label_en as reason_en,
    labels.label_ja as reason_ja,
    effect.finding,
    effect.pushes,
    effect.pushed_customers,
    100 * effect.avoided_per_push_low as avoided_low,
    100 * effect.avoided_per_push_high as avoided_high,
    effect.avoided_hours_low as hours_low,
    effect.avoided_hours_high as hours_high
from push_effect_current as effect
inner join policy.cfg_voc_taxonomy as labels on effect.reason = labels.reason and labels.kind = 'contact_reason'
where effect.pushed_customers >= $minimum_n
order by effect.avoided_hours desc nulls last, effect.reason
