"""The tables of accounts: customers, customer_aliases, users."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from naruki.sample.calendar import MONTHS, Calendar
from naruki.sample.catalog import CHANNELS, INDUSTRIES, PLANS, ZONE_COUNTRY, ZONES
from naruki.sample.columns import DAY, HOUR, NEVER, ids, instants, labels, nulls, numbers, pick, ragged, stream
from naruki.sample.customers import Customers
from naruki.sample.history import History
from naruki.sample.names import customer_names, mail_addresses
from naruki.sample.staff import Staff
from naruki.sample.state import ACTIVE
from naruki.sample.texts import Texts

MAX_USERS = 400


@dataclass(frozen=True)
class Users:
    """Users stand together by customer: user `first[c] + k` is the k-th of customer c."""

    owner: np.ndarray
    ordinal: np.ndarray
    first: np.ndarray
    count: np.ndarray
    created: np.ndarray


def signed_up(people: Customers, calendar: Calendar) -> np.ndarray:
    """Instants of sign-up: the customer's first boundary."""
    month = calendar.month_days[people.start_month]
    return (month + people.anchor_day - 1) * DAY + people.anchor_second - 9 * HOUR


def known(people: Customers, calendar: Calendar) -> np.ndarray:
    """Who has signed up before the end."""
    return signed_up(people, calendar) < calendar.cutoff


def customers_table(
    people: Customers, history: History, staff: Staff, texts: Texts, calendar: Calendar, seed: int
) -> pa.Table:
    """customers: as they stand at the end of the history."""
    rng = stream(seed, "customers_table")
    n = people.count
    who = np.flatnonzero(known(people, calendar))
    start = signed_up(people, calendar)
    month = MONTHS - 1
    plan = np.where((history.status[:, month] == ACTIVE) | (history.spell_end[0] < NEVER), history.plan[:, month], 0)
    managed = (history.mrr[:, month] > 0) & (history.tier[:, month] == 3)
    purpose, _ = texts.write(rng, "purpose", people.is_japanese)
    company = numbers(people.employees, ~people.is_company | (rng.random(n) < 0.1))
    table = pa.table(
        {
            "customer_id": ids("C", np.arange(n) + 1, 7),
            "name": customer_names(people.is_company, people.is_japanese),
            "parent_customer_id": ids("C", people.parent + 1, 7, people.parent < 0),
            "entity_type": labels(("individual", "company"), people.is_company.astype(int)),
            "industry": labels(INDUSTRIES, people.industry, ~people.is_company | (rng.random(n) < 0.05)),
            "country": labels(ZONE_COUNTRY, people.zone),
            "time_zone": labels(ZONES, people.zone, rng.random(n) < 0.03),
            "employees": company,
            "currency": labels(("JPY", "USD"), people.is_usd.astype(int)),
            "plan": labels(PLANS, plan),
            "acquisition_channel": labels(CHANNELS, people.channel, rng.random(n) < 0.04),
            "signed_up_at": instants(start),
            "owner": ids("agent", staff.owner(np.arange(n)), 4, ~managed),
            "purpose_of_use": texts.missing(purpose, rng.random(n) < 0.55),
            # As a CRM would have it: by what was paid in the last month, which is not always what the contract says.
            "status": labels(
                ("active", "churned"), ((history.mrr[:, month] == 0) & (history.spell_end[0] < NEVER)).astype(int)
            ),
            "is_test": numbers(people.is_test),
            "updated_at": instants(
                start + (rng.random(n) * np.maximum(calendar.cutoff - 1 - start, 0)).astype(np.int64)
            ),
        }
    )
    return table.take(pa.array(who))


def aliases_table(people: Customers, calendar: Calendar, seed: int) -> pa.Table:
    """customer_aliases: the accounts of three other systems; a few are fuzzy matches that a person must confirm."""
    rng = stream(seed, "aliases")
    who = np.flatnonzero(known(people, calendar))
    start = signed_up(people, calendar)
    parts = []
    for source, prefix, share in (("crm", "CRM-", 0.7), ("billing", "cus_", 1.0), ("helpdesk", "org-", 0.8)):
        chosen = who[(rng.random(len(who)) < share) & (people.is_company[who] | (source == "billing"))]
        fuzzy = (rng.random(len(chosen)) < 0.04) & (source != "billing")
        account = (chosen + 1) * 37 + 11
        moved = (rng.random(len(chosen)) < 0.01) & (start[chosen] < calendar.cutoff - 120 * DAY)
        change = (start[chosen] + calendar.cutoff) // 2
        other = who[rng.integers(0, len(who), len(chosen))]
        method = labels(("exact_id", "domain", "fuzzy_name"), np.where(fuzzy, 2, rng.random(len(chosen)) < 0.2))
        confidence = np.where(fuzzy, np.round(0.6 + 0.35 * rng.random(len(chosen)), 2), 1.0)
        columns = {
            "source": labels([source], np.zeros(len(chosen), int)),
            "source_account_id": ids(prefix, account, 9),
            "customer_id": ids("C", chosen + 1, 7),
            "match_method": method,
            "confidence": numbers(confidence),
            "valid_from": instants(start[chosen]),
            "valid_to": instants(np.where(moved, change, NEVER)),
        }
        parts.append(pa.table(columns))
        after = pa.table(columns | {"customer_id": ids("C", other + 1, 7), "valid_from": instants(change)})
        after = after.set_column(6, "valid_to", nulls(len(chosen), pa.timestamp("us")))
        parts.append(after.filter(pa.array(moved & (start[other] < change))))
    return pa.concat_tables(parts).sort_by([("source", "ascending"), ("source_account_id", "ascending")])


def make_users(people: Customers, history: History, calendar: Calendar, seed: int) -> Users:
    """One user per seat ever held; the k-th user is created when the seats first reach k + 1."""
    rng = stream(seed, "users")
    start = signed_up(people, calendar)
    seats = np.maximum.accumulate(history.seats[:, :MONTHS], axis=1)
    count = np.where(start < calendar.cutoff, np.clip(seats[:, -1], 1, MAX_USERS), 0).astype(np.int64)
    owner, ordinal = ragged(count)
    month = np.zeros(len(owner), dtype=np.int64)
    for k in range(MONTHS):
        month += seats[owner, k] <= ordinal
    month = np.minimum(month, MONTHS - 1)
    created = calendar.boundary(month, people.anchor_day[owner], people.anchor_second[owner])
    created = np.maximum(created, start[owner]) + np.where(
        ordinal == 0, 0, (rng.random(len(owner)) * 2 * DAY).astype(int)
    )
    created = np.clip(created, 0, calendar.cutoff - 1)
    return Users(owner=owner, ordinal=ordinal, first=np.cumsum(count) - count, count=count, created=created)


def users_table(people: Customers, users: Users, seed: int) -> pa.Table:
    """users: who uses the product for a customer."""
    rng = stream(seed, "users_table")
    n = len(users.owner)
    role = np.where(users.ordinal == 0, 0, 1 + pick(rng, (0.2, 0.7, 0.1), n))
    number = np.arange(n, dtype=np.int64) + 1
    return pa.table(
        {
            "user_id": ids("U", number, 8),
            "customer_id": ids("C", users.owner + 1, 7),
            "email": mail_addresses(number, people.is_japanese[users.owner], rng.random(n) < 0.02),
            "role": labels(("owner", "admin", "member", "viewer"), role),
            "created_at": instants(users.created),
        }
    )


def user_ids(users: Users, customer: np.ndarray, ordinal: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Ids of the given users of customers."""
    return ids("U", users.first[customer] + ordinal + 1, 8, missing)


def concat_text(*parts: pa.Array | str) -> pa.Array:
    """Texts joined element by element without a separator; null if any part is null."""
    return pc.binary_join_element_wise(*parts, "")
