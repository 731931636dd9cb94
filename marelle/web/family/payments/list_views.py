"""Mes paiements, and the wallet: what was paid, what a régie holds for the family, and what the family does with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.models import Posting
from marelle.domain.billing.operations.payers import keep_wallet
from marelle.domain.billing.queries.family_invoices import entitled
from marelle.domain.payments import asking
from marelle.domain.payments.models import Receipt
from marelle.domain.payments.operations.checkout import UnableToTopUpError
from marelle.domain.payments.operations.checkout import top_up as top_up_wallet
from marelle.domain.payments.queries.paying import (
    how_paid,
    movements_of,
    paid_by,
    paid_rows,
    receipt_of,
    regies_of,
    wallets_left,
)
from marelle.domain.payments.rules.attempts import State
from marelle.foundation import tenancy
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.money import cents_from, in_amount, in_euros
from marelle.letters.documents.drawing import receipt_pdf
from marelle.letters.receipt_documents import receipt_document
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.payments.tabs import money_tabs
from marelle.web.family.surroundings import family_context
from marelle.web.family_addresses import address_at
from marelle.web.paying.files import as_file
from marelle.web.paying.payments.leading import lead_to_page, site_words
from marelle.web.paying.payments.rows import ENDED, STAGES, receipt_url, stage_of, what_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.models import LedgerEntry
    from marelle.domain.payments.queries.paying import AttemptWithLines, HowPaid, WalletLeft
    from marelle.web.doors import FamilyVisit

ON_A_PAGE = 20
LAST_MOVEMENTS = 12
HIGHEST_TOP_UP_CENTS = 100_000


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment of the list: each text is whole, empty when there is nothing to say."""

    public_id: str
    day: str
    regie: str
    what: tuple[str, ...]
    amount: str
    wallet: str
    tag: str
    tone: str
    icon: str
    receipt: str
    receipt_url: str
    url: str


@family_page
@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """Will list what the account's families paid, or tried to, at all its authorities, the latest first."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        page = Paginator(paid_by(who), ON_A_PAGE).get_page(request.GET.get("page"))
        rows = [
            _received(one, who.authorities[one.authority_id])
            if isinstance(one, Receipt)
            else _row(one, who.authorities[one.attempt.authority_id])
            for one in paid_rows(page)
        ]
        wallets = wallets_left(who.families)
    context = family_context(
        visit,
        "invoices",
        tabs=money_tabs(visit, "payments"),
        rows=rows,
        page=page,
        wallet=in_euros(sum(one.cents for one in wallets)),
        wallet_url=reverse("wallet", args=[visit.authority.slug]),
    )
    return render(request, "family/payments/list.html", context)


def _row(one: AttemptWithLines, authority: Authority) -> PaymentRow:
    attempt, lines = one
    stage = stage_of(attempt, is_next=True)
    tone, icon, tag = STAGES[stage]
    receipt = getattr(attempt.posting, "receipt", None) if attempt.posting_id else None
    moment = (attempt.paid_at or attempt.created_at).astimezone(authority.zone)
    return PaymentRow(
        public_id=attempt.public_id,
        day=without_weekday(moment.date(), year=True),
        regie=f"{attempt.regie.name}, {authority.name}",
        what=what_of(attempt, lines),
        amount=in_euros(attempt.cents or attempt.wallet_cents),
        wallet=f"dont {in_euros(attempt.wallet_cents)} du porte-monnaie"
        if attempt.wallet_cents and not attempt.cents
        else f"et {in_euros(attempt.wallet_cents)} du porte-monnaie"
        if attempt.wallet_cents
        else "",
        tag=tag or ENDED[State(attempt.state)],
        tone="quiet" if stage == "ended" else tone,
        icon=icon,
        receipt=receipt.number if receipt is not None else "",
        receipt_url=receipt_url(authority, receipt),
        url=address_at("payment_result", authority.slug, attempt.checkout),
    )


def _in_a_sentence(means: str) -> str:
    """Will write « carte bancaire », and « CESU », whose letters are capitals anywhere."""
    return means if means.isupper() else means.lower()


def _received(one: Receipt, authority: Authority) -> PaymentRow:
    """Will write what was received otherwise than here: at the desk, by transfer, by direct debit; or undone."""
    tone, icon, tag = STAGES["paid"]
    return PaymentRow(
        public_id=one.public_id,
        day=without_weekday(one.date, year=True),
        regie=f"{one.regie.name}, {authority.name}",
        what=(one.label,) if one.label else (),
        amount=in_euros(one.cents),
        wallet="",
        tag=f"{tag}, {_in_a_sentence(one.get_means_display())}" if one.cents > 0 else "Paiement annulé",
        tone=tone if one.cents > 0 else "quiet",
        icon=icon if one.cents > 0 else "undo-2",
        receipt=one.number,
        receipt_url=receipt_url(authority, one),
        url="",
    )


@family_page
@require_safe
def receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """Will answer with the document of a receipt given to a family of the account, the same for ever."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        found = receipt_of(who, receipt)
        if found is None or found.authority_id != visit.authority.pk:
            raise Http404
        drawn = receipt_pdf(receipt_document(found))
    return as_file(drawn, f"quittance-{found.number}.pdf")


@dataclass(frozen=True, slots=True)
class WalletView:
    """A wallet of this authority: its balance, and what its family may do with it."""

    regie: str
    code: str
    payer: str
    amount: str
    is_kept: bool
    has_account: bool
    is_low: str
    has_top_up: bool
    site: str
    lowest: str
    typed: str = ""
    error: str = ""


@family_page
@require_safe
def wallet(request: HttpRequest) -> HttpResponse:
    """Will show what each régie holds for the family, the last movements, and how to put money ahead."""
    return _wallet_page(request)


@family_page
@require_POST
def top_up(request: HttpRequest) -> HttpResponse:
    """Will lead to the payment page with an amount to put ahead."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    regie = next((one for one in regies_of(visit.authority.pk) if one.code == request.POST.get("regie")), None)
    if regie is None:
        return _to_wallet(visit)
    typed = request.POST.get("amount", "")[:20]
    try:
        cents = cents_from(typed)
    except ValueError:
        return _wallet_page(request, errors={regie.code: ("Indiquez un montant, par exemple 20,00.", typed)})
    how = how_paid([regie], settings.GATEWAYS, at=visit.at)[regie.pk]
    if not how.lowest_top_up_cents <= cents <= HIGHEST_TOP_UP_CENTS:
        said = f"Indiquez de {in_euros(how.lowest_top_up_cents)} à {in_euros(HIGHEST_TOP_UP_CENTS)}."
        return _wallet_page(request, errors={regie.code: (said, typed)})
    try:
        attempt = top_up_wallet(
            regie,
            family=visit.family,
            user=visit.user.pk,
            cents=cents,
            gateways=settings.GATEWAYS,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToTopUpError:
        return _wallet_page(request, errors={regie.code: ("Cette régie ne prend pas d’avance en ligne.", typed)})
    try:
        return lead_to_page(visit, attempt)
    except asking.UnableToBeginError as error:
        status = 503 if error.trouble.name == "UNAVAILABLE" else 409
        return _wallet_page(request, errors={regie.code: (error.trouble.value, typed)}, status=status)


@family_page
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Will leave a wallet alone when invoices are issued, or use it again."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = [one for one in wallets_left([visit.family.pk]) if one.payer.regie.code == request.POST.get("regie")]
    if not found:
        return _to_wallet(visit)
    is_kept = request.POST.get("keeps") == "on"
    keep_wallet(found[0].payer, is_kept=is_kept, by=visit.actor, at=visit.at)
    messages.success(
        request,
        "Votre porte-monnaie ne sera utilisé que si vous le demandez."
        if is_kept
        else "Votre porte-monnaie réglera vos prochaines factures.",
    )
    return _to_wallet(visit)


def _to_wallet(visit: FamilyVisit) -> HttpResponse:
    return HttpResponseRedirect(reverse("wallet", args=[visit.authority.slug]), status=303)


def _wallet_page(
    request: HttpRequest, *, errors: dict[str, tuple[str, str]] | None = None, status: int = 0
) -> HttpResponse:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = entitled(visit.user.pk, visit.memberships)
    with tenancy.scope(who.authorities):
        regies = regies_of(visit.authority.pk)
        how = how_paid(regies, settings.GATEWAYS, at=visit.at)
        every = wallets_left(who.families)
        movements = movements_of([one.payer.pk for one in every], at_most=LAST_MOVEMENTS)
    mine = {one.payer.regie_id: one for one in every if one.payer.family_id == visit.family.pk}
    wallets = [
        _wallet(how[regie.pk], mine.get(regie.pk), *(errors or {}).get(regie.code, ("", "")))
        for regie in regies
        if regie.pk in mine or how[regie.pk].has_top_up
    ]
    others = [
        (
            f"{who.authorities[one.payer.authority_id].name}, {one.payer.regie.name}",
            in_euros(one.cents),
            address_at("wallet", who.authorities[one.payer.authority_id].slug),
        )
        for one in every
        if one.payer.authority_id != visit.authority.pk
    ]
    context = family_context(
        visit,
        "invoices",
        tabs=money_tabs(visit, "payments"),
        wallets=wallets,
        others=others,
        movements=[_movement(one, who.authorities[one.authority_id]) for one in movements],
        contact=contact_view(visit.authority),
        back_url=reverse("payments", args=[visit.authority.slug]),
    )
    return render(request, "family/payments/wallet.html", context, status=status or (422 if errors else 200))


def _wallet(how: HowPaid, left: WalletLeft | None, error: str, typed: str) -> WalletView:
    cents = left.cents if left is not None else 0
    gateway = how.gateway
    return WalletView(
        regie=how.regie.name,
        code=how.regie.code,
        payer=left.payer.name if left is not None else "",
        amount=in_euros(cents),
        is_kept=left is not None and left.is_kept,
        has_account=left is not None,
        is_low=f"Il reste moins de {in_euros(how.low_balance_cents)}." if cents < how.low_balance_cents else "",
        has_top_up=how.has_top_up,
        site=site_words(gateway.code, gateway.name) if gateway is not None else "",
        lowest=in_euros(how.lowest_top_up_cents),
        typed=typed or in_amount(how.lowest_top_up_cents),
        error=error,
    )


IN = {
    Posting.Kind.PAYMENT: "Versé par un paiement",
    Posting.Kind.ALLOCATION: "Avoir",
    Posting.Kind.REVERSAL: "Rendu : un paiement a été annulé",
    Posting.Kind.OPENING: "Repris de l’ancien logiciel",
}
OUT = {
    Posting.Kind.ALLOCATION: "Utilisé pour payer",
    Posting.Kind.REFUND: "Remboursé",
    Posting.Kind.REVERSAL: "Repris : un paiement a été annulé",
}


OPENING_UNDONE = "Reprise de l’ancien logiciel annulée"


def _movement(one: LedgerEntry, authority: Authority) -> dict[str, Any]:
    """Will write a line of a wallet: what is put in is below zero in the ledger, and above on the page."""
    kind = Posting.Kind(one.posting.kind)
    what = (IN if one.cents < 0 else OUT).get(kind, kind.label)
    if kind is Posting.Kind.REVERSAL and not one.posting.means:
        what = OPENING_UNDONE  # a payment has its means, a balance that was taken over has none
    return {
        "what": what,
        "where": f"{one.posting.regie.name}, {authority.name}",
        "day": without_weekday(one.posting.date, year=True),
        "amount": f"+\N{NO-BREAK SPACE}{in_euros(-one.cents)}" if one.cents < 0 else in_euros(-one.cents),
    }
