-- One row per business day of which this run builds the calls that were offered on it.
{%- set built = standing('fct_call') %}
{%- set policy_version = call_policy_version() %}
{#- Compared as they stand: whatever made a difference (a correction, a deletion, a customer who became known), it tells its day. -#}
{%- set attributes = [
    'call_id', 'ticket_id', 'customer_id', 'agent_id', 'queue', 'outcome', 'reason', 'wait_seconds', 'talk_seconds', 'hold_seconds',
    'wrap_seconds', 'is_inbound', 'offered_at', 'answered_at', 'ended_at',
] | join(', ') %}
with

calls as (select * from {{ ref('int_support__calls') }}),

{% if built -%}
differing as (
    select offered_at from (select {{ attributes }} from calls except select {{ attributes }} from {{ built }}) as arrived
    union all
    select offered_at from (select {{ attributes }} from {{ built }} except select {{ attributes }} from calls) as gone
    union all
    select offered_at from {{ built }} where policy_version <> {{ policy_version }}
),

-- A call that was passed on over midnight has legs on two days.
final as (
    select distinct {{ add_days(business_date('offered_at'), 'days_apart') }} as touched_date
    from differing
    cross join (select -1 as days_apart union all select 0 as days_apart union all select 1 as days_apart) as neighbours
)
{%- else -%}
final as (select distinct offered_on as touched_date from calls)
{%- endif %}

select touched_date from final
