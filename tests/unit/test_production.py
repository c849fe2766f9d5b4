"""What a server in production does not start with: every unsafe setting, all of them at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from blossomer.production import is_weak_secret
from blossomer.settings import Settings, SettingsError, load_settings
from tests.support.production import PRODUCTION

UNSAFE: list[tuple[dict[str, Any], str]] = [
    ({"public_url": ""}, "PUBLIC_URL must be set"),
    ({"public_url": "http://app.example.com"}, "PUBLIC_URL must start with https://"),
    ({"extra_origins": "https://a.example,http://b.example"}, "EXTRA_ORIGINS must start with"),
    ({"trusted_proxy_hops": 0}, "TRUSTED_PROXY_HOPS must be the number of proxies"),
    ({"stack_project_id": ""}, "STACK_PROJECT_ID must be set"),
    ({"stack_api_url": "http://stack.example"}, "STACK_API_URL must start with https://"),
    ({"stack_issuers": "http://old.example"}, "STACK_ISSUERS must start with https://"),
    ({"secret_key": None}, "SECRET_KEY must be set"),
    ({"secret_key": "change-me-change-me-change-me-now"}, "SECRET_KEY must be random"),
    ({"metrics_token": "metrics-password-0000000000000000"}, "METRICS_TOKEN must be random"),
    ({"otel_exporter_otlp_endpoint": "http://traces.example.com"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ({"fetch_allow_hosts": "127.0.0.1:80"}, "FETCH_ALLOW_HOSTS must be empty"),
    ({"log_level": "DEBUG"}, "LOG_LEVEL must not be DEBUG"),
    (
        {
            "database_url": "postgresql://app:x@db.example.com/blossomer",
            "database_owner_url": "postgresql://owner:x@localhost/blossomer",
        },
        "DATABASE_URL must say sslmode=require",
    ),
    (
        {
            "database_url": "postgresql://app:x@localhost/blossomer",
            "database_owner_url": "postgresql://o:x@db.example.com/blossomer?sslmode=prefer",
        },
        "DATABASE_OWNER_URL must say sslmode=require",
    ),
    ({"redis_url": "redis://redis.example.com:6379"}, "REDIS_URL must start with rediss://"),
    ({"openai_base_url": "http://models.example.com/v1"}, "OPENAI_BASE_URL must start with"),
    ({"firecrawl_api_url": "http://8.8.8.8:3002"}, "FIRECRAWL_API_URL must start with"),
]

SAFE: list[dict[str, Any]] = [
    {},
    # Somebody tries it on their own machine.
    {"public_url": "http://localhost:3000", "trusted_proxy_hops": 0},
    {"extra_origins": "https://www.example.com, https://b.example.com:8443"},
    # Containers of one engine, services of one host, sockets.
    {
        "database_url": "postgresql://app:x@postgres/blossomer",
        "database_owner_url": "postgresql://owner:x@/blossomer?host=/run/postgresql",
        "redis_url": "redis://redis:6379",
        "openai_base_url": "http://10.0.0.7:8000/v1",
        "firecrawl_api_url": "http://firecrawl.internal:3002",
    },
    {
        "database_url": "postgresql://app:x@db.example.com/blossomer?sslmode=verify-full",
        "database_owner_url": "postgresql://o:x@db.example.com/blossomer?sslmode=require",
        "redis_url": "rediss://redis.example.com:6379",
    },
    {"database_url": "postgresql://app:x@localhost/blossomer", "migrate_at_start": False},
]


@pytest.fixture(autouse=True)
def only_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def start_with(monkeypatch: pytest.MonkeyPatch, **values: Any) -> tuple[str, ...]:
    """What a start with these variables of the environment complains of."""
    for name, value in values.items():
        if value is not None:
            monkeypatch.setenv(name.upper(), str(value))
    try:
        load_settings()
    except SettingsError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(("unsafe", "words"), UNSAFE, ids=[words for _, words in UNSAFE])
def test_an_unsafe_setting_is_refused_in_production_alone(
    monkeypatch: pytest.MonkeyPatch, unsafe: dict[str, Any], words: str
) -> None:
    (problem,) = start_with(monkeypatch, **{**PRODUCTION, **unsafe})
    assert problem.startswith(words)
    assert "in production" in problem
    monkeypatch.setenv("ENVIRONMENT", "development")
    assert start_with(monkeypatch) == ()


@pytest.mark.parametrize("safe", SAFE, ids=lambda safe: " ".join(safe) or "the least")
def test_a_safe_server_starts(monkeypatch: pytest.MonkeyPatch, safe: dict[str, Any]) -> None:
    assert start_with(monkeypatch, **{**PRODUCTION, **safe}) == ()


def test_all_of_them_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    everything: dict[str, Any] = {"environment": "production"}
    for unsafe, _ in UNSAFE:
        everything |= unsafe
    everything["database_url"] = "postgresql://app:x@db.example.com/blossomer"
    problems = start_with(monkeypatch, **everything)
    named = [problem.split(" ", 1)[0] for problem in problems]
    assert sorted(named) == sorted({words.split(" ", 1)[0] for _, words in UNSAFE})


def test_a_value_of_the_wrong_kind_does_not_hide_what_is_unsafe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problems = start_with(
        monkeypatch,
        environment="production",
        port="http",
        secret_key="short",
        log_level="DEBUG",
        trusted_proxy_hops="1",
    )
    assert [problem.split(" ")[0].rstrip(":") for problem in problems] == [
        "PORT",
        "SECRET_KEY",
        "PUBLIC_URL",
        "STACK_PROJECT_ID",
        "LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    "secret",
    [
        "k" * 64,
        "for-tests-only-for-tests-only-for-tests-only",
        "0123456789abcdef0123456789abcdef",
        "abcabcabcabcabcabcabcabcabcabcabc",
        "change-me-before-production-please",
        "my-very-long-example-secret-for-us",
        "correct horse your-secret staple 42",
        "SuperSecretKey-SuperSecretKey-2026x",
        "password-password-password-1234567",
    ],
)
def test_a_secret_that_somebody_could_guess_is_weak(secret: str) -> None:
    assert is_weak_secret(secret)


@pytest.mark.parametrize(
    "secret",
    [
        "b3f1c29a7d64e805b3f0c19a7d64e8d5",  # openssl rand -hex 16
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "hN3vQ9xT4mWz7RbYc0LfS6kGd2PjEa8uVt1",
        "k2J+x9/qLmZ0WvR7tYbN4cPsD8fGhT6aQeUiOw==",
    ],
)
def test_a_random_secret_is_not(secret: str) -> None:
    assert not is_weak_secret(secret)


def test_secrets_come_from_the_environment_and_are_never_shown() -> None:
    """By name or by kind: whatever holds a key or a password is no plain text."""
    words = ("key", "secret", "token", "password", "headers", "database_url", "owner_url", "redis")
    plain = {
        name
        for name, field in Settings.model_fields.items()
        if any(word in name for word in words)
        and field.annotation not in (int, float)  # how many tokens of text
        and SecretStr not in getattr(field.annotation, "__args__", (field.annotation,))
    }
    assert plain == set()
    sources = Settings.model_config
    # One file, which git and the image leave out; no folder of secrets, no command line.
    assert sources["env_file"] == ".env"
    assert not sources.get("secrets_dir")
    assert not sources.get("cli_parse_args")
