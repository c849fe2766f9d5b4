"""Who is led where, and where nobody is ever led."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blossomer.services.guards import (
    HOME,
    is_guarded,
    redirect_for,
    safe_return_path,
    sign_in_path,
)


@pytest.mark.parametrize(
    ("path", "query", "signed_in", "expected"),
    [
        ("/", "", True, None),
        ("/", "", False, None),
        ("/nowhere", "", False, None),
        ("/application", "", False, None),
        ("/appendix/company", "", False, None),
        ("/playgrounds", "", True, None),
        # Signed in: the playground is not theirs any more.
        ("/playground", "", True, HOME),
        ("/playground/", "", True, HOME),
        ("/playground/company", "", True, "/app/company"),
        ("/playground/company/", "id=0123", True, "/app/company"),
        ("/playground/accounts/abc/personas/def", "", True, "/app/accounts"),
        ("/playground/campaigns", "page=2", True, "/app/campaigns"),
        ("/playground/caf\u00e9\r\nX: y", "", True, "/app/caf%C3%A9%0D%0AX%3A%20y"),
        ("/app", "", True, HOME),
        ("/app/", "", True, HOME),
        ("/app/company/1", "", True, None),
        ("/account-settings", "", True, None),
        ("/auth", "", True, HOME),
        ("/auth/", "mode=signin", True, HOME),
        ("/auth", "mode=signin&next=%2Fapp%2Faccounts%3Fq%3Da", True, "/app/accounts?q=a"),
        ("/auth", "next=https://evil.example", True, HOME),
        ("/auth", "next=//evil.example&next=/app/x", True, HOME),
        ("/auth", "&".join(["a=1"] * 100), True, HOME),
        ("/handler/error", "cause=x", True, None),
        ("/handler/keep", "", False, None),
        # Anonymous: the app is nobody's.
        ("/playground", "", False, "/playground/company"),
        ("/playground/company", "id=1", False, None),
        ("/auth", "mode=signup", False, None),
        ("/app", "", False, "/auth?mode=signin&next=%2Fapp"),
        ("/app/company", "", False, "/auth?mode=signin&next=%2Fapp%2Fcompany"),
        ("/app/company/", "", False, "/auth?mode=signin&next=%2Fapp%2Fcompany"),
        (
            "/app/accounts/1/personas/2",
            "tab=a&q=b%20c",
            False,
            "/auth?mode=signin&next=%2Fapp%2Faccounts%2F1%2Fpersonas%2F2%3Ftab%3Da%26q%3Db%2520c",
        ),
        ("/account-settings", "", False, "/auth?mode=signin&next=%2Faccount-settings"),
        # However it is written, it is the same page.
        ("//app/company", "", False, "/auth?mode=signin&next=%2Fapp%2Fcompany"),
        ("/./app//company", "", False, "/auth?mode=signin&next=%2Fapp%2Fcompany"),
        ("/x/../app/company", "", False, "/auth?mode=signin&next=%2Fapp%2Fcompany"),
        ("/APP/company", "", False, "/auth?mode=signin&next=%2Fapp%2Fcompany"),
        ("/PlayGround/company", "", True, "/app/company"),
        # What is no place to come back to is not carried along.
        ("/app/\u00fcber", "", False, "/auth?mode=signin"),
        ("/app/a\nb", "", False, "/auth?mode=signin"),
        ("/app/" + "x" * 600, "", False, "/auth?mode=signin"),
    ],
)
def test_the_table_of_guards(path: str, query: str, signed_in: bool, expected: str | None) -> None:
    assert redirect_for(path, query, signed_in=signed_in) == expected
    if expected is not None:
        assert is_guarded(path)


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    "path",
    ["/", "/auth", "/app", "/app/company", "/app/x/y", "/playground", "/playground/accounts/1",
     "/account-settings", "/nowhere"],
)  # fmt: skip
def test_nobody_is_led_in_circles(path: str, signed_in: bool) -> None:
    place: str | None = path
    for _ in range(4):
        parts = urlsplit(place or "")
        place = redirect_for(parts.path, parts.query, signed_in=signed_in)
        if place is None:
            return
    raise AssertionError(path)


GOOD = [
    "/app",
    "/app/company",
    "/app/company/6d3a2f0e-3c9b-5b5e-8a53-0a3d5d1f2c11",
    "/app/accounts?q=a%20b&sort=name&page=2",
    "/app/accounts?next=//evil.example",
    "/app/company?q=50%25",
    "/playground/company",
    "/account-settings",
]

EVIL = [
    "", "app", "company", "/", "/application", "/auth", "/auth/logout", "/handler/oauth-callback",
    "/local-issuer/api/v1/auth/oauth/token", "/api/x", "/_event", "/docs",
    "https://evil.example", "http:/evil.example", "https:evil.example", "HTTPS://evil.example/app",
    "//evil.example", "///evil.example", "//evil.example/app", "////app", "/\\evil.example",
    "\\\\evil.example", "/\\/evil.example", "\\/evil.example", "/app\\..\\..\\evil",
    "/%2fevil.example", "/%5cevil.example", "/%2F%2Fevil.example", "/%252f%252fevil.example",
    "/app/%2f%2fevil.example", "/app/%5c%5cevil", "/app/..//evil.example", "/app/../evil",
    "/app/%2e%2e/evil", "/app/%252e%252e/evil", "/app/.%2e/auth/logout", "/app/..", "/app/.",
    "/app/./x", "/app//x", "/%25252561pp", "/app/%00", "/app/%0d%0aSet-Cookie:a=b",
    "/app\r\nLocation: https://evil.example", "/\t/evil.example", "/app\t", " /app", "/app ",
    "/app\x00", "/app/\x7f", "/app/\x85", "/app/\u2028", "/app/\u00e9", "/app/\uff0f\uff0fevil",
    "/app#@evil.example", "/app?a#b", "/app?a\\b", "/app?a\r\nb", "/app?\u00e9",
    "/app%23", "/app%3f",
    "/app:80", "/app@evil.example", "/app.evil.example", "/app;@evil.example", "@evil.example/app",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)//app", "data:text/html,x",
    "/app/javascript:alert(1)", "mailto:a@b.c", "ftp://evil.example", "//app@evil.example",
    "///app/company",
    "/app" + "x" * 600, "/app/" + "x" * 600, None, 5, True, [], ["/app"], {"a": 1}, b"/app",
]  # fmt: skip


@pytest.mark.parametrize("wanted", GOOD)
def test_a_place_of_ours_is_kept_as_it_is(wanted: str) -> None:
    assert safe_return_path(wanted) == wanted
    assert parse_qs(urlsplit(sign_in_path(wanted)).query)["next"] == [wanted]


@pytest.mark.parametrize("wanted", EVIL, ids=lambda value: repr(value)[:40])
def test_nobody_is_led_anywhere_else(wanted: object) -> None:
    assert safe_return_path(wanted) == HOME
    assert safe_return_path(wanted, default="") == ""
    if isinstance(wanted, str):
        assert sign_in_path(wanted) == "/auth?mode=signin"
        assert redirect_for("/auth", f"next={quote(wanted)}", signed_in=True) == HOME


@given(
    st.text(max_size=60) | st.text(alphabet="/\\.%25ceEF:?#@a ", max_size=30).map("/app".__add__)
)
def test_whatever_is_asked_for_a_browser_stays_here(wanted: str) -> None:
    place = safe_return_path(wanted)
    # As the URL standard reads it: tabs and line breaks dropped, backslashes taken for slashes.
    read = urlsplit(place.replace("\t", "").replace("\n", "").replace("\\", "/"))
    assert (read.scheme, read.netloc) == ("", "")
    assert read.path.split("/")[1].startswith(("app", "playground", "account-settings"))
    assert place.isascii()
