"""The e-mails of a document before the linter: with the sources their claims may come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from blossomer.entities.config import EntityConfig
from blossomer.entities.items import texts_of
from blossomer.entities.mail import Mail
from blossomer.services.email_lint import EmailText, LintReport, Sources, lint_email


def mail_sources(
    data: Mapping[str, Any],
    inputs: Mapping[str, str],
    above: Iterable[tuple[EntityConfig, Mapping[str, Any]]],
) -> Sources:
    """The texts that numbers and names of a document's e-mails may come from.

    Not the e-mails themselves, nor anything else a writer concluded in the same document.

    Args:
        data: The document's data, for its verified quotes.
        inputs: What the person asked for.
        above: Every document above it, with its entity.
    """
    found: list[str] = [*_quotes(data), *inputs.values()]
    for config, document in above:
        above_data = document["data"]
        found += [str(document.get("name", "")), *_quotes(above_data)]
        found += map(str, (document.get("inputs") or {}).values())
        for name in config.own_fields:
            found += texts_of(above_data.get(name))
    return tuple(dict.fromkeys(text for text in found if text.strip()))


def _quotes(data: Mapping[str, Any]) -> Iterator[str]:
    for entry in data.get("evidence") or ():
        if entry.get("verified"):
            yield str(entry.get("quote", ""))


def check_mails(mails: Sequence[Mail], sources: Sources) -> dict[str, LintReport]:
    """What the linter says of each e-mail, by its key.

    A variant is compared with the first e-mail, a follow-up with that and with those before it.
    """
    reports = {}
    first = [mail.body for mail in mails if mail.role == "first" and mail.body]
    earlier = list(first)
    for mail in mails:
        previous = {"first": [], "variant": first, "follow_up": earlier}[mail.role]
        email = EmailText(
            subject=mail.subject,
            body=mail.body,
            kind=mail.role,
            wait_days=mail.wait_days,
            previous_bodies=tuple(previous),
        )
        reports[mail.key] = _report(email, sources)
        if mail.role == "follow_up" and mail.body:
            earlier = [*earlier, mail.body]
    return reports


@lru_cache(maxsize=256)
def _report(email: EmailText, sources: Sources) -> LintReport:
    """While one e-mail is typed, those beside it stay as they are."""
    return lint_email(email, sources=sources)
