"""survey_responses: CSAT and CES after tickets, NPS every quarter, and why people cancel; offered is not answered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from naruki.sample.accounts import Users, user_ids
from naruki.sample.calendar import MONTHS, Calendar
from naruki.sample.catalog import CHURN_REASONS
from naruki.sample.columns import DAY, HOUR, NEVER, blank, ids, instants, labels, numbers, stream
from naruki.sample.customers import Customers
from naruki.sample.history import History
from naruki.sample.state import ACTIVE
from naruki.sample.texts import LANGS, POLARITIES, Texts
from naruki.sample.tickets import Tickets

CSAT, NPS, CES, CANCELLATION = range(4)
SURVEY_CHUNK = 300_000
KINDS = ("csat", "nps", "ces", "cancellation")
_MOODS = ("bad", "middle", "good")
_SCALE_MIN = np.array([1.0, 0.0, 1.0, 1.0])
_SCALE_MAX = np.array([5.0, 10.0, 7.0, 1.0])


def survey_columns(
    people: Customers,
    history: History,
    tickets: Tickets,
    churns: dict[str, np.ndarray],
    calendar: Calendar,
    seed: int,
) -> dict[str, np.ndarray]:
    """Who was offered which survey when, how it felt and whether it was answered, by the time of offer."""
    rng = stream(seed, "surveys")
    blocks = [
        _after_tickets(rng, tickets, CSAT, 0.6, 0.28),
        _after_tickets(rng, tickets, CES, 0.12, 0.22),
        _quarterly(rng, people, history, calendar),
        _cancellations(rng, churns),
    ]
    names = blocks[0].keys()
    col = {name: np.concatenate([block[name] for block in blocks]) for name in names}
    keep = np.flatnonzero((col["offered"] < calendar.cutoff) & (col["offered"] >= calendar.start))
    order = keep[np.lexsort((col["who"][keep], col["kind"][keep], col["offered"][keep]))]
    return {name: column[order] for name, column in col.items()}


def survey_chunks(
    col: dict[str, np.ndarray],
    people: Customers,
    users: Users,
    texts: Texts,
    calendar: Calendar,
    seed: int,
    about: list[pa.Table],
) -> Iterator[pa.Table]:
    """survey_responses, some at a time; the truth about their comments is appended to `about`."""
    for start in range(0, max(1, len(col["who"])), SURVEY_CHUNK):
        part = {name: column[start : start + SURVEY_CHUNK] for name, column in col.items()}
        part["number"] = start + 1 + np.arange(len(part["who"]))
        table, truth = _table(stream(seed, f"survey_answers_{start}"), part, people, users, texts, calendar)
        about.append(truth)
        yield table


def _block(
    kind: int,
    who: np.ndarray,
    ticket: object,
    offered: np.ndarray,
    answers: np.ndarray,
    feeling: object,
    reason: object = -1,
) -> dict[str, np.ndarray]:
    """Columns of one kind of survey; `feeling` is on the scale of satisfaction."""
    n = len(who)
    full = {"ticket": ticket, "feeling": feeling, "reason": reason, "kind": kind}
    columns = {name: np.broadcast_to(np.asarray(value), (n,)) for name, value in full.items()}
    return columns | {"who": who, "offered": offered, "answers": answers}


def _after_tickets(
    rng: np.random.Generator, tickets: Tickets, kind: int, offered: float, answered: float
) -> dict[str, np.ndarray]:
    """Offered after the solution; unhappy people answer a little more often; long waits spoil the answer."""
    row = np.flatnonzero((tickets.solved < NEVER) & (rng.random(tickets.count) < offered))
    wait = np.log1p((tickets.first_reply[row] - tickets.opened[row]) / HOUR)
    feeling = tickets.satisfaction[row] + 0.6 - 0.35 * wait - 0.5 * tickets.is_reopened[row]
    feeling = feeling - 0.7 * tickets.is_ours[row] - 0.5 * tickets.is_upset[row] + 0.7 * rng.standard_normal(len(row))
    answers = rng.random(len(row)) < answered * np.where(feeling < -0.8, 1.3, 1.0)
    at = tickets.solved[row] + HOUR
    return _block(kind, tickets.who[row], row, at, answers, feeling)


def _quarterly(
    rng: np.random.Generator, people: Customers, history: History, calendar: Calendar
) -> dict[str, np.ndarray]:
    """NPS to one user of every paying customer each quarter; silent customers seldom answer."""
    blocks = []
    for month in range(2, MONTHS, 3):
        who = np.flatnonzero((history.status[:, month] == ACTIVE) & (rng.random(people.count) < 0.85))
        at = calendar.boundary(month, np.maximum(people.anchor_day, 12), people.anchor_second)[who] + DAY
        feeling = history.satisfaction[who, month] + 0.15 + 0.5 * rng.standard_normal(len(who))
        answers = rng.random(len(who)) < 0.08 + 0.3 * people.voice[who]
        blocks.append(_block(NPS, who, -1, at, answers, feeling))
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _cancellations(rng: np.random.Generator, churns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Asked at the notice; the reason is the true one, or "other" for some."""
    own = np.flatnonzero(churns["voluntary"] == 1)
    who = churns["who"][own]
    answers = rng.random(len(own)) < 0.55
    reason = np.where(rng.random(len(own)) < 0.1, len(CHURN_REASONS), churns["reason"][own])
    return _block(CANCELLATION, who, -1, churns["notice"][own] + 60, answers, np.full(len(own), -1.5), reason)


def _table(
    rng: np.random.Generator,
    col: dict[str, np.ndarray],
    people: Customers,
    users: Users,
    texts: Texts,
    calendar: Calendar,
) -> tuple[pa.Table, pa.Table]:
    kind, who, feeling, n = col["kind"], col["who"], col["feeling"], len(col["kind"])
    delay = np.where(kind == CANCELLATION, 90, 600 + 3 * DAY * rng.random(n) ** 3).astype(np.int64)
    responded = np.where(col["answers"], col["offered"] + delay, NEVER)
    answered = responded < calendar.cutoff
    score = np.where(kind == CSAT, np.clip(np.round(3.9 + 0.95 * feeling), 1, 5), 0)
    score = np.where(kind == NPS, np.abs(np.clip(np.round(7.6 + 2.0 * feeling), 0, 10)), score)
    score = np.where(kind == CES, np.clip(np.round(5.2 + 1.2 * feeling), 1, 7), score)
    comment, template, mood, said = _comments(rng, col, people, texts, answered)
    is_ticket = col["ticket"] >= 0
    ordinal = np.floor(np.minimum(users.count[who], 5) * rng.random(n)).astype(np.int64)
    ordinal = np.where(users.created[users.first[who] + ordinal] <= col["offered"], ordinal, 0)
    reasons = (*CHURN_REASONS, "other")
    survey_id = ids("SV", col["number"], 9)
    table = pa.table(
        {
            "response_id": survey_id,
            "customer_id": ids("C", who + 1, 7),
            "user_id": user_ids(users, who, ordinal),
            "kind": labels(KINDS, kind),
            "score": numbers(score, ~answered | (kind == CANCELLATION)),
            "scale_min": numbers(_SCALE_MIN[kind], kind == CANCELLATION),
            "scale_max": numbers(_SCALE_MAX[kind], kind == CANCELLATION),
            "higher_is_better": numbers(np.ones(n, dtype=bool), kind == CANCELLATION),
            "reason_code": labels(reasons, np.where(answered, col["reason"], -1)),
            "comment": blank(comment, ~said),
            "ticket_id": ids("T", col["ticket"] + 1, 9, ~is_ticket),
            "offered_at": instants(col["offered"]),
            "responded_at": instants(responded, calendar.cutoff),
        }
    )
    truth = pa.table(
        {
            "document_id": survey_id,
            "lang": labels(LANGS, (~people.is_japanese[who]).astype(int)),
            "mood": labels(_MOODS, mood),
            "polarity": labels(POLARITIES, texts.polarity[template]),
        }
    ).filter(pa.array(said))
    return table, truth


def _comments(
    rng: np.random.Generator, col: dict[str, np.ndarray], people: Customers, texts: Texts, answered: np.ndarray
) -> tuple[pa.Array, np.ndarray, np.ndarray, np.ndarray]:
    """Comments in the mood of the answer; leavers explain their reason."""
    n, feeling = len(answered), col["feeling"]
    leaving = col["kind"] == CANCELLATION
    mood = np.where(feeling < -0.6, 0, np.where(feeling < 0.5, 1, 2))
    said = answered & (rng.random(n) < np.where(leaving, 0.75, 0.4))
    ja = people.is_japanese[col["who"]]
    topics = (*(f"{mood_name}" for mood_name in _MOODS), *CHURN_REASONS, "other")
    topic = np.where(leaving, 3 + np.maximum(col["reason"], 0), mood)
    comment, template = texts.write(rng, "comment", ja, topics, topic)
    return comment, template, mood, said
