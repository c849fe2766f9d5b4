"""What the writers of an account's cards share: whom it is about, and what is about them."""

from __future__ import annotations

from dataclasses import dataclass

from blossomer.services.basic_analysis.audiences import Audience, Team, audience_for, teams
from blossomer.services.basic_analysis.background import Background, Feature
from blossomer.services.basic_analysis.departments import Department, department_of
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.text import capitalised


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account that is being written.

    Args:
        background: Site, documents above, the person's words.
        kind: The kind of company.
        team: The team that would work with the product, when one is known.
        department: Where that team is, when it is known.
        focus: What the cards should rather be about.
    """

    background: Background
    kind: Audience
    team: Team | None
    department: Department | None
    focus: Focus

    @classmethod
    def of(cls, background: Background) -> AccountView:
        """The account that the person's words, or without any the site's, ask for."""
        kind = audience_for(background)
        named = f"{background.own_name} {' '.join(note.text for note in background.notes)}"
        known = teams(background)
        wanted = department_of(named) if background.own_name else None
        team = next((team for team in known if team.department is wanted), None)
        if team is None and not wanted:
            team = known[0] if known else None
        department = wanted or (team.department if team else None)
        work = f"{department.name} {' '.join(department.duties)}" if department else ""
        focus = background.focus(f"{kind.kind} {kind.why}", work)
        return cls(background, kind, team, department, focus)

    @property
    def who(self) -> str:
        """The companies, as they stand in a sentence."""
        kind = self.kind.kind
        return kind if len(kind) <= 90 else "such companies"

    @property
    def features(self) -> list[Feature]:
        """What the product does, what these companies need most first."""
        features = self.background.features
        weights = {f.title: self.focus.weigh(f"{f.title} {f.text}") for f in features}
        return sorted(features, key=lambda f: (not f.is_named, -weights[f.title]))


_PEOPLE = frozenset(
    [
        "freelancers",
        "creators",
        "marketers",
        "developers",
        "entrepreneurs",
        "professionals",
        "founders",
        "landlords",
        "researchers",
        "physicians",
        "dentists",
        "contractors",
    ]
)
"""Kinds of buyers that have no teams of their own."""


def account_name(view: AccountView) -> str:
    """The team and the kind of company: "Logistics teams at industrial manufacturers"."""
    return name_for(view.kind, view.department)


def name_for(kind: Audience, department: Department | None) -> str:
    """The name of an account of a team in a kind of companies."""
    if not department or kind.kind.split()[-1] in _PEOPLE:
        return capitalised(kind.kind)
    if kind.kind.startswith("teams "):
        return capitalised(f"{department.team} {kind.kind.removeprefix('teams ')}")
    return capitalised(f"{department.team} at {kind.kind}")
