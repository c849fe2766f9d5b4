"""Which pages of a website tell most about the company.

Links are judged by the words of their paths and texts. Nothing is fetched here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

from blossomer.services.website.address import WebAddress, join_address, page_key
from blossomer.services.website.model import PageKind

KIND_ORDER: tuple[PageKind, ...] = ("pricing", "product", "solutions", "customers", "about")
"""Best first: prices and features are the most concrete thing a company says about itself."""

MAX_LINKS = 1_000
"""Most links that are judged: no company has more pages about what it sells."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words of a path segment or of a link's text, in the languages of most company websites in Europe
# and the Americas. A word counts whole.
_KIND_WORDS: dict[PageKind, frozenset[str]] = {
    "pricing": _words(
        "pricing prices price plans packages preise preis tarife tarifs prix precios planes "
        "prezzi precos prijzen"
    ),
    "product": _words(
        "product products platform features feature capabilities overview tour how why services "
        "service produkt produkte plattform funktionen leistungen produit produits "
        "fonctionnalites producto productos funciones servicios prodotto prodotti "
        "funzionalita produto produtos functies"
    ),
    "solutions": _words(
        "solutions solution use usecase usecases industries industry who loesungen lösungen "
        "branchen anwendungen cas soluciones industrias soluzioni settori solucoes "
        "oplossingen"
    ),
    "customers": _words(
        "customers customer clients testimonials success stories reviews case references kunden "
        "kundenstimmen referenzen temoignages clientes casos clienti referenze klanten"
    ),
    "about": _words(
        "about company mission story team us unternehmen über ueber uns propos nosotros empresa "
        "chi siamo sobre azienda over"
    ),
}
# Words too common to mean anything alone: they count only next to one of the given partners.
_NEEDS_PARTNER: dict[str, frozenset[str]] = {
    "how": frozenset({"works", "work"}),
    "use": frozenset({"case", "cases"}),
    "case": frozenset({"study", "studies"}),
    "who": frozenset({"for", "serve", "serves"}),
    "us": frozenset({"about", "why"}),
    "team": frozenset({"our", "the", "meet"}),
    "story": frozenset({"our"}),
    "stories": frozenset({"customer", "customers", "success", "user", "client"}),
    "success": frozenset({"stories", "story", "customer"}),
    "customer": frozenset({"stories", "story", "success"}),
    "uns": frozenset({"über", "ueber"}),
    "propos": frozenset({"a", "à"}),
    "cas": frozenset({"d", "usage", "usages"}),
    "chi": frozenset({"siamo"}),
    "overview": frozenset({"product", "platform"}),
    "over": frozenset({"ons"}),
}
_TELLING = frozenset[str]().union(*_KIND_WORDS.values())
_UNWANTED = _words(
    "login log signin sign signup register account cart checkout basket privacy terms legal "
    "imprint impressum datenschutz agb cookie cookies gdpr dpa license careers career jobs job "
    "karriere press news newsroom events event webinar webinars blog articles article posts tag "
    "category author docs documentation api changelog status support help faq community forum "
    "contact kontakt contacto demo book download downloads app unsubscribe search feed rss wp "
    "sitemap security trust investors subscribe affiliate affiliates"
)
_NOT_A_PAGE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|csv|zip|gz|tgz|exe|dmg|pkg|png|jpe?g|gif|svg|webp|avif|ico|mp[34]"
    r"|webm|mov|css|m?js|json|xml|txt|ics|woff2?)$",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?$")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that might be worth reading.

    Args:
        url: Canonical address.
        kind: What it is likely to tell.
        score: Higher is better; comparable within one kind only.
    """

    url: str
    kind: PageKind
    score: int


def choose_pages(
    home: WebAddress, links: Iterable[tuple[str, str]], *, allowed_hosts: frozenset[str]
) -> list[Candidate]:
    """Rank the links of a website: one page of each kind first, then the next best.

    Args:
        home: The page that was read first, after redirects. Its host decides what the site is. The
            front page comes last when that was another one.
        links: Address and text of each link.
        allowed_hosts: ``host:port`` pairs with ports other than 80 and 443.
    """
    best: dict[str, Candidate] = {}
    seen = {page_key(home.url)}
    for href, text in islice(_promising(links), MAX_LINKS):
        address = join_address(home.url, href, allowed_hosts=allowed_hosts)
        if address is None or address.site != home.site:
            continue
        # One origin for all: `http://` and `www.` links lead to the same pages by one more hop.
        url = home.origin + address.target
        key = page_key(url)
        candidate = _judge(home, url, text)
        if key in seen or candidate is None:
            continue
        if key not in best or candidate.score > best[key].score:
            best[key] = candidate
    chosen = list(_in_turns(list(best.values())))
    if not _is_front(home):
        chosen.append(Candidate(home.origin, "other", 0))
    return chosen


def _promising(links: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The links with any telling word: a sitemap may list thousands that have none."""
    return (
        (href, text)
        for href, text in links
        if not _TELLING.isdisjoint(_WORD.findall(f"{unquote(href)} {text[:200]}".lower()))
    )


def _is_front(home: WebAddress) -> bool:
    """Whether a page is the front page of its site, perhaps in one of several languages."""
    path = home.target.split("?")[0].strip("/").lower()
    return not path or _LANGUAGE.match(path) is not None


def _judge(home: WebAddress, url: str, text: str) -> Candidate | None:
    path = unquote(urlsplit(url).path).lower()
    segments = [segment for segment in path.split("/") if segment]
    if _NOT_A_PAGE.search(path):
        return None
    home_segments = home.target.split("?")[0].strip("/").lower().split("/")
    if segments and _LANGUAGE.match(segments[0]):
        # Another language of the same site says the same again.
        if segments[0] != home_segments[0]:
            return None
        segments = segments[1:]
    if not segments:
        return None
    path_words = [_WORD.findall(segment) for segment in segments]
    if _UNWANTED.intersection(path_words[0]):
        return None
    text_words = _WORD.findall(text.lower())[:8]
    kind, score = max(
        ((kind, _score(kind, path_words, text_words)) for kind in KIND_ORDER),
        key=lambda pair: pair[1],
    )
    if score == 0:
        return None
    # "/company/careers" is about jobs; "/solutions/events" is about what is sold.
    if kind == "about" and any(_UNWANTED.intersection(words) for words in path_words):
        return None
    penalty = 2 * (len(segments) - 1) + (2 if urlsplit(url).query else 0)
    return Candidate(url, kind, score - penalty)


def _score(kind: PageKind, path_words: list[list[str]], text_words: list[str]) -> int:
    score = 10 * _tells(kind, path_words[-1])
    # The page of the kind itself ("/pricing") before pages about it ("/pricing-guide").
    score += 3 * (score > 0 and len(path_words[-1]) == 1)
    score += 4 * any(_tells(kind, words) for words in path_words[:-1])
    return score + 6 * _tells(kind, text_words)


def _tells(kind: PageKind, words: list[str]) -> bool:
    return any(
        word not in _NEEDS_PARTNER or not _NEEDS_PARTNER[word].isdisjoint(words)
        for word in _KIND_WORDS[kind].intersection(words)
    )


def _in_turns(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """The best of each kind, then the second best of each, and so on."""
    queues = {
        kind: sorted((c for c in candidates if c.kind == kind), key=lambda c: -c.score)
        for kind in (*KIND_ORDER, "other")
    }
    while any(queues.values()):
        for queue in queues.values():
            if queue:
                yield queue.pop(0)
