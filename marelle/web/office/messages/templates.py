"""The words that agents begin a message with."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.news.models import MessageTemplate
from marelle.domain.news.operations.messages import (
    WrongMessageError,
    remove_message_template,
    save_message_template,
)
from marelle.domain.news.queries.messages import templates
from marelle.web.doors import office_page
from marelle.web.office.messages import wording
from marelle.web.office.messages.forms import TemplateForm
from marelle.web.office.messages.surroundings import page
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@office_page(ROLES.PUBLISH)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the templates."""
    visit = visit_of(request)
    return page(
        request,
        "templates.html",
        models=[
            {
                "title": row.title,
                "body": row.body or row.text_body,
                "url": url_of(visit, "office_message_template", model=row.public_id),
                "use_url": f"{url_of(visit, 'office_message_edit', message=wording.NEW)}?modele={row.public_id}",
            }
            for row in templates()
        ],
        new_url=url_of(visit, "office_message_template", model=wording.NEW),
        list_url=url_of(visit, "office_messages"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.PUBLISH)
def one(request: HttpRequest, model: str) -> HttpResponse:
    """Will show the form of a template, or of a new one; a POST writes it."""
    visit = visit_of(request)
    found = None if model == wording.NEW else get_object_or_404(MessageTemplate, public_id=model)
    if request.method == "POST":
        form = TemplateForm(request.POST)
        if form.is_valid():
            title = form.cleaned_data["title"]
            try:
                save_message_template(visit.authority, found, title, form.words, by=visit.actor, at=visit.at)
            except WrongMessageError as error:
                for name, words in error.faults.items():
                    form.add_error(name, words)
            else:
                messages.success(request, wording.TEMPLATE_SAVED, extra_tags="green")
                return SeeOther(url_of(visit, "office_message_templates"))
    else:
        form = TemplateForm(initial={"title": found.title, **TemplateForm.said_by(found)} if found else None)
    return page(
        request,
        "template.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK,
        form=form,
        model=found,
        blanks_hint=wording.BLANKS_HINT,
        remove_url=url_of(visit, "office_message_template_remove", model=model) if found else "",
        list_url=url_of(visit, "office_message_templates"),
    )


@require_POST
@office_page(ROLES.PUBLISH)
def remove(request: HttpRequest, model: str) -> HttpResponse:
    """Will throw a template away."""
    visit = visit_of(request)
    remove_message_template(get_object_or_404(MessageTemplate, public_id=model), by=visit.actor, at=visit.at)
    messages.success(request, wording.TEMPLATE_REMOVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_message_templates"))
