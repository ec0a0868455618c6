"""From phrases found to signals of a text: reason, intent, dissatisfaction, kinds of voice, upsell, how-to,
polarity."""

import pyarrow as pa

from naruki.voice.modality import Cue, churn_cues
from naruki.voice.rules import RuleSet
from naruki.voice.taxonomy import CONTACT_REASON, UNCLASSIFIED, Taxonomy

CHURN_INTENT = "churn_intent"
UNSUPPORTED = "unsupported_lang"

# One row per text, signal, value and method; the evidence's offsets count characters of the normalised text, end
# excluded.
TEXT_ROWS = pa.schema(
    [
        ("text_id", pa.int64()),
        ("signal", pa.string()),
        ("value", pa.string()),
        ("method", pa.string()),
        ("score", pa.float64()),
        ("confidence", pa.float64()),
        ("polarity", pa.string()),
        ("modality", pa.string()),
        ("evidence_term", pa.string()),
        ("evidence_start", pa.int64()),
        ("evidence_end", pa.int64()),
        ("evidence_rule", pa.string()),
        ("for_cancellations_only", pa.bool_()),
    ]
)

# Of the reasons that fired the heaviest counts, of equals the first of the taxonomy; its share of all weights is the
# confidence.
# An intent to leave that is meant (not denied, asked or told of others) is itself a reason for the contact.
# Why somebody leaves is only asked of those who say that they leave, and of answers given while cancelling.
_SQL = """
with leaving as (select distinct text_id from cues where modality = 'asserted'),
reasons as (
    select text_id, signal, reason, weight, term, start, rule_id from hits where signal = 'contact_reason'
    union all
    select text_id, 'contact_reason', 'cancellation', weight, term, start, rule_id from cues where modality = 'asserted'
    qualify row_number() over (partition by text_id order by weight desc, start, rule_id) = 1
),
ranked as (
    select reasons.*, reasons.weight / sum(reasons.weight) over (partition by text_id) as share,
        row_number() over (partition by text_id order by reasons.weight desc, places.place, reasons.reason) as
        place_in_text
    from reasons inner join places on places.reason = reasons.reason
),
feelings as (
    select text_id,
        bool_or(signal = 'dissatisfaction' or reason = 'complaint') as is_negative,
        bool_or(reason = 'praise') as is_positive
    from hits where signal in ('dissatisfaction', 'voc_type') group by text_id
),
-- Who is dissatisfied complains, and who complains is dissatisfied, whichever of the two has the phrase.
both_ways as (
    select text_id, 'voc_type' as signal, 'complaint' as reason, weight, term, start, rule_id
    from hits where signal = 'dissatisfaction'
        and text_id not in (select text_id from hits where signal = 'voc_type' and reason = 'complaint')
    qualify row_number() over (partition by text_id order by weight desc, start, rule_id) = 1
    union all
    select text_id, 'dissatisfaction', 'implied', weight, term, start, rule_id
    from hits where signal = 'voc_type' and reason = 'complaint'
        and text_id not in (select text_id from hits where signal = 'dissatisfaction')
),
polarities as (
    select texts.text_id,
        case
            when is_negative and is_positive then 'mixed' when is_negative then 'negative'
            when is_positive then 'positive' else 'neutral'
        end as polarity
    from texts left join feelings using (text_id)
    where texts.is_supported
),
found as (
    select text_id, signal, reason as value, 'rules' as method, weight as score, share as confidence, 'asserted' as
    modality,
        term, start, rule_id, false as for_cancellations_only
    from ranked where place_in_text = 1
    union all
    select text_id, 'contact_reason', 'unclassified', 'rules', 0.0, null, null, null, null, null, false
    from texts where is_supported and text_id not in (select text_id from ranked)
    union all
    select text_id, 'contact_reason', 'unsupported_lang', 'language', null, null, null, null, null, null, false
    from texts where not is_supported
    union all
    select text_id, signal, reason, 'rules', weight, least(weight, 1.0), if(signal = 'how_to', 'question', 'asserted'),
        term, start, rule_id, signal = 'churn_reason' and text_id not in (select text_id from leaving)
    from hits where signal not in ('contact_reason', 'churn_intent')
    union all
    select text_id, signal, reason, 'rules', weight, least(weight, 1.0), 'asserted', term, start, rule_id, false
    from both_ways
    union all
    select text_id, 'churn_intent', reason, 'rules', weight, least(weight, 1.0), modality, term, start, rule_id,
    false from cues
    union all
    select text_id, 'polarity', polarity, 'rules',
        case polarity when 'positive' then 1.0 when 'negative' then -1.0 else 0.0 end, null, null, null, null, null,
        false
    from polarities
)
select found.text_id, signal, value, method, score, confidence, polarities.polarity, modality, term as evidence_term,
    if(start >= 0, start, null) as evidence_start, if(start >= 0, start + length(term), null) as evidence_end,
    rule_id as evidence_rule, for_cancellations_only
from found left join polarities using (text_id)
order by found.text_id, signal, value
"""


def text_rows(texts: pa.Array, languages: list[str], hits: pa.Table, rules: RuleSet, taxonomy: Taxonomy) -> pa.Table:
    """`TEXT_ROWS` of distinct normalised texts; `hits` are what `match_rules` found in them."""
    import duckdb

    order = taxonomy.order(CONTACT_REASON)
    reasons = sorted(set(order) | {"cancellation", *hits["reason"].unique().to_pylist()} - {UNCLASSIFIED})
    with duckdb.connect() as connection:
        connection.register("texts", _texts(languages, rules))
        connection.register(
            "places", pa.table({"reason": reasons, "place": [order.get(reason, len(order)) for reason in reasons]})
        )
        connection.register("hits", hits)
        connection.register("cues", _cues(texts, languages, hits, rules))
        return connection.execute(_SQL).to_arrow_table().cast(TEXT_ROWS)


def _texts(languages: list[str], rules: RuleSet) -> pa.Table:
    supported = [lang in rules.languages for lang in languages]
    return pa.table(
        {"text_id": pa.array(range(len(languages)), pa.int64()), "is_supported": pa.array(supported, pa.bool_())}
    )


def _cues(texts: pa.Array, languages: list[str], hits: pa.Table, rules: RuleSet) -> pa.Table:
    """What is meant by the phrases of leaving: read sentence by sentence, only in the few texts that hold one."""
    import pyarrow.compute as pc

    rows: list[tuple[int, Cue]] = []
    fired = hits.filter(pc.equal(hits["signal"], CHURN_INTENT)).select(["text_id", "reason"])
    levels: dict[int, set[str]] = {}
    for text_id, reason in zip(fired["text_id"].to_pylist(), fired["reason"].to_pylist(), strict=True):
        levels.setdefault(text_id, set()).add(reason)
    with_cues = texts.take(pa.array(list(levels), pa.int64())).to_pylist()
    for (text_id, found), text in zip(levels.items(), with_cues, strict=True):
        lang = languages[text_id]
        groups = [group for group in rules.of(CHURN_INTENT, lang) if group.reason in found]
        rows += [(text_id, cue) for cue in churn_cues(text, lang, rules, groups)]
    return pa.table(
        {
            "text_id": pa.array([text_id for text_id, _ in rows], pa.int64()),
            "reason": pa.array([cue.level for _, cue in rows], pa.string()),
            "modality": pa.array([cue.modality for _, cue in rows], pa.string()),
            "weight": pa.array([cue.weight for _, cue in rows], pa.float64()),
            "term": pa.array([cue.term for _, cue in rows], pa.string()),
            "start": pa.array([cue.start for _, cue in rows], pa.int64()),
            "rule_id": pa.array([cue.rule_id for _, cue in rows], pa.string()),
        }
    )
