"""Who may come in. Every view says which door it stands behind; a view that says nothing is shut.

A door finds, in one query, the right of this account to this authority, opens the scope of that authority, and hands
the view a *visit*: who acts, for whom, where. The same memberships that list a person's families guard each address.
"""

from __future__ import annotations

import functools
import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from marelle.domain.accounts.queries import agents_of
from marelle.domain.accounts.rules.roles import gives
from marelle.domain.authorities.models import Authority
from marelle.domain.families.queries import memberships_of
from marelle.foundation import clock, tenancy, writes
from marelle.foundation.actors import Actor, ActorKind
from marelle.web.family_addresses import is_one_of_several, place_named, without_family
from marelle.web.form_ends import let_forms_lead_to
from marelle.web.standing import standing_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from django.http import HttpRequest

    from marelle.domain.accounts.models import Agent, User
    from marelle.domain.families.models import Family, Guardian, Membership
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.web.payment_addresses import PayingSite
    from marelle.web.standing import Standing

log = logging.getLogger("marelle.web")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
UTF_8 = ("utf-8", "utf8")
EVERY_AGENT = "every_agent"  # whatever was granted, as long as something was


@dataclass(frozen=True, slots=True)
class Visit:
    """What a door hands to a view. `at` is the business moment of the request (UTC), `today` its day over there."""

    authority: Authority
    at: datetime
    today: date


@dataclass(frozen=True, slots=True)
class FamilyVisit(Visit):
    """A person acting for a family. `memberships` is all that the account belongs to, this family included."""

    user: User
    family: Family
    guardian: Guardian
    membership: Membership
    memberships: tuple[Membership, ...]
    # The agent who stands in this person's place, to see what she sees: nothing can be written then.
    standing: Standing | None = None

    @property
    def actor(self) -> Actor:
        """Will return who writes."""
        return Actor(ActorKind.FAMILY, self.user.pk)

    @property
    def site(self) -> PayingSite:
        """Will return where what is paid is paid."""
        return "family"

    def slug_for(self, _attempt: PaymentAttempt) -> str:
        """Will return the authority that addresses about a payment name: the one where the family is."""
        return self.authority.slug


@dataclass(frozen=True, slots=True)
class OfficeVisit(Visit):
    """An agent at work. `roles` are those granted for the whole authority or for a part of it."""

    user: User
    agent: Agent
    roles: frozenset[str]

    @property
    def actor(self) -> Actor:
        """Will return who writes."""
        return Actor(ActorKind.AGENT, self.user.pk)

    def may(self, role: str) -> bool:
        """Will tell whether what the agent was granted gives `role`; EVERY_AGENT is any role at all."""
        return any(self.roles) if role == EVERY_AGENT else gives(self.roles, role)


def has_second_factor(user: int | None) -> bool:
    """Will tell whether an account (key) is opened by more than a password."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user_id=user, type__in=kinds).exists()


def public(view: Any) -> Any:
    """Will open `view` to everybody."""
    view.door = "public"
    return view


def by_token(view: Any) -> Any:
    """Will open `view` to programs: it knows them by the token that they bring, and refuses the others with 401."""
    view.door = "api"
    return view


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Will lead to signing in, then back to the page; it is another site's, where the browser must go itself."""
    there = QueryDict(mutable=True)
    there["next"] = _page_to_come_back_to(request)
    return _led_to(request, f"{settings.LOGIN_URL}?{there.urlencode(safe='/')}")


def _led_to(request: HttpRequest, url: str) -> HttpResponse:
    """Will lead the browser to `url`; a piece of a page asked by a script must not be replaced by another page."""
    return HttpResponseClientRedirect(url) if _is_by_script(request) else HttpResponseRedirect(url)


def _is_by_script(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _page_to_come_back_to(request: HttpRequest) -> str:
    """Will return the address to show after signing in: a form or a piece of a page is not one, its page is."""
    is_by_script = _is_by_script(request)
    if request.method in READING and not is_by_script:
        return request.get_full_path()
    page = urlsplit(request.headers.get("HX-Current-URL" if is_by_script else "Referer", ""))
    return urlunsplit(("", "", page.path or "/", page.query, "")) if page.netloc == request.get_host() else "/"


def _page_named(request: HttpRequest) -> str:
    """Will return the name of the address that is asked."""
    return (request.resolver_match and request.resolver_match.url_name) or ""


def authority_page(view: Any) -> Any:
    """Will open `view` to everybody and hand it the authority of the address as a Visit."""

    @functools.wraps(view)
    def behind_door(request: HttpRequest, authority: str, **kwargs: Any) -> HttpResponse:
        found = Authority.objects.filter(slug=authority, is_open=True).first()
        if found is None:
            raise Http404
        family = request.family_named  # type: ignore[attr-defined]
        if family and not request.user.is_authenticated:
            return HttpResponseRedirect(without_family(request))
        if family and place_named(memberships_of_account(request), authority, family) is None:
            raise Http404
        at = clock.business_now()
        request.visit = Visit(found, at, at.astimezone(found.zone).date())  # type: ignore[attr-defined]
        with tenancy.scope({found.pk}):
            return view(request, **kwargs)

    behind_door.door = "public"  # type: ignore[attr-defined]
    behind_door.may_name_a_family = True  # type: ignore[attr-defined]
    return behind_door


def memberships_of_account(request: HttpRequest) -> tuple[Membership, ...]:
    """Will return all that the account of the request belongs to. One statement, and no scope is needed."""
    with tenancy.every_authority():
        return tuple(memberships_of(request.user.pk))  # type: ignore[arg-type]  # signed in


def signed_in(view: Any) -> Any:
    """Will open `view` to any account."""

    @functools.wraps(view)
    def behind_door(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, **kwargs)

    behind_door.door = "account"  # type: ignore[attr-defined]
    return behind_door


def family_page(view: Any) -> Any:
    """Will open `view` to the members of a family of the authority in the address, and hand it a FamilyVisit.

    The family is the one that the address names, else the first that the account joined there. An address names a
    family only where there are several: with a single one, it leads to the plain address.
    """

    @functools.wraps(view)
    def behind_door(request: HttpRequest, authority: str, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        standing = standing_of(request, authority)
        memberships = (standing.membership,) if standing else memberships_of_account(request)
        family = request.family_named  # type: ignore[attr-defined]
        membership = place_named(memberships, authority, family)
        if membership is None:
            raise Http404
        if standing and (request.method not in READING or not standing.sees(_page_named(request))):
            refused = render(request, "errors/standing.html", {"standing": standing}, status=HTTPStatus.FORBIDDEN)
            let_forms_lead_to(refused, [settings.OFFICE_URL])
            return refused
        if family and request.method in READING and not is_one_of_several(membership, memberships):
            return HttpResponseRedirect(without_family(request))
        at = clock.business_now()
        request.visit = FamilyVisit(  # type: ignore[attr-defined]
            authority=membership.authority,
            at=at,
            today=at.astimezone(membership.authority.zone).date(),
            user=standing.membership.user if standing else request.user,  # type: ignore[arg-type]
            family=membership.family,
            guardian=membership.guardian,
            membership=membership,
            memberships=memberships,
            standing=standing,
        )
        with tenancy.scope({membership.authority_id}):
            response = view(request, **kwargs)
            if hasattr(response, "render"):
                response.render()
        if standing:  # the way back to the office
            let_forms_lead_to(response, [settings.OFFICE_URL])
        patch_cache_control(response, private=True, no_store=True)
        return response

    behind_door.door = "family"  # type: ignore[attr-defined]
    behind_door.may_name_a_family = True  # type: ignore[attr-defined]
    return behind_door


def office_page(role: str) -> Callable[[Any], Any]:
    """Will open a view to the agents of the authority in the address who were granted `role`."""

    def with_role(view: Any) -> Any:
        @functools.wraps(view)
        def behind_door(request: HttpRequest, authority: str, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            with tenancy.every_authority():
                agent = agents_of(request.user.pk).filter(authority__slug=authority).first()
            if agent is None:
                raise Http404
            if settings.AGENTS_SECOND_FACTOR and not has_second_factor(request.user.pk):
                # The page says what is missing; her other pages open as soon as it is there.
                return _led_to(request, reverse("security"))
            at = clock.business_now()
            visit = OfficeVisit(
                authority=agent.authority,
                at=at,
                today=at.astimezone(agent.authority.zone).date(),
                user=request.user,  # type: ignore[arg-type]
                agent=agent,
                roles=frozenset(agent.roles),  # type: ignore[attr-defined]  # annotated by agents_of
            )
            if not visit.may(role):
                raise PermissionDenied
            request.visit = visit  # type: ignore[attr-defined]
            with tenancy.scope({agent.authority_id}):
                response = view(request, **kwargs)
                if hasattr(response, "render"):
                    response.render()
            patch_cache_control(response, private=True, no_store=True)
            return response

        behind_door.door = f"office:{role}"  # type: ignore[attr-defined]
        return behind_door

    return with_role


def provider_call(view: Any) -> Any:
    """Will open `view` to those who cash money, by GET or POST, without a token of ours; it may write in both cases.

    « A GET writes nothing » has this one exception: the gateway's protocol decides by which method it calls and sends
    a browser back, and what was asked must be written either way. Nothing that the caller says is written: the view
    asks the gateway itself, and a repeated call changes nothing.
    """

    @csrf_exempt
    @require_http_methods(["GET", "POST"])
    @functools.wraps(view)
    def behind_door(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        with writes.writing_after_all():
            response: HttpResponse = view(request, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    behind_door.door = "provider"  # type: ignore[attr-defined]
    return behind_door


def sent_back(view: Any) -> Any:
    """Will open `view` to a browser that who identifies people sends back, always by GET; it may write all the same.

    What it brings was asked for by this very session, a moment before and once (the view holds it to that), and lives
    less than a minute: it cannot wait for a button. A repeated call finds nothing to end, and changes nothing.
    """

    @functools.wraps(view)
    def behind_door(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        with writes.writing_after_all():
            response: HttpResponse = view(request, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    behind_door.door = "public"  # type: ignore[attr-defined]
    behind_door.is_sent_back = True  # type: ignore[attr-defined]  # the house tests count them
    return behind_door


def takes_files(view: Any) -> Any:
    """Will let `view` receive a form with files, heavier than another form may be; it checks each file itself."""
    view.heaviest = "FILES_UPLOAD_MAX_SIZE"
    return view


def takes_documents(view: Any) -> Any:
    """Will let `view` receive photos and PDFs of families, which `web.documents.received` makes light."""
    view.heaviest = "DOCUMENTS_UPLOAD_MAX_SIZE"
    return view


class DoorMiddleware:
    """Shuts every view that stands behind no door, and holds requests that only read to reading."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer, refusing any write of a domain table to a GET."""
        if request.method in READING:
            with writes.reading_only():
                response = self.get_response(request)
        else:
            response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            # The address of a form, opened like a page (a phone that brings back its tabs): words, not a blank screen.
            response.content = render_to_string("errors/404.html", request=request)
        # What depends on who is signed in is nobody else's: the sign-in library's own pages do not say so themselves.
        if request.session.accessed and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    def process_view(self, _request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Will raise PermissionDenied for a view that declares no door; the sign-in library guards its own."""
        module = getattr(view, "__module__", "") or ""
        if not hasattr(view, "door") and not module.startswith("allauth."):
            raise PermissionDenied


class ReadableRequest:
    """Refuses what no browser of ours sends and no column of ours takes, before anybody reads it.

    PostgreSQL has no NUL in its texts, whether it comes in an address, a field or a cookie; another charset than UTF-8
    can bring halves of characters; and a body beyond the limit, which is higher for a view that `takes_files` or
    `takes_documents`, is not read at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will wrap the sessions and the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer; raises BadRequest (400) for a request that cannot be read."""
        charset = (request.content_params or {}).get("charset", UTF_8[0])
        texts = (request.path, request.META.get("QUERY_STRING", ""), *request.COOKIES.values())
        if charset.lower() not in UTF_8 or any("\0" in text or "%00" in text for text in texts):
            raise BadRequest
        if _length(request) > settings.DOCUMENTS_UPLOAD_MAX_SIZE:
            raise RequestDataTooBig
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Will raise BadRequest for a field that holds a NUL or a body that was cut, RequestDataTooBig for a weight."""
        if _length(request) > getattr(settings, getattr(view, "heaviest", "DATA_UPLOAD_MAX_MEMORY_SIZE")):
            raise RequestDataTooBig
        try:
            fields = request.POST.lists() if request.method == "POST" else ()
        except UnreadablePostError as error:
            raise BadRequest from error
        if any("\0" in text for name, values in fields for text in (name, *values)):
            raise BadRequest


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class RequestReference:
    """Gives each request a short reference, shown on the page of an unexpected failure and written in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will wrap everything else."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer with the reference in a header."""
        request.reference = secrets.token_hex(4)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Reference"] = request.reference  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Will log the failure with its reference and address, without what the person sent; a refusal is not one."""
        if isinstance(exception, Http404 | PermissionDenied | SuspiciousOperation | BadRequest):
            return
        log.error(
            "unexpected failure %s: %s %s",
            request.reference,  # type: ignore[attr-defined]
            request.method,
            request.resolver_match.view_name if request.resolver_match else "?",
            exc_info=exception,
        )
