"""Advertisements: three that run against each other, by pain, capability and outcome."""

from __future__ import annotations

from typing import Any

from blossomer.services.basic_analysis.campaign_view import CampaignView
from blossomer.services.basic_analysis.campaign_wording import Line, fit_characters, is_plain
from blossomer.services.basic_analysis.departments import seniority_of
from blossomer.services.basic_analysis.items_of import first_text, listed
from blossomer.services.basic_analysis.text import capitalised

HEADLINE, TEXT = 40, 150
"""Characters that are shown in full: Meta's headline, LinkedIn's text."""

Used = list[tuple[str, list[Line]]]
_BUTTONS = {
    "interest": "Learn more",
    "priority check": "See how it works",
    "feedback": "Tell us what you think",
    "free resource": "Download",
    "meeting": "Book a talk",
    "link": "Visit website",
    "own words": "Learn more",
}


def advertisements(view: CampaignView) -> tuple[dict[str, Any], Used]:
    """Three variants, the one of the chosen emphasis first, and whom to show them to."""
    chain, choices = view.choices.chain, view.choices
    angles: dict[str, list[Line]] = {
        "capability": view.capabilities(chain),
        "pain point": view.pains(chain),
        "desired outcome": view.outcomes(chain),
    }
    order = sorted(angles, key=lambda angle: angle != choices.emphasis)
    who = view.definition()[0]
    spare = [line for other in choices.others for line in view.capabilities(other)]
    taken: set[str] = set()
    texts_taken: set[str] = set()
    variants, used = [], Used()
    for place, angle in enumerate(order):
        free = [line for line in [*angles[angle], *spare] if line.text not in texts_taken]
        line = next((one for one in free if len(one.text) <= TEXT), None)
        point = line or Line(_general(angle, view))
        texts_taken.add(point.text)
        more = [who.text] if place != 2 else [proof.text for proof in view.proof()[:1]]
        text = view.obey(fit_characters([point.text, *more], TEXT))
        headline = next(
            title
            for title in _headlines(view, angle)
            if title not in taken and len(title) <= HEADLINE
        )
        taken.add(headline)
        variants.append(
            {"headline": headline, "primary_text": text, "call_to_action": _button(view)}
        )
        used.append((text, [point]))
    return {"variants": variants, "targeting_notes": _targeting(view)}, used


def _headlines(view: CampaignView, angle: str) -> list[str]:
    """Headlines for an angle, the preferred first; the last ones always fit."""
    chain, field = view.choices.chain, view.department.name if view.department else "your team"
    field = field if field in {"IT", "HR"} else field.lower()
    category = view.background.category
    by_angle = {
        "capability": [capitalised(chain.use_case), capitalised(category)],
        "pain point": [f"Less work by hand for {field}", f"Time back for {field}"],
        "desired outcome": [f"Better figures for {field}", f"Made for {field}"],
    }[angle]
    if view.choices.opening == "company research" and view.kind:
        by_angle.insert(0, f"Made for {view.kind}")
    others = [capitalised(other.use_case) for other in view.choices.others]
    made = [*by_angle, *others, capitalised(category), f"Made for {field}", "Less work by hand",
            "For your daily work", "See it with your own case", "One thing less to do"]  # fmt: skip
    obeyed = [view.obey(title) for title in made if title and is_plain(title)]
    never = view.choices.instructions.forbid
    return [title for title in obeyed if not never(title)] + [
        "A closer look",
        "Have a look",
        "Your work",
    ]


def _general(angle: str, view: CampaignView) -> str:
    return {
        "capability": f"{view.seller} takes this part of the work off your team.",
        "pain point": "Part of this work may still be done by hand in your team.",
        "desired outcome": "Less work for your team, and a result that you can check.",
    }[angle]


def _button(view: CampaignView) -> str:
    details = view.choices.details
    if view.choices.call_to_action == "own words" and 0 < len(details) <= 25:
        return details.rstrip(".?! ")
    return _BUTTONS[view.choices.call_to_action]


def _targeting(view: CampaignView) -> str:
    """Titles, industries and sizes from the documents above, as a campaign manager takes them."""
    who = view.persona.get("demographics") or {}
    firm = view.account.get("firmographics") or {}
    titles = listed(who, "job_titles") or [view.person]
    parts = [f"Job titles: {', '.join(titles[:4])}"]
    seniority = listed(who, "seniority") or [seniority_of(view.person)]
    parts.append(f"Seniority: {', '.join(seniority)}")
    for label, key in (("Industries", "industry"), ("Places", "geography")):
        if values := listed(firm, key):
            parts.append(f"{label}: {', '.join(values[:4])}")
    if size := first_text(firm, "employees"):
        parts.append(f"Employees: {size}")
    if view.choices.opening == "buying signal" and view.choices.signal:
        parts.append(f"Only lists of companies with this signal: {view.choices.signal}")
    parts.append("Leave out customers and people who work for the seller")
    return ". ".join(parts)[:1_900] + "."
