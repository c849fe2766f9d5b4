# ruff: noqa: E501
"""The parts of the linter by themselves, and what holds for every text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blossomer.services.email_lint import (
    RULES,
    EmailText,
    LintReport,
    count_words,
    lint_email,
)
from blossomer.services.email_lint.language import is_english
from blossomer.services.email_lint.readability import count_syllables, grades
from blossomer.services.email_lint.rules import MOST_FINDINGS
from blossomer.services.email_lint.sequence import shared
from blossomer.services.email_lint.text import flat, mask, paragraph_spans, sentence_spans
from tests.unit.email_lint.bad import BAD, FRENCH, GERMAN, JAPANESE
from tests.unit.email_lint.good import BASE, GOOD, SOURCES

SYLLABLES = {
    1: "a the plan shift called helped times made cause names eye weeks gives tools use tree",
    2: "people table needed wanted being lion only before leader going business riot handled",
    3: "company together idea area overtime media employee another several creating serious overtime",
    4: "information available operations January security community",
    5: "organization opportunity operational",
}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n - – & … \t", 0),
        ("one two", 2),
        ("24/7 follow-up e.g. it's $1,200", 5),
        ("Hi {{first_name}},", 2),
        ("{{ first name }} x", 2),
        ("a—b", 2),
        ("see https://a.example/b?c=d&e=f now", 3),
        ("10–20 people", 2),
        ("繁忙期", 2),
        ("word\n\nword\r\nword", 3),
    ],
)
def test_words_are_counted_as_a_person_counts(text: str, count: int) -> None:
    assert count_words(text) == count


def test_syllables() -> None:
    words = [(word, count) for count, text in SYLLABLES.items() for word in text.split()]
    wrong = {word: count_syllables(word) for word, count in words if count_syllables(word) != count}
    assert len(wrong) <= 0.05 * len(words), wrong
    assert count_syllables("CRM") == 3
    assert count_syllables("") == 1


def test_grades_follow_the_published_formulas() -> None:
    sentence = ["the", "cat", "sat", "on", "the", "mat", "and", "had", "a", "nap"]
    measured = grades([sentence, sentence])
    assert measured is not None
    # 10 words a sentence, 1 syllable a word; 27 letters in 10 words.
    assert measured.flesch_kincaid == round(0.39 * 10 + 11.8 * 1 - 15.59, 1)
    assert measured.automated == round(4.71 * 2.7 + 0.5 * 10 - 21.43, 1)
    assert grades([sentence]) is None


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Use it e.g. on Monday. Then stop.", ["Use it e.g. on Monday.", "Then stop."]),
        ("Mr. Lund pays 1.5 times. Really?!", ["Mr. Lund pays 1.5 times.", "Really?!"]),
        ("“It works.” Yes.", ["“It works.”", "Yes."]),
        ("Lists:\n- one\n- two", ["Lists:", "one", "two"]),
        ("a line\nthat goes on", ["a line\nthat goes on"]),
        ("Ask acme.com or a.b@c.de. Then wait.", ["Ask acme.com or a.b@c.de.", "Then wait."]),
        ("…", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(mask(text), 0, len(text))] == sentences


def test_languages() -> None:
    assert is_english(mask(BASE))
    assert is_english("")
    assert is_english("shift plans")
    assert not any(map(is_english, map(mask, [GERMAN, FRENCH, JAPANESE])))


def test_shared_words() -> None:
    assert shared("a b c d", "a b c d") == 1
    assert shared("a b c d", "e f g h") == 0
    assert shared("", "a") == 0
    assert shared("it’s one thing", "It's one thing!") == 1


def lint(body: str, subject: str = "plans") -> LintReport:
    return lint_email(EmailText(subject=subject, body=body), sources=SOURCES)


def test_the_measures_of_a_report() -> None:
    report = lint(BASE)
    assert (report.word_count, report.sentence_count, report.questions) == (60, 5, 1)
    assert (report.you_words, report.we_words, report.you_we_ratio) == (2, 0, None)
    assert report.reading_grade is not None
    assert report.reading_grade < 6
    assert report.is_english
    assert report.errors == ()


def test_findings_name_their_source_and_place() -> None:
    report = lint(BASE.replace("40%", "41%"))
    (finding,) = report.errors
    assert finding.rule == "EM11"
    assert finding.excerpt == "41%"
    assert "41%" in finding.message
    assert finding.source == RULES["EM11"].source
    assert finding.fixable
    assert finding.points == 100 - report.score


def test_a_rule_repeats_itself_a_few_times_at_most() -> None:
    report = lint("{x} " * 100)
    assert sum(finding.rule == "EM10" for finding in report.findings) == MOST_FINDINGS
    assert report.score == 0


def test_the_report_travels_as_json() -> None:
    report = lint(BASE)
    assert LintReport.model_validate_json(report.model_dump_json()) == report


PIECES = st.sampled_from(
    [
        *(case.body for case in BAD[::7]), "{{first_name}}", "{{", "}}", "{", "[First Name]", "\n\n",
        "\r\n", " ", "?", "!", "—", "40%", "$10-15k", "1,234.5", "two hours", "IBM", "Acme Corp",
        "https://bit.ly/x", "http://[::1", "“", "’", "e.g.", "P.S. yes", "Best,", "Ruth", "- a", "1.",
        "I noticed", "İ", "ß", "²", "٣", "\u2028", "not just a but", "a@b.c", "1e999", "9" * 30,
        "10.000.00", "1'000", "½", "<a href=x>y.com</a>", "[a.com](http://b.com)",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map("".join),
                  st.lists(PIECES, max_size=12).map(" ".join))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    TEXTS, TEXTS, st.sampled_from(["first", "follow_up", "variant"]), st.lists(TEXTS, max_size=2)
)
def test_every_text_has_a_report_whose_places_are_in_the_text(
    subject: str, body: str, kind: str, others: list[str]
) -> None:
    email = EmailText.model_validate(
        {"subject": subject, "body": body, "kind": kind, "previous_bodies": others, "wait_days": 2}
    )
    report = lint_email(email, sources=tuple(others))
    assert report == lint_email(email, sources=tuple(others))
    assert 0 <= report.score <= 100
    for finding in report.findings:
        assert finding.rule in RULES
        assert finding.source
        assert finding.message
        assert finding.advice
        if finding.part is None:
            assert finding.start is finding.end is None
            continue
        text = subject if finding.part == "subject" else body
        assert finding.start is not None
        assert finding.end is not None
        assert 0 <= finding.start < finding.end <= len(text)
        assert text[finding.start : finding.end].startswith(finding.excerpt.removesuffix("…"))


@settings(max_examples=100)
@given(TEXTS)
def test_masks_keep_every_place(text: str) -> None:
    assert len(flat(mask(text))) == len(text)
    assert all(text[a:b].strip() == text[a:b] and a < b for a, b in paragraph_spans(text))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_numbers_and_names_of_the_mail_itself_are_no_inventions(text: str) -> None:
    email = EmailText(subject="plans", body=text)
    report = lint_email(email, sources=(text,))
    assert not {"EM11"} & {finding.rule for finding in report.findings}


HOSTILE = [
    "a", "A ", "Abc ", "{", "}", "{{a}} ", "{{", "?", "! ", "1,", "123,", "1", "12.", "% ", ".", "a.",
    "a@", "a-", "\n", "a\n\n", " ", "\t", "- a\n", "1. ", "aa, bb, cc and ", "five ", "ten min ",
    "[", "[name ", "<a ", "http://", "www.", "May ", "not just ", "in today's ", "hope this ",
    "your new ", "book a ", "I just ", "tired of ", "Aa of ", "\"'", "—", "xxxx ", "free ", "(", "&",
    "(I ", "what if you ", "x", "12 rue ", "p.s. ", "Best,\n\n", "Mr. ", "繁", "İ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_of_50_000_characters_is_quick(piece: str) -> None:
    text = (piece * (50_000 // len(piece) + 1))[:50_000]
    email = EmailText(subject="plans", body=text, kind="follow_up", previous_bodies=(text,))
    start = time.process_time()
    lint_email(email, sources=(text[:20_000],))
    # It takes a second; anything that is not linear takes minutes.
    assert time.process_time() - start < 30


def test_the_good_ones_do_not_depend_on_their_order() -> None:
    reports = [lint(case.body, case.subject) for case in GOOD]
    assert [lint(case.body, case.subject) for case in reversed(GOOD)] == reports[::-1]
