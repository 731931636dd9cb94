"""One press of *Valider* or *Payer*: what became of each payment, and what may be done now."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.queries.family_invoices import entitled
from marelle.domain.payments import asking
from marelle.domain.payments.operations.attempts import UnableToPayError, page_of
from marelle.domain.payments.operations.attempts import begin_again as begin_payment_again
from marelle.domain.payments.operations.attempts import give_up as give_up_payment
from marelle.domain.payments.queries.paying import AttemptWithLines, checkout_of, put_in_wallet
from marelle.domain.payments.rules.attempts import LEFT, State
from marelle.foundation import tenancy
from marelle.foundation.money import in_euros
from marelle.web.doors import family_page
from marelle.web.family.payments import wording
from marelle.web.family.payments.leading import is_paid_online, lead_to_page, result_url, site_words
from marelle.web.family.payments.rows import BY_FAMILY, that_count, views_of
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from marelle.domain.billing.queries.family_invoices import Entitled
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.web.doors import FamilyVisit
    from marelle.web.family.payments.rows import PaymentView


@family_page
@require_safe
def result(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will say what became of each payment; an htmx question says what it has seen (`vu`), and 204 is « no change »."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        found = _found(who, checkout)
        context = _context(request, visit, who, found)
    if request.htmx:  # type: ignore[attr-defined]
        if request.GET.get("vu") == context["seen"]:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(request, "family/payments/result.html#state", context)
    return render(request, "family/payments/result.html", context)


@family_page
@require_safe
def go(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will show the form that posts an order to a payment page: sent by itself when scripts run, by its button else."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        attempt = _chosen(_found(who, checkout), request.GET.get("paiement", ""))
    if attempt is None or attempt.state != State.REDIRECTED or not attempt.page:
        return _back(visit, checkout)
    page = page_of(attempt)
    context = family_context(
        visit,
        "calendar" if attempt.purpose == attempt.Purpose.BASKET else "invoices",
        action=page.url,
        fields=page.fields,
        amount=in_euros(attempt.cents),
        regie=attempt.regie.name,
        site=_site(attempt),
        back_url=result_url(visit, attempt),
    )
    return render(request, "family/payments/go.html", context)


@family_page
@require_POST
def begin(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will lead to the payment page of one of the payments, or back to it."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        attempt = _chosen(_found(who, checkout), request.POST.get("paiement", ""))
        if attempt is None or not is_paid_online(attempt):
            return _back(visit, checkout)
        try:
            return lead_to_page(visit, attempt)
        except asking.UnableToBeginError:
            # The page of the result says why, in the words of the trouble.
            return _back(visit, checkout)


@family_page
@require_POST
def ask(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will ask the gateway what became of one of the payments, now."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        attempt = _chosen(_found(who, checkout), request.POST.get("paiement", ""))
        if attempt is not None and attempt.provider_id:
            state = asking.ask(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
            if state.is_open:
                messages.info(request, wording.NOT_YET)
    return _back(visit, checkout)


@family_page
@require_POST
def again(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will lead to a new payment page for one of the payments, unless the former is answered about just now."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        attempt = _chosen(_found(who, checkout), request.POST.get("paiement", ""))
        if attempt is None:
            return _back(visit, checkout)
        if attempt.state == State.REDIRECTED:
            asking.ask(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
        try:
            new = begin_payment_again(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
            return lead_to_page(visit, new)
        except (UnableToPayError, asking.UnableToBeginError):
            # Paid, ended, too late or not taken by the gateway: the page of the result says which.
            return _back(visit, checkout)


@family_page
@require_POST
def give_up(request: HttpRequest, checkout: str) -> HttpResponse:
    """Will close a payment that was not begun, or that the payer left: its places are back in the basket."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk)
    with tenancy.scope(who.authorities):
        attempt = _chosen(_found(who, checkout), request.POST.get("paiement", ""))
        if attempt is not None and attempt.reason == LEFT:
            asking.ask(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
        if attempt is not None:
            give_up_payment(attempt, reason=BY_FAMILY, by=visit.actor, at=visit.at)
    return _back(visit, checkout)


def _found(who: Entitled, checkout: str) -> list[AttemptWithLines]:
    found = checkout_of(who, checkout[:12])
    if not found:
        raise Http404
    return found


def _chosen(found: Sequence[AttemptWithLines], public_id: str) -> PaymentAttempt | None:
    """Will return the attempt that was named, of this press alone."""
    return next((one.attempt for one in found if one.attempt.public_id == public_id), None)


def _back(visit: FamilyVisit, checkout: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("payment_result", args=[visit.authority.slug, checkout]), status=303)


def _site(attempt: PaymentAttempt) -> str:
    gateway = settings.GATEWAYS.get(attempt.gateway)
    return site_words(attempt.gateway, gateway.name if gateway is not None else "")


def _context(
    request: HttpRequest, visit: FamilyVisit, who: Entitled, found: Sequence[AttemptWithLines]
) -> dict[str, Any]:
    found = that_count(found)
    over = put_in_wallet([one.attempt.posting_id for one in found if one.attempt.posting_id])
    rows = views_of(found, who.authorities, over=over, at=visit.at)
    is_basket = found[0].attempt.purpose == found[0].attempt.Purpose.BASKET
    title, lead = _title(rows)
    address = result_url(visit, found[0].attempt)
    seen = ".".join(LEFT if one.attempt.reason == LEFT else one.attempt.state for one in found)
    waits = any(row.stage == "waiting" for row in rows)
    return family_context(
        visit,
        "calendar" if is_basket else "invoices",
        title=title,
        lead=lead,
        rows=rows,
        is_all_paid=all(row.stage == "paid" for row in rows),
        seen=seen,
        poll_url=f"{address}?vu={seen}" if waits else "",
        here_url=address,
        checkout=found[0].attempt.checkout,
        is_repeated="deja" in request.GET,
        is_over="terminee" in request.GET,
        basket_url=next((row.basket_url for row in rows if row.basket_url), ""),
        confirmation_url=next((row.confirmation_url for row in rows if row.confirmation_url), ""),
        payments_url=reverse("payments", args=[visit.authority.slug]),
        email=visit.user.email,
    )


def _title(rows: Sequence[PaymentView]) -> tuple[str, str]:
    """Will say in a few words where the whole stands, and what comes next."""
    stages = [row.stage for row in rows]
    left = stages.count("next") + stages.count("later")
    if all(stage == "paid" for stage in stages):
        return "C’est payé", "Un courriel confirme ce paiement." if len(rows) == 1 else "Un courriel confirme chacun."
    if left:
        return (
            ("Il reste un paiement", "Chaque régie a sa propre caisse : un paiement pour chacune.")
            if left == 1
            else (f"Il reste {left} paiements", "Chaque régie a sa propre caisse : un paiement après l’autre.")
        )
    if "waiting" in stages:
        return "Paiement en cours", ""
    if "desk" in stages:
        return "À régler au guichet", ""
    if "paid" in stages:
        return "Un paiement n’a pas abouti", "Ce qui est payé reste payé."
    return "Le paiement n’a pas abouti", ""
