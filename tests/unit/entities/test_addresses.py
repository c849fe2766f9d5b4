"""Addresses of pages: each one leads back to the document that it was made for."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from blossomer.entities import ACCOUNT, CAMPAIGN, COMPANY, ENTITIES, PERSONA
from blossomer.entities.addresses import (
    APP_ROOT,
    NEW,
    PLAYGROUND_ROOT,
    document_address,
    entity_address,
    new_address,
    wanted_in,
)
from blossomer.entities.config import EntityConfig

ROOTS = pytest.mark.parametrize("root", [APP_ROOT, PLAYGROUND_ROOT])
EACH_ENTITY = pytest.mark.parametrize("config", ENTITIES.values(), ids=ENTITIES)


def wanted(config: EntityConfig, address: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(address)
    return wanted_in(config, parts.path, dict(parse_qsl(parts.query)))


@ROOTS
@EACH_ENTITY
def test_an_address_leads_back_to_its_document(config: EntityConfig, root: str) -> None:
    parents = {parent.entity: f"{parent.entity}-1" for parent in config.parents}
    document_id, above = wanted(config, document_address(root, config, "d-1", parents))
    assert document_id == "d-1"
    assert above.items() <= parents.items()


@ROOTS
@EACH_ENTITY
def test_without_parents_the_address_is_flat_and_leads_there_too(
    config: EntityConfig, root: str
) -> None:
    assert wanted(config, document_address(root, config, "d-1", {})) == ("d-1", {})


def test_addresses_as_people_see_them() -> None:
    made = document_address
    assert made(APP_ROOT, COMPANY, "c", {}) == "/app/company/c"
    assert made(PLAYGROUND_ROOT, COMPANY, "c", {}) == "/playground/company?id=c"
    assert made(APP_ROOT, ACCOUNT, "a", {"company": "c"}) == "/app/accounts/a"
    assert made(APP_ROOT, PERSONA, "p", {"account": "a"}) == "/app/accounts/a/personas/p"
    assert made(APP_ROOT, CAMPAIGN, "x", {"account": "a", "persona": "p"}) == "/app/campaigns/x"
    assert entity_address(PLAYGROUND_ROOT, PERSONA) == "/playground/personas"


def test_a_new_document_is_asked_for_with_what_it_is_to_be_below() -> None:
    assert new_address(APP_ROOT, COMPANY, {}) == "/app/company"
    address = new_address(APP_ROOT, CAMPAIGN, {"account": "a", "persona": ""})
    assert address == "/app/campaigns/new?account=a"
    assert wanted(CAMPAIGN, address) == (NEW, {"account": "a"})
    assert wanted(CAMPAIGN, "/app/campaigns/new?nobody=x") == (NEW, {})


@EACH_ENTITY
def test_the_address_of_a_list_names_no_document(config: EntityConfig) -> None:
    assert wanted(config, entity_address(APP_ROOT, config)) == ("", {})
    assert wanted(config, "") == ("", {})


def test_a_document_below_another_must_be_below_it() -> None:
    assert wanted(PERSONA, "/app/accounts/a/personas/p") == ("p", {"account": "a"})
    # Only where the way names the nearest parent's pages.
    assert wanted(PERSONA, "/app/company/a/personas/p") == ("p", {})
