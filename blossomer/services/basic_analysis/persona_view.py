"""What the writers of a persona's cards share: who the person is, in which kind of company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blossomer.services.basic_analysis.account_view import AccountView
from blossomer.services.basic_analysis.audiences import Audience, Team, teams
from blossomer.services.basic_analysis.background import Background, Feature
from blossomer.services.basic_analysis.departments import Department, department_of, seniority_of
from blossomer.services.basic_analysis.focus import Focus
from blossomer.services.basic_analysis.nouns import in_sentence, with_article
from blossomer.services.basic_analysis.people import Speaker
from blossomer.services.basic_analysis.text import clean


@dataclass(frozen=True, slots=True)
class PersonaView:
    """A persona that is being written.

    Args:
        background: Site, documents above, the person's words.
        title: The job title, or the name that was given.
        department: Where they work, when it is known.
        team: What the site says to or of such people, when it does.
        speaker: Such a person who speaks on the site.
        account: The target account above; empty when there is none.
        focus: What the cards should rather be about.
    """

    background: Background
    title: str
    department: Department | None
    team: Team | None
    speaker: Speaker | None
    account: Mapping[str, Any]
    focus: Focus

    @classmethod
    def of(cls, background: Background) -> PersonaView:
        """The person that the words given, the account or else the site asks for."""
        known = teams(background)
        account = background.context.get("account") or {}
        account_name = clean(str(account.get("name") or ""))
        name = background.own_name
        department = department_of(name)
        if department is None and not name:
            department = department_of(account_name)
        same = [team for team in known if team.department is department]
        team: Team | None = next(
            (t for t in same if seniority_of(t.title) == seniority_of(name)),
            same[0] if same else None,
        )
        if team is None and not name and known:
            team = known[0]
            department = team.department
        if department is None and name:
            department = department_of(" ".join(note.text for note in background.notes))
        title = name or (team.title if team else "")
        if not title:
            title = department.titles[1] if department else "Operations Manager"
            department = department or department_of(title)
        speaker = next(
            (s for s in background.speakers if s.said and department_of(s.title) is department),
            None,
        )
        about = f"{account_name} {account.get('description') or ''}"
        work = " ".join(department.duties) if department else ""
        focus = background.focus(f"{title} {team.why if team else ''}", f"{work} {about}")
        return cls(background, title, department, team, speaker, account, focus)

    @property
    def features(self) -> list[Feature]:
        """What the product does, what this person needs most first."""
        features = self.background.features
        weights = {f.title: self.focus.weigh(f"{f.title} {f.text}") for f in features}
        return sorted(features, key=lambda f: (not f.is_named, -weights[f.title]))

    @property
    def role(self) -> str:
        """The title inside a sentence: "a head of logistics"."""
        return with_article(self.title if len(self.title) <= 60 else "person in this role")

    @property
    def team_name(self) -> str:
        """Their people, in plural."""
        return self.department.team if self.department else "their people"

    @property
    def as_account(self) -> AccountView:
        """The account around the person, for rules that both share."""
        name = clean(str(self.account.get("name") or "")) or "such companies"
        kind = Audience(in_sentence(name.rpartition(" at ")[2])[:90], "", "", "the account above")
        return AccountView(self.background, kind, self.team, self.department, self.focus)
