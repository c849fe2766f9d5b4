"""The company, written by rules: its name, its description, and the order of the cards.

What goes on a card is decided in the other ``company_`` modules.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from blossomer.entities.evidence import squash
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.company_capabilities import write_capabilities
from blossomer.services.basic_analysis.company_concerns import write_objections
from blossomer.services.basic_analysis.company_customers import write_target_customers
from blossomer.services.basic_analysis.company_profile import write_profile
from blossomer.services.basic_analysis.company_story import write_positioning, write_use_cases
from blossomer.services.basic_analysis.cues import AUDIENCE, DEFINITION, ORDER_WORDS, score
from blossomer.services.basic_analysis.facts import Facts, Statement
from blossomer.services.basic_analysis.material import Material
from blossomer.services.basic_analysis.notes import Notes, read_notes
from blossomer.services.basic_analysis.text import clean, end_with_stop, is_junk, is_statement
from blossomer.services.website.model import Website

_NAME_SEPARATOR = re.compile(r"\s+[|–—·•»:-]+\s+|:\s+|\s*\|\s*")
_ORGANISATION_TYPES = ("Organization", "Corporation", "LocalBusiness", "ProfessionalService")
_PRODUCT_TYPES = (
    "SoftwareApplication",
    "WebApplication",
    "MobileApplication",
    "WebSite",
    "Product",
)
_OPENING_NAME = re.compile(
    r"^(?:At )?([A-Z][\w&.'’-]*(?: [A-Z][\w&.'’-]*){0,3})"
    r"(?:,| is\b| helps\b| provides\b| makes\b| offers\b)"
)
_ORDER = re.compile(ORDER_WORDS, re.IGNORECASE | re.VERBOSE)
_NOT_A_NAME = {"we", "our", "the", "this", "it", "you", "your", "a", "an", "home", "welcome"}


def write_company(material: Material) -> Answer:
    """Write a company overview from a website by rules."""
    website, inputs, facts = material.website, material.inputs, material.facts
    answer = Answer(material.config, facts)
    notes = read_notes(inputs.get("user_inputted_context", ""))
    say_what_limits(answer)

    name = company_name(website, facts)
    answer.fields["company_name"] = name
    answer.fields["company_url"] = inputs.get("website_url") or _web_address(website.url)
    # Capabilities first: a feature's own sentence serves best as that feature.
    write_capabilities(answer)
    _write_description(answer, name, notes)
    write_profile(answer, name, notes)
    write_target_customers(answer, notes)
    write_positioning(answer, notes)
    write_use_cases(answer, notes)
    write_objections(answer, notes)
    for note in notes.unused():
        answer.assume(f"Your note was read, but no card takes it without a model: “{note}”")
    return answer


def company_name(website: Website, facts: Facts) -> str:
    """The company's name: what the site calls itself, preferably in its address too."""
    host = urlsplit(website.url).hostname or ""
    label = _domain_label(host)
    candidates: list[str] = []
    for types in (_ORGANISATION_TYPES, _PRODUCT_TYPES):
        candidates += [
            entry["name"]
            for entry in facts.linked_data
            if set(_as_list(entry.get("@type"))) & set(types) and isinstance(entry.get("name"), str)
        ]
    home = facts.home
    candidates.insert(0, home.meta.get("og:site_name", ""))
    titles = [part for page in facts.pages for part in _NAME_SEPARATOR.split(clean(page.title))]
    candidates += [home.meta.get("application-name", ""), *titles]
    names = [name for name in map(clean, candidates) if _can_be_name(name)]
    if label:
        for name in names:
            short = squash(name)
            first = squash(name.split()[0])
            is_start = len(first) > 3 and label.startswith(first)
            if (
                short == label
                or is_start
                or (len(short) > 3 and (short in label or label in short))
            ):
                return name if len(name.split()) <= 6 else label.capitalize()
        # "princetonreview" may be spelled with a space in the text.
        letters = r"[ -]?".join(map(re.escape, label))
        spelled = re.search(rf"\b{letters}\b", facts.flat(home), re.IGNORECASE)
        return spelled[0] if spelled and spelled[0] != label else label.capitalize()
    if names and facts.home.kind != "pasted":
        counts = {name: sum(name in page.title for page in facts.pages) for name in names[:12]}
        return max(counts, key=lambda name: counts[name])
    for statement in facts.statements[:5]:
        match = _OPENING_NAME.match(statement.text)
        if match and match[1].lower() not in _NOT_A_NAME:
            return match[1]
    return names[0] if names else "This company"


def _write_description(answer: Answer, name: str, notes: Notes) -> None:
    """Two or three sentences: what it is, then what goes on right there."""
    facts = answer.facts
    chosen: list[str] = []
    sources: list[tuple[str, str]] = []
    if said := notes.take("description"):
        chosen.append(end_with_stop(said))
        answer.assume("Description: begins with your own words.")
    meta = clean(facts.home.description)
    ranked = sorted(_openings(facts), key=lambda s: -_opening_score(s, name))
    for statement in ranked[:1]:
        is_clear = _opening_score(statement, name) >= 1.5 or not facts.is_english
        if is_clear or not is_statement(meta):
            best = statement
            following = [
                s
                for s in facts.statements
                if s.url == best.url
                and best.order < s.order <= best.order + 2
                and s.heading == best.heading
                and s.role == "text"
                and not _ORDER.match(s.text)
            ]
            others = [s for s in ranked[1:6] if _opening_score(s, name) >= 1.5]
            for candidate in [best, *following, *others]:
                used = answer.is_used(candidate.text) or candidate.text in chosen
                if len(chosen) < 3 and not used and facts.stands(candidate.text, candidate.url):
                    chosen.append(end_with_stop(candidate.text))
                    sources.append((candidate.text, candidate.url))
                if len(chosen) >= 2 and sum(map(len, chosen)) > 240:
                    break
    if not chosen and is_statement(meta):
        chosen.append(end_with_stop(meta))
        sources.append((meta, facts.home.url))
        if not facts.stands(meta, facts.home.url):
            answer.assume(
                "Description: taken from the page's meta description, which visitors do not see."
            )
    if not chosen:
        title = clean(facts.home.title)
        shown = f" Its title reads “{title[:150]}”." if title and not is_junk(title) else ""
        chosen.append(f"The pages read do not say in a sentence what {name} does.{shown}")
        answer.gap(f"What does {name} do, in one sentence?")
    description = " ".join(chosen)
    answer.fields["description"] = description
    answer.support("description", description, sources)


def _openings(facts: Facts) -> list[Statement]:
    found = [s for s in facts.statements if s.role == "text" and s.url == facts.home.url][:25]
    return found + [s for s in facts.statements if s.kind == "about" and s.role == "text"][:8]


def _opening_score(statement: Statement, name: str) -> float:
    value = score(statement.text, DEFINITION) + 0.3 * score(statement.text, AUDIENCE)
    if squash(name) and squash(name) in squash(statement.text[: len(name) + 20]):
        value += 2
    if statement.kind == "about":
        value -= 1
    return value + max(0.0, 2.5 - 0.25 * statement.order)


def say_what_limits(answer: Answer) -> None:
    """State what basic analysis goes by, and what it left out."""
    facts = answer.facts
    answer.assume(
        "Sentences are the website's own; which card a sentence belongs to is decided by cue "
        "words, not by a model."
    )
    if not facts.is_english:
        language = facts.home.language[:2]
        named = f" (its language is marked “{language}”)" if language.isalpha() else ""
        answer.assume(
            f"The site is not in English{named}. Basic analysis knows cue words for English only, "
            "so it goes by structure: headings, blocks, lists, prices and questions."
        )
    if facts.has_instructions:
        answer.assume(
            "Text on the site that speaks to a language model was left out; it is not about the "
            "company."
        )


def _domain_label(host: str) -> str:
    """The telling part of a host name: "acme" of www.acme.co.uk; empty for bare addresses."""
    if not host or host == "localhost" or re.fullmatch(r"[\d.]+|.*:.*", host):
        return ""
    parts = [part for part in host.lower().split(".") if part != "www"][:-1]
    parts = [part for part in parts if part not in {"co", "com", "org", "net", "ac", "gov"}]
    return squash(parts[-1]) if parts else ""


def _web_address(url: str) -> str:
    return url if url.startswith(("http://", "https://")) else ""


def _can_be_name(name: str) -> bool:
    words = name.split()
    return (
        1 <= len(words) <= 6
        and 2 <= len(name) <= 60
        and not re.search(r"[<>{}$=\"]", name)
        and not is_junk(name)
        and (words[0].lower() not in _NOT_A_NAME or words[0] == "The")
    )


def _as_list(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]
