"""The one line that says where the server is and in which mode. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blossomer.services.llm.providers import endpoints, models_without_key
from blossomer.settings import STACK_HOSTS, Settings

if TYPE_CHECKING:
    from blossomer.launcher.database import Database


def address(settings: Settings) -> str:
    """Where to open it in a browser."""
    if settings.public_url:
        return settings.public_url
    host = "localhost" if settings.host in {"0.0.0.0", "::", "127.0.0.1"} else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def describe_mode(settings: Settings, database: Database) -> str:
    """Website reader, models, identity and database, in a few words each."""
    has_firecrawl = bool(settings.firecrawl_api_key or settings.firecrawl_api_url)
    reader = "Firecrawl, then built-in" if has_firecrawl else "built-in"
    models = ", ".join(endpoint.model for endpoint in endpoints(settings))
    left_out = ", ".join(models_without_key(settings))
    without_key = f", without {left_out} for want of a key" if left_out else ""
    return "; ".join(
        (
            f"website reader: {reader}",
            f"models: {models or 'none, basic analysis'}{without_key}",
            f"identity: {_identity(settings)}",
            f"database: {database.label}",
            settings.environment,
        )
    )


def _identity(settings: Settings) -> str:
    if settings.uses_local_issuer:
        return "local sign-in"
    own = "" if settings.stack_api_url in STACK_HOSTS else f" at {settings.stack_api_url}"
    return f"Stack Auth project {settings.stack_project_id}{own}"
