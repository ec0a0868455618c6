"""Rules and reader together: what each text says, which of the rules' finds stand, and what no rule has a phrase for."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from naruki.voice.calibration import calibrate, lead, mark_of_rows, with_rules
from naruki.voice.examples import CHURN_INTENT, MARKS, METHOD, REASON, Calibration, Examples
from naruki.voice.reader import Floats, Scores, reader_of
from naruki.voice.rules import RuleSet
from naruki.voice.signals import TEXT_ROWS
from naruki.voice.taxonomy import Taxonomy

_BATCH = 2_000
_CHURN = next(place for place, mark in enumerate(MARKS) if mark.name == CHURN_INTENT)
_DISSATISFIED = next(place for place, mark in enumerate(MARKS) if mark.name == "dissatisfaction")
_PRAISE = next(place for place, mark in enumerate(MARKS) if mark.name == "voc_praise")


@dataclass(frozen=True)
class _Judged:
    """What is decided about texts (`ids`): marks (texts x `MARKS`) with how likely each is, reason and level with theirs."""

    ids: NDArray[np.int64]
    is_marked: NDArray[np.bool_]
    chance: Floats
    is_asked: NDArray[np.bool_]
    reasons: NDArray[np.str_]
    reason_chance: Floats
    levels: NDArray[np.str_]


def with_examples(
    texts: pa.Array,
    languages: list[str],
    hits: pa.Table,
    by_rules: pa.Table,
    examples: Examples,
    rules: RuleSet,
    taxonomy: Taxonomy,
) -> pa.Table:
    """`TEXT_ROWS` of distinct normalised texts, from those of the rules and what a reader learnt from examples.

    A rule's find stays where score and rule together reach the threshold of its mark, and always if the rule settles it;
    what reaches it without a rule is added (method 'examples', no evidence). Of contact reasons the highest score counts.
    Marks that no bar is set for, and languages without examples, are left to the rules. `confidence` is how often such a
    score was right on texts that were not learnt from.
    """
    calibrations = examples.kept
    if any(one.version != examples.content for one in calibrations) or not calibrations:
        calibrations = calibrate(examples, rules, taxonomy)
    parts = []
    for lang in examples.languages:
        at = np.flatnonzero(np.array(languages) == lang)
        if len(at):
            mine = {one.signal: one for one in calibrations if one.lang == lang}
            parts.append(_judged(lang, at, texts, hits, by_rules, examples, mine))
    for judged in parts:
        by_rules = _with_judgement(by_rules, judged, len(texts))
    return by_rules.cast(TEXT_ROWS)


def _judged(
    lang: str,
    at: NDArray[np.int64],
    texts: pa.Array,
    hits: pa.Table,
    by_rules: pa.Table,
    examples: Examples,
    of: dict[str, Calibration],
) -> _Judged:
    reader = reader_of(lang, examples)
    plain = texts.take(pa.array(at)).to_pylist()
    read = [reader.read(plain[start : start + _BATCH]) for start in range(0, len(plain), _BATCH)]
    said = Scores(
        *(np.vstack([getattr(part, name) for part in read]) for name in ("marks", "reasons", "levels")),
        read[0].reason_names,
        read[0].level_names,
    )
    places = np.full(len(texts), -1, dtype=np.int64)
    places[at] = np.arange(len(at))
    marks, reasons = with_rules(said, _renumbered(by_rules, places), _renumbered(hits, places), examples.settings)
    threshold = np.array([of[mark.name].threshold if mark.name in of else np.nan for mark in MARKS])
    chance = np.column_stack(
        [
            _chance(of[mark.name], marks[:, place]) if mark.name in of else marks[:, place]
            for place, mark in enumerate(MARKS)
        ]
    )
    names = np.array(said.level_names or ("considering",))
    return _Judged(
        at,
        marks >= threshold,
        chance,
        ~np.isnan(threshold),
        np.array(said.reason_names)[reasons.argmax(axis=1)],
        _chance(of[REASON], lead(reasons)),
        names[said.levels.argmax(axis=1)] if len(names) > 1 else np.full(len(at), names[0]),
    )


def _renumbered(rows: pa.Table, places: NDArray[np.int64]) -> pa.Table:
    """The rows of some texts, by their place among these."""
    at = places[rows["text_id"].to_numpy()]
    kept = rows.filter(pa.array(at >= 0))
    return kept.set_column(kept.column_names.index("text_id"), "text_id", pa.array(at[at >= 0], pa.int64()))


def _chance(one: Calibration, scores: Floats) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        found = 1 / (1 + np.exp(-(one.intercept + one.slope * scores)))
    return np.where(np.isposinf(scores), 1.0, found)


def _with_judgement(rows: pa.Table, judged: _Judged, count: int) -> pa.Table:
    """The rows without those that don't stand, with those that are added, and polarity as both say."""
    at = np.full(count, -1, dtype=np.int64)
    at[judged.ids] = np.arange(len(judged.ids))
    place, mark = at[rows["text_id"].to_numpy()], mark_of_rows(rows)
    is_reason = pc.equal(rows["signal"], REASON).to_numpy()
    is_judged = (place >= 0) & (mark >= 0) & judged.is_asked[mark]
    same_reason = rows["value"].to_numpy(zero_copy_only=False).astype(str) == judged.reasons[place]
    falls = is_judged & ~judged.is_marked[place, mark] | (place >= 0) & is_reason & ~same_reason
    has_mark = np.zeros_like(judged.is_marked)
    stands = is_judged & ~falls
    has_mark[place[stands], mark[stands]] = True
    has_reason = np.zeros(len(judged.ids), dtype=bool)
    kept = (place >= 0) & is_reason & same_reason
    has_reason[place[kept]] = True
    confidence = np.where(stands, judged.chance[place, mark], pc.fill_null(rows["confidence"], np.nan).to_numpy())
    confidence = np.where(kept, judged.reason_chance[place], confidence)
    rows = _set(rows, confidence=pa.array(confidence, from_pandas=True)).filter(pa.array(~falls))
    rows = pa.concat_tables([rows, _added_rows(judged, ~has_mark, ~has_reason)])
    return _with_polarity(_with_leaving(rows, at, judged), at, judged)


def _added_rows(judged: _Judged, is_missing: NDArray[np.bool_], lacks_reason: NDArray[np.bool_]) -> pa.Table:
    parts = [(np.flatnonzero(lacks_reason), REASON, judged.reasons, judged.reason_chance)]
    for place, mark in enumerate(MARKS):
        new = np.flatnonzero(judged.is_marked[:, place] & is_missing[:, place] & judged.is_asked[place])
        for signal, value in mark.added:
            values = np.full(len(judged.ids), value) if value else judged.levels
            parts.append((new, signal, values, judged.chance[:, place]))
    tables = [_rows(judged.ids[new], signal, values[new], chance[new]) for new, signal, values, chance in parts]
    return pa.concat_tables(tables)


def _rows(ids: NDArray[np.int64], signal: str, values: NDArray[np.str_], chance: Floats) -> pa.Table:
    count = len(ids)
    columns = {
        "text_id": pa.array(ids, pa.int64()),
        "signal": pa.array([signal] * count, pa.string()),
        "value": pa.array(values.tolist(), pa.string()),
        "method": pa.array([METHOD] * count, pa.string()),
        "score": pa.array(chance, pa.float64()),
        "confidence": pa.array(chance, pa.float64()),
        "modality": pa.array(["question" if signal == "how_to" else "asserted"] * count, pa.string()),
        "for_cancellations_only": pa.array([False] * count, pa.bool_()),
    }
    return pa.table([columns.get(field.name, pa.nulls(count, field.type)) for field in TEXT_ROWS], schema=TEXT_ROWS)


def _with_leaving(rows: pa.Table, at: NDArray[np.int64], judged: _Judged) -> pa.Table:
    """Why somebody leaves is only asked of those who leave, and of answers given while cancelling."""
    place = at[rows["text_id"].to_numpy()]
    is_theirs = (place >= 0) & pc.equal(rows["signal"], "churn_reason").to_numpy()
    if not judged.is_asked[_CHURN] or not is_theirs.any():
        return rows
    stays = ~judged.is_marked[place, _CHURN]
    before = rows["for_cancellations_only"].to_numpy()
    return _set(rows, for_cancellations_only=pa.array(np.where(is_theirs, stays, before)))


def _with_polarity(rows: pa.Table, at: NDArray[np.int64], judged: _Judged) -> pa.Table:
    """Negative or positive as the marks that are asked for say; the rules' word on the others."""
    place = at[rows["text_id"].to_numpy()]
    old = pc.fill_null(rows["polarity"], "neutral").to_numpy(zero_copy_only=False).astype(str)
    marked = judged.is_marked[place]
    bad, good = np.isin(old, ("negative", "mixed")), np.isin(old, ("positive", "mixed"))
    if judged.is_asked[_DISSATISFIED]:
        bad = marked[:, _DISSATISFIED]
    if judged.is_asked[_PRAISE]:
        good = marked[:, _PRAISE]
    new = np.select([bad & good, bad, good], ["mixed", "negative", "positive"], "neutral")
    new = np.where(place >= 0, new, old)
    has_none = pc.is_null(rows["polarity"]).to_numpy() & (place < 0)
    is_row = (place >= 0) & pc.equal(rows["signal"], "polarity").to_numpy()
    value = np.where(is_row, new, rows["value"].to_numpy(zero_copy_only=False))
    score = np.where(
        is_row, np.select([new == "positive", new == "negative"], [1.0, -1.0], 0.0), rows["score"].to_numpy()
    )
    return _set(
        rows,
        polarity=pa.array(np.where(has_none, None, new.astype(object)), pa.string()),
        value=pa.array(value, pa.string()),
        score=pa.array(score, pa.float64(), from_pandas=True),
    )


def _set(rows: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, values in columns.items():
        rows = rows.set_column(
            rows.column_names.index(name), TEXT_ROWS.field(name), values.cast(TEXT_ROWS.field(name).type)
        )
    return rows
