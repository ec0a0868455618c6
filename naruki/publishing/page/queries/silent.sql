-- One row per paying customer that neither contacted us nor answered a survey for long, the largest revenue first.
select
    voice.customer_id,
    customers.customer_name,
    segments.quadrant,
    tiers.tier,
    voice.silence,
    voice.days_since_contact,
    voice.days_since_survey,
    voice.usage_z,
    amounts.mrr,
    customers.owner_name as owner
from mart_customer_voice_current as voice
left join dim_customer as customers on voice.customer_id = customers.customer_id
left join customer_segments_current as segments on voice.customer_id = segments.customer_id
left join customer_tiers_current as tiers on voice.customer_id = tiers.customer_id
left join mart_customer_value_current as amounts on voice.customer_id = amounts.customer_id
where voice.is_silent
order by voice.silence = 'fading_silent' desc, amounts.mrr desc nulls last, voice.customer_id
limit $list_limit
