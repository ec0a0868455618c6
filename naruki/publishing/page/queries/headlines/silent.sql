-- One row: who went silent, how many of them use less, and of how many customers anything was heard.
select
    count(*) filter (where voice.is_silent) as silent,
    count(*) filter (where voice.silence = 'fading_silent') as fading,
    sum(amounts.mrr) filter (where voice.is_silent) as mrr,
    arg_max(coalesce(customers.customer_name, voice.customer_id), amounts.mrr) filter (where voice.is_silent) as first_name,
    (select max(voc_coverage) from mart_voice_coverage_current where source = 'any') as coverage,
    case
        when count(voice.is_silent) = 0 then 'unknown'
        when count(*) filter (where voice.is_silent) = 0 then 'none'
        when count(*) filter (where voice.silence = 'fading_silent') = 0 then 'healthy'
    end as variant
from mart_customer_voice_current as voice
left join mart_customer_value_current as amounts on voice.customer_id = amounts.customer_id
left join dim_customer as customers on voice.customer_id = customers.customer_id
where voice.is_paying
