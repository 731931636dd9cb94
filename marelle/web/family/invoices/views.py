"""Mes factures: what an account owes and paid at all its authorities, and where to pay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.operations.hiding import hide_invoice, show_invoice
from marelle.domain.billing.queries.family_invoices import entitled, has_joined, invoices_of, wallets_of
from marelle.domain.billing.queries.tax_certificates import care_paid
from marelle.domain.catalog.queries import offer_of
from marelle.domain.payments.queries.attempts import under_way
from marelle.domain.payments.queries.direct_debits import debited_invoices, tills_of
from marelle.domain.payments.queries.paying import how_paid
from marelle.foundation import tenancy
from marelle.foundation.money import in_euros
from marelle.letters.tax_documents import two_homes_words
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.payments.tabs import money_tabs
from marelle.web.family.surroundings import family_context
from marelle.web.family_addresses import address_at
from marelle.web.online_invoices_words import regie_words, where_to_pay
from marelle.web.paying.invoices.detail import detail_context
from marelle.web.paying.invoices.rows import groups_of, known_until, row_of
from marelle.web.paying.invoices.tills import MOST_CHOSEN, how_words, one_by_one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Regie
    from marelle.domain.billing.queries.family_invoices import Entitled, FamilyInvoice
    from marelle.domain.catalog.queries import ServiceOffer
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.domain.payments.queries.direct_debits import ExpectedDebit
    from marelle.domain.payments.queries.paying import HowPaid
    from marelle.web.doors import FamilyVisit

HIDDEN_TOO = "masquees"


def account_of(visit: FamilyVisit) -> Entitled:
    """Will return what the account of the visit may see, at all its authorities."""
    return entitled(visit.user.pk, visit.memberships)


def invoice_of(visit: FamilyVisit, who: Entitled, public_id: str) -> FamilyInvoice:
    """Will return an invoice that the list shows to this account; raises Http404 for any other. Inside the scope."""
    found = invoices_of(who, at=visit.at, public_ids=[public_id])
    if not found:
        raise Http404
    return found[0]


@family_page
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """Will list what is left to pay, with what is ticked (`facture`) summed."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        found = invoices_of(who, at=visit.at)
        wallets = wallets_of(who)
        tills = tills_of(visit.authority.pk)
        busy = under_way([one.invoice.pk for one in found if one.standing.is_owed])
        how = how_paid(
            {one.pk: one for one in (*(each.regie for each in found), *_regies(tills))}.values(),
            settings.GATEWAYS,
            at=visit.at,
        )
        debits = debited_invoices([one.invoice.pk for one in found if one.standing.is_owed])
    owed = [one for one in found if one.standing.is_owed]
    with_hidden = request.GET.get(HIDDEN_TOO) == "1"
    chosen = set(request.GET.getlist("facture")[:MOST_CHOSEN])
    context = _list_context(request, visit, found, owed, tab="invoices", chosen=chosen, busy=busy, debits=debits)
    rows = [row for group in context["groups"] for row in group.rows if row.is_chosen]
    context |= {
        "chosen": rows,
        "total": in_euros(sum(row.cents for row in rows)),
        "can_choose": any(row.can_be_chosen for group in context["groups"] for row in group.rows),
        "how_words": how_words(owed, how),
        "one_by_one": one_by_one([one for one in owed if one.can_be_chosen]),
        "known_until": known_until(owed),
        "wallets": [
            (authority.name, regie, in_euros(cents), address_at("wallet", authority.slug))
            for authority, regie, cents in wallets
        ],
        "debit_url": reverse("debit_mandates", args=[visit.authority.slug])
        if any(may_debit for _regie, may_debit in tills)
        else "",
        "last_paid": [] if with_hidden else _last_paid(found),
        "must_choose": "choisir" in request.GET,
        "services": (),
        "list_url": reverse("invoices", args=[visit.authority.slug]),
        "pay_url": reverse("invoices_pay", args=[visit.authority.slug]),
    }
    has_some = any(one.authority.pk == visit.authority.pk for one in found)
    if not has_some and not has_joined([regie for regie, _may_debit in tills], on=visit.today):
        context["services"] = _services(visit, how)
    return render(request, "family/invoices/page.html", context)


@family_page
@require_safe
def paid(request: HttpRequest) -> HttpResponse:
    """Will list what is paid, and the credit notes, the latest first."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        found = invoices_of(who, at=visit.at)
        certificates = _certificates(who)
    settled = [one for one in reversed(found) if not one.standing.is_owed]
    settled.sort(key=lambda one: one.settlements[-1].date if one.settlements else one.today, reverse=True)
    context = _list_context(request, visit, found, settled, tab="invoices_paid") | {"certificates": certificates}
    return render(request, "family/invoices/paid.html", context)


@family_page
@require_safe
def detail(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will explain an invoice line by line."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        found = invoice_of(visit, who, invoice)
        if found.authority.pk != visit.authority.pk:
            raise Http404
        debit = debited_invoices([found.invoice.pk]).get(found.invoice.pk)
        pay_url = reverse("invoices_pay", args=[visit.authority.slug])
        more = detail_context(found, debit, list_url=_list_of(visit, found), pay_url=pay_url)
        context = family_context(visit, "invoices", **more)
    return render(request, "paying/invoices/detail.html", context)


@family_page
@require_POST
def hide(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will hide an invoice from the list of this account, and offer to show it again."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        found = invoice_of(visit, who, invoice)
        hide_invoice(found.invoice, user=visit.user.pk, by=visit.actor, at=visit.at)
    return HttpResponseRedirect(f"{_list_of(visit, found)}?masquee={found.invoice.public_id}")


@family_page
@require_POST
def show(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will show a hidden invoice in the list of this account again."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        found = invoice_of(visit, who, invoice)
        show_invoice(found.invoice, user=visit.user.pk, by=visit.actor, at=visit.at)
    return HttpResponseRedirect(f"{_list_of(visit, found)}#f-{found.invoice.public_id}")


def _regies(tills: Sequence[tuple[Regie, bool]]) -> list[Regie]:
    """Will keep the régies that families pay."""
    return [regie for regie, _may_debit in tills if regie.has_billing]


def _services(visit: FamilyVisit, how: Mapping[int, HowPaid]) -> list[dict[str, Any]]:
    """Will say how each service is paid, where invoices are not online."""
    return [
        {"service": one, "is_online": till is not None and till.gateway is not None, "where": _where(one, till)}
        for one in offer_of(visit.authority).services
        for till in (how.get(one.regie or 0),)
    ]


def _where(service: ServiceOffer, till: HowPaid | None) -> str:
    """Will say where a service that is paid on booking is paid; nothing when its régie did not say."""
    if till is None or till.gateway is not None or not service.is_prepaid:
        return ""
    regie = till.regie
    return where_to_pay(regie_words(regie.name), regie.how_to_pay, hours=service.hold_hours)


def _list_of(visit: FamilyVisit, found: FamilyInvoice) -> str:
    return reverse("invoices" if found.standing.is_owed else "invoices_paid", args=[visit.authority.slug])


def _list_context(
    request: HttpRequest,
    visit: FamilyVisit,
    found: Sequence[FamilyInvoice],
    mine: Sequence[FamilyInvoice],
    *,
    tab: Literal["invoices", "invoices_paid"],
    chosen: set[str] | None = None,
    busy: Mapping[int, PaymentAttempt] | None = None,
    debits: Mapping[int, ExpectedDebit] | None = None,
) -> dict[str, Any]:
    with_hidden = request.GET.get(HIDDEN_TOO) == "1"
    hidden = [one for one in mine if one.is_hidden]
    to_pay = sum(one.standing.is_owed and not one.is_hidden for one in found)
    at = [visit.authority.slug]
    shown = hidden if with_hidden else [one for one in mine if not one.is_hidden]
    just_hidden = next((one for one in hidden if one.invoice.public_id == request.GET.get("masquee")), None)
    context = family_context(
        visit,
        "invoices",
        tabs=money_tabs(visit, tab, to_pay=to_pay),
        groups=groups_of(shown, chosen=chosen or (), busy=busy, debits=debits),
        hidden=len(hidden),
        with_hidden=with_hidden,
        just_hidden=just_hidden and row_of(just_hidden),
        here_url=reverse(tab, args=at),
        may_hide=True,
        contact=contact_view(visit.authority),
    )
    # The count costs nothing here, where every invoice was read, and a statement anywhere else.
    context["menu"] = [replace(entry, count=to_pay) if entry.current else entry for entry in context["menu"]]
    return context


def _certificates(who: Entitled) -> list[tuple[str, list[tuple[int, str]], str]]:
    """Will return for each payer that paid for care its name, the addresses of its certificates by year, and a note."""
    found = []
    for paid in care_paid(who):
        authority = who.authorities[paid.payer.authority_id]
        years = [
            (year, address_at("tax_certificate", authority.slug, year, paid.payer.public_id)) for year in paid.years
        ]
        if years:
            whose = f"{authority.name}, {paid.payer.regie.name}, au nom de {paid.payer.name}"
            found.append((whose, years, two_homes_words(paid, paid.years)))
    return found


def _last_paid(found: Sequence[FamilyInvoice]) -> list[Any]:
    settled = [one for one in found if one.standing.stand == "settled" and one.settlements and not one.is_hidden]
    settled.sort(key=lambda one: one.settlements[-1].date, reverse=True)
    return [row_of(one) for one in settled[:2]]
