"""Follow-ups: each from a new angle, at most 60 words, and none that reminds of the one before."""

from __future__ import annotations

from blossomer.services.basic_analysis.background import texts
from blossomer.services.basic_analysis.campaign_email import (
    greeting,
    plain_lines,
    signature,
    subjects,
)
from blossomer.services.basic_analysis.campaign_view import COMPANY, CampaignView
from blossomer.services.basic_analysis.campaign_wording import Line
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.email_lint import EmailText, count_words, lint_email

WAITS = (3, 4, 6)
"""Days after the one before: 3 to 7 by the house, growing."""

MOST_WORDS = 60
_ANSWERS = ("answers: ", "The site says: ")
_DOUBTS = {
    "Quick to start": "how long the start takes",
    "Time to go live": "how long the start takes",
    "Works with what they have": "if it fits what you have",
    "Fit with existing systems": "if it fits what you have",
    "Switching": "what you would have to change",
    "Commitment": "how you get out again",
    "Safe": "if your data is safe",
    "Data security": "if your data is safe",
    "Control": "what happens when something goes wrong",
    "Help when needed": "who helps when you need it",
    "Support": "who helps when you need it",
}
"""Labels of decision factors and concerns, as a reader would put the doubt."""


def follow_ups(
    view: CampaignView, used: set[str], earlier: list[str]
) -> list[tuple[dict[str, object], list[Line]]]:
    """Two or three follow-ups with the lines that they rest on.

    Args:
        view: The campaign.
        used: Sentences that stand in the first e-mail.
        earlier: Bodies that these must not repeat.
    """
    result: list[tuple[dict[str, object], list[Line]]] = []
    bodies = list(earlier)
    for subject, options in _angles(view, used):
        for line, question in options:
            said = [greeting(view), *([line.text] if line.text else []), question, signature(view)]
            body = "\n\n".join(view.obey(part) for part in said)
            wait = WAITS[len(result)]
            email = EmailText(
                subject=subject,
                body=body,
                kind="follow_up",
                wait_days=wait,
                previous_bodies=tuple(bodies),
            )
            is_long = count_words(body) > MOST_WORDS
            if is_long or lint_email(email, sources=view.sources).score < 100:
                continue
            record = {"subject": subject, "body": body, "wait_days": wait}
            result.append((record, [line]))
            bodies.append(body)
            used.add(line.text)
            break
        if len(result) == len(WAITS):
            break
    return result


def _angles(view: CampaignView, used: set[str]) -> list[tuple[str, list[tuple[Line, str]]]]:
    """Subject, and lines to try with the question that goes with them; the best first."""
    field = in_sentence(view.department.name) if view.department else "your team"
    chain = view.choices.others[0] if view.choices.others else view.choices.chain
    others = [line for other in view.choices.others for line in view.capabilities(other)[:1]]
    others = [line for line in others if line.text not in used]
    proof = [line for line in view.proof() if line.text not in used]
    topic = view.topic(chain)
    lead = (
        f"{view.seller} has a second use for you: {topic}." if topic else "There is a second point."
    )
    new_use = [
        (
            Line(f"{lead} {line.text}", line.quote),
            f"Which of the two would help you more at {COMPANY}?",
        )
        for line in others
    ]
    near = f"Would {topic} be closer to your needs at {COMPANY}?"
    open_question = f"Which part of this work takes most of your time at {COMPANY}?"
    new_use.append((Line(lead if topic else ""), near if topic else open_question))
    first = subjects(view, view.choices.chain)
    second = next(
        (s for s in [topic, *subjects(view, chain)[1:]] if s and s not in first), "a second use"
    )
    second = second if 2 <= count_words(second) <= 4 and "“" not in second else "a second use"
    result = [(second, new_use)]
    if proof:
        result.append(
            (
                "how others do it",
                [(line, "Would you like to hear how they went about it?") for line in proof],
            )
        )
    asked = [
        (line, "What would you need to know before you try it?")
        for line in _answers(view)
    ]  # fmt: skip
    general = Line("You may ask yourself how much of your time this takes.")
    asked.append((general, "What would you need to know before you try it?"))
    result.append(("before you decide", asked))
    result.append(
        (f"who owns {field}"[:40], [(Line("This may be on the desk of someone else in your house."),
                                     f"Who at {COMPANY} should hear about it instead?")])
    )  # fmt: skip
    return result


def _answers(view: CampaignView) -> list[Line]:
    """What the site answers to a doubt, each after the doubt, in sentences that fit a message."""
    found = []
    for item in [*texts(view.persona, "decision_factors"), *texts(view.persona, "objections"),
                 *texts(view.background.company, "objections")]:  # fmt: skip
        label = item.partition(": ")[0]
        mark = next((mark for mark in _ANSWERS if mark in item), ": ")
        cited = view.background.cite(item.rpartition(mark)[2])
        if label in _DOUBTS and cited.url:
            found += [
                Line(f"You may ask yourself {_DOUBTS[label]}. {line.text}", line.quote)
                for line in plain_lines(view, [cited.text], orders=False)
            ]
    return found
