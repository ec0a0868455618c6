import pytest

from naruki.home import Home
from tests.page.company import publish_company


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return publish_company(tmp_path_factory.mktemp("company"))
