"""Events of a model, merged on their way in: fewer of them, and every character of the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from blossomer.services.llm.merged_events import MergedStream, Merger, merge_events


def openai(text: str, **choice: Any) -> bytes:
    choices = [{"index": 0, "delta": {"content": text}, "finish_reason": None, **choice}]
    return b"data: " + json.dumps({"id": "1", "choices": choices, "usage": None}).encode() + b"\n\n"


def anthropic(text: str, index: int = 0) -> bytes:
    delta = {"type": "text_delta", "text": text}
    data = {"type": "content_block_delta", "index": index, "delta": delta}
    return b"event: content_block_delta\ndata: " + json.dumps(data).encode() + b"\n\n"


def texts(data: bytes) -> list[str]:
    """The pieces of text in a stream of OpenAI's."""
    events = [json.loads(event[5:]) for event in data.split(b"\n\n") if event]
    return [event["choices"][0]["delta"]["content"] for event in events]


ROLE = openai("", delta={"role": "assistant", "content": ""})
STOP = openai("", delta={}, finish_reason="stop")
USAGE = b'data: {"id": "1", "choices": [], "usage": {"prompt_tokens": 3}}\n\n'
DONE = b"data: [DONE]\n\n"


def test_pieces_of_text_that_arrive_together_become_one() -> None:
    merged = Merger().feed(
        ROLE + openai("A ") + openai("red ") + openai("bo") + STOP + USAGE + DONE
    )
    assert merged == ROLE + openai("A red bo") + STOP + USAGE + DONE


def test_anthropics_too_but_only_of_the_same_block() -> None:
    merged = Merger().feed(anthropic("a") + anthropic("b") + anthropic("c", index=1))
    assert merged == anthropic("ab") + anthropic("c", index=1)


@pytest.mark.parametrize(
    "event",
    [
        openai("x", finish_reason="length"),
        openai("x", delta={"content": "x", "reasoning_content": "Hm."}),
        openai("x", delta={"content": "x", "tool_calls": [{"index": 0}]}),
        openai("x", delta={"content": None}),
        openai("x", logprobs={"content": []}),
        openai("x", index=1),
        b'data: {"choices": [{"delta": {"content": "x"}, "index": 0}], "usage": {"a": 1}}\n\n',
        b'data: {"error": {"message": "overloaded"}}\n\n',
        b'data: {"choices": [{"index"\n\n',
        b"data: \xff\xfe\n\n",
        b"data: 1\n\n",
        b'data: {"choices": [{"delta": {"content": "x"}}]}\ndata: {}\n\n',
        b"id: 7\n" + openai("x"),
        b": keep-alive\n\n",
        b"event: ping\ndata: {}\n\n",
        b"\n\n",
    ],
)
def test_everything_else_passes_as_it_is_and_in_its_place(event: bytes) -> None:
    merged = Merger().feed(openai("a") + openai("b") + event + openai("c") + openai("d"))
    assert merged == openai("ab") + event + openai("cd")


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_all_line_ends_of_the_standard_are_known(line_end: bytes) -> None:
    events = (openai("a") + openai("b") + DONE).replace(b"\n", line_end)
    merged = Merger().feed(events)
    assert texts(merged.partition(b"data: [DONE]")[0]) == ["ab"]


def test_it_does_not_matter_where_the_network_cut_the_bytes() -> None:
    answer = 'Grüße aus Gdańsk 🚚 \\ " \n \u2028'
    events = ROLE + b"".join(openai(letter) for letter in answer) + STOP + DONE
    for size in (1, 7, 50, 333):
        merger = Merger()
        merged = b"".join(merger.feed(events[at : at + size]) for at in range(0, len(events), size))
        assert merger.rest == b""
        assert merged.endswith(STOP + DONE)
        assert "".join(texts(merged[: -len(STOP + DONE)])) == answer


def test_a_character_cut_into_surrogates_is_whole_again() -> None:
    halves = [rb'data: {"choices": [{"delta": {"content": "\ud83d"}}]}' + b"\n\n"]
    halves += [rb'data: {"choices": [{"delta": {"content": "\ude9a"}}]}' + b"\n\n"]
    assert texts(Merger().feed(b"".join(halves))) == ["🚚"]


class Source(httpx.AsyncByteStream):
    """Bytes that a test hands out when it likes. An exception is raised; None is the end."""

    def __init__(self, *items: bytes | Exception | None) -> None:
        self.items: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.story: list[str] = []
        self.add(*items)

    def add(self, *items: bytes | Exception | None) -> None:
        for item in items:
            self.items.put_nowait(item)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.story.append("read")
        try:
            while (item := await self.items.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.story.append("no longer read")

    async def aclose(self) -> None:
        self.story.append("closed")


async def test_a_stream_hands_on_what_has_come_and_then_waits_for_more() -> None:
    source = Source(ROLE, openai("a"), openai("b"))
    pieces = aiter(MergedStream(source))
    assert await anext(pieces) == ROLE + openai("ab")
    source.add(openai("c"), openai("d"), STOP + DONE, None)
    assert await anext(pieces) == openai("cd") + STOP + DONE
    assert [piece async for piece in pieces] == []


async def test_an_error_comes_after_what_came_before_it() -> None:
    source = Source(openai("a"), openai("b"), httpx.ReadError("gone"))
    pieces = aiter(MergedStream(source))
    assert await anext(pieces) == openai("ab")
    with pytest.raises(httpx.ReadError):
        await anext(pieces)


async def test_the_beginning_of_an_event_is_not_lost_when_the_stream_is_cut() -> None:
    cut = openai("b")[:-10]
    assert [p async for p in MergedStream(Source(openai("a"), cut, None))] == [openai("a") + cut]


async def test_giving_up_while_waiting_for_more_ends_the_reading() -> None:
    source = Source(openai("a"))
    stream = MergedStream(source)
    await anext(aiter(stream))
    assert source.story == ["read"]
    await stream.aclose()
    assert source.story == ["read", "no longer read", "closed"]


@pytest.mark.parametrize(
    ("headers", "merges"),
    [
        ({"content-type": "text/event-stream; charset=utf-8"}, True),
        ({"content-type": "application/json"}, False),
        ({"content-type": "text/event-stream", "content-encoding": "gzip"}, False),
        ({}, False),
    ],
)
async def test_only_readable_event_streams_are_touched(
    headers: dict[str, str], merges: bool
) -> None:
    response = httpx.Response(200, headers=headers, stream=Source(None))
    await merge_events(response)
    assert isinstance(response.stream, MergedStream) is merges
