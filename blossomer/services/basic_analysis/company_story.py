"""Positioning and use cases by rules: one sentence of the site for each question."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.choose import best, shown
from blossomer.services.basic_analysis.cues import (
    APPROACH,
    BELIEF,
    CURRENT_STATE,
    IMPACT,
    PROBLEM,
    Cue,
)
from blossomer.services.basic_analysis.facts import Facts
from blossomer.services.basic_analysis.notes import Notes
from blossomer.services.basic_analysis.patterns import COMMON_WORDS, PLAIN_HEADING
from blossomer.services.basic_analysis.text import joined

POSITIONING = "positioning_insights"
USE_CASES = "use_case_analysis_insights"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One question that a single sentence of the site can answer.

    Args:
        label: How the item begins.
        cues: What such a sentence shows.
        at_least: Lowest score of the cues.
        nothing: What to say when no sentence shows enough of them.
        question: What then has to be found out.
        own: What it is worth that the company speaks of itself.
        is_the_companys: Customers' words do not count, and the headline may stand in.
    """

    label: str
    cues: tuple[Cue, ...]
    at_least: float
    nothing: str
    question: str
    own: float = 0.0
    is_the_companys: bool = False


_BELIEF = Wanted(
    "Key Market Belief",
    BELIEF,
    2.5,
    "no belief about the market is stated on the pages read",
    "What does the company believe about its market that others do not?",
    is_the_companys=True,
)
_APPROACH = Wanted(
    "Unique Approach",
    APPROACH,
    2,
    "the pages read do not say how it differs from other ways",
    "What does the company do differently from its alternatives?",
    own=2,
    is_the_companys=True,
)
_IMPACT = Wanted(
    "Process Impact",
    IMPACT,
    1.5,
    "no result or change of work is described on the pages read",
    "What changes in the customer's work, in numbers if possible?",
)
_PROBLEM = Wanted(
    "Problems Addressed",
    PROBLEM,
    1.5,
    "no problem is named on the pages read",
    "Which problem makes customers look for this?",
    own=-0.7,
)
_CURRENT_STATE = Wanted(
    "Current State",
    CURRENT_STATE,
    2.5,
    "the pages read do not say how customers do this today",
    "How do customers do this work today, and what does that cost them?",
)


def write_positioning(answer: Answer, notes: Notes) -> None:
    """Key market belief, unique approach, language used."""
    facts = answer.facts
    _write(answer, POSITIONING, _BELIEF)
    if said := notes.take("approach"):
        answer.inferred(
            POSITIONING, f"Unique Approach: {said}", "Unique Approach: in your own words."
        )
    else:
        _write(answer, POSITIONING, _APPROACH)
    phrases = _phrases(facts)
    headline = _headline(answer)
    if headline and phrases and answer.is_used(headline[0]):
        headline = None  # it stands on this card already
    if phrases or headline:
        you, we = _voice(facts)
        voice = ""
        if facts.is_english and you + we >= 4:
            voice = (
                "; speaks of “you” more than of “we”"
                if you > we
                else "; speaks of “we” more than of “you”"
            )
        said = joined([f"“{phrase}”" for phrase in phrases])
        lead = f"headline “{headline[0]}”" if headline else ""
        recurring = f"recurring words {said}" if said else ""
        item = f"Language Used: {'; '.join(part for part in (lead, recurring) if part)}{voice}"
        answer.fields.setdefault(POSITIONING, []).append(item)
        answer.assume("Language Used: counted, from headings and sentences of the pages read.")
        if headline:
            answer.support(POSITIONING, item, [headline])
    else:
        answer.unknown(
            POSITIONING,
            "Language Used: too little text to tell",
            "Which words do buyers themselves use for the problem?",
        )


def write_use_cases(answer: Answer, notes: Notes) -> None:
    """Process impact, problems addressed, current state."""
    _write(answer, USE_CASES, _IMPACT)
    # The way it is done today has the fewer sentences to choose from, so it chooses first.
    _write(answer, USE_CASES, _CURRENT_STATE)
    if said := notes.take("problem"):
        answer.inferred(
            USE_CASES, f"Problems Addressed: {said}", "Problems Addressed: in your own words."
        )
    else:
        _write(answer, USE_CASES, _PROBLEM)
    impact, current, problem = answer.fields[USE_CASES]
    answer.fields[USE_CASES] = [impact, problem, current]


def _write(answer: Answer, card: str, wanted: Wanted) -> None:
    """The statement with the strongest cues, or the headline, or that it is not known."""
    facts = answer.facts
    if facts.is_english:
        roles = ("text",) if wanted.is_the_companys else ("text", "testimonial")
        for statement in best(
            answer, wanted.cues, at_least=wanted.at_least, own=wanted.own, roles=roles
        ):
            item = f"{wanted.label}: {shown(statement, facts)}"
            if answer.quoted(card, item, [(statement.text, statement.url)]):
                return
    headline = _headline(answer) if wanted.is_the_companys else None
    if headline and not answer.is_used(headline[0]):
        item = f"{wanted.label}: not stated outright; the headline is “{headline[0]}”"
        if answer.quoted(card, item, [headline]):
            answer.assume(
                f"{wanted.label}: the site's headline, since no sentence states it outright."
            )
            answer.gap(wanted.question)
            return
    nothing = wanted.nothing
    if not facts.is_english:
        nothing = "not known; without a model this is read from English sites only"
    answer.unknown(card, f"{wanted.label}: {nothing}", wanted.question)


def _headline(answer: Answer) -> tuple[str, str] | None:
    for text, url, level in answer.facts.headings:
        if (
            level == 1
            and len(text.split()) >= 4
            and not PLAIN_HEADING.match(text)
            and answer.facts.stands(text, url)
        ):
            return text, url
    return None


def _phrases(facts: Facts) -> list[str]:
    """Two-word phrases that recur most, at least three times."""
    counts: Counter[str] = Counter()
    texts = [s.text for s in facts.statements] + [text for text, _, _ in facts.headings]
    for text in texts:
        words = re.findall(r"[^\W\d_][\w’'-]+", text.lower())
        for pair in pairwise(words):
            if not any(word in COMMON_WORDS or len(word) < 3 for word in pair):
                counts[" ".join(pair)] += 1
    return [phrase for phrase, count in counts.most_common(3) if count >= 3]


def _voice(facts: Facts) -> tuple[int, int]:
    text = " ".join(statement.text for statement in facts.statements)
    you = len(re.findall(r"\b(?:you|your|yours)\b", text, re.IGNORECASE))
    we = len(re.findall(r"\b(?:we|our|ours|us)\b", text, re.IGNORECASE))
    return you, we
