"""Ideas for several target accounts or personas at once, as their forms take them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from blossomer.services.basic_analysis.account_view import name_for
from blossomer.services.basic_analysis.audiences import audiences, teams
from blossomer.services.basic_analysis.background import Background, texts
from blossomer.services.basic_analysis.departments import department_of, seniority_of
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.material import Material
from blossomer.services.basic_analysis.text import capitalised, end_with_stop

Context = Mapping[str, Mapping[str, Any]]


def account_ideas(material: Material, most: int) -> list[dict[str, str]]:
    """Kinds of companies that the site names, each with a team; else parted by size."""
    background = Background(material)
    known = teams(background)
    ideas: list[dict[str, str]] = []
    for place, audience in enumerate(audiences(background)):
        if len(ideas) >= most:
            break
        # Teams take turns, unless what is said of these companies speaks of one of them.
        told = Focus(f"{audience.kind} {audience.why}")
        weights = [told.weigh(f"{team.title} {team.why}") for team in known]
        fitting = known[weights.index(max(weights))] if weights and max(weights) >= 3 else None
        team = fitting or (known[place % len(known)] if known else None)
        name = name_for(audience, team.department if team else None)
        is_of_seller = background.company_name.lower() in audience.why.lower()
        why = _why(background, place) if is_of_seller or not audience.why else audience.why
        ideas.append({"name": name[:200], "hypothesis": end_with_stop(why)[:500]})
    return _distinct(ideas)


def persona_ideas(material: Material, most: int) -> list[dict[str, str]]:
    """Roles that the site addresses, quotes or names; else who decides, leads and does the work."""
    background = Background(material)
    config = material.config
    account = material.context.get("account") or {}
    about = f"{account.get('name') or ''} {account.get('description') or ''}"
    focus = Focus(about)
    wanted = department_of(str(account.get("name") or ""))
    known = sorted(
        teams(background),
        key=lambda team: (team.department is not wanted, -focus.weigh(f"{team.title} {team.why}")),
    )
    ideas = [
        {
            "name": team.title[:200],
            "hypothesis": end_with_stop(team.why.strip("“”") or team.quote)[:500],
        }
        for team in known[:most]
    ]
    department = wanted or (known[0].department if known else None)
    least = config.suggestions.fewest if config.suggestions else 1
    if department:
        reasons = (
            f"Answers for {department.measure}",
            f"Leads the work and asks {department.asks}",
            "Does the work every day and feels the difference first",
        )
        for title, reason in zip(department.titles, reasons, strict=True):
            taken = [idea["name"] for idea in ideas]
            levels = [seniority_of(name) for name in taken if department_of(name) is department]
            if len(ideas) < least and title not in taken and seniority_of(title) not in levels:
                ideas.append({"name": title, "hypothesis": end_with_stop(reason)})
    general = (
        ("Managing Director", "Signs the contract and asks what it brings"),
        ("Operations Manager", "Runs the daily work that the product changes"),
    )
    for title, reason in general:
        if len(ideas) < least:
            ideas.append({"name": title, "hypothesis": end_with_stop(reason)})
    return _distinct(ideas)[:most]


def _why(background: Background, place: int) -> str:
    """A need that such companies have: the reverse of a feature, another one for each idea."""
    for item in texts(background.company, "use_case_analysis_insights"):
        label, _, said = item.partition(": ")
        if place == 0 and label == "Problems Addressed" and background.cite(said).url:
            return background.cite(said).text
    told = [
        feature.text
        for feature in background.features
        if background.company_name.lower() not in feature.text.lower()
        and not re.search(r"\b(?:we|our|us)\b", feature.text, re.IGNORECASE)
    ]
    if told:
        return told[place % len(told)]
    return f"They may need what {background.company_name} offers"


def _distinct(ideas: list[dict[str, str]]) -> list[dict[str, str]]:
    """The ideas with names as titles, each name once."""
    kept = {capitalised(idea["name"]).lower(): idea for idea in reversed(ideas)}
    return [{**idea, "name": capitalised(idea["name"])} for idea in reversed(kept.values())]
