"""« Je confirme que mon dossier est à jour »: the whole file read again, once a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marelle.domain.families.operations.confirmations import UnableToConfirmError, confirm_file
from marelle.domain.families.queries.profile import file_content, last_confirmation_of
from marelle.domain.families.rules.confirmations import digest_of, written
from marelle.foundation.french_dates import in_full
from marelle.web.doors import family_page
from marelle.web.family.profile import wording
from marelle.web.family.profile.forms import ConfirmForm
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Will show the whole file; a POST says that it is right."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        confirm_file(visit.family, seen=form.cleaned_data["seen"], by=visit.actor, at=visit.at)
    except UnableToConfirmError:
        messages.warning(request, str(wording.FILE_CHANGED))
        return _page(request, status=409)
    messages.success(request, str(wording.CONFIRMED))
    return HttpResponseRedirect(reverse("profile", args=[visit.authority.slug]), status=303)


def _page(request: HttpRequest, form: ConfirmForm | None = None, *, status: int = 200) -> HttpResponse:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    content = file_content(visit.family, on=visit.today)
    last = last_confirmation_of(visit.family.pk)
    context = family_context(
        visit,
        "profile",
        content=content,
        form=form or ConfirmForm(),
        seen=digest_of(written(content)),
        last=in_full(last, year=True) if last else "",
        back_url=reverse("profile", args=[visit.authority.slug]),
    )
    return render(request, "family/profile/confirm.html", context, status=status)
