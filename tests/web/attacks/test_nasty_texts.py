"""Nasty text in every place of every address, by every method: no failure, and a refusal writes nothing."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.house.test_doors import READINGS
from tests.web.attacks.town import ACCOUNT, CALLS, FAMILY, OFFICE, URLS, names_of, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

NASTY = {
    "nothing": "",
    "NUL": "a\x00b",
    "digits beyond reading": "9" * 6000,
    "words beyond sense": "é " * 6000,
    "beyond bigint": "-9223372036854775809",
    "Arabic digits": "٣",
    "superscript": "²",
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "year 2099": "2099-12-31",
    "31 February": "2026-02-31",
    "injection": "'; DROP TABLE t; -- %s%(authority)s{0}{{ settings }}<script>alert(1)</script>\u202e\U0001f469",
    "header": "x\r\nSet-Cookie: a=b",
    "dots": "a.b.c",
    "square of nobody": "000000000000.000000000000.2026-11-27",
}

# Texts that fail alike: each address is tried with one of each, its neighbors with the others, and with all in the
# torture. An empty address is another one, so « nothing » stands with the texts of no kind.
ALIKE = [
    ("NUL",),
    ("digits beyond reading", "beyond bigint"),
    ("Arabic digits", "superscript"),
    ("year 1", "31 February", "year 9999", "year 2099"),
    ("dots", "square of nobody"),
    ("injection", "words beyond sense", "header", "nothing"),
]
# Methods that fail alike: Django refuses these five before a view, and answers HEAD as it would GET.
UNKNOWN = ("options", "trace", "put", "patch", "delete")
WORST = {"NUL", "digits beyond reading", "year 1", "square of nobody"}


def places(what: str, names, *, by_turns: bool) -> list[tuple[str, ...]]:
    """Return where a text goes: all places at once; or by turns, for those among the worst."""
    return [(name,) for name in names] if by_turns and what in WORST else [tuple(names)] if names else []


def texts(turn: int, *, by_turns: bool) -> dict[str, str]:
    """Return the texts to try: those of this turn, or all."""
    return NASTY if by_turns else {what: NASTY[what] for what in (alike[turn % len(alike)] for alike in ALIKE)}


def methods(turn: int, *, by_turns: bool) -> tuple[str, ...]:
    """Return the methods to try: those of this turn, or all."""
    if by_turns:
        return ("get", "head", *UNKNOWN, "post")
    return ("head" if turn % 2 else "get", UNKNOWN[turn % len(UNKNOWN)], "post")


def attempts(one, turn: int, *, by_turns: bool):
    """Yield (what, call, whether it only reads): each text in each place of one address."""
    for method in methods(turn, by_turns=by_turns):
        yield method, one.send(method.upper()), method in {"get", "head", "options", "trace"}
    for what, text in texts(turn, by_turns=by_turns).items():
        for names in places(what, one.query, by_turns=by_turns):
            query = {**(one.form if one.name == "period" else {}), **dict.fromkeys(names, text)}
            yield f"?{names}={what}", one.send("GET", query), True
        for names in places(what, one.form or (), by_turns=by_turns):
            yield f"{names}={what}", one.send("POST", {**one.form, **dict.fromkeys(names, text)}), False
        if one.name == "calendar":
            for name in ("all", "wait", "leave"):
                yield f"only {name}={what}", one.send("POST", {name: text}), False
        for piece in one.kwargs:
            if not text.strip() or "/" in text or (piece == "authority" and what not in {"NUL", "injection"}):
                continue
            path = one.path.replace(f"/{one.kwargs[piece]}", f"/{quote(text[:2000])}")
            method = "POST" if one.form else "GET"
            yield f"path {piece}={what}", one.send(method, one.form, path=path), not one.form


A_LINE = 'INSERT INTO "foundation_auditentry"'


def each_once() -> list:
    """Return each (host, name): what several sites have is asked of one, of all in the torture.

    Of the account site, to which the others only lead; else of the families'.
    """
    shared = names_of(FAMILY) & names_of(OFFICE)
    asked_of = {name: ACCOUNT if name in names_of(ACCOUNT) else FAMILY for name in shared}
    return [
        pytest.param(host, name, marks=[pytest.mark.torture] if asked_of.get(name, host) != host else [])
        for host in URLS
        for name in sorted(names_of(host))
    ]


def test_every_text_has_its_turn():
    assert sorted(what for alike in ALIKE for what in alike) == sorted(NASTY)


@pytest.mark.parametrize(
    "by_turns", [pytest.param(True, marks=pytest.mark.torture), False], ids=["by turns", "at once"]
)
@pytest.mark.parametrize(("host", "name"), each_once())
@pytest.mark.usefixtures("quick_passwords", "plugged")
def test_no_text_in_any_place_of_an_address_fails_and_a_refusal_writes_nothing(
    described, settings, host, name, by_turns
):
    settings.ACCOUNT_RATE_LIMITS = False
    turn, one = described[host, name]
    failures = []
    for what, call, is_read in attempts(one, turn, by_turns=by_turns):
        with undone() as written:
            answer = call()
        # A page that shows health or a quotient says in the journal that it was read, and nothing else (decision 36).
        statements = [said for said in written if not (name in READINGS and said.startswith(A_LINE))]
        if answer.status_code >= 500 or (statements and ((is_read and name not in CALLS) or answer.status_code >= 400)):
            failures.append((what, answer.status_code, statements))
    assert not failures
