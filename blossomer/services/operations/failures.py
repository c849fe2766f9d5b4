"""The words of what can go wrong with an operation, where they are not those of what it uses."""

from __future__ import annotations

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.errors import UserError


def no_such_document(config: EntityConfig) -> UserError:
    """The user has no such document, whether or not somebody else has."""
    return UserError(
        "not_found",
        f"You have no {config.label.lower()} with this id.",
        f"List your {config.label_plural.lower()} to see which there are.",
        status=404,
    )


def not_restorable(config: EntityConfig) -> UserError:
    """There is no deletion to be undone."""
    return UserError(
        "not_restorable",
        f"There is no deleted {config.label.lower()} with this id that could come back.",
        "What was deleted more than 30 days ago is gone, and what was below something that is "
        "deleted comes back with that.",
        status=404,
    )


def version_conflict(config: EntityConfig, version: int) -> UserError:
    """The document is not the one that the caller has read."""
    return UserError(
        "version_conflict",
        f"The {config.label.lower()} has changed since you read it: this is version {version}.",
        "Read it again and decide anew. Without a version your changes are made in any case, and "
        "touch only the fields that they name.",
        status=412,
    )


def nothing_proposed(config: EntityConfig, card: str) -> UserError:
    """No proposal waits for this card."""
    return UserError(
        "nothing_proposed",
        f"Nothing is proposed for “{card[:100]}” of this {config.label.lower()}.",
        "Read the document: what is proposed stands under “proposals”.",
        status=404,
    )


def unknown_card(config: EntityConfig, card: str, kind: str) -> UserError:
    """There is no such card on documents of this kind."""
    known = ", ".join(each.key for each in config.cards_of(kind))
    return UserError(
        "unknown_card",
        f"There is no card {card[:100]!r} on this {config.label.lower()}.",
        f"The cards are: {known}.",
        status=422,
    )


def generation_running(config: EntityConfig) -> UserError:
    """One generation of an entity at a time."""
    return UserError(
        "generation_running",
        f"A {config.label.lower()} is being written for you already.",
        "Wait until it is done, then try again. Nothing was counted.",
        status=409,
        retry_after=5,
    )


def generation_stopped() -> UserError:
    """It ended without a result."""
    return UserError(
        "generation_stopped",
        "This was stopped before it was done: it was cancelled, or the server is being restarted.",
        "Try again. What you had before is unchanged.",
        status=503,
        retry_after=10,
    )


def nothing_to_suggest(config: EntityConfig, possible: list[str]) -> UserError:
    """Nothing can be suggested, or it was not said what."""
    if not possible:
        action = "Write them one by one."
    else:
        action = f"Say which entity is to be suggested: {', '.join(possible)}."
    return UserError(
        "invalid_input",
        f"It is not known what to suggest for a {config.label.lower()}.",
        action,
        status=422,
    )


def parent_needed(config: EntityConfig, entity: str) -> UserError:
    """A new document needs to be below something."""
    label = ENTITIES[entity].label.lower()
    return UserError(
        "invalid_input",
        f"“parents.{entity}” is missing: a {config.label.lower()} belongs to a {label}.",
        f"Send the id of a {label} of yours.",
        status=422,
    )


def no_such_parent(config: EntityConfig, entity: str) -> UserError:
    """A document of this entity is not directly below anything of that name."""
    possible = ", ".join(parent.entity for parent in config.parents) or "nothing"
    return UserError(
        "invalid_input",
        f"“parents.{entity[:40]}” does not exist.",
        f"A {config.label.lower()} is below: {possible}.",
        status=422,
    )
