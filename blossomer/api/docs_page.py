"""The documentation at ``/docs``: one page of HTML made from the OpenAPI document.

FastAPI's own pages load their scripts from another company's servers. This one needs no script.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
MOST_DEPTH = 4
"""Objects within objects of a body whose fields are listed."""

_METHODS = ("get", "post", "put", "patch", "delete")


def render_docs(document: dict[str, Any]) -> str:
    """The page for an OpenAPI 3.1 document, as ``FastAPI.openapi()`` gives it."""
    schemas = document.get("components", {}).get("schemas", {})
    operations = [
        _operation(method, path, operation, schemas)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]
    tags: dict[str, list[dict[str, Any]]] = {}
    for operation in operations:
        tags.setdefault(operation["tag"], []).append(operation)
    return _TEMPLATES.get_template("docs.html").render(
        title=document["info"]["title"],
        version=document["info"]["version"],
        description=_paragraphs(document["info"].get("description", "")),
        tags=tags,
    )


def _operation(
    method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body_schema = _resolve(body.get("schema", {}), schemas)
    examples = [
        # In the order of the fields; the document sorts an example by the alphabet.
        {name: example[name] for name in body_schema.get("properties", example) if name in example}
        for example in body_schema.get("examples") or []
    ]
    security = operation.get("security", [])
    needs_token = {"bearer": []} in security and {} not in security
    return {
        "needs_token": needs_token,
        "anchor": f"{method}-{re.sub('[^a-z0-9]+', '-', path.lower()).strip('-')}",
        "method": method.upper(),
        "path": path,
        "tag": (operation.get("tags") or ["Other"])[0],
        "summary": operation.get("summary", ""),
        "description": _paragraphs(operation.get("description", "")),
        "parameters": [
            _parameter(parameter, schemas) for parameter in operation.get("parameters", ())
        ],
        "inputs": _fields(body_schema, schemas, depth=MOST_DEPTH),
        "request": _curl(method, path, examples[0], needs_token=needs_token) if examples else "",
        "responses": [
            _response(status, response, schemas)
            for status, response in sorted(operation.get("responses", {}).items())
        ],
    }


def _response(status: str, response: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    content = response.get("content", {})
    body = content.get("application/json", {})
    schema = _resolve(body.get("schema", {}), schemas)
    is_good = status.startswith(("2", "3"))
    # The shape of an error is told once, at the top of the page.
    example = body.get("example") if is_good else None
    return {
        "status": status,
        "good": is_good,
        "description": _code_spans(response.get("description", "")),
        "headers": {
            name: header.get("description", "")
            for name, header in response.get("headers", {}).items()
        },
        "fields": _fields(schema, schemas) if is_good else [],
        "example": _pretty(example) if example else "",
        "stream": content.get("text/event-stream", {}).get("example", ""),
    }


def _parameter(parameter: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = parameter.get("schema", {})
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    place = {"path": "in the path", "query": "in the query", "header": "header"}[parameter["in"]]
    return {
        "name": parameter["name"],
        "type": f"{_type_name(options[0], schemas)}; {place}",
        "required": parameter.get("required", False),
        "description": _code_spans(parameter.get("description", "")),
    }


def _fields(
    schema: dict[str, Any], schemas: dict[str, Any], *, depth: int = 1, prefix: str = ""
) -> list[dict[str, Any]]:
    """The fields of an object, and of the objects in it, as deep as they are wanted."""
    required = set(schema.get("required", ()))
    rows: list[dict[str, Any]] = []
    for name, field in schema.get("properties", {}).items():
        inner = _resolve(field, schemas)
        if depth > 1 and inner.get("properties"):
            rows += _fields(inner, schemas, depth=depth - 1, prefix=f"{prefix}{name}.")
            continue
        rows.append(
            {
                "name": f"{prefix}{name}",
                "type": _type_name(field, schemas),
                "required": name in required,
                "description": _code_spans(field.get("description", "")),
            }
        )
    return rows


def _type_name(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _type_name(_resolve(schema, schemas), schemas)
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " or ".join(str(value) for value in schema["enum"] if value != "")
    if "anyOf" in schema:
        return " or ".join(_type_name(option, schemas) for option in schema["anyOf"])
    kind = schema.get("type", "any")
    if kind == "array":
        low, high = schema.get("minItems"), schema.get("maxItems")
        size = f" ({low or 0} to {high})" if high else ""
        return f"list of {_type_name(schema.get('items', {}), schemas)}{size}"
    if kind == "string" and "maxLength" in schema:
        return f"string, at most {schema['maxLength']:,} characters"
    return str(kind)


def _resolve(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    if not reference:
        return schema
    resolved: dict[str, Any] = schemas.get(reference.rpartition("/")[2], {})
    return resolved


def _paragraphs(text: str) -> list[list[tuple[str, bool]]]:
    return [_code_spans(part) for part in text.split("\n\n") if part.strip()]


def _code_spans(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, and for each whether it stood in backticks."""
    return [(piece, i % 2 == 1) for i, piece in enumerate(text.split("`")) if piece]


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _curl(method: str, path: str, body: dict[str, Any], *, needs_token: bool) -> str:
    lines = [f"curl -X {method.upper()} $BLOSSOMER{path}"]
    if needs_token:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    lines.append("-H 'Content-Type: application/json'")
    lines.append(f"-d '{json.dumps(body, ensure_ascii=False)}'")
    return " \\\n  ".join(lines)
