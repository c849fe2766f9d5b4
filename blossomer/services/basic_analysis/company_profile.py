"""The business profile by rules: category, business model, existing customers."""

from __future__ import annotations

import re

from blossomer.entities.evidence import squash
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.choose import best
from blossomer.services.basic_analysis.cues import PROOF
from blossomer.services.basic_analysis.facts import Facts
from blossomer.services.basic_analysis.notes import Notes
from blossomer.services.basic_analysis.patterns import (
    BUSINESS_MODELS,
    CATEGORY,
    IMPERATIVE_TITLE,
    IS_A,
    PROOF_HEADING,
    PROVIDES,
    RECURRING,
    SERVICE_WORDS,
)
from blossomer.services.basic_analysis.people import has_job_title
from blossomer.services.basic_analysis.printed import Price, around
from blossomer.services.basic_analysis.text import (
    capitalised,
    clean,
    end_with_stop,
    is_junk,
    is_label,
    joined,
)

PROFILE = "business_profile_insights"


def write_profile(answer: Answer, name: str, notes: Notes) -> None:
    """Category, business model, existing customers."""
    _write_category(answer, name)
    _write_model(answer, notes)
    _write_customers(answer, notes)


def _write_category(answer: Answer, name: str) -> None:
    facts = answer.facts
    for statement in facts.statements[:60]:
        if statement.role != "text" or statement.url not in {facts.home.url, _about_url(facts)}:
            continue
        subject = re.match(
            rf"(?:At )?(?:{re.escape(name)}|we|"
            r"our (?:\w+ )?(?:platform|software|product|company|app))\b",
            statement.text,
            re.IGNORECASE,
        )
        match = IS_A.search(statement.text) or PROVIDES.search(statement.text)
        if (
            subject
            and match
            and CATEGORY.search(match["what"])
            and len(match["what"].split()) <= 12
        ):
            item = f"Category: {capitalised(clean(match['what']))}"
            # The sentence may serve elsewhere too: here only its predicate is shown.
            if facts.stands(statement.text, statement.url):
                answer.proven(PROFILE, item, [(statement.text, statement.url)])
                return
    tagline = _tagline(facts, name)
    titled = "Category: taken from the page's title, without the name."
    if CATEGORY.search(tagline) and not IMPERATIVE_TITLE.match(tagline):
        answer.inferred(PROFILE, f"Category: {tagline}", titled)
        return
    headline = next(
        (
            (text, url)
            for text, url, level in facts.headings
            if level == 1 and url == facts.home.url and not IMPERATIVE_TITLE.match(text)
        ),
        None,
    )
    if headline and CATEGORY.search(headline[0]) and len(headline[0].split()) >= 3:
        item = f"Category: {headline[0].rstrip('.')}"
        if answer.quoted(PROFILE, item, [headline]):
            return
    for entry in facts.linked_data:
        category = entry.get("applicationCategory")
        if isinstance(category, str) and is_label(category):
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", category).lower()
            answer.inferred(
                PROFILE,
                f"Category: {capitalised(words)}",
                "Category: taken from the site's structured data (applicationCategory).",
            )
            return
    if tagline and not IMPERATIVE_TITLE.match(tagline):
        answer.inferred(PROFILE, f"Category: {tagline}", titled)
        return
    if headline and answer.quoted(PROFILE, f"Category: {headline[0]}", [headline]):
        return
    reads = f"; the title reads “{tagline}”" if tagline else ""
    answer.unknown(
        PROFILE,
        f"Category: not stated on the pages read{reads}",
        "Which category does the company belong to?",
    )


def _tagline(facts: Facts, name: str) -> str:
    title = clean(facts.home.title)
    parts = [part.strip() for part in re.split(r"\s+[|–—·•»-]+\s+|:\s+|\s*\|\s*", title)]
    named = squash(name)
    parts = [
        part
        for part in parts
        if squash(part) not in named and is_label(part, 14) and len(part.split()) >= 2
    ]
    parts.sort(key=lambda part: (bool(IMPERATIVE_TITLE.match(part)), not CATEGORY.search(part)))
    return capitalised(parts[0]) if parts else ""


def _about_url(facts: Facts) -> str:
    return next((page.url for page in facts.pages if page.kind == "about"), facts.home.url)


def _write_model(answer: Answer, notes: Notes) -> None:
    facts = answer.facts
    if said := notes.take("model"):
        answer.inferred(PROFILE, f"Business Model: {said}", "Business Model: in your own words.")
        return
    recurring = [price for price in facts.prices if RECURRING.search(price.period)]
    if recurring:
        shown = _shown(recurring)
        item = f"Business Model: Subscription; the site shows {shown}"
        answer.assume(
            "Business Model: subscription, inferred because the site shows recurring prices."
        )
        answer.proven(PROFILE, item, [(p.quote, p.url) for p in recurring[:2]])
        return
    if facts.prices:
        prices = _shown(facts.prices)
        item = f"Business Model: Priced per unit of use or piece; the site shows {prices}"
        answer.assume(
            "Business Model: inferred from the prices shown, none of which is per month or user."
        )
        answer.proven(PROFILE, item, [(p.quote, p.url) for p in facts.prices[:2]])
        return
    for model, pattern in BUSINESS_MODELS:
        found = _place_of(facts, pattern)
        if found:
            words, quote, url = found
            item = f"Business Model: {model} (the site says “{words}”)"
            answer.assume(f"Business Model: inferred from the words “{words}”; no price is shown.")
            answer.proven(PROFILE, item, [(quote, url)])
            return
    about = " ".join([facts.home.title, *(text for text, _, level in facts.headings if level == 1)])
    service = SERVICE_WORDS.search(f"{about} {answer.fields['description']}".lower())
    if service:
        answer.inferred(
            PROFILE,
            f"Business Model: Services (the site speaks of “{service[0]}”); how they are priced is "
            "not shown",
            f"Business Model: services, inferred from the words “{service[0]}”; no price is shown.",
        )
        return
    answer.unknown(
        PROFILE,
        "Business Model: not stated; the pages read show no prices or plans",
        "How does the company charge: subscription, usage, project, something else?",
    )


def _shown(prices: list[Price]) -> str:
    texts = list(dict.fromkeys(price.text.strip(" ,/") for price in prices))[:3]
    return joined(texts)


def _place_of(facts: Facts, pattern: str) -> tuple[str, str, str] | None:
    """Where a phrase stands: the words, enough words around them to be a quote, the page."""
    for page in facts.pages:
        text = facts.flat(page)
        for match in re.finditer(pattern, text.lower()):
            quote = around(text, match.start(), match.end())
            if not re.search(r"cookie|privacy", quote, re.IGNORECASE) and facts.stands(
                quote, page.url
            ):
                return text[match.start() : match.end()], quote, page.url
    return None


def _write_customers(answer: Answer, notes: Notes) -> None:
    facts = answer.facts
    if said := notes.take("customers"):
        answer.inferred(
            PROFILE, f"Existing Customers: {said}", "Existing Customers: in your own words."
        )
        return
    named: dict[str, tuple[str, str]] = {}
    for speaker in facts.speakers:
        if speaker.company:
            named.setdefault(speaker.company, (speaker.quote, speaker.url))
    for company, source in _listed_customers(facts):
        if not any(squash(company) == squash(known) for known in named):
            named[company] = source
    if named:
        names = list(named)[:6]
        item = f"Existing Customers: {joined(names)}"
        sources = list(dict.fromkeys(named[company] for company in names))
        answer.proven(PROFILE, item, sources[:4])
        return
    if facts.is_english:
        for statement in best(answer, PROOF, at_least=3, roles=("text", "testimonial")):
            if answer.quoted(
                PROFILE,
                f"Existing Customers: {statement.text}",
                [(statement.text, statement.url)],
            ):
                return
        for text, url, _ in facts.headings:
            if PROOF[1].pattern.search(text.lower()) and answer.quoted(
                PROFILE, f"Existing Customers: {end_with_stop(text)}", [(text, url)]
            ):
                return
    if facts.speakers:
        titles = list(dict.fromkeys(speaker.credit for speaker in facts.speakers))[:4]
        item = f"Existing Customers: people who speak for it are {joined(titles)}"
        answer.proven(PROFILE, item, [(s.quote, s.url) for s in facts.speakers[:4]])
        return
    answer.unknown(
        PROFILE,
        "Existing Customers: none named on the pages read",
        "Who are the existing customers, and may they be named?",
    )


def _listed_customers(facts: Facts) -> list[tuple[str, tuple[str, str]]]:
    """Names in a "trusted by" list, and the names before the colon of case-study headings."""
    found: list[tuple[str, tuple[str, str]]] = []
    for page in facts.pages:
        for section in page.sections:
            heading = clean(section.heading)
            if PROOF_HEADING.search(heading) and not is_junk(heading):
                names = [clean(item) for item in section.items if _is_proper_name(clean(item))]
                quote = f"{heading} {' '.join(names)}"
                if len(names) >= 3 and section.role == "text" and facts.stands(quote, page.url):
                    found += [(name, (quote, page.url)) for name in names]
            company, colon, result = heading.partition(": ")
            is_study = colon and page.kind == "customers" and len(result.split()) >= 3
            if is_study and _is_proper_name(company):
                found.append((company, (heading, page.url)))
    return found


def _is_proper_name(text: str) -> bool:
    words = text.split()
    return (
        1 <= len(words) <= 4
        and 2 <= len(text) <= 35
        and text[0].isupper()
        and not text.endswith((".", "!", "?"))
        and all(
            word[0].isupper() or not word[0].isalpha() or word in {"of", "and", "de", "the"}
            for word in words
        )
        and not is_junk(text)
        and not has_job_title(text)
    )
