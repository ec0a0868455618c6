"""Settings of a deployment from environment variables (NARUKI_HOME, NARUKI_SOURCES, …)."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where a deployment keeps its data and reads its sources."""

    model_config = SettingsConfigDict(env_prefix="NARUKI_")

    home: Path = Path("data")
    sources: Path | None = None
    threads: int = 2
    full_refresh: bool = False
    publish_postgres_url: SecretStr | None = None
    publish_postgres_schema: str = "naruki"
