# ruff: noqa: E501
"""E-mails that break a rule or a few, each with exactly what the linter must say."""

from __future__ import annotations

from typing import NamedTuple

from blossomer.services.email_lint import EmailKind
from tests.unit.email_lint.good import BASE

PROOF = "Bergmann Logistik cut overtime by 40% with it."
OPENING = "Peak season is close, and most sites still plan their shifts by hand."
ASK = "Would it help to see tomorrow's gaps at {{company_name}} today?"
SUBJECT = "friday shift plans"


class Bad(NamedTuple):
    """An e-mail and what is the matter with it.

    Args:
        name: What it shows.
        expected: Rules with a letter for the severity: "EM11e" is an error, "w" a warning, "i" an
            info. The two reminders of the law are expected unless a minus says otherwise.
        body: Its text.
        subject: Its subject.
        kind: Its place.
        wait_days: Its distance.
        previous: Texts before it.
    """

    name: str
    expected: str
    body: str
    subject: str = SUBJECT
    kind: EmailKind = "first"
    wait_days: int | None = None
    previous: tuple[str, ...] = ()


def but(old: str, new: str) -> str:
    """The good e-mail with one place changed."""
    assert old in BASE
    return BASE.replace(old, new)


def proof(new: str) -> str:
    return but(PROOF, new)


def opening(new: str) -> str:
    return but(OPENING, new)


def ask(new: str) -> str:
    return but(ASK, new)


def subject(name: str, expected: str, text: str) -> Bad:
    return Bad(f"subject: {name}", expected, BASE, subject=text)


FOLLOW_UP = """Hi {{first_name}},

One more thought on nights. People who know their shifts a week ahead stay longer, and your leads \
sleep better.

Is it worth a look for {{company_name}}?

Ruth"""

LONG_PARAGRAPH = (
    "Your plan is made by hand. It is old by Monday. Your leads call people in. They do it at night. "
    "It costs you good will. It costs you pay. It makes your best people leave. They go where the "
    "plan holds. Shiftwise makes it hold. It shows you each gap. It fills it for you too."
)

GERMAN = """Hallo {{first_name}},

die Hochsaison beginnt bald, und die meisten Lager planen ihre Schichten noch von Hand. Am Montag \
ist die Hälfte des Plans falsch, und Ihr Team muss Leute anrufen.

Shiftwise zeigt die Lücken einen Tag vorher. Die Schichtleiter sehen, wer frei ist und wer die \
Arbeit kann, und der Plan ist vor dem Mittag fertig.

Wäre das etwas für {{company_name}} in diesem Jahr?

Viele Grüße
Ruth"""

FRENCH = """Bonjour {{first_name}},

La haute saison est proche et la plupart des entrepôts font encore le planning à la main. Le lundi, \
la moitié du plan est fausse et votre équipe doit appeler des gens.

Shiftwise montre les trous un jour avant. Vos chefs voient qui est libre et qui sait faire le \
travail, et le plan est prêt avant midi.

Est-ce utile pour {{company_name}} cette année ?

Cordialement,
Ruth"""

JAPANESE = """{{first_name}}様

繁忙期が近づいています。多くの倉庫では、まだ手作業でシフトを作成しています。月曜日には計画の半分が\
間違っています。

御社ではいかがでしょうか？"""

BAD = [
    # Length.
    Bad("empty", "EM01e EM05e -EM24 -EM25", "", subject=""),
    Bad("only white space", "EM01e -EM24 -EM25", " \n\n\t \n"),
    Bad("only tokens", "EM01w EM06w", "{{first_name}} {{company_name}}"),
    Bad("too short", "EM01w", "Hi {{first_name}},\n\nDo you plan your shifts by hand?\n\nRuth"),
    Bad("49 words", "EM01w", but(" and most sites still plan their shifts by hand.", " is it not.")
        .replace(" by 40% with it", " too").replace(", and your team has to call people in", "")),
    Bad("over a hundred words", "EM01w", but(ASK, (
        "Your leads get a text when a gap opens. They see who is free and who is trained. They pick "
        "one, and the plan is right again.\n\nYour people see their week on the phone. They swap "
        "shifts on their own, and your rules are kept. No one has to call. It works for nights too, "
        "and for the new hub.\n\n" + ASK))),
    Bad("far too long", "EM01e", but(ASK, "\n\n".join([
        "Your leads get a text when a gap opens. They see who is free, and then they pick."] * 7)
        + "\n\n" + ASK)),
    Bad("follow-up of fair length", "", FOLLOW_UP, kind="follow_up", wait_days=4),
    Bad("follow-up as long as a first e-mail", "EM01w", BASE.replace("close", "very close indeed"),
        kind="follow_up"),
    Bad("follow-up of a few words", "EM01w", "Did the page on nights help you?", kind="follow_up"),
    # Reading grade, sentences, paragraphs.
    Bad("hard words", "EM02e", but("Shiftwise shows the gaps a day ahead.",
        "Organisational scheduling inefficiencies considerably deteriorate operational "
        "predictability.\n\nAutomated availability reconciliation continuously mitigates "
        "personnel insufficiencies.")),
    Bad("a sentence of 24 words", "EM03w", opening(
        "Peak season is close, and most sites still plan their shifts by hand on a sheet that is "
        "old by the time your people read it.")),
    Bad("a sentence of 34 words", "EM03e", opening(
        "Peak season is close, and most sites still plan their shifts by hand on a sheet that is "
        "old by the time your people read it, so in the end no one knows who is in.")),
    Bad("one long paragraph", "EM04w", f"Hi {{{{first_name}}}},\n\n{LONG_PARAGRAPH}\n\n{ASK}\n\nRuth"),
    # Subject.
    subject("none", "EM05e", ""),
    subject("six words", "EM05w", "how your leads plan their week"),
    subject("ten words", "EM05e", "how your leads can plan a week in no time"),
    subject("too many characters", "EM05w", "understanding warehouse shift-planning trouble"),
    subject("a pretended answer", "EM05e", "Re: shift plans"),
    subject("capitals only", "EM05e", "SHIFT PLANS"),
    subject("exclamation", "EM05e", "better shift plans!"),
    subject("first name", "EM05w", "{{first_name}}, shift plans"),
    subject("headline", "EM05i", "Better Shift Plans"),
    subject("figure from a source", "EM05i", "40% less overtime"),
    subject("invented figure", "EM05i EM11e", "35% less overtime"),
    subject("invented name", "EM12e", "plans like Globex has"),
    subject("em-dash", "EM16e", "shift plans — a thought"),
    subject("unknown token", "EM10e", "plans for {{city}}"),
    subject("buy", "EM21i", "buy time for leads"),
    subject("dollars", "EM05i EM21i", "$49 for each site"),
    subject("following up", "EM15e", "following up on shifts"),
    subject("company token", "", "shifts at {{company_name}}"),
    Bad("follow-up without subject", "EM05i", FOLLOW_UP, subject="", kind="follow_up"),
    Bad("follow-up that answers", "", FOLLOW_UP, subject="Re: shift plans", kind="follow_up"),
    # Questions and requests.
    Bad("no question", "EM06w", ask("Tell me if it helps {{company_name}} to see tomorrow's gaps.")),
    Bad("three questions", "EM06w", ask(f"Who plans your week? Who mends it? {ASK}")),
    Bad("a meeting of 15 minutes", "EM07w", ask("Do you have 15 minutes for a call next week?")),
    Bad("a meeting of thirty minutes", "EM07w", ask("Is that worth thirty minutes of your time?")),
    Bad("a demo", "EM07w", ask("Would you like to see a demo with your own plan?")),
    Bad("a calendar", "EM07w", ask("May I put something on your calendar for {{company_name}}?")),
    Bad("a meeting in a follow-up", "", FOLLOW_UP.replace("Is it worth a look",
        "Do you have 15 minutes for a call"), kind="follow_up"),
    Bad("a calendar of the reader", "", opening(
        "Peak season is close, and your calendar is full of calls.")),
    Bad("rhetorical", "EM06w EM18w", ask(f"Sound familiar? Tired of calls at dawn? {ASK}")),
    Bad("answers itself", "EM18w", ask(f"Can it be easier? Yes. {ASK}")),
    # You and we, first word.
    Bad("we, we, we", "EM08w EM09w", """Hi {{first_name}},

We build software for shift plans. We are proud of our team and our work. Our planners know the \
trade, and we have made our tool with them. It shows the gaps a day ahead, and we fill them by text.

We would be glad to show what we have made. Is that of use to you?

Ruth"""),
    Bad("begins with I", "EM09w", opening("I know that your peak season is close.")),
    Bad("begins with our", "EM09w", opening("Our planners say your peak season is close.")),
    Bad("an initial is not I", "", opening("Is it your peak season again?").replace(
        "Ruth Adler", "R. I. Adler")),
    # Tokens.
    Bad("unknown token", "EM10e", but("your team", "your team in {{city}}")),
    Bad("one brace", "EM10e", but("Hi {{first_name}},", "Hi {first_name},")),
    Bad("three braces", "EM10e", but("Hi {{first_name}},", "Hi {{{first_name}}},")),
    Bad("square brackets", "EM10e", but("Hi {{first_name}},", "Hi [First Name],")),
    Bad("spaces in a token", "EM10e", but("{{company_name}}", "{{ company_name }}")),
    Bad("capitals in a token", "EM10e", but("{{company_name}}", "{{Company_Name}}")),
    Bad("a fallback", "EM10e", but("{{first_name}}", "{{first_name|there}}")),
    Bad("nested", "EM10e", but("{{company_name}}", "{{company_{{first_name}}}}")),
    Bad("not closed", "EM10e", but("{{company_name}}", "{{company_name")),
    Bad("merge tag of another tool", "EM10e", but("{{first_name}}", "*|FNAME|*")),
    Bad("spintax", "EM10e", but("Hi {{first_name}},", "{Hi|Hello} {{first_name}},")),
    Bad("numbers in a token", "EM10e", but("your team", "{{team_2026_40}}")),
    # Numbers.
    Bad("another percentage", "EM11e", proof("Bergmann Logistik cut overtime by 41% with it.")),
    Bad("a percentage from a count", "EM11e", proof("Overtime falls by 120% with it.")),
    Bad("another currency", "EM11e", proof("It costs €49 per site and month.")),
    Bad("a price", "EM11e", proof("It costs 59 dollars per site and month.")),
    Bad("a count", "EM11e", proof("It is in use at 2,000 sites.")),
    Bad("a multiple", "EM11e", proof("It means 5x fewer calls.")),
    Bad("the multiple of the source", "", proof("It means three times fewer calls.")),
    Bad("hours in words", "EM11e", proof("It saves each lead five hours a week.")),
    Bad("hundreds", "EM11e", proof("It plans thousands of sites, and millions of shifts a day.")),
    Bad("a range", "EM11e", proof("Overtime falls by 10-15% with it.")),
    Bad("a certificate of the source", "", proof("It is ISO 27001 certified, and you can ask for it.")),
    Bad("a certificate", "EM11e", proof("It is ISO 9001 certified.")),
    Bad("millions", "", proof("It saved them €2.5 million.")),
    Bad("number and name", "EM11e EM12e", proof("Globex Foods cut overtime by 55% with it.")),
    Bad("a standard that applies to the reader", "", proof("IFRS 18 applies to you, and it helps.")),
    Bad("a money-making range", "EM11e", proof("It is for firms of $10-50M.")),
    Bad("number of five digits with a space", "", proof("It runs 10 000 shifts a day.")),
    Bad("a changed digit behind the point", "EM11e", proof("It takes two hours, not 1.6 days.")),
    # Names and claims.
    Bad("customer in the middle", "EM12e", proof("Teams at Initech cut overtime by 40% with it.")),
    Bad("customer at the beginning", "EM12e", proof("Initech cut overtime with it.")),
    Bad("customer in capitals", "EM12e", proof("It is used by KPMG in all plants.")),
    Bad("an everyday tool as a customer", "EM12e", proof("Companies like Google plan so.")),
    Bad("an everyday tool", "", proof("You need no Excel and no Outlook for it.")),
    Bad("a name with of", "EM12e", proof("The Bank of Ruritania plans so.")),
    Bad("a person", "EM12e", proof("Maria Lopez, their CFO, says so.")),
    Bad("a job title", "", proof("The FP&A Analyst and the VP of Sales see it too.")),
    Bad("places and languages", "", proof("It speaks German, and it runs in New York and the UK.")),
    Bad("a quotation begins with a capital", "", proof('Your leads ask: "Can we skip the sheet?"')),
    Bad("a possessive", "EM12e", proof("It is how Initech's team plans.")),
    Bad("a list of customers", "EM12e", proof("IBM, Acme Corp and Globex plan so.")),
    Bad("camel case", "EM12e", proof("PlanHub does less.")),
    Bad("superlative", "EM27w", proof("It is the leading platform for plans.")),
    Bad("award", "EM27w", proof("It is an award-winning tool.")),
    Bad("an event", "EM27w", opening("Congrats on your recent podcast, and peak season is close.")),
    Bad("an event of the sources", "", opening("Since you opened a third hub, plans are harder.")),
    Bad("quadrupled", "EM27w", proof("It quadrupled the time your leads have.")),
    Bad("doubled, as the source says", "", proof("It doubled output at one site.")),
    # Phrases.
    Bad("cliché", "EM13w", opening("I hope this finds you well.").replace("I hope", "Hope")),
    Bad("two clichés", "EM13w", proof("It is a game-changing, best-in-class tool.")),
    Bad("noticed that", "EM14e", opening("Noticed that your peak season is close.")),
    Bad("I noticed", "EM09w EM14e", opening("I noticed that your peak season is close.")),
    Bad("saw that", "EM14e", opening("Saw that your sites plan their shifts by hand.")),
    Bad("came across", "EM09w EM14e", opening("I came across your site, and peak season is close.")),
    Bad("they noticed", "", proof("Your people will have noticed that plans are late.")),
    Bad("circling back", "EM15e", opening("Just circling back on your shift plans.")),
    Bad("never heard back", "EM15e", opening("Your peak is close, and you never heard back.")),
    Bad("checking in", "EM15e", FOLLOW_UP.replace("One more thought on nights.",
        "Just checking in about nights."), kind="follow_up"),
    Bad("em-dash", "EM16e", but("a day ahead.", "a day ahead — for each site.")),
    Bad("en dash is none", "", but("a day ahead.", "a day ahead – for each site.")),
    Bad("not just but", "EM17w", proof("It is not just a plan but a promise.")),
    Bad("in today's world", "EM17w", opening("In today's world your plan is late.")),
    Bad("lists of three", "EM17i", proof("It is calm, quick and fair. You see gaps, people and hours.")),
    # Links and filters.
    Bad("two links", "EM19w", proof("See https://a.example/x and www.b.example/y for it.")),
    Bad("shortener", "EM20e", proof("See https://bit.ly/3xYz for it.")),
    Bad("shortener without scheme", "EM20e", proof("See bit.ly/3xYz for it.")),
    Bad("raw address", "EM20e", proof("See http://192.0.2.7/plan for it.")),
    Bad("link that says another host", "EM20e", proof(
        "See [shiftwise.example](https://evil.example/a) for it.")),
    Bad("dear sir", "EM21w", but("Hi {{first_name}},", "Dear Sir,")),
    Bad("100% guaranteed", "EM11e EM21w", proof("It works, 100% guaranteed, for your site.")),
    Bad("act now", "EM21i", proof("ACT NOW if your plan is late.")),
    # Sequence.
    Bad("repeats the step before", "EM22w", FOLLOW_UP, kind="follow_up",
        previous=(BASE, FOLLOW_UP.replace("longer", "for longer"))),
    Bad("new angle", "", FOLLOW_UP, kind="follow_up", previous=(BASE,)),
    Bad("variant that varies nothing", "EM22w", BASE, kind="variant", previous=(BASE,)),
    Bad("variant of another use case", "", BASE, kind="variant", previous=(FOLLOW_UP,)),
    Bad("too soon", "EM23w", FOLLOW_UP, kind="follow_up", wait_days=1),
    Bad("too late", "EM23w", FOLLOW_UP, kind="follow_up", wait_days=14),
    Bad("waiting says nothing of a first touch", "", BASE, wait_days=14),
    # Other languages.
    Bad("German", "EM26i", GERMAN, subject="schichtpläne"),
    Bad("French", "EM26i", FRENCH, subject="plannings du lundi"),
    Bad("Japanese", "EM01w EM26i", JAPANESE, subject="シフト計画"),
    Bad("German with an invented number", "EM11e EM26i", GERMAN.replace("einen Tag", "77 Tage")),
    Bad("German with an em-dash and a typo", "EM10e EM16e EM26i", GERMAN.replace(
        "Am Montag", "— am Montag").replace("{{first_name}}", "{vorname}")),
]  # fmt: skip
