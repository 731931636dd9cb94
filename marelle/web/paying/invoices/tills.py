"""Paying invoices with an account: one payment a régie, in which order, from the wallet or not, in part or whole."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render

from marelle.domain.billing.queries.family_invoices import invoices_of
from marelle.domain.payments.asking import UnableToBeginError
from marelle.domain.payments.gateways import Trouble
from marelle.domain.payments.operations.checkout import BeingPaidError, UnableToPayInvoicesError, pay_invoices
from marelle.domain.payments.queries.attempts import under_way
from marelle.domain.payments.queries.direct_debits import debited_invoices
from marelle.domain.payments.queries.paying import how_paid, wallets_left
from marelle.foundation import tenancy
from marelle.foundation.french_dates import hour
from marelle.foundation.money import cents_from, in_amount, in_euros
from marelle.web.contacts import contact_view
from marelle.web.paying.invoices import wording
from marelle.web.paying.invoices.rows import crest_of, debit_words, row_of
from marelle.web.paying.payments.leading import first_to_pay, lead_to_page, result_url, site_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse, QueryDict

    from marelle.domain.billing.queries.family_invoices import Entitled, FamilyInvoice
    from marelle.domain.payments.models import PaymentAttempt
    from marelle.domain.payments.queries.paying import HowPaid, Split, WalletLeft
    from marelle.web.paying.visits import PayingVisit, Surroundings

MOST_CHOSEN = 200


@dataclass(frozen=True, slots=True)
class Till:
    """The invoices of a payer that one payment settles, `typed` being what is written beside each (public id)."""

    members: tuple[FamilyInvoice, ...]
    how: HowPaid
    wallet: WalletLeft | None
    typed: Mapping[str, str]

    def amounts(self) -> dict[str, int | None]:
        """Will read what is to be paid of each (None: the whole). Raises ValueError for what is not an amount of it."""
        found: dict[str, int | None] = {}
        for one in self.members:
            written = self.typed.get(one.invoice.public_id, "").strip() if self.how.takes_parts else ""
            cents = cents_from(written) if written else one.left_cents
            if not 0 < cents <= one.left_cents:
                raise ValueError(written)
            found[one.invoice.public_id] = None if cents == one.left_cents else cents
        return found

    def total(self) -> int:
        """Will return what is to be paid, in cents: the whole where what is written is no amount."""
        try:
            amounts = self.amounts()
        except ValueError:
            amounts = {}
        return sum(amounts.get(one.invoice.public_id) or one.left_cents for one in self.members)

    def split(self, *, from_wallet: bool) -> Split:
        """Will say how it is paid."""
        held = self.wallet.cents if self.wallet is not None and from_wallet else 0
        return self.how.split(self.total(), wallet=held)

    def is_paid_here(self, *, from_wallet: bool) -> bool:
        """Will tell whether it is paid on this page: online, or by the wallet alone."""
        return _is_enough(self.split(from_wallet=from_wallet))

    def may_be_paid_here(self) -> bool:
        """Will tell whether the whole of it could be, with the wallet or without, whatever is typed."""
        whole = sum(one.left_cents for one in self.members)
        held = self.wallet.cents if self.wallet is not None else 0
        return any(_is_enough(self.how.split(whole, wallet=wallet)) for wallet in (0, held))


def _is_enough(split: Split) -> bool:
    return split.is_online or (split.wallet > 0 and not split.left)


@dataclass(frozen=True, slots=True)
class Payer:
    """An account that pays, on a site: what it sees, who writes, what surrounds its pages and where its list is."""

    visit: PayingVisit
    who: Entitled
    around: Surroundings
    list_url: str
    pay_url: str


def pay(request: HttpRequest, payer: Payer) -> HttpResponse:
    """Will say what is paid to whom, in which order and where (GET), or lead to the first payment (POST)."""
    sent = request.POST if request.method == "POST" else request.GET
    chosen = sent.getlist("facture")[:MOST_CHOSEN]
    with tenancy.scope(payer.who.authorities):
        found = invoices_of(payer.who, at=payer.visit.at, public_ids=chosen) if chosen else []
        payable = [one for one in found if one.can_be_chosen]
        if not payable:
            return HttpResponseRedirect(f"{payer.list_url}?choisir=1")
        busy = under_way([one.invoice.pk for one in payable])
        free = [one for one in payable if one.invoice.pk not in busy]
        tills = _tills(payer.who, free, sent, at=payer.visit.at)
        if request.method != "POST":
            return _page(request, payer, payable, tills, busy)
        # All of it being paid: the button was pressed twice, and leads where the first press did.
        tills = tills if free else _tills(payer.who, payable, sent, at=payer.visit.at)
        return _pay(request, payer, payable, tills, busy)


def _tills(who: Entitled, payable: Sequence[FamilyInvoice], sent: QueryDict, *, at: datetime) -> list[Till]:
    """Will gather invoices by régie and payer, the soonest due first."""
    how = how_paid({one.regie.pk: one.regie for one in payable}.values(), settings.GATEWAYS, at=at)
    wallets = {one.payer.pk: one for one in wallets_left(who.families, list(how))}
    order = {key: place for place, key in enumerate(dict.fromkeys(_key(one) for one in payable))}
    ordered = sorted(payable, key=lambda one: order[_key(one)])
    typed = {one.invoice.public_id: sent.get(f"montant.{one.invoice.public_id}", "")[:20] for one in payable}
    return [
        Till(tuple(members), how[regie], wallets.get(payer), typed)
        for (regie, payer), members in groupby(ordered, key=_key)
    ]


def _key(one: FamilyInvoice) -> tuple[int, int]:
    return one.regie.pk, one.invoice.payer_id


def _pay(
    request: HttpRequest,
    payer: Payer,
    payable: Sequence[FamilyInvoice],
    tills: Sequence[Till],
    busy: dict[int, PaymentAttempt],
) -> HttpResponse:
    from_wallet = request.POST.get("from_wallet") == "on"
    amounts, errors = _asked(tills, from_wallet=from_wallet)
    if errors or not amounts:
        return _page(request, payer, payable, tills, busy, errors=errors, status=422 if errors else 409)
    try:
        attempts = pay_invoices(
            amounts,
            user=payer.who.user,
            from_wallet=from_wallet,
            gateways=settings.GATEWAYS,
            by=payer.visit.actor,
            at=payer.visit.at,
        )
    except BeingPaidError:
        with tenancy.scope({one.authority.pk for one in payable}):
            busy = under_way([one.invoice.pk for one in payable])
        return _page(request, payer, payable, [], busy, status=409)
    except UnableToPayInvoicesError:
        return _page(request, payer, payable, tills, busy, trouble=str(wording.CHANGED), status=409)
    first = first_to_pay(attempts)
    try:
        return lead_to_page(payer.visit, first) if first is not None else _to_result(payer, attempts)
    except UnableToBeginError as error:
        if len(attempts) > 1:
            return _to_result(payer, attempts)
        status = HTTPStatus.SERVICE_UNAVAILABLE if error.trouble is Trouble.UNAVAILABLE else HTTPStatus.CONFLICT
        return _page(request, payer, payable, tills, busy, trouble=error.trouble.value, status=int(status))


def _to_result(payer: Payer, attempts: Sequence[PaymentAttempt]) -> HttpResponse:
    return HttpResponseRedirect(result_url(payer.visit, attempts[0]), status=303)


def _asked(tills: Sequence[Till], *, from_wallet: bool) -> tuple[dict[Any, int | None], dict[str, str]]:
    """Will return what is to be paid of each invoice on this page, and what is wrong, by public id."""
    amounts: dict[Any, int | None] = {}
    errors: dict[str, str] = {}
    for till in tills:
        try:
            asked = till.amounts()
        except ValueError:
            errors |= {one.invoice.public_id: _wrong_amount(one) for one in till.members if _is_wrong(till, one)}
            continue
        if till.is_paid_here(from_wallet=from_wallet):
            amounts |= {one.invoice: asked[one.invoice.public_id] for one in till.members}
        elif till.how.gateway is not None and any(asked.values()):
            errors[till.members[0].invoice.public_id] = _beyond(till.how, till.split(from_wallet=from_wallet).left)
    return amounts, errors


def _is_wrong(till: Till, one: FamilyInvoice) -> bool:
    try:
        return not 0 < cents_from(till.typed[one.invoice.public_id].strip() or "1") <= one.left_cents
    except ValueError:
        return True


def _wrong_amount(one: FamilyInvoice) -> str:
    return str(wording.WRONG_AMOUNT).format(most=in_euros(one.left_cents))


def _beyond(how: HowPaid, cents: int) -> str:
    """Will say why a sum is not paid online, by a gateway that is open; nothing when it may be."""
    if how.gateway is None:
        return ""
    if cents < how.gateway.lowest_cents:
        return str(wording.TOO_LITTLE).format(lowest=in_euros(how.gateway.lowest_cents))
    if cents > how.gateway.highest_cents:
        return str(wording.TOO_MUCH).format(highest=in_euros(how.gateway.highest_cents))
    return ""


def _page(
    request: HttpRequest,
    payer: Payer,
    payable: Sequence[FamilyInvoice],
    tills: Sequence[Till],
    busy: dict[int, PaymentAttempt],
    *,
    errors: Mapping[str, str] | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    here = [one for one in tills if one.may_be_paid_here()]
    wallet = sum(one.wallet.cents for one in here if one.wallet is not None)
    query = urlencode([("facture", one.invoice.public_id) for one in payable])
    kept = any(one.wallet.is_kept for one in here if one.wallet is not None)
    with tenancy.scope({one.authority.pk for one in payable}):
        debits = debited_invoices([one.invoice.pk for one in payable])
    asked = request.POST.get("from_wallet") == "on" if request.method == "POST" else not kept
    context = payer.around(
        here=[_till_here(one, place, errors or {}, has_wallet=wallet > 0) for place, one in enumerate(here, start=1)],
        elsewhere=[_till_elsewhere(one) for one in tills if one not in here],
        count=len(tills),
        under_way=[_busy(payer, one, busy[one.invoice.pk]) for one in payable if one.invoice.pk in busy],
        debited=[
            (one.invoice.number, debit_words(debits[one.invoice.pk], on=one.today))
            for one in payable
            if one.invoice.pk in debits
        ],
        one_by_one=one_by_one([one for till in tills for one in till.members]),
        buttons=[
            ("without-wallet", _button(here, from_wallet=False)),
            *([("with-wallet", _button(here, from_wallet=True))] if wallet else []),
        ],
        wallet=in_euros(wallet) if wallet else "",
        uses_wallet=asked,
        desk_total=in_euros(sum(till.total() for till in tills if till not in here)),
        trouble=trouble,
        has_errors=bool(errors),
        back_url=f"{payer.list_url}?{query}",
        pay_url=payer.pay_url,
    )
    return render(request, "paying/invoices/pay.html", context, status=status)


def _till_here(till: Till, place: int, errors: Mapping[str, str], *, has_wallet: bool) -> dict[str, Any]:
    first = till.members[0]
    gateway = till.how.gateway
    return {
        **_head(till),
        "place": place,
        "rows": [
            {
                "row": row_of(one),
                "typed": till.typed[one.invoice.public_id] or in_amount(one.left_cents),
                "error": errors.get(one.invoice.public_id, ""),
            }
            for one in till.members
        ],
        "takes_parts": till.how.takes_parts,
        "payer": first.invoice.payer_name,
        "ways": [
            (style, _said(till, from_wallet=from_wallet))
            for style, from_wallet in (("without-wallet", False), ("with-wallet", True))
            if has_wallet or not from_wallet
        ],
        "site": site_words(gateway.code, gateway.name) if gateway is not None else "",
    }


def _said(till: Till, *, from_wallet: bool) -> str:
    split = till.split(from_wallet=from_wallet)
    gateway = till.how.gateway
    wallet = f"{in_euros(split.wallet)} de votre porte-monnaie" if split.wallet else ""
    if not split.left:
        return f"{wallet} : rien d’autre à payer."
    if not split.is_online or gateway is None:
        return _beyond(till.how, split.left) or "Au guichet de la régie, ou avec votre porte-monnaie."
    and_wallet = f"{wallet}, puis " if wallet else ""
    return f"{and_wallet}{in_euros(split.left)} {site_words(gateway.code, gateway.name)}."


def _till_elsewhere(till: Till) -> dict[str, Any]:
    first = till.members[0]
    return {
        **_head(till),
        "why": _beyond(till.how, till.total()),
        "ways": [line.strip() for line in first.regie.how_to_pay.splitlines() if line.strip()],
        "contact": contact_view(first.authority),
        "rows": [row_of(one) for one in till.members],
    }


def _head(till: Till) -> dict[str, Any]:
    first = till.members[0]
    return {
        "authority": first.authority,
        "crest_url": crest_of(first.authority),
        "regie": first.regie,
        "total": in_euros(till.total()),
    }


def _busy(payer: Payer, one: FamilyInvoice, attempt: PaymentAttempt) -> dict[str, Any]:
    return {
        "row": row_of(one),
        "since": hour(attempt.created_at.astimezone(one.authority.zone)),
        "url": result_url(payer.visit, attempt),
    }


def _button(here: Sequence[Till], *, from_wallet: bool) -> str:
    """Will say what the button does: pay, the first of several, or go on where an amount may still be typed."""
    online = [split for one in here if (split := one.split(from_wallet=from_wallet)).is_online]
    if any(one.how.takes_parts for one in here):
        return str(wording.GO_ON)
    if not online:
        return str(wording.PAY_FROM_WALLET)
    words = wording.PAY if len(online) == 1 else wording.PAY_FIRST
    return str(words).format(amount=in_euros(online[0].left))


def one_by_one(payable: Sequence[FamilyInvoice]) -> str:
    """Will say that several tills are several payments; nothing when there is one."""
    if len({one.authority.pk for one in payable}) > 1:
        return str(wording.SEVERAL_TOWNS)
    return str(wording.SEVERAL_TILLS) if len({one.regie.pk for one in payable}) > 1 else ""


def how_words(owed: Sequence[FamilyInvoice], how: Mapping[int, HowPaid]) -> str:
    """Will say what paying what may be ticked leads to: online, at the desk, or both."""
    ways = {how[one.regie.pk].gateway is not None for one in owed if one.can_be_chosen}
    if ways == {True}:
        return str(wording.PAID_ONLINE)
    return str(wording.PAID_BOTH_WAYS if True in ways else wording.PAID_AT_DESK)
