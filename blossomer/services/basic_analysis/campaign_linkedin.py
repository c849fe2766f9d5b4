"""LinkedIn: a note with the request to connect, messages, and an angle for comments."""

from __future__ import annotations

from typing import Any

from blossomer.services.basic_analysis.campaign_email import (
    ask,
    greeting,
    signature,
    why_now,
)
from blossomer.services.basic_analysis.campaign_view import COMPANY, CampaignView
from blossomer.services.basic_analysis.campaign_wording import Line, fit_characters
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.email_lint import count_words

NOTE_CHARACTERS = 280
"""LinkedIn allows 300; a name is longer than its token."""


def linkedin(view: CampaignView) -> tuple[dict[str, Any], list[tuple[str, list[Line]]]]:
    """The content, and for each text with facts the lines that it rests on."""
    chain = view.choices.chain
    pains, abilities = view.pains(chain), view.capabilities(chain)
    gains, proof = view.outcomes(chain), view.proof()
    opening = Line(in_sentence(why_now(view)[0].text))
    note = fit_characters(
        [greeting(view), opening.text, view.definition()[0].text, "Open to connect?"],
        NOTE_CHARACTERS,
    )
    if not note.endswith("?"):
        note = fit_characters([greeting(view), opening.text, "Open to connect?"], NOTE_CHARACTERS)
    if not note.endswith("?"):
        plain_reason = f"{view.seller} works on what your team does every day."
        note = f"{greeting(view)} {plain_reason} Open to connect?"

    plain = Line("Maybe part of this work is still done by hand in your team.")
    point = {
        "capability": [*abilities, *gains],
        "pain point": [*pains[1:], *abilities],
        "desired outcome": [*gains, *abilities],
    }[view.choices.emphasis]
    first = [pains[0] if pains else plain, *point[:1]]
    if not point:
        first.append(view.definition()[0])
    question = ask(view)[0].text
    messages = [(_joined(["Thank you for connecting.", *_texts(first), question]), first)]
    other = view.choices.others[0] if view.choices.others else None
    second = [line for line in (view.capabilities(other) if other else []) if line not in first][:1]
    topic = view.topic(other) if other else ""
    lead = (
        f"One more thought, this time on {topic}."
        if topic
        else "One more thought on the same work."
    )
    if proof:
        second = [*second, proof[0]]
    messages.append(
        (_joined([lead, *_texts(second), "Which of this is closest to your own week?"]), second)
    )
    last = f"If this is not your subject: who at {COMPANY} should see it? Thank you for reading."
    end = signature(view).partition("\n")[2]
    messages.append((_joined([last, end]), []))
    subject = view.topic(chain) or "this work"
    about = f"Add a case from practice to posts on {subject}: what went wrong, and what helped."
    if pains:
        about += f" A start could be: “{pains[0].text}”"
    about = view.obey(about)
    content = {
        "connection_note": view.obey(note),
        "messages": [view.obey(text) for text, _ in messages],
        "post_comment_angle": about,
    }
    used = [(view.obey(text), lines_) for text, lines_ in messages]
    return content, [*used, (about, pains[:1])]


def _texts(lines_: list[Line]) -> list[str]:
    return [line.text for line in lines_]


def _joined(parts: list[str]) -> str:
    """Short sentences stand together; from 40 words on a blank line parts them."""
    text = " ".join(parts)
    return text if count_words(text) <= 25 else "\n\n".join(parts)
