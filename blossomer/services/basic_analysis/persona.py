"""The target persona, written by rules: its name, its description, and the order of the cards.

What goes on a card is decided in the other ``persona_`` modules.
"""

from __future__ import annotations

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import Background
from blossomer.services.basic_analysis.buying_signals import write_persona_signals
from blossomer.services.basic_analysis.company import say_what_limits
from blossomer.services.basic_analysis.material import Material
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.basic_analysis.persona_buying import (
    write_decision_factors,
    write_journey,
    write_objections,
)
from blossomer.services.basic_analysis.persona_cards import (
    write_insights,
    write_motivations,
    write_pains,
    write_style,
)
from blossomer.services.basic_analysis.persona_records import write_demographics, write_use_cases
from blossomer.services.basic_analysis.persona_view import PersonaView
from blossomer.services.basic_analysis.text import capitalised, clean, end_with_stop


def write_persona(material: Material) -> Answer:
    """Write a target persona from a website by rules."""
    background = Background(material)
    answer = Answer(material.config, background.facts)
    view = PersonaView.of(background)
    say_what_limits(answer)
    answer.fields["company_name"] = background.company_name

    answer.fields["name"] = view.title
    _write_description(answer, view)
    # Use cases first: their chains need the sentences most, and repeat none of the cards'.
    write_use_cases(answer, view)
    write_insights(answer, view)
    write_pains(answer, view)
    write_motivations(answer, view)
    write_style(answer, view)
    write_decision_factors(answer, view)
    write_objections(answer, view)
    write_journey(answer, view)
    write_demographics(answer, view)
    write_persona_signals(answer, view.as_account, view.title, view.department)
    del answer.fields["company_name"]
    return answer


def _write_description(answer: Answer, view: PersonaView) -> None:
    account = clean(str(view.account.get("name") or ""))
    kind = in_sentence(account.rpartition(" at ")[2])
    place = f" at {kind}" if account and len(kind) <= 120 else ""
    measure = f", measured by {view.department.measure}" if view.department else ""
    parts = [end_with_stop(f"{capitalised(view.title)}{place}{measure}")]
    quotes: list[tuple[str, str]] = []
    said = view.background.notes[0].text if view.background.notes else ""
    if not said and view.team:
        said = view.team.why
    if said:
        url = view.background.facts.where(said)
        parts.append(f"The site says: “{said.strip('“”')}”" if url else end_with_stop(said))
        quotes = [(said, url)] if url else []
    text = " ".join(parts)
    answer.fields["description"] = text
    answer.support("description", text, quotes)
    if measure:
        answer.assume(
            "Description: what the department is measured by is typical, not from the site."
        )
