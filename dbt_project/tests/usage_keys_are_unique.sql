-- A customer has one row a day, one a month, and one per as-of day: everything that adds up usage relies on it.
{{ config(meta={'dagster': {'ref': {'name': 'fct_customer_day'}}}) }}
{%- set keys = {
    'fct_customer_day': ['customer_id', 'activity_date'],
    'int_usage__user_feature_day': ['customer_id', 'user_id', 'event_name', 'activity_date', 'is_customer_stated'],
} %}
{%- for model, key in keys.items() %}
select '{{ model }}' as model, count(*) as rows_of_one_key
from {{ ref(model) }}
group by {{ key | join(', ') }}
having count(*) > 1
{{ 'union all' if not loop.last }}
{%- endfor %}
