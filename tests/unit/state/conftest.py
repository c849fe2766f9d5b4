"""A server without a database, as the pages of visitors need it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blossomer.entities import ENTITIES
from blossomer.entities.document import Document
from blossomer.services.runtime import Runtime, build_runtime, get_runtime, set_runtime
from blossomer.settings import Settings
from tests.support.documents import entity_document
from tests.unit.state.visitor import Visitor


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """The parts of a server that knows no model, no website and nobody."""
    set_runtime(build_runtime(Settings(_env_file=None)))  # type: ignore[call-arg]
    yield get_runtime()
    set_runtime(None)


@pytest.fixture
def family() -> dict[str, Document]:
    """One document of each entity, each below those before it, made one after the other."""
    made: dict[str, Document] = {}
    for number, config in enumerate(ENTITIES.values()):
        parents = {parent.entity: made[parent.entity]["id"] for parent in config.parents}
        document = entity_document(config, f"The {config.label.lower()}", parents)
        moment = f"2026-11-25T10:0{number}:00.000000+00:00"
        made[config.entity] = document | {"created_at": moment, "updated_at": moment}
    return made


@pytest.fixture
async def visitor(runtime: Runtime, family: dict[str, Document]) -> Visitor:
    """A tab whose browser has the family."""
    del runtime
    return await Visitor.on(*family.values())
