"""What the authority asks its families to consent to, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.families.models import ConsentText
from marelle.domain.families.operations.consents import UnableToAnswerError, answer_consent
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.profile import answers_of, texts_in_force
from marelle.foundation.french_dates import in_digits
from marelle.web.doors import family_page
from marelle.web.family.profile import wording
from marelle.web.family.profile.forms import ConsentForm
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit


@family_page
@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """Will show each text and what the family answered."""
    return _page(request)


@family_page
@require_POST
def answer(request: HttpRequest, text: str) -> HttpResponse:
    """Will note what the family answers; another answer later replaces it."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = get_object_or_404(ConsentText, public_id=text)
    children = list(children_of(visit.family.pk, on=visit.today))
    form = ConsentForm(request.POST, found, children=children, answers={})
    if not form.is_valid():
        return _page(request, refused=(found.pk, form), status=422)
    try:
        count = answer_consent(found, visit.family, form.answers, by=visit.actor, at=visit.at)
    except UnableToAnswerError:
        messages.warning(request, str(wording.CONSENT_GONE))
        return _page(request, status=409)
    messages.success(request, str(wording.CONSENT_RECORDED if count else wording.CONSENT_UNCHANGED))
    return HttpResponseRedirect(reverse("profile_consents", args=[visit.authority.slug]), status=303)


def _page(request: HttpRequest, *, refused: tuple[int, ConsentForm] | None = None, status: int = 200) -> HttpResponse:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    in_force = list(texts_in_force())
    children = list(children_of(visit.family.pk, on=visit.today))
    answers = answers_of([visit.family.pk], [text.pk for text in in_force])
    shown = []
    for text in in_force:
        mine = {child: one for (_family, key, child), one in answers.items() if key == text.pk}
        form = ConsentForm(None, text, children=children, answers={child: one.is_given for child, one in mine.items()})
        if refused is not None and refused[0] == text.pk:
            form = refused[1]
        if not form.fields:
            continue
        last = max((one.answered_at for one in mine.values()), default=None)
        shown.append(
            {
                "text": text,
                "form": form,
                "fields": [form[name] for name in form.fields],
                "is_missing": len(mine) < len(form.fields),
                "answered": in_digits(last.astimezone(visit.authority.zone).date()) if last else "",
                "url": reverse("profile_consent", args=[visit.authority.slug, text.public_id]),
            }
        )
    context = family_context(visit, "profile", texts=shown, back_url=reverse("profile", args=[visit.authority.slug]))
    return render(request, "family/profile/consents.html", context, status=status)
