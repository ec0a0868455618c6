-- One row: how many customers move up and down, and the most frequent cause.
with

moves as (select * from tier_moves_current where direction <> 'new'),

newcomers as (select count(*) as customers from tier_moves_current where direction = 'new'),

-- The figures speak for a move, but a person has to approve it first, or a rule against going to and fro holds it.
waiting as (select count(*) as customers from customer_tiers_current where state = 'awaiting_approval'),

held as (
    select count(*) as customers from customer_tiers_current
    where hold_rule is not null and proposed_tier <> tier and state <> 'awaiting_approval'
),

days as (select count(distinct as_of_date) as decisions from customer_tiers)

select
    count(*) filter (where moves.direction = 'up') as up,
    count(*) filter (where moves.direction = 'down') as down,
    max(newcomers.customers) as newcomers,
    max(held.customers) as held,
    mode(labels.label_en) as cause_en,
    mode(labels.label_ja) as cause_ja,
    max(waiting.customers) as waiting,
    case when max(days.decisions) = 1 then 'first' when count(moves.customer_id) = 0 then 'none' end as variant
from days
cross join waiting
cross join newcomers
cross join held
left join moves on true
left join policy.cfg_page_label as labels on moves.cause = labels.code and labels.kind = 'cause'
