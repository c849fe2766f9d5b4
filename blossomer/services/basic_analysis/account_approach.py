"""How to approach an account, and what rules one out."""

from __future__ import annotations

from blossomer.services.basic_analysis.account_cards import systems_of
from blossomer.services.basic_analysis.account_view import AccountView
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import fill, source
from blossomer.services.basic_analysis.choose import best, shown
from blossomer.services.basic_analysis.cues import ONBOARDING
from blossomer.services.basic_analysis.cues_below import THRESHOLD
from blossomer.services.basic_analysis.nouns import in_sentence, one_of, role_in_sentence
from blossomer.services.basic_analysis.patterns import IMPERATIVE
from blossomer.services.basic_analysis.patterns_below import LEAST
from blossomer.services.basic_analysis.text import capitalised, end_with_stop, joined
from blossomer.services.basic_analysis.topics import CHALLENGE_LABELS

APPROACH, DISQUALIFIERS = "approach_strategy", "disqualifiers"


def write_approach(answer: Answer, view: AccountView) -> None:
    """Whom to speak to first, about what, with which proof, towards which first step."""
    background, team = view.background, view.team
    if team and team.quote:
        words = f"the site quotes {team.speaker}" if team.speaker else "the site speaks to them"
        item = f"First contact: {capitalised(team.title)}; {words}"
        answer.proven(APPROACH, end_with_stop(item), [(team.quote, team.url)])
        answer.assume("First contact: the role that the site addresses or quotes.")
    challenge = next(iter(answer.fields.get("challenges", ())), "")
    if challenge:
        label, _, said = challenge.partition(": ")
        about = f"“{label}”, " if label in CHALLENGE_LABELS else ""
        item = f"Subject: Open with {about}the first challenge above, and ask if they know it."
        cited = background.cite(said.rpartition(" (")[0] or said)
        answer.assume("Subject: the first of the challenges above.")
        answer.proven(APPROACH, item, [(cited.text, cited.url)] if cited.url else [])
    proof = next((s for s in background.speakers if s.said and s.company), None)
    if proof:
        item = f"Proof: Show what {proof.name or proof.title} of {proof.company} says on the site"
        answer.proven(APPROACH, end_with_stop(item), [(proof.quote, proof.url)])
        answer.assume("Proof: a customer who is quoted on the site with a company.")
    elif background.customers:
        item = f"Proof: Name customers that they may know: {joined(background.customers[:3])}"
        answer.inferred(APPROACH, end_with_stop(item), "Proof: customers that the site names.")
    if answer.facts.is_english:
        for statement in best(answer, ONBOARDING, at_least=2.5, roles=("text", "faq")):
            if IMPERATIVE.match(statement.text):
                continue
            item = f"First step: {shown(statement, answer.facts)}"
            if answer.quoted(APPROACH, item, source(statement)):
                break
    if answer.facts.prices and not answer.is_full(APPROACH):
        price = answer.facts.prices[0]
        item = (
            f"Price: The site shows prices, so they can be named early; the first is {price.text}."
        )
        answer.assume("Price: a printed price is no secret and saves both sides a talk.")
        answer.proven(APPROACH, item, [(price.quote, price.url)])
    head = view.department.titles[1] if view.department else "head of the team"
    lead = next((f.title for f in view.features if f.is_named), "the product")
    defaults = [
        ("First contact", f"Begin with the {role_in_sentence(head)}, who owns the work"),
        ("Subject", f"Speak of the work behind “{lead}” before you speak of the product"),
        ("First step", "Ask for an opinion on one example of theirs before you ask for a meeting"),
    ]
    fill(answer, APPROACH, defaults, "a general way in; not said by the site.")


def write_disqualifiers(answer: Answer, view: AccountView) -> None:
    """What rules a company out: the reverse of what the site says that the product needs."""
    background = view.background
    if answer.facts.is_english:
        for statement in answer.facts.statements:
            match = LEAST.search(statement.text)
            if match and _is_threshold(statement.text):
                item = (
                    f"Too small: Fewer than {match['least'].strip()}, where the product pays off."
                )
                answer.assume("Too small: the reverse of a threshold that the site names.")
                answer.proven(DISQUALIFIERS, item, source(statement))
                break
    systems, quotes = systems_of(view)
    if systems:
        none = f"run none of {joined(systems)}" if len(systems) > 1 else f"do not run {systems[0]}"
        item = f"Other systems: They {none} and cannot hand over data as files."
        answer.assume("Other systems: the reverse of the systems that the site names.")
        answer.proven(DISQUALIFIERS, item, quotes)
    what = one_of(in_sentence(background.category)) or f"what {background.company_name} does"
    team = view.department.team if view.department else "team for this work"
    defaults = [
        ("No such work", f"They have given away the work that {what} is for, or do it once a year"),
        ("Nobody owns it", f"They have no {team} of their own and no one who would use it"),
        ("Just bought", "They signed with another provider within the last twelve months"),
    ]
    rule = "the reverse of what the product needs; the site rules nobody out."
    fill(answer, DISQUALIFIERS, defaults, rule)
    if len(answer.fields[DISQUALIFIERS]) < 3:
        label, text = defaults[2]
        answer.inferred(DISQUALIFIERS, f"{label}: {end_with_stop(text)}", f"{label}: {rule}")
    answer.gap("Which companies looked right and never bought, and why?")


def _is_threshold(text: str) -> bool:
    """Whether a sentence names a size from which the product pays off."""
    lowered = text.lower()
    return any(cue.weight >= 2 and cue.pattern.search(lowered) for cue in THRESHOLD[1:2])
