"""Actualités: their list, one written or changed, one withdrawn."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.news.operations.articles import UnableToPublishError, withdraw_article, write_article
from marelle.domain.news.queries.articles import articles_within, reach_to_publish
from marelle.web.doors import office_page
from marelle.web.office.publication import wording
from marelle.web.office.publication.forms import ArticleForm
from marelle.web.office.publication.surroundings import NEW, PAGE, facilities_offered, page, row_of, services_offered
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@office_page(ROLES.PUBLISH)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the articles that the agent may change, a page at a time."""
    visit = visit_of(request)
    leaf = Paginator(articles_within(reach_to_publish(visit.agent)), PAGE).get_page(request.GET.get("page"))
    services, facilities = services_offered(), facilities_offered()
    here = url_of(visit, "office_articles")
    return page(
        request,
        "office_articles",
        "articles.html",
        articles=[
            {
                **row_of(row, visit, services, facilities),
                "url": url_of(visit, "office_article", article=row.public_id),
                "withdraw_url": url_of(visit, "office_article_withdraw", article=row.public_id),
            }
            for row in leaf
        ],
        new_url=url_of(visit, "office_article", article=NEW),
        newer_url=f"{here}?page={leaf.previous_page_number()}" if leaf.has_previous() else "",
        older_url=f"{here}?page={leaf.next_page_number()}" if leaf.has_next() else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.PUBLISH)
def one(request: HttpRequest, article: str) -> HttpResponse:
    """Will show the form of an article, or of a new one; a POST writes it."""
    visit = visit_of(request)
    reach = reach_to_publish(visit.agent)
    found = None if article == NEW else get_object_or_404(articles_within(reach), public_id=article)
    if request.method == "POST":
        form = ArticleForm(request.POST, reach=reach, row=found)
        if form.is_valid():
            said = form.publication
            try:
                write_article(
                    visit.authority, found, said, form.cleaned_data["body"], reach=reach, by=visit.actor, at=visit.at
                )
            except UnableToPublishError as error:
                for name, words in error.faults.items():
                    form.add_error(name, words)
            else:
                messages.success(request, wording.ARTICLE_SAVED, extra_tags="green")
                return SeeOther(url_of(visit, "office_articles"))
    elif found is None:
        form = ArticleForm(reach=reach, initial={"published_on": visit.today})
    else:
        form = ArticleForm(reach=reach, row=found)
    return page(
        request,
        "office_articles",
        "article.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK,
        form=form,
        title=found.title if found else "Nouvelle actualité",
        some_hint=wording.SOME_HINT,
        list_url=url_of(visit, "office_articles"),
    )


@require_POST
@office_page(ROLES.PUBLISH)
def withdraw(request: HttpRequest, article: str) -> HttpResponse:
    """Will let nobody read an article any more."""
    visit = visit_of(request)
    found = get_object_or_404(articles_within(reach_to_publish(visit.agent)), public_id=article)
    withdraw_article(found, on=visit.today, by=visit.actor, at=visit.at)
    messages.success(request, wording.withdrawn(found.title), extra_tags="green")
    return SeeOther(url_of(visit, "office_articles"))
