"""Reading a website: several pages in little time, an honest account, or words that help."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from blossomer.errors import UserError
from blossomer.services.website.model import Website
from blossomer.services.website.reader import WebsiteReader
from blossomer.settings import Settings
from tests.support.fault_site import Answer, FaultSite, html_page
from tests.support.played_network import PUBLIC_ADDRESS, PlayedNetwork, PlayedResolver
from tests.support.production import PRODUCTION

MakeSettings = Callable[..., Settings]
PROSE = "Tidewater plans berths and cranes for ports so that ships wait less and crews know more. "


def page(text: str = "", *, links: str = "", head: str = "", title: str = "Page") -> Answer:
    body = f"<nav>{links}</nav><main><h1>{title}</h1><p>{text or PROSE * 3}</p></main>"
    return Answer(html_page(title, body, head=head))


def link(path: str, text: str = "") -> str:
    return f'<a href="{path}">{text or path}</a>'


def skipped(website: Website) -> dict[str, str]:
    return {entry.url.rpartition("/")[2]: entry.reason for entry in website.coverage.skipped}


async def refusal(reader: WebsiteReader, url: str) -> UserError:
    with pytest.raises(UserError) as caught:
        await reader.read(url)
    return caught.value


async def test_the_pages_that_tell_most_are_read(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    lines: list[str] = []
    website = await WebsiteReader(make_settings(site)).read(
        site.host_port, on_progress=lines.append
    )
    assert website.url == site.base_url
    assert [page.kind for page in website.pages] == [
        "home", "pricing", "product", "solutions", "customers", "about",
    ]  # fmt: skip
    assert "490 euros a month" in website.pages[1].visible_text
    assert lines[0] == "Read 127.0.0.1"
    assert sorted(line.partition(":")[2] for line in lines[1:]) == [
        " about", " customers", " pricing", " product", " solutions",
    ]  # fmt: skip
    assert [line.partition(":")[0] for line in lines[1:]] == [
        f"Read {count} of 6 pages" for count in range(2, 7)
    ]
    coverage = website.coverage
    assert coverage.reader == "built-in"
    assert [read.url for read in coverage.pages] == [page.url for page in website.pages]
    assert coverage.words > 100
    assert coverage.fetched_at is not None
    assert not coverage.from_cache
    assert coverage.skipped == []
    assert not {"/login", "/privacy"} & set(site.paths)


async def test_few_pages_at_a_time_and_no_more_than_wanted(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    website = await WebsiteReader(make_settings(site, website_max_pages=3)).read(site.base_url)
    assert [page.kind for page in website.pages] == ["home", "pricing", "product"]
    assert site.most_at_once <= 4
    alone = await WebsiteReader(make_settings(site, website_max_pages=1)).read(site.base_url)
    assert len(alone.pages) == 1


async def test_a_page_that_fails_is_told_and_replaced_by_the_next_best(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    names = ("pricing", "features", "product", "customers", "about")
    site.pages["/"] = page(links="".join(link(f"/{name}") for name in names))
    site.pages["/pricing"] = Answer("oops", 500)
    site.pages["/features"] = Answer("%PDF-1.7", headers={"Content-Type": "application/pdf"})
    site.pages["/customers"] = Answer(status=302, headers={"Location": "/cut"})
    website = await WebsiteReader(make_settings(site, website_max_pages=4)).read(site.base_url)
    assert [page.kind for page in website.pages] == ["home", "product", "about"]
    reasons = skipped(website)
    assert "status 500" in reasons["pricing"]
    assert "not a web page" in reasons["features"]
    assert "broke off" in reasons["customers"]


async def test_the_same_page_under_two_addresses_is_read_once(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.pages["/"] = page(links=link("/pricing") + link("/plans") + link("/product"))
    site.pages["/plans"] = site.pages["/pricing"]
    site.pages["/product"] = Answer(status=301, headers={"Location": "/pricing"})
    website = await WebsiteReader(make_settings(site)).read(site.base_url)
    assert [page.kind for page in website.pages] == ["home", "pricing"]


async def test_every_route_of_a_single_page_app_counts_once(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    same = page(links=link("/pricing") + link("/about"))
    site.pages.update({"/": same, "/pricing": same, "/about": same})
    website = await WebsiteReader(make_settings(site)).read(site.base_url)
    assert len(website.pages) == 1


async def test_a_page_with_no_text_is_skipped(site: FaultSite, make_settings: MakeSettings) -> None:
    site.pages["/"] = page(links=link("/pricing"))
    site.pages["/pricing"] = page("Call us", title="")
    website = await WebsiteReader(make_settings(site)).read(site.base_url)
    assert skipped(website) == {"pricing": "There is no useful text on it."}


async def test_the_sitemap_helps_when_the_home_page_links_to_little(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.pages["/"] = page(links=link("/about"))
    site.pages["/sitemap.xml"] = Answer(
        f"<urlset><url><loc>{site.base_url}/pricing</loc></url>"
        "<url><loc>https://elsewhere.example.com/product</loc></url></urlset>",
        headers={"Content-Type": "text/xml"},
    )
    website = await WebsiteReader(make_settings(site)).read(site.base_url)
    assert [page.kind for page in website.pages] == ["home", "pricing", "about"]


async def test_robots_txt_is_respected_for_every_page(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.robots = "User-agent: *\nDisallow: /pricing"
    website = await WebsiteReader(make_settings(site)).read(site.base_url)
    assert "robots.txt" in skipped(website)["pricing"]
    assert "/pricing" not in site.paths
    assert site.paths.count("/robots.txt") == 1


async def test_a_home_page_that_robots_keeps_back(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.robots = "User-agent: *\nDisallow: /"
    error = await refusal(WebsiteReader(make_settings(site)), site.base_url)
    assert (error.code, error.status) == ("robots_disallowed", 422)
    assert "Paste a description" in error.action
    assert site.paths == ["/robots.txt"]


async def test_a_redirect_to_what_robots_keeps_back_is_not_used(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.robots = "User-agent: *\nDisallow: /secret"
    site.pages["/go"] = Answer(status=302, headers={"Location": "/secret"})
    site.pages["/secret"] = page()
    error = await refusal(WebsiteReader(make_settings(site)), f"{site.base_url}/go")
    assert error.code == "robots_disallowed"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/shell", "needs_javascript"),
        ("/shell-noscript", "needs_javascript"),
        ("/few-words", "too_little_text"),
        ("/empty", "too_little_text"),
        ("/status/403", "website_forbidden"),
        ("/status/404", "page_not_found"),
        ("/status/500", "website_error"),
        ("/pdf", "not_html"),
        ("/loop", "redirect_loop"),
        ("/gigantic", "page_too_large"),
        ("/bomb", "page_too_large"),
        ("/cut", "connection_lost"),
        ("/redirect-metadata", "address_not_allowed"),
    ],
)
async def test_a_site_that_cannot_be_read_is_told_with_a_way_out(
    site: FaultSite, make_settings: MakeSettings, path: str, code: str
) -> None:
    # One page only: the healthy root of this site would otherwise help out.
    settings = make_settings(site, website_max_pages=1)
    error = await refusal(WebsiteReader(settings), site.base_url + path)
    assert error.code == code
    assert "Paste a description" in error.action


@pytest.mark.parametrize("path", ["/hang", "/drip", "/drip-headers"])
async def test_the_time_budget_holds(
    site: FaultSite, make_settings: MakeSettings, path: str
) -> None:
    settings = make_settings(site, website_time_budget_seconds=0.4)
    error = await refusal(WebsiteReader(settings), site.base_url + path)
    assert (error.code, error.status) == ("website_timeout", 504)


async def test_robots_txt_that_never_ends_does_not_hold_the_read(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.pages["/robots.txt"] = Answer(status=302, headers={"Location": "/hang"})
    settings = make_settings(site, website_time_budget_seconds=0.3)
    assert (await refusal(WebsiteReader(settings), site.base_url)).code == "website_timeout"


async def test_pages_for_which_no_time_is_left_are_told(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.pages["/"] = page(links=link("/hang?x", "Pricing") + link("/drip?x", "Customers"))
    settings = make_settings(site, website_time_budget_seconds=0.6)
    website = await WebsiteReader(settings).read(site.base_url)
    assert len(website.pages) == 1
    assert set(skipped(website)) == {"hang?x", "drip?x"}
    assert all("time" in reason or "too long" in reason for reason in skipped(website).values())


async def test_a_home_page_that_only_sends_visitors_on_is_followed(
    site: FaultSite, make_settings: MakeSettings
) -> None:
    site.pages["/"] = Answer(
        html_page("x", "", head='<meta http-equiv="refresh" content="0; URL=/en/">')
    )
    site.pages["/en/"] = page()
    website = await WebsiteReader(make_settings(site)).read(site.base_url)
    assert website.pages[0].url == f"{site.base_url}/en/"
    site.pages["/"] = Answer(
        html_page("x", "", head='<meta http-equiv=refresh content="0;url=http://169.254.169.254/">')
    )
    assert (await refusal(WebsiteReader(make_settings(site)), site.base_url)).code == (
        "address_not_allowed"
    )


async def test_plain_text_can_be_read(site: FaultSite, make_settings: MakeSettings) -> None:
    site.pages["/llms.txt"] = Answer(PROSE * 3, headers={"Content-Type": "text/plain"})
    settings = make_settings(site, website_max_pages=1)
    website = await WebsiteReader(settings).read(f"{site.base_url}/llms.txt")
    assert PROSE.strip() in website.pages[0].visible_text


async def test_http_is_tried_when_https_is_refused_and_no_scheme_was_typed(
    site: FaultSite,
    make_settings: MakeSettings,
    play_network: Callable[[dict[str, int]], PlayedNetwork],
) -> None:
    network = play_network({f"{PUBLIC_ADDRESS}:80": site.port})
    resolver = PlayedResolver({"tidewater.example.com": [PUBLIC_ADDRESS]})
    reader = WebsiteReader(make_settings(), resolver=resolver)
    website = await reader.read("tidewater.example.com")
    assert website.url == "http://tidewater.example.com"
    assert len(website.pages) == 6
    assert network.connected[:2] == [f"{PUBLIC_ADDRESS}:443", f"{PUBLIC_ADDRESS}:80"]
    error = await refusal(reader, "https://tidewater.example.com")
    assert (error.code, error.status) == ("connection_refused", 502)


async def test_the_site_is_the_one_that_redirects_lead_to(
    site: FaultSite,
    make_settings: MakeSettings,
    play_network: Callable[[dict[str, int]], PlayedNetwork],
) -> None:
    with FaultSite() as old:
        old.pages["/"] = Answer(
            status=301, headers={"Location": "https://www.tidewater.example.com/"}
        )
        play_network({f"{PUBLIC_ADDRESS}:443": site.port, "1.1.1.1:443": old.port})
        resolver = PlayedResolver(
            {"www.tidewater.example.com": [PUBLIC_ADDRESS], "old.example.com": ["1.1.1.1"]}
        )
        website = await WebsiteReader(make_settings(), resolver=resolver).read("old.example.com")
    assert website.url == "https://old.example.com"
    assert website.pages[0].url == "https://www.tidewater.example.com"
    assert {page.url.split("/")[2] for page in website.pages} == {"www.tidewater.example.com"}
    assert len(website.pages) == 6


async def test_bad_addresses_are_refused_before_anything_is_asked(
    make_settings: MakeSettings,
) -> None:
    resolver = PlayedResolver({})
    reader = WebsiteReader(make_settings(), resolver=resolver)
    assert (await refusal(reader, "javascript:alert(1)")).code == "invalid_url"
    assert (await refusal(reader, "http://localhost/")).code == "address_not_allowed"
    assert resolver.asked == []
    assert (await refusal(reader, "no-such.example.com")).code == "host_not_found"


async def test_a_read_can_be_cancelled(site: FaultSite, make_settings: MakeSettings) -> None:
    read_home = asyncio.Event()
    site.pages["/"] = page(links=link("/hang", "Pricing"))
    reader = WebsiteReader(make_settings(site))
    task = asyncio.create_task(
        reader.read(site.base_url, on_progress=lambda _line: read_home.set())
    )
    await read_home.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_second_read_in_development_comes_from_the_cache(
    site: FaultSite, make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings(site, website_cache_hours=1)
    first = await WebsiteReader(settings).read(site.base_url)
    asked = len(site.requests)
    lines: list[str] = []
    second = await WebsiteReader(settings).read(f"{site.base_url}/", on_progress=lines.append)
    assert len(site.requests) == asked
    assert (first.coverage.from_cache, second.coverage.from_cache) == (False, True)
    assert second.pages == first.pages
    assert lines == ["Found 127.0.0.1 in the cache"]


async def test_failures_are_never_cached(
    site: FaultSite, make_settings: MakeSettings, tmp_path: Path
) -> None:
    reader = WebsiteReader(make_settings(site, website_cache_hours=1))
    healthy = site.pages["/"]
    site.pages["/"] = Answer("", 500)
    assert (await refusal(reader, site.base_url)).code == "website_error"
    site.pages["/"] = healthy
    assert (await reader.read(site.base_url)).pages


async def test_there_is_no_cache_in_production(
    site: FaultSite, make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings(**PRODUCTION, website_cache_hours=24)
    health = await WebsiteReader(settings).health()
    assert health == {"status": "ok", "reader": "built-in", "cache": "off"}


async def test_the_reader_tells_how_it_is_set_up(make_settings: MakeSettings) -> None:
    reader = WebsiteReader(make_settings(website_cache_hours=24))
    assert reader.name == "built-in"
    assert await reader.health() == {"status": "ok", "reader": "built-in", "cache": "24 hours"}


async def test_a_page_that_breaks_the_extraction_is_an_error_with_words(
    site: FaultSite, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("blossomer.services.website.reading.extract_page", broken)
    error = await refusal(WebsiteReader(make_settings(site)), site.base_url)
    assert error.code == "website_error"
