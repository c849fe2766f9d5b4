"""The cold call: opener, questions, answers to objections, voicemail. Said aloud, so kept short."""

# ruff: noqa: E501 -- the sentences of these tables read better unbroken

from __future__ import annotations

from typing import Any

from blossomer.services.basic_analysis.background import texts
from blossomer.services.basic_analysis.campaign_choices import Choices
from blossomer.services.basic_analysis.campaign_email import in_signal, plain_lines, sentence
from blossomer.services.basic_analysis.campaign_view import COMPANY, FIRST_NAME, CampaignView
from blossomer.services.basic_analysis.campaign_wording import Line
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.basic_analysis.text import clean
from blossomer.services.email_lint import count_words

MOST_SPOKEN = 58
"""Words of opener and voicemail; 60 take about 25 seconds."""

Used = list[tuple[str, list[Line]]]


def write_call_script(view: CampaignView) -> tuple[dict[str, Any], Used]:
    """The script, and for each text with facts the lines that it rests on."""
    choices, chain = view.choices, view.choices.chain
    pains, abilities, gains = view.pains(chain), view.capabilities(chain), view.outcomes(chain)
    caller = choices.instructions.signature or "my name is [your name]"
    caller = (
        f"this is {choices.instructions.signature}" if choices.instructions.signature else "hello"
    )
    opener = f"Good day {FIRST_NAME}, {caller}. {_reason(view)} That is why I call."
    who = view.definition()[0]
    point = {
        "capability": [*abilities, *gains],
        "pain point": [*pains[1:], *abilities],
        "desired outcome": [*gains, *abilities],
    }[choices.emphasis][:1]
    proof = view.proof()[:1]
    value = [who, *point, *(abilities[:1] if choices.emphasis == "pain point" else []), *proof]
    value = list({line.text: line for line in value}.values())
    value_statement = " ".join(line.text for line in value)
    topic = view.topic(chain) or "this work"
    mail = [line for line in (point or [who]) if count_words(line.text) <= 20][:1]
    middle = f"{mail[0].text} " if mail else ""
    voicemail = (
        f"Hello {FIRST_NAME}, {view.seller} here, about {topic} and {COMPANY}. {middle}"
        f"{_voicemail_ask(choices)} There is no need to call back; a line by e-mail is enough."
    )
    value_statement, voicemail = view.obey(value_statement), view.obey(voicemail)
    responses, used = _responses(view)
    content: dict[str, Any] = {
        "opener": view.obey(opener),
        "permission_question": "May I take half a minute to say what it is about? Then you decide.",
        "value_statement": value_statement,
        "voicemail": voicemail,
        "close": view.obey(_close(view)),
        "discovery_questions": [view.obey(text) for text in _questions(view)],
        "objection_responses": responses,
    }
    return content, [*used, (value_statement, value), (voicemail, mail)]


def _reason(view: CampaignView) -> str:
    choices = view.choices
    if choices.opening == "buying signal":
        return f"The reason for my call to {COMPANY} now: {in_signal(choices.signal)}."
    if choices.opening == "company research":
        if not view.kind:
            return (
                f"Your website shows that {COMPANY} does the work that {view.seller} is made for."
            )
        return f"From your website, {COMPANY} looks at home among {view.kind}."
    field = in_sentence(view.department.name) if view.department else "this work"
    return f"There is no special occasion; {field} is likely your field at {COMPANY}."


def _questions(view: CampaignView) -> list[str]:
    chain = view.choices.chain
    measure = view.department.measure.split(",")[0] if view.department else "the result"
    field = in_sentence(view.department.name) if view.department else "your team"
    questions = [
        "How does your team do this work today, step by step?",
        f"What happens when something goes wrong there, and who in {field} hears of it first?",
        f"How do you see today what it does to {measure}?",
    ]
    if chain.outcome and view.choices.emphasis == "desired outcome":
        questions.append("If that went well by the end of the quarter, what would be different?")
    elif view.choices.emphasis == "pain point":
        questions.append("What does it cost you to leave it as it is for another year?")
    else:
        questions.append("What have you tried so far, and what was missing?")
    questions.append("Who else would have a say before something changes?")
    return questions


def _responses(view: CampaignView) -> tuple[list[dict[str, str]], Used]:
    result: list[dict[str, str]] = []
    used: Used = []
    concerns = texts(view.persona, "objections") + texts(view.background.company, "objections")
    for item in concerns:
        label, colon, text = item.partition(": ")
        if not colon or len(result) == 3 or any(label in r["objection"] for r in result):
            continue
        said = next(
            (text.rpartition(mark)[2] for mark in ("answers: ", "The site says: ") if mark in text),
            "",
        )
        asked = text.partition("” ")[0].strip("“”") if text.startswith("“") else ""
        cited = view.background.cite(said) if said else None
        if asked and not said:
            answer = Line(
                "That is fair. May I ask what would have to be true for you to look at it?"
            )
        elif cited and cited.url:
            answer = (plain_lines(view, [cited.text]) or [Line(cited.text, cited.text)])[0]
        else:
            continue
        response = view.obey(answer.text)
        result.append(
            {
                "objection": clean(asked or f"{label}: how do you deal with it?"),
                "response": response,
            }
        )
        used.append((response, [answer]))
    general = (
        ("We have no time for this.", "Understood. When in the year is it quieter for you?"),
        ("Just send me something.", "Gladly. What should it answer, so that it is worth reading?"),
        ("We have a way of doing this.", "Good. What do you like about it, and what not?"),
        ("It is too expensive.", "Too expensive compared with what? Today's way has a price too."),
    )
    for objection, response in general:
        if len(result) < 4:
            result.append({"objection": objection, "response": view.obey(response)})
    return result, used


def _close(view: CampaignView) -> str:
    details = view.choices.details.rstrip(".?! ")
    what = in_sentence(details) if details and count_words(details) <= 14 else "a one-page summary"
    return {
        "interest": "Is that worth a second look for you? Then let us agree on what you want to see.",
        "priority check": "Is this on your list for this quarter, or should I ask again next quarter?",
        "feedback": "What do you think of it, honestly? Your view helps, whatever it is.",
        "free resource": f"May I send you {what}? To which address?",
        "meeting": "Shall we look at your case together, with your own example? Which day suits you?",
        "link": f"It is all on one page, {details or view.background.website.url}. May I send you the address?",
        "own words": sentence(view.choices.details) if view.choices.details else "",
    }[view.choices.call_to_action]


def _voicemail_ask(choices: Choices) -> str:
    return {
        "interest": "If that is of interest, I am glad to say more.",
        "priority check": "Tell me whether it matters to you this quarter.",
        "feedback": "I would value your view of it.",
        "free resource": "I can send you something to read about it.",
        "meeting": "I am glad to talk it through with you.",
        "link": "I can send you the page with everything on it.",
        "own words": sentence(choices.details) if count_words(choices.details) <= 18 else "",
    }[choices.call_to_action]
