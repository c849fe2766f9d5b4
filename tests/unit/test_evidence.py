"""Quotes: what counts as standing on the page, and what a check makes of a writer's claims."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from blossomer.entities import entity_config
from blossomer.entities.evidence import (
    PageText,
    check_evidence,
    is_verified,
    item_status,
    quotes_for,
    squash,
    text_fragment_url,
)

COMPANY = entity_config("company")

PAGE = """
Dispatch software for field teams
Plan 120 visits in 15 minutes — not in 2.5 hours. You can’t lose a job again.
Trusted by 199 crews, from Zürich to “São Paulo”.
Pro costs $49 per van and month, Fleet costs $10,000 a year (or $10.50 an hour).
Real-time tracking for teams, support 24/7 and an answer within 10–20 minutes.
"""

SENTENCES = [
    "Plan 120 visits in 15 minutes — not in 2.5 hours.",
    "Trusted by 199 crews, from Zürich to “São Paulo”.",
    "Pro costs $49 per van and month, Fleet costs $10,000 a year (or $10.50 an hour).",
]


def test_squash_keeps_letters_and_digits_folded() -> None:
    assert squash("  “Straße—42”, ﬁne! Ⅳ ") == "strasse42fineiv"
    assert squash("…!?") == ""


@pytest.mark.parametrize("quote", [line for line in PAGE.splitlines() if line])
def test_every_line_of_the_page_is_found(quote: str) -> None:
    assert is_verified(quote, PAGE)


@pytest.mark.parametrize(
    "quote",
    [
        "99 crews, from Zürich to São Paulo",  # 199
        "Plan 120 visits in 1",  # 15
        "5 hours. You can't lose a job again",  # 2.5
        "Plan 120 visits in 15 minutes — not in 2",  # 2.5
        "Plan 120 visits in 15 minutes - not in 25 hours",  # 2.5
        "Fleet costs $10",  # 10,000
        "000 a year (or $10.50 an hour)",  # 10,000
        "Fleet costs $10,000 a year (or $10",  # 10.50
        "Fleet costs $10,000 a year (or $1050 an hour)",  # 10.50
        "not in 2.5 hours. You can",  # can't: the opposite
        "time tracking for teams, support",  # Real-time
        "tracking for teams, support 24",  # 24/7
        "and an answer within 10",  # 10-20
        "and an answer within 1020 minutes",
        "rew software for field teams",
        "Plan 120 visits in 15 minutes, or in 2.5 hours",
        "Dispatch software for every field team",
    ],
)
def test_a_quote_that_says_something_else_is_not_found(quote: str) -> None:
    assert not is_verified(quote, PAGE)


@pytest.mark.parametrize(
    "quote",
    [
        "FLEET COSTS $10 000 A YEAR",
        "fleet costs 10000 a year",
        "Trusted by 199 crews from Zu\u0308rich",
        "software for field teams Plan 120 visits",  # over a line end
        "real time tracking for teams",
    ],
)
def test_spelling_of_marks_and_spaces_does_not_matter(quote: str) -> None:
    assert is_verified(quote, PAGE)


@pytest.mark.parametrize("quote", ["", "!!!", "199 crews", "field teams", "120"])
def test_too_short_a_quote_proves_nothing(quote: str) -> None:
    assert not is_verified(quote, PAGE)


def test_one_long_word_is_enough() -> None:
    assert is_verified(
        "Bundesausbildungsförderungsgesetz", "Das Bundesausbildungsförderungsgesetz."
    )


def test_footnote_marks_and_powers_do_not_become_digits() -> None:
    page = "Storage costs $99¹ per month. It holds 10² boxes of paper."
    assert not is_verified("Storage costs $991 per month", page)
    assert not is_verified("It holds 102 boxes of paper", page)
    assert is_verified("It holds 10² boxes of paper", page)


def test_scripts_without_spaces_can_be_quoted_in_part() -> None:
    page = "私たちのソフトウェアは現場チームの予定を自動で作成します。"
    assert is_verified("現場チームの予定を自動で作成", page)
    assert not is_verified("現場チームの予定を手動で作成", page)


def test_a_later_place_counts_when_the_first_is_inside_a_word() -> None:
    page = "We serve 1199 happy users today. Only 199 happy users today, they said."
    assert is_verified("199 happy users today", page)


def test_a_page_of_repetitions_is_answered_at_once() -> None:
    page = PageText("1 " * 100_000)
    assert not page.contains("1" * 1_999)
    assert not page.contains("1 " * 900 + "2")


@given(st.sampled_from(SENTENCES), st.data())
def test_any_changed_digit_fails(sentence: str, data: st.DataObject) -> None:
    places = [m.start() for m in re.finditer(r"\d", sentence)]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from("0123456789"))
    assume(digit != sentence[place])
    assert not is_verified(sentence[:place] + digit + sentence[place + 1 :], PAGE)


@given(st.sampled_from(SENTENCES), st.sampled_from("0123456789"), st.data())
def test_any_inserted_digit_fails(sentence: str, digit: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sentence)))
    assert not is_verified(sentence[:place] + digit + sentence[place:], PAGE)


@given(st.sampled_from(SENTENCES), st.data())
def test_any_removed_digit_fails(sentence: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([m.start() for m in re.finditer(r"\d", sentence)]))
    assert not is_verified(sentence[:place] + sentence[place + 1 :], PAGE)


@given(
    st.lists(st.text("abcdeföß", min_size=1, max_size=8), min_size=4, max_size=12),
    st.data(),
)
def test_case_punctuation_and_space_do_not_matter(words: list[str], data: st.DataObject) -> None:
    glue = st.text(" \n\t.,;:!?()[]“”—–…•|", min_size=1, max_size=4)
    change = st.sampled_from([str.lower, str.title, str.capitalize, lambda word: word])
    page = "Before it. " + "".join(word + data.draw(glue) for word in words) + "And after."
    quote = "".join(data.draw(change)(word) + data.draw(glue) for word in words)
    assert is_verified(quote, page)


@given(st.text(max_size=100))
def test_any_text_at_all_is_found_in_itself(text: str) -> None:
    page = f"{text} and four more words"
    assert is_verified(page, page)
    assert is_verified(page, f"Before. {page}. After")


def company(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "company_name": "Vanroute",
        "company_url": "https://vanroute.example",
        "description": "Vanroute plans the visits of field teams. It is made for small crews.",
        "capabilities": [
            "Fast planning: 120 visits are planned in 15 minutes.",
            "Live tracking: See every van on one map.",
        ],
        "objections": ["Price: Pro costs $49 per van and month."],
        "evidence": [],
        "confidence": {},
    }
    return {**data, **changes}


HOME = "https://vanroute.example/"
PRICING = "https://vanroute.example/pricing"
PAGES = {
    HOME: "Plan 120 visits in 15 minutes. See every van on one map.",
    PRICING: "Pro costs $49 per van and month.",
}


def claim(field: str, text: str, quote: str, page_url: str = HOME) -> dict[str, str]:
    return {"field": field, "text": text, "quote": quote, "page_url": page_url}


def checked(*claims: dict[str, str], **changes: Any) -> dict[str, Any]:
    return check_evidence(company(evidence=list(claims), **changes), COMPANY, PAGES)


def test_a_true_quote_is_verified_on_the_page_where_it_stands() -> None:
    item = "Price: Pro costs $49 per van and month."
    [entry] = checked(claim("objections", item, "Pro costs $49 per van and month", HOME))[
        "evidence"
    ]
    assert entry == {
        "field": "objections",
        "text": item,
        "quote": "Pro costs $49 per van and month",
        "page_url": PRICING,
        "verified": True,
    }


def test_a_false_quote_stays_and_is_marked() -> None:
    [entry] = checked(
        claim(
            "objections",
            "Price: Pro costs $49 per van and month.",
            "Pro costs $39 per van and month",
            "javascript:alert(1)",
        )
    )["evidence"]
    assert entry["verified"] is False
    assert entry["page_url"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "fast planning - 120 visits are planned in 15 minutes",
        "Fast planning: visits take no time at all.",
        "Fast Planning",
        "120 visits are planned in 15 minutes.",
    ],
)
def test_a_claim_is_matched_to_the_item_it_means(text: str) -> None:
    data = checked(claim("capabilities", text, "Plan 120 visits in 15 minutes"))
    [entry] = data["evidence"]
    assert entry["text"] == data["capabilities"][0]
    assert item_status(data, "capabilities", entry["text"]) == "quoted"
    assert quotes_for(data, "capabilities", entry["text"]) == [entry]
    assert item_status(data, "capabilities", data["capabilities"][1]) == "inferred"


def test_the_description_can_have_evidence() -> None:
    data = checked(claim("description", "It is made for small crews.", "See every van on one map."))
    assert item_status(data, "description", data["description"]) == "quoted"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("capabilities", "Something else entirely: it flies."),
        ("capabilities", "See"),
        ("capabilities", ""),
        ("no_such_field", "Fast planning: 120 visits are planned in 15 minutes."),
        ("evidence", "Fast planning: 120 visits are planned in 15 minutes."),
        ("positioning_insights", "Fast planning: 120 visits are planned in 15 minutes."),
    ],
)
def test_evidence_for_nothing_is_dropped(field: str, text: str) -> None:
    assert checked(claim(field, text, "Plan 120 visits in 15 minutes"))["evidence"] == []


def test_repeated_and_malformed_claims_are_dropped() -> None:
    item = "Live tracking: See every van on one map."
    data = check_evidence(
        company(
            evidence=[
                claim("capabilities", item, "See every van on one map."),
                claim("capabilities[1]", item, "see every van on one map", PRICING),
                {"field": "capabilities"},
                "nonsense",
                claim("capabilities", item, "…"),
            ]
        ),
        COMPANY,
        PAGES,
    )
    assert [entry["quote"] for entry in data["evidence"]] == ["See every van on one map."]


def test_confidence_is_capped_by_what_was_verified() -> None:
    data = checked(
        claim("capabilities", "Live tracking", "See every van on one map."),
        claim("objections", "Price", "Pro costs $1 per van and month"),
        confidence={
            "capabilities": "high",
            "objections": "high",
            "weather": "high",
            "positioning_insights": "high",
        },
    )
    assert data["confidence"] == {
        "capabilities": "high",
        "objections": "medium",
        "description": "low",
    }


def test_confidence_that_was_not_stated_follows_from_the_quotes() -> None:
    data = checked(
        claim("capabilities", "Live tracking", "See every van on one map."),
        confidence={"objections": "very"},
    )
    assert data["confidence"] == {
        "capabilities": "medium",
        "objections": "low",
        "description": "low",
    }


def test_one_card_alone_can_be_checked() -> None:
    item = "Live tracking: See every van on one map."
    data = check_evidence(
        {
            "capabilities": [item],
            "evidence": [claim("capabilities", item, "See every van on one map.")],
        },
        COMPANY,
        PAGES,
    )
    assert data["evidence"][0]["verified"] is True
    assert data["confidence"] == {"capabilities": "medium"}


def test_checking_leaves_its_input_alone_and_fits_the_kept_document() -> None:
    data = {
        **company(evidence=[claim("capabilities", "Live tracking", "See every van on one map.")]),
        **{key: ["One: thing."] for key in COMPANY.card_keys},
        "capabilities": ["Live tracking: See every van on one map."],
    }
    before = repr(data)
    result = check_evidence(data, COMPANY, PAGES)
    assert repr(data) == before
    assert COMPANY.data_model.model_validate(result).evidence[0].verified


def test_an_edited_item_is_the_persons_even_when_it_was_quoted() -> None:
    item = "Live tracking: See every van on one map."
    data = checked(claim("capabilities", item, "See every van on one map."))
    data["provenance"] = {"edited": {"capabilities": [item]}}
    assert item_status(data, "capabilities", item) == "edited"
    assert item_status(data, "objections", item) == "inferred"


@pytest.mark.parametrize(
    ("quote", "directive"),
    [
        ("plain words here now", "plain%20words%20here%20now"),
        ("a-b, c & d", "a%2Db%2C%20c%20%26%20d"),
        ("100% “sure”", "100%25%20%E2%80%9Csure%E2%80%9D"),
        ("two\n  lines", "two%20lines"),
    ],
)
def test_links_scroll_to_the_quote(quote: str, directive: str) -> None:
    assert text_fragment_url("https://a.example/p?q=1", quote) == (
        f"https://a.example/p?q=1#:~:text={directive}"
    )


def test_a_long_quote_is_linked_by_its_two_ends() -> None:
    quote = (
        "one two three four five "
        + "and many more words in the middle " * 4
        + "six seven eight nine ten"
    )
    assert text_fragment_url("https://a.example/#top", quote) == (
        "https://a.example/#top:~:text=one%20two%20three%20four%20five,six%20seven%20eight%20nine%20ten"
    )


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//a.example",
        "",
        "https://",
        "http://[",
        "ftp://a.b/",
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert text_fragment_url(url, "some words of a quote") == ""


def test_an_existing_text_directive_is_replaced() -> None:
    assert text_fragment_url("https://a.example/#x:~:text=old", "new words") == (
        "https://a.example/#x:~:text=new%20words"
    )
