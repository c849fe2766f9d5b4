"""E-mails in a document: which cards hold them, and their texts as they would be sent.

A card says by its ``MailRole`` that it holds an e-mail, or several, and by its ``Choice`` that one
of several texts is chosen. Pure: nothing here judges a text (``services/email_lint/``) or changes
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from blossomer.entities.segments import SEPARATOR, Segment, body_text, paragraphs

if TYPE_CHECKING:
    from blossomer.entities.config import Card, EntityConfig

Role = Literal["first", "variant", "follow_up"]
"""A first e-mail, another first one to test against it, or a later step of the same sequence."""


@dataclass(frozen=True, slots=True)
class MailRole:
    """What a card's texts are when they are e-mails.

    Args:
        role: Their place in the sequence.
        label: What one of them is called.
        subject: Attribute with the subject.
        subject_card: Card with that attribute, when it is another one.
        body: Attribute with the body; not used by a card of segments, which are the body.
        wait_days: Attribute with the days that it waits after the one before.
    """

    role: Role
    label: str
    subject: str = "subject"
    subject_card: str = ""
    body: str = "body"
    wait_days: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A card that is one record, in which one text is chosen of several.

    Args:
        chosen: Attribute with the text that is used.
        others: Attribute with the list of those that are not.
    """

    chosen: str
    others: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail as it stands in a document.

    Args:
        key: Tells it from the others of the document: the card's key, and its place in a list.
        card: Key of the card with its body.
        index: Its place among the card's records; None for a card that holds one.
        role: Its place in the sequence.
        label: What it is called.
        subject: Its subject.
        body: Its text with blank lines between paragraphs.
        wait_days: Days after the step before, of a follow-up.
        day: The day of the sequence on which it is sent; the first is 1.
    """

    key: str
    card: str
    index: int | None
    role: Role
    label: str
    subject: str
    body: str
    wait_days: int | None = None
    day: int = 1


def mail_key(card: str, index: int | None = None) -> str:
    """The key of a card's e-mail."""
    return card if index is None else f"{card}-{index}"


def mails_of(config: EntityConfig, data: Mapping[str, Any]) -> list[Mail]:
    """The e-mails of a document, in the order of its cards.

    Args:
        config: The entity.
        data: The document's data; what has not the right type says nothing.
    """
    mails: list[Mail] = []
    for card in config.cards_of(config.kind_of(data)):
        if card.mail is not None:
            mails += _mails_on(config, card, card.mail, data)
    return mails


def _mails_on(
    config: EntityConfig, card: Card, role: MailRole, data: Mapping[str, Any]
) -> Iterator[Mail]:
    value = card.value(data)
    if card.shape == "records":
        day = 1
        for index, record in enumerate(value):
            if not isinstance(record, Mapping):
                continue
            waits = record.get(role.wait_days) if role.wait_days else None
            days = waits if isinstance(waits, int) else None
            day += days or 0
            yield Mail(
                key=mail_key(card.key, index),
                card=card.key,
                index=index,
                role=role.role,
                label=f"{role.label} {index + 1}",
                subject=_text(record, role.subject),
                body=_text(record, role.body),
                wait_days=days,
                day=day,
            )
        return
    own = value if isinstance(value, Mapping) else {}
    with_subject = config.card(role.subject_card).value(data) if role.subject_card else own
    body = body_text(segments_in(value)) if card.shape == "segments" else _text(own, role.body)
    yield Mail(
        key=mail_key(card.key),
        card=card.key,
        index=None,
        role=role.role,
        label=role.label,
        subject=_text(with_subject, role.subject),
        body=body,
    )


def segments_in(value: Any) -> list[Segment]:
    """The segments of a card's value; what is none says nothing and keeps its place."""
    return [
        {
            "id": _text(item, "id"),
            "type": item.get("type", "custom"),
            "text": _text(item, "text"),
        }
        if isinstance(item, Mapping)
        else {"id": "", "type": "custom", "text": ""}
        for item in value
    ]


def segment_at(segments: list[Segment], start: int) -> int | None:
    """Which segment a place in the ``body_text`` of segments belongs to.

    Args:
        segments: The segments.
        start: The place, in characters.
    """
    position = 0
    for index, segment in enumerate(segments):
        if not (words := SEPARATOR.join(paragraphs(segment["text"]))):
            continue
        position += len(words)
        if start < position:
            return index
        position += len(SEPARATOR)
    return None


@dataclass(frozen=True, slots=True)
class SampleReader:
    """Somebody who could be written to, to see an e-mail as they would.

    Args:
        key: Tells one from the others.
        first_name: What ``{{first_name}}`` becomes.
        company_name: What ``{{company_name}}`` becomes.
    """

    key: str
    first_name: str
    company_name: str

    @property
    def label(self) -> str:
        """The person in words."""
        return f"{self.first_name}, {self.company_name}"


SAMPLE_READERS = (
    SampleReader("short", "Ana", "Corvo"),
    SampleReader("usual", "Thomas", "Hartley Foods"),
    SampleReader("long", "Maria-Fernanda", "Baumgartner & Söhne Logistik"),
)
"""A short, a usual and a long one: names change how a subject and a first line look."""

_TOKEN = re.compile(r"\{\{(first_name|company_name)\}\}")


def filled(text: str, reader: SampleReader) -> str:
    """A text with a reader's names for its tokens. Anything that is no known token stays."""
    names = {"first_name": reader.first_name, "company_name": reader.company_name}
    return _TOKEN.sub(lambda match: names[match[1]], text)


def _text(record: Any, name: str) -> str:
    value = record.get(name) if isinstance(record, Mapping) else None
    return value if isinstance(value, str) else ""
