"""leads and lead_events: from a student who downloads a paper to an executive who asks for a demonstration."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from naruki.sample.calendar import Calendar
from naruki.sample.catalog import INDUSTRIES, INDUSTRY_SHARE, ZONE_COUNTRY, ZONE_SHARE
from naruki.sample.columns import DAY, ids, instants, labels, numbers, pick, stream
from naruki.sample.names import customer_names

SOURCES = ("paper_download", "search", "webinar", "referral", "exhibition", "ad", "community")
ROLES = ("student", "staff", "manager", "director", "executive")
KINDS = ("visit", "download", "trial", "demo_request", "meeting", "won", "lost")
_PER_CUSTOMER = 0.6


def make_leads(customers: int, calendar: Calendar, seed: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """leads, lead_events, and the true eagerness of each lead."""
    rng = stream(seed, "leads")
    n = max(60, int(customers * _PER_CUSTOMER))
    created = np.sort(calendar.start + (rng.random(n) ** 0.8 * (calendar.cutoff - calendar.start - 1)).astype(np.int64))
    role = pick(rng, (0.15, 0.40, 0.25, 0.12, 0.08), n)
    source = np.where(
        role == 0, pick(rng, (0.7, 0.2, 0.1), n), pick(rng, (0.15, 0.28, 0.12, 0.12, 0.12, 0.16, 0.05), n)
    )
    zone = pick(rng, ZONE_SHARE, n)
    eager = -0.6 + 0.5 * (role - 1) + 0.6 * (source == 3) + 0.8 * rng.standard_normal(n) - 1.5 * (role == 0)
    employees = np.maximum(1, np.round(np.exp(3.4 + 1.2 * rng.standard_normal(n) + 0.2 * role))).astype(np.int64)
    name = customer_names(np.ones(n, dtype=bool), zone == 0)
    lead_id = ids("L", np.arange(n) + 1, 7)
    leads = pa.table(
        {
            "lead_id": lead_id,
            "company": name,
            "industry": labels(INDUSTRIES, pick(rng, INDUSTRY_SHARE, n), rng.random(n) < 0.08),
            "employees": numbers(employees, (role == 0) | (rng.random(n) < 0.15)),
            "country": labels(ZONE_COUNTRY, zone),
            "role": labels(ROLES, role, rng.random(n) < 0.05),
            "source": labels(SOURCES, source),
            "created_at": instants(created),
        }
    )
    truth = pa.table({"lead_id": lead_id, "eagerness": numbers(np.round(eager, 6))})
    return leads, _events(rng, created, source, eager, calendar), truth


def _events(
    rng: np.random.Generator, created: np.ndarray, source: np.ndarray, eager: np.ndarray, calendar: Calendar
) -> pa.Table:
    """The eager visit more and go further: download, trial or demonstration, meeting, won or lost."""
    n = len(created)
    visits = 1 + rng.poisson(np.exp(0.4 + 0.5 * np.clip(eager, -2, 3)))
    chance = 1 / (1 + np.exp(-eager))
    steps = [(0, np.repeat(np.arange(n), visits), None)]
    downloads = np.flatnonzero((source == 0) | (rng.random(n) < 0.3))
    trial = np.flatnonzero(rng.random(n) < 0.5 * chance)
    demo = np.flatnonzero(rng.random(n) < 0.45 * chance)
    met = np.union1d(demo[rng.random(len(demo)) < 0.8], trial[rng.random(len(trial)) < 0.3])
    decided = met[rng.random(len(met)) < 0.8]
    is_won = rng.random(len(decided)) < 0.25 + 0.5 * chance[decided]
    steps += [
        (1, downloads, 1),
        (2, trial, 9),
        (3, demo, 14),
        (4, met, 28),
        (5, decided[is_won], 60),
        (6, decided[~is_won], 60),
    ]
    lead = np.concatenate([who for _, who, _ in steps])
    kind = np.concatenate([np.full(len(who), code) for code, who, _ in steps])
    away = [
        rng.random(len(who)) ** 2 * 40 if days is None else days * (0.7 + 0.3 * rng.random(len(who)))
        for _, who, days in steps
    ]
    at = created[lead] + (np.concatenate(away) * DAY).astype(np.int64)
    keep = np.flatnonzero(at < calendar.cutoff)
    keep = keep[np.lexsort((kind[keep], lead[keep], at[keep]))]
    return pa.table(
        {
            "event_id": ids("LE", np.arange(len(keep)) + 1, 9),
            "lead_id": ids("L", lead[keep] + 1, 7),
            "kind": labels(KINDS, kind[keep]),
            "occurred_at": instants(at[keep]),
        }
    )
