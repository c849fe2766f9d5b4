"""Every environment variable, typed, documented and validated at start.

Nothing else in the project reads the environment. ``.env.example`` lists the same settings; a test
holds the two together.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    data_dir: Path = Field(
        default=Path(".blossomer"),
        description="Folder for the database, keys and the built pages' bookkeeping.",
    )
    public_url: str = Field(
        default="",
        description="Address people use in the browser, for example https://app.example.com. "
        "Only pages from there may open a websocket. Empty: this machine's own addresses.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe message that is logged."
    )
    trusted_proxy_hops: int = Field(
        default=0,
        ge=0,
        le=10,
        description="Number of reverse proxies in front, each of which appends to "
        "X-Forwarded-For. 0: the header is ignored.",
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
        "a direct (not pooled) connection. Needed with DATABASE_URL.",
    )
    postgres_bin: Path | None = Field(
        default=None,
        description="Folder with initdb, pg_ctl and postgres for the embedded database. Empty: "
        "the binaries that come with the installation.",
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
        default=60.0,
        gt=0,
        le=600,
        description="Most time for one generation's writing, over all models and repairs.",
    )
    llm_attempt_deadline_seconds: float = Field(
        default=40.0, gt=0, le=600, description="Most time for one attempt with one model."
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
        description="Redis for counters shared by several servers. Empty: in memory.",
    )
    anonymous_generations_per_hour: int = Field(
        default=5, ge=1, description="Generations an hour for one address without an account."
    )
    api_requests_per_minute: int = Field(
        default=120, ge=1, description="Other API requests a minute for one address."
    )
    sockets_per_address: int = Field(
        default=200,
        ge=1,
        description="Pages that one address may have open at once, and may open in a minute. "
        "Raise it for a large office behind one address.",
    )

    @field_validator(
        "public_url",
        "firecrawl_api_url",
        "openai_base_url",
        "anthropic_base_url",
        "gemini_base_url",
        "ollama_base_url",
        mode="after",
    )
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

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

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        problems = []
        if self.environment == "production":
            if self.fetch_allow_hosts:
                problems.append("FETCH_ALLOW_HOSTS must be empty in production")
            if not self.public_url:
                problems.append("PUBLIC_URL must be set in production")
        if self.database_url and not self.database_owner_url:
            problems.append("DATABASE_OWNER_URL must be set together with DATABASE_URL")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def allowed_fetch_hosts(self) -> frozenset[str]:
        """``host:port`` pairs that the address check lets through."""
        return frozenset(h.strip().lower() for h in self.fetch_allow_hosts.split(",") if h.strip())


class SettingsError(Exception):
    """A setting is wrong. The message is one line that names it and says what it must be."""


def load_settings() -> Settings:
    """Read and validate the settings.

    Raises:
        SettingsError: With one line for all that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        parts = []
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            text = str(problem["msg"]).removeprefix("Value error, ")
            parts.append(f"{name}: {text}" if name else text)
        raise SettingsError("; ".join(parts)) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()
