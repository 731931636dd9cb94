"""Mes factures, at all the authorities that have joined: to pay, paid, one of them, its document, one more."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.billing.queries.family_invoices import entitled_online, invoices_of
from marelle.domain.payments.queries.attempts import under_way
from marelle.domain.payments.queries.direct_debits import debited_invoices
from marelle.domain.payments.queries.paying import how_paid
from marelle.foundation import clock, tenancy
from marelle.foundation.money import in_euros
from marelle.web.components.controls import Choice
from marelle.web.doors import signed_in
from marelle.web.invoices.finding import seek
from marelle.web.invoices.following import follow_found
from marelle.web.invoices.forms import PairForm
from marelle.web.invoices.mine.visits import AccountVisit
from marelle.web.invoices.surroundings import invoices_context
from marelle.web.paying.files import as_file
from marelle.web.paying.invoices import tills, wording
from marelle.web.paying.invoices.detail import detail_context
from marelle.web.paying.invoices.document import drawn_invoice
from marelle.web.paying.invoices.rows import groups_of, known_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.queries.family_invoices import FamilyInvoice

HIDDEN_TOO = "masquees"


def account_page(view: Any) -> Any:
    """Will open `view` to any account, and let no cache keep what it shows."""

    @signed_in
    def kept_by_nobody(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return kept_by_nobody


def for_holder(view: Any) -> Any:
    """Will open `view`, with the invoice of the address (`found`), to the accounts whose list shows it."""

    @account_page
    def behind_door(request: HttpRequest, authority: str, invoice: str) -> HttpResponse:
        who = entitled_online(request.user.pk)  # type: ignore[arg-type]  # signed in
        with tenancy.scope(who.authorities):
            found = _online(invoices_of(who, at=clock.business_now(), public_ids=[invoice]))
            if not found or found[0].authority.slug != authority:
                raise Http404
            response: HttpResponse = view(request, found=found[0])
            return response

    behind_door.door = "holder"
    return behind_door


@account_page
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """Will list what is left to pay, with what is ticked (`facture`) summed."""
    at = clock.business_now()
    who = entitled_online(request.user.pk)  # type: ignore[arg-type]  # signed in
    with tenancy.scope(who.authorities):
        every = invoices_of(who, at=at)
        found = _online(every)
        owed = [one for one in found if one.standing.is_owed]
        keys = [one.invoice.pk for one in owed]
        busy, debits = under_way(keys), debited_invoices(keys)
        how = how_paid({one.regie.pk: one.regie for one in owed}.values(), settings.GATEWAYS, at=at)
    chosen = set(request.GET.getlist("facture")[: tills.MOST_CHOSEN])
    groups = groups_of(_shown(request, owed), chosen=chosen, busy=busy, debits=debits)
    rows = [row for group in groups for row in group.rows]
    ticked = [row for row in rows if row.is_chosen]
    context = _list_context(
        request,
        found,
        owed,
        tab="invoices",
        groups=groups,
        chosen=ticked,
        total=in_euros(sum(row.cents for row in ticked)),
        can_choose=any(row.can_be_chosen for row in rows),
        how_words=tills.how_words(owed, how),
        one_by_one=tills.one_by_one([one for one in owed if one.can_be_chosen]),
        known_until=known_until(owed),
        must_choose="choisir" in request.GET,
        elsewhere=sorted({one.authority.name for one in every if one.standing.is_owed and not one.is_online}),
        list_url=reverse("invoices"),
        pay_url=reverse("invoices_pay"),
    )
    return render(request, "invoices/mine/page.html", context)


@account_page
@require_safe
def paid(request: HttpRequest) -> HttpResponse:
    """Will list what is paid, and the credit notes, the latest first."""
    who = entitled_online(request.user.pk)  # type: ignore[arg-type]  # signed in
    with tenancy.scope(who.authorities):
        found = _online(invoices_of(who, at=clock.business_now()))
    settled = [one for one in reversed(found) if not one.standing.is_owed]
    settled.sort(key=lambda one: one.settlements[-1].date if one.settlements else one.today, reverse=True)
    context = _list_context(
        request, found, settled, tab="invoices_paid", groups=groups_of(_shown(request, settled)), can_choose=False
    )
    return render(request, "invoices/mine/paid.html", context)


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest) -> HttpResponse:
    """Will say what is paid to whom, in which order and where (GET), or lead to the first payment (POST)."""
    user = request.user.pk
    payer = tills.Payer(
        visit=AccountVisit(clock.business_now(), user),  # type: ignore[arg-type]  # signed in
        who=entitled_online(user),  # type: ignore[arg-type]
        around=partial(invoices_context, request, "invoices"),
        list_url=reverse("invoices"),
        pay_url=reverse("invoices_pay"),
    )
    return tills.pay(request, payer)


@for_holder
@require_safe
def detail(request: HttpRequest, found: FamilyInvoice) -> HttpResponse:
    """Will explain an invoice line by line."""
    debit = debited_invoices([found.invoice.pk]).get(found.invoice.pk)
    more = detail_context(
        found,
        debit,
        list_url=reverse("invoices" if found.standing.is_owed else "invoices_paid"),
        pay_url=reverse("invoices_pay"),
        with_rules=False,
    )
    return render(request, "paying/invoices/detail.html", invoices_context(request, "invoices", **more))


@for_holder
@require_safe
def pdf(_request: HttpRequest, found: FamilyInvoice) -> HttpResponse:
    """Will answer with the document of an invoice, the same for ever; raises Http404 when none was brought."""
    if not found.has_document:
        raise Http404
    return as_file(drawn_invoice(found), f"facture-{found.invoice.number}.pdf")


@account_page
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Will add an invoice to those of the account, by its reference and its amount."""
    form = PairForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        sought = seek(request, form)
        if sought.refused is not None:
            return sought.refused
        if sought.found is not None:
            return follow_found(request, sought.found)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "invoices/mine/add.html", invoices_context(request, "invoices", form=form), status=status)


def _online(found: Sequence[FamilyInvoice]) -> list[FamilyInvoice]:
    """Will keep what this site shows: invoices of régies that have joined."""
    return [one for one in found if one.is_online]


def _shown(request: HttpRequest, mine: Sequence[FamilyInvoice]) -> list[FamilyInvoice]:
    """Will leave out what the account hid in the family space, or keep that alone."""
    with_hidden = request.GET.get(HIDDEN_TOO) == "1"
    return [one for one in mine if one.is_hidden == with_hidden]


def _list_context(
    request: HttpRequest,
    found: Sequence[FamilyInvoice],
    mine: Sequence[FamilyInvoice],
    *,
    tab: Literal["invoices", "invoices_paid"],
    **more: Any,
) -> dict[str, Any]:
    to_pay = sum(one.standing.is_owed and not one.is_hidden for one in found)
    label = f"{wording.TO_PAY_TAB} ({to_pay})" if to_pay else str(wording.TO_PAY_TAB)
    tabs = {"invoices": label, "invoices_paid": str(wording.PAID_TAB)}
    return invoices_context(
        request,
        "invoices",
        tabs=[Choice(words, reverse(name), is_current=name == tab) for name, words in tabs.items()],
        hidden=sum(one.is_hidden for one in mine),
        with_hidden=request.GET.get(HIDDEN_TOO) == "1",
        here_url=reverse(tab),
        **more,
    )
