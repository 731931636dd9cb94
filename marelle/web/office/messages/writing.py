"""A message is written: for whom, how, with which words; a draft is changed, or thrown away."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.news.models import FamilyMessage
from marelle.domain.news.operations.messages import NotADraftError, WrongMessageError, remove_draft, save_message
from marelle.domain.news.queries.messages import templates
from marelle.domain.news.queries.recipients import choices_at
from marelle.web.doors import office_page
from marelle.web.office.messages import wording
from marelle.web.office.messages.forms import MessageForm, WordsForm
from marelle.web.office.messages.surroundings import channels_offered, may_see_unpaid, message_or_404, page, publishing
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.PUBLISH)
def one(request: HttpRequest, message: str) -> HttpResponse:
    """Will show the form of a draft, or of a new message; a POST writes it and leads to what it would do."""
    visit = visit_of(request)
    found = None if message == wording.NEW else message_or_404(visit, message)
    if found is not None and found.state != FamilyMessage.State.DRAFT:
        return _gone(request, found)
    choices = choices_at(visit.authority.pk, publishing(visit), on=visit.today)
    offered: dict[str, Any] = {
        "choices": choices,
        "channels": channels_offered(),
        "sees_unpaid": may_see_unpaid(visit),
    }
    models = list(templates())
    if request.method == "POST":
        form = MessageForm(request.POST, **offered)
        if form.is_valid():
            try:
                saved = save_message(visit.authority, found, form.written, by=visit.actor, at=visit.at)
            except NotADraftError:
                return _gone(request, found)
            except WrongMessageError as error:
                for name, words in error.faults.items():
                    form.add_error(name, words)
            else:
                messages.success(request, wording.SAVED, extra_tags="green")
                return SeeOther(url_of(visit, "office_message", message=saved.public_id))
    elif found is not None:
        form = MessageForm(initial=MessageForm.said_by_message(found), **offered)
    else:
        initial: dict[str, Any] = {"channels": ["email"]}
        chosen = next((row for row in models if row.public_id == request.GET.get("modele")), None)
        if chosen is not None:
            initial |= WordsForm.said_by(chosen)
        form = MessageForm(initial=initial, **offered)
    return page(
        request,
        "form.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK,
        form=form,
        found=found,
        models=[] if found else [{"id": row.public_id, "title": row.title} for row in models],
        asked_model=request.GET.get("modele", ""),
        blanks_hint=wording.BLANKS_HINT,
        no_texts="" if len(channels_offered()) > 1 else wording.NO_TEXTS,
        models_url=url_of(visit, "office_message_templates"),
        back_url=url_of(visit, "office_message", message=message) if found else url_of(visit, "office_messages"),
        back_label="Brouillon" if found else "Messages",
    )


@require_POST
@office_page(ROLES.PUBLISH)
def remove(request: HttpRequest, message: str) -> HttpResponse:
    """Will throw a draft away."""
    visit = visit_of(request)
    found = message_or_404(visit, message)
    try:
        remove_draft(found, by=visit.actor, at=visit.at)
    except NotADraftError:
        return _gone(request, found)
    messages.success(request, wording.REMOVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_messages"))


def _gone(request: HttpRequest, found: FamilyMessage | None) -> HttpResponse:
    """Will lead to a message that has left: it is not written any more."""
    visit = visit_of(request)
    messages.warning(request, wording.NOT_A_DRAFT, extra_tags="amber")
    if found is None:
        return SeeOther(url_of(visit, "office_messages"))
    return SeeOther(url_of(visit, "office_message", message=found.public_id))
