"""What each tool takes, as Pydantic models: a client reads their JSON schemas, we check by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from blossomer.entities import ENTITIES
from blossomer.entities.config import EntityConfig
from blossomer.entities.listing import MOST_SEARCH, PAGE_ROWS
from blossomer.errors import UserError
from blossomer.services.export.formats import FORMATS
from blossomer.services.operations.listing import LEVELS, MOST_ROWS, SORTS, STATUSES

STRICT = ConfigDict(extra="forbid", strict=True)

_LONGEST_ID = 64
_LONGEST_CURSOR = 2_000

if TYPE_CHECKING:  # which ones there are is known when the registry is
    Entity = str
    Format = str
else:
    Entity = Literal[tuple(ENTITIES)]
    Format = Literal[tuple(FORMATS)]

Id = Field(max_length=_LONGEST_ID, description="Id of the document.")
Card = Field(max_length=100, description="Key of a card, as a read document names them.")


class Nothing(BaseModel):
    """No arguments."""

    model_config = STRICT


class Document(BaseModel):
    """Which document."""

    model_config = STRICT

    entity: Entity = Field(description="What it is.")
    id: str = Id


class ListDocuments(BaseModel):
    """What to list; every condition can be left out."""

    model_config = STRICT

    entity: Entity = Field(description="What to list.")
    search: str = Field(
        default="", max_length=MOST_SEARCH, description="Words that must all occur in its text."
    )
    below: dict[Entity, str] = Field(
        default_factory=dict, description="Ids of documents above, by what these are."
    )
    kind: str = Field(default="", max_length=40, description="For example the type of a campaign.")
    status: Literal[("", *STATUSES)] = ""  # type: ignore[valid-type]
    confidence: Literal[("", *LEVELS)] = ""  # type: ignore[valid-type]
    sort: Literal[SORTS] = "created"  # type: ignore[valid-type]
    descending: bool = True
    limit: int = Field(default=PAGE_ROWS, ge=1, le=MOST_ROWS)
    cursor: str = Field(
        default="", max_length=_LONGEST_CURSOR, description="`next_cursor` of the page before."
    )


class CreateDocument(BaseModel):
    """A document in the caller's own words."""

    model_config = STRICT

    entity: Entity = Field(description="What it is.")
    name: str = Field(max_length=200)
    data: dict[str, Any] = Field(
        default_factory=dict, description="`description` and cards, as in the data of a document."
    )
    parents: dict[Entity, str] = Field(
        default_factory=dict, description="Ids of what it is directly below, by what these are."
    )
    inputs: dict[str, str] = Field(
        default_factory=dict, description="What to write from, should it be written again."
    )


class UpdateDocument(Document):
    """The parts to change; what is left out stays as it is."""

    name: str | None = Field(default=None, max_length=200)
    data: dict[str, Any] | None = Field(
        default=None,
        description="Shaped like the document's data, with only what is to change. A list replaces "
        "the list.",
    )
    status: Literal["saved"] | None = Field(default=None, description="Keeps a draft for good.")
    version: int | None = Field(
        default=None, description="Refuse, if the document is not this version any more."
    )


class RewriteDocument(Document):
    """What to write again."""

    card: str = Field(
        default="", max_length=100, description="Key of the one card; empty for the document."
    )
    inputs: dict[str, str] = Field(
        default_factory=dict, description="Choices that are to be others than before."
    )


class DecideProposal(Document):
    """What is to become of a new version of a card that waits under `proposals`."""

    card: str = Card
    accept: bool = Field(description="Put it in place of the card, or forget it.")


class Versions(Document):
    """Which part of a document's history."""

    before: int | None = Field(default=None, description="`next_before` of the answer before.")
    limit: int = Field(default=25, ge=1, le=100)


class History(Document):
    """What a field has held."""

    field: str = Field(
        max_length=200,
        description="Key of a card, `name` or `description`; of a card that is one record, one of "
        "its attributes, as `firmographics.employees`.",
    )


class Export(Document):
    """Which file."""

    format: Format = Field(default="markdown", description="What kind of file.")
    with_below: bool = Field(default=True, description="With everything below it.")


def generation_arguments(config: EntityConfig) -> type[BaseModel]:
    """What ``generate_<entity>`` takes: the entity's form, and the ids of what it is for."""
    fields: dict[str, Any] = {}
    for parent in config.parents:
        is_known = any(other.within == parent.entity for other in config.parents)
        label = ENTITIES[parent.entity].label.lower()
        description = f"Id of the {label} it is for." + (" May be left out." if is_known else "")
        default = "" if is_known else ...
        fields[parent_argument(parent.entity)] = (
            str,
            Field(default, max_length=_LONGEST_ID, description=description),
        )
    for field in config.form.fields:
        if field.kind == "inherited":
            continue
        options = [option.value for option in field.options]
        words = [field.label, field.help or field.placeholder]
        if options:
            words.append(f"One of: {', '.join(options)}.")
        fields[field.name] = (
            str,
            Field(
                "",
                max_length=field.max_length,
                description=" ".join(word for word in words if word),
            ),
        )
    return create_model(f"Generate_{config.entity}", __config__=STRICT, **fields)


def suggestion_arguments(parent: EntityConfig, child: EntityConfig) -> type[BaseModel]:
    """What ``suggest_<children>`` takes."""
    assert child.suggestions is not None
    fields: dict[str, Any] = {
        parent_argument(parent.entity): (
            str,
            Field(max_length=_LONGEST_ID, description=f"Id of the {parent.label.lower()}."),
        ),
        "most": (
            int | None,
            Field(None, ge=1, le=child.suggestions.most, description="Most documents."),
        ),
    }
    return create_model(f"Suggest_{child.entity}", __config__=STRICT, **fields)


def parent_argument(entity: str) -> str:
    """The argument that names a document above."""
    return f"{entity}_id"


def checked(model: type[BaseModel], arguments: dict[str, Any]) -> Any:
    """The arguments as the model's instance.

    Raises:
        UserError: ``invalid_input`` with the first thing that is wrong.
    """
    try:
        return model.model_validate(arguments)
    except (ValidationError, RecursionError) as error:
        words = "They are nested too deeply."
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part)[:50] for part in first["loc"])
            words = f"{place}: {str(first['msg'])[:200]}." if place else f"{first['msg'][:200]}."
        raise UserError(
            "invalid_input",
            f"The arguments cannot be used. {words}",
            "See the tool's description for what it takes.",
            status=422,
        ) from None
