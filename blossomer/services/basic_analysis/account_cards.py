"""The account's cards of statements: profile, challenges, why they fit, why now."""

from __future__ import annotations

import re

from blossomer.services.basic_analysis.account_view import AccountView
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import WITHOUT, add_notes, fill, source, texts
from blossomer.services.basic_analysis.choose import best, shown
from blossomer.services.basic_analysis.cues import CURRENT_STATE, IMPACT, INTEGRATION, PROBLEM, Cue
from blossomer.services.basic_analysis.cues_below import CHANGE, THRESHOLD
from blossomer.services.basic_analysis.nouns import in_sentence, one_of, role_in_sentence
from blossomer.services.basic_analysis.patterns_below import SYSTEM
from blossomer.services.basic_analysis.text import capitalised, end_with_stop, joined
from blossomer.services.basic_analysis.topics import challenge_label

PROFILE, STRENGTHS, CHALLENGES = "profile_insights", "strengths", "challenges"
OPPORTUNITIES = "opportunities"

WORK_TODAY = "Work today"
CLEAR = 2.5
"""Score of the cues from which a sentence answers a question without doubt."""


def systems_of(view: AccountView) -> tuple[list[str], list[tuple[str, str]]]:
    """Systems of other makers that the site says it works with, and the sentences that say so."""
    names: dict[str, None] = {}
    quotes: list[tuple[str, str]] = []
    for statement in view.background.facts.statements:
        found = SYSTEM.findall(statement.text)
        works_with = re.search(
            r"connect|integrat|works? with|sync|import|plug", statement.text, re.I
        )
        if found and works_with and len(quotes) < 2:
            for name in found:
                if name not in view.background.company_name:
                    names.setdefault(name)
            quotes.append((statement.text, statement.url))
    short = [name for name in names if not any(name != o and o in name for o in names)]
    return short[:4], quotes


def write_profile(answer: Answer, view: AccountView) -> None:
    """What such companies have in common."""
    background = view.background
    add_notes(answer, PROFILE, background, "What the site says of them")
    kind = view.kind
    if kind.why and not answer.is_full(PROFILE):
        item = f"{capitalised(view.who)[:80]}: {end_with_stop(kind.why)}"
        if not answer.quoted(PROFILE, item, [(kind.why, kind.url)]) and not answer.is_used(
            kind.why
        ):
            answer.inferred(PROFILE, item, f"Profile: {kind.basis}.")
    for label, cues in (("Size and volume", THRESHOLD), (WORK_TODAY, CURRENT_STATE)):
        if answer.facts.is_english and len(answer.fields.get(PROFILE, ())) < 4:
            _first(answer, view, PROFILE, label, cues)
    systems, quotes = systems_of(view)
    if systems and not answer.is_full(PROFILE):
        item = f"Systems: They run systems such as {joined(systems)}, which the site names."
        answer.assume("Systems: those the site says the product works with.")
        answer.proven(PROFILE, item, quotes)
    alike = background.customers[:4]
    if alike and not answer.is_full(PROFILE):
        item = f"Companies like them: {joined(alike)} are customers already"
        sources = [(s.quote, s.url) for s in background.speakers if s.company in alike]
        answer.assume("Companies like them: customers that the site names, of whatever kind.")
        answer.proven(PROFILE, end_with_stop(item), sources[:3])
    team = view.department.team if view.department else "the people who do this work"
    what = one_of(in_sentence(background.category)) or "such a product"
    defaults = [
        ("Team", f"{capitalised(team)} do the work that {background.company_name} takes over"),
        ("Need", f"They have enough of this work that {what} pays off"),
        ("Decision", f"One person answers for {team} and can say yes to a trial"),
    ]
    fill(answer, PROFILE, defaults, "follows from what the product does; not said by the site.")


def write_challenges(answer: Answer, view: AccountView) -> None:
    """What is hard for them today: problems that the site names, those about them first."""
    background = view.background
    if answer.facts.is_english:
        for statement in best(answer, PROBLEM, at_least=1.5, own=-0.7, focus=view.focus):
            if len(answer.fields.get(CHALLENGES, ())) >= 4:
                break
            if not background.is_of_buyers(statement):
                continue
            label = challenge_label(statement.text, answer.fields.get(CHALLENGES, []))
            answer.quoted(
                CHALLENGES, f"{label}: {shown(statement, answer.facts)}", source(statement)
            )
    for item in texts(background.company, "use_case_analysis_insights"):
        label, colon, said = item.partition(": ")
        is_problem = colon and label in {"Problems Addressed", "Current State"}
        if is_problem and "not " not in item[:60] and len(answer.fields.get(CHALLENGES, ())) < 4:
            cited = background.cite(said)
            is_other = any(
                s.text == cited.text and not background.is_of_buyers(s)
                for s in answer.facts.statements
            )
            if is_other:
                continue
            if cited.url:
                answer.quoted(CHALLENGES, item, [(cited.text, cited.url)])
            elif not answer.is_used(said):
                answer.own(CHALLENGES, item, said, f"{label}: from the company overview.")
    defaults = [
        (f"Without {in_sentence(feature.title)}", WITHOUT[place % len(WITHOUT)])
        for place, feature in enumerate([f for f in view.features if f.is_named][:4])
    ]
    defaults += [
        ("Own people", "Work that a product could take over is done by their own people"),
        ("Several tools", "What one product could show stands in several lists and heads"),
        ("No proof", "Nobody can say what today's way costs them"),
    ]
    rule = "turned round from what the product does; the site does not say it."
    fill(answer, CHALLENGES, defaults, rule)


def write_strengths(answer: Answer, view: AccountView) -> None:
    """Why they fit: what the product does that these companies need most."""
    for feature in view.features:
        if len(answer.fields.get(STRENGTHS, ())) >= 4:
            break
        item = f"{feature.title}: {feature.text}"
        if feature.url:
            answer.quoted(
                STRENGTHS, item, [(feature.text.rstrip("."), feature.url)], says=feature.text
            )
        elif not answer.is_used(feature.text):
            answer.own(
                STRENGTHS, item, feature.text, f"{feature.title}: from the company overview."
            )
    if answer.facts.is_english:
        _first(answer, view, STRENGTHS, "Systems they have", INTEGRATION)
    company = view.background.company_name
    defaults = [
        ("Same work", f"{capitalised(view.who)} do the work that {company} is made for"),
        ("Same words", f"The site of {company} speaks to buyers like them"),
        ("Clear owner", "There is a team that owns this work and feels the difference"),
    ]
    fill(answer, STRENGTHS, defaults, "follows from whom the account names; not said by the site.")


def write_opportunities(answer: Answer, view: AccountView) -> None:
    """Why now: change, thresholds and results that the site names, then general transitions."""
    if answer.facts.is_english:
        _first(answer, view, OPPORTUNITIES, "Threshold", THRESHOLD)
        _first(answer, view, OPPORTUNITIES, "Change around them", CHANGE)
        for label in ("Result in reach", "Gain"):
            _first(answer, view, OPPORTUNITIES, label, IMPACT)
    head = view.department.titles[1] if view.department else "head of the team"
    team = view.department.team if view.department else "the team"
    defaults = [
        (
            "New leader",
            f"A new {role_in_sentence(head)} reviews tools and habits in the first months",
        ),
        ("More work, same team", f"When volume grows faster than {team}, today's way breaks first"),
        ("Open post", f"A post in {team} that stays open makes every hour of work by hand count"),
        ("New budget", "A new business year opens a budget for things that were put off"),
    ]
    fill(answer, OPPORTUNITIES, defaults, "a general reason to act; not said by the site.")


def _first(
    answer: Answer,
    view: AccountView,
    card: str,
    label: str,
    cues: tuple[Cue, ...],
) -> None:
    for statement in best(answer, cues, at_least=CLEAR, focus=view.focus):
        if label == WORK_TODAY and not view.background.is_of_buyers(statement):
            continue  # how the product does it is not how they do it today
        item = f"{label}: {shown(statement, answer.facts)}"
        if answer.quoted(card, item, source(statement)):
            return
