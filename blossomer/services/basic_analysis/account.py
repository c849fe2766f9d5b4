"""The target account, written by rules: its name, its description, and the order of the cards.

What goes on a card is decided in the other ``account_`` modules.
"""

from __future__ import annotations

from blossomer.services.basic_analysis.account_approach import write_approach, write_disqualifiers
from blossomer.services.basic_analysis.account_cards import (
    write_challenges,
    write_opportunities,
    write_profile,
    write_strengths,
)
from blossomer.services.basic_analysis.account_firmographics import write_firmographics
from blossomer.services.basic_analysis.account_view import AccountView, account_name
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.background import Background
from blossomer.services.basic_analysis.buying_signals import write_account_signals
from blossomer.services.basic_analysis.company import say_what_limits
from blossomer.services.basic_analysis.material import Material
from blossomer.services.basic_analysis.nouns import in_sentence, one_of
from blossomer.services.basic_analysis.text import capitalised, end_with_stop


def write_account(material: Material) -> Answer:
    """Write a target account from a website by rules."""
    background = Background(material)
    answer = Answer(material.config, background.facts)
    view = AccountView.of(background)
    say_what_limits(answer)
    answer.fields["company_name"] = background.company_name

    name = background.own_name or account_name(view)
    answer.fields["name"] = name
    if not background.own_name:
        answer.assume(f"Name: the team, and the kind of companies by this rule: {view.kind.basis}.")
    # Challenges first: sentences about today's work say most there.
    write_challenges(answer, view)
    write_profile(answer, view)
    write_strengths(answer, view)
    write_opportunities(answer, view)
    write_approach(answer, view)
    write_disqualifiers(answer, view)
    write_firmographics(answer, view)
    write_account_signals(answer, view)
    _write_description(answer, view, name)
    del answer.fields["company_name"]
    return answer


def _write_description(answer: Answer, view: AccountView, name: str) -> None:
    """Who they are, and what the site or the person says of their need; always of the customer."""
    background = view.background
    size = answer.fields["firmographics"]["employees"]
    parts = [end_with_stop(f"{capitalised(name)}, with {size} employees")]
    quotes: list[tuple[str, str]] = []
    said = view.kind.why
    if background.notes:
        said = background.notes[0].text
    if said:
        url = background.facts.where(said)
        parts.append(f"The site says of them: “{said.strip('“”')}”" if url else end_with_stop(said))
        quotes = [(said, url)] if url else []
    else:
        what = one_of(in_sentence(background.category)) or "what the site offers"
        parts.append(f"They have work that {what} takes over.")
    text = " ".join(parts)
    answer.fields["description"] = text
    answer.support("description", text, quotes)
