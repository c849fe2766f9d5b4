"""The persona's records: demographics, and use cases as chains of work, pain, help and outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import WITHOUT, Feature
from blossomer.services.basic_analysis.cues import CURRENT_STATE, IMPACT, PROBLEM, score
from blossomer.services.basic_analysis.departments import Department, department_of, seniority_of
from blossomer.services.basic_analysis.facts import Statement
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.nouns import as_title, in_sentence
from blossomer.services.basic_analysis.persona_view import PersonaView
from blossomer.services.basic_analysis.text import capitalised, end_with_stop

DEMOGRAPHICS, USE_CASES = "demographics", "use_cases"
_MOST_USE_CASES = 4

BETTER = "A better figure for"
"""How an outcome begins that follows from the department, where the site names none."""

_ROLES: dict[str, list[str]] = {
    "Founder/CEO": ["Decision Maker", "Economic Buyer"],
    "C-Suite": ["Economic Buyer", "Executive Sponsor"],
    "VP": ["Decision Maker", "Budget Holder"],
    "Director": ["Decision Maker", "Champion"],
    "Senior Manager": ["Champion", "Budget Holder"],
    "Manager": ["Champion", "End User"],
    "Entry": ["End User"],
}
_BY_DEPARTMENT = {
    "IT": "Technical Buyer",
    "Security": "Technical Buyer",
    "Engineering": "Technical Buyer",
    "Legal": "Legal and Compliance",
    "Procurement": "Budget Holder",
}


def write_demographics(answer: Answer, view: PersonaView) -> None:
    """Titles as they stand on the site, then others of the same department and rank."""
    department, level = view.department, seniority_of(view.title)
    titles = [as_title(view.title)] if len(view.title) <= 60 else []
    quotes = []
    for speaker in view.background.speakers:
        if department_of(speaker.title) is department and len(speaker.title) <= 60:
            titles.append(speaker.title)
            quotes.append((speaker.quote, speaker.url))
    if department:
        near = sorted(department.titles, key=lambda title: seniority_of(title) != level)
        titles += near[:2]
    titles = list({title.lower(): title for title in reversed(titles)}.values())[::-1][:4]
    levels = [level]
    if level in {"Director", "VP"}:
        levels = ["Director", "VP"]
    elif level in {"Manager", "Senior Manager"}:
        levels = ["Manager", "Senior Manager"]
    roles = list(_ROLES[level])
    if department and department.name in _BY_DEPARTMENT:
        roles = list(dict.fromkeys([_BY_DEPARTMENT[department.name], *roles]))
    answer.fields[DEMOGRAPHICS] = {
        "job_titles": titles,
        "departments": _departments(department),
        "seniority": levels,
        "buying_roles": roles,
        "job_description_keywords": _keywords(view),
    }
    if quotes and titles:
        spoken = next((s.title for s in view.background.speakers if s.title in titles), "")
        answer.support(DEMOGRAPHICS, spoken, quotes[:1])
    answer.assume(
        "Demographics: titles from the site where it has any, else usual ones of the department; "
        "seniority and buying roles follow from the title's words."
    )


def write_use_cases(answer: Answer, view: PersonaView) -> None:
    """Chains from the site's features: the work, what hurts there, what helps, what comes of it."""
    chains: list[dict[str, str]] = []
    told = _Told(_statements(answer, view, "pain"), _statements(answer, view, "outcome"))
    for place, feature in enumerate(view.features[:_MOST_USE_CASES]):
        chains.append(_chain(answer, view, feature, told, place))
    general = (
        ("The daily work of the team", "what happens in the daily work"),
        ("Reports and questions from above", "who knows what, and since when"),
        ("Changes in the work", "what has to be done anew"),
    )
    for title, work in general:
        if len(chains) >= 3:
            break
        what = view.background.category or f"what {view.background.company_name} offers"
        chains.append(
            {
                "use_case": title,
                "pain_point": f"{capitalised(view.team_name)} look after {work} by themselves.",
                "capability": f"{view.background.company_name}: {in_sentence(what)}.",
                "desired_outcome": f"{BETTER} {_measure(view, len(chains))}.",
            }
        )
        answer.gap("For which work is the product used, step by step? The site describes little.")
    answer.fields[USE_CASES] = chains
    answer.assume(
        "Use cases: one for each feature of the site; its pain and outcome are the sentences with "
        "most words in common, or else are turned round from the feature."
    )


@dataclass(slots=True)
class _Told:
    """What the site tells of pains and outcomes, and which of it a chain has taken already."""

    pains: list[Statement]
    outcomes: list[Statement]
    taken: set[str] = field(default_factory=set)


def _chain(
    answer: Answer, view: PersonaView, feature: Feature, told: _Told, place: int
) -> dict[str, str]:
    about = Focus(f"{feature.title} {feature.text}")
    text, outcome = feature.text, ""
    if feature.result:
        outcome = end_with_stop(capitalised(feature.result))
    # A problem that the site names says more than one turned round, even if it is about all work.
    pain = _closest(about, told.pains, told.taken) or _next(told.pains, told.taken)
    gain = None if outcome else _closest(about, told.outcomes, told.taken)
    chain = {
        "use_case": capitalised(feature.title)[:150],
        "pain_point": _plain(pain) if pain else WITHOUT[place % len(WITHOUT)],
        "capability": text,
        "desired_outcome": outcome
        or (_plain(gain) if gain else f"{BETTER} {_measure(view, place)}."),
    }
    if feature.url:
        answer.support(USE_CASES, text, [(text.rstrip("."), feature.url)])
        if outcome:
            answer.support(USE_CASES, outcome, [(feature.result, feature.url)])
    for statement, name in ((pain, "pain_point"), (gain, "desired_outcome")):
        if statement:
            answer.support(USE_CASES, chain[name], [(statement.text, statement.url)])
    return chain


def _plain(statement: Statement) -> str:
    """A statement inside a chain: a customer's words keep their quotation marks, both of them."""
    said = statement.text.strip('“”„"')
    return f"“{said}”" if statement.role == "testimonial" else end_with_stop(said)


def _statements(answer: Answer, view: PersonaView, what: str) -> list[Statement]:
    if not answer.facts.is_english:
        return []
    found = []
    features = {feature.text.rstrip(".") for feature in view.features}
    for statement in answer.facts.statements:
        is_told = statement.role in {"text", "testimonial"} and len(statement.text) <= 200
        if not is_told or statement.text.rstrip(".") in features or statement.text[0].isdigit():
            continue
        if what == "pain":
            is_theirs = view.background.is_of_buyers(statement)
            cues = score(statement.text, PROBLEM) + score(statement.text, CURRENT_STATE)
            fits = is_theirs and cues >= 2.5
        else:
            fits = score(statement.text, IMPACT) >= 2.5
        if fits:
            found.append(statement)
    return found


def _closest(about: Focus, statements: list[Statement], taken: set[str]) -> Statement | None:
    """The statement with most words in common; one or none in common is too little."""
    free = [s for s in statements if s.text not in taken]
    weights = [about.weigh(s.text) for s in free]
    if not weights or max(weights) < 2:
        return None
    found = free[weights.index(max(weights))]
    taken.add(found.text)
    return found


def _next(statements: list[Statement], taken: set[str]) -> Statement | None:
    found = next((s for s in statements if s.text not in taken), None)
    if found:
        taken.add(found.text)
    return found


def _measure(view: PersonaView, place: int) -> str:
    """One of the figures that the department is measured by, another for each use case."""
    figures = re.split(r", | and ", view.department.measure) if view.department else ["the team"]
    return figures[place % len(figures)]


def _departments(department: Department | None) -> list[str]:
    return [department.name] if department else []


def _keywords(view: PersonaView) -> list[str]:
    duties = list(view.department.duties[:3]) if view.department else ["planning", "reporting"]
    features = [in_sentence(f.title) for f in view.features if f.is_named]
    return list(dict.fromkeys([*duties, *features]))[:5]
