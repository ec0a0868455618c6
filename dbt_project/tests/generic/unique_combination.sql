{# Rows that share a key of several columns, or lack a part of it (`optional` parts may be missing). #}
{% test unique_combination(model, columns, optional=[]) %}
select {{ columns | join(', ') }}, count(*) as number_of_rows
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1{% for column in columns if column not in optional %} or {{ column }} is null{% endfor %}
{% endtest %}
