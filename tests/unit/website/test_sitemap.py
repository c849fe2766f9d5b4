"""Sitemaps are read when they are what they should be, and cost little when they are not."""

from __future__ import annotations

from blossomer.services.website.address import parse_address
from blossomer.services.website.fetch import Fetcher
from blossomer.services.website.robots import Robots
from blossomer.services.website.sitemap import parse_sitemap, read_sitemaps
from tests.support.fault_site import Answer, FaultSite

XML = {"Content-Type": "application/xml"}
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*urls: str) -> str:
    return f"<urlset {NAMESPACE}>{''.join(f'<url><loc>{u}</loc></url>' for u in urls)}</urlset>"


def index(*urls: str) -> str:
    listed = "".join(f"<sitemap><loc>{u}</loc></sitemap>" for u in urls)
    return f"<sitemapindex {NAMESPACE}>{listed}</sitemapindex>"


async def read(site: FaultSite, fetcher: Fetcher) -> list[str]:
    allowed = frozenset({site.host_port})
    home = parse_address(site.base_url, allowed_hosts=allowed)
    return await read_sitemaps(home, fetcher, Robots(fetcher), allowed_hosts=allowed)


def test_addresses_with_and_without_a_namespace() -> None:
    assert parse_sitemap(urlset("https://a.com/x", " https://a.com/y\n").encode()) == (
        ["https://a.com/x", "https://a.com/y"],
        False,
    )
    assert parse_sitemap(b"<urlset><url><loc>https://a.com/</loc></url></urlset>")[0]
    assert parse_sitemap(index("https://a.com/s.xml").encode()) == (["https://a.com/s.xml"], True)


def test_entities_are_neither_expanded_nor_loaded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><urlset><url><loc>&l9;</loc></url></urlset>'
    assert parse_sitemap(bomb.encode()) == ([], False)
    outside = (
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        "<urlset><url><loc>&f;</loc></url></urlset>"
    )
    assert parse_sitemap(outside.encode()) == ([], False)


def test_what_is_broken_gives_what_stands_before_the_break() -> None:
    whole = urlset("https://a.com/x", "https://a.com/y").encode()
    assert parse_sitemap(whole[:-30])[0][0] == "https://a.com/x"
    assert parse_sitemap(b"") == ([], False)
    assert parse_sitemap(b"\x00\xff not xml") == ([], False)
    assert parse_sitemap(b"<urlset></urlset>") == ([], False)


async def test_the_usual_place_is_tried(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/sitemap.xml"] = Answer(urlset(f"{site.base_url}/plans"), headers=XML)
    assert await read(site, fetcher) == [f"{site.base_url}/plans"]


async def test_the_place_that_robots_names_is_taken(site: FaultSite, fetcher: Fetcher) -> None:
    site.robots = f"Sitemap: {site.base_url}/map.xml"
    site.pages["/map.xml"] = Answer(
        index(f"{site.base_url}/post-sitemap.xml", f"{site.base_url}/page-sitemap.xml"),
        headers=XML,
    )
    site.pages["/page-sitemap.xml"] = Answer(urlset(f"{site.base_url}/plans"), headers=XML)
    site.pages["/post-sitemap.xml"] = Answer(urlset(f"{site.base_url}/post"), headers=XML)
    assert await read(site, fetcher) == [f"{site.base_url}/plans", f"{site.base_url}/post"]


async def test_an_endless_index_ends(site: FaultSite, fetcher: Fetcher) -> None:
    site.pages["/sitemap.xml"] = Answer(index(f"{site.base_url}/sitemap.xml"), headers=XML)
    assert await read(site, fetcher) == []
    assert site.paths.count("/sitemap.xml") == 3


async def test_other_sites_and_forbidden_places_are_left_alone(
    site: FaultSite, fetcher: Fetcher
) -> None:
    site.robots = (
        "Sitemap: http://169.254.169.254/map.xml\nSitemap: https://other.example.com/map.xml\n"
        "Sitemap: /secret.xml\nUser-agent: *\nDisallow: /secret"
    )
    assert await read(site, fetcher) == []
    assert site.paths == ["/robots.txt"]


async def test_no_sitemap_is_no_trouble(site: FaultSite, fetcher: Fetcher) -> None:
    assert await read(site, fetcher) == []
    site.pages["/sitemap.xml"] = Answer("<html>", headers={"Content-Type": "text/html"})
    assert await read(site, fetcher) == []
