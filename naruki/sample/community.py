"""community_posts, social_mentions and feature_requests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from naruki.sample.accounts import Users, user_ids
from naruki.sample.calendar import MONTHS, Calendar
from naruki.sample.catalog import TOPICS
from naruki.sample.columns import DAY, HOUR, NEVER, blank, ids, instants, labels, numbers, pick, ragged, stream
from naruki.sample.customers import Customers
from naruki.sample.history import History
from naruki.sample.state import ACTIVE
from naruki.sample.texts import INTENTS, LANGS, POLARITIES, Texts
from naruki.sample.tickets import Tickets

ROLES = ("customer", "agent", "manager")
NETWORKS = ("example_microblog", "example_forum", "example_video")
ROADMAP_ITEMS = 12


def make_community(
    people: Customers, history: History, users: Users, texts: Texts, agents: np.ndarray, calendar: Calendar, seed: int
) -> tuple[pa.Table, pa.Table]:
    """Threads opened by members (engaged customers), answered by peers and staff; and the truth about the texts."""
    rng = stream(seed, "community")
    members = np.flatnonzero(people.engagement + 0.2 * rng.standard_normal(people.count) > 0.80)
    month = rng.integers(0, MONTHS, int(people.count * 0.35))
    starter = members[rng.integers(0, len(members), len(month))]
    good = history.status[starter, month] == ACTIVE
    starter, month = starter[good], month[good]
    at = calendar.boundary(month, people.anchor_day[starter], people.anchor_second[starter])
    at = at + (rng.random(len(month)) * 25 * DAY).astype(np.int64)
    order = np.flatnonzero(at < calendar.cutoff)
    order = order[np.lexsort((starter[order], at[order]))]
    starter, at = starter[order], at[order]
    is_question = rng.random(len(at)) < 0.75
    topic = pick(rng, (0.45, 0.03, 0.03, 0.1, 0.15, 0.1, 0.12, 0.0, 0.02, 0.0, 0.0), len(at))
    answers = rng.poisson(np.where(is_question, 1.5, 0.6))
    thread, ordinal = ragged(1 + answers)
    opening = ordinal == 0
    peer = rng.random(len(thread)) < 0.68
    writer = np.where(opening, starter[thread], members[rng.integers(0, len(members), len(thread))])
    peer &= (history.spell_start[0, writer] < at[thread]) & (history.spell_end[0, writer] > at[thread] + 10 * DAY)
    role = np.where(opening | peer, 0, np.where(rng.random(len(thread)) < 0.7, 1, 2))
    wait = np.where(opening, 0, ordinal * 3 * HOUR + (rng.standard_exponential(len(thread)) * 20 * HOUR)).astype(
        np.int64
    )
    posted = at[thread] + wait
    is_answer = ~opening & is_question[thread]
    accepted_one = np.where(rng.random(len(at)) < 0.55, 1 + np.floor(answers * rng.random(len(at))), -1)
    col = {
        "thread": thread,
        "writer": writer,
        "role": role,
        "posted": posted,
        "opening": opening,
        "topic": topic[thread],
        "question": opening & is_question[thread],
        "answer": is_answer,
        "accepted": is_answer & (ordinal == accepted_one[thread]),
    }
    keep = np.flatnonzero(posted < calendar.cutoff)
    keep = keep[np.lexsort((ordinal[keep], thread[keep], posted[keep]))]
    return _posts(rng, {name: column[keep] for name, column in col.items()}, people, users, texts, agents)


def _posts(
    rng: np.random.Generator,
    col: dict[str, np.ndarray],
    people: Customers,
    users: Users,
    texts: Texts,
    agents: np.ndarray,
) -> tuple[pa.Table, pa.Table]:
    n = len(col["thread"])
    staff = col["role"] > 0
    ja = people.is_japanese[col["writer"]]
    chat = texts.choose(rng, "community", ja)
    asked = texts.choose(rng, "body", ja, TOPICS, col["topic"])
    answered = texts.choose(rng, "answer", ja)
    template = np.where(col["question"], asked, np.where(col["answer"], answered, chat))
    post_id = ids("P", np.arange(n) + 1, 8)
    staff_user = ids("agent", agents[np.arange(n) % len(agents)], 4, ~staff)
    user = user_ids(users, col["writer"], np.zeros(n, dtype=np.int64))
    table = pa.table(
        {
            "post_id": post_id,
            "thread_id": ids("TH", col["thread"] + 1, 8),
            "customer_id": ids("C", col["writer"] + 1, 7, staff),
            "user_id": pa.compute.if_else(pa.array(staff), staff_user, user),
            "author_role": labels(ROLES, col["role"]),
            "is_question": numbers(col["question"]),
            "is_answer": numbers(col["answer"]),
            "is_accepted": numbers(col["accepted"]),
            "body": texts.fill(rng, template),
            "posted_at": instants(col["posted"]),
        }
    )
    truth = pa.table(
        {
            "document_id": post_id,
            "lang": labels(LANGS, (~ja).astype(int)),
            "topic": labels(TOPICS, col["topic"], ~col["question"]),
            "polarity": labels(POLARITIES, texts.polarity[template]),
        }
    )
    return table, truth


def make_mentions(
    people: Customers, history: History, texts: Texts, calendar: Calendar, seed: int
) -> tuple[pa.Table, pa.Table]:
    """What is said in public: the very unhappy and the very happy speak; some complaints are answered."""
    rng = stream(seed, "mentions")
    n = max(20, int(people.count * 0.10))
    who = rng.integers(0, people.count, n * 8)
    month = rng.integers(0, MONTHS, n * 8)
    mood = history.satisfaction[who, month]
    spoken = (history.status[who, month] == ACTIVE) & (rng.random(n * 8) < 0.1 + 0.4 * np.abs(mood) * people.voice[who])
    at = calendar.boundary(month, people.anchor_day[who], people.anchor_second[who])
    at = at + (rng.random(n * 8) * 20 * DAY).astype(np.int64)
    keep = np.flatnonzero(spoken & (at < calendar.cutoff))
    keep = keep[np.lexsort((who[keep], at[keep]))][:n]
    who, at, mood, n = who[keep], at[keep], mood[keep], len(keep)
    tone = np.where(mood < -0.4, 0, np.where(mood < 0.3, 1, 2))
    ja = people.is_japanese[who]
    body, template = texts.write(rng, "mention", ja, ("bad", "middle", "good"), tone)
    answered = (tone == 0) & (rng.random(n) < 0.5)
    replied = np.where(answered, at + ((0.5 + 30 * rng.random(n) ** 2) * HOUR).astype(np.int64), NEVER)
    resolved = np.where(answered & (rng.random(n) < 0.6), replied + (3 * DAY * rng.random(n)).astype(np.int64), NEVER)
    mention_id = ids("SM", np.arange(n) + 1, 8)
    table = pa.table(
        {
            "mention_id": mention_id,
            "customer_id": ids("C", who + 1, 7, rng.random(n) < 0.7),
            "network": labels(NETWORKS, pick(rng, (0.6, 0.3, 0.1), n)),
            "body": body,
            "posted_at": instants(at),
            "replied_publicly_at": instants(replied, calendar.cutoff),
            "resolved_at": instants(resolved, calendar.cutoff),
        }
    )
    truth = pa.table(
        {
            "document_id": mention_id,
            "lang": labels(LANGS, (~ja).astype(int)),
            "polarity": labels(POLARITIES, texts.polarity[template]),
            "churn_intent": labels(INTENTS, texts.intent[template]),
        }
    )
    return table, truth


def feature_requests_table(
    people: Customers, tickets: Tickets, texts: Texts, calendar: Calendar, seed: int
) -> pa.Table:
    """feature_requests: most come from tickets; goals, judgements by people, roadmap items, some shipped."""
    rng = stream(seed, "requests")
    row = np.flatnonzero((tickets.topic == TOPICS.index("feature_request")) & ~tickets.is_spam)
    row = row[rng.random(len(row)) < 0.7]
    n, who = len(row), tickets.who[row]
    wished = np.floor(ROADMAP_ITEMS * rng.random(n) ** 1.4).astype(np.int64)
    ja = people.is_japanese[who]
    items = tuple(f"item{number:02d}" for number in range(1, ROADMAP_ITEMS + 1))
    title, _ = texts.write(rng, "request_title", ja, items, wished)
    body, _ = texts.write(rng, "request_body", ja)
    goal, _ = texts.write(rng, "goal", ja)
    created = tickets.created[row] + HOUR
    fit = pick(rng, (0.35, 0.2, 0.45), n)
    judged = np.where(fit < 2, created + ((5 + 40 * rng.random(n)) * DAY).astype(np.int64), NEVER)
    fit = np.where(judged < calendar.cutoff, fit, 2)
    shipped_on = calendar.start + ((0.3 + 0.06 * np.arange(ROADMAP_ITEMS)) * calendar.days * DAY).astype(np.int64)
    planned = (fit == 0) & (wished < 9)
    shipped = np.where(planned, np.maximum(shipped_on[wished], judged + 20 * DAY), NEVER)
    keep = pa.array(np.flatnonzero(created < calendar.cutoff))
    return pa.table(
        {
            "request_id": ids("FR", np.arange(n) + 1, 7),
            "customer_id": ids("C", who + 1, 7),
            "ticket_id": ids("T", row + 1, 9, rng.random(n) < 0.1),
            "title": title,
            "body": body,
            "goal": blank(goal, rng.random(n) < 0.4),
            "roadmap_id": ids("RM", wished + 1, 3, ~planned),
            "fit_judgement": labels(("yes", "no", "pending"), fit),
            "judged_by": ids("pm", 1 + row % 3, 2, fit == 2),
            "judged_at": instants(np.where(fit < 2, judged, NEVER), calendar.cutoff),
            "shipped_at": instants(shipped, calendar.cutoff),
            "created_at": instants(created),
        }
    ).take(keep)
