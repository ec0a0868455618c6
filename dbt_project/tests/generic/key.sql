{# Values of a key that are missing or stand more than once. One test instead of two: every check costs a query and an event. #}
{% test key(model, column_name) %}
select {{ column_name }}, count(*) as number_of_rows
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
