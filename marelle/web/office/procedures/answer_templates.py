"""The words that agents answer with."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.procedures.models import AnswerTemplate
from marelle.domain.procedures.operations.templates import WrongTemplateError, remove_template, save_template
from marelle.domain.procedures.queries.published import procedures_listed
from marelle.web.doors import office_page
from marelle.web.office.procedures import wording
from marelle.web.office.procedures.forms import TemplateForm
from marelle.web.office.procedures.surroundings import NEW, page
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@office_page(ROLES.ADMINISTER)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the templates by what they are written for."""
    visit = visit_of(request)
    titles = {one.procedure.pk: one.title for one in procedures_listed()}
    rows = list(AnswerTemplate.objects.order_by("title", "pk"))
    groups = [
        {
            "title": words,
            "templates": [
                {
                    "title": row.title,
                    "body": row.body,
                    "about": titles.get(row.procedure_id or 0, wording.EVERY_PROCEDURE),
                    "url": url_of(visit, "office_answer_template", template=row.public_id),
                }
                for row in rows
                if row.purpose == purpose
            ],
        }
        for purpose, words in wording.PURPOSES.items()
    ]
    return page(
        request,
        "templates.html",
        groups=groups,
        new_url=url_of(visit, "office_answer_template", template=NEW),
        list_url=url_of(visit, "office_procedures"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, template: str) -> HttpResponse:
    """Will show the form of a template, or of a new one; a POST writes it."""
    visit = visit_of(request)
    found = None if template == NEW else get_object_or_404(AnswerTemplate, public_id=template)
    procedures = {one.procedure.code: (one.procedure, one.title) for one in procedures_listed()}
    if request.method == "POST":
        form = TemplateForm(request.POST, procedures=procedures)
        if form.is_valid():
            try:
                save_template(visit.authority, found, form.words, by=visit.actor, at=visit.at)
            except WrongTemplateError as error:
                for name, words in error.faults.items():
                    form.add_error(name, words)
            else:
                messages.success(request, wording.TEMPLATE_SAVED, extra_tags="green")
                return SeeOther(url_of(visit, "office_answer_templates"))
    else:
        initial: dict[str, str] = {"purpose": AnswerTemplate.Purpose.MESSAGE}
        if found is not None:
            codes = {row.pk: code for code, (row, _title) in procedures.items()}
            initial = {
                "title": found.title,
                "purpose": found.purpose,
                "body": found.body,
                "procedure": codes.get(found.procedure_id or 0, ""),
            }
        form = TemplateForm(initial=initial, procedures=procedures)
    return page(
        request,
        "template.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK,
        form=form,
        template=found,
        body_hint=wording.BODY_HINT,
        remove_url=url_of(visit, "office_answer_template_remove", template=template) if found else "",
        list_url=url_of(visit, "office_answer_templates"),
    )


@require_POST
@office_page(ROLES.ADMINISTER)
def remove(request: HttpRequest, template: str) -> HttpResponse:
    """Will throw a template away."""
    visit = visit_of(request)
    remove_template(get_object_or_404(AnswerTemplate, public_id=template), by=visit.actor, at=visit.at)
    messages.success(request, wording.TEMPLATE_REMOVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_answer_templates"))
