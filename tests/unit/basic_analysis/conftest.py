"""A small but complete company site, as a reader gives it."""

from __future__ import annotations

import pytest

from blossomer.services.website.model import Section, Website
from tests.support.pages import HOME, page, website


@pytest.fixture
def vanroute() -> Website:
    """A small but complete company site."""
    home = page(
        Section(
            "Every visit on time, without a single phone call",
            1,
            (
                "Vanroute is dispatch software for field service teams. It plans visits, tells "
                "customers and follows every van.",
            ),
        ),
        Section("What Vanroute does", 2),
        Section("Route planner", 3, ("Plans 120 visits in four minutes and keeps breaks legal.",)),
        Section("Live map", 3, ("Shows every van and warns before a visit runs late.",)),
        Section("Customer messages", 3, ("Tells customers when the crew arrives, by text.",)),
        Section(
            "The way it is today",
            2,
            (
                "Most service companies plan by hand on a whiteboard. Dispatchers lose two hours a "
                "day to errors and phone calls.",
                "We believe that dispatchers should look after people and not after spreadsheets.",
                "Unlike a calendar, Vanroute replaces the whiteboard with one plan for everybody.",
                "Teams save eleven hours a week and reduce missed visits by 38 percent.",
            ),
        ),
        Section(
            "Voices",
            2,
            ("“We reduced our overtime by a third in one summer.”",),
            ("Dana Whitlock", "Operations Manager, Northgate Heating"),
            role="testimonial",
        ),
        Section("Cookies", 2, ("We use cookies to improve your experience on this website.",)),
        Section("Start now", 2, ("Sign up for our newsletter to get the latest news.",)),
    )
    pricing = page(
        Section("Pro", 2, ("€49 per van and month",), ("Unlimited visits",), role="pricing"),
        Section(
            "How long does the set-up take?",
            3,
            ("Two days. We import your customers and crews for you.",),
            role="faq",
        ),
        Section(
            "Can I cancel at any time?",
            3,
            ("Yes, every plan can be cancelled at the end of a month.",),
            role="faq",
        ),
        url=HOME + "pricing",
        kind="pricing",
        title="Pricing | Vanroute",
    )
    solutions = page(
        Section("Industries we serve", 2),
        Section("Heating and cooling", 3, ("Seasonal peaks are spread over all crews.",)),
        Section("Lift maintenance", 3, ("Inspection dates are kept without a second calendar.",)),
        url=HOME + "solutions",
        kind="solutions",
        title="Solutions | Vanroute",
    )
    return website(home, pricing, solutions)
