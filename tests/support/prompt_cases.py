"""The prompts that are kept as files: a company with an account and a persona, and what is asked.

Runnable: ``python -m tests.support.prompt_cases`` writes them anew, to be read before they are
committed.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import patch

from blossomer.api.examples import RESULT_EXAMPLES
from blossomer.entities import ENTITIES
from blossomer.entities.items import item_key
from blossomer.services.blocks import context_blocks
from blossomer.services.mending import answer_to, passage_blocks
from blossomer.services.prompts import Prompt, render_ideas, render_mending, render_prompt
from blossomer.services.suggestions import ProposedIdeas
from blossomer.services.templates import USER_PART

FOLDER = Path(__file__).resolve().parents[1] / "unit" / "golden_prompts"
CODE = "0123456789abcdef"
SITE = """Page: https://acme.example/ (home)
Title: Acme: routes that change while your drivers are on the road

# Plans that live all day
Acme plans delivery routes for regional carriers & wholesalers, and plans them again when a driver
is late. "We stopped calling drivers," says Marta Lind of Brotkamp Foods.

# Prices
19 euros a month for each vehicle."""
URL = {"website_url": "https://acme.example/"}

USE_CASE = item_key(RESULT_EXAMPLES["persona"]["use_cases"][0])
WIZARD = {
    "campaign_type": "email",
    "use_case": "Late orders. Pain point: One order at five makes the first three routes wrong; "
    "Capability: Live re-planning while drivers are on the road; Desired outcome: Late orders are "
    "delivered without a call to a driver",
    "emphasis": "pain point",
    "opening": "buying signal",
    "buying_signal": "Looking for a second planner. Why it matters: The plan no longer fits into "
    "one head.; Type: Company Data; Priority: High; How to find it: Company careers page: openings "
    "for a route planner",
    "call_to_action": "free resource",
    "call_to_action_details": "A sheet that counts calls by hour",
    "social_proof": "Brotkamp Foods may be named.",
    "instructions": "We say round, never tour. Don't mention prices & contracts.",
}
_IN_WORDS = ("use_case", "buying_signal", "call_to_action_details", "social_proof", "instructions")


def above(*entities: str) -> dict[str, dict[str, Any]]:
    """The data of documents above."""
    return {entity: deepcopy(RESULT_EXAMPLES[entity]) for entity in entities}


def edited(entity: str, **marks: list[str]) -> dict[str, Any]:
    """A document in which a person has edited something."""
    data = deepcopy(RESULT_EXAMPLES[entity])
    data["provenance"]["edited"] = marks
    return data


def _wizard(**changes: str) -> dict[str, str]:
    values = {**URL, **WIZARD, **changes}
    return {name: value for name, value in values.items() if value}


def _ask(
    entity: str, inputs: dict[str, str], *parents: str, site_text: str = SITE, **rest: Any
) -> Callable[[], Prompt]:
    config = ENTITIES[entity]
    return lambda: render_prompt(
        config,
        site_text=site_text,
        inputs=inputs,
        context=above(*parents),
        kind=config.kind_of(inputs),
        **rest,
    )


def _ideas(entity: str, *parents: str, siblings: tuple[str, ...] = ()) -> Callable[[], Prompt]:
    return lambda: render_ideas(
        ENTITIES[entity],
        ProposedIdeas,
        site_text=SITE,
        context=above(*parents),
        siblings=siblings,
        most=3,
    )


def _mend() -> Prompt:
    passage = "Hi {{first_name}}, we are the leading tool for routes."
    blocks = [
        *context_blocks("campaign", above("company")),
        *passage_blocks(passage, "“leading” cannot be checked."),
    ]  # fmt: skip
    schema = answer_to(passage, passage)
    return render_mending(schema, blocks=blocks, tokens=["{{first_name}}"])


_NAMED = {"name": "Dispatch at dairies", "hypothesis": "They deliver before six & run own vans."}
_ALL = ("company", "account", "persona")
_OWN_SIGNAL = item_key(RESULT_EXAMPLES["account"]["buying_signals"][0])
_OWN_SEGMENT = item_key(RESULT_EXAMPLES["campaign"]["email_content"]["segments"][2])

CASES: dict[str, Callable[[], Prompt]] = {
    "company": _ask("company", {**URL, "user_inputted_context": "We sell to dairies & bakeries."}),
    "company-again": _ask(
        "company", URL, current=edited("company", objections=["Price: Paid per vehicle, also in "
        "quiet months."]),
    ),
    "company-card": _ask("company", URL, only="capabilities", current=edited("company")),
    "account": _ask("account", URL, "company"),
    "account-named": _ask("account", {**URL, **_NAMED, "additional_context": "Only in Austria."},
                          "company"),
    "account-without-website": _ask("account", {}, "company", site_text=""),
    "account-card-records": _ask(
        "account", URL, "company", only="buying_signals",
        current=edited("account", buying_signals=[_OWN_SIGNAL]),
    ),
    "account-card-proposal": _ask(
        "account", URL, "company", only="firmographics",
        current=edited("account", firmographics=["industry"]),
    ),
    "persona": _ask("persona", URL, "company", "account"),
    "persona-named": _ask("persona", {**URL, **_NAMED, "name": "Fleet manager"}, "company",
                          "account"),
    "persona-card": _ask("persona", URL, "company", "account", only="use_cases",
                         current=edited("persona")),
    "campaign-email": _ask("campaign", _wizard(), *_ALL),
    "campaign-email-not-personalised": _ask(
        "campaign", _wizard(opening="none", buying_signal="", social_proof="", instructions="",
                            call_to_action="interest", call_to_action_details="", use_case=""),
        *_ALL,
    ),
    "campaign-email-research": _ask(
        "campaign", _wizard(opening="company research", buying_signal="", emphasis="capability",
                            call_to_action="link",
                            call_to_action_details="https://acme.example/day"),
        *_ALL,
    ),
    "campaign-email-again": _ask(
        "campaign", _wizard(), *_ALL, current=edited("campaign", email=[_OWN_SEGMENT],
                                                     subjects=["subject"]),
    ),
    "campaign-email-card-proposal": _ask(
        "campaign", _wizard(), *_ALL, only="email", current=edited("campaign", email=[_OWN_SEGMENT])
    ),
    "campaign-email-card-follow-ups": _ask("campaign", _wizard(), *_ALL, only="follow_ups",
                                           current=edited("campaign")),
    "campaign-linkedin": _ask("campaign", _wizard(campaign_type="linkedin"), *_ALL),
    "campaign-linkedin-not-personalised": _ask(
        "campaign", _wizard(campaign_type="linkedin", opening="none", buying_signal=""), *_ALL
    ),
    "campaign-cold-call": _ask(
        "campaign", _wizard(campaign_type="cold_call", call_to_action="meeting",
                            call_to_action_details=""), *_ALL,
    ),
    "campaign-ad": _ask(
        "campaign", _wizard(campaign_type="ad", opening="", buying_signal="",
                            emphasis="desired outcome", call_to_action="link",
                            call_to_action_details="https://acme.example/day"), *_ALL,
    ),
    "suggest-accounts": _ideas("account", "company"),
    "suggest-personas": _ideas("persona", "company", "account", siblings=("Head of dispatch",)),
    "mend": _mend,
}  # fmt: skip
"""Every kept prompt by the name of its file."""


def text_of(prompt: Prompt) -> str:
    """A prompt as it is kept."""
    return f"{prompt.system}\n{USER_PART}\n{prompt.user}\n"


def rendered(name: str) -> Prompt:
    """A prompt with a fixed word in place of its random code."""
    with patch("blossomer.services.blocks.secrets.token_hex", lambda _: CODE):
        return CASES[name]()


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for name in CASES:
        (FOLDER / f"{name}.txt").write_text(text_of(rendered(name)), "utf-8")


if __name__ == "__main__":
    main()
