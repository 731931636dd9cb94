"""Before signing in, the page of an authority, its news; and where one arrives once signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from marelle.domain.authorities.queries import open_authorities
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries import memberships_of
from marelle.domain.families.queries.profile import is_confirmation_due
from marelle.domain.news.queries.articles import audience_of, every_published_article, published_articles
from marelle.domain.reservations.queries.custody import shared_children
from marelle.foundation import tenancy
from marelle.foundation.french_dates import in_full
from marelle.web.contacts import ContactView, contact_view
from marelle.web.doors import authority_page, family_page, public
from marelle.web.family.custody.links import custody_links, proposals_to_answer
from marelle.web.family.news import wording
from marelle.web.family.news.surroundings import entrance, is_member, published_here
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Authority
    from marelle.domain.news.models import Article
    from marelle.domain.news.rules.audience import Audience

SHOWN = 50
SHOWN_BEFORE_SIGNING_IN = 3


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article, as the pages show it."""

    title: str
    body: str
    published: str
    url: str
    is_reserved: bool


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service: its name, its icon, how it is paid, whom to call."""

    name: str
    icon: str
    payment: str
    contact: ContactView


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Will show what the site is for; or lead who is signed in to the only family, or to all the children."""
    if not request.user.is_authenticated:
        context = {
            "announcements": [
                (authority.name, _announcement(authority), reverse("authority_home", args=[authority.slug]))
                for authority in open_authorities()
            ],
            **entrance(),
        }
        return render(request, "family/news/home.html", context)
    with tenancy.every_authority():
        memberships = list(memberships_of(request.user.pk))
    if len(memberships) == 1:
        response: HttpResponse = HttpResponseRedirect(reverse("news", args=[memberships[0].authority.slug]))
    elif memberships:
        response = HttpResponseRedirect(reverse("my_children"))
    else:
        contacts = [contact_view(one) for one in open_authorities()]
        response = render(request, "family/news/no_family.html", {"contacts": contacts})
    patch_cache_control(response, private=True, no_store=True)
    return response


@authority_page
@require_safe
def authority_home(request: HttpRequest) -> HttpResponse:
    """Will show an authority to everybody: its announcement, its services, how to begin, its public news."""
    visit = request.visit  # type: ignore[attr-defined]
    services = [
        ServiceView(
            service.name,
            service.icon,
            str(wording.PAID_ON_BOOKING if service.is_prepaid else wording.PAID_IN_ARREARS),
            contact_view(service.contact),
        )
        for service in offer_of(visit.authority).services
    ]
    context = {
        "announcement": _announcement(visit.authority),
        "services": services,
        "contact": contact_view(visit.authority),
        "articles": _articles(visit, None)[:SHOWN_BEFORE_SIGNING_IN],
        **entrance(visit.authority, is_signed_in=request.user.is_authenticated),
    }
    return render(request, "family/news/authority.html", context)


@family_page
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Will show the family the news, those for signed-in families included."""
    visit = request.visit  # type: ignore[attr-defined]
    shared = shared_children(visit.family.pk, on=visit.today)
    context = family_context(
        visit,
        "news",
        custody=custody_links(visit, shared),
        asked=proposals_to_answer(visit) if shared else (),
        articles=_articles(visit, audience_of(visit.family.pk, on=visit.today)),
        tabs=published_here(visit.authority, "news"),
        is_due=is_confirmation_due(visit.authority.pk, visit.family.pk, on=visit.today),
        # The account site, where one joins, leads here; words kept in a session of its own would not be read here.
        joined=wording.joined(visit.family.name, visit.authority.name) if "rattache" in request.GET else "",
    )
    return render(request, "family/news/page.html", context)


@authority_page
@require_safe
def article(request: HttpRequest, public_id: str) -> HttpResponse:
    """Will show one article; one that is for families asks who one is, and whether it is for hers."""
    visit = request.visit  # type: ignore[attr-defined]
    found = every_published_article(on=visit.today).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    if not found.is_public or is_member(request, visit.authority):
        return _family_article(request, authority=visit.authority.slug, public_id=public_id)
    context = {
        "article": _view(found, visit.authority.slug),
        "back_url": reverse("authority_home", args=[visit.authority.slug]),
        "back_label": visit.authority.name,
        "layout": "layouts/public.html",
        **entrance(visit.authority, is_signed_in=request.user.is_authenticated),
    }
    return render(request, "family/news/article.html", context)


@family_page
def _family_article(request: HttpRequest, *, public_id: str) -> HttpResponse:
    visit = request.visit  # type: ignore[attr-defined]
    read_by = audience_of(visit.family.pk, on=visit.today)
    found = published_articles(on=visit.today, read_by=read_by).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    context = family_context(
        visit,
        "news",
        article=_view(found, visit.authority.slug),
        back_url=reverse("news", args=[visit.authority.slug]),
        back_label="Actualités",
        layout="layouts/family.html",
    )
    return render(request, "family/news/article.html", context)


def _announcement(authority: Authority) -> str:
    return authority.announcement or f"Les services de {authority.name} sont en ligne !"


def _articles(visit: Any, read_by: Audience | None) -> list[ArticleView]:
    found = published_articles(on=visit.today, read_by=read_by)[:SHOWN]
    return [_view(one, visit.authority.slug) for one in found]


def _view(found: Article, slug: str) -> ArticleView:
    return ArticleView(
        title=found.title,
        body=found.body,
        published=in_full(found.published_on, year=True),
        url=reverse("article", args=[slug, found.public_id]),
        is_reserved=not found.is_public,
    )
