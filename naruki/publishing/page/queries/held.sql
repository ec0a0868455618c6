-- One row per rule that holds back a move which the numbers propose.
select
    hold_rule as rule,
    any_value(rules.label_en) as rule_en,
    any_value(rules.label_ja) as rule_ja,
    count(*) as customers
from customer_tiers_current as tiers
left join policy.cfg_tier_reason as rules on tiers.hold_rule = rules.rule
where tiers.hold_rule is not null and tiers.proposed_tier <> tiers.tier
group by hold_rule
order by customers desc, hold_rule
