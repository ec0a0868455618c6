{# The prediction of the day as Python left it; without any (yet) no rows, and the baseline of the segment stands. #}
{% macro value_prediction() -%}
    {%- set columns = {'as_of_date': 'date', 'customer_id': 'varchar', 'method': 'varchar', 'is_promoted': 'boolean', 'prior_only': 'boolean'} -%}
    {%- for name in ['ltv_mean', 'ltv_p10', 'ltv_p50', 'ltv_p90', 'ltv_se', 'ltv_naive', 'discounted_months', 'renewal_p', 'renewal_p_low',
        'renewal_p_high', 'n_effective', 'growth_mean', 'growth_p10', 'growth_p50', 'growth_p90'] -%}
    {%- do columns.update({name: 'double'}) -%}
    {%- endfor -%}
    {%- for name in ['reason_1_en', 'reason_1_ja', 'reason_2_en', 'reason_2_ja', 'reason_3_en', 'reason_3_ja', 'model_version'] -%}
    {%- do columns.update({name: 'varchar'}) -%}
    {%- endfor -%}
    {{ computed_or_empty('value_prediction', columns) }}
{%- endmacro %}

{# An amount of the model where it serves, else that of the baseline. #}
{% macro modelled(column, type='decimal(18, 2)') -%}
    case when modelled.customer_id is not null then cast(modelled.{{ column }} as {{ type }}) else predicted.{{ column }} end
{%- endmacro %}
