-- One row: how many customers move up and down, and the most frequent cause.
with

moves as (select * from tier_moves_current where direction <> 'new'),

days as (select count(distinct as_of_date) as decisions from customer_tiers),

waiting as (select count(*) as customers from customer_tiers_current where state = 'awaiting_approval')

select
    count(*) filter (where moves.direction = 'up') as up,
    count(*) filter (where moves.direction = 'down') as down,
    mode(labels.label_en) as cause_en,
    mode(labels.label_ja) as cause_ja,
    max(waiting.customers) as waiting,
    case when max(days.decisions) = 1 then 'first' when count(moves.customer_id) = 0 then 'none' end as variant
from days
cross join waiting
left join moves on true
left join policy.cfg_page_label as labels on moves.cause = labels.code and labels.kind = 'cause'
