"""Settings: wrong ones are named in one line, and the example file is true."""

from pathlib import Path

import pytest

from blossomer.settings import Settings, SettingsError, load_settings
from tests.support.env_example import FILE, render
from tests.support.production import PRODUCTION


@pytest.fixture(autouse=True)
def only_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_example_file_lists_every_setting_with_meaning_and_default() -> None:
    assert FILE.read_text() == render(), "run: python -m tests.support.env_example"


def test_every_setting_has_a_meaning() -> None:
    assert [n for n, field in Settings.model_fields.items() if not field.description] == []


def test_the_example_file_changes_nothing() -> None:
    Path(".env").write_text(FILE.read_text())
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "abc", "PORT: "),
        ("PORT", "70000", "PORT: "),
        ("ENVIRONMENT", "staging", "ENVIRONMENT: "),
        ("PUBLIC_URL", "app.example.com", "PUBLIC_URL: must start with http"),
        ("PUBLIC_URL", "https://app.example.com/here", "PUBLIC_URL: must be an address without"),
        ("PUBLIC_URL", "https://a.example,https://b.example", "PUBLIC_URL: must be an address"),
        ("EXTRA_ORIGINS", "https://a.example, b.example", "EXTRA_ORIGINS: must start with http"),
        ("EXTRA_ORIGINS", "https://a@b.example", "EXTRA_ORIGINS: must start with http"),
        ("EXTRA_ORIGINS", "https://a.example:port", "EXTRA_ORIGINS: must be web addresses"),
        ("DATABASE_OWNER_URL", "postgresql://o@x-pooler.neon.tech/db", "without -pooler"),
        ("OPENAI_BASE_URL", "localhost:8000/v1", "OPENAI_BASE_URL: must start with http"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL: must start with redis://"),
        ("FETCH_ALLOW_HOSTS", "127.0.0.1:80,localhost", "FETCH_ALLOW_HOSTS: must be host:port"),
        ("TRUSTED_PROXY_HOPS", "-1", "TRUSTED_PROXY_HOPS: "),
        ("LLM_TOTAL_DEADLINE_SECONDS", "0", "LLM_TOTAL_DEADLINE_SECONDS: "),
        ("DATABASE_URL", "postgresql://app@host/db", "DATABASE_OWNER_URL must be set"),
        ("STACK_PROJECT_ID", "../other", "STACK_PROJECT_ID: must consist of"),
        ("STACK_API_URL", "stack.example", "STACK_API_URL: must start with http"),
        ("STACK_ISSUERS", "https://a.example, b.example", "STACK_ISSUERS: must start with http"),
        ("AUTH_PROVIDERS", "google,facebook", "AUTH_PROVIDERS: must name one or more of google"),
        ("SECRET_KEY", "short", "SECRET_KEY: must have at least 32 characters"),
        ("FREE_GENERATIONS_PER_HOUR", "0", "FREE_GENERATIONS_PER_HOUR: "),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_people_sign_in_on_this_machine_only_without_stack_auth_and_never_in_production() -> None:
    assert Settings().uses_local_issuer
    assert not Settings(stack_project_id="p").uses_local_issuer
    assert not Settings(**PRODUCTION).uses_local_issuer


def test_tokens_of_both_names_of_the_hosted_stack_auth_are_accepted_and_no_others() -> None:
    hosted = {"https://api.stack-auth.com", "https://api.hexclave.com"}
    assert set(Settings().accepted_api_urls) == hosted
    assert Settings(stack_api_url="https://api.hexclave.com").accepted_api_urls[0].endswith("e.com")
    own = Settings(stack_api_url="https://id.example/", stack_issuers="https://old.example/ ,")
    assert own.accepted_api_urls == ("https://id.example", "https://old.example")


def test_origins_are_as_browsers_write_them() -> None:
    given = Settings(
        public_url="HTTPS://App.Example.com:443/",
        extra_origins="http://[::1]:80, https://B.example:8443/",
    )
    assert given.public_url == "https://app.example.com"
    assert given.further_origins == ("http://[::1]", "https://b.example:8443")


def test_a_server_that_does_not_migrate_needs_no_owner() -> None:
    url = "postgresql://app@host/db"
    assert Settings(database_url=url, migrate_at_start=False).database_owner_url is None


def test_providers_are_in_the_order_of_the_setting() -> None:
    assert Settings(auth_providers="GitHub, google,github").providers == ("github", "google")


def test_a_secret_is_never_shown_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-value")
    monkeypatch.setenv("PORT", "sk-other-secret")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "secret" not in str(caught.value)
