from collections.abc import Iterator

import pytest

from tests.postgres.server import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started
