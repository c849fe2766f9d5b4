"""The JSON schema a model is given for an answer: order of fields, and what providers accept.

Used for ``response_format`` and in the prompt, so that both say the same. Validation of the answer
is done with the Pydantic schema itself, not with this one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

from blossomer.entities.base import Confidence, GeneratedEntity

_LAST = ("confidence", "assumptions", "discovery_gaps", "evidence")
"""What every entity has, after its own fields: the cards are to be read while the rest is still
being written. Evidence is the longest and comes last."""

_SET_BY_CODE = frozenset({"verified"})
"""Fields that code alone decides; a model is not asked for them."""

_NOT_ACCEPTED = frozenset(
    {
        "title",
        "default",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minimum",
        "maximum",
    }
)
"""Keywords that at least one provider refuses or ignores. Counts are asked for in the prompt, and
Pydantic checks the limits."""


@lru_cache(maxsize=64)
def answer_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """Build the JSON schema of an answer, own fields first and evidence last.

    References are resolved and every object names its properties, requires all of them and allows
    no others: that is what the providers' structured outputs demand. A map of field to confidence
    cannot be said that way, so it becomes an object with one property for each list of the answer.

    Args:
        schema: The Pydantic class the answer must validate as.

    Returns:
        A JSON schema. It is cached: do not change it.
    """
    raw = schema.model_json_schema()
    properties: dict[str, Any] = dict(raw.get("properties", {}))
    order = [name for name in properties if name not in _LAST]
    order += [name for name in _LAST if name in properties]
    definitions = raw.get("$defs", {})
    ordered = {name: _clean(properties[name], definitions) for name in order}
    if "confidence" in ordered:
        rated = [
            name
            for name in order
            if name not in _LAST and ordered[name].get("type") in ("array", "object")
        ]
        level = {"type": "string", "enum": list(get_args(Confidence))}
        ordered["confidence"] = _closed({name: dict(level) for name in rated})
    return _closed(ordered)


def own_fields(schema: type[BaseModel]) -> tuple[str, ...]:
    """The fields of an answer that say something about the entity, in order."""
    shared = frozenset(GeneratedEntity.model_fields)
    return tuple(name for name in answer_schema(schema)["properties"] if name not in shared)


def _clean(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        resolved = dict(definitions[name])
        resolved.update({key: value for key, value in node.items() if key != "$ref"})
        return _clean(resolved, definitions)
    result: dict[str, Any] = {}
    for key, value in node.items():
        if key in _NOT_ACCEPTED:
            continue
        if key == "properties":
            result[key] = {
                name: _clean(child, definitions)
                for name, child in value.items()
                if name not in _SET_BY_CODE
            }
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            result[key] = _clean(value, definitions)
        elif key in ("anyOf", "oneOf", "allOf"):
            result[key] = [_clean(child, definitions) for child in value]
        else:
            result[key] = value
    if "properties" in result:
        # The class's docstring, written for those who read the code.
        result.pop("description", None)
        result.update(_closed(result["properties"]))
    return result


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
