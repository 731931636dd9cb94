"""PayFiP's bad days: what a client of its SOAP service must live with."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from http import HTTPStatus

from standins.payfip import soap


class Mood(StrEnum):
    """How the SOAP service answers whatever is asked."""

    GOOD = "good"
    SILENT = "silent"  # accepts and says nothing
    LOST = "lost"  # does what is asked, then hangs up without saying so
    UNAVAILABLE = "unavailable"  # 503 and a page of HTML
    TECHNICAL = "technical"  # a TechIndisponibiliteErreur
    GARBAGE = "garbage"  # 200 and what is no XML
    EMPTY = "empty"  # 200, an answer with nothing inside
    ELSEWHERE = "elsewhere"  # a redirection, to see who follows
    ENDLESS = "endless"  # a body that is much too long
    DRIBBLING = "dribbling"  # a byte now and then, for ever
    HALF = "half"  # hangs up in the middle


AT_ONCE: dict[Mood, tuple[int, str]] = {
    Mood.UNAVAILABLE: (HTTPStatus.SERVICE_UNAVAILABLE, "<html>Service indisponible</html>"),
    Mood.TECHNICAL: (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        soap.fault("", "Service indisponible", kind="TechIndisponibiliteErreur"),
    ),
    Mood.GARBAGE: (HTTPStatus.OK, "<html><p>Bienvenue</html>"),
    Mood.ENDLESS: (HTTPStatus.OK, " " * 2_000_000),
    Mood.ELSEWHERE: (HTTPStatus.TEMPORARY_REDIRECT, ""),
}


def said_in(mood: Mood, content: bytes) -> tuple[int, str] | None:
    """Return the status and the body of a mood that answers at once, or None."""
    if mood is Mood.EMPTY:
        with suppress(soap.NotSoapError):
            return HTTPStatus.OK, soap.answer(soap.question(content)[0], {})
    return AT_ONCE.get(mood)
