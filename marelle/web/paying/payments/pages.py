"""One press of *Valider* or *Payer*: what became of each payment, and what may be done now.

Who may see it, and by which query it was found, is said by the door of each site.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from marelle.domain.payments import asking
from marelle.domain.payments.operations.attempts import UnableToPayError, page_of
from marelle.domain.payments.operations.attempts import begin_again as begin_payment_again
from marelle.domain.payments.operations.attempts import give_up as give_up_payment
from marelle.domain.payments.queries.paying import put_in_wallet
from marelle.domain.payments.rules.attempts import LEFT, State
from marelle.foundation import tenancy
from marelle.foundation.money import in_euros
from marelle.web.paying.payments import wording
from marelle.web.paying.payments.leading import is_paid_online, lead_to_page, result_url, site_words
from marelle.web.paying.payments.rows import BY_FAMILY, that_count, views_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

    from marelle.domain.authorities.models import Authority
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.domain.payments.queries.paying import AttemptWithLines
    from marelle.web.paying.payments.rows import PaymentView
    from marelle.web.paying.visits import PayingVisit, Surroundings


@dataclass(frozen=True, slots=True)
class Press:
    """One press of *Valider* or *Payer*, as somebody sees it.

    `invoices_url` leads back to what is left to pay; `pay_url` pays it again, empty where it is asked for otherwise.
    `is_holders`: the payer's own wallet is spoken of. `email` is where the payer is written to, empty for nowhere.
    """

    visit: PayingVisit
    found: Sequence[AttemptWithLines]
    authorities: Mapping[int, Authority]
    around: Surroundings
    invoices_url: str
    pay_url: str
    payments_url: str
    email: str
    is_holders: bool = True
    invoices_words: str = "Revenir à mes factures"

    @property
    def checkout(self) -> str:
        """Will return the word that names it in addresses."""
        return str(self.found[0].attempt.checkout)

    def chosen(self, public_id: str) -> PaymentAttempt | None:
        """Will return the attempt that was named, of this press alone."""
        return next((one.attempt for one in self.found if one.attempt.public_id == public_id), None)

    def address(self, name: str = "payment_result") -> str:
        """Will return the address of its page, or of what is done there."""
        return reverse(name, args=[self.visit.slug_for(self.found[0].attempt), self.checkout])

    def back(self) -> HttpResponse:
        """Will go to its page."""
        return HttpResponseRedirect(self.address(), status=303)


def show(request: HttpRequest, press: Press) -> HttpResponse:
    """Will say what became of each payment; an htmx question says what it has seen (`vu`), and 204 is « no change »."""
    with tenancy.scope(press.authorities):
        context = _context(request, press)
    if request.htmx:  # type: ignore[attr-defined]
        if request.GET.get("vu") == context["seen"]:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return render(request, "paying/payments/result.html#state", context)
    return render(request, "paying/payments/result.html", context)


def go(request: HttpRequest, press: Press) -> HttpResponse:
    """Will show the form that posts an order to a payment page: sent by itself when scripts run, by its button else."""
    attempt = press.chosen(request.GET.get("paiement", ""))
    if attempt is None or attempt.state != State.REDIRECTED or not attempt.page:
        return press.back()
    page = page_of(attempt)
    gateway = settings.GATEWAYS.get(attempt.gateway)
    context = press.around(
        action=page.url,
        fields=page.fields,
        amount=in_euros(attempt.cents),
        regie=attempt.regie.name,
        site=site_words(attempt.gateway, gateway.name if gateway is not None else ""),
        back_url=result_url(press.visit, attempt),
    )
    return render(request, "paying/payments/go.html", context)


def begin(request: HttpRequest, press: Press) -> HttpResponse:
    """Will lead to the payment page of one of the payments, or back to it."""
    with tenancy.scope(press.authorities):
        attempt = press.chosen(request.POST.get("paiement", ""))
        if attempt is None or not is_paid_online(attempt):
            return press.back()
        try:
            return lead_to_page(press.visit, attempt)
        except asking.UnableToBeginError:
            # The page of the result says why, in the words of the trouble.
            return press.back()


def ask(request: HttpRequest, press: Press) -> HttpResponse:
    """Will ask the gateway what became of one of the payments, now."""
    visit = press.visit
    with tenancy.scope(press.authorities):
        attempt = press.chosen(request.POST.get("paiement", ""))
        if attempt is not None and attempt.provider_id:
            state = asking.ask(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
            if state.is_open:
                messages.info(request, wording.NOT_YET)
    return press.back()


def again(request: HttpRequest, press: Press) -> HttpResponse:
    """Will lead to a new payment page for one of the payments, unless the former is answered about just now."""
    visit = press.visit
    with tenancy.scope(press.authorities):
        attempt = press.chosen(request.POST.get("paiement", ""))
        if attempt is None:
            return press.back()
        if attempt.state == State.REDIRECTED:
            asking.ask(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
        try:
            new = begin_payment_again(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
            return lead_to_page(visit, new)
        except (UnableToPayError, asking.UnableToBeginError):
            # Paid, ended, too late or not taken by the gateway: the page of the result says which.
            return press.back()


def give_up(request: HttpRequest, press: Press) -> HttpResponse:
    """Will close a payment that was not begun, or that the payer left: its places are back in the basket."""
    visit = press.visit
    with tenancy.scope(press.authorities):
        attempt = press.chosen(request.POST.get("paiement", ""))
        if attempt is not None and attempt.reason == LEFT:
            asking.ask(attempt, gateways=settings.GATEWAYS, by=visit.actor, at=visit.at)
        if attempt is not None:
            give_up_payment(attempt, reason=BY_FAMILY, by=visit.actor, at=visit.at)
    return press.back()


def _context(request: HttpRequest, press: Press) -> dict[str, Any]:
    found = that_count(press.found)
    over = put_in_wallet([one.attempt.posting_id for one in found if one.attempt.posting_id])
    rows = views_of(
        found,
        press.authorities,
        over=over,
        invoices_url=press.invoices_url,
        pay_url=press.pay_url,
        is_written=bool(press.email),
        is_holders=press.is_holders,
        at=press.visit.at,
    )
    title, lead = _title(rows, is_written=bool(press.email))
    address = result_url(press.visit, found[0].attempt)
    seen = ".".join(LEFT if one.attempt.reason == LEFT else one.attempt.state for one in found)
    waits = any(row.stage == "waiting" for row in rows)
    return press.around(
        title=title,
        lead=lead,
        rows=rows,
        is_all_paid=all(row.stage == "paid" for row in rows),
        seen=seen,
        poll_url=f"{address}?vu={seen}" if waits else "",
        here_url=address,
        begin_url=press.address("payment_begin"),
        again_url=press.address("payment_again"),
        ask_url=press.address("payment_ask"),
        give_up_url=press.address("payment_give_up"),
        is_repeated="deja" in request.GET,
        is_over="terminee" in request.GET,
        basket_url=next((row.basket_url for row in rows if row.basket_url), ""),
        confirmation_url=next((row.confirmation_url for row in rows if row.confirmation_url), ""),
        invoices_words=press.invoices_words,
        payments_url=press.payments_url,
        email=press.email,
    )


def _title(rows: Sequence[PaymentView], *, is_written: bool) -> tuple[str, str]:
    """Will say in a few words where the whole stands, and what comes next."""
    stages = [row.stage for row in rows]
    left = stages.count("next") + stages.count("later")
    if all(stage == "paid" for stage in stages):
        confirmed = "Un courriel confirme ce paiement." if len(rows) == 1 else "Un courriel confirme chacun."
        return "C’est payé", confirmed if is_written else str(wording.KEEP_RECEIPT)
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
