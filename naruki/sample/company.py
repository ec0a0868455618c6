"""The sample company from first customer to last file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa

from naruki.sample import accounts, billing, community, leads, staff, success, surveys, truth
from naruki.sample.calendar import Calendar
from naruki.sample.contact_tables import calls_table, self_service_chunks
from naruki.sample.customers import make_customers
from naruki.sample.files import SampleFiles
from naruki.sample.history import simulate
from naruki.sample.incidents import make_incidents
from naruki.sample.names import customer_names
from naruki.sample.scale import SampleSummary, scale_named
from naruki.sample.texts import Texts
from naruki.sample.ticket_tables import TicketSource, event_slice, ticket_slice
from naruki.sample.tickets import make_tickets
from naruki.sample.usage import UsageSource, usage_chunks

TICKET_CHUNK = 200_000
TRUTH_CHUNK = 100_000


def write_sample(
    out: Path,
    scale: str = "s",
    seed: int = 7,
    end: date = date(2026, 10, 31),
    progress: Callable[[str], None] | None = None,
) -> SampleSummary:
    """Write the files of a sample company into `out` and the truth about it into `out/_truth`.

    The same scale, seed and end give the same bytes. 24 months of history close on `end` in Tokyo; nothing that
    happened later is in the files, dates that lie ahead (end of a term, due date, expiry) apart.
    Returns rows by file and the blemishes put in. Raises NarukiError for an unknown scale.
    """
    files = SampleFiles(Path(out), scale_named(scale), seed, progress)
    _Company(files, Calendar.until(end)).write()
    return files.summary


class _Company:
    """Everything that the tables share."""

    def __init__(self, files: SampleFiles, calendar: Calendar) -> None:
        self.files, self.calendar, self.seed = files, calendar, files.seed
        count = files.scale.customers
        self.texts = Texts.load()
        self.people = make_customers(count, self.seed, calendar)
        self.incidents = make_incidents(count, self.seed, calendar)
        self.history = simulate(self.people, self.incidents, calendar, self.seed)
        self.addons = billing.with_addons(self.people, self.history, calendar, self.seed)
        self.churns = self.history.churns
        self.churns["reason"] = truth.churn_reasons(self.people, self.churns, self.seed)
        self.invoices = billing.make_invoices(self.people, self.history, self.addons, self.incidents, calendar)
        self.users = accounts.make_users(self.people, self.history, calendar, self.seed)
        self.tickets = make_tickets(
            self.people,
            self.history,
            self.incidents,
            self.invoices,
            self.users,
            calendar,
            self.seed,
            files.scale.tickets,
        )
        self.staff = staff.make_staff(self.tickets.count, calendar)

    def write(self) -> None:
        """All files, then the truth."""
        self._write_accounts()
        self._write_contacts()
        self._write_voice()
        self._write_success()
        source = UsageSource(self.people, self.history, self.users, self.incidents, self.calendar, self.seed)
        self.files.write("usage_events", usage_chunks(source, self.files.scale.usage_events))
        self._write_truth()

    def _write_accounts(self) -> None:
        people, history, calendar, seed, write = self.people, self.history, self.calendar, self.seed, self.files.write
        write("customers", accounts.customers_table(people, history, self.staff, self.texts, calendar, seed))
        write("customer_aliases", accounts.aliases_table(people, calendar, seed))
        write("users", accounts.users_table(people, self.users, seed))
        write("subscriptions", billing.subscriptions_table(people, history, self.addons, calendar))
        write("invoices", billing.invoice_chunks(people, self.invoices, calendar))
        write("fx_rates", billing.fx_rates_table(calendar, seed))
        write("refunds", billing.refunds_table(people, self.invoices, calendar, seed))
        prospects, events, eagerness = leads.make_leads(people.count, calendar, seed)
        write("leads", prospects)
        write("lead_events", events)
        self.files.write_truth("leads", eagerness)

    def _write_contacts(self) -> None:
        names = customer_names(self.people.is_company, self.people.is_japanese)
        source = TicketSource(
            tickets=self.tickets,
            users=self.users,
            texts=self.texts,
            names=names,
            is_company=self.people.is_company,
            staff=self.staff,
            calendar=self.calendar,
            seed=self.seed,
        )
        about: list[pa.Table] = []
        self.files.write("tickets", self._tickets(source, about))
        self.files.write_truth("tickets", about)
        self.files.write("ticket_events", self._ticket_events(source))
        self.files.write("calls", calls_table(self.tickets, self.staff, self.calendar, self.seed))
        sessions = self_service_chunks(self.people, self.tickets, self.users, self.texts, self.calendar, self.seed)
        self.files.write("self_service_events", sessions)

    def _slices(self) -> Iterator[slice]:
        for start in range(0, self.tickets.count, TICKET_CHUNK):
            yield slice(start, min(start + TICKET_CHUNK, self.tickets.count))

    def _tickets(self, source: TicketSource, about: list[pa.Table]) -> Iterator[pa.Table]:
        for rows in self._slices():
            table, meaning = ticket_slice(source, rows)
            about.append(meaning)
            yield table

    def _ticket_events(self, source: TicketSource) -> Iterator[pa.Table]:
        number = 1
        for rows in self._slices():
            table = event_slice(source, rows, number)
            number += table.num_rows
            yield table

    def _write_voice(self) -> None:
        people, history, texts, calendar, seed = self.people, self.history, self.texts, self.calendar, self.seed
        offers = surveys.survey_columns(people, history, self.tickets, self.churns, calendar, seed)
        said: list[pa.Table] = []
        answers = surveys.survey_chunks(offers, people, self.users, texts, calendar, seed, said)
        self.files.write("survey_responses", answers)
        agents = self.staff.with_skill(staff.SUPPORT, staff.SUCCESS)
        posts, meant = community.make_community(people, history, self.users, texts, agents, calendar, seed)
        self.files.write("community_posts", posts)
        mentions, public = community.make_mentions(people, history, texts, calendar, seed)
        self.files.write("social_mentions", mentions)
        requests = community.feature_requests_table(people, self.tickets, texts, calendar, seed)
        self.files.write("feature_requests", requests)
        for name, table in (("survey_comments", said), ("community_posts", meant), ("social_mentions", public)):
            self.files.write_truth(name, table)

    def _write_success(self) -> None:
        people, history, texts, calendar, seed = self.people, self.history, self.texts, self.calendar, self.seed
        self.files.write("success_touches", success.touch_chunks(people, history, self.staff, texts, calendar, seed))
        self.files.write("agents_shifts", staff.shifts_table(self.staff, calendar, seed))
        self.files.write("judgements", success.judgements_table(people, history, self.staff, texts, calendar, seed))
        self.files.write("outcomes", success.outcomes_table(people, history, self.staff, texts, calendar, seed))

    def _write_truth(self) -> None:
        people, history, calendar, write = self.people, self.history, self.calendar, self.files.write_truth
        write("customers", truth.customers_truth(people, history, self.tickets, calendar))
        starts = range(0, people.count, TRUTH_CHUNK)
        slices = (slice(start, min(start + TRUTH_CHUNK, people.count)) for start in starts)
        write("customer_months", (truth.months_truth(people, history, calendar, rows) for rows in slices))
        write("churns", truth.churns_truth(self.churns, history, calendar))
        write("touch_tiers", truth.tiers_truth())
        write("incidents", truth.incidents_truth(self.incidents, calendar))
