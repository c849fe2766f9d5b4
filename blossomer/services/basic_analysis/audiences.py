"""For whom the product is: kinds of companies and teams in them, as a site names them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from blossomer.services.basic_analysis.background import Background, texts
from blossomer.services.basic_analysis.company_customers import blocks_under
from blossomer.services.basic_analysis.cues import ORGANISATIONS
from blossomer.services.basic_analysis.departments import Department, department_of, seniority_of
from blossomer.services.basic_analysis.focus import Focus, is_alike
from blossomer.services.basic_analysis.nouns import as_title, in_sentence, one_of
from blossomer.services.basic_analysis.patterns import INDUSTRY_HEADING, ROLES, TEAM_HEADING
from blossomer.services.basic_analysis.patterns_below import EMPTY_START, FOR_WHOM
from blossomer.services.basic_analysis.text import (
    capitalised,
    end_with_stop,
    is_label,
    is_statement,
)

_BEFORE = re.compile(
    r"^(?:(?:designed|built|made|ideal|perfect|great)\s+)?(?:for|für|pour|para|by)\s+",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    rf"(?:{ORGANISATIONS}|groups|offices|startups|providers|makers|owners|carriers)$",
    re.IGNORECASE | re.VERBOSE,
)
_TOO_BROAD = frozenset(
    [
        "companies",
        "businesses",
        "organizations",
        "organisations",
        "teams",
        "customers",
        "clients",
        "people",
        "individuals",
        "professionals",
        "employees",
        "developers",
        "brands",
        "firms",
        "enterprises",
        "institutions",
        "operators",
    ]
)
_PEOPLE_AS_BUYERS = frozenset(
    [
        "families",
        "adults",
        "kids",
        "parents",
        "seniors",
        "patients",
        "students",
        "households",
        "couples",
        "residents",
        "drivers",
        "travelers",
        "travellers",
        "athletes",
        "veterans",
        "tenants",
        "renters",
        "employees",
        "homeowners",
        "learners",
        "consumers",
        "individuals",
        "customers",
        "borrowers",
        "buyers",
        "teams",
    ]
)
_PLAN = re.compile(r"^(?:for|ideal for|perfect for|best for|built for)\s+(?P<kind>[^.]{8,80})\.?$",
                   re.IGNORECASE)  # fmt: skip

BY_SIZE = "the site names no kinds of companies, so they are parted by size"


@dataclass(frozen=True, slots=True)
class Audience:
    """A kind of company.

    Args:
        kind: As it stands in a sentence: "industrial manufacturers".
        why: What the site says to or about them; may be empty.
        url: The page where ``why`` stands; empty when it stands on none.
        basis: The rule by which it was found.
    """

    kind: str
    why: str
    url: str
    basis: str


@dataclass(frozen=True, slots=True)
class Team:
    """People who work with the product.

    Args:
        title: A job title, in singular where one is known: "Head of logistics".
        department: Where they work.
        why: What the site says to them, or what one of them says.
        quote: Printed words that name them.
        url: The page of both.
        speaker: Name of the person who speaks; empty when nobody does.
    """

    title: str
    department: Department
    why: str
    quote: str
    url: str
    speaker: str = ""


def audiences(background: Background) -> list[Audience]:
    """Kinds of companies, those that the site names itself first; each once."""
    found: list[Audience] = []
    for audience in _candidates(background):
        # Kinds parted by size have all other words in common.
        is_new = not is_alike(audience.kind, [known.kind for known in found])
        if is_new or audience.basis == BY_SIZE:
            found.append(audience)
        if len(found) == 8:
            break
    return found


def audience_for(background: Background) -> Audience:
    """The kind of company that the person's words fit best; the first without any words."""
    known = audiences(background)
    if background.own_name:
        focus = Focus(background.own_name, " ".join(note.text for note in background.notes))
        ranked = sorted(known, key=lambda a: -focus.weigh(f"{a.kind} {a.why}"))
        if ranked and focus.weigh(f"{ranked[0].kind} {ranked[0].why}") >= 1:
            why, url = ranked[0].why, ranked[0].url
        else:
            why, url = "", ""
        kind = background.own_name.rpartition(" at ")[2].strip()
        return Audience(in_sentence(kind), why, url, "the name that you gave")
    return known[0]


def teams(background: Background) -> list[Team]:
    """People who work with the product: addressed by the site, speaking on it, or named in it."""
    found: list[Team] = []
    for team in _teams(background):
        alike = [
            known
            for known in found
            if known.department is team.department
            and seniority_of(known.title) == seniority_of(team.title)
        ]
        if not alike and not is_alike(team.title, [known.title for known in found]):
            found.append(team)
        if len(found) == 8:
            break
    # The department that the product is named after comes first: "customer service software".
    main = department_of(background.category)
    return sorted(found, key=lambda team: team.department is not main)


def companies(title: str) -> str:
    """A name of an industry as a kind of companies."""
    kind = in_sentence(_BEFORE.sub("", title).strip(" .:"))
    return kind if _PLURAL.search(kind) or kind.startswith("teams ") else f"{kind} companies"


def _candidates(background: Background) -> Iterator[Audience]:
    facts = background.facts
    edited = (background.company.get("provenance") or {}).get("edited") or {}
    for item in texts(edited, "target_customer_insights"):
        label, colon, said = item.partition(": ")
        if colon and "account" in label.lower() and len(said) <= 120:
            basis = "Target Accounts, as you changed it"
            yield Audience(in_sentence(said.rstrip(".")), "", "", basis)
    blocks = [
        b
        for b in blocks_under(facts, INDUSTRY_HEADING)
        if not ROLES.search(b.title.lower()) and not TEAM_HEADING.search(b.parent)
    ]
    for block in blocks:
        if len(block.title.split()) <= 5:
            yield Audience(companies(block.title), block.text, block.url, "a block of the site")
    if facts.is_english:
        yield from _named_in_sentences(background)
    for statement in facts.statements:
        plan = _PLAN.match(statement.text) if statement.role == "pricing" else None
        if plan and len(plan["kind"].split()) <= 11:
            basis = "for whom a plan is printed on the price list"
            yield Audience(plan["kind"], statement.text, statement.url, basis)
    for block in facts.blocks:
        name, colon, _ = block.title.partition(": ")
        if colon and block.kind == "customers" and len(name.split()) <= 4:
            basis = "a customer's story on the site"
            yield Audience(f"companies like {name}", block.text, block.url, basis)
    for customer in background.customers[:2]:
        yield Audience(f"companies like {customer}", "", "", "a customer that the site names")
    what = one_of(in_sentence(background.category)) or f"what {background.company_name} offers"
    basis = BY_SIZE
    yield Audience(f"small companies that need {what}", "", "", basis)
    yield Audience(f"growing companies without {what}", "", "", basis)
    yield Audience(f"large organisations with several sites that need {what}", "", "", basis)


def _named_in_sentences(background: Background) -> Iterator[Audience]:
    """Kinds of companies in "software for manufacturers and distributors", the commonest first."""
    facts = background.facts
    counts: Counter[str] = Counter()
    first: dict[str, tuple[str, str]] = {}
    places = [(s.text, s.url) for s in facts.statements if s.role in {"text", "testimonial"}]
    places += [(text, url) for text, url, _ in facts.headings]
    for text, url in places:
        for match in FOR_WHOM.finditer(text):
            kind = EMPTY_START.sub("", match["kind"]).strip()
            last = kind.split()[-1].lower() if kind else ""
            if kind.lower() in _TOO_BROAD or len(kind) < 6 or last in _PEOPLE_AS_BUYERS:
                continue
            counts[in_sentence(kind)] += 1
            if is_statement(text):
                first.setdefault(in_sentence(kind), (text, url))
    for kind, _ in counts.most_common(6):
        why, url = first.get(kind, ("", ""))
        yield Audience(kind, why, url, "for whom the site says that it is")


def _teams(background: Background) -> Iterator[Team]:
    facts = background.facts
    addressed = blocks_under(facts, TEAM_HEADING)
    addressed += [b for b in facts.blocks if _BEFORE.match(b.title)]
    for block in addressed:
        title = _BEFORE.sub("", block.title).strip(" .:")
        department = department_of(title)
        if department and _is_role(title, department) and is_label(title, 6):
            yield Team(_singular(title), department, block.text, f"{block.title} {block.text}",
                       block.url)  # fmt: skip
    for speaker in background.speakers:
        department = department_of(speaker.title)
        if department and len(speaker.title) <= 60:
            yield Team(speaker.title, department, speaker.said, speaker.quote, speaker.url,
                       speaker.name)  # fmt: skip
    if not facts.is_english:
        return
    counts: Counter[str] = Counter()
    first: dict[str, tuple[str, str]] = {}
    for statement in facts.statements:
        for match in ROLES.finditer(statement.text.lower()) if statement.kind != "about" else ():
            counts[match[0]] += 1
            first.setdefault(match[0], (statement.text, statement.url))
    known = bool(addressed or background.speakers)
    for role, count in counts.most_common(6):
        department = department_of(role)
        # A role that is named once, in passing, counts only where nothing better is known.
        if department and (count > 1 or not known):
            text, url = first[role]
            yield Team(_singular(role), department, end_with_stop(text), text, url)


def _is_role(title: str, department: Department) -> bool:
    """Whether a heading names people: "Heads of logistics", "HR teams", "Accounts payable"."""
    lowered = title.lower()
    if len(title.split()) > 5 or lowered.startswith(("the ", "how ", "why ", "what ")):
        return False
    return bool(
        ROLES.search(lowered)
        or seniority_of(title) != "Entry"
        or re.search(r"\bteams?\b", lowered)
        or lowered == department.name.lower()
    )


def _singular(title: str) -> str:
    """The title of one of "Heads of logistics"; a team becomes the one who leads it."""
    lowered = title.lower() if title.istitle() else title
    team = re.fullmatch(r"(?:the )?(.+?) (?:teams?|departments?|staff|people)", lowered)
    department = department_of(lowered)
    if team or (department and lowered == department.name.lower()):
        return department.titles[1] if department else capitalised(title)
    one = re.sub(r"^(head|director|vp|chief)s\b", r"\1", lowered, flags=re.IGNORECASE)
    if one == lowered:
        one = (
            re.sub(r"ies$", "y", lowered) if lowered.endswith("ies") else lowered.removesuffix("s")
        )
    one = re.sub(r"\b(?:hr|it|c[efmtio]{1,2}o|ciso|vp|seo)\b", lambda match: match[0].upper(), one)
    return as_title(one)
