"""What a malicious visitor tries: forged names, other people's addresses, nasty text in every field, and headers."""

from __future__ import annotations

import functools
import io
import logging
import re
from datetime import UTC, date, datetime
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from marelle.domain.accounts.models import Agent, Grant, User
from marelle.domain.authorities.models import Authority
from marelle.domain.reservations.models import (
    Attendance,
    Basket,
    BasketLine,
    CancellationRequest,
    Confirmation,
    Enrollment,
    Reservation,
    WaitingListEntry,
)
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories import town as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

FAMILY, OFFICE = "famille.localhost", "mairie.localhost"
TUESDAY, THURSDAY, FRIDAY = date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 27)
PASSWORD = "trois petits chats verts"
# A first name that is an attack, wherever it is shown.
BOBBY = "<script>alert('Bobby')</script>\"'"

NASTY = {
    "nothing": "",
    "space": " \t\r\n",
    "NUL": "a\x00b",
    "NUL alone": "\x00",
    "replacement": "�",
    "too long": "9" * 6000,
    "long words": "é" * 20_000,
    "negative": "-1",
    "huge": "99999999999999999999",
    "beyond bigint": "9223372036854775808",
    "decimal": "1e309",
    "not a number": "NaN",
    "Arabic digits": "٣",
    "superscript": "²",
    "zeros": "000",
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "year 2000": "2000-01-01",
    "year 2099": "2099-12-31",
    "31 February": "2026-02-31",
    "week date": "2026-W48-1",
    "compact date": "20261127",
    "date and hour": "2026-11-27T10:00:00+25:00",
    "injection": "'; DROP TABLE reservations_reservation; --",
    "percent": "%s%(authority)s%%{0}",
    "script": "<script>alert(1)</script>",
    "template": "{{ settings.SECRET_KEY }}{% load x %}",
    "direction": "‮⁦emos",
    "emoji": "👩‍👩‍👧",
    "path": "../../etc/passwd",
    "header": "x\r\nSet-Cookie: a=b",
    "dots": "a.b.c",
    "square of nobody": "000000000000.000000000000.2026-11-27",
    "words": "a " * 3000,
}


def place(host: str = FAMILY, user: User | None = None, **kwargs) -> Client:
    client = Client(headers={"host": host}, raise_request_exception=False, **kwargs)
    if user is not None:
        client.force_login(user)
    return client


class Town:
    """Two families and an agent of a town that has something of everything, and a neighboring town."""

    def __init__(self) -> None:
        self.authority = make.make_authority(announcement=BOBBY)
        self.slug = self.authority.slug
        self.school = make.make_facility(self.authority, "École des Tilleuls")
        self.bourg = make.make_facility(self.authority, "École du Bourg")
        canteen = make.make_service(self.authority, "Cantine", code="cantine")
        centre = make.make_service(self.authority, "Centre", code="centre", payment_mode="prepaid")
        self.meal = make.make_product(self.authority, service=canteen, facility=self.school)
        self.outing = make.make_product(
            self.authority, name="Journée", noun="journée", service=centre, facility=self.bourg
        )
        self.full = make.make_product(
            self.authority, name="Étude", noun="étude", service=canteen, facility=self.school, capacity=1
        )
        products = (self.meal, self.outing, self.full)
        self.user = make.make_user()
        self.family = make.make_family(self.authority, BOBBY, user=self.user)
        self.child = make.make_child(self.family, BOBBY, products=products, allergies=BOBBY, diet=BOBBY)
        self.stranger_user = make.make_user()
        self.stranger = make.make_family(self.authority, "Autre", user=self.stranger_user)
        self.zoe = make.make_child(self.stranger, "Zoé", products=products, allergies="arachide")
        self.agent = make.make_agent(self.authority, BOBBY)
        self.private = make.make_article(self.authority, BOBBY, body=BOBBY, is_public=False)
        self.public = make.make_article(self.authority, "Pour tous", is_public=True)
        self.reserved = make.make_reservation(self.child, self.meal, TUESDAY, family=self.family)
        self.asked = self.request_for(make.make_reservation(self.child, self.meal, THURSDAY, family=self.family))
        self.held = make.make_reservation(
            self.child,
            self.outing,
            THURSDAY,
            family=self.family,
            state="held",
            held_until=datetime(2026, 11, 25, 8, tzinfo=UTC),
        )
        make.make_reservation(self.zoe, self.full, FRIDAY, family=self.stranger)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            self.basket = Basket.objects.create(authority=self.authority, user=self.user, family=self.family)
            BasketLine.objects.create(
                authority=self.authority,
                basket=self.basket,
                child=self.child,
                product=self.meal,
                date=FRIDAY,
                wish="reserve",
                added_at=datetime(2026, 11, 22, tzinfo=UTC),
            )
            self.confirmation = Confirmation.objects.create(
                authority=self.authority,
                user=self.user,
                family=self.family,
                basket_key="abcdefgh0123",
                number="R-2026-ABCDEFGH",
                confirmed_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
                lines=[
                    {
                        "child": self.child.pk,
                        "product": self.meal.pk,
                        "date": TUESDAY.isoformat(),
                        "outcome": "reserved",
                        "cents": 385,
                    }
                ],
            )

    def request_for(self, reservation: Reservation) -> CancellationRequest:
        with permitted("factory"), tenancy.scope({reservation.authority_id}):
            return CancellationRequest.objects.create(
                authority_id=reservation.authority_id,
                reservation=reservation,
                asked_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
                deadline_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
                words=BOBBY,
            )

    def square(self, day: date = FRIDAY, child=None, product=None) -> str:
        return f"{(child or self.child).public_id}.{(product or self.meal).public_id}.{day.isoformat()}"

    def rows(self) -> dict[str, list]:
        """Everything that a family or an agent could have changed."""
        with tenancy.every_authority():
            return {
                model.__name__: list(model.objects.order_by("pk").values())
                for model in (
                    Basket, BasketLine, Reservation, CancellationRequest, Confirmation, Attendance, WaitingListEntry,
                )
            }


@pytest.fixture
def town():
    return Town()


# Each address, by name: who asks, the pieces of its path, the form that is accepted there (None: it is only read),
# and the names its query may hold.
def addresses(town) -> dict[str, tuple]:
    at = {"authority": town.slug}
    day = {**at, "day": THURSDAY.isoformat()}
    weeks = ("site", "enfant", "semaine", "semaines")
    period = {
        "du": FRIDAY.isoformat(),
        "au": "2026-12-04",
        "enfants": town.child.public_id,
        "prestations": town.meal.public_id,
        "jours": "4",
        "action": "reserve",
    }
    by_agent = {
        "child": town.child.public_id,
        "product": town.meal.public_id,
        "date": TUESDAY.isoformat(),
        "reason": "parce que",
    }
    held = {
        "child": town.child.public_id,
        "product": town.outing.public_id,
        "answer": "confirm",
        "reason": "",
    }
    family = {**at, "family": town.family.public_id}
    sheet = {f"p.{town.child.public_id}.{town.meal.public_id}": "present", "others": "", "p.x": ""}
    password = {"oldpassword": PASSWORD, "password1": "une autre phrase longue"}
    reset = {"uidb36": "zz", "key": "abc-def"}
    return {
        "healthz": ("both", {}, None, ()),
        "account_login": ("nobody", {}, {"login": "a@b.fr", "password": "x", "next": "/", "remember": "1"}, ("next",)),
        "account_logout": ("both", {}, {"next": "/"}, ("next",)),
        "account_signup": ("nobody", {}, None, ("next",)),
        "account_inactive": ("nobody", {}, None, ()),
        "account_change_password": ("both", {}, password, ("next",)),
        "account_password_changed": ("both", {}, None, ()),
        "account_reset_password": ("nobody", {}, {"email": "a@b.fr"}, ()),
        "account_reset_password_done": ("nobody", {}, None, ()),
        "account_reset_password_from_key": ("nobody", reset, {"password1": "une autre phrase longue"}, ()),
        "account_reset_password_from_key_done": ("nobody", {}, None, ()),
        "help": ("both", {}, None, ()),
        "accessibility": ("both", {}, None, ()),
        "privacy": ("both", {}, None, ()),
        "legal": ("both", {}, None, ()),
        "contact": ("both", {}, None, ()),
        "colours": ("both", {**at, "digest": "00000000"}, None, ()),
        "logo": ("both", at, None, ()),
        "home": ("family", {}, None, ()),
        "authority_home": ("family", at, None, ()),
        "news": ("family", at, None, ()),
        "article": ("family", {**at, "public_id": town.private.public_id}, None, ()),
        "calendar": (
            "family",
            at,
            {
                "want": town.square(),
                "was": town.square(TUESDAY),
                "all": "",
                "wait": "",
                "leave": "",
            },
            weeks,
        ),
        "calendar_square": ("family", at, {"cell": town.square(), "want": "on"}, weeks),
        "period": ("family", at, period, (*weeks, *period)),
        "basket": ("family", at, None, ()),
        "basket_remove": ("family", at, {"remove": "x"}, ("depuis", *weeks)),
        "basket_empty": ("family", at, {}, ("depuis", *weeks)),
        "basket_confirm": ("family", at, {"key": town.basket.key, "revision": "0", "words": ""}, ()),
        "confirmation": ("family", {**at, "number": town.confirmation.number}, None, ("deja",)),
        "invoices": ("family", at, None, ()),
        "requests": ("family", at, None, ("page",)),
        "profile": ("family", at, {"email": "a@b.fr", "phone": "06 12 34 56 78"}, ()),
        "profile_guardians": ("family", at, {"email": "a@b.fr", "phone": "06 12 34 56 78"}, ()),
        "profile_children": ("family", at, None, ()),
        "office_home": ("office", {}, None, ()),
        "office_account": ("office", {}, None, ()),
        "office_day": ("office", at, None, ("jour", "service", "etablissement")),
        "office_any_day": ("office", day, None, ("service", "etablissement")),
        "office_held_place": ("office", day, held, ()),
        "office_sheet_today": ("office", at, None, ()),
        "office_sheet": ("office", {**at, "day": "2026-11-23"}, sheet, ("service", "etablissement")),
        "office_cancellations": ("office", at, None, ()),
        "office_answer_cancellation": (
            "office",
            {**at, "asked": town.asked.public_id},
            {"answer": "refuse", "reason": "non", "jour": THURSDAY.isoformat()},
            (),
        ),
        "office_families": ("office", at, None, ("nom",)),
        "office_family": ("office", family, None, ("child", "product", "date")),
        "office_reserve": ("office", family, by_agent, ()),
        "office_cancel": ("office", family, {**by_agent, "refund": "yes"}, ()),
    }


URLS = {FAMILY: "marelle.config.urls_family", OFFICE: "marelle.config.urls_office"}


def names_of(host: str) -> set[str]:
    return {name for name in get_resolver(URLS[host]).reverse_dict if isinstance(name, str)}


def come_back(host: str, cookies) -> Client:
    """Return a browser that carries these cookies, whatever the one before did of its own."""
    client = place(host)
    if cookies:
        client.cookies.load({name: one.value for name, one in cookies.items()})
    return client


def each_address(town):
    """Yield (host, client, name, path, kwargs, form, query names) for every address of both sites."""
    cookies = {host: place(host, user).cookies for host, user in ((FAMILY, town.user), (OFFICE, town.agent.user))}
    known = addresses(town)
    for host, urlconf in URLS.items():
        for name in sorted(names_of(host)):
            who, kwargs, form, query = known.get(name, ("both", {}, None, ()))
            yield SimpleNamespace(
                host=host,
                visit=functools.partial(come_back, host, None if who == "nobody" else cookies[host]),
                name=name,
                kwargs=kwargs,
                form=form,
                query=query,
                path=reverse(name, urlconf=urlconf, kwargs=kwargs),
            )


WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|WITH\b.*\b(?:INSERT|UPDATE|DELETE)\b)", re.DOTALL)
# Sessions, counters of attempts and the library's list of addresses are not the subject of the house.
ASIDE = re.compile(r"django_session|marelle_cache|account_emailaddress|accounts_user")


@contextmanager
def undone():
    """Undo what is done inside; what was written is in the list."""
    seen: list[str] = []

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql) and not ASIDE.search(sql[:80]):
            seen.append(sql[:120])
        return execute(sql, params, many, context)

    point = transaction.savepoint()
    with connection.execute_wrapper(watch):
        yield seen
    transaction.savepoint_rollback(point)


def attempts(one):
    """Yield (what, call, whether it only reads): each text in each place of one address."""
    for method in ("get", "head", "options", "trace", "put", "patch", "delete", "post"):
        yield method, lambda: getattr(one.visit(), method)(one.path), method in {"get", "head", "options", "trace"}
    for what, text in NASTY.items():
        for name in one.query:
            query = {**(one.form if one.name == "period" else {}), name: text}
            yield f"?{name}={what}", lambda: one.visit().get(one.path, query), True
        for name in one.form or ():
            yield f"{name}={what}", lambda: one.visit().post(one.path, {**one.form, name: text}), False
        if one.name == "calendar":
            for name in ("all", "wait", "leave"):
                yield f"only {name}={what}", lambda: one.visit().post(one.path, {name: text}), False
        for piece in one.kwargs:
            if not text.strip() or "/" in text or (piece == "authority" and what not in {"NUL", "too long", "script"}):
                continue
            path = one.path.replace(f"/{one.kwargs[piece]}", f"/{quote(text[:2000])}")
            yield f"path {piece}={what}", lambda: one.visit().generic("POST" if one.form else "GET", path), not one.form


@pytest.mark.parametrize("host, name", [(host, name) for host in URLS for name in sorted(names_of(host))])
def test_no_text_in_any_place_of_an_address_fails_and_a_refusal_writes_nothing(town, settings, host, name):
    settings.ACCOUNT_RATE_LIMITS = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    (one,) = (one for one in each_address(town) if (one.host, one.name) == (host, name))
    failures = []
    for what, call, is_read in attempts(one):
        with undone() as statements:
            answer = call()
        if answer.status_code >= 500 or (statements and (is_read or answer.status_code >= 400)):
            failures.append((what, answer.status_code, statements))
    assert not failures
