# ruff: noqa: E501
"""E-mails that nothing is wrong with, and what their numbers and names come from."""

from __future__ import annotations

from typing import NamedTuple

SOURCES = (
    "Shiftwise",
    "Shiftwise plans shifts for warehouses and plants. Each site plans 120 shifts in 15 minutes.",
    "“We cut overtime by 40%,” says Ines Bergmann, Head of Operations at Bergmann Logistik.",
    "Customers: Bergmann Logistik, IBM, Northgate Foods (J. Lund), Hafen & Sohn. ISO 27001 certified.",
    "From $49 per site and month. 10,000 shifts a day, 3x fewer phone calls, since 2019.",
    "Peak season starts in six weeks. They opened a third hub in March. Raised a Series A.",
    "Plans take two hours instead of 1.5 days. Savings of €2.5M. Doubled output. 24 sites.",
)


class Good(NamedTuple):
    """An e-mail without errors and warnings.

    Args:
        name: What it shows.
        subject: Its subject.
        body: Its text.
        notes: The rules that have an info to give, beside the reminders of the law.
    """

    name: str
    subject: str
    body: str
    notes: str = ""


BASE = """Hi {{first_name}},

Peak season is close, and most sites still plan their shifts by hand. By Monday half of the plan \
is wrong, and your team has to call people in.

Shiftwise shows the gaps a day ahead. Bergmann Logistik cut overtime by 40% with it.

Would it help to see tomorrow's gaps at {{company_name}} today?

Best,
Ruth Adler
Shiftwise"""

GOOD = [
    Good("plain", "friday shift plans", BASE),
    Good(
        "no sign-off, only a name",
        "gaps on monday",
        """Hello {{first_name}},

Your third hub opens in March, so the shift plan gets harder from day one. New people do not know \
who can drive what, and the lead has to fix the plan by phone.

Shiftwise does that part for you. It knows who may do which job, and it fills the gaps before the \
week starts.

Is that a problem you would like to be rid of?

Ruth""",
    ),
    Good(
        "numbers that a source writes otherwise",
        "overtime this season",
        """Hi {{first_name}},

When the peak comes, overtime is what you pay for a plan that was made too late. At Bergmann \
Logistik it fell by 40 percent.

They plan 120 shifts in 15 minutes now. Across all sites it is 10k shifts a day, for $49.00 per \
site and month. No one calls in people on a Sunday.

Would a look at how they did it be of use to you and {{company_name}}?

Best regards,
Ruth""",
    ),
    Good(
        "24/7, dates, times and years",
        "night shifts",
        """Hi {{first_name}},

A site that runs 24/7 has its worst gap at 3 am, when no one picks up the phone. From 12 May the \
new rules on rest apply, and on 1/6/2026 they get stricter.

Shiftwise knows the rules and plans around them. In 2026 that will matter more than in 2025, so \
the best time to look is before Q3 2026.

Do you already know how {{company_name}} will plan its nights by then?

Thanks,
Ruth""",
    ),
    Good(
        "names at the beginning of a sentence",
        "who works on monday",
        """Hi {{first_name}},

Warehouses lose most of their time on Monday. Planners call, drivers wait, and your first trucks \
leave late. Friday's plan is old by then.

Managers tell us the same in Germany and Poland. Excel is fine for ten people you know, not for a \
hub with three shifts and new faces each week.

Could a plan that mends itself help {{company_name}} this season?

Cheers,
Ruth""",
    ),
    Good(
        "hyphens and abbreviations",
        "last-minute call-ins",
        """Hi {{first_name}},

Last-minute call-ins cost more than pay, e.g. in good will. People who are called on their day \
off, i.e. your best ones, leave first.

Mr. Lund of Northgate Foods says it best: a day-ahead plan is a well-earned evening. Their \
follow-up work, such as sick notes etc., runs on its own.

Would your shift leads at {{company_name}} like that too?

Kind regards,
Ruth""",
    ),
    Good(
        "curly quotes and apostrophes",
        "tomorrow’s gaps",
        """Hi {{first_name}},

It’s the part of the week you don’t plan that costs you. “We cut overtime by 40%,” says Ines \
Bergmann, and that’s with the same people.

Shiftwise shows tomorrow’s gaps today. Your leads see who’s free, who’s trained and who’s rested. \
Then they pick, and the plan’s done before lunch.

Isn’t that what {{company_name}} needs for the peak?

Best,
Ruth""",
    ),
    Good(
        "a name with of, and, &",
        "how others plan",
        """Hi {{first_name}},

Your night shift is hard to fill, and it gets harder in the peak. The Head of Operations at Hafen \
& Sohn had the same trouble with two sites.

Now the plan asks people on its own. Those who want more hours get them first, and your leads \
only look at what is left.

Would you like to read how that went, in one page?

Best,
Ruth""",
    ),
    Good(
        "two questions",
        "one thing about shifts",
        """Hi {{first_name}},

Who mends the plan at {{company_name}} when three people are ill on the same day? In most plants \
it is the shift lead, on the phone, at five in the morning.

Shiftwise asks the right people by text and fills the gap while your lead sleeps. There is \
nothing to install, and your people need no app for it.

Is that worth a short reply?

Best,
Ruth""",
    ),
    Good(
        "exactly fifty words",
        "sick notes",
        """Hi {{first_name}},

Flu season means gaps, and gaps mean calls at dawn. Your leads know that best. Shiftwise finds \
someone who is free, trained and rested, and asks them by text. You only see the end result.

Would that take some weight off your leads at {{company_name}} this winter?

Ruth""",
    ),
    Good(
        "a list",
        "three gaps",
        """Hi {{first_name}},

Your plan for the peak has gaps in three places you cannot see from a sheet:

1. who is trained for which job
2. who has had enough rest
3. who would like more hours

Shiftwise knows all of that and shows each gap a day ahead, so your leads can mend it in time. \
You keep your own rules, and your people keep their free days.

Which of them hurts most at {{company_name}}?

Best,
Ruth""",
    ),
    Good(
        "lines of a fixed width",
        "shifts in the peak",
        """Hi {{first_name}},

Your peak is near, and the plan for it is still a sheet.
That works until someone is ill on a day when nobody is
left to ask.

Shiftwise asks for you, by text, and in the right order.
Your leads see the gap and the person who fills it. They
say yes, and the plan is right again.

Is that something {{company_name}} could use this year?

All the best,
Ruth""",
    ),
    Good(
        "greeting and text on one line",
        "your new hub",
        """Hi {{first_name}}, your new hub needs a plan before it has a team. That is the hard \
part. No one knows yet who can do what, and your leads have no time to ask.

Shiftwise starts with the jobs, not the people. As you hire, it fills the plan and tells you what \
is still open, for each day and shift.

Would that make the start easier for {{company_name}}?

Ruth""",
    ),
    Good(
        "a link, an address and a postscript",
        "a page on shifts",
        """Hi {{first_name}},

Your leads plan at night because the day is full of calls. It need not be so. We wrote down what \
your peers do, on one page: https://shiftwise.example/plan-2026-v3?id=77

It tells how they fill a gap in the time you need for a coffee, without a call. Or write to \
help99@shiftwise.example and you will get it by mail.

Shall I send you the part on nights?

Best,
Ruth

P.S. It is free, and you can read it on the train.""",
    ),
    Good(
        "opt-out and postal address",
        "plans that hold",
        BASE
        + """
12 Harbour Street, Hull
Not relevant? Tell me and you get no more mail.""",
        notes="-EM24 -EM25",
    ),
    Good(
        "carriage returns",
        "friday plans",
        BASE.replace("\n", "\r\n"),
    ),
    Good(
        "a customer in capitals, from a source",
        "what others do",
        BASE.replace("Bergmann Logistik cut overtime by 40% with it", "IBM uses it too"),
    ),
    Good(
        "time in a question about interest is no claim",
        "a short read",
        BASE.replace(
            "Would it help to see tomorrow's gaps at {{company_name}} today?",
            "Would it help to see tomorrow's gaps at {{company_name}} by 9:30 on Tuesday?",
        ),
    ),
    Good(
        "words that are part of longer ones",
        "phone calls",
        BASE.replace(
            "Shiftwise shows the gaps a day ahead.",
            "Shiftwise shows unleveraged gaps, and reps who follow up with people by phone stop.",
        ),
    ),
    Good(
        "spelled numbers from the sources",
        "two hours",
        BASE.replace("Peak season is close", "Peak season starts in six weeks"),
    ),
]
