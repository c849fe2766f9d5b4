"""robots.txt is asked once per host and obeyed as RFC 9309 says."""

from __future__ import annotations

import pytest

from blossomer.errors import UserError
from blossomer.services.website.address import parse_address
from blossomer.services.website.fetch import Fetcher
from blossomer.services.website.robots import Robots
from tests.support.fault_site import Answer, FaultSite


async def verdict(site: FaultSite, fetcher: Fetcher, path: str = "/") -> str:
    """``"allowed"``, or the code of the refusal."""
    allowed = frozenset({site.host_port})
    try:
        await Robots(fetcher).check(parse_address(site.base_url + path, allowed_hosts=allowed))
    except UserError as error:
        return error.code
    return "allowed"


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("", "/", "allowed"),
        ("User-agent: *\nDisallow: /", "/", "robots_disallowed"),
        ("User-agent: *\nDisallow: /", "/pricing", "robots_disallowed"),
        ("User-agent: *\nDisallow: /private", "/pricing", "allowed"),
        ("User-agent: *\nDisallow: /*?", "/pricing?plan=1", "robots_disallowed"),
        ("User-agent: *\nDisallow: /\nAllow: /$", "/", "allowed"),
        ("User-agent: BlossomerBot\nDisallow: /", "/", "robots_disallowed"),
        ("User-agent: blossomerbot\nAllow: /\n\nUser-agent: *\nDisallow: /", "/", "allowed"),
        ("User-agent: OtherBot\nDisallow: /", "/", "allowed"),
        ("<html>not a robots.txt at all</html>", "/", "allowed"),
        ("\ufeffUser-agent: *\r\nDisallow: /", "/", "robots_disallowed"),
    ],
)
async def test_rules_are_obeyed(
    site: FaultSite, fetcher: Fetcher, rules: str, path: str, expected: str
) -> None:
    site.robots = rules
    assert await verdict(site, fetcher, path) == expected


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 429])
async def test_a_missing_robots_txt_allows_everything(
    site: FaultSite, fetcher: Fetcher, status: int
) -> None:
    site.robots = status
    assert await verdict(site, fetcher) == "allowed"


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_failing_robots_txt_allows_nothing(
    site: FaultSite, fetcher: Fetcher, status: int
) -> None:
    site.robots = status
    assert await verdict(site, fetcher) == "robots_unreachable"


async def test_redirects_of_robots_txt_are_followed(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/rules"] = Answer("User-agent: *\nDisallow: /")
    site.pages["/robots.txt"] = Answer(status=301, headers={"Location": "/rules"})
    assert await verdict(site, fetcher) == "robots_disallowed"
    site.pages["/robots.txt"] = Answer(status=301, headers={"Location": "/loop"})
    assert await verdict(site, fetcher) == "allowed"
    site.pages["/robots.txt"] = Answer(status=301, headers={"Location": "http://169.254.169.254/"})
    assert await verdict(site, fetcher) == "address_not_allowed"


async def test_only_the_first_half_megabyte_counts(site: FaultSite, fetcher: Fetcher) -> None:
    padding = "# padding\n" * 60_000
    site.robots = f"User-agent: *\nDisallow: /first\n{padding}Disallow: /last"
    assert await verdict(site, fetcher, "/first") == "robots_disallowed"
    assert await verdict(site, fetcher, "/last") == "allowed"


async def test_it_is_asked_once_for_many_pages(site: FaultSite, fetcher: Fetcher) -> None:
    site.robots = "Sitemap: https://example.com/map.xml\nUser-agent: *\nDisallow: /no"
    robots = Robots(fetcher)
    home = parse_address(site.base_url, allowed_hosts=frozenset({site.host_port}))
    await robots.check(home)
    await robots.check(home)
    assert list(await robots.sitemaps(home)) == ["https://example.com/map.xml"]
    assert site.paths == ["/robots.txt"]
