-- One row per experiment or kind of action and figure: its measured effect against comparable customers without it, as an interval.
with

measured as (
    select
        'experiment' as kind,
        experiment || ': ' || arm as name_en,
        experiment || ': ' || arm as name_ja,
        metric,
        effect_low,
        effect_high,
        n_arm as n,
        n_control,
        status
    from experiments_current
    union all
    select
        'action',
        coalesce(names.label_en, effects.action),
        coalesce(names.label_ja, effects.action),
        effects.metric,
        effects.effect_low,
        effects.effect_high,
        effects.n_treated,
        effects.n_control,
        case when effects.effect_low is null then 'too_few' when effects.is_credited then 'effect' else 'no_effect_seen' end
    from action_effects_current as effects
    left join policy.cfg_action as names on effects.action = names.action
)

select
    *,
    case metric when 'mrr_change' then 'money' when 'demand_hours_change' then 'hours' else 'share' end as unit
from measured
order by kind desc, name_en, metric
