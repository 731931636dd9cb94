"""What was published, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.rules.roles import givers_of
from marelle.domain.families.models import Custody
from marelle.domain.news.models import Article, Download, Published
from marelle.domain.news.rules.audience import Audience, PublishingReach, publishing_reach

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from marelle.domain.accounts.models import Agent

Row = TypeVar("Row", bound=Published)


def audience_of(family: int, *, on: date) -> Audience:
    """Will return the services and the places of the children who live with `family` (key) that day. One statement.

    A place is where a child goes to school or is enrolled; an enrollment counts from the day it is written, before it
    begins: what is said of the autumn is said in summer.
    """
    rows = Custody.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on), family_id=family, starts_on__lte=on
    ).values_list(
        "child__school_class__facility__code",
        "child__enrollments__activity__service__code",
        "child__enrollments__activity__facility__code",
        "child__enrollments__ends_on",
    )
    services, facilities = set(), set()
    for school, service, facility, ends_on in rows:
        if school:
            facilities.add(school)
        if ends_on and ends_on >= on:
            services.add(service)
            facilities.add(facility)
    return Audience(frozenset(services), frozenset(facilities))


def published_articles(*, on: date, read_by: Audience | None) -> QuerySet[Article]:
    """Will return the articles that can be read on that day, the newest first.

    By a family whose children are in `read_by`, or with None by whoever is not signed in.
    """
    return _read_by(Article.objects.all(), on, read_by).order_by("-published_on", "-pk")


def every_published_article(*, on: date) -> QuerySet[Article]:
    """Will return the articles that somebody reads on that day: whoever asks for one is asked who she is."""
    return _read_on(Article.objects.all(), on)


def published_downloads(*, on: date, read_by: Audience | None) -> QuerySet[Download]:
    """Will return the documents that can be downloaded on that day, by title; see `published_articles`."""
    return _read_by(Download.objects.all(), on, read_by).order_by("title", "pk")


def every_published_download(*, on: date) -> QuerySet[Download]:
    """Will return the documents that somebody may download on that day; see `every_published_article`."""
    return _read_on(Download.objects.all(), on)


def _read_on(rows: QuerySet[Row], on: date) -> QuerySet[Row]:
    return rows.filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on), published_on__lte=on)


def _read_by(rows: QuerySet[Row], on: date, read_by: Audience | None) -> QuerySet[Row]:
    rows = _read_on(rows, on)
    if read_by is None:
        return rows.filter(is_public=True)
    return rows.filter(
        Q(for_services=[], for_facilities=[])
        | Q(for_services__overlap=sorted(read_by.services))
        | Q(for_facilities__overlap=sorted(read_by.facilities))
    )


def reach_to_publish(agent: Agent) -> PublishingReach:
    """Will return for whom an agent may publish. One statement."""
    grants = Grant.objects.filter(agent=agent, role__in=givers_of(Grant.Role.PUBLISH))
    return publishing_reach(
        {(code or "", service) for code, service in grants.values_list("facility__code", "service_code")}
    )


def articles_within(reach: PublishingReach) -> QuerySet[Article]:
    """Will return the articles that an agent may change, the newest first, withdrawn ones included."""
    return _within(Article.objects.all(), reach).order_by("-published_on", "-pk")


def downloads_within(reach: PublishingReach) -> QuerySet[Download]:
    """Will return the documents that an agent may change, by title, withdrawn ones included."""
    return _within(Download.objects.all(), reach).order_by("title", "pk")


def _within(rows: QuerySet[Row], reach: PublishingReach) -> QuerySet[Row]:
    if reach.is_whole:
        return rows
    return rows.filter(
        for_services__contained_by=sorted(reach.services), for_facilities__contained_by=sorted(reach.facilities)
    ).exclude(for_services=[], for_facilities=[])
