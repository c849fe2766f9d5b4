"""Mending one fault in a passage: the model writes the passage again and changes nothing else.

What a prompt can only ask for is checked in code, by the schema of the answer, so that a model that
breaks it is told and asked once more like after any invalid answer. Counting is the caller's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, StringConstraints, create_model

from blossomer.entities.base import Provenance
from blossomer.errors import UserError
from blossomer.services.blocks import Block, context_blocks, document_text
from blossomer.services.generation import Router
from blossomer.services.jobs import known_context, known_entity
from blossomer.services.llm.model import ModelRequest, ModelResult
from blossomer.services.prompts import render_mending

MOST_PASSAGE = 4_000
"""Most characters of a passage and of its replacement; a segment of an e-mail has as many."""

MOST_FINDING = 1_000

_TOKEN = re.compile(r"\{\{\s*[^{}]*\}\}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
KNOWN_TOKENS = ("{{first_name}}", "{{company_name}}")


@dataclass(frozen=True, slots=True)
class MendRequest:
    """What to mend.

    Args:
        text: The passage, for example the text of one segment of an e-mail.
        finding: What is wrong with it, in words for a person.
        entity: Key of the entity whose document it stands in.
        data: That document's data.
        context: Data of all documents above it, by entity.
    """

    text: str
    finding: str
    entity: str
    data: dict[str, Any] = field(default_factory=dict)
    context: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mended:
    """What to put in the place of the passage, and who wrote it (as ``Completed.made_by``)."""

    text: str
    made_by: dict[str, Any]


class Mender:
    """Mends passages.

    Args:
        router: Asks models.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    def check(self, request: MendRequest) -> None:
        """Refuse what cannot be mended, before anything is counted or asked.

        Raises:
            UserError: ``model_needed`` without a model; ``invalid_input``; ``not_found``.
        """
        known_entity(request.entity)
        if not request.text.strip() or not request.finding.strip():
            raise UserError(
                "invalid_input",
                "There is nothing to mend.",
                "Choose a finding of a text that is not empty.",
                status=422,
            )
        if len(request.text) > MOST_PASSAGE or len(request.finding) > MOST_FINDING:
            raise UserError(
                "invalid_input",
                f"The passage is too long: {len(request.text):,} characters.",
                f"Shorten it to {MOST_PASSAGE:,} characters.",
                status=422,
            )
        if not self._router.models:
            raise UserError(
                "model_needed",
                "Mending a passage needs a language model, and none is configured.",
                "Change the passage yourself, or set OPENAI_API_KEY, ANTHROPIC_API_KEY or "
                "GEMINI_API_KEY, or name a local model in LLM_MODELS, and restart.",
                status=503,
            )

    async def mend(self, request: MendRequest) -> Mended:
        """Ask for the passage with that fault mended.

        Raises:
            UserError: As ``check``, or ``models_unavailable`` or ``model_deadline``.
        """
        self.check(request)
        started = time.monotonic()
        config = known_entity(request.entity)
        blocks = context_blocks(request.entity, known_context(config, request.context))
        if around := document_text(config, request.data):
            blocks.append(Block("document", f"The {config.label.lower()} it stands in:", around))
        blocks += passage_blocks(request.text, request.finding)
        sources = "\n".join(block.text for block in blocks)
        # Only known ones: this part of the prompt is not fenced off as data.
        tokens = [token for token in KNOWN_TOKENS if token in request.text]
        schema = answer_to(request.text, sources)
        prompt = render_mending(schema, blocks=blocks, tokens=tokens)
        question: ModelRequest[BaseModel] = ModelRequest(
            system=prompt.system,
            user=prompt.user,
            schema=schema,
            purpose=f"{request.entity}.mend",
        )
        async with aclosing(self._router.stream(question)) as answer:
            async for event in answer:
                if isinstance(event, ModelResult):
                    made_by = Provenance(
                        writer="model",
                        provider=event.provider,
                        model=event.model,
                        generated_at=datetime.now(UTC),
                        input_tokens=event.input_tokens,
                        output_tokens=event.output_tokens,
                        cost_usd=event.cost_usd,
                        duration_seconds=round(time.monotonic() - started, 3),
                        prompt_version=prompt.version,
                    )
                    text: str = event.value.text
                    return Mended(text, made_by.model_dump(mode="json"))
        raise AssertionError("a stream ends with a result or raises")


def passage_blocks(text: str, finding: str) -> list[Block]:
    """The passage and what is wrong with it, as material of a prompt."""
    return [
        Block("passage", "The passage:", text),
        Block("fault", "What is wrong with it:", finding),
    ]


def answer_to(passage: str, sources: str) -> type[BaseModel]:
    """The schema of an answer, which refuses what must not come of mending.

    Args:
        passage: The text to be mended.
        sources: All that the model is told; numbers of the answer must stand there.
    """

    def check(text: str) -> str:
        tokens = set(_TOKEN.findall(text))
        if unknown := tokens - set(KNOWN_TOKENS):
            raise ValueError(f"there is no token {sorted(unknown)[0]}")
        for token in KNOWN_TOKENS:
            if token in passage and token not in tokens:
                raise ValueError(f"the token {token} is missing")
        known = set(_NUMBER.findall(sources))
        if invented := [n for n in _NUMBER.findall(text) if n not in known]:
            raise ValueError(f"the number {invented[0]} stands in none of the sources")
        if text == passage.strip():
            raise ValueError("nothing has been mended")
        return text

    bounded = Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_PASSAGE),
        AfterValidator(check),
    ]
    fields: Mapping[str, Any] = {"text": (bounded, ...)}
    return create_model("MendedPassage", **fields)
