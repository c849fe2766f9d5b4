"""The paths of all entities in one router."""

from __future__ import annotations

from functools import lru_cache

from fastapi import APIRouter

from blossomer.api.documents.changing import add_changing
from blossomer.api.documents.parts import paths_of
from blossomer.api.documents.reading import add_reading
from blossomer.api.documents.writing import add_writing
from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig


def documents_router() -> APIRouter:
    """The paths of the documents of every entity in the registry."""
    return _router(tuple(ENTITIES.values()))


@lru_cache(maxsize=2)  # some hundred models, the same for every application of the tests
def _router(configs: tuple[EntityConfig, ...]) -> APIRouter:
    router = APIRouter()
    for config in configs:
        of_entity = APIRouter(tags=[config.label_plural])
        paths = paths_of(of_entity, config)
        add_reading(paths)
        add_changing(paths)
        add_writing(paths)
        router.routes.extend(of_entity.routes)
    return router
