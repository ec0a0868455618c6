-- One row per thing that the reader must know before trusting the page: checks that failed, feeds that are missing or late.
with

checks as (
    select
        'check_failed' as key,
        count(*) as n,
        string_agg(distinct table_name, ', ' order by table_name) as names
    from data_quality_current
    where status = 'failed'
),

missing as (
    select
        'feed_missing' as key,
        count(*) as n,
        string_agg(feed, ', ' order by feed) as names
    from feed_match_rate
    where not has_rows
),

late as (
    select
        'feed_late' as key,
        count(*) as n,
        string_agg(feed, ', ' order by feed) as names
    from feed_match_rate
    where has_rows and feed in ('subscriptions', 'tickets', 'usage_events') and days_behind_newest > $feed_days
)

select * from checks where n > 0
union all
select * from missing where n > 0
union all
select * from late where n > 0
