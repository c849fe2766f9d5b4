"""The website that other tests read: it must behave like one."""

from __future__ import annotations

import httpx
import pytest

from tests.support.fixture_site import SITES, FixtureSite


def test_pages_have_clean_addresses_and_are_counted() -> None:
    paths = ["/", "/pricing", "/pricing.html", "/blog/fuel-surcharges", "/style.css"]
    with FixtureSite() as site, httpx.Client(base_url=site.base_url) as client:
        assert [client.get(path).status_code for path in paths] == [200] * len(paths)
        assert site.requests == paths
        assert client.head("/").content == b""


def test_every_address_of_the_sitemap_works() -> None:
    with FixtureSite() as site, httpx.Client(base_url=site.base_url) as client:
        robots = client.get("/robots.txt")
        assert robots.headers["content-type"] == "text/plain; charset=utf-8"
        assert f"Sitemap: {site.base_url}/sitemap.xml" in robots.text
        sitemap = client.get("/sitemap.xml").text
        addresses = [part.split("</loc>")[0] for part in sitemap.split("<loc>")[1:]]
        assert len(addresses) == 7
        assert all(client.get(address).status_code == 200 for address in addresses)


@pytest.mark.parametrize(
    "path", ["/nothing", "/../fixture_site.py", "/%2e%2e/fixture_site.py", "/a%00b"]
)
def test_nothing_else_is_served(path: str) -> None:
    with FixtureSite("german") as site:
        status, kind, _ = site.answer(path)
        assert status == 404
        assert kind.startswith("text/html")


def test_sites_have_names_or_folders() -> None:
    with FixtureSite("thin") as by_name, FixtureSite(SITES / "thin") as by_folder:
        assert by_name.host_port != by_folder.host_port
        assert by_name.answer("/") == by_folder.answer("/")
    with pytest.raises(FileNotFoundError):
        FixtureSite("no-such-site")
