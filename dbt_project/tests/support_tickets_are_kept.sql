-- An inner join on requesters or customers would drop tickets: each one of a real or unknown customer stands exactly once.
{{ config(meta={'dagster': {'ref': {'name': 'fct_ticket'}}}) }}
with

staged as (select * from {{ ref('stg_tickets') }}),
tickets as (select * from {{ ref('fct_ticket') }}),
test_customers as (select customer_id from {{ ref('stg_customers') }} where is_test),
users as (select * from {{ ref('stg_users') }}),

expected as (
    select
        staged.ticket_id,
        stated.customer_id is null and (staged.customer_id is not null or asked.customer_id is null) as is_kept
    from staged
    left join test_customers as stated on staged.customer_id = stated.customer_id
    left join users on staged.requester_user_id = users.user_id
    left join test_customers as asked on users.customer_id = asked.customer_id
)

select expected.ticket_id
from expected
left join tickets on expected.ticket_id = tickets.ticket_id
where expected.is_kept and tickets.ticket_id is null
