"""The first e-mail and its variant: segments in order, each from a choice or a verified fact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from blossomer.services.basic_analysis.campaign_choices import Chain
from blossomer.services.basic_analysis.campaign_view import COMPANY, FIRST_NAME, CampaignView
from blossomer.services.basic_analysis.campaign_wording import (
    FEWEST_WORDS,
    MOST_WORDS,
    Line,
    fitting,
    is_plain,
    lines,
)
from blossomer.services.basic_analysis.nouns import in_sentence, role_in_sentence
from blossomer.services.basic_analysis.text import capitalised, end_with_stop
from blossomer.services.email_lint import EmailKind, EmailText, count_words

Parts = list[tuple[str, Line]]
"""Type of a segment, and its line."""


def greeting(view: CampaignView) -> str:
    """How the reader is addressed."""
    return f"{'Dear' if view.choices.instructions.is_formal else 'Hi'} {FIRST_NAME},"


def signature(view: CampaignView) -> str:
    """Who signs: the person that the instructions name, else the company's team."""
    given = view.choices.instructions.signature
    close = "Kind regards" if view.choices.instructions.is_formal else "Best regards"
    return f"{close},\n{given}" if given else f"{close},\nThe {view.seller} team"


def email_parts(view: CampaignView, chain: Chain, kind: EmailKind = "first") -> Parts:
    """A whole e-mail on one use case, by all of the person's choices.

    Args:
        view: The campaign.
        chain: The use case.
        kind: ``first``, or ``variant`` for another e-mail to test the first one against.
    """
    names, slots = _slots(view, chain, is_variant=kind == "variant")
    end = signature(view)

    def as_email(choice: Sequence[Line]) -> EmailText:
        body = "\n\n".join([greeting(view), *(line.text for line in choice), end])
        return EmailText(subject=subjects(view, chain)[0], body=body, kind=kind)

    is_short = view.choices.instructions.is_short
    most = 70 if is_short else MOST_WORDS
    chosen = fitting(slots, as_email, view.sources, FEWEST_WORDS, most)
    own = view.choices.call_to_action == "own words"
    parts = [
        (name, line if own and name == "cta" else Line(view.obey(line.text), line.quote))
        for name, line in zip(names, chosen, strict=True)
    ]
    return [("greeting", Line(greeting(view))), *parts, ("signature", Line(end))]


def body_of(parts: Parts) -> str:
    """The e-mail as one text."""
    return "\n\n".join(line.text for _, line in parts)


def why_now(view: CampaignView, *, is_variant: bool = False) -> list[Line]:
    """The opening by choice; nothing is claimed to be seen that the person did not choose."""
    choices = view.choices
    if choices.opening == "buying signal":
        signal = _short(in_signal(choices.signal))
        if is_variant:
            return [Line(f"The occasion for this note to {COMPANY}: {signal}.")]
        return [Line(f"One reason to write to {COMPANY} now: {signal}.")]
    if choices.opening == "company research":
        kind = view.kind
        if not kind:
            if is_variant:
                return [
                    Line(f"Your website made {COMPANY} a name on a short list for {view.seller}.")
                ]
            made_for = f"{COMPANY} does the work that {view.seller} is made for"
            return [Line(f"Going by your website, {made_for}.")]
        if is_variant:
            return [Line(f"From its website, {COMPANY} looks at home among {kind}.")]
        return [Line(f"Your website places {COMPANY} among {kind}, which is why this goes to you.")]
    field = view.department.name if view.department else ""
    field = field if field in {"IT", "HR"} else field.lower()
    work = f"{field} at {COMPANY} is likely your field" if field else f"you work at {COMPANY}"
    if is_variant:
        return [Line(f"There is no special event behind this note to {COMPANY}, only your work.")]
    return [Line(f"This note has a plain reason: {work}.")]


def in_signal(title: str) -> str:
    """A buying signal's title inside a sentence, without what an e-mail must not have."""
    text = re.sub(r"\s*[—–:]\s*", ", ", title.strip(" .!?"))
    plain = re.sub(r"[{}<>?!]", "", text)
    if plain[1:2].islower():
        plain = f"{plain[:1].lower()}{plain[1:]}"
    is_one = re.match(r"(?:new|job post|talk|profile)\b(?! \w+s\b)", plain, re.IGNORECASE)
    return f"a {plain}" if is_one else plain


def ask(view: CampaignView, *, is_variant: bool = False) -> list[Line]:
    """One soft question, by choice."""
    details = view.choices.details
    address = _address(view)
    quoted = details.rstrip(".?! ")
    name = in_sentence(quoted) if quoted and count_words(quoted) <= 14 else "a one-page summary"
    asked = {
        "interest": ("Is that worth a closer look for you?", "Would that be of use to you?"),
        "priority check": (
            "Is this on your list for this quarter?",
            "Does this matter to you this quarter, or is it for later?",
        ),
        "feedback": (
            "How do you see that in your own work?",
            "What would you change about that from your side?",
        ),
        "free resource": (f"May I send you {name}?", f"Would {name} be of use to you?"),
        "meeting": ("Would you like to talk it through?", "Shall we talk about your case?"),
        "link": (
            f"It is all on one page: {address}\nDoes that fit what you need?",
            f"Here is the page: {address}\nIs it close to what you need?",
        ),
        "own words": (_as_asked(details), _as_asked(details)),
    }
    return [Line(asked[view.choices.call_to_action][is_variant])]


def subjects(view: CampaignView, chain: Chain) -> list[str]:
    """Subject lines of two to four words, each from another angle; the first by the emphasis."""
    topic = view.topic(chain)
    pain = view.pains(chain)
    field = in_sentence(view.department.name) if view.department else "your team"
    measure = view.department.measure.split(",")[0].split(" and ")[0] if view.department else ""
    angles = {
        "capability": [topic, _noun(chain.capability)],
        "pain point": [_noun(pain[0].text) if pain else "", "work by hand"],
        "desired outcome": [measure, _noun(chain.outcome)],
    }
    first = angles.pop(view.choices.emphasis)
    rest = [text for texts in angles.values() for text in texts[:1]]
    wanted = [*first, *rest, f"{field} question", f"idea for {field}", "a short question"]
    if topic and count_words(topic) == 1:
        wanted = [f"{topic} for {field}" if text == topic else text for text in wanted]
    never = view.choices.instructions.forbid
    found = [
        text
        for text in dict.fromkeys(_lower(view.obey(text)) for text in wanted if text)
        if 2 <= count_words(text) <= 4
        and len(text) <= 40
        and not re.search(r"[\d!?:“”]", text)
        and is_plain(text)
        and not never(text)
    ]
    return [*found, "a short question", "your view please", "one idea"][:3]


def _slots(
    view: CampaignView, chain: Chain, *, is_variant: bool
) -> tuple[list[str], list[list[Line]]]:
    """Types of the segments between greeting and signature, and the lines for each."""
    choices = view.choices
    topic = view.topic(chain)
    pains, abilities, outcomes = view.pains(chain), view.capabilities(chain), view.outcomes(chain)
    named = f"“{chain.use_case}”" if chain.use_case and not topic else topic
    work = f"For {named}" if named and count_words(named) <= 8 else "For this work"
    plain_pain = [
        Line("Maybe part of this work is still done by hand in your team."),
        Line("Much of this work may still be done by hand on your side."),
    ]
    plain_help = [Line(f"{work}, {view.seller} has an answer that takes work off your team.")]
    plain_gain = [
        Line("The aim is simple: less work for your team, and a result that you can check.")
    ]
    stays = [Line("As long as nothing changes, your team keeps doing that work.")]
    if choices.emphasis == "pain point":
        point, help_ = [*pains[1:], *stays], [*abilities, *plain_help]
    elif choices.emphasis == "desired outcome":
        point, help_ = [*_gains(outcomes), *plain_gain], [*abilities, *plain_help]
    else:
        point, help_ = [*abilities, *plain_help], []
    who = view.definition()
    company = _pairs(who, help_) if help_ else who
    names = ["intro", "pain-point", "company-intro", "emphasis"]
    slots = [
        why_now(view, is_variant=is_variant),
        [*pains[:3], *plain_pain[is_variant:]],
        company,
        point,
    ]
    if choices.emphasis == "pain point":
        # What hurts is said in one breath, before the company comes in.
        names[2:], slots[2:] = ["emphasis", "company-intro"], [point, company]
    proof = view.proof()
    if proof:
        names.append("social-proof")
        slots.append(proof[is_variant:] if is_variant and len(proof) > 1 else proof)
    names.append("cta")
    slots.append(_longer(ask(view, is_variant=is_variant)))
    return names, slots


def _gains(outcomes: list[Line]) -> list[Line]:
    """Outcomes as something to be had: "The gain: …"."""
    return [
        line
        if line.text.startswith("With ")
        else Line(f"What you get: {line.text[0].lower()}{line.text[1:]}", line.quote)
        for line in outcomes
    ]


def _pairs(who: list[Line], help_: list[Line]) -> list[Line]:
    """Who writes and what they do about it, in two sentences of one paragraph."""
    pairs = [
        Line(f"{first.text} {second.text}", second.quote)
        for second in help_[:3]
        for first in who[:2]
    ]
    return [line for line in pairs if len(line.text) <= 240] + help_[-1:]


def _longer(asked: list[Line]) -> list[Line]:
    """The question, alone or with a sentence that makes answering easy."""
    return [*asked, *(Line(f"{line.text}\nOne line as an answer is enough.") for line in asked)]


def _short(text: str) -> str:
    """A signal's title, cut where a clause ends when it is long."""
    words = text.split()
    if len(words) <= 12:
        return text
    for before, after in pairwise(range(13, 3, -1)):
        if words[after - 1].endswith(","):
            return " ".join(words[: before - 1]).rstrip(",")
    return " ".join(words[:12]).rstrip(",")


def _as_asked(details: str) -> str:
    text = capitalised(details.strip())
    return text if text.endswith(("?", ".", "!")) else f"{text}?"


def _address(view: CampaignView) -> str:
    found = re.search(r"https?://\S+|\bwww\.\S+|\b[\w-]+\.[a-z]{2,}(?:/\S*)?", view.choices.details)
    return found[0].rstrip(".,;") if found else view.background.website.url or view.seller


def _noun(text: str) -> str:
    """Two to four words of a sentence that make a subject: what stands before its first verb."""
    match = re.match(
        r"(?:the |a |an |every |each |most |your |our )?((?:[\w’-]+ ){1,3}?[\w’-]+) "
        r"(?:is|are|was|were|has|have|can|come|comes|go|goes|bill|bills|check|checks|show|shows)\b",
        text,
        re.IGNORECASE,
    )
    starts = r"(?:what|nobody|this|that|there|it|they|you|we|with|when|if|as|now|these|those)\b"
    return match[1].lower() if match and not re.match(starts, match[1], re.IGNORECASE) else ""


def _lower(text: str) -> str:
    if text.isupper() and len(text) > 5:
        return text.lower()
    return " ".join(w if sum(map(str.isupper, w)) > 1 else w.lower() for w in text.split())


def plain_lines(view: CampaignView, texts: list[str], *, orders: bool = True) -> list[Line]:
    """Sentences of documents above that can stand in a message; none from a site not in English."""
    return lines(texts, orders=orders) if view.is_english else []


def role(view: CampaignView) -> str:
    """The persona inside a sentence."""
    return role_in_sentence(view.person) if len(view.person) <= 50 else "people in this role"


def sentence(text: str) -> str:
    """A phrase as a sentence of its own."""
    return end_with_stop(capitalised(text))
