"""What a careful buyer would ask, by rules: the site's questions, its answers, its gaps."""

from __future__ import annotations

import re

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.choose import best, shown
from blossomer.services.basic_analysis.cues import (
    INTEGRATION,
    ONBOARDING,
    SECURITY,
    SUPPORT,
    Cue,
    score,
)
from blossomer.services.basic_analysis.facts import Facts
from blossomer.services.basic_analysis.notes import Notes
from blossomer.services.basic_analysis.patterns import QUESTION_TOPICS, SOFTWARE_WORDS
from blossomer.services.basic_analysis.printed import Question
from blossomer.services.basic_analysis.text import capitalised

OBJECTIONS = "objections"

_GENERAL_CONCERNS = (
    (
        "Reason to act now",
        "A buyer who lives with today's way needs a reason to change it this year.",
    ),
    ("Effort", "A buyer will ask how much of their own team's time this takes."),
    ("Alternatives", "A buyer will compare it with doing nothing and with what they already have."),
)


def write_objections(answer: Answer, notes: Notes) -> None:
    """What a careful buyer asks: the site's own questions, then what it says or leaves out."""
    facts = answer.facts
    taken: set[str] = set()
    if said := notes.take("objections"):
        answer.inferred(OBJECTIONS, f"Raised by you: {said}", "Raised by you: in your own words.")
    for topic, question in _asked(facts):
        if len(taken) == 3:
            break
        item = f"{topic}: The site asks “{question.question}” and answers: {question.answer}"
        if topic not in taken and answer.quoted(
            OBJECTIONS, item, [(question.answer, question.url)]
        ):
            taken.add(topic)
    if "Price" not in taken and not answer.is_full(OBJECTIONS):
        _price_concern(answer)
    card = answer.config.card(OBJECTIONS)
    about = f"{answer.fields['description']} {answer.fields['business_profile_insights'][0]}"
    is_software = (
        bool(SOFTWARE_WORDS.search(about))
        or len(SOFTWARE_WORDS.findall(facts.home.prompt_text)) >= 4
    )
    concerns: list[tuple[str, tuple[Cue, ...], str]] = [
        ("Data security", SECURITY, "how data is protected and which certificates there are"),
        ("Fit with existing systems", INTEGRATION, "which existing systems it works with"),
        ("Time to go live", ONBOARDING, "how long the start takes and who does the work"),
    ]
    if not is_software:
        concerns = [
            (
                "Assurance",
                SUPPORT,
                "which guarantees, certificates or years of experience stand behind it",
            ),
            ("Getting started", ONBOARDING, "how the work starts and how long it takes"),
        ]
    concerns = [concern for concern in concerns if concern[0] not in taken]
    missing: list[tuple[str, str]] = []
    for title, cues, what in concerns:
        found = facts.is_english and _found(answer, cues)
        if found and not answer.is_full(OBJECTIONS):
            continue_with = (
                f"{title}: A buyer will want to be sure of this. The site says: {found[0]}"
            )
            answer.quoted(OBJECTIONS, continue_with, [(found[1], found[2])])
        elif not found:
            missing.append((title, what))
    no_proof = any(
        "none named" in item for item in answer.fields.get("business_profile_insights", ())
    )
    if no_proof:
        missing.insert(0, ("Proof", "who uses it already and with what result"))
    for title, what in missing:
        if len(answer.fields[OBJECTIONS]) >= card.min_items:
            break
        answer.inferred(
            OBJECTIONS,
            f"{title}: The pages read do not say {what}, so a careful buyer will ask.",
            f"{title}: raised because no sentence on the pages read speaks of it.",
        )
        answer.gap(f"{title}: {what}?")
    for title, text in _GENERAL_CONCERNS:
        if len(answer.fields[OBJECTIONS]) >= card.min_items:
            break
        answer.inferred(
            OBJECTIONS,
            f"{title}: {text}",
            f"{title}: a question that any purchase raises; not from the site.",
        )


def _asked(facts: Facts) -> list[tuple[str, Question]]:
    """The site's questions with topics, those a buyer worries about first."""
    found: list[tuple[int, str, Question]] = []
    for question in facts.questions:
        place, topic = next(
            (
                (index, topic)
                for index, (topic, pattern) in enumerate(QUESTION_TOPICS)
                if re.search(pattern, question.question, re.IGNORECASE)
            ),
            (len(QUESTION_TOPICS), ""),
        )
        if topic:
            found.append((place, topic, question))
        elif not facts.is_english:
            found.append((place, capitalised(question.question.rstrip("?").strip()), question))
    return [(topic, question) for _, topic, question in sorted(found, key=lambda entry: entry[0])]


def _price_concern(answer: Answer) -> None:
    facts = answer.facts
    if facts.prices:
        price = facts.prices[0]
        text = price.text.strip(" ,/")
        item = f"Price: A buyer will weigh the price shown, {text}, against what they spend today."
        if answer.quoted(OBJECTIONS, item, [(price.quote, price.url)]):
            answer.assume("Price: raised because the site shows prices.")
            return
    answer.inferred(
        OBJECTIONS,
        "Price: No price is shown on the pages read, so a buyer must ask before they can compare.",
        "Price: raised because the pages read show no price.",
    )
    answer.gap("What does it cost, and what does a typical customer pay?")


def _found(answer: Answer, cues: tuple[Cue, ...]) -> tuple[str, str, str] | None:
    for statement in best(answer, cues, at_least=2, roles=("text",)):
        if score(statement.text, cues) >= 2 and answer.facts.stands(statement.text, statement.url):
            return shown(statement, answer.facts), statement.text, statement.url
    return None
