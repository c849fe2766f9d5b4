"""What a person chose in a campaign's form, made sense of: the text of each choice, not its key."""

# ruff: noqa: E501 -- the patterns read better unbroken

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blossomer.entities.evidence import squash
from blossomer.entities.forms import GenerationForm
from blossomer.services.basic_analysis.background import records
from blossomer.services.basic_analysis.text import capitalised, clean, is_meaningful, sentences

_QUOTE = r"[“\"„'‘]([^“”\"'’]{1,60})[”\"“'’]"
_INSTEAD = re.compile(
    rf"(?:say|write|use|call it)\s+{_QUOTE},?\s*(?:and\s+)?(?:never|not|instead of|rather than)\s+{_QUOTE}",
    re.IGNORECASE,
)
_NEVER = re.compile(
    rf"(?:never|avoid|don[’']t|do not|without|no)\s+(?:say|use|write|mention)?\s*(?:the words?\s+)?{_QUOTE}",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?i:\bsign(?:ed)?(?:\s+(?:it|as|with|by))*|\bmy name is|\bsignature:?)\s+(?P<name>[A-Z][\w’'.-]*(?:,? [A-Z][\w’'.-]*){0,4})"
)
_FORMAL = re.compile(r"\b(?:formal|formally|polite|dear)\b", re.IGNORECASE)
_SHORT = re.compile(r"\b(?:short|shorter|brief|briefly|concise)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chain:
    """A use case: the work, what hurts there, what the product does, what comes of it."""

    use_case: str
    pain: str = ""
    capability: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Instructions:
    """A person's own instructions, as far as rules can follow them.

    Args:
        text: As written; empty for none.
        instead: Words and what to say in their place.
        never: Words that must not stand in the text.
        signature: Who signs; empty when not said.
        is_formal: Whether the greeting is formal.
        is_short: Whether the text should be as short as it may be.
    """

    text: str = ""
    instead: dict[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    signature: str = ""
    is_formal: bool = False
    is_short: bool = False

    @property
    def is_followed(self) -> bool:
        """Whether a rule could follow any of it."""
        return bool(self.instead or self.never or self.signature or self.is_formal or self.is_short)

    def obey(self, text: str) -> str:
        """The text with the words that the person wants."""
        for word, better in self.instead.items():
            text = re.sub(rf"\b{re.escape(word)}\b", better, text, flags=re.IGNORECASE)
        return text

    def forbid(self, text: str) -> bool:
        """Whether a text has words that the person does not want."""
        return any(re.search(rf"\b{re.escape(w)}\b", text, re.IGNORECASE) for w in self.never)


@dataclass(frozen=True, slots=True)
class Choices:
    """All choices, with the text behind each.

    Args:
        kind: The campaign's type.
        chain: The use case.
        others: The persona's other use cases.
        emphasis: ``capability``, ``pain point`` or ``desired outcome``.
        opening: ``buying signal``, ``company research`` or ``none``.
        signal: Title of the chosen buying signal.
        call_to_action: Key of the call to action.
        details: What belongs to it: an address, what is free, a sentence.
        proof: What may be claimed, in the person's words; empty for none.
        instructions: The person's own instructions.
    """

    kind: str
    chain: Chain
    others: tuple[Chain, ...]
    emphasis: str
    opening: str
    signal: str
    call_to_action: str
    details: str
    proof: str
    instructions: Instructions


def read_choices(
    form: GenerationForm, inputs: Mapping[str, str], persona: Mapping[str, Any]
) -> Choices:
    """Make sense of a form's values; what is missing or unknown becomes the first option.

    Args:
        form: The campaign's form.
        inputs: Its values.
        persona: The persona above.
    """
    chains = [_chain(record) for record in records(persona, "use_cases")]
    chains = [chain for chain in chains if chain.use_case]
    chosen = _chosen_chain(inputs.get("use_case", ""), chains)
    chain = chosen or (chains[0] if chains else Chain("this work"))
    opening = _option(form, inputs, "opening")
    signal = _chosen_signal(inputs.get("buying_signal", ""), records(persona, "buying_signals"))
    if opening == "buying signal" and not signal:
        opening = "none"
    details = clean(inputs.get("call_to_action_details", ""))[:300]
    call_to_action = _option(form, inputs, "call_to_action")
    if call_to_action == "own words" and not is_meaningful(details):
        call_to_action = "interest"
    proof = clean(inputs.get("social_proof", ""))[:600]
    return Choices(
        kind=_option(form, inputs, "campaign_type"),
        chain=chain,
        others=tuple(other for other in chains if other.use_case != chain.use_case),
        emphasis=_option(form, inputs, "emphasis"),
        opening=opening,
        signal=signal,
        call_to_action=call_to_action,
        details=details,
        proof=proof if is_meaningful(proof) else "",
        instructions=read_instructions(inputs.get("instructions", "")[:4_000]),
    )


def read_instructions(text: str) -> Instructions:
    """What rules can follow of a person's instructions. Shrugs are ignored."""
    text = clean(text)
    if not is_meaningful(text):
        return Instructions()
    instead = {bad.strip(): good.strip() for good, bad in _INSTEAD.findall(text)[:10]}
    never = [word.strip() for word in _NEVER.findall(text)[:10]]
    signed = _SIGNED.search(text)
    return Instructions(
        text=text,
        instead=instead,
        never=tuple(word for word in never if word not in instead),
        signature=signed["name"].strip(" .,") if signed else "",
        is_formal=bool(_FORMAL.search(text)) and "informal" not in text.lower(),
        is_short=bool(_SHORT.search(text)),
    )


def _option(form: GenerationForm, inputs: Mapping[str, str], name: str) -> str:
    values = [option.value for option in form.field(name).options]
    given = clean(inputs.get(name, "")).lower()
    return given if given in values else values[0]


def _chain(record: Mapping[str, Any]) -> Chain:
    return Chain(
        clean(str(record.get("use_case") or "")).rstrip("."),
        clean(str(record.get("pain_point") or "")),
        clean(str(record.get("capability") or "")),
        clean(str(record.get("desired_outcome") or "")),
    )


def _as_record(text: str) -> Mapping[str, Any]:
    """An item of a card is kept as text; a record may be kept as JSON."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _chosen_chain(given: str, chains: list[Chain]) -> Chain | None:
    record = _as_record(given)
    if record.get("use_case"):
        return _chain(record)
    words = squash(given[:4_000])
    if not words:
        return None
    for chain in chains:
        if words.startswith(squash(chain.use_case)):
            return chain
    if not is_meaningful(given) and len(given) < 4:
        return None
    # The person's own words: the first sentence is the work, the rest what hurts there.
    first, *rest = sentences(given)
    return Chain(capitalised(first.rstrip("."))[:120], " ".join(rest)[:300])


def _chosen_signal(given: str, signals: list[Mapping[str, Any]]) -> str:
    record = _as_record(given)
    titles = [clean(str(signal.get("title") or "")) for signal in signals]
    if record.get("title"):
        return clean(str(record["title"]))
    words = squash(given[:4_000])
    if words:
        for title in titles:
            if title and words.startswith(squash(title)):
                return title
        if is_meaningful(given):
            return next(sentences(given), "").rstrip(".")[:120]
    return next((title for title in titles if title), "")
