"""The terms of a shared custody: written, looked at before they count, then settled in one act."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CustodyDay
from marelle.domain.reservations.operations.custody import (
    CustodyChangedMeanwhileError,
    UnableToSettleCustodyError,
    settle_custody,
)
from marelle.domain.reservations.queries.custody import standing_terms
from marelle.domain.reservations.queries.custody_effects import terms_preview
from marelle.domain.reservations.rules.custody_sentences import Homes
from marelle.foundation.french_dates import in_full
from marelle.web.office.custody import wording
from marelle.web.office.custody.forms import EndForm, SettleForm
from marelle.web.office.custody.shown import (
    child_or_404,
    home_names,
    pair_of,
    preview_view,
    seen_mark,
    service_names,
    terms_view,
    until_of,
    url_of_child,
)
from marelle.web.office.surroundings import ROLES, office_context, visit_of, whole_authority_page
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django import forms
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Child, Family
    from marelle.domain.reservations.queries.custody_effects import CustodyPreview
    from marelle.domain.reservations.rules.custody import CustodyTerms

TERMS, END = "terms", "end"
CHANGE, WRITE = "change", "write"


@require_http_methods(["GET", "HEAD", "POST"])
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def settle(request: HttpRequest, family: str, child: str) -> HttpResponse:
    """Will show the form; a POST shows what it would do, and settles once that was seen."""
    visit = visit_of(request)
    home, who = child_or_404(visit, family, child, ROLES.MANAGE_RESERVATIONS)
    pair = pair_of(who.pk, today=visit.today)
    if pair is None:
        messages.warning(request, wording.ONE_HOME, extra_tags="amber")
        return SeeOther(url_of_child(visit, "office_custody_homes", home, who))
    asked = _Asked(request, home, who, pair.homes)
    if request.method != "POST":
        return asked.form_page()
    form = asked.bound()
    if request.POST.get("act") == CHANGE:
        return asked.form_page(form)
    if not form.is_valid():
        return asked.form_page(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    preview = asked.preview(form)
    return asked.write(form, preview) if request.POST.get("act") == WRITE else asked.preview_page(form, preview)


class _Asked:
    """What an agent settles of a child, between two homes in an order that does not change from a page to the next."""

    def __init__(self, request: HttpRequest, family: Family, child: Child, homes: Mapping[int, Family]) -> None:
        self.request, self.visit = request, visit_of(request)
        self.family, self.child = family, child
        self.offer = offer_of(self.visit.authority)
        self.names = home_names(homes.values())
        self.standing = [one for one in standing_terms(child.pk) if {one.first_home_id, one.second_home_id} == {*homes}]
        last = self.standing[-1] if self.standing else None
        first = last.first_home_id if last is not None else family.pk if family.pk in homes else next(iter(homes))
        self.order = (first, next(key for key in homes if key != first))
        self.homes = Homes.named(*(self.names[key] for key in self.order))
        self.kind = END if "end" in request.POST else TERMS

    def new(self, data: Any = None) -> SettleForm:
        """Will return the form of terms, that begins with those that stand, from tomorrow."""
        now = next((one.settled for one in reversed(self.standing) if one.terms is not None), None)
        return SettleForm(
            data,
            auto_id="garde-%s",
            homes=self.homes,
            services=self.offer.services,
            terms=now,
            today=self.visit.today,
        )

    def bound(self) -> forms.Form:
        """Will return the form that was sent: of terms, or of the day from which there are none."""
        if self.kind == END:
            return EndForm(self.request.POST, auto_id="fin-%s", today=self.visit.today)
        return self.new(self.request.POST)

    def terms(self, form: forms.Form) -> CustodyTerms | None:
        """Will return the terms; None: there are to be none any more."""
        return form.terms if isinstance(form, SettleForm) else None

    def moves(self, form: forms.Form) -> bool:
        """Will tell whether what is reserved follows."""
        return bool(form.cleaned_data.get("moves", True))

    def preview(self, form: forms.Form) -> CustodyPreview:
        """Will say what it would do."""
        starts_on = form.cleaned_data["starts_on"]
        return terms_preview(
            self.child.pk,
            first_home=self.order[0],
            second_home=self.order[1],
            terms=self.terms(form),
            starts_on=starts_on,
            moves=self.moves(form),
            until=until_of(starts_on),
            offer=self.offer,
            today=self.visit.today,
        )

    def write(self, form: forms.Form, preview: CustodyPreview) -> HttpResponse:
        """Will settle what was looked at; what changed since is shown again."""
        visit, seen = self.visit, self.request.POST.get("seen", "")
        if seen != seen_mark(self.child.pk, preview):
            return self.preview_page(form, preview, problem=wording.MEANWHILE, status=HTTPStatus.CONFLICT)
        starts_on = form.cleaned_data["starts_on"]
        try:
            settle_custody(
                self.child.pk,
                first_home=self.order[0],
                second_home=self.order[1],
                terms=self.terms(form),
                starts_on=starts_on,
                moves=self.moves(form),
                seen=seen.partition(".")[0],
                offer=self.offer,
                by=visit.actor,
                at=visit.at,
            )
        except UnableToSettleCustodyError as error:
            form.add_error("starts_on", str(error.fault))
            return self.form_page(form, status=HTTPStatus.CONFLICT)
        except CustodyChangedMeanwhileError:
            again = self.preview(form)
            return self.preview_page(form, again, problem=wording.MEANWHILE, status=HTTPStatus.CONFLICT)
        say = wording.settled if self.kind == TERMS else wording.calendar_ended
        messages.success(self.request, say(self.child.first_name, starts_on, preview.moves.count), extra_tags="green")
        return SeeOther(url_of_child(visit, "office_custody", self.family, self.child))

    def form_page(self, form: forms.Form | None = None, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Will show the forms, with the one that was sent."""
        visit = self.visit
        terms = form if isinstance(form, SettleForm) else self.new()
        end = form if isinstance(form, EndForm) else EndForm(auto_id="fin-%s", today=visit.today)
        context = self._around(
            form=terms,
            end=end if self.standing and self.standing[-1].terms is not None else None,
            is_ending=isinstance(form, EndForm),
            refused=form if form is not None and form.errors else None,
        )
        return render(self.request, "office/custody/terms.html", context, status=status)

    def preview_page(
        self,
        form: forms.Form,
        preview: CustodyPreview,
        *,
        problem: tuple[str, str] | None = None,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        """Will show what it would do."""
        starts_on: date = form.cleaned_data["starts_on"]
        until = until_of(starts_on)
        forgotten = CustodyDay.objects.filter(child=self.child, date__gte=starts_on, withdrawn_at__isnull=True).count()
        later = [one for one in self.standing if one.starts_on > starts_on]
        context = self._around(
            problem=problem,
            since=in_full(starts_on, year=True),
            said=terms_view(self.terms(form), self.homes, service_names(self.visit), first=starts_on, last=until),
            done=preview_view(preview, self.order, self.names, until=until),
            forgotten=wording.forgotten(forgotten) if forgotten else "",
            later=[in_full(one.starts_on, year=True) for one in later],
            stays=not self.moves(form),
            typed=typed(self.request),
            seen=seen_mark(self.child.pk, preview),
        )
        return render(self.request, "office/custody/preview.html", context, status=status)

    def _around(self, **more: Any) -> dict[str, Any]:
        return office_context(
            self.visit,
            "office_families",
            family=self.family,
            child=self.child,
            is_end=self.kind == END,
            act_url=url_of_child(self.visit, "office_custody_terms", self.family, self.child),
            back_url=url_of_child(self.visit, "office_custody", self.family, self.child),
            **more,
        )


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Will return what was typed, to be sent again with the next page."""
    kept = {name: values for name, values in request.POST.lists() if name not in {"csrfmiddlewaretoken", "act", "seen"}}
    return [(name, value) for name, values in kept.items() for value in values]
