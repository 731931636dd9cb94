"""The règlements: those in force, the form that changes one, the trial before the vote, the record after it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.catalog.models import Reglement
from marelle.domain.catalog.operations.reglements import (
    UnableToSaveReglementError,
    UnableToWithdrawReglementError,
    contradictions_of,
    save_reglement,
    withdraw_reglement,
)
from marelle.domain.catalog.queries import all_ruled, offer_of, ruled_named
from marelle.domain.catalog.rules.articles import articles_of
from marelle.domain.catalog.rules.questions import answered
from marelle.domain.catalog.rules.written import write_reglement
from marelle.domain.reservations.queries.trials import decided_by, decided_by_each
from marelle.web.doors import EVERY_AGENT, office_page
from marelle.web.office.long_forms.saving import AS_FORM, AS_TEXT, SaveForm
from marelle.web.office.long_forms.versions import GONE, coming, may_change, since, version_view, version_words
from marelle.web.office.reglements import wording
from marelle.web.office.reglements.forms import Typed, as_other, blank, sent_by, typed_of, unreadable
from marelle.web.office.reglements.trial import asked_about, tried
from marelle.web.office.surroundings import ROLES, office_context, reach
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer, ReglementVersion, Ruled
    from marelle.domain.catalog.rules.articles import Article
    from marelle.web.doors import OfficeVisit

QUESTION = "question."
LONGEST_PLACE = 2


@dataclass(frozen=True, slots=True)
class RuledView:
    """An activity or a product of the list: its règlement in force, what comes, what is missing."""

    name: str
    url: str
    in_force: str
    coming: tuple[str, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class ServiceView:
    """The activities of a service at a facility."""

    name: str
    ruled: tuple[RuledView, ...]


@require_safe
@office_page(EVERY_AGENT)
def every(request: HttpRequest) -> HttpResponse:
    """Will show what every activity is ruled by, and what is missing."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    services: dict[str, list[RuledView]] = {}
    for ruled in all_ruled(offer_of(visit.authority)):
        name = f"{ruled.activity.service.name}, {ruled.activity.facility_name}"
        services.setdefault(name, []).append(_ruled_view(ruled, visit))
    views = [ServiceView(name, tuple(each)) for name, each in services.items()]
    missing = sum(bool(one.missing) for service in views for one in service.ruled)
    regies_url = ""
    if visit.may(ROLES.ADMINISTER) and reach(visit, ROLES.ADMINISTER).is_whole:
        regies_url = reverse("office_regies", kwargs={"authority": visit.authority.slug})
    context = {"services": views, "missing": missing, "regies_url": regies_url}
    return render(request, "office/reglements/page.html", office_context(visit, "office_reglements", **context))


@require_safe
@office_page(EVERY_AGENT)
def one(request: HttpRequest, ruled: str) -> HttpResponse:
    """Will show a règlement as the council voted it, and its versions."""
    return _one(request, _ruled_or_404(request, ruled))


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def edit(request: HttpRequest, ruled: str) -> HttpResponse:
    """Will show the form; a row added, or the other way of typing asked for, comes back to it. Nothing is written."""
    found = _ruled_to_change(request, ruled)
    if request.method == "POST":
        typed = _sent(request)
        wanted = AS_TEXT if request.POST.get("voir") == AS_TEXT else AS_FORM
        is_row = bool(request.POST.get("ajouter") or request.POST.get("retirer"))
        if request.POST.get("voir"):
            shown = as_other(typed, wanted)
            if shown.way != wanted:  # a text that cannot be read stays where it can be corrected
                return _form_page(request, found, shown, SaveForm(request.POST), HTTPStatus.UNPROCESSABLE_ENTITY)
            typed, is_row = shown, True
        if is_row:
            typed.found = []
        return _form_page(request, found, typed, SaveForm.kept(request.POST))
    version = _chosen_version(request, found)
    products = offer_of(request.visit.authority).names  # type: ignore[attr-defined]
    way = AS_TEXT if request.GET.get("vue") == AS_TEXT else AS_FORM
    if version is None:
        typed = blank(way=way, products=products)
    elif version.rules is None:
        typed = unreadable(version.data, products=products)
    else:
        typed = typed_of(write_reglement(version.rules), way=way, products=products)
    return _form_page(request, found, typed, SaveForm())


@require_POST
@office_page(ROLES.ADMINISTER)
def try_out(request: HttpRequest, ruled: str) -> HttpResponse:
    """Will show what the règlement typed would give over the coming school years. Nothing is written."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _ruled_to_change(request, ruled)
    typed = _sent(request)
    if typed.rules is None:
        return _form_page(request, found, typed, SaveForm.kept(request.POST), HTTPStatus.UNPROCESSABLE_ENTITY)
    opening = found.activity.opening
    typed.rules = answered(
        typed.rules, _answers(request), weekdays=opening.weekdays, in_holidays=bool(opening.holiday_weekdays)
    )
    return _trial_page(request, visit, found, typed)


@require_POST
@office_page(ROLES.ADMINISTER)
def save(request: HttpRequest, ruled: str) -> HttpResponse:
    """Will record the règlement typed, from the day and by the vote given."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _ruled_to_change(request, ruled)
    typed, form = _sent(request), SaveForm(request.POST)
    if not form.is_valid() or typed.rules is None:
        return _form_page(request, found, typed, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    valid_from = form.cleaned_data["valid_from"]
    present = next((version.pk for version in found.versions if version.valid_from == valid_from), None)
    try:
        save_reglement(
            visit.authority,
            activity=found.activity.pk,
            product=found.product.pk if found.product else None,
            valid_from=valid_from,
            resolution=form.cleaned_data["resolution"],
            data=write_reglement(typed.rules),
            decided=decided_by(present, today=visit.today),
            is_confirmed=form.cleaned_data["confirmed"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToSaveReglementError as error:
        typed.add(error.contradictions)
        if error.obstruction is None:
            return _form_page(request, found, typed, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        form.add_error("valid_from", wording.OBSTRUCTIONS[error.obstruction])
        asks = error.obstruction.may_be_confirmed
        return _form_page(request, found, typed, form, HTTPStatus.CONFLICT, asks_to_confirm=asks)
    messages.success(request, wording.saved(found.name, valid_from), extra_tags="green")
    return SeeOther(_url(visit, "office_reglement", found))


@require_POST
@office_page(ROLES.ADMINISTER)
def withdraw(request: HttpRequest, ruled: str) -> HttpResponse:
    """Will take back a version that is not in force yet."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _ruled_to_change(request, ruled)
    day = request.POST.get("version", "")
    version = next((each for each in found.versions if each.valid_from.isoformat() == day), None)
    if version is None:
        return _one(request, found, problem=GONE, status=HTTPStatus.CONFLICT)
    row = get_object_or_404(Reglement, pk=version.pk)
    try:
        withdraw_reglement(row, decided=decided_by(version.pk, today=visit.today), by=visit.actor, at=visit.at)
    except UnableToWithdrawReglementError as error:
        problem = wording.WITHDRAWALS[error.obstruction]
        return _one(request, found, problem=problem, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.withdrawn(found.name, version.valid_from), extra_tags="green")
    return SeeOther(_url(visit, "office_reglement", found))


def _ruled_view(ruled: Ruled, visit: OfficeVisit) -> RuledView:
    version = ruled.in_force(visit.today)
    missing = ""
    if version is None:
        is_shared_out = ruled.product is None and not ruled.products
        missing = "" if is_shared_out else wording.NOT_YET if ruled.versions else wording.MISSING
    elif version.rules is None:
        missing = wording.UNREADABLE
    in_force = wording.PRODUCTS_HAVE_THEIRS if version is None and not missing else ""
    return RuledView(
        name=ruled.product.name if ruled.product else ruled.activity.name,
        url=_url(visit, "office_reglement", ruled),
        in_force=since(version) if version else in_force,
        coming=tuple(coming(each) for each in ruled.coming(visit.today)),
        missing=missing,
    )


def _one(request: HttpRequest, ruled: Ruled, *, problem: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    in_force = ruled.in_force(visit.today)
    read = _chosen_version(request, ruled) or (ruled.coming(visit.today) or (None,))[0]
    decided = decided_by_each([version.pk for version in ruled.versions], today=visit.today)
    may_edit = may_change(visit, ruled.activity.pk)
    context: dict[str, Any] = {
        "ruled": ruled,
        "read": read,
        "is_in_force": read is not None and in_force is not None and read.pk == in_force.pk,
        "words": version_words(read, (*ruled.versions, *ruled.shared), visit.today) if read else "",
        "missing": wording.MISSING if read is None else wording.UNREADABLE if read.rules is None else "",
        "articles": _articles(read, ruled, offer),
        "versions": [
            version_view(
                each,
                (*ruled.versions, *ruled.shared),
                today=visit.today,
                in_force=in_force,
                may_withdraw=each.pk not in decided,
                read_url=_url(visit, "office_reglement", ruled),
                edit_url=_edit_url(visit, ruled, each),
            )
            for each in ruled.versions
        ],
        "is_borrowed": bool(ruled.product and read and read in ruled.shared),
        "activity_url": reverse("office_reglement", args=[visit.authority.slug, ruled.activity.public_id]),
        "products": [
            (product.name, reverse("office_reglement", args=[visit.authority.slug, product.public_id]))
            for product in offer.products
            if ruled.product is None and product.activity.pk == ruled.activity.pk
        ],
        "tariffs": [
            (product.name, reverse("office_tariff", args=[visit.authority.slug, product.public_id]))
            for product in ruled.products
        ],
        "may_edit": may_edit,
        "edit_url": _edit_url(visit, ruled, read),
        "withdraw_url": _url(visit, "office_reglement_withdraw", ruled),
        "problem": problem,
    }
    page = office_context(visit, "office_reglements", **context)
    return render(request, "office/reglements/reglement.html", page, status=status)


def _articles(version: ReglementVersion | None, ruled: Ruled, offer: Offer) -> tuple[Article, ...]:
    if version is None or version.rules is None:
        return ()
    return articles_of(version.rules, subject=ruled.name, names=offer.names)


def _edit_url(visit: OfficeVisit, ruled: Ruled, version: ReglementVersion | None) -> str:
    """Will return the address of the form, filled in with `version` when it is one of its own."""
    url = _url(visit, "office_reglement_edit", ruled)
    return f"{url}?version={version.valid_from.isoformat()}" if version in ruled.versions else url


def _chosen_version(request: HttpRequest, ruled: Ruled) -> ReglementVersion | None:
    """Will return the version that the address names, else the one in force, else the first to come."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    day = request.GET.get("version", "")
    named = next((version for version in ruled.versions if version.valid_from.isoformat() == day), None)
    return named or ruled.in_force(visit.today) or next(iter(ruled.coming(visit.today)), None)


def _form_page(
    request: HttpRequest,
    ruled: Ruled,
    typed: Typed,
    form: SaveForm,
    status: int = HTTPStatus.OK,
    *,
    asks_to_confirm: bool = False,
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    edit_url = _url(visit, "office_reglement_edit", ruled)
    context = {
        "ruled": ruled,
        "typed": typed,
        "is_text": typed.way == AS_TEXT,
        "drawn": typed.drawn(edit_url) if typed.way == AS_FORM else "",
        "faults": typed.faults.placed if typed.way == AS_FORM else (),
        "sentences": typed.sentences if typed.way == AS_TEXT else (),
        "form": form,
        "asks_to_confirm": asks_to_confirm or "confirmed" in request.POST,
        "has_bad_fields": form.is_bound and bool(form.errors),
        **_urls(visit, ruled),
    }
    page = office_context(visit, "office_reglements", **context)
    return render(request, "office/reglements/form.html", page, status=status)


def _trial_page(request: HttpRequest, visit: OfficeVisit, ruled: Ruled, typed: Typed) -> HttpResponse:
    rules = typed.rules
    if rules is None:
        raise Http404
    offer = offer_of(visit.authority)
    form = SaveForm.kept(request.POST)
    day = SaveForm(request.POST)
    day.is_valid()
    valid_from = day.cleaned_data.get("valid_from")
    wrong = contradictions_of(visit.authority, ruled, rules, valid_from=valid_from or visit.today, today=visit.today)
    context = {
        "ruled": ruled,
        "text": typed_of(write_reglement(rules), way=AS_TEXT, products=offer.names).text,
        "origin": AS_TEXT if typed.way == AS_TEXT and request.POST.get("origine") != AS_FORM else AS_FORM,
        "wrong": [wording.contradiction(each) for each in wrong],
        "articles": articles_of(rules, subject=ruled.name, names=offer.names),
        "questions": asked_about(rules, ruled),
        "trial": tried(rules, ruled, valid_from=valid_from, today=visit.today, authority=visit.authority, offer=offer),
        "form": form,
        **_urls(visit, ruled),
    }
    page = office_context(visit, "office_reglements", **context)
    return render(request, "office/reglements/trial.html", page)


def _answers(request: HttpRequest) -> dict[str, int]:
    return {
        name.removeprefix(QUESTION): int(place)
        for name, place in request.POST.items()
        if name.startswith(QUESTION)
        and isinstance(place, str)
        and place.isascii()
        and place.isdecimal()
        and len(place) <= LONGEST_PLACE
    }


def _sent(request: HttpRequest) -> Typed:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    return sent_by(request.POST, products=offer_of(visit.authority).names)


def _ruled_or_404(request: HttpRequest, public_id: str) -> Ruled:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = ruled_named(offer_of(visit.authority), public_id)
    if found is None:
        raise Http404
    return found


def _ruled_to_change(request: HttpRequest, public_id: str) -> Ruled:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _ruled_or_404(request, public_id)
    if not may_change(visit, found.activity.pk):
        raise Http404
    return found


def _urls(visit: OfficeVisit, ruled: Ruled) -> dict[str, str]:
    names = ("office_reglement", "office_reglement_edit", "office_reglement_try", "office_reglement_save")
    one_url, edit_url, try_url, save_url = (_url(visit, name, ruled) for name in names)
    return {"one_url": one_url, "edit_url": edit_url, "try_url": try_url, "save_url": save_url}


def _url(visit: OfficeVisit, name: str, ruled: Ruled) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, "ruled": ruled.public_id})
