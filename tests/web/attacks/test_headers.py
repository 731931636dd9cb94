"""The guards that every answer carries, and what no page holds."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from django.test import override_settings

from marelle.domain.authorities.models import Authority
from marelle.foundation.writes import permitted
from tests.web.attacks.town import FAMILY, each_address, place, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


def test_every_page_carries_its_guards_and_holds_no_script_of_anybody_nor_a_name_in_an_address(town):
    for one in each_address(town):
        with undone():
            answer = one.visit().get(one.path)
        at = (one.host, one.name)
        assert answer["X-Content-Type-Options"] == "nosniff", at
        assert answer["X-Frame-Options"] == "DENY", at
        assert answer["Referrer-Policy"] == "same-origin", at
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", at
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy, at
        if one.name != "logo":
            assert "unsafe" not in policy, at
            assert "frame-ancestors 'none'" in policy, at
        if not answer["Content-Type"].startswith("text/html"):
            continue
        if one.is_somebody_s and answer.status_code < 400:
            assert {"private", "no-store"} <= set(answer.get("Cache-Control", "").split(", ")), at
        text = answer.content.decode()
        assert "<script>alert" not in text, at
        assert not found_in(BeautifulSoup(text, "html.parser")), at


def found_in(page) -> list[tuple[str, str]]:
    """Return what a page must not hold: scripts and styles of its own, a family's name or a number in an address."""
    found = []
    for tag in page.find_all(True):
        if tag.name == "style" or (tag.name == "script" and not tag.get("src", "").startswith("/static/")):
            found.append((tag.name, str(tag)))
        found += [(tag.name, name) for name in tag.attrs if name.startswith(("on", "hx-on")) or name == "style"]
        href = str(tag.get("href", ""))
        if href.lower().startswith(("javascript:", "data:")):
            found.append((tag.name, href))
        if tag.name in {"a", "form"}:
            address = href or tag.get("action") or ""
            if "obby" in address or re.search(r"[?&/]\d+(&|/|$)", address):
                found.append((tag.name, address))
    return found


@pytest.mark.parametrize(
    "piece",
    [
        "<script>alert(1)</script>",
        '<script src="https://ailleurs.exemple/x.js"></script>',
        "<style>a { color: red }</style>",
        '<p onclick="x()"></p>',
        '<p hx-on:click="x()"></p>',
        '<p style="color: red"></p>',
        '<a href="JavaScript:x()">x</a>',
        '<a href="/famille/Bobby/">x</a>',
        '<form action="/familles/12/"></form>',
    ],
)
def test_what_a_page_must_not_hold_is_seen(piece):
    assert found_in(BeautifulSoup(piece, "html.parser"))


def test_what_is_refused_or_broken_is_guarded_too(town, monkeypatch):
    monkeypatch.setattr("marelle.web.family.applications.history.to_finish", None)
    client = place(FAMILY, town.user)

    for path, status in (("/x/y/z", 404), (f"/{town.slug}/demandes/", 500), (f"/{town.slug}/panier/valider/", 405)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "Traceback" not in answer.content.decode()


def test_over_https_browsers_are_told_to_stay_there(town):
    with override_settings(SECURE_HSTS_SECONDS=31536000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        answer = place(FAMILY).get("/", headers={"x-forwarded-proto": "https"})

    assert answer["Strict-Transport-Security"] == "max-age=31536000"


def test_a_logo_may_do_nothing_but_be_seen(town):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    with permitted("factory"):
        Authority.objects.filter(pk=town.authority.pk).update(logo=svg, logo_type="image/svg+xml")

    answer = place(FAMILY).get(f"/{town.slug}/logo")

    assert answer["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script" not in answer["Content-Security-Policy"].replace("unsafe-inline", "")
