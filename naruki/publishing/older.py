"""Only the current publication stays, wherever publications are kept: what was erased must be in none of them."""

from naruki.errors import NarukiError
from naruki.home import Home
from naruki.publishing.postgres import publish_postgres
from naruki.publishing.publication import prune, read_manifest
from naruki.settings import Settings


def remove_older(home: Home) -> None:
    """Remove all publications but the current one, in Postgres too; a NarukiError names what others' views hold on to."""
    prune(home, keep=1)
    settings = Settings()
    if settings.publish_postgres_url:
        url, schema = settings.publish_postgres_url.get_secret_value(), settings.publish_postgres_schema
        manifest = read_manifest(home.current)
        # Publishing a version that is there already does nothing but remove what is older.
        if kept := publish_postgres(url, home.current, manifest, keep=1, schema=schema).kept:
            raise NarukiError(
                f"Postgres still holds the older versions {', '.join(kept)}, for views of others stand on them: "
                "drop those views and call `naruki erase` again."
            )
