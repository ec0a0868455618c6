-- One row per landed table and load that every event-level fact has built.
{#- Every incremental model is named here: a load counts as built only after all of them. -#}
{{ built_with([
    'int_usage__user_feature_day',
    'fct_customer_day',
    'fct_ticket',
    'fct_call',
    'fct_interaction',
    'fct_work_allocation',
]) }}

select
    table_name,
    _load_id,

    landed_rows,

    loaded_at
from {{ ref('stg_landed_loads') }}
