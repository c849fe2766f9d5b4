"""Every environment variable, typed, documented and validated at start.

Nothing else in the project reads the environment. ``.env.example`` lists the same settings; a test
holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from blossomer.production import unsafe_in_production

PROVIDERS = ("google", "github", "microsoft")
"""Where people may have the account with which they sign in."""

STACK_HOSTS = ("https://api.stack-auth.com", "https://api.hexclave.com")
"""The two names of the hosted Stack Auth. A token names the one that its client has called."""

SECRET_KEY_LENGTH = 32

SHORTEST_TOKEN = 16

WEB_PORTS = {"http": 80, "https": 443}

_SEPARATOR = "; "


class Settings(BaseSettings):
    """The settings of one running server.

    Each field is read from the environment variable of the same name in capitals, then from a file
    ``.env`` in the working directory. An empty value counts as not set.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    # Where and how the server runs
    environment: Literal["development", "production"] = Field(
        default="development",
        description="`production` refuses every setting that is only safe on one's own machine.",
    )
    host: str = Field(default="localhost", description="Address to listen on.")
    port: int = Field(default=3000, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes that serve; about one for each core. More than one need REDIS_URL.",
    )
    worker_silence_seconds: float = Field(
        default=25.0,
        ge=2,
        le=600,
        description="With several workers: one that does nothing at all for so long is killed and "
        "replaced. Its pages and requests go to the others.",
    )
    data_dir: Path = Field(
        default=Path(".blossomer"),
        description="Folder for the database, keys and the built pages' bookkeeping.",
    )
    public_url: str = Field(
        default="",
        description="Address people use in the browser, for example https://app.example.com. "
        "Only pages from there may open a websocket. Empty: this machine's own addresses.",
    )
    extra_origins: str = Field(
        default="",
        description="Further addresses under which people use it, comma-separated, for example "
        "https://www.example.com. Production answers under no other names.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe message that is logged."
    )
    trusted_proxy_hops: int = Field(
        default=0,
        ge=0,
        le=10,
        description="Number of reverse proxies in front, each of which appends to "
        "X-Forwarded-For and passes X-Forwarded-Proto on. 0: both headers are ignored.",
    )

    # Database
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL 15 or newer for the serving role, for example "
        "postgresql://app:secret@host/blossomer. Empty: an embedded PostgreSQL in DATA_DIR.",
    )
    database_owner_url: SecretStr | None = Field(
        default=None,
        description="The same database for the role that owns the tables and runs migrations, over "
        "a direct (not pooled) connection. Needed with DATABASE_URL, unless MIGRATE_AT_START is "
        "false.",
    )
    migrate_at_start: bool = Field(
        default=True,
        description="Whether a start runs the migrations of DATABASE_URL. false: a step of the "
        "release runs them (`make migrate`), and a server needs no DATABASE_OWNER_URL.",
    )
    database_answer_seconds: float = Field(
        default=4.0,
        gt=0,
        le=60,
        description="Longest wait for a connection to the database, and for its answer to one "
        "statement. After that it counts as not there: changes wait, everything else says so.",
    )
    postgres_bin: Path | None = Field(
        default=None,
        description="Folder with initdb, pg_ctl and postgres for the embedded database. Empty: "
        "the binaries that come with the installation.",
    )

    # Identity
    stack_project_id: str = Field(
        default="",
        description="Project of Stack Auth that signs people in. Empty: they sign in on this "
        "machine, without a password; never in production.",
    )
    stack_api_url: str = Field(
        default="https://api.stack-auth.com",
        description="Address of Stack Auth's API, for example of a self-hosted one.",
    )
    stack_publishable_client_key: SecretStr | None = Field(
        default=None, description="The project's publishable client key, if it demands one."
    )
    stack_issuers: str = Field(
        default="",
        description="More addresses of Stack Auth's API whose tokens are accepted, "
        "comma-separated. STACK_API_URL is one already, and so are both names of the hosted one.",
    )
    auth_providers: str = Field(
        default="google",
        description="Accounts people may sign in with, comma-separated and in the order of the "
        "buttons: google, github, microsoft. Each must be switched on in Stack Auth too.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="At least 32 random characters; encrypts the tokens of signed-in people. "
        "Empty: made once in DATA_DIR; production needs it here. Another one signs everybody out.",
    )

    # Website reading
    firecrawl_api_key: SecretStr | None = Field(
        default=None, description="Key of firecrawl.dev; websites are then read through it."
    )
    firecrawl_api_url: str = Field(
        default="", description="Address of a self-hosted Firecrawl; a key is then optional."
    )
    website_max_pages: int = Field(
        default=6, ge=1, le=20, description="Most pages read of one website."
    )
    website_time_budget_seconds: float = Field(
        default=20.0, gt=0, le=120, description="Most time spent reading one website."
    )
    website_max_bytes: int = Field(
        default=5_000_000,
        ge=10_000,
        description="Most bytes of one page, after decompression. More is refused.",
    )
    website_cache_hours: float = Field(
        default=24.0,
        ge=0,
        description="Age after which a website in dev_cache/ is read again. 0: no cache. "
        "The cache exists in development only.",
    )
    website_cache_dir: Path = Field(default=Path("dev_cache"), description="Folder of that cache.")
    fetch_allow_hosts: str = Field(
        default="",
        description="host:port pairs, comma-separated, that may be read although their address is "
        "private. For tests and demonstrations; refused in production.",
    )

    # Models
    llm_models: str = Field(
        default="",
        description="Models in the order they are tried, comma-separated, in LiteLLM's notation: "
        "openai/gpt-4.1-mini, anthropic/claude-sonnet-4-5, gemini/gemini-2.5-flash, "
        "ollama/llama3.1. Empty: the default model of each provider whose key is set.",
    )
    openai_api_key: SecretStr | None = Field(default=None, description="Key of OpenAI.")
    openai_base_url: str = Field(
        default="",
        description="Address of an OpenAI-compatible server (ends with /v1); a key is then "
        "optional.",
    )
    openai_model: str = Field(default="openai/gpt-4.1-mini", description="Default OpenAI model.")
    anthropic_api_key: SecretStr | None = Field(default=None, description="Key of Anthropic.")
    anthropic_base_url: str = Field(default="", description="Other address of Anthropic's API.")
    anthropic_model: str = Field(
        default="anthropic/claude-sonnet-4-5", description="Default Anthropic model."
    )
    gemini_api_key: SecretStr | None = Field(default=None, description="Key of Google Gemini.")
    gemini_base_url: str = Field(
        default="", description="Other address of Gemini's API (ends with /v1beta)."
    )
    gemini_model: str = Field(
        default="gemini/gemini-2.5-flash", description="Default Gemini model."
    )
    ollama_base_url: str = Field(
        default="http://localhost:11434", description="Address of Ollama, for ollama/ models."
    )
    llm_total_deadline_seconds: float = Field(
        default=120.0,
        gt=0,
        le=600,
        description="Most time for one generation's writing, over all models and repairs.",
    )
    llm_attempt_deadline_seconds: float = Field(
        default=75.0, gt=0, le=600, description="Most time for one attempt with one model."
    )
    llm_first_token_seconds: float = Field(
        default=15.0, gt=0, le=600, description="Longest wait for a model's first word."
    )
    llm_silence_seconds: float = Field(
        default=8.0, gt=0, le=600, description="Longest silence in the middle of an answer."
    )
    llm_input_tokens: int = Field(
        default=24_000,
        ge=2_000,
        description="Most tokens of website text in a prompt; longer text is condensed.",
    )
    llm_output_tokens: int = Field(default=8_000, ge=500, description="Most tokens of one answer.")
    breaker_failures: int = Field(
        default=3, ge=1, description="Failures in a row after which a model is left alone."
    )
    breaker_recovery_seconds: float = Field(
        default=60.0, gt=0, description="Time after which it is tried once again."
    )

    # Limits
    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis for what several workers and servers share: counters, what pages hold, "
        "news, the state of models. Empty: in memory, for one worker.",
    )
    redis_answer_seconds: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="Longest wait for an answer of Redis. After three times as long without any "
        "it counts as not there: pages are told that their connection is lost.",
    )
    anonymous_generations_per_hour: int = Field(
        default=5, ge=1, description="Generations an hour for one address without an account."
    )
    free_generations_per_hour: int = Field(
        default=10, ge=1, description="Generations an hour for a user of the free tier."
    )
    paid_generations_per_hour: int = Field(
        default=100, ge=1, description="Generations an hour for a user of the paid tier."
    )
    enterprise_generations_per_hour: int = Field(
        default=1000, ge=1, description="Generations an hour for a user of the enterprise tier."
    )
    generations_at_once_per_address: int = Field(
        default=3,
        ge=1,
        description="Generations that one address without an account may have going at once.",
    )
    generations_at_once_per_user: int = Field(
        default=5,
        ge=1,
        description="Generations that a signed-in user may have going at once. A suggestion of "
        "several documents is one.",
    )
    llm_tokens_per_day: int = Field(
        default=0,
        ge=0,
        description="Tokens that models may read and write in a day (UTC), over all users; of all "
        "servers together with REDIS_URL. Then basic analysis writes. 0: no such limit.",
    )
    api_requests_per_minute: int = Field(
        default=120, ge=1, description="Other API requests a minute for one address."
    )
    user_requests_per_minute: int = Field(
        default=600,
        ge=1,
        description="API requests a minute for a signed-in user, from whatever addresses.",
    )
    page_silence_seconds: float = Field(
        default=25.0,
        ge=1,
        le=150,
        description="After so long without a sign of life from its server a page says that the "
        "connection is lost, and connects again, to another worker if there is one.",
    )
    sockets_per_address: int = Field(
        default=200,
        ge=1,
        description="Pages that one address may have open at once, and may open in a minute. "
        "Raise it for a large office behind one address.",
    )
    address_events_per_second: int = Field(
        default=400,
        ge=1,
        description="Messages a second that all pages open at one address may send to one worker, "
        "on average over ten seconds.",
    )
    user_events_per_second: int = Field(
        default=100,
        ge=1,
        description="Events a second that all pages of one user may send to one worker, on average "
        "over ten seconds.",
    )

    # Watching
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token that /metrics asks for. Empty: in development whoever is on this "
        "machine may read it, in production nobody.",
    )
    otel_exporter_otlp_endpoint: str = Field(
        default="",
        description="Address of an OpenTelemetry collector that takes traces by OTLP over HTTP, "
        "for example http://localhost:4318. Empty: no traces.",
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(
        default=None,
        description="Headers that the collector wants, such as a key: name=value, comma-separated.",
    )

    @field_validator(
        "public_url",
        "firecrawl_api_url",
        "openai_base_url",
        "anthropic_base_url",
        "gemini_base_url",
        "ollama_base_url",
        "stack_api_url",
        "otel_exporter_otlp_endpoint",
        mode="after",
    )
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not value.lower().startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("public_url", mode="after")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        return _origin(value) if value else ""

    @field_validator("extra_origins", mode="after")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        return ",".join(_origin(address) for address in _items(value))

    @field_validator("database_owner_url", mode="after")
    @classmethod
    def _is_direct(cls, value: SecretStr | None) -> SecretStr | None:
        # The pooled address of Neon. A lock of a migration would be held by no session of its own.
        if value and "-pooler." in value.get_secret_value():
            raise ValueError("must be the direct address, without -pooler in the host's name")
        return value

    @field_validator("redis_url", mode="after")
    @classmethod
    def _is_redis_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("must start with redis:// or rediss://")
        return value

    @field_validator("fetch_allow_hosts", mode="after")
    @classmethod
    def _are_hosts_with_ports(cls, value: str) -> str:
        for pair in filter(None, (part.strip() for part in value.split(","))):
            host, _, port = pair.rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"must be host:port pairs, such as 127.0.0.1:8080, not {pair}")
        return value

    @field_validator("otel_exporter_otlp_headers", mode="after")
    @classmethod
    def _are_headers(cls, value: SecretStr | None) -> SecretStr | None:
        for pair in _items(value.get_secret_value()) if value else ():
            name, separator, _ = pair.partition("=")
            if not separator or not re.fullmatch(r"[A-Za-z0-9-]+", name.strip()):
                raise ValueError("must be name=value pairs")
        return value

    @field_validator("metrics_token", mode="after")
    @classmethod
    def _is_hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"must have at least {SHORTEST_TOKEN} characters")
        return value

    @field_validator("stack_project_id", mode="after")
    @classmethod
    def _is_project_id(cls, value: str) -> str:
        # It becomes a part of addresses.
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", value):
            raise ValueError("must consist of letters, digits, hyphens and underscores")
        return value

    @field_validator("stack_issuers", mode="after")
    @classmethod
    def _are_web_addresses(cls, value: str) -> str:
        for address in _items(value):
            cls._is_web_address(address)
        return value

    @field_validator("secret_key", mode="after")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SECRET_KEY_LENGTH:
            raise ValueError(f"must have at least {SECRET_KEY_LENGTH} characters")
        return value

    @field_validator("auth_providers", mode="after")
    @classmethod
    def _are_known_providers(cls, value: str) -> str:
        names = _items(value.lower())
        if not names or set(names) - set(PROVIDERS):
            raise ValueError(f"must name one or more of {', '.join(PROVIDERS)}")
        return ",".join(names)

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        problems = unsafe_in_production(self) if self.environment == "production" else []
        if self.database_url and self.migrate_at_start and not self.database_owner_url:
            problems.append("DATABASE_OWNER_URL must be set together with DATABASE_URL")
        if problems:
            raise ValueError(_SEPARATOR.join(problems))
        return self

    @property
    def allowed_fetch_hosts(self) -> frozenset[str]:
        """``host:port`` pairs that the address check lets through."""
        return frozenset(_items(self.fetch_allow_hosts.lower()))

    @property
    def further_origins(self) -> tuple[str, ...]:
        """The origins of EXTRA_ORIGINS."""
        return _items(self.extra_origins)

    @property
    def uses_local_issuer(self) -> bool:
        """Whether people sign in on this machine, without Stack Auth. Never in production."""
        return not self.stack_project_id and self.environment != "production"

    @property
    def providers(self) -> tuple[str, ...]:
        """Providers that people may sign in with, in the order in which they are offered."""
        return _items(self.auth_providers)

    @property
    def accepted_api_urls(self) -> tuple[str, ...]:
        """Addresses of the API that a token may name as its origin."""
        hosted = STACK_HOSTS if self.stack_api_url in STACK_HOSTS else ()
        return tuple(dict.fromkeys((self.stack_api_url, *hosted, *_items(self.stack_issuers))))


def _items(value: str) -> tuple[str, ...]:
    """What stands between the commas, each once."""
    return tuple(
        dict.fromkeys(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    )


def _origin(address: str) -> str:
    """An address as browsers name it as an origin.

    Raises:
        ValueError: It is none.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError(f"must be web addresses, not {address}") from None
    if parts.scheme not in WEB_PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"must start with http:// or https://, not {address}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"must be an address without a path, not {address}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = port is None or port == WEB_PORTS[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


class SettingsError(Exception):
    """Settings are wrong. The message is one line that names each and says what it must be.

    Args:
        problems: One for each that is wrong.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(_SEPARATOR.join(problems))
        self.problems = tuple(problems)


def load_settings() -> Settings:
    """Read and validate the settings.

    Raises:
        SettingsError: With all that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems, named = _problems(error)
    if named:
        # What does not fit its type hides what is unsafe in production: look again without it.
        try:
            Settings(**{name: Settings.model_fields[name].default for name in named})
        except ValidationError as error:
            hidden, _ = _problems(error)
            # A name begins the sentence about it; what stands in for a wrong value is not judged.
            own = {f"{name.upper()} " for name in named}
            problems += [problem for problem in hidden if not problem.startswith(tuple(own))]
    raise SettingsError(problems)


def _problems(error: ValidationError) -> tuple[list[str], set[str]]:
    """What is wrong, and the names of the settings whose own value is."""
    problems: list[str] = []
    named: set[str] = set()
    for problem in error.errors():
        name = "_".join(str(part) for part in problem["loc"])
        text = str(problem["msg"]).removeprefix("Value error, ")
        if name:
            named.add(name)
            problems.append(f"{name.upper()}: {text}")
        else:
            problems += text.split(_SEPARATOR)
    return problems, named


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
