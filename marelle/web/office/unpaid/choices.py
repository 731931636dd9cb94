"""How a régie reminds, and what the Trésor knows it by."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import ReminderStage
from marelle.domain.billing.operations.dockets import CollectionChoices, set_collection
from marelle.domain.billing.operations.reminders import set_stages
from marelle.domain.billing.queries.dockets import settings_of
from marelle.foundation.money import in_amount
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.office.unpaid import wording
from marelle.web.office.unpaid.forms import STAGES, CollectionForm, StagesForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@regie_page
def treasury(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show what a régie chose, and record how it hands over."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    if request.method != "POST":
        return _page(request, found)
    form = CollectionForm(request.POST, auto_id="tresor-%s")
    if not form.is_valid():
        return _page(request, found, collecting=form)
    set_collection(found, CollectionChoices(**form.cleaned_data), by=visit.actor, at=visit.at)
    messages.success(request, wording.COLLECTION_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_collection", regie=found.code))


@require_POST
@regie_page
def stages(request: HttpRequest, regie: str) -> HttpResponse:
    """Will record the reminders of a régie."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    form = StagesForm(request.POST, auto_id="relance-%s")
    if not form.is_valid():
        return _page(request, found, reminding=form)
    set_stages(found, form.stages, has_reminders=form.cleaned_data["has_reminders"], by=visit.actor, at=visit.at)
    messages.success(request, wording.STAGES_SAVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_collection", regie=found.code))


def _page(
    request: HttpRequest,
    regie: Regie,
    *,
    collecting: CollectionForm | None = None,
    reminding: StagesForm | None = None,
) -> HttpResponse:
    visit = visit_of(request)
    settings = settings_of(regie)
    if collecting is None:
        initial = {name: getattr(settings, name) for name in CollectionForm.base_fields}
        initial["lowest_cents"] = in_amount(settings.lowest_cents)
        collecting = CollectionForm(initial=initial, auto_id="tresor-%s")
    if reminding is None:
        reminding = StagesForm(initial=_stages_of(regie, has_reminders=settings.has_reminders), auto_id="relance-%s")
    is_wrong = collecting.is_bound or reminding.is_bound
    context = office_context(
        visit,
        "office_unpaid",
        regie=regie,
        collecting=collecting,
        reminding=reminding,
        stages=[
            {
                "title": f"Relance {place}",
                "fields": [reminding[f"{name}_{place}"] for name in ("days", "name", "words", "is_letter")],
            }
            for place in range(1, STAGES + 1)
        ],
        stages_url=url_of(visit, "office_reminder_stages", regie=regie.code),
        collection_url=url_of(visit, "office_collection", regie=regie.code),
        keys_doubt=wording.KEYS_DOUBT,
        notice=wording.NOTICE,
        back_url=url_of(visit, "office_unpaid"),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, "office/unpaid/choices.html", context, status=status)


def _stages_of(regie: Regie, *, has_reminders: bool) -> dict[str, Any]:
    rows = [
        (row.days, row.name, row.words, row.is_letter)
        for row in ReminderStage.objects.filter(regie=regie).order_by("position")[:STAGES]
    ]
    # Nothing chosen yet: words to begin from.
    found: dict[str, Any] = {"has_reminders": has_reminders}
    for place, (days, name, said, is_letter) in enumerate(
        rows or [(*one, False) for one in wording.FIRST_WORDS], start=1
    ):
        found |= {f"days_{place}": days, f"name_{place}": name, f"words_{place}": said, f"is_letter_{place}": is_letter}
    return found
