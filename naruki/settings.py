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
    # Addresses for notifications as apprise reads them, parted by spaces: of all channels, or of one.
    notify: SecretStr | None = None
    notify_failures: SecretStr | None = None
    notify_risks: SecretStr | None = None
    notify_digest: SecretStr | None = None
    notify_languages: str = "en ja"
    page_url: str | None = None

    def channels(self) -> dict[str, list[str]]:
        """Channel -> its addresses; a channel without its own gets those of NARUKI_NOTIFY, and one without any is left out."""
        own = {"failures": self.notify_failures, "risks": self.notify_risks, "digest": self.notify_digest}
        named = {
            channel: (secret or self.notify or SecretStr("")).get_secret_value() for channel, secret in own.items()
        }
        return {channel: addresses.split() for channel, addresses in named.items() if addresses.split()}
