"""A whole run with every outlet switched on: Postgres takes the publication, people are told once, and no secret is left behind."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.pipeline.conftest import Deployment, must_succeed
from tests.postgres.server import ENCODED, SECRET, Server, running_server

# Several whole runs: `make test-whole`.
pytestmark = pytest.mark.whole

# Sunday: what is decided for it is read on Monday morning.
SUNDAY = "2026-11-01"
PAGE = "https://bi.example/naruki/index.html"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture(scope="module")
def inbox() -> Iterator[list[dict]]:
    """What a receiver of webhooks gets; `.address` is where it listens."""

    class Inbox(list):
        address = ""

    received = Inbox()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        received.address = f"json://user:hook-s3cret@127.0.0.1:{listening.server_port}/hook"
        yield received
        listening.shutdown()


@pytest.fixture(scope="module")
def outlets(server: Server, inbox) -> dict[str, str]:
    return {"NARUKI_PUBLISH_POSTGRES_URL": server.url(), "NARUKI_NOTIFY": inbox.address, "NARUKI_PAGE_URL": PAGE}


@pytest.fixture(scope="module")
def deployment(sample: Deployment, tmp_path_factory) -> Deployment:
    """A copy of the sample's home."""
    home = tmp_path_factory.mktemp("outlets") / "home"
    shutil.copytree(sample.home, home, symlinks=True)
    return Deployment(sample.sources, home)


@pytest.fixture(scope="module")
def refused(deployment: Deployment, outlets: dict[str, str], server: Server) -> subprocess.CompletedProcess[str]:
    """First the database does not know us: the files are published, people are told, the run fails."""
    wrong = outlets | {"NARUKI_PUBLISH_POSTGRES_URL": server.url(password="wr0ng-secret")}
    return deployment.run("--as-of", SUNDAY, environment=wrong)


@pytest.fixture(scope="module")
def decided(refused, deployment: Deployment, outlets: dict[str, str]) -> Deployment:
    """Then it does: the same day is decided once more."""
    must_succeed(deployment.run("--as-of", SUNDAY, environment=outlets))
    return deployment


def test_a_wrong_password_fails_the_run_in_one_sentence_and_keeps_the_files(refused, deployment: Deployment, inbox):
    assert refused.returncode == 1
    assert "password authentication failed" in " ".join(refused.stderr.split())
    assert "wr0ng-secret" not in refused.stdout + refused.stderr
    for file in [*(deployment.home / "logs").rglob("*"), *(deployment.home / "dagster").rglob("*")]:
        assert not file.is_file() or b"wr0ng-secret" not in file.read_bytes(), file
    manifest = json.loads((deployment.current / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of_date"] == SUNDAY
    (message,) = [one for one in inbox if "the run failed" in one["title"]]
    assert "publication_postgres" in message["message"]
    assert "secret" not in message["message"]


def test_postgres_holds_what_the_files_hold(decided: Deployment, server: Server):
    manifest = json.loads((decided.current / "manifest.json").read_text(encoding="utf-8"))
    assert server.rows("select version from naruki.publication") == [(manifest["version"],)]
    counts = " union all ".join(f"select '{table}', count(*) from naruki.\"{table}\"" for table in manifest["tables"])
    assert dict(server.rows(counts)) == {table: told["rows"] for table, told in manifest["tables"].items()}
    figures = "select tier, count(*), round(cast(sum(value_baseline) as numeric), 2) from {}customer_tiers_current group by tier order by tier"
    assert [(a, b, float(c)) for a, b, c in server.rows(figures.format("naruki."))] == [
        (a, b, float(c)) for a, b, c in decided.rows(figures.format(""))
    ]


def test_types_in_postgres_are_those_of_the_publication(decided: Deployment, server: Server):
    here = "select table_name, column_name, data_type from duckdb_columns() where database_name = 'published' and schema_name = 'main' and table_name in (select table_name from duckdb_tables())"
    names = {"VARCHAR": "text", "DOUBLE": "double precision", "BIGINT": "bigint", "INTEGER": "integer", "BOOLEAN": "boolean",
             "DATE": "date", "TIMESTAMP": "timestamp without time zone"}  # fmt: skip
    there = {
        (table, column): kind
        for table, column, kind in server.rows(
            "select table_name::text, column_name::text, data_type::text from information_schema.columns where table_schema = 'naruki'"
        )
    }
    for table, column, kind in decided.rows(here):
        assert there[table, column] == names.get(kind, "numeric" if kind.startswith("DECIMAL") else kind), (
            table,
            column,
        )


def test_the_customers_at_severe_risk_are_told_once_with_links_that_open_their_cards(decided: Deployment, inbox):
    (message,) = [one for one in inbox if "severe risk" in one["title"]]
    at_risk = {
        row[0]
        for row in decided.rows(f"""
            select customer_id from mart_customer_facts
            where as_of_date = date '{SUNDAY}' and is_paying and (renewal_p <= 0.35 or churn_intent >= 0.80)
        """)
    }
    linked = {
        line.split("=")[-1] for line in message["message"].splitlines() if line.startswith(f"{PAGE}#actions?customer=")
    }
    assert linked
    assert linked <= at_risk
    assert f"{len(at_risk)} customers" in message["title"]
    assert len(linked) == min(len(at_risk), 20)


def test_the_digest_of_monday_answers_the_six_questions_in_both_languages_once(decided: Deployment, inbox):
    (message,) = [one for one in inbox if "this week" in one["title"]]
    for question in ("Whom do we call first", "How many hours are we short?", "What is one more hour worth?", "What do customers complain about most?",
                     "Who went silent?", "Who moved, and why?", "まず誰に", "何時間足りないか", "誰が沈黙しているか"):  # fmt: skip
        assert question in message["message"]
    assert message["message"].count(f"{PAGE}#") == 12
    assert "{" not in message["message"]


def test_no_message_names_a_customer_an_owner_or_an_address(decided: Deployment, inbox):
    people = {
        name
        for row in decided.rows("select distinct customer_name, owner_name from dim_customer")
        for name in row
        if name and len(name) > 3
    }
    assert len(people) > 100
    for message in inbox:
        words = message["title"] + message["message"]
        assert not [name for name in people if name in words]
        assert "@" not in words


def test_no_secret_is_left_in_the_home(decided: Deployment):
    secrets = [SECRET.encode(), ENCODED.encode(), b"hook-s3cret"]
    files = [file for file in decided.home.rglob("*") if file.is_file() and not file.is_symlink()]
    assert [file for file in files for secret in secrets if secret in file.read_bytes()] == []


def test_a_run_that_fails_is_told_once_and_leaves_both_publications(
    decided: Deployment, outlets, server: Server, inbox, tmp_path: Path
):
    before, version = len(inbox), server.rows("select version from naruki.publication")
    for file in decided.sources.iterdir():
        (tmp_path / file.name).symlink_to(file)
    lines = (decided.sources / "customers.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "customers.csv").unlink()
    broken = [
        lines[0],
        *(
            line.replace("C", "", 1) if number % 2 else "," + line.partition(",")[2]
            for number, line in enumerate(lines[1:])
        ),
    ]
    (tmp_path / "customers.csv").write_text("\n".join(broken) + "\n", encoding="utf-8")
    done = Deployment(tmp_path, decided.home).run("--as-of", SUNDAY, environment=outlets)
    assert done.returncode == 1, done.stdout
    (message,) = inbox[before:]
    assert "the run failed" in message["title"]
    assert server.rows("select version from naruki.publication") == version
