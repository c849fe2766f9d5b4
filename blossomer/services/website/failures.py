"""What can go wrong with reading a website, in words for a person.

One function per failure, so that the same event always has the same code, message and way out.
The words never contain a resolved address, a port of this machine or a library's own message.
"""

from __future__ import annotations

from blossomer.errors import UserError

PASTE = "Paste a description of the company instead."
SHOWN_LENGTH = 80


class UnexpectedStatus(UserError):
    """The website answered with an error of its own.

    Args:
        website_status: The HTTP status it sent; ``status`` is the one that we answer with.
    """

    def __init__(
        self,
        code: str,
        message: str,
        action: str,
        *,
        website_status: int,
        status: int,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code, message, action, status=status, retry_after=retry_after)
        self.website_status = website_status


def shown(text: str) -> str:
    """A person's own input, safe to repeat in a sentence: printable, and not too long."""
    clean = "".join(character for character in text if character.isprintable()).strip()
    return clean if len(clean) <= SHOWN_LENGTH else clean[: SHOWN_LENGTH - 1] + "…"


def invalid_url(text: str, reason: str = "") -> UserError:
    """What was typed is not the address of a website."""
    message = f"“{shown(text)}” is not a website address" if shown(text) else "There is no address"
    return UserError(
        "invalid_url",
        f"{message}{': ' + reason if reason else ''}.",
        "Enter an address such as acme.com or https://www.acme.com.",
    )


def address_not_allowed() -> UserError:
    """The address, or one it leads to, is not on the public internet.

    One sentence for every case: whether a private name exists must not show.
    """
    return UserError(
        "address_not_allowed",
        "This address does not lead to a public website, so it is not read.",
        f"Enter the address of a public website. {PASTE}",
    )


def host_not_found(host: str) -> UserError:
    """The name has no address."""
    return UserError(
        "host_not_found",
        f"There is no website at {shown(host)}: the name does not exist.",
        f"Check the spelling of the address. {PASTE}",
        status=422,
    )


def connection_refused(host: str) -> UserError:
    """Nothing accepts a connection."""
    return UserError(
        "connection_refused",
        f"{shown(host)} did not accept a connection.",
        f"Check that the website opens in your browser, then try again. {PASTE}",
        status=502,
    )


def tls_failure(host: str) -> UserError:
    """The certificate is not valid for the name, or the handshake failed."""
    return UserError(
        "tls_failure",
        f"No secure connection to {shown(host)} was possible: its certificate is not valid.",
        f"Check the address, or try it with http:// in front. {PASTE}",
        status=502,
    )


def website_timeout(host: str) -> UserError:
    """No complete answer in time."""
    return UserError(
        "website_timeout",
        f"{shown(host)} took too long to answer.",
        f"Try again in a minute. {PASTE}",
        status=504,
    )


def connection_lost(host: str) -> UserError:
    """The answer began and was cut off, or was not HTTP at all."""
    return UserError(
        "connection_lost",
        f"The connection to {shown(host)} broke off before the page was complete.",
        f"Try again in a minute. {PASTE}",
        status=502,
    )


def redirect_loop(host: str) -> UserError:
    """Redirects in a circle, or too many of them."""
    return UserError(
        "redirect_loop",
        f"{shown(host)} sends visitors from one address to the next without end.",
        f"Enter the address that your browser shows when the page is open. {PASTE}",
        status=502,
    )


def not_html(host: str) -> UserError:
    """A picture, a document, a download."""
    return UserError(
        "not_html",
        f"{shown(host)} answered with something that is not a web page.",
        f"Enter the address of the company's home page. {PASTE}",
        status=422,
    )


def page_too_large(host: str) -> UserError:
    """More bytes than the limit, as sent or after decompression."""
    return UserError(
        "page_too_large",
        f"The page at {shown(host)} is too large to be read.",
        f"Enter the address of a smaller page of the website. {PASTE}",
        status=422,
    )


def unreadable_answer(host: str) -> UserError:
    """An answer in a form that was not asked for, or that no browser could use either."""
    return UserError(
        "website_error",
        f"{shown(host)} answered in a form that cannot be read.",
        f"Try again in a minute. {PASTE}",
        status=502,
    )


def robots_disallowed(host: str) -> UserError:
    """robots.txt asks programs to stay away."""
    return UserError(
        "robots_disallowed",
        f"{shown(host)} asks programs not to read this page (in its robots.txt).",
        PASTE,
        status=422,
    )


def robots_unreachable(host: str) -> UserError:
    """robots.txt fails on the server's side, which RFC 9309 equates with a complete disallow."""
    return UserError(
        "robots_unreachable",
        f"{shown(host)} could not tell whether programs may read it (its robots.txt fails).",
        f"Try again in a minute. {PASTE}",
        status=502,
    )


def needs_javascript(host: str) -> UserError:
    """Scripts, and next to no text."""
    return UserError(
        "needs_javascript",
        f"{shown(host)} shows its text only in a browser that runs its scripts.",
        PASTE,
        status=422,
    )


def too_little_text(host: str) -> UserError:
    """The site answered, and says next to nothing."""
    return UserError(
        "too_little_text",
        f"There is too little text on {shown(host)} to learn about the company.",
        f"Enter the address of a page that tells more. {PASTE}",
        status=422,
    )


def unexpected_status(host: str, status: int, retry_after: int | None = None) -> UnexpectedStatus:
    """The website answered with an error of its own.

    Args:
        host: Name of the website.
        status: HTTP status, anything but 2xx and a followed redirect.
        retry_after: Seconds, as the website asks for.
    """
    name = shown(host)
    if status in (401, 403, 451):
        return UnexpectedStatus(
            "website_forbidden",
            f"{name} does not let programs read this page (status {status}).",
            PASTE,
            website_status=status,
            status=422,
        )
    if status in (404, 410):
        return UnexpectedStatus(
            "page_not_found",
            f"There is no such page on {name} (status {status}).",
            f"Check the address, or enter the home page. {PASTE}",
            website_status=status,
            status=422,
        )
    if status == 429:
        return UnexpectedStatus(
            "website_busy",
            f"{name} asks to be read less often (status 429).",
            f"Try again in a few minutes. {PASTE}",
            website_status=status,
            status=502,
            retry_after=retry_after,
        )
    return UnexpectedStatus(
        "website_error",
        f"{name} answered with an error (status {status}).",
        f"Try again in a few minutes. {PASTE}",
        website_status=status,
        status=502,
    )


def pasted_text_too_short(least_words: int) -> UserError:
    """Too few words to write anything from."""
    return UserError(
        "pasted_text_too_short",
        "The description is too short to learn about the company.",
        f"Write at least {least_words} words: what the company sells, to whom, and why they buy.",
        status=422,
    )


def pasted_text_too_long(most_characters: int) -> UserError:
    """More than anyone types or copies from a website."""
    return UserError(
        "pasted_text_too_long",
        "The description is too long.",
        f"Shorten it to at most {most_characters:,} characters.",
        status=422,
    )
