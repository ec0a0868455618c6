-- One row per contact of any channel, test customers left out, and on whose timeline it stands.
with

contacts as (select * from {{ ref('int_support__channels') }}),
customers as (select * from {{ ref('stg_customers') }}),

known as (
    select
        concat(contacts.source_kind, '|', contacts.source_id) as interaction_id,
        case when contacts.root_id is not null then concat('ticket|', contacts.root_id) end as parent_id,
        contacts.*,
        customers.customer_id as known_customer_id,
        coalesce(customers.customer_id, concat(contacts.source_kind, '|', contacts.source_id)) as own_person_id
    from contacts
    left join customers on contacts.customer_id = customers.customer_id
    where not coalesce(customers.is_test, false)
),

-- What a contact belongs to may itself have been merged once more.
parents as (
    select
        known.interaction_id,
        coalesce(grandparents.interaction_id, parents.interaction_id) as root_interaction_id,
        coalesce(grandparents.own_person_id, parents.own_person_id) as person_id
    from known
    inner join known as parents on known.parent_id = parents.interaction_id
    left join known as grandparents on parents.parent_id = grandparents.interaction_id
    where parents.parent_id is null or grandparents.parent_id is null
),

final as (
    select
        known.interaction_id,
        -- A contact whose root is not known (or lies deeper) stands for itself.
        case when known.parent_id is not null then coalesce(parents.root_interaction_id, known.interaction_id) end as root_interaction_id,
        coalesce(parents.person_id, known.own_person_id) as person_id,
        known.source_kind,
        known.source_id,
        known.known_customer_id as customer_id,
        known.agent_id,

        known.channel,
        known.direction,
        known.reason,
        known.demand_kind,

        known.wait_seconds,
        known.work_seconds,

        known.is_contact,

        known.occurred_at,
        known.merged_at
    from known
    left join parents on known.interaction_id = parents.interaction_id
)

select * from final
