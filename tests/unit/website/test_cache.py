"""The cache spares a developer repeated reads, and never gets in the way of one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blossomer.entities.base import Coverage, PageRead, PageSkipped
from blossomer.services.website.cache import WebsiteCache
from blossomer.services.website.model import Page, Section, Website

KEY = "https://acme.com built-in 6"


def website(*, age: timedelta = timedelta()) -> Website:
    page = Page(
        url="https://acme.com/",
        kind="home",
        title="Acme",
        description="Größe zählt",
        prompt_text="# Acme\nEverything for roadrunners",
        visible_text="Acme Everything for roadrunners",
        sections=(Section("Acme", 1, ("Everything",), ("a", "b"), "pricing"),),
        json_ld=({"@type": "Organization", "name": ["Acme"]},),
        meta={"og:site_name": "Acme"},
        links=(("https://acme.com/pricing", "Pricing"),),
        language="en",
    )
    coverage = Coverage(
        reader="built-in",
        pages=[PageRead(url=page.url, words=5)],
        skipped=[PageSkipped(url="https://acme.com/x", reason="It does not exist.")],
        words=5,
        fetched_at=datetime.now(UTC) - age,
    )
    return Website("https://acme.com", (page,), coverage)


@pytest.fixture
def cache(tmp_path: Path) -> WebsiteCache:
    return WebsiteCache(tmp_path / "a" / "dev_cache", timedelta(hours=1))


def files(cache: WebsiteCache) -> list[Path]:
    return sorted(cache._folder.iterdir())


def test_what_was_kept_comes_back_as_it_was_and_says_so(cache: WebsiteCache) -> None:
    kept = website()
    cache.store(KEY, kept)
    loaded = cache.load(KEY)
    assert loaded is not None
    assert loaded.coverage.from_cache
    coverage = loaded.coverage.model_copy(update={"from_cache": False})
    assert replace(loaded, coverage=coverage) == kept


def test_only_the_same_question_has_the_answer(cache: WebsiteCache) -> None:
    cache.store(KEY, website())
    assert cache.load("https://acme.com built-in 3") is None
    assert cache.load("https://acme.com firecrawl 6") is None


def test_old_files_and_files_from_the_future_are_missing(cache: WebsiteCache) -> None:
    cache.store(KEY, website(age=timedelta(hours=2)))
    assert cache.load(KEY) is None
    cache.store(KEY, website(age=timedelta(hours=-2)))
    assert cache.load(KEY) is None
    cache.store(KEY, website(age=timedelta(minutes=30)))
    assert cache.load(KEY) is not None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b'{"format": 1}', b"\xff\xfe", b'{"website": {"pages": []}}'],
)
def test_a_damaged_file_is_missing_and_is_replaced(cache: WebsiteCache, content: bytes) -> None:
    cache.store(KEY, website())
    (file,) = files(cache)
    file.write_bytes(content)
    assert cache.load(KEY) is None
    cache.store(KEY, website())
    assert cache.load(KEY) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 0},
        {"key": "https://other.com built-in 6"},
        {"website.pages": []},
        {"website.coverage.fetched_at": None},
        {"website.coverage.fetched_at": "2026-01-01T00:00:00"},
        {"website.pages.0.kind": "unheard of"},
    ],
)
def test_a_file_that_does_not_fit_is_missing(
    cache: WebsiteCache, change: dict[str, object]
) -> None:
    cache.store(KEY, website())
    (file,) = files(cache)
    document = json.loads(file.read_bytes())
    for path, value in change.items():
        *parents, last = path.split(".")
        node = document
        for name in parents:
            node = node[int(name) if name.isdecimal() else name]
        assert last in node
        node[last] = value
    file.write_text(json.dumps(document))
    assert cache.load(KEY) is None


def test_nothing_is_left_behind_but_the_file(cache: WebsiteCache) -> None:
    for _ in range(3):
        cache.store(KEY, website())
    assert [file.suffix for file in files(cache)] == [".json"]


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    cache = WebsiteCache(in_the_way / "dev_cache", timedelta(hours=1))
    cache.store(KEY, website())
    assert cache.load(KEY) is None


def test_a_file_that_cannot_be_replaced_is_no_trouble(cache: WebsiteCache) -> None:
    cache.store(KEY, website())
    (file,) = files(cache)
    file.unlink()
    file.mkdir()
    (file / "full").touch()
    cache.store(KEY, website())
    assert cache.load(KEY) is None
    assert files(cache) == [file]
