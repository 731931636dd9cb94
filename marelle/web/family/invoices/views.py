"""Mes factures: what an account owes and paid at all its authorities, and where to pay."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.operations.hiding import hide_invoice, show_invoice
from marelle.domain.billing.queries.family_invoices import entitled, has_joined, invoices_of, wallets_of
from marelle.domain.billing.queries.tax_certificates import care_paid
from marelle.domain.catalog.queries import offer_of
from marelle.domain.payments.queries.direct_debits import debited_invoices, has_direct_debit
from marelle.foundation import tenancy
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.money import in_euros
from marelle.web.components.controls import Choice
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.invoices import wording
from marelle.web.family.invoices.detail import detail_context
from marelle.web.family.invoices.rows import crest_of, debit_words, groups_of, row_of
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.queries.family_invoices import Entitled, FamilyInvoice
    from marelle.domain.payments.queries.direct_debits import ExpectedDebit
    from marelle.web.doors import FamilyVisit

MOST_CHOSEN = 200
HIDDEN_TOO = "masquees"


def account_of(visit: FamilyVisit) -> Entitled:
    """Will return what the account of the visit may see, at all its authorities."""
    return entitled(visit.user.pk)


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
        joined = has_joined(visit.authority.pk, on=visit.today)
        debits = debited_invoices([one.invoice.pk for one in found]) if found else {}
        has_debit = has_direct_debit(visit.authority.pk)
    owed = [one for one in found if one.standing.is_owed]
    with_hidden = request.GET.get(HIDDEN_TOO) == "1"
    chosen = set(request.GET.getlist("facture")[:MOST_CHOSEN])
    context = _list_context(request, visit, found, owed, tab="invoices", chosen=chosen, debits=debits)
    rows = [row for group in context["groups"] for row in group.rows if row.is_chosen]
    context |= {
        "chosen": rows,
        "total": in_euros(sum(row.cents for row in rows)),
        "can_choose": any(row.can_be_chosen for group in context["groups"] for row in group.rows),
        "one_by_one": _one_by_one([one for one in owed if one.can_be_chosen]),
        "known_until": _known_until(owed),
        "wallets": [(authority.name, regie, in_euros(cents)) for authority, regie, cents in wallets],
        "debit_url": reverse("debit_mandates", args=[visit.authority.slug]) if has_debit else "",
        "refund_url": reverse("refunds", args=[visit.authority.slug])
        if any(authority.pk == visit.authority.pk for authority, _regie, _cents in wallets)
        else "",
        "last_paid": [] if with_hidden else _last_paid(found),
        "must_choose": "choisir" in request.GET,
        "services": (),
        "list_url": reverse("invoices", args=[visit.authority.slug]),
    }
    if not joined and all(one.authority.pk != visit.authority.pk for one in found):
        context["services"] = offer_of(visit.authority).services
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
def pay(request: HttpRequest) -> HttpResponse:
    """Will say where to pay the invoices that were ticked, till by till, the soonest due first."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    chosen = request.GET.getlist("facture")[:MOST_CHOSEN]
    list_url = reverse("invoices", args=[visit.authority.slug])
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        found = invoices_of(who, at=visit.at, public_ids=chosen) if chosen else []
        debits = debited_invoices([one.invoice.pk for one in found]) if found else {}
    payable = [one for one in found if one.can_be_chosen]
    if not payable:
        return HttpResponseRedirect(f"{list_url}?choisir=1")
    order = {regie: place for place, regie in enumerate(dict.fromkeys(one.regie.pk for one in payable))}
    payable.sort(key=lambda one: order[one.regie.pk])
    tills = [_till(list(members)) for _regie, members in groupby(payable, key=lambda one: one.regie.pk)]
    query = urlencode([("facture", one.invoice.public_id) for one in payable])
    context = family_context(
        visit,
        "invoices",
        tills=tills,
        one_by_one=_one_by_one(payable),
        debited=[
            (one.invoice.number, debit_words(debits[one.invoice.pk])) for one in payable if one.invoice.pk in debits
        ],
        total=in_euros(sum(one.left_cents for one in payable)),
        back_url=f"{list_url}?{query}",
    )
    return render(request, "family/invoices/pay.html", context)


def _till(members: Sequence[FamilyInvoice]) -> dict[str, Any]:
    first = members[0]
    return {
        "authority": first.authority,
        "crest_url": crest_of(first.authority),
        "regie": first.regie,
        "ways": [line.strip() for line in first.regie.how_to_pay.splitlines() if line.strip()],
        "contact": contact_view(first.authority),
        "rows": [row_of(one) for one in members],
        "total": in_euros(sum(one.left_cents for one in members)),
    }


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
        context = family_context(visit, "invoices", **detail_context(found, debit))
    return render(request, "family/invoices/detail.html", context)


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


def _list_of(visit: FamilyVisit, found: FamilyInvoice) -> str:
    return reverse("invoices" if found.standing.is_owed else "invoices_paid", args=[visit.authority.slug])


def _list_context(
    request: HttpRequest,
    visit: FamilyVisit,
    found: Sequence[FamilyInvoice],
    mine: Sequence[FamilyInvoice],
    *,
    tab: str,
    chosen: set[str] | None = None,
    debits: Mapping[int, ExpectedDebit] | None = None,
) -> dict[str, Any]:
    with_hidden = request.GET.get(HIDDEN_TOO) == "1"
    hidden = [one for one in mine if one.is_hidden]
    to_pay = sum(one.standing.is_owed and not one.is_hidden for one in found)
    at = [visit.authority.slug]
    label = f"{wording.TO_PAY_TAB} ({to_pay})" if to_pay else str(wording.TO_PAY_TAB)
    just_hidden = next((one for one in hidden if one.invoice.public_id == request.GET.get("masquee")), None)
    context = family_context(
        visit,
        "invoices",
        tabs=[
            Choice(label, reverse("invoices", args=at), is_current=tab == "invoices"),
            Choice(str(wording.PAID_TAB), reverse("invoices_paid", args=at), is_current=tab == "invoices_paid"),
        ],
        groups=groups_of(
            hidden if with_hidden else [one for one in mine if not one.is_hidden], chosen=chosen or (), debits=debits
        ),
        hidden=len(hidden),
        with_hidden=with_hidden,
        just_hidden=just_hidden and row_of(just_hidden),
        here_url=reverse(tab, args=at),
        contact=contact_view(visit.authority),
    )
    # The count costs nothing here, where every invoice was read, and a statement anywhere else.
    context["menu"] = [replace(entry, count=to_pay) if entry.current else entry for entry in context["menu"]]
    return context


def _one_by_one(payable: Sequence[FamilyInvoice]) -> str:
    """Will say that several tills are several payments; nothing when there is one."""
    if len({one.authority.pk for one in payable}) > 1:
        return str(wording.SEVERAL_TOWNS)
    return str(wording.SEVERAL_TILLS) if len({one.regie.pk for one in payable}) > 1 else ""


def _certificates(who: Entitled) -> list[tuple[str, list[tuple[int, str]]]]:
    """Will return for each payer that paid for care its name and the addresses of its certificates, by year."""
    found = []
    for paid in care_paid(who):
        authority = who.authorities[paid.payer.authority_id]
        years = [
            (year, reverse("tax_certificate", args=[authority.slug, year, paid.payer.public_id])) for year in paid.years
        ]
        if years:
            found.append((f"{authority.name}, {paid.payer.regie.name}, au nom de {paid.payer.name}", years))
    return found


def _known_until(owed: Sequence[FamilyInvoice]) -> list[str]:
    """Will say until when each till knows what was paid: once, when all know the same."""
    tills = {one.regie.pk: one for one in owed}
    said = [
        (
            f"{one.authority.name}, {one.regie.name}",
            str(wording.KNOWN_UNTIL).format(day=without_weekday(known, year=True)),
        )
        for one in tills.values()
        if (known := one.regie.payments_known_until) is not None
    ]
    days = list(dict.fromkeys(words for _whose, words in said))
    return days if len(days) == 1 else [f"{whose} : {words[:1].lower()}{words[1:]}" for whose, words in said]


def _last_paid(found: Sequence[FamilyInvoice]) -> list[Any]:
    settled = [one for one in found if one.standing.stand == "settled" and one.settlements and not one.is_hidden]
    settled.sort(key=lambda one: one.settlements[-1].date, reverse=True)
    return [row_of(one) for one in settled[:2]]
