"""Firecrawl reads when it is set up and works; the built-in reader takes over when it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from blossomer.errors import UserError
from blossomer.services.website.reader import WebsiteReader
from blossomer.settings import Settings
from tests.support.fake_firecrawl import FakeFirecrawl
from tests.support.fault_site import FaultSite
from tests.support.played_network import PUBLIC_ADDRESS, PlayedResolver

MakeSettings = Callable[..., Settings]


@pytest.fixture
def firecrawl(site: FaultSite) -> Iterator[FakeFirecrawl]:
    """Knows the site's pages as they look after scripts have run."""
    with FakeFirecrawl() as fake:
        for path, answer in site.pages.items():
            html = str(answer.body).replace("<h1>", "<h1>Rendered: ")
            fake.pages[(site.base_url + path).rstrip("/")] = html
        yield fake


async def test_pages_come_through_firecrawl(
    site: FaultSite, firecrawl: FakeFirecrawl, make_settings: MakeSettings
) -> None:
    settings = make_settings(
        site, firecrawl_api_url=firecrawl.base_url, firecrawl_api_key="fc-test"
    )
    reader = WebsiteReader(settings)
    website = await reader.read(site.base_url)
    assert reader.name == website.coverage.reader == "firecrawl"
    assert len(website.pages) == 6
    assert all("Rendered: " in page.visible_text for page in website.pages)
    assert website.coverage.skipped == []
    # Only robots.txt is ours to ask for.
    assert site.paths == ["/robots.txt"]
    assert {asked["url"] for asked in firecrawl.asked} == {
        site.base_url + path.rstrip("/") for path in site.pages
    }
    first = firecrawl.asked[0]
    assert first["formats"] == ["rawHtml"]
    assert first["onlyMainContent"] is False
    assert 0 < first["timeout"] <= 20_000
    assert set(firecrawl.keys) == {"Bearer fc-test"}
    assert (await reader.health())["status"] == "ok"


async def test_a_self_hosted_firecrawl_needs_no_key(
    site: FaultSite,
    firecrawl: FakeFirecrawl,
    make_settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRECRAWL_API_KEY", "fc-somebody-elses")
    settings = make_settings(site, firecrawl_api_url=firecrawl.base_url, website_max_pages=1)
    website = await WebsiteReader(settings).read(site.base_url)
    assert website.coverage.reader == "firecrawl"
    assert firecrawl.keys == [""]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (0, "status 200"),
        (400, "does not accept the address"),
        (401, "its key is not valid"),
        (402, "credits are used up"),
        (403, "does not support this website"),
        (408, "took too long"),
        (429, "rate limit"),
        (500, "status 500"),
        (502, "status 502"),
    ],
)
async def test_the_built_in_reader_takes_over_and_says_so(
    site: FaultSite,
    firecrawl: FakeFirecrawl,
    make_settings: MakeSettings,
    failure: int,
    words: str,
) -> None:
    firecrawl.failure = failure
    reader = WebsiteReader(make_settings(site, firecrawl_api_url=firecrawl.base_url))
    website = await reader.read(site.base_url)
    assert website.coverage.reader == "built-in"
    assert len(website.pages) == 6
    assert not any("Rendered: " in page.visible_text for page in website.pages)
    (skipped,) = website.coverage.skipped
    assert words in skipped.reason
    assert "built-in reader took over" in skipped.reason
    assert "SECRET" not in skipped.reason
    # It is not asked again for each page.
    assert len(firecrawl.asked) == 1
    health = await reader.health()
    assert health["status"] == "degraded"
    assert words in health["detail"]


@pytest.mark.parametrize("body", [b"", b"not json", b'{"success": true}', b"[]"])
async def test_answers_that_make_no_sense_are_failures(
    site: FaultSite, firecrawl: FakeFirecrawl, make_settings: MakeSettings, body: bytes
) -> None:
    firecrawl.body = body
    reader = WebsiteReader(make_settings(site, firecrawl_api_url=firecrawl.base_url))
    website = await reader.read(site.base_url)
    assert website.coverage.reader == "built-in"
    assert len(website.coverage.skipped) == 1


async def test_a_firecrawl_that_is_not_there_or_silent(
    site: FaultSite, firecrawl: FakeFirecrawl, make_settings: MakeSettings
) -> None:
    firecrawl.hang = True
    settings = make_settings(
        site,
        firecrawl_api_url=firecrawl.base_url,
        website_time_budget_seconds=1.5,
        website_max_pages=1,
    )
    website = await WebsiteReader(settings).read(site.base_url)
    assert "took too long" in website.coverage.skipped[0].reason
    with FakeFirecrawl() as gone:
        url = gone.base_url
    website = await WebsiteReader(make_settings(site, firecrawl_api_url=url)).read(site.base_url)
    assert "could not be reached" in website.coverage.skipped[0].reason
    assert len(website.pages) == 6


@pytest.mark.parametrize(
    ("metadata", "html", "words"),
    [
        ({"statusCode": 404}, "<p>Not found</p>", "status 404"),
        ({}, "  ", "empty page"),
        ({}, "<p>x</p>" * 200_000, "size limit"),
        ({"url": "file:///etc/passwd"}, "<p>root</p>", "cannot be read"),
    ],
)
async def test_pages_that_are_no_pages_are_failures(
    site: FaultSite,
    firecrawl: FakeFirecrawl,
    make_settings: MakeSettings,
    *,
    metadata: dict[str, object],
    html: str,
    words: str,
) -> None:
    firecrawl.metadata[site.base_url] = metadata
    firecrawl.pages[site.base_url] = html
    reader = WebsiteReader(make_settings(site, firecrawl_api_url=firecrawl.base_url))
    website = await reader.read(site.base_url)
    assert website.coverage.reader == "built-in"
    assert words in website.coverage.skipped[0].reason


async def test_a_failure_in_the_middle_costs_no_page(
    site: FaultSite, firecrawl: FakeFirecrawl, make_settings: MakeSettings
) -> None:
    del firecrawl.pages[f"{site.base_url}/about"]
    reader = WebsiteReader(make_settings(site, firecrawl_api_url=firecrawl.base_url))
    website = await reader.read(site.base_url)
    assert website.coverage.reader == "firecrawl"
    assert len(website.pages) == 6
    assert "built-in reader took over" in website.coverage.skipped[0].reason


async def test_a_read_that_had_to_fall_back_is_not_cached(
    site: FaultSite, firecrawl: FakeFirecrawl, make_settings: MakeSettings
) -> None:
    settings = make_settings(site, firecrawl_api_url=firecrawl.base_url, website_cache_hours=1)
    reader = WebsiteReader(settings)
    firecrawl.failure = 500
    await reader.read(site.base_url)
    firecrawl.failure = None
    assert (await reader.read(site.base_url)).coverage.reader == "firecrawl"
    third = await reader.read(site.base_url)
    assert (third.coverage.reader, third.coverage.from_cache) == ("firecrawl", True)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "http://localhost/", "http://intern.example.com/"]
)
async def test_firecrawl_never_hears_of_a_private_address(
    firecrawl: FakeFirecrawl, make_settings: MakeSettings, url: str
) -> None:
    resolver = PlayedResolver({"intern.example.com": ["10.0.0.5"]})
    settings = make_settings(firecrawl_api_url=firecrawl.base_url)
    with pytest.raises(UserError) as caught:
        await WebsiteReader(settings, resolver=resolver).read(url)
    assert caught.value.code == "address_not_allowed"
    assert firecrawl.asked == []


async def test_a_page_that_firecrawl_found_at_a_private_address_is_not_used(
    site: FaultSite, firecrawl: FakeFirecrawl, make_settings: MakeSettings
) -> None:
    resolver = PlayedResolver({"public.example.com": [PUBLIC_ADDRESS]})
    firecrawl.metadata[site.base_url] = {"url": "http://192.168.1.1/admin"}
    settings = make_settings(site, firecrawl_api_url=firecrawl.base_url)
    with pytest.raises(UserError) as caught:
        await WebsiteReader(settings, resolver=resolver).read(site.base_url)
    assert caught.value.code == "address_not_allowed"


async def test_robots_txt_counts_for_firecrawl_too(
    site: FaultSite, firecrawl: FakeFirecrawl, make_settings: MakeSettings
) -> None:
    site.robots = "User-agent: *\nDisallow: /"
    settings = make_settings(site, firecrawl_api_url=firecrawl.base_url)
    with pytest.raises(UserError) as caught:
        await WebsiteReader(settings).read(site.base_url)
    assert caught.value.code == "robots_disallowed"
    assert firecrawl.asked == []
