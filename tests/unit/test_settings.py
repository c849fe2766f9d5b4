"""Settings: wrong ones are named in one line, and the example file is true."""

from pathlib import Path

import pytest

from blossomer.settings import Settings, SettingsError, load_settings
from tests.support.env_example import FILE, render


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
        ("OPENAI_BASE_URL", "localhost:8000/v1", "OPENAI_BASE_URL: must start with http"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL: must start with redis://"),
        ("FETCH_ALLOW_HOSTS", "127.0.0.1:80,localhost", "FETCH_ALLOW_HOSTS: must be host:port"),
        ("TRUSTED_PROXY_HOPS", "-1", "TRUSTED_PROXY_HOPS: "),
        ("LLM_TOTAL_DEADLINE_SECONDS", "0", "LLM_TOTAL_DEADLINE_SECONDS: "),
        ("DATABASE_URL", "postgresql://app@host/db", "DATABASE_OWNER_URL must be set"),
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


def test_production_names_everything_that_is_unsafe_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("FETCH_ALLOW_HOSTS", "127.0.0.1:80")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "FETCH_ALLOW_HOSTS" in str(caught.value)
    assert "PUBLIC_URL" in str(caught.value)


def test_a_secret_is_never_shown_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-value")
    monkeypatch.setenv("PORT", "sk-other-secret")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "secret" not in str(caught.value)
