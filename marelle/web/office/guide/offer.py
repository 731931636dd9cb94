"""What the town offers, ticked: services, activities, hours and products at once."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.views.decorators.http import require_http_methods

from marelle.domain.authorities.models import Facility
from marelle.domain.catalog.models import Activity
from marelle.domain.onboarding.operations.presets import make_offer
from marelle.domain.onboarding.rules.checklist import Step
from marelle.domain.onboarding.rules.pasted_places import code_of
from marelle.domain.onboarding.rules.presets import LONGEST_CODE, PRESETS, against, planned, school_year
from marelle.web.office.guide import wording
from marelle.web.office.guide.forms import PresetForm, YearForm
from marelle.web.office.guide.surroundings import guide_page, next_url, page
from marelle.web.office.surroundings import url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.onboarding.rules.presets import Preset


@require_http_methods(["GET", "HEAD", "POST"])
@guide_page
def offer(request: HttpRequest) -> HttpResponse:
    """Will show what most towns offer, and make what is ticked, where it is ticked."""
    visit = visit_of(request)
    data = request.POST if request.method == "POST" else None
    first, last = school_year(visit.today)
    year = YearForm(data, initial={"first": first, "last": last})
    forms = _forms(data)
    if data is not None and _is_valid(year, forms):
        chosen = [form.chosen for form in forms if form.is_chosen]
        wrong = against(chosen)
        if not wrong:
            made = make_offer(
                visit.authority,
                planned(chosen, taught_weekdays=visit.authority.taught_weekdays),
                first=year.cleaned_data["first"],
                last=year.cleaned_data["last"],
                by=visit.actor,
                at=visit.at,
            )
            words = wording.offer_made(made.first, made.second, made.days) if made.first else wording.NOTHING_MADE
            messages.success(request, words, extra_tags="green")
            return SeeOther(next_url(visit, Step.OFFER))
        for code, reason in wrong.items():
            if code:
                next(form for form in forms if form.preset.code == code).refuse(reason)
            else:
                year.add_error(None, wording.CHOICES[reason])
    status = HTTPStatus.OK if data is None else HTTPStatus.UNPROCESSABLE_ENTITY
    context: dict[str, Any] = {"year": year, "forms": forms, "places_url": url_of(visit, "office_guide_places")}
    context["has_places"] = Facility.objects.exists()
    context["wrong"] = [form for form in forms if form.is_bound and form.errors]
    return page(request, "offer.html", status, **context)


def _is_valid(year: YearForm, forms: list[PresetForm]) -> bool:
    """Will read them all, so that everything wrong is said at once."""
    return all([year.is_valid(), *(form.is_valid() for form in forms)])


def _forms(data: Any) -> list[PresetForm]:
    """Will make a form for each preset, with the places that do not have it yet."""
    facilities = list(Facility.objects.order_by("name", "pk"))
    made = set(Activity.objects.values_list("code", flat=True))
    return [
        PresetForm(data, preset=preset, places=[one for one in facilities if not _has(preset, one, made)])
        for preset in PRESETS
    ]


def _has(preset: Preset, place: Facility, made: set[str]) -> bool:
    return code_of(f"{preset.code} {place.code}", longest=LONGEST_CODE) in made
