"""The generation stream: its order, its one end, and what is enforced whatever a model writes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel

from blossomer.entities.base import Coverage, PageRead
from blossomer.entities.company import CONFIG
from blossomer.errors import UserError
from blossomer.services.events import (
    Completed,
    Failed,
    GenerationEvent,
    GenerationRequest,
    Partial,
    StageEvent,
)
from blossomer.services.generation import Generator
from blossomer.services.llm.model import AttemptStarted, ModelRequest, ModelResult, TextSoFar
from blossomer.services.website.model import Page, Section, Website
from tests.support.fake_models import company_answer, model_settings

URL = "https://quayline.example/"
SENTENCES = (
    "Quayline plans berths for container terminals before the ships arrive.",
    "Harbour masters see every delay on one screen and move cranes in time.",
    "Prices start at 900 euros a month for each terminal that is connected.",
)
VISIBLE = "\n".join(SENTENCES)


def website(quality: str = "good", url: str = URL) -> Website:
    page = Page(
        url=URL,
        kind="home",
        title="Quayline: berth planning",
        description=SENTENCES[0],
        prompt_text=VISIBLE,
        visible_text=VISIBLE,
        sections=(Section("Berth planning", 1, SENTENCES),),
    )
    coverage = Coverage(
        reader="built-in",
        pages=[PageRead(url=URL, title=page.title, words=page.words)],
        words=page.words,
        quality=quality,  # type: ignore[arg-type]
    )
    return Website(url=url, pages=(page,), coverage=coverage)


class PlayedReader:
    """A website as it would be read, with progress, or a failure."""

    def __init__(self, result: Website | Exception, progress: tuple[str, ...] = ()) -> None:
        self.result = result
        self.progress = progress
        self.asked: list[str] = []

    async def read(self, url: str, *, on_progress: Callable[[str], None] | None) -> Website:
        self.asked.append(url)
        for line in self.progress:
            assert on_progress is not None
            on_progress(line)
            await asyncio.sleep(0)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class PlayedRouter:
    """A model that writes a given answer piece by piece, or fails."""

    piece = 40

    def __init__(self, answer: dict[str, Any] | None, error: Exception | None = None) -> None:
        self.answer = answer
        self.error = error
        self.requests: list[ModelRequest[Any]] = []
        self.closed = False

    @property
    def models(self) -> tuple[str, ...]:
        return ("openai/gpt-4.1-mini",) if self.answer is not None or self.error else ()

    async def stream(self, request: ModelRequest[Any]) -> AsyncGenerator[Any, None]:
        self.requests.append(request)
        try:
            yield AttemptStarted("openai", "openai/gpt-4.1-mini")
            text = json.dumps(self.answer)
            for end in range(0, len(text), self.piece):
                yield TextSoFar(text[:end])
                await asyncio.sleep(0)
            if self.error:
                raise self.error
            yield ModelResult(
                value=request.schema.model_validate(self.answer),
                provider="openai",
                model="openai/gpt-4.1-mini",
                input_tokens=1200,
                output_tokens=340,
                cost_usd=0.001,
                attempts=1,
            )
        finally:
            self.closed = True


def answer(**changes: Any) -> dict[str, Any]:
    return {
        **company_answer({URL: VISIBLE}, name="Quayline", url="https://wrong.example"),
        **changes,
    }


def generator(reader: PlayedReader | Website, router: PlayedRouter) -> Generator:
    if isinstance(reader, Website):
        reader = PlayedReader(reader)
    return Generator(model_settings(), reader, router)


def company(**inputs: str) -> GenerationRequest:
    return GenerationRequest("company", inputs or {"website_url": "quayline.example"})


async def collect(made: Generator, request: GenerationRequest) -> list[GenerationEvent]:
    return [event async for event in made.generate(request)]


async def completed(made: Generator, request: GenerationRequest) -> dict[str, Any]:
    last = (await collect(made, request))[-1]
    assert isinstance(last, Completed), last
    return last.data


async def failure(made: Generator, request: GenerationRequest) -> UserError:
    events = await collect(made, request)
    assert isinstance(events[-1], Failed), events[-1]
    assert not any(isinstance(event, Completed | Failed) for event in events[:-1])
    return events[-1].error


async def test_the_steps_come_in_order_with_what_is_really_happening() -> None:
    reader = PlayedReader(website(), progress=("Read 1 of 2 pages", "Read 2 of 2 pages"))
    events = await collect(generator(reader, PlayedRouter(answer())), company())

    stages = [event for event in events if isinstance(event, StageEvent)]
    assert list(dict.fromkeys(stage.key for stage in stages)) == [
        "read",
        "assess",
        "write",
        "verify",
    ]
    details = [stage.detail for stage in stages]
    assert details.index("Read 1 of 2 pages") < details.index("Read 2 of 2 pages")
    assert "gpt-4.1-mini is writing" in details
    assert any("1 page" in detail for detail in details)
    assert isinstance(events[-1], Completed)
    assert sum(isinstance(event, Completed | Failed) for event in events) == 1


async def test_partial_answers_grow_and_name_the_field_being_written() -> None:
    events = await collect(generator(website(), PlayedRouter(answer())), company())
    partials = [event for event in events if isinstance(event, Partial)]
    assert partials
    assert all(partial.writing for partial in partials[:-1])
    sizes = [len(json.dumps(partial.data)) for partial in partials]
    assert sizes == sorted(sizes)


async def test_the_result_is_validated_signed_and_every_quote_checked() -> None:
    invented = {
        "field": "capabilities",
        "text": "",
        "quote": "We won every award there is in 2025.",
    }
    written = answer()
    invented["text"] = written["capabilities"][0]
    written["evidence"].append(invented)
    data = await completed(generator(website(), PlayedRouter(written)), company())

    CONFIG.data_model.model_validate(data)
    by_quote = {entry["quote"]: entry["verified"] for entry in data["evidence"]}
    assert by_quote[SENTENCES[0]] is True
    assert by_quote[invented["quote"]] is False
    signed = data["provenance"]
    assert (signed["writer"], signed["provider"], signed["model"]) == (
        "model",
        "openai",
        "openai/gpt-4.1-mini",
    )
    assert (signed["input_tokens"], signed["output_tokens"], signed["cost_usd"]) == (
        1200,
        340,
        0.001,
    )
    assert signed["prompt_version"]
    assert signed["generated_at"]
    assert signed["website"]["quality"] == "good"
    assert signed["note"] == ""


async def test_the_address_is_the_one_that_was_entered_whatever_the_model_says() -> None:
    data = await completed(generator(website(), PlayedRouter(answer())), company())
    assert data["company_url"].startswith("https://quayline.example")


async def test_confidence_without_a_verified_quote_is_not_high() -> None:
    written = answer(evidence=[], confidence={"objections": "high"})
    data = await completed(generator(website(), PlayedRouter(written)), company())
    assert data["confidence"]["objections"] != "high"


async def test_a_card_holds_at_most_what_its_configuration_says() -> None:
    written = answer(objections=[f"Concern {n}: a sentence." for n in range(9)])
    data = await completed(generator(website(), PlayedRouter(written)), company())
    assert len(data["objections"]) == CONFIG.card("objections").max_items


async def test_too_little_text_is_never_an_analysis() -> None:
    router = PlayedRouter(answer())
    error = await failure(generator(website("insufficient"), router), company())
    assert error.code == "too_little_text"
    assert "Paste a description" in error.action
    assert router.requests == []


async def test_a_website_that_cannot_be_read_is_a_failure_with_its_own_words() -> None:
    reader = PlayedReader(UserError("host_not_found", "There is no website there.", "Check it."))
    router = PlayedRouter(answer())
    error = await failure(generator(reader, router), company())
    assert (error.code, error.message) == ("host_not_found", "There is no website there.")
    assert router.requests == []


async def test_a_bug_becomes_words_without_internals() -> None:
    reader = PlayedReader(RuntimeError("postgres://secret@10.0.0.1 exploded"))
    error = await failure(generator(reader, PlayedRouter(answer())), company())
    assert (error.code, error.status) == ("internal_error", 500)
    assert "10.0.0.1" not in error.message + error.action
    assert "lost" in error.action


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({}, "invalid_input"),
        ({"website_url": "   "}, "invalid_input"),
        ({"website_url": "acme.com", "is_admin": "yes"}, "invalid_input"),
        ({"website_url": "x" * 2_001}, "invalid_input"),
        ({"website_url": "acme.com", "user_inputted_context": "x" * 4_001}, "invalid_input"),
        ({"pasted_text": "x" * 50_001}, "invalid_input"),
        ({"website_url": 7}, "invalid_input"),
        ({"website_url": "not an address"}, "invalid_url"),
        ({"website_url": "file:///etc/passwd"}, "invalid_url"),
    ],
)
async def test_inputs_that_the_form_does_not_allow_reach_nobody(
    inputs: dict[str, Any], code: str
) -> None:
    reader, router = PlayedReader(website()), PlayedRouter(answer())
    error = await failure(generator(reader, router), GenerationRequest("company", inputs))
    assert error.code == code
    assert reader.asked == []
    assert router.requests == []


async def test_there_is_no_such_entity_or_card() -> None:
    made = generator(website(), PlayedRouter(answer()))
    assert (await failure(made, GenerationRequest("invoice"))).code == "not_found"
    request = GenerationRequest("company", {"website_url": URL}, only="company_name", current={})
    assert (await failure(made, request)).code == "not_found"


async def test_a_pasted_description_is_used_instead_of_the_website() -> None:
    reader = PlayedReader(UserError("host_not_found", "No.", "No."))
    pasted = " ".join(SENTENCES * 8)
    data = await completed(
        generator(reader, PlayedRouter(answer())),
        company(website_url="quayline.example", pasted_text=pasted),
    )
    assert reader.asked == []
    assert data["provenance"]["website"]["reader"] == "pasted text"
    assert data["company_url"].startswith("https://quayline.example")
    assert any(entry["verified"] for entry in data["evidence"])


async def test_without_a_model_the_site_s_own_words_are_used_and_labelled() -> None:
    data = await completed(generator(website(), PlayedRouter(None)), company())
    signed = data["provenance"]
    assert signed["writer"] == "basic analysis"
    assert signed["note"].startswith("Basic analysis: no model configured")
    assert "OPENAI_API_KEY" in signed["note"]
    assert signed["cost_usd"] is None
    assert all(entry["quote"] in VISIBLE for entry in data["evidence"] if entry["verified"])


@pytest.mark.parametrize("code", ["models_unavailable", "model_deadline"])
async def test_when_every_model_is_down_basic_analysis_is_the_last_resort(code: str) -> None:
    router = PlayedRouter(answer(), UserError(code, "No model.", "Wait.", status=503))
    data = await completed(generator(website(), router), company())
    assert data["provenance"]["writer"] == "basic analysis"
    assert data["provenance"]["note"].startswith("Basic analysis: every model was unavailable")
    assert data["provenance"]["model"] == ""


async def test_closing_the_stream_stops_the_model_at_once() -> None:
    router = PlayedRouter(answer())
    events = generator(website(), router).generate(company())
    async for event in events:
        if isinstance(event, Partial):
            break
    await events.aclose()
    assert router.closed


async def test_cancelling_the_reader_of_the_stream_stops_the_website() -> None:
    stopped = asyncio.Event()
    begun = asyncio.Event()

    class Endless(PlayedReader):
        async def read(self, url: str, *, on_progress: Callable[[str], None] | None) -> Website:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
            raise AssertionError

    made = generator(Endless(website()), PlayedRouter(answer()))
    task = asyncio.create_task(collect(made, company()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stopped.is_set()


async def test_one_card_is_written_again_and_nothing_else_changes() -> None:
    current = await completed(generator(website(), PlayedRouter(answer())), company())
    current["capabilities"][1] = "  My own words, kept:  as I wrote them "
    current["provenance"]["edited"] = {"capabilities": [current["capabilities"][1]]}
    before = deepcopy(current)
    card = {
        "capabilities": ["New: one.", "New: two.", "New: three.", "New: four.", "New: five."],
        "evidence": [{"field": "capabilities", "text": "New: one.", "quote": SENTENCES[2]}],
        "confidence": {"capabilities": "high"},
    }
    router = PlayedRouter(card)
    data = await completed(
        generator(website(), router),
        GenerationRequest("company", {}, only="capabilities", current=current),
    )

    assert data["capabilities"] == [
        "New: one.",
        before["capabilities"][1],
        "New: two.",
        "New: three.",
        "New: four.",
    ]
    changed = {key for key in before if before[key] != data[key]}
    assert changed <= {"capabilities", "evidence", "confidence"}
    ours = [entry for entry in data["evidence"] if entry["field"] == "capabilities"]
    assert [(entry["text"], entry["verified"]) for entry in ours] == [("New: one.", True)]
    assert [e for e in data["evidence"] if e["field"] != "capabilities"] == [
        e for e in before["evidence"] if e["field"] != "capabilities"
    ]
    assert current == before
    schema: type[BaseModel] = router.requests[0].schema
    assert set(schema.model_fields) == {"capabilities", "evidence", "confidence"}
    assert before["capabilities"][1].strip() in router.requests[0].user


async def test_one_card_needs_the_document_it_belongs_to() -> None:
    request = GenerationRequest("company", {"website_url": URL}, only="objections")
    error = await failure(generator(website(), PlayedRouter(answer())), request)
    assert error.code == "invalid_document"
