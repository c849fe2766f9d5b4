"""How the persona buys: decision factors, objections, and the way to the signature."""

from __future__ import annotations

import re

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import fill, texts
from blossomer.services.basic_analysis.choose import best, shown
from blossomer.services.basic_analysis.cues import (
    INTEGRATION,
    ONBOARDING,
    PROOF,
    SECURITY,
    SUPPORT,
    Cue,
)
from blossomer.services.basic_analysis.departments import seniority_of
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.basic_analysis.patterns import IMPERATIVE, QUESTION_TOPICS
from blossomer.services.basic_analysis.persona_view import PersonaView
from blossomer.services.basic_analysis.text import end_with_stop
from blossomer.services.basic_analysis.topics import CHALLENGE_LABELS

FACTORS, OBJECTIONS, JOURNEY = "decision_factors", "objections", "purchase_journey"

_FACTORS: tuple[tuple[str, tuple[Cue, ...], float], ...] = (
    ("Works with what they have", INTEGRATION, 2.5),
    ("Safe", SECURITY, 2.5),
    ("Quick to start", ONBOARDING, 2.5),
    ("Others rely on it", PROOF, 3),
    ("Help when needed", SUPPORT, 2.5),
)
_SAID_IN_OBJECTION = re.compile(r"(?:answers|The site says): (?P<said>.+)$", re.DOTALL)


def write_decision_factors(answer: Answer, view: PersonaView) -> None:
    """What must be true before they say yes: what the site says of it, topic by topic."""
    facts = answer.facts
    if facts.is_english:
        for label, cues, least in _FACTORS:
            if len(answer.fields.get(FACTORS, ())) >= 4:
                break
            for statement in best(answer, cues, at_least=least, roles=("text", "faq")):
                if IMPERATIVE.match(statement.text):
                    continue
                item = f"{label}: {shown(statement, facts)}"
                if answer.quoted(FACTORS, item, [(statement.text, statement.url)]):
                    break
    if facts.prices and not answer.is_full(FACTORS):
        price = facts.prices[0]
        item = f"Price in sight: The site shows prices, the first is {price.text.strip(' ,/')}."
        answer.proven(FACTORS, item, [(price.quote, price.url)])
    asks = view.department.asks if view.department else "what changes in the daily work"
    measure = view.department.measure if view.department else "their own numbers"
    defaults = [
        ("First question answered", f"They know {asks}"),
        ("Effect on their numbers", f"They see what it does to {measure}"),
        ("Little risk", "They can try it on a part of the work and stop again"),
        ("Price", "They know what it costs before they have to ask twice"),
    ]
    fill(answer, FACTORS, defaults, "typical of the department; not said by the site.")


def write_objections(answer: Answer, view: PersonaView) -> None:
    """Three things this person would hold against it, with the site's answer where it has one."""
    facts = answer.facts
    for question in facts.questions:
        if len(answer.fields.get(OBJECTIONS, ())) == 2:
            break
        topic = next(
            (t for t, pattern in QUESTION_TOPICS if re.search(pattern, question.question, re.I)), ""
        )
        if not topic and facts.is_english:
            continue
        label = topic or question.question.rstrip("?")[:60]
        item = f"{label}: “{question.question}” The site answers: {question.answer}"
        answer.quoted(OBJECTIONS, item, [(question.answer, question.url)])
    for concern in texts(view.background.company, "objections"):
        if len(answer.fields.get(OBJECTIONS, ())) == 2:
            break
        label, _, text = concern.partition(": ")
        said = _SAID_IN_OBJECTION.search(text)
        cited = view.background.cite(said["said"] if said else text)
        if any(item.startswith(f"{label}:") for item in answer.fields.get(OBJECTIONS, ())):
            continue
        if cited.url:
            answer.quoted(OBJECTIONS, concern, [(cited.text, cited.url)])
        elif not answer.is_used(text):
            answer.own(OBJECTIONS, concern, text, f"{label}: from the company's concerns.")
    who = view.team_name
    defaults = [
        _by_rank(view),
        ("No time", f"“This year {who} have no time to learn something new.”"),
        ("It works as it is", "“Today's way is not nice, but it works and costs nothing extra.”"),
        ("Tried before", "“We had something like that once, and nobody used it.”"),
    ]
    fill(answer, OBJECTIONS, defaults, "what people of this rank often say; not from the site.")


def _by_rank(view: PersonaView) -> tuple[str, str]:
    level = seniority_of(view.title)
    if level in {"Founder/CEO", "C-Suite", "VP"}:
        return "Priority", "“Why this, and why before everything else this quarter?”"
    if level in {"Director", "Senior Manager"}:
        return "Proof for the board", "“How do I show upstairs that it pays for itself?”"
    return "My say", "“I like it, but I do not decide on such a budget.”"


def write_journey(answer: Answer, view: PersonaView) -> None:
    """From the first doubt to the signature; steps by rule, with the site's words in them."""
    facts = answer.facts
    pain = next(iter(answer.fields.get("pain_points", ())), "")
    signs = seniority_of(view.title) in {"Founder/CEO", "C-Suite", "VP", "Director"}
    label, _, _ = pain.partition(": ")
    what = in_sentence(label) if label in CHALLENGE_LABELS else "this trouble"
    doubt = f"One case of {what} too many, and they ask who else has solved it"
    trial = _trial(view)
    steps = [
        ("1 First doubt", doubt),
        ("2 Search", f"They ask around in {view.department.reads}" if view.department
         else "They ask peers and search the web"),
        ("3 Comparison", "They compare two or three ways, doing nothing among them"),
        ("4 Trial", trial[0]),
        ("5 Inside the company", "They sign it themselves after a word with finance and IT" if signs
         else "They take it to the head of the team and to finance, who decide"),
    ]  # fmt: skip
    rule = (
        "Purchase journey: the usual steps for this rank, with the site's words where it has any."
    )
    for step, text in steps:
        item = f"{step}: {end_with_stop(text)}"
        answer.inferred(JOURNEY, item, rule)
        if step == "4 Trial" and trial[1]:
            answer.support(JOURNEY, item, trial[1])
    if facts.prices:
        price = facts.prices[0]
        item = f"6 Signature: They choose a plan; the site shows {price.text.strip(' ,/')}."
        answer.proven(JOURNEY, item, [(price.quote, price.url)])


def _trial(view: PersonaView) -> tuple[str, list[tuple[str, str]]]:
    for statement in view.background.facts.statements:
        lowered = statement.text.lower()
        if re.search(
            r"\b(?:free trial|try (?:it|\w+) (?:for )?free|free (?:plan|version)|pilot)\b", lowered
        ):
            return (
                f"They try it themselves; the site says: “{statement.text}”",
                [(statement.text, statement.url)],
            )
    return "They want to see it with an example of their own", []
