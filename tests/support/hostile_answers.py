"""Answers of a model that mean harm: valid ones, with our texts wherever a text may be any."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pydantic import ValidationError

from blossomer.entities.base import GeneratedEntity
from blossomer.entities.config import EntityConfig
from blossomer.services.prompts import answer_model
from tests.support.fake_answers import entity_answer
from tests.support.hostile import TEXTS, leaves


@cache
def _options(config: EntityConfig, kind: str) -> str:
    return json.dumps(answer_model(config, kind).model_json_schema())


def hostile_answer(config: EntityConfig, kind: str, shift: int) -> dict[str, Any]:
    """A valid answer in which every text that may be any is one of ours, in turn."""
    answer = entity_answer(config.entity, kind)
    own = {name: answer[name] for name in answer if name not in GeneratedEntity.model_fields}
    options = _options(config, kind)
    for number, (path, text) in enumerate(leaves(own)):
        if f'"{text}"' not in options and path[-1] != "id":
            _set(answer, path, TEXTS[(number + shift) % len(TEXTS)])
    for name in ("assumptions", "discovery_gaps"):
        answer[name] = [TEXTS[shift % len(TEXTS)]]
    try:
        answer_model(config, kind).model_validate(answer)
    except ValidationError as error:
        # Where a writer may only write little, something short.
        for problem in error.errors():
            _set(answer, tuple(map(str, problem["loc"])), TEXTS[0])
    return answer


def _set(node: Any, path: tuple[str, ...], value: str) -> None:
    for part in path[:-1]:
        node = node[int(part)] if isinstance(node, list) else node[part]
    last = path[-1]
    if isinstance(node, list):
        node[int(last)] = value
    else:
        node[last] = value
