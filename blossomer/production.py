"""What a server in production refuses to start with: every unsafe setting, all of them at once.

What is wrong with a single value everywhere (a port that is no number) is said in ``settings.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from pydantic import SecretStr

    from blossomer.settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_INTERNAL_NAMES = (".internal", ".local", ".localhost", ".svc")
_PROTECTED_MODES = frozenset({"require", "verify-ca", "verify-full"})
"""Of ``sslmode``: with the others libpq goes on in plain text when the server has no TLS."""

_WEB_ADDRESSES = (
    "firecrawl_api_url",
    "openai_base_url",
    "anthropic_base_url",
    "gemini_base_url",
    "ollama_base_url",
    "otel_exporter_otlp_endpoint",
)
"""Settings with an address to which a key, or what people write, is sent."""

FEWEST_CHARACTERS = 12
"""Different ones in a secret. Of 32 random hexadecimal digits fewer are different in one of ten
million cases; what a person types or repeats has fewer."""

_PLACEHOLDER = re.compile(
    r"change.?(?:me|this|it)|example|placeholder|replace|your.?(?:secret|key)|secret.?key|password"
    r"|insecure|for.?tests?|dummy|0123456789|abcdefgh|qwerty",
    re.IGNORECASE,
)


def unsafe_in_production(settings: Settings) -> list[str]:
    """Everything for which a server in production must not start, each with what it must be.

    An embedded database is not among them. It is the same PostgreSQL with the same roles and
    row-level security, reached over a socket of this machine alone; what it lacks is a copy
    elsewhere, which no setting can show.

    Args:
        settings: Valid settings whose environment is ``production``.
    """
    return [
        *_of_the_address(settings),
        *_of_secrets(settings),
        *_of_channels(settings),
        *_of_development(settings),
    ]


def is_weak_secret(secret: str) -> bool:
    """Whether a secret looks like an example, a word or a repetition, and not like random text."""
    return (
        len(set(secret)) < FEWEST_CHARACTERS
        # A text occurs inside its own double, ends cut off, only when it repeats itself.
        or secret in (secret + secret)[1:-1]
        or bool(_PLACEHOLDER.search(secret))
    )


def _of_the_address(settings: Settings) -> Iterator[str]:
    if not settings.public_url:
        yield "PUBLIC_URL must be set in production"
    elif not _is_https_or_loopback(settings.public_url):
        yield "PUBLIC_URL must start with https:// in production"
    for origin in settings.further_origins:
        if not _is_https_or_loopback(origin):
            yield f"EXTRA_ORIGINS must start with https:// in production, not {origin}"
    # This server speaks plain HTTP, so that HTTPS ends at a proxy. Not counted, the proxy is the
    # address of every visitor: one of them could use up the limits of all.
    is_local = urlsplit(settings.public_url).hostname in LOOPBACK
    if settings.trusted_proxy_hops < 1 and not is_local:
        yield "TRUSTED_PROXY_HOPS must be the number of proxies in front, 1 or more, in production"


def _of_secrets(settings: Settings) -> Iterator[str]:
    if not settings.stack_project_id:
        yield "STACK_PROJECT_ID must be set in production"
    if settings.secret_key is None:
        yield "SECRET_KEY must be set in production"
    elif is_weak_secret(settings.secret_key.get_secret_value()):
        yield "SECRET_KEY must be random in production, for example from `openssl rand -hex 32`"
    if settings.metrics_token and is_weak_secret(settings.metrics_token.get_secret_value()):
        yield "METRICS_TOKEN must be random in production, for example from `openssl rand -hex 32`"
    if not _is_https_or_loopback(settings.stack_api_url):
        yield "STACK_API_URL must start with https:// in production"
    others = (url for url in settings.accepted_api_urls if url != settings.stack_api_url)
    if not all(map(_is_https_or_loopback, others)):
        yield "STACK_ISSUERS must start with https:// in production"


def _of_channels(settings: Settings) -> Iterator[str]:
    """What is sent to others in plain text, over more than a network of one's own."""
    for name in ("database_url", "database_owner_url"):
        if not _has_protected_mode(getattr(settings, name)):
            yield (
                f"{name.upper()} must say sslmode=require or stricter in production, for a server "
                "outside your own network"
            )
    address = _text(settings.redis_url)
    if address.startswith("redis://") and not _is_own_network(address):
        yield (
            "REDIS_URL must start with rediss:// in production, for a server outside your own "
            "network"
        )
    for name in _WEB_ADDRESSES:
        address = getattr(settings, name)
        if address.startswith("http://") and not _is_own_network(address):
            yield (
                f"{name.upper()} must start with https:// in production, for a server outside your "
                "own network"
            )


def _of_development(settings: Settings) -> Iterator[str]:
    if settings.fetch_allow_hosts:
        yield "FETCH_ALLOW_HOSTS must be empty in production"
    if settings.log_level == "DEBUG":
        # Libraries then log what they send and get: prompts, pages, headers.
        yield "LOG_LEVEL must not be DEBUG in production"


def _is_https_or_loopback(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def _is_own_network(address: str) -> bool:
    """Whether the host can only be in a network of one's own.

    That is a socket, a name without a dot (containers of one engine, services of one host), a name
    that is kept for it, or a private address.
    """
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_INTERNAL_NAMES)


def _has_protected_mode(address: SecretStr | None) -> bool:
    text = _text(address)
    if not text or _is_own_network(text):
        return True
    modes = parse_qs(urlsplit(text).query).get("sslmode", [])
    return bool(modes) and modes[-1] in _PROTECTED_MODES


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
