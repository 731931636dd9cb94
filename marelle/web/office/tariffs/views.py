"""The tariffs: those in force, the form that changes one, the trial before the vote, the record after it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.billing.queries.invoiced import invoiced_days
from marelle.domain.catalog.models import Tariff
from marelle.domain.catalog.operations.tariffs import (
    UnableToSaveTariffError,
    UnableToWithdrawTariffError,
    save_tariff,
    withdraw_tariff,
)
from marelle.domain.catalog.queries import VersionedTariff, offer_of
from marelle.domain.catalog.rules.price_steps import SITUATIONS
from marelle.domain.catalog.rules.tariff_doubts import doubts_of
from marelle.domain.catalog.rules.tariff_sentences import sections_of
from marelle.domain.catalog.rules.versions import Decided
from marelle.domain.catalog.rules.written import write_tariff
from marelle.domain.reservations.queries.priced import priced_days
from marelle.web.doors import EVERY_AGENT, office_page
from marelle.web.office.long_forms.saving import AS_FORM, AS_TEXT, SaveForm
from marelle.web.office.long_forms.versions import GONE, coming, may_change, since, version_view, version_words
from marelle.web.office.surroundings import ROLES, office_context
from marelle.web.office.tariffs import wording
from marelle.web.office.tariffs.forms import TryForm, Typed, as_other, blank, sent_by, typed_of, unreadable
from marelle.web.office.tariffs.trial import compared, payers, tried, typical
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.web.doors import OfficeVisit


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product of the list: its tariff in force in a line, what comes, what is missing."""

    name: str
    where: str
    url: str
    words: str
    in_force: str
    coming: tuple[str, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class ServiceView:
    """The products of a service."""

    name: str
    products: tuple[ProductView, ...]


@require_safe
@office_page(EVERY_AGENT)
def every(request: HttpRequest) -> HttpResponse:
    """Will show what every product costs, and what is missing."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    services: dict[str, list[ProductView]] = {}
    for product in offer_of(visit.authority).products:
        services.setdefault(product.activity.service.name, []).append(_product_view(product, visit))
    views = [ServiceView(name, tuple(each)) for name, each in services.items()]
    missing = sum(bool(one.missing) for service in views for one in service.products)
    context = {"services": views, "missing": missing}
    return render(request, "office/tariffs/page.html", office_context(visit, "office_tariffs", **context))


@require_safe
@office_page(EVERY_AGENT)
def one(request: HttpRequest, product: str) -> HttpResponse:
    """Will show a tariff as the council voted it, what it gives for a child, who pays what, and its versions."""
    return _one(request, _product_or_404(request, product))


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def edit(request: HttpRequest, product: str) -> HttpResponse:
    """Will show the form; a row added, or the other way of typing asked for, comes back to it. Nothing is written."""
    found = _product_to_change(request, product)
    if request.method == "POST":
        typed = sent_by(request.POST)
        wanted = AS_TEXT if request.POST.get("voir") == AS_TEXT else AS_FORM
        is_row = bool(request.POST.get("ajouter") or request.POST.get("retirer"))
        if request.POST.get("voir"):
            seen = as_other(typed, wanted)
            if seen.way != wanted and not seen.is_too_rich:  # what cannot be read stays where it can be corrected
                return _form_page(request, found, seen, SaveForm(request.POST), HTTPStatus.UNPROCESSABLE_ENTITY)
            typed, is_row = seen, True
        if is_row:
            typed.found, typed.lines = [], []
        return _form_page(request, found, typed, SaveForm.kept(request.POST))
    version = _chosen_version(request, found)
    way = AS_TEXT if request.GET.get("vue") == AS_TEXT else AS_FORM
    if version is None:
        typed = blank(way=way)
    elif version.rules is None:
        typed = unreadable(get_object_or_404(Tariff, pk=version.pk).rules)
    else:
        typed = typed_of(version.rules, way=way)
    return _form_page(request, found, typed, SaveForm())


@require_POST
@office_page(ROLES.ADMINISTER)
def try_out(request: HttpRequest, product: str) -> HttpResponse:
    """Will show what the tariff typed would give. Nothing is written."""
    found = _product_to_change(request, product)
    typed = sent_by(request.POST)
    if typed.rules is None:
        return _form_page(request, found, typed, SaveForm.kept(request.POST), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _trial_page(request, found, typed)


@require_POST
@office_page(ROLES.ADMINISTER)
def save(request: HttpRequest, product: str) -> HttpResponse:
    """Will record the tariff typed, from the day and by the vote given."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _product_to_change(request, product)
    typed, form = sent_by(request.POST), SaveForm(request.POST)
    if not form.is_valid() or typed.rules is None:
        return _form_page(request, found, typed, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    valid_from = form.cleaned_data["valid_from"]
    later = [each.valid_from for each in found.tariffs if each.valid_from > valid_from]
    before = min(later, default=None)
    priced = priced_days(found.pk, first=valid_from, before=before, today=visit.today)
    invoiced = invoiced_days(found.pk, authority=visit.authority.pk, first=valid_from, before=before)
    # What was invoiced was not always reserved.
    priced = Decided(max(priced.past, invoiced), priced.coming)
    try:
        save_tariff(
            visit.authority,
            product=found.pk,
            valid_from=valid_from,
            resolution=form.cleaned_data["resolution"],
            data=write_tariff(typed.rules),
            decided=priced,
            is_confirmed=form.cleaned_data["confirmed"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToSaveTariffError as error:
        form.add_error("valid_from", wording.obstruction(error.obstruction, priced, invoiced))
        asks = error.obstruction.may_be_confirmed
        return _form_page(request, found, typed, form, HTTPStatus.CONFLICT, asks_to_confirm=asks)
    messages.success(request, wording.saved(found.name, valid_from), extra_tags="green")
    return SeeOther(_url(visit, "office_tariff", found))


@require_POST
@office_page(ROLES.ADMINISTER)
def withdraw(request: HttpRequest, product: str) -> HttpResponse:
    """Will take back a version that is not in force yet."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _product_to_change(request, product)
    version = _named(found, request.POST.get("version", ""))
    if version is None:
        return _one(request, found, problem=GONE, status=HTTPStatus.CONFLICT)
    row = get_object_or_404(Tariff, pk=version.pk)
    try:
        withdraw_tariff(row, by=visit.actor, at=visit.at)
    except UnableToWithdrawTariffError:
        return _one(request, found, problem=wording.IN_FORCE, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.withdrawn(found.name, version.valid_from), extra_tags="green")
    return SeeOther(_url(visit, "office_tariff", found))


def _product_view(product: ProductOffer, visit: OfficeVisit) -> ProductView:
    version = product.tariff_on(visit.today)
    missing = ""
    if version is None:
        missing = wording.NOT_YET if product.tariffs else wording.MISSING
    elif version.rules is None:
        missing = wording.UNREADABLE
    return ProductView(
        name=product.name,
        where=f"{product.activity.name}, {product.activity.facility_name}",
        url=_url(visit, "office_tariff", product),
        words=wording.in_short(version.rules, product.noun) if version and version.rules else "",
        in_force=since(version) if version else "",
        coming=tuple(
            ", ".join(
                [
                    *([wording.in_short(each.rules, product.noun)] if each.rules else []),
                    coming(each),
                ]
            )
            for each in reversed(product.tariffs)
            if each.valid_from > visit.today
        ),
        missing=missing,
    )


def _one(
    request: HttpRequest, product: ProductOffer, *, problem: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    in_force = product.tariff_on(visit.today)
    read = _chosen_version(request, product)
    rules = read.rules if read else None
    form = TryForm(rules, request.GET if "essai" in request.GET else None, names=SITUATIONS) if rules else None
    asks_who = "qui" in request.GET
    context: dict[str, Any] = {
        "product": product,
        "read": read,
        "is_in_force": read is not None and in_force is not None and read.pk == in_force.pk,
        "words": version_words(read, product.tariffs, visit.today) if read else "",
        "missing": wording.MISSING if read is None else wording.UNREADABLE if rules is None else "",
        "sections": sections_of(rules) if rules else (),
        "versions": [
            version_view(
                each,
                product.tariffs,
                today=visit.today,
                in_force=in_force,
                may_withdraw=True,
                read_url=_url(visit, "office_tariff", product),
                edit_url=_edit_url(visit, product, each),
            )
            for each in product.tariffs
        ],
        "form": form,
        "tried": tried(rules, form.facts) if rules and form is not None and form.is_valid() else (),
        "payers": payers(read, None, product, today=visit.today, offer=offer_of(visit.authority))
        if asks_who and read and rules
        else None,
        "may_edit": may_change(visit, product.activity.pk),
        "reglement_url": reverse("office_reglement", args=[visit.authority.slug, product.public_id]),
        "edit_url": _edit_url(visit, product, read),
        "one_url": _url(visit, "office_tariff", product),
        "version_day": read.valid_from.isoformat() if read else "",
        "withdraw_url": _url(visit, "office_tariff_withdraw", product),
        "problem": problem,
    }
    return render(
        request, "office/tariffs/tariff.html", office_context(visit, "office_tariffs", **context), status=status
    )


def _edit_url(visit: OfficeVisit, product: ProductOffer, version: VersionedTariff | None) -> str:
    url = _url(visit, "office_tariff_edit", product)
    return f"{url}?version={version.valid_from.isoformat()}" if version else url


def _named(product: ProductOffer, day: str) -> VersionedTariff | None:
    return next((version for version in product.tariffs if version.valid_from.isoformat() == day), None)


def _chosen_version(request: HttpRequest, product: ProductOffer) -> VersionedTariff | None:
    """Will return the version that the address names, else the one in force, else the first to come."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    named = _named(product, request.GET.get("version", ""))
    return named or product.tariff_on(visit.today) or next(iter(reversed(product.tariffs)), None)


def _form_page(
    request: HttpRequest,
    product: ProductOffer,
    typed: Typed,
    form: SaveForm,
    status: int = HTTPStatus.OK,
    *,
    asks_to_confirm: bool = False,
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    edit_url = _url(visit, "office_tariff_edit", product)
    is_text = typed.way == AS_TEXT
    context = {
        "product": product,
        "typed": typed,
        "is_text": is_text,
        "too_rich": wording.TOO_RICH if typed.is_too_rich else "",
        "drawn": "" if is_text else typed.drawn(edit_url),
        "faults": () if is_text else typed.faults.placed,
        "sentences": typed.sentences if is_text else (),
        "form": form,
        "asks_to_confirm": asks_to_confirm or "confirmed" in request.POST,
        "has_bad_fields": form.is_bound and bool(form.errors),
        **_urls(visit, product),
    }
    return render(
        request, "office/tariffs/form.html", office_context(visit, "office_tariffs", **context), status=status
    )


def _trial_page(request: HttpRequest, product: ProductOffer, typed: Typed) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    rules = typed.rules
    if rules is None:
        raise Http404
    day = SaveForm(request.POST)
    day.is_valid()
    replaced = product.tariff_on(day.cleaned_data.get("valid_from") or visit.today)
    before = replaced if replaced is not None and replaced.rules is not None else None
    tariff = VersionedTariff(0, visit.today, "", rules)
    context = {
        "product": product,
        "text": typed_of(rules, way=AS_TEXT).text,
        "origin": AS_TEXT if typed.way == AS_TEXT and request.POST.get("origine") != AS_FORM else AS_FORM,
        "sections": sections_of(rules),
        "doubts": doubts_of(rules),
        "replaced": version_words(before, product.tariffs, visit.today) if before else "",
        "lines": compared(rules, before.rules if before else None),
        "typical": typical(rules, before.rules if before else None),
        "payers": payers(tariff, before, product, today=visit.today, offer=offer_of(visit.authority)),
        "form": SaveForm.kept(request.POST),
        **_urls(visit, product),
    }
    return render(request, "office/tariffs/trial.html", office_context(visit, "office_tariffs", **context))


def _product_or_404(request: HttpRequest, public_id: str) -> ProductOffer:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = offer_of(visit.authority).product_by_public_id.get(public_id)
    if found is None:
        raise Http404
    return found


def _product_to_change(request: HttpRequest, public_id: str) -> ProductOffer:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = _product_or_404(request, public_id)
    if not may_change(visit, found.activity.pk):
        raise Http404
    return found


def _urls(visit: OfficeVisit, product: ProductOffer) -> dict[str, str]:
    names = ("office_tariff", "office_tariff_edit", "office_tariff_try", "office_tariff_save")
    one_url, edit_url, try_url, save_url = (_url(visit, name, product) for name in names)
    return {"one_url": one_url, "edit_url": edit_url, "try_url": try_url, "save_url": save_url}


def _url(visit: OfficeVisit, name: str, product: ProductOffer) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, "product": product.public_id})
