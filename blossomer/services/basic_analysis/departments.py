"""Departments: by which words one is recognised, who works there, on what. A table only.

What is taken from here is typical of a department and is not said by any site; writers state that.
"""

# ruff: noqa: E501 -- the rows of this table read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Department:
    """A part of a company.

    Args:
        name: As prospecting tools name it.
        words: What titles and texts about it say, as a pattern for lower-case text.
        titles: Job titles, from the one who decides to the one who does the work.
        duties: What job descriptions there speak of.
        measure: What it is measured by.
        reads: Where its people read and talk.
        asks: What it asks first about a product.
    """

    name: str
    words: str
    titles: tuple[str, str, str]
    duties: tuple[str, ...]
    measure: str
    reads: str
    asks: str

    @property
    def team(self) -> str:
        """Its people, in plural, as they stand in a sentence."""
        name = self.name if self.name in {"IT", "HR"} else self.name.lower()
        return f"{name} teams"


DEPARTMENTS: tuple[Department, ...] = (
    Department("Accounts payable", r"accounts? payable|invoice (?:clerk|processing)|\bap (?:team|clerk|manager)", ("Head of Accounts Payable", "Accounts Payable Manager", "Accounts Payable Specialist"), ("invoice approval", "vendor payments", "three-way match", "month-end"), "invoices handled per person, late payments and duplicates", "accounting forums and LinkedIn", "how many invoices still need a person"),
    Department("Finance", r"financ\w*|controller|controlling|accountant|accounting|bookkeep\w*|\bcfo|treasur\w*|payroll|billing", ("Chief Financial Officer", "Head of Finance", "Financial Controller"), ("month-end close", "budgeting", "reporting", "cost control"), "days to close the books, cost against budget and clean audits", "finance newsletters, peers and LinkedIn", "what it saves, and how that is proven"),
    Department("Procurement", r"procure\w*|purchas\w*|buyer|sourcing|einkauf", ("Procurement Director", "Head of Procurement", "Purchasing Manager"), ("tenders", "supplier negotiation", "contracts", "spend analysis"), "savings against last year and supplier reliability", "procurement communities and trade fairs", "what the contract says and how it ends"),
    Department("Logistics", r"logisti\w*|supply chain|freight|shipping|transport|warehouse|fleet", ("Head of Logistics", "Supply Chain Director", "Logistics Manager"), ("carrier management", "freight cost", "transport planning", "warehouse"), "cost per shipment, on-time delivery and claims", "trade journals, carriers' news and LinkedIn", "whether carriers and systems must change anything"),
    Department("Field service", r"dispatch\w*|field service|service (?:manager|team|technician)|technician|crews?\b", ("Head of Field Service", "Service Manager", "Dispatcher"), ("dispatch", "route planning", "scheduling", "customer visits"), "visits per day, first-time fixes and overtime", "trade associations and word of mouth", "whether people in the van will use it"),
    Department("IT", r"information technology|\bcio|system administrat\w*|infrastructure|network (?:admin|engineer)", ("Chief Information Officer", "Head of IT", "IT Manager"), ("system integration", "access management", "vendor management", "support"), "availability, open tickets and audit findings", "vendors' documentation and technical forums", "how it connects, and who has access"),
    Department("Security", r"\bciso|security|cyber\w*", ("Chief Information Security Officer", "Head of Security", "Security Engineer"), ("risk assessment", "incident response", "access control", "audits"), "open findings and time to respond", "security newsletters and conferences", "which certificates there are and where the data is"),
    Department("Engineering", r"engineer\w*|developer|devops|\bcto\b|software (?:team|architect)|platform team", ("Chief Technology Officer", "VP of Engineering", "Engineering Manager"), ("code review", "deployment", "reliability", "developer tools"), "lead time, failed releases and time lost to maintenance", "documentation, source code and technical blogs", "how it works inside, and whether it can be tried at once"),
    Department("Data", r"\bdata (?:team|scien\w+|engineer\w*|analyst|lead|platform)|analytics|business intelligence|machine learning", ("Chief Data Officer", "Head of Data", "Data Engineer"), ("data pipelines", "reporting", "data quality", "dashboards"), "trust in the numbers and time until a question is answered", "technical blogs and practitioners' communities", "where the data comes from and who owns it"),
    Department("Product", r"product (?:manager|management|owner|lead|team)|head of product|\bcpo\b", ("Chief Product Officer", "Head of Product", "Product Manager"), ("roadmap", "user research", "backlog", "releases"), "adoption, retention and shipped outcomes", "product newsletters and communities", "how fast the team learns from it"),
    Department("Marketing", r"marketing|marketer|\bcmo\b|brand|content (?:lead|manager|team|strateg\w*)|growth|seo|social media", ("Chief Marketing Officer", "Head of Marketing", "Marketing Manager"), ("campaigns", "content", "lead generation", "reporting"), "qualified leads and cost per lead", "marketing newsletters, podcasts and LinkedIn", "which result others had, with a number"),
    Department("Sales", r"sales|revenue|account executive|business development|\bcro\b|vertrieb", ("Chief Revenue Officer", "VP of Sales", "Sales Manager"), ("pipeline", "prospecting", "forecast", "customer relationships"), "new revenue, win rate and the length of a sale", "LinkedIn, podcasts and peers", "how soon it pays for itself"),
    Department("Customer support", r"customer (?:support|service|success|experience|care)|support (?:team|manager|lead|agent)|help ?desk|contact cent\w+|call cent\w+", ("Head of Customer Support", "Customer Success Director", "Support Manager"), ("tickets", "response time", "customer satisfaction", "knowledge base"), "time to answer, satisfaction and tickets per person", "support communities and LinkedIn", "what changes for the people who answer"),
    Department("HR", r"\bhr\b|human resources|people (?:team|operations|manager|lead)|recruit\w*|talent|personal(?:leiter|abteilung)", ("Chief People Officer", "Head of HR", "HR Manager"), ("recruiting", "onboarding", "employee records", "payroll data"), "time to hire, turnover and satisfaction", "HR newsletters and LinkedIn", "what employees will say about it"),
    Department("Legal", r"legal|counsel|attorney|lawyer|law firm|compliance|paralegal|privacy officer", ("General Counsel", "Head of Compliance", "Legal Operations Manager"), ("contracts", "compliance", "policies", "risk"), "open risks and time until a contract is signed", "trade journals and peers", "who is liable, and under which law"),
    Department("Facilities", r"facilit\w+|property manag\w*|maintenance|landlord|building (?:manager|owner)|real estate", ("Director of Facilities", "Facilities Manager", "Property Manager"), ("maintenance", "vendors", "inspections", "tenant requests"), "cost per site, complaints and downtime", "trade associations and neighbours in the trade", "who comes, how fast, and what it costs"),
    Department("Clinical", r"clinic\w*|physician|doctor|nurse|dentist|dental|practice (?:manager|owner)|medical director|patient care", ("Medical Director", "Practice Manager", "Clinic Administrator"), ("patient care", "scheduling", "records", "billing"), "patients seen, waiting time and claims paid", "medical associations and colleagues", "whether it is safe and takes less time with patients"),
    Department("Education", r"teach\w*|educat\w+|school|principal|superintendent|professor|curriculum|faculty", ("Superintendent", "School Principal", "Head of Learning"), ("curriculum", "teaching", "assessment", "student progress"), "students' progress and enrolment", "education conferences and colleagues", "what it asks of teachers' time"),
    Department("Construction", r"construction|site manager|contractor|superintendent|estimator|project (?:manager|engineer)", ("Construction Director", "Project Manager", "Site Manager"), ("project schedule", "site safety", "subcontractors", "estimates"), "projects on time and within budget", "trade associations and suppliers", "whether it works on site"),
    Department("Operations", r"operation\w*|\bcoo\b|plant manager|production|general manager|office manager|process(?:es)? (?:manager|owner)|betrieb\w*", ("Chief Operating Officer", "Head of Operations", "Operations Manager"), ("process improvement", "planning", "quality", "reporting"), "output per person, delays and errors", "LinkedIn, peers and trade press", "what changes in the daily work"),
    Department("Management", r"founder|\bceo\b|\bowners?\b|president|managing director|entrepreneur|gesch[äa]ftsf[üu]hr\w*|inhaber\w*|principal|partner", ("Founder", "Managing Director", "General Manager"), ("strategy", "hiring", "budget", "customer relationships"), "growth, profit and free time", "peers, podcasts and LinkedIn", "what it costs, what it brings and how much attention it takes"),
)  # fmt: skip
_COMPILED = tuple((department, re.compile(department.words)) for department in DEPARTMENTS)

_SENIORITY: tuple[tuple[str, str], ...] = (
    (r"founder|\bceo\b|\bowner|managing director|gesch[äa]ftsf[üu]hr\w*|inhaber\w*|entrepreneur", "Founder/CEO"),
    (r"\bchief\b|\bc[a-z]{1,2}o\b|general counsel|^president|^superintendent", "C-Suite"),
    (r"\b[se]?vp\b|vice president", "VP"),
    (r"director|\bheads?\b|leiter\w*|directeur|principal", "Director"),
    (r"senior manager|group manager|general manager", "Senior Manager"),
    (r"manager|controller|lead(?:er)?\b|supervisor|administrator|gerente", "Manager"),
)  # fmt: skip


def department_of(text: str) -> Department | None:
    """The department that a title or a text names first, by the earliest of its words."""
    # Before all is small: "it" is no department.
    lowered = re.sub(r"\bIT\b", "information technology", text[:300]).lower()
    found = [
        (match.start(), place, department)
        for place, (department, pattern) in enumerate(_COMPILED)
        if (match := pattern.search(lowered))
    ]
    # "Owner of a dental practice": what the person works on tells more than that they own it.
    special = [entry for entry in found if entry[2].name not in {"Management", "Operations"}]
    return min(special or found, key=lambda entry: entry[:2])[2] if found else None


def seniority_of(title: str) -> str:
    """How senior a job title is, in the words of the schema."""
    lowered = title.lower()
    return next((level for pattern, level in _SENIORITY if re.search(pattern, lowered)), "Entry")
