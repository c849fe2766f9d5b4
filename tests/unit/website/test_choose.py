"""The pages that tell most are read first, and nothing outside the site is."""

from __future__ import annotations

import pytest

from blossomer.services.website.address import parse_address
from blossomer.services.website.choose import Candidate, choose_pages

HOME = "https://www.acme.com"


def choose(*links: str | tuple[str, str], home: str = HOME) -> list[Candidate]:
    pairs = [(link, "") if isinstance(link, str) else link for link in links]
    return choose_pages(parse_address(home), pairs, allowed_hosts=frozenset())


def kinds(*links: str | tuple[str, str]) -> dict[str, str]:
    return {candidate.url.removeprefix(HOME): candidate.kind for candidate in choose(*links)}


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/pricing", "", "pricing"),
        ("/plans-and-pricing", "", "pricing"),
        ("/preise", "", "pricing"),
        ("/xyz", "See pricing", "pricing"),
        ("/product", "", "product"),
        ("/features/routing", "", "product"),
        ("/how-it-works", "", "product"),
        ("/platform/overview", "", "product"),
        ("/solutions/retail", "", "solutions"),
        ("/use-cases", "", "solutions"),
        ("/platform/use-cases", "", "solutions"),
        ("/who-its-for", "", "solutions"),
        ("/customers", "", "customers"),
        ("/case-studies/globex", "", "customers"),
        ("/customer-stories", "", "customers"),
        ("/success-stories", "", "customers"),
        ("/about", "", "about"),
        ("/about-us", "", "about"),
        ("/company", "", "about"),
        ("/%C3%BCber-uns", "", "about"),
        ("/solutions/events", "", "solutions"),
    ],
)
def test_what_a_link_leads_to(path: str, text: str, kind: str) -> None:
    assert kinds((path, text)) == {path: kind}


@pytest.mark.parametrize(
    "link",
    [
        "/login",
        "/sign-up",
        "/privacy",
        "/legal/pricing-terms",
        "/blog/our-new-pricing",
        "/careers",
        "/company/careers",
        "/about/press",
        "/docs/product",
        "/support/customers",
        "/pricing.pdf",
        "/product/image.PNG",
        "/contact",
        "/de/preise",
        "/pt-br/pricing",
        "/random-thing",
        "/",
        "#pricing",
        "https://docs.acme.com/product",
        "https://other.com/pricing",
        "https://acme.com.evil.com/pricing",
        "mailto:pricing@acme.com",
        "javascript:pricing()",
        "http://[/pricing",
    ],
)
def test_what_is_not_worth_reading_or_not_of_this_site(link: str) -> None:
    assert choose(link) == []


def test_one_page_of_each_kind_comes_before_a_second_of_any() -> None:
    chosen = choose(
        "/about",
        "/features/a",
        "/features",
        "/pricing/enterprise",
        "/pricing",
        "/customers",
        "/solutions",
        "/customers/globex",
    )
    assert [candidate.url.removeprefix(HOME) for candidate in chosen] == [
        "/pricing",
        "/features",
        "/solutions",
        "/customers",
        "/about",
        "/pricing/enterprise",
        "/features/a",
        "/customers/globex",
    ]


def test_links_to_one_page_are_one_candidate() -> None:
    chosen = choose(
        "http://acme.com/pricing",
        "/pricing/",
        ("/pricing?utm_source=nav", "Pricing"),
        "https://www.acme.com/pricing#plans",
    )
    assert len(chosen) == 1
    assert chosen[0].url.startswith("https://www.acme.com/pricing")


def test_the_language_of_the_first_page_is_kept() -> None:
    chosen = choose("/de/preise", "/en/pricing", "/fr/tarifs", home=f"{HOME}/de/")
    assert [candidate.url for candidate in chosen] == [f"{HOME}/de/preise"]


def test_the_front_page_in_another_language_is_not_worth_reading() -> None:
    assert choose("/", home=f"{HOME}/de/") == []
    assert choose("/", home=f"{HOME}/de-ch") == []


def test_the_root_is_worth_reading_when_another_page_was_asked_for() -> None:
    chosen = choose("/pricing", home=f"{HOME}/product/routing")
    assert [(candidate.url, candidate.kind) for candidate in chosen] == [
        (f"{HOME}/pricing", "pricing"),
        (HOME, "other"),
    ]


def test_a_page_with_a_hundred_thousand_links_is_no_trouble() -> None:
    assert len(choose(*(f"/product/{number}" for number in range(100_000)))) == 1_000
