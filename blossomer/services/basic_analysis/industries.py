"""Industries and places as prospecting tools name them. Tables, and how they are looked up."""

# ruff: noqa: E501 -- the rows of these tables read better unbroken

from __future__ import annotations

import re

INDUSTRIES: tuple[tuple[str, str], ...] = (
    (r"food|drink|beverage|bakery|dairy|brewer\w*|lebensmittel|getr[äa]nke", "Food & Beverages"),
    (r"restaurant|catering", "Restaurants"),
    (r"hotel|hospitality|resort|gastgewerbe", "Hospitality"),
    (r"wholesal\w*|distribut\w*|gro[sß]+handel", "Wholesale"),
    (r"retail\w*|\bshops?\b|\bstores?\b|e-?commerce|merchant|einzelhandel|onlineh[äa]ndler", "Retail"),
    (r"paper|pulp|packaging|forest", "Paper & Forest Products"),
    (r"chemical|chemie", "Chemicals"),
    (r"automotive|car dealer|dealership|automobil", "Automotive"),
    (r"aerospace|aviation|airline|defen[cs]e", "Aviation & Aerospace"),
    (r"pharma\w*|biotech\w*|life science", "Pharmaceuticals"),
    (r"medical device", "Medical Devices"),
    (r"hospital|health ?care|clinic|patient|health system|gesundheit|krankenh\w+", "Hospital & Health Care"),
    (r"dental|dentist|physician|medical practice|doctors?\b|veterinar\w*", "Medical Practice"),
    (r"manufactur\w*|industrial|factory|factories|production plant|maschinenbau|hersteller|machin\w+", "Machinery"),
    (r"logistics|freight|shipp(?:er|ing)|carrier|3pl|transport\w*|trucking|spedition|logistik", "Logistics & Supply Chain"),
    (r"construct\w*|contractor|builder|roof\w*|plumb\w*|hvac|heating|elevator|lift maintenance|bau(?:unternehmen|gewerbe)|handwerk", "Construction"),
    (r"real estate|property|landlord|tenant|housing|immobilien|realtor", "Real Estate"),
    (r"facilit(?:y|ies)|cleaning|janitor\w*|pest", "Facilities Services"),
    (r"bank|credit union|lender|lending|mortgage|kredit", "Banking"),
    (r"insur\w+|versicherung\w*", "Insurance"),
    (r"invest\w*|wealth|asset manage\w*|hedge|private equity|venture", "Investment Management"),
    (r"fintech|payment|financial service|financial institution|finanz", "Financial Services"),
    (r"accounting firm|accountant|bookkeep\w*|steuerberat\w*|tax (?:firm|advis\w+)", "Accounting"),
    (r"law firm|lawyer|attorney|legal|kanzlei", "Law Practice"),
    (r"universit\w+|college|higher education|hochschule", "Higher Education"),
    (r"school|k-?12|teacher|schule", "Primary/Secondary Education"),
    (r"student|learner|e-?learning|training|course|tutor", "E-Learning"),
    (r"government|public sector|municipal\w*|city council|agenc(?:y|ies) of|federal|beh[öo]rde", "Government Administration"),
    (r"non-?profit|charit\w+|ngo|foundation|church", "Nonprofit Organization Management"),
    (r"energy|utilit(?:y|ies)|solar|oil|gas\b|power plant|renewable|stadtwerke", "Utilities"),
    (r"telecom\w*|internet provider|broadband", "Telecommunications"),
    (r"media|publish\w*|newsroom|broadcast\w*|podcast", "Media Production"),
    (r"marketing|advertis\w*|agenc(?:y|ies)|brand|creative", "Marketing & Advertising"),
    (r"recruit\w*|staffing|hr tech|human resources", "Staffing & Recruiting"),
    (r"security|cyber\w*", "Computer & Network Security"),
    (r"consult\w*|advis\w+", "Management Consulting"),
    (r"travel|tour|cruise", "Leisure, Travel & Tourism"),
    (r"fitness|gym|wellness|spa\b|salon", "Health, Wellness & Fitness"),
    (r"sport|club|athlet\w*", "Sports"),
    (r"event", "Events Services"),
    (r"farm\w*|agricult\w*|landwirt\w*", "Farming"),
    (r"design|architect\w*", "Architecture & Planning"),
    (r"saas|software|start-?ups?|developer|tech compan\w+|engineering team|app maker|devops", "Computer Software"),
    (r"information technology|managed service|cloud|data cent\w+", "Information Technology & Services"),
)  # fmt: skip
"""Pattern for lower-case text, and the name of the industry as LinkedIn's list (version 1) has it;
Apollo, Sales Navigator and Clay know those names."""

_INDUSTRY_PATTERNS = tuple((re.compile(rf"\b(?:{words})"), name) for words, name in INDUSTRIES)

_COUNTRIES: tuple[tuple[str, str], ...] = (
    ("United States", r"\bUSA?\b|United States|\bU\.S\.|\+1[ -(]|, (?:CA|NY|TX|FL|IL|MA|WA|CO|GA|NC|PA|OH|AZ|UT|VA|NJ|MI|MN|OR) \d{5}|Fortune \d+"),
    ("United Kingdom", r"\bUK\b|United Kingdom|Great Britain|England|Scotland|London|\+44"),
    ("Germany", r"Germany|Deutschland|Hamburg|Berlin|München|Munich|Frankfurt|Cologne|Köln|Stuttgart|\+49|\bGmbH\b"),
    ("Austria", r"Austria|Österreich|Vienna|\bWien\b|\+43"),
    ("Switzerland", r"Switzerland|Schweiz|Zurich|Zürich|Geneva|\+41|\bCHF\b"),
    ("France", r"\bFrance\b|\bParis\b|\+33"),
    ("Netherlands", r"Netherlands|Amsterdam|Rotterdam|\+31"),
    ("Belgium", r"Belgium|Brussels|\+32"),
    ("Spain", r"\bSpain\b|España|Madrid|Barcelona|\+34"),
    ("Italy", r"\bItaly\b|Italia|Milan\b|\+39"),
    ("Poland", r"\bPoland\b|Polska|Gdańsk|Warsaw|Kraków|\+48"),
    ("Sweden", r"\bSweden\b|Stockholm|\+46"),
    ("Denmark", r"\bDenmark\b|Copenhagen|\+45"),
    ("Norway", r"\bNorway\b|\bOslo\b|\+47"),
    ("Finland", r"\bFinland\b|Helsinki|\+358"),
    ("Ireland", r"\bIreland\b|Dublin|\+353"),
    ("Canada", r"\bCanada\b|Toronto|Vancouver|Montr[ée]al|Ontario|\bCA\$"),
    ("Australia", r"Australia|Sydney|Melbourne|\+61|\bAU\$"),
    ("New Zealand", r"New Zealand|Auckland|\+64"),
    ("India", r"\bIndia\b|Mumbai|Bangalore|Bengaluru|\+91|₹"),
    ("Singapore", r"Singapore|\+65"),
    ("United Arab Emirates", r"\bUAE\b|Dubai|\+971"),
    ("South Africa", r"South Africa|Johannesburg|Cape Town|\+27"),
    ("Brazil", r"\bBrazil\b|Brasil|São Paulo|\+55"),
    ("Mexico", r"\bMexico\b|México|\+52"),
    ("Japan", r"\bJapan\b|Tokyo|\+81"),
    ("Europe", r"\b(?:across|in|throughout) Europe\b|European (?:Union|companies|businesses)|\bDACH\b"),
    ("Worldwide", r"\bworldwide\b|around the (?:world|globe)|\bglobally\b"),
)  # fmt: skip
_COUNTRY_PATTERNS = tuple((name, re.compile(words)) for name, words in _COUNTRIES)

_DOMAINS = {
    "de": "Germany",
    "at": "Austria",
    "ch": "Switzerland",
    "uk": "United Kingdom",
    "fr": "France",
    "nl": "Netherlands",
    "be": "Belgium",
    "es": "Spain",
    "it": "Italy",
    "pl": "Poland",
    "se": "Sweden",
    "dk": "Denmark",
    "no": "Norway",
    "fi": "Finland",
    "ie": "Ireland",
    "ca": "Canada",
    "au": "Australia",
    "nz": "New Zealand",
    "in": "India",
    "br": "Brazil",
    "mx": "Mexico",
    "jp": "Japan",
}
_CURRENCIES = (("£", "United Kingdom"), ("₹", "India"), ("€", "Europe"), ("$", "United States"))


def industries_of(text: str, most: int = 3) -> list[str]:
    """The industries that a text names, in the order of their words."""
    lowered = re.sub(r"\bIT\b", "information technology", text[:2_000]).lower()
    found = [
        (match.start(), name)
        for pattern, name in _INDUSTRY_PATTERNS
        if (match := pattern.search(lowered))
    ]
    return list(dict.fromkeys(name for _, name in sorted(found)))[:most]


def places_of(text: str) -> list[tuple[str, int, int, int]]:
    """Countries and regions that a text names: name, one place of it, and how often.

    A phone code or a city's name counts for its country.
    """
    found: list[tuple[int, int, int, str]] = []
    for name, pattern in _COUNTRY_PATTERNS:
        matches = list(pattern.finditer(text))
        if matches:
            found.append((-len(matches), matches[0].start(), matches[0].end(), name))
    return [(name, start, end, -count) for count, start, end, name in sorted(found)]


def place_of_domain(host: str) -> str:
    """The country of a host name's ending; empty when it has none."""
    return _DOMAINS.get(host.rpartition(".")[2].lower(), "")


def place_of_currency(price: str) -> str:
    """Where a printed price is paid; empty when its currency is not known."""
    return next((place for mark, place in _CURRENCIES if mark in price), "")
