"""The campaign's cards of statements: what it rests on, how it speaks, when, and how to improve."""

# ruff: noqa: E501 -- the sentences of these tables read better unbroken

from __future__ import annotations

from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.campaign_email import role
from blossomer.services.basic_analysis.campaign_view import CampaignView
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.basic_analysis.text import capitalised, end_with_stop

_RULE = "follows from your choices and the persona; a general practice, not from the site."


def write_cards(answer: Answer, view: CampaignView) -> None:
    """All cards of statements."""
    _insights(answer, view)
    _messaging(answer, view)
    _channel(answer, view)
    _variations(answer, view)
    _tips(answer, view)


def _insights(answer: Answer, view: CampaignView) -> None:
    card, chain, choices = "insights", view.choices.chain, view.choices
    item = f"Use case: {end_with_stop(chain.use_case)}"
    if chain.capability:
        item = f"Use case: {chain.use_case}. {end_with_stop(chain.capability)}"
    cited = view.background.cite(chain.capability) if chain.capability else None
    if cited and cited.url:
        answer.proven(card, item, [(cited.text, cited.url)])
    else:
        answer.inferred(card, item, "Use case: from your choice and the persona.")
    pains = view.pains(chain)
    if pains:
        answer.proven(card, f"Pain: {pains[0].text}", view.cite(pains[0]))
    if choices.opening == "buying signal":
        text = f"Why now: {end_with_stop(choices.signal)} Send it only to companies that show this."
        answer.inferred(
            card, text, "Why now: the signal that you chose; it must be seen at each company."
        )
    proof = view.proof()[:1]
    if proof:
        own = " In your words." if choices.proof else ""
        answer.proven(card, f"Proof: {proof[0].text}{own}", view.cite(proof[0]))
    else:
        answer.inferred(card, "Proof: No proof is claimed, since neither you nor the site names any.",
                        "Proof: only what you or the site say is ever claimed.")  # fmt: skip
        answer.gap("Which customer may be named, and with which result?")


def _messaging(answer: Answer, view: CampaignView) -> None:
    card, choices = "messaging_strategy", view.choices
    opening = {
        "buying signal": f"Begin with the signal: {end_with_stop(choices.signal)}",
        "company research": f"Begin with what their website shows: they belong to {view.kind or 'this kind'}.",
        "none": "Begin with the honest reason: their field of work. No occasion is made up.",
    }[choices.opening]
    emphasis = {
        "capability": "The weight is on what the product does, in one sentence.",
        "pain point": "The weight is on what it costs to leave it as it is.",
        "desired outcome": "The weight is on what can be seen afterwards.",
    }[choices.emphasis]
    asked = {
        "interest": "Ask only whether it is of interest.",
        "priority check": "Ask whether it matters this quarter; a no tells as much as a yes.",
        "feedback": "Ask for an opinion; people like to give one.",
        "free resource": "Offer something useful that needs no call.",
        "meeting": "Ask to talk it through, without naming a day or a length.",
        "link": "Show one page, and ask one question beside it.",
        "own words": "Ask in your own words, as you gave them.",
    }[choices.call_to_action]
    for label, text in (("Opening", opening), ("Emphasis", emphasis), ("Question", asked)):
        answer.inferred(card, f"{label}: {text}", f"{label}: by your choice.")
    instructions = choices.instructions
    if instructions.text:
        done = (
            "Followed where words, names, length or tone could be changed by rule"
            if instructions.is_followed
            else "Read, but no rule could follow it; change the text by hand"
        )
        text = instructions.text if len(instructions.text) <= 300 else f"{instructions.text[:297]}…"
        answer.inferred(
            card, f"Your instructions: “{text}” {done}.", "Your instructions: as written."
        )
    words = [view.topic(chain) for chain in (choices.chain, *choices.others)]
    named = [f"“{word}”" for word in words if word][:2]
    if named:
        answer.inferred(
            card, f"Words: Say {' and '.join(named)}, as the site does.", f"Words: {_RULE}"
        )


def _channel(answer: Answer, view: CampaignView) -> None:
    reads = view.department.reads if view.department else "LinkedIn and peers"
    own = {
        "email": ("Order: E-mail, then two or three more within two weeks, then stop.",
                  "Amount: Send few a day from one address, to people who were looked at one by one."),
        "linkedin": ("Order: Comment on a post, ask to connect, write only once they accepted.",
                     "Amount: Few requests a day, each to a person whose profile was read."),
        "cold_call": ("Order: Call, leave one voicemail, then write one e-mail with the same subject.",
                      "Amount: Call in blocks, and note after each call which sentence was answered."),
        "ad": ("Order: Show the advertisements first, and write to the same companies two weeks later.",
               "Amount: Let the three run with equal budgets until one is clearly ahead."),
    }[view.choices.kind]  # fmt: skip
    beside = f"Beside it: {capitalised(role(view))} can also be met through {reads}."
    for text in (*own, beside):
        label = text.partition(":")[0]
        answer.inferred("channel_strategy", text, f"{label}: {_RULE}")


def _variations(answer: Answer, view: CampaignView) -> None:
    card, choices = "content_variations", view.choices
    if choices.others:
        other = choices.others[0]
        answer.inferred(
            card, f"Another use case: {end_with_stop(other.use_case)}", f"Another use case: {_RULE}"
        )
    emphases = [e for e in ("capability", "pain point", "desired outcome") if e != choices.emphasis]
    answer.inferred(card, f"Another emphasis: Put the {emphases[0]} in place of the {choices.emphasis}.",
                    f"Another emphasis: {_RULE}")  # fmt: skip
    opening = (
        "a buying signal" if choices.opening != "buying signal" else "the website of the company"
    )
    answer.inferred(card, f"Another opening: Begin with {opening}.", f"Another opening: {_RULE}")


def _tips(answer: Answer, view: CampaignView) -> None:
    own = {
        "email": "Answers: Count answers, not openings; filters open mail by themselves.",
        "linkedin": "Accepted: Count how many accept; if few do, change the note and nothing else.",
        "cold_call": "Talk time: Note how long people stay; if they hang up early, change the opener.",
        "ad": "Clicks that stay: Count who reads on for half a minute, not who clicks.",
    }[view.choices.kind]
    field = in_sentence(view.department.name) if view.department else "the role"
    tips = (
        own,
        "One change: Change one thing at a time, and compare after 100 recipients at least.",
        f"Wrong person: Note who passes it on; that shows where {field} really sits.",
        "Words back: Write down the words of every answer, and use them in the next version.",
    )
    for text in tips:
        label = text.partition(":")[0]
        answer.inferred("optimization_tips", text, f"{label}: {_RULE}")
