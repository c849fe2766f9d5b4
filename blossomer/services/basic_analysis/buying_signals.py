"""Buying signals by stated rules, each with the concrete place where it can be seen.

At most two are marked High: those that rest on what the site says come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from blossomer.services.basic_analysis.account_cards import systems_of
from blossomer.services.basic_analysis.account_view import AccountView
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.cues import score
from blossomer.services.basic_analysis.cues_below import THRESHOLD
from blossomer.services.basic_analysis.departments import Department
from blossomer.services.basic_analysis.nouns import in_sentence, with_article
from blossomer.services.basic_analysis.patterns_below import LEAST
from blossomer.services.basic_analysis.text import capitalised, end_with_stop, joined

CARD = "buying_signals"
MOST = 6
_MOST_HIGH = 2

_COMPLIANCE = re.compile(
    r"\b(?:GDPR|HIPAA|SOC ?2|ISO ?\d{4,5}|PCI|NIS ?2|DORA|OSHA|FDA|CSRD|e-?invoicing|ADA|FERPA)\b"
)
_OWN_PAPERS = re.compile(r"\b(?:certifi\w+|complian(?:t|ce) with|we|our|is)\b", re.IGNORECASE)
"""The seller's own certificate is no news about a buyer."""


@dataclass(slots=True)
class Signal:
    """A buying signal, and the quotes that it rests on."""

    title: str
    description: str
    type: str
    priority: str
    detection_method: str
    quotes: list[tuple[str, str]] = field(default_factory=list)


def write_account_signals(answer: Answer, view: AccountView) -> None:
    """Four to six signals that a company shows to the outside."""
    who, seller = view.who, view.background.company_name
    signals = [_hiring(answer, view), *_threshold(view), *_systems(view), _leader(view)]
    signals += _compliance(view)
    topic = _topic(view)
    signals.append(
        Signal(
            f"Texts about {topic} on their website",
            f"Who writes about {topic} in public works on it, and {seller} has something to say.",
            "Website",
            "Medium",
            f"Search site:theirdomain “{topic}” in blog, news and annual report of the last year.",
        )
    )
    signals.append(
        Signal(
            "New site or new market",
            f"Every new site multiplies the work that {seller} takes over.",
            "News",
            "Medium",
            f"News alert for {who} with “opens”, “new location” or “expands to”, last 90 days.",
        )
    )
    _put(answer, signals)


def write_persona_signals(
    answer: Answer, view: AccountView, title: str, department: Department | None
) -> None:
    """Four to six signals that a person, or the team around them, shows to the outside."""
    role = title if len(title) <= 50 else "this role"
    topic = _topic(view)
    duties = department.duties if department else ("planning", "reporting")
    signals = [
        Signal(
            f"New {role}",
            "In the first months in a role people review what they took over.",
            "Social Media",
            "High",
            f"LinkedIn Sales Navigator: title “{role}”, filter “Changed jobs in the last 90 days”.",
        ),
        _hiring(answer, view),
        Signal(
            f"Posts about {topic}",
            "Who writes or comments on it has it on the desk.",
            "Social Media",
            "Medium",
            f"LinkedIn: posts and comments of people with this title that contain “{topic}”.",
        ),
        *_systems(view),
        Signal(
            f"Profile with the words “{duties[0]}”",
            "People list in their profile what they are measured by.",
            "Social Media",
            "Medium",
            f"Sales Navigator: keyword “{duties[0]}” in the profile, together with the title.",
        ),
        *_threshold(view),
        Signal(
            "Talk at an event of the trade",
            "Who speaks about this work wants to change it, and can be asked about the talk.",
            "Other",
            "Low",
            f"Speakers' lists of trade events on {topic}, this year and last.",
        ),
    ]
    _put(answer, signals)


def _hiring(answer: Answer, view: AccountView) -> Signal:
    role = view.department.titles[2] if view.department else "person who does this work"
    team = view.team
    quotes = [(team.quote, team.url)] if team and team.department is view.department else []
    what = _topic(view)
    return Signal(
        f"Job post for {with_article(role)}",
        f"They are about to pay for this work by the hour; “{what}” is an answer to the same need.",
        "Company Data",
        "High",
        f"LinkedIn Jobs and their careers page: “{role}”, posted within 30 days.",
        quotes,
    )


def _threshold(view: AccountView) -> list[Signal]:
    for statement in view.background.facts.statements:
        lowered = statement.text.lower()
        named = LEAST.search(lowered)
        if named and THRESHOLD[0].pattern.search(lowered) and score(statement.text, THRESHOLD) >= 4:
            return [
                Signal(
                    "Size from which the product pays off",
                    f"The site names the size itself: “{statement.text}”",
                    "Company Data",
                    "High",
                    f"Annual report or company profile: look for {named['least'].strip()}.",
                    [(statement.text, statement.url)],
                )
            ]
    return []


def _systems(view: AccountView) -> list[Signal]:
    systems, quotes = systems_of(view)
    if not systems:
        return []
    named = joined(systems[:3]).replace(" and ", " or ")
    return [
        Signal(
            f"{named} in use",
            "The site says that the product works with it, so the start is short.",
            "Tech Stack",
            "Medium",
            f"BuiltWith or their job posts: look for {named}.",
            quotes[:1],
        )
    ]


def _leader(view: AccountView) -> Signal:
    head = view.department.titles[1] if view.department else "head of the team"
    return Signal(
        f"New {head if view.department else 'leader of the team'}",
        "A new leader reviews tools and providers in the first months.",
        "News",
        "Medium",
        f"Sales Navigator: title “{head}” at these companies, changed jobs in the last 90 days.",
    )


def _compliance(view: AccountView) -> list[Signal]:
    for statement in view.background.facts.statements:
        rule = _COMPLIANCE.search(statement.text)
        if rule and not _OWN_PAPERS.search(statement.text):
            return [
                Signal(
                    f"Has to answer for {rule[0]}",
                    f"The site speaks of {rule[0]}; an audit is an occasion to change.",
                    "Website",
                    "Low",
                    f"Their trust, quality or privacy page, and job posts that name “{rule[0]}”.",
                    [(statement.text, statement.url)],
                )
            ]
    return []


def _topic(view: AccountView) -> str:
    for feature in view.features:
        if feature.is_named:
            return in_sentence(feature.title)
    what = view.background.category
    return (
        in_sentence(what)
        if what
        else (view.department.duties[0] if view.department else "this work")
    )


def _put(answer: Answer, signals: list[Signal]) -> None:
    """The first six; what is High beyond two is Medium; quotes first among equals."""
    high = 0
    kept = signals[:MOST]
    for signal in sorted(kept, key=lambda one: not one.quotes):
        if signal.priority == "High":
            high += 1
            signal.priority = "High" if high <= _MOST_HIGH else "Medium"
    answer.fields[CARD] = [
        {
            "title": capitalised(signal.title)[:120],
            "description": end_with_stop(signal.description)[:1_000],
            "type": signal.type,
            "priority": signal.priority,
            "detection_method": signal.detection_method[:500],
        }
        for signal in kept
    ]
    for signal, record in zip(kept, answer.fields[CARD], strict=True):
        answer.support(CARD, record["description"], signal.quotes)
    answer.assume(
        "Buying signals: by rule from the account's team, the systems, sizes and standards that "
        "the site names, and two that hold for every company; none was observed at a company."
    )
