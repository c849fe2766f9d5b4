"""Firmographics: filters that a prospecting tool takes, each by a stated rule."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from urllib.parse import urlsplit

from blossomer.services.basic_analysis.account_view import AccountView
from blossomer.services.basic_analysis.answer import Answer
from blossomer.services.basic_analysis.industries import (
    industries_of,
    place_of_currency,
    place_of_domain,
    places_of,
)
from blossomer.services.basic_analysis.nouns import in_sentence
from blossomer.services.basic_analysis.patterns import COMMON_WORDS
from blossomer.services.basic_analysis.printed import around
from blossomer.services.basic_analysis.sizes import Size, size_of
from blossomer.services.basic_analysis.text import clean

CARD = "firmographics"

_TO_CONSUMERS = frozenset({"Retail", "Restaurants", "Hospitality", "Health, Wellness & Fitness",
                           "Leisure, Travel & Tourism", "E-Learning"})  # fmt: skip
_PUBLIC = frozenset(
    {"Government Administration", "Primary/Secondary Education", "Higher Education"}
)
_OWN_WORDS = re.compile(r"[^\W\d_][\w’'-]+")


def write_firmographics(answer: Answer, view: AccountView) -> None:
    """Industry, size, revenue, geography and the words such companies use."""
    industry, quotes = _industry(view)
    size = _size(view)
    places, place_quotes, rule = _places(view)
    funding = ["Seed", "Series A", "Series B"] if "start-up" in _about(view) else []
    record = {
        "industry": industry,
        "employees": size.employees,
        "department_size": _department(view, size),
        "revenue": size.revenue,
        "geography": places,
        "business_model": _business_model(industry),
        "funding_stage": funding,
        "company_type": _company_type(industry, size),
        "keywords": _keywords(view),
    }
    answer.fields[CARD] = record
    for value, sources in ((industry[:1], quotes), (places[:1], place_quotes)):
        if value and sources:
            answer.support(CARD, value[0], sources)
    if size.quote:
        answer.support(CARD, size.employees, [(size.quote, answer.facts.where(size.quote))])
    answer.assume(f"Employees: {size.rule}. Revenue: $200,000 for each employee, a rule of thumb.")
    answer.assume("Industry: the account's words, matched with the industries of LinkedIn's list.")
    answer.assume(f"Geography: {rule}.")
    if not funding:
        answer.gap("Does it matter how such companies are funded? The filter is left open.")
    if not industry:
        answer.gap("In which industries are such companies? The site names none.")


def _about(view: AccountView) -> str:
    text = f"{view.background.own_name} {view.kind.kind} {view.kind.why}".lower()
    return re.sub(r"\bstartups?\b|\bstart-ups\b", "start-up", text)


def _industry(view: AccountView) -> tuple[list[str], list[tuple[str, str]]]:
    """From the name first, then from what is said of them, then from all kinds named."""
    background = view.background
    kind = view.kind
    own = background.own_name.rpartition(" at ")[2] or kind.kind
    if found := industries_of(own):
        return found, [(kind.why, kind.url)] if kind.url else []
    told = " ".join([*(note.text for note in background.notes), kind.why])
    if found := industries_of(told, 2):
        return found, [(kind.why, kind.url)] if kind.url else []
    for item in background.company.get("target_customer_insights") or ():
        if (
            isinstance(item, str)
            and item.startswith("Target Accounts: ")
            and (found := industries_of(item))
        ):
            cited = background.cite(item)
            return found, [(cited.text, cited.url)] if cited.url else []
    return [], []


def _size(view: AccountView) -> Size:
    background = view.background
    name = f"{background.own_name or view.kind.kind} {' '.join(n.text for n in background.notes)}"
    sentences = [view.kind.why] if view.kind.why else []
    statements = background.facts.statements
    sentences += [
        s.text for s in statements if s.role == "pricing" or s.kind in {"pricing", "solutions"}
    ]
    sentences += [s.text for s in statements if s.role == "text" and s.kind == "home"][:60]
    return size_of(name, sentences)


def _places(view: AccountView) -> tuple[list[str], list[tuple[str, str]], str]:
    facts = view.background.facts
    own = f"{view.background.own_name} {' '.join(note.text for note in view.background.notes)}"
    if named := [name for name, _, _, _ in places_of(own)]:
        return named[:4], [], "the places that you named"
    found: Counter[str] = Counter()
    first: dict[str, tuple[str, str]] = {}
    # Where the seller has its offices says less than where its customers are.
    pages = [page for page in facts.pages if page.kind != "about"] or list(facts.pages)
    for page in pages:
        text = facts.flat(page)
        for name, start, end, count in places_of(text):
            found[name] += count
            quote = around(text, start, end)
            if name not in first and facts.stands(quote, page.url):
                first[name] = (quote, page.url)
    if found:
        # A street named after a city, or one customer abroad, is no market.
        most = found.most_common(1)[0][1]
        names = [name for name, count in found.most_common(3) if 3 * count >= most]
        quotes = [first[name] for name in names[:1] if name in first]
        return names, quotes, "countries, cities and phone codes that the site prints"
    host = urlsplit(view.background.website.url).hostname or ""
    if place := place_of_domain(host):
        return [place], [], "the ending of the site's address"
    for price in facts.prices[:1]:
        if place := place_of_currency(price.text):
            return [place], [(price.quote, price.url)], "the currency of the printed prices"
    return [], [], "the site names no place, so the filter is left open"


def _department(view: AccountView, size: Size) -> str:
    if not view.department:
        return ""
    low = int(re.match(r"\d+", size.employees)[0])  # type: ignore[index]
    people = "20+" if low >= 1_000 else "3-20" if low >= 51 else "1-5"
    return f"{people} in {in_sentence(view.department.name)}"


def _business_model(industry: list[str]) -> list[str]:
    if not industry:
        return []
    return ["B2C", "B2B"] if industry[0] in _TO_CONSUMERS else ["B2B"]


def _company_type(industry: list[str], size: Size) -> list[str]:
    if industry and industry[0] in _PUBLIC:
        return ["Government", "Nonprofit"]
    if industry and industry[0].startswith("Nonprofit"):
        return ["Nonprofit"]
    return ["Private", "Public"] if size.employees in {"1000+", "51-1000"} else ["Private"]


def _keywords(view: AccountView) -> list[str]:
    """Three to five: pairs of words that recur in what is said about them, then features."""
    background = view.background
    counts: Counter[str] = Counter()
    name = background.company_name.lower().split()
    for statement in background.facts.statements:
        weight = 1 + view.focus.weigh(statement.text)
        words = _OWN_WORDS.findall(statement.text.lower())
        for one, two in pairwise(words):
            if not any(w in COMMON_WORDS or len(w) < 4 or w in name for w in (one, two)):
                counts[f"{one} {two}"] += int(2 * weight)
    # A pair that stands once is an accident of one sentence, unless that is about them.
    recurring = [pair for pair, count in counts.most_common(12) if count >= 6]
    found = [*recurring[:3]]
    found += [clean(f.title).lower() for f in view.features if f.is_named][:3]
    found += [in_sentence(i) for i in industries_of(view.kind.kind, 2)]
    if view.department:
        found += list(view.department.duties)
    unique = list(dict.fromkeys(word for word in found if len(word) <= 40))
    if not view.department and len(unique) < 3:
        unique += [
            w for w in _OWN_WORDS.findall(view.kind.kind.lower()) if len(w) > 4 and w not in unique
        ]
    return unique[:5]
