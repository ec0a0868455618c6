-- One row per feed: which share of its rows belongs to a known customer, how fresh it is.
with

keys as (select * from {{ ref('stg_feed_keys') }}),
feeds as (select * from {{ ref('stg_feeds') }}),
customers as (select * from {{ ref('stg_customers') }}),
users as (select * from {{ ref('stg_users') }}),
accounts as (select * from {{ ref('bridge_account') }}),
newest as (select max(measured_at) as measured_at from {{ ref('int_calendar__months') }}),

confirmed as (select distinct source_name, source_account_id from accounts where status = 'confirmed' and is_customer_known),
waiting as (select distinct source_name, source_account_id from accounts where status = 'waiting'),

matched as (
    select
        keys.*,
        case
            when customers.customer_id is not null then 'customer_id'
            when confirmed.source_account_id is not null then 'account'
            when user_customers.customer_id is not null then 'user'
            when waiting.source_account_id is not null then 'waiting'
            when keys.customer_id is null and keys.user_id is null then 'no_key'
            else 'unknown_key'
        end as found_by
    from keys
    left join customers on keys.customer_id = customers.customer_id
    left join confirmed on keys.source_name = confirmed.source_name and keys.customer_id = confirmed.source_account_id
    left join waiting on keys.source_name = waiting.source_name and keys.customer_id = waiting.source_account_id
    left join users on keys.user_id = users.user_id
    left join customers as user_customers on users.customer_id = user_customers.customer_id
),

counted as (
    select
        feed,
        cast(sum(landed_rows) as bigint) as keyed_rows,
        cast(sum(case when found_by in ('customer_id', 'account', 'user') then landed_rows else 0 end) as bigint) as matched_rows,
        cast(sum(case when found_by = 'waiting' then landed_rows else 0 end) as bigint) as waiting_rows,
        cast(sum(case when found_by = 'no_key' then landed_rows else 0 end) as bigint) as rows_without_key,
        cast(sum(case when found_by = 'unknown_key' then landed_rows else 0 end) as bigint) as rows_with_unknown_key
    from matched
    group by feed
),

final as (
    select
        feeds.feed,

        feeds.landed_rows,
        counted.keyed_rows,
        counted.matched_rows,
        counted.waiting_rows,
        counted.rows_without_key,
        counted.rows_with_unknown_key,
        cast(counted.matched_rows as double) / nullif(counted.keyed_rows, 0) as match_rate,
        cast({{ epoch_seconds('newest.measured_at') }} - {{ epoch_seconds('feeds.newest_event_at') }} as double)
        / 86400 as days_behind_newest,

        feeds.has_rows,

        feeds.first_event_at,
        feeds.newest_event_at,
        feeds.newest_loaded_at
    from feeds
    cross join newest
    left join counted using (feed)
)

select * from final
