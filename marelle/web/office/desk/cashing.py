"""Cashing: who comes, what they pay, how; then the receipt."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.operations.desk import UnableToTakeError, take_payment
from marelle.domain.payments.queries.desk import chosen_of, found_payers, left_at_regie, payable_of
from marelle.domain.payments.rules.desk import WhyNotTaken, exercices_open
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_amount, in_euros
from marelle.web.office.desk import wording
from marelle.web.office.desk.forms import FindForm, TakeForm
from marelle.web.office.desk.surroundings import desk_context, desk_page, page, regies, url_of, visit_of
from marelle.web.office.surroundings import ROLES
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.models import Invoice
    from marelle.domain.payments.rules.desk import Chosen

FIELD_OF = {
    WhyNotTaken.NO_AMOUNT: "amount",
    WhyNotTaken.BEYOND_CESU: "amount",
    WhyNotTaken.NO_CHANGE: "amount",
    WhyNotTaken.TO_COME: "date",
    WhyNotTaken.NOT_AT_A_DESK: "means",
    WhyNotTaken.NO_CESU: "means",
    WhyNotTaken.ONE_BY_ONE: "invoices",
}


@require_safe
@desk_page
def find(request: HttpRequest) -> HttpResponse:
    """Will look for who comes to pay, by name or by the number of an invoice."""
    visit = visit_of(request)
    form = FindForm(request.GET or None)
    asked = form.cleaned_data["q"].strip() if form.is_bound and form.is_valid() else ""
    payers = found_payers(asked, regies=[one.pk for one in regies()])
    balances = balances_of([one.pk for one in payers])
    left = left_at_regie([one.pk for one in payers])
    context = desk_context(
        visit,
        form=form,
        asked=asked,
        payers=[
            {
                "name": one.name,
                "regie": one.regie.name,
                "code": one.family.code if one.family else "",
                "owed": in_euros(left[one.pk]) if left[one.pk] else "",
                "held": in_euros(balances[one.pk].wallet) if balances[one.pk].wallet else "",
                "url": url_of(visit, "office_take", payer=one.public_id),
            }
            for one in payers
        ],
    )
    return page(request, "find", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def take(request: HttpRequest, payer: str) -> HttpResponse:
    """Will show what a payer owes; once money is handed over, cash it and show the receipt."""
    visit = visit_of(request)
    account = get_object_or_404(PayerAccount.objects.select_related("regie", "family"), public_id=payer)
    invoices = payable_of(account.pk)
    chosen = {one.invoice: one for one in chosen_of(invoices)}
    offered = [(one.public_id, _words(one, chosen[one.pk])) for one in invoices]
    exercices = exercices_open(visit.today)
    if request.method != "POST":
        left = sum(one.left for one in chosen.values())
        initial = {
            "invoices": [one.public_id for one in invoices],
            "amount": in_amount(left) if left else "",
            "date": visit.today,
        }
        return _page(request, account, TakeForm(initial=initial, invoices=offered, exercices=exercices))
    form = TakeForm(request.POST, invoices=offered, exercices=exercices)
    if not form.is_valid():
        return _page(request, account, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    named = [one for one in invoices if one.public_id in said["invoices"]]
    try:
        receipt = take_payment(
            account,
            cents=said["amount"],
            means=said["means"],
            date=said["date"],
            invoices=named,
            reference=said["reference"],
            exercice=said.get("exercice"),
            shown=_shown(request, named, chosen),
            by=visit.actor,
            at=visit.at,
        )
    except UnableToTakeError as error:
        form.add_error(FIELD_OF.get(error.why), error.why.value)
        return _page(request, account, form, status=HTTPStatus.CONFLICT)
    held = balances_of([account.pk])[account.pk].wallet
    messages.success(request, wording.taken(receipt, held), extra_tags="green")
    return SeeOther(url_of(visit, "office_receipt", receipt=receipt.public_id))


def _shown(request: HttpRequest, named: list[Invoice], chosen: dict[int, Chosen]) -> int | None:
    """Will return what the page said was left of these invoices: another desk may have been quicker."""
    found = 0
    for one in named:
        text = request.POST.get(f"left.{one.public_id}", "")
        found += int(text) if text.isascii() and text.isdigit() and len(text) < 10 else chosen[one.pk].left  # noqa: PLR2004
    return found if named else None


def _words(one: Invoice, chosen: Chosen) -> str:
    cesu = f", dont {in_euros(min(chosen.cesu_left, chosen.left))} payables en CESU" if chosen.cesu_left > 0 else ""
    due = f", à payer avant le {in_digits(one.due_on)}" if one.due_on else ""
    return f"{one.number} : {in_euros(chosen.left)}{cesu}. {one.label}{due}"


def _page(request: HttpRequest, account: PayerAccount, form: TakeForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    balance = balances_of([account.pk])[account.pk]
    invoices = payable_of(account.pk)
    context: dict[str, Any] = desk_context(
        visit,
        form=form,
        payer=account,
        owed=in_euros(left_at_regie([account.pk])[account.pk]),
        held=in_euros(balance.wallet) if balance.wallet else "",
        has_invoices=bool(invoices),
        lefts=[(one.public_id, left.left) for one, left in zip(invoices, chosen_of(invoices), strict=True)],
        back_url=url_of(visit, "office_find_payer"),
        account_url=url_of(visit, "office_account_of", family=account.family.public_id)
        if account.family and visit.may(ROLES.MANAGE_BILLING)
        else "",
    )
    return page(request, "take", context, status=status)
