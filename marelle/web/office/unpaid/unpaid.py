"""What is overdue, by family and by age; what was sent, what is sent now, who is not asked for anything."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import CollectionHold, Invoice
from marelle.domain.billing.operations.reminders import (
    UnableToHoldError,
    hold_collection,
    note_printed,
    remind,
    resume_collection,
)
from marelle.domain.billing.queries.unpaid import letters_to_print, unpaid_invoices
from marelle.domain.billing.rules.reminders import days_late, next_stage
from marelle.domain.families.models import Family
from marelle.foundation import tenancy
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.letters.documents.drawing import reminders_pdf
from marelle.letters.unpaid_documents import reminder_letters
from marelle.web.doors import OfficeVisit
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.office.unpaid import wording
from marelle.web.office.unpaid.forms import HoldForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from marelle.domain.billing.queries.unpaid import UnpaidInvoice

# How late: the first days of a band, and its name.
BANDS: Final = ((0, "30 jours au plus"), (30, "31 à 60 jours"), (60, "plus de 60 jours"))
AT_ONCE: Final = 500


@require_safe
@billing_page
def show(request: HttpRequest) -> HttpResponse:
    """Will list what is overdue."""
    return _page(request)


@require_POST
@billing_page
def send(request: HttpRequest) -> HttpResponse:
    """Will send the next reminder of the invoices that were ticked."""
    visit = visit_of(request)
    chosen = request.POST.getlist("invoice")[:AT_ONCE]
    keys = list(Invoice.objects.issued().filter(public_id__in=chosen).values_list("pk", flat=True))
    if not keys:
        messages.error(request, wording.NOTHING_CHOSEN, extra_tags="amber")
        return SeeOther(url_of(visit, "office_unpaid"))
    sent = remind(keys, authority=visit.authority, is_asked=True, by=visit.actor, at=visit.at)
    messages.success(request, wording.reminded(sent), extra_tags="green")
    return SeeOther(url_of(visit, "office_unpaid"))


@require_safe
@billing_page
def letters(request: HttpRequest) -> HttpResponse:
    """Will hand over the reminders on paper that wait, as one file to print."""
    visit = visit_of(request)
    with tenancy.scope({visit.authority.pk}):
        authority = Authority.objects.get(pk=visit.authority.pk)  # with its logo
    found = reminder_letters(letters_to_print(), authority, on=visit.today)
    if not found.documents:
        messages.info(request, wording.NO_LETTER, extra_tags="blue")
        return SeeOther(url_of(visit, "office_unpaid"))
    answer = HttpResponse(reminders_pdf(found.documents), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="relances-{visit.today.isoformat()}.pdf"'
    return answer


@require_POST
@billing_page
def printed(request: HttpRequest) -> HttpResponse:
    """Will note that the letters shown on the page are printed; those that came since still wait."""
    visit = visit_of(request)
    last = request.POST.get("last", "")
    waiting = letters_to_print()
    keys = list(waiting.filter(pk__lte=int(last)).values_list("pk", flat=True)) if _is_key(last) else []
    if note_printed(keys, authority=visit.authority, by=visit.actor, at=visit.at):
        messages.success(request, wording.PRINTED, extra_tags="green")
    return SeeOther(url_of(visit, "office_unpaid"))


@require_POST
@billing_page
def hold(request: HttpRequest, family: str) -> HttpResponse:
    """Will stop reminding a family, with a reason."""
    visit = visit_of(request)
    found = get_object_or_404(Family, public_id=family)
    form = HoldForm(request.POST, auto_id=f"suspendre-{found.public_id}-%s")
    if not form.is_valid():
        return _page(request, holding=(found.pk, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    hold_collection(
        found,
        kind=CollectionHold.Kind.PAUSE,
        reason=form.cleaned_data["reason"],
        until=form.cleaned_data["until"],
        authority=visit.authority,
        by=visit.actor,
        at=visit.at,
    )
    messages.success(request, wording.HELD, extra_tags="green")
    return SeeOther(url_of(visit, "office_unpaid"))


@require_POST
@billing_page
def dispute(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will stop asking for one invoice that its family disputes, with a reason."""
    visit = visit_of(request)
    found = get_object_or_404(Invoice.objects.issued().select_related("family"), public_id=invoice)
    if found.family is None:
        raise Http404
    form = HoldForm(request.POST, auto_id=f"contester-{found.public_id}-%s")
    if not form.is_valid():
        return _page(request, disputing=(found.pk, form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        hold_collection(
            found.family,
            invoice=found,
            kind=CollectionHold.Kind.DISPUTE,
            reason=form.cleaned_data["reason"],
            until=form.cleaned_data["until"],
            authority=visit.authority,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToHoldError:
        messages.error(request, wording.NOT_DISPUTED, extra_tags="red")
    else:
        messages.success(request, wording.DISPUTED, extra_tags="green")
    return SeeOther(url_of(visit, "office_unpaid"))


@require_POST
@billing_page
def resume(request: HttpRequest, hold: str) -> HttpResponse:
    """Will remind the family again."""
    visit = visit_of(request)
    found = get_object_or_404(CollectionHold, public_id=hold)
    resume_collection(found, authority=visit.authority, by=visit.actor, at=visit.at)
    messages.success(request, wording.RESUMED, extra_tags="green")
    return SeeOther(url_of(visit, "office_unpaid"))


def _page(
    request: HttpRequest,
    *,
    holding: tuple[int, HoldForm] | None = None,
    disputing: tuple[int, HoldForm] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    regies = list(Regie.objects.order_by("name", "pk"))
    chosen = next((one for one in regies if one.code == request.GET.get("regie")), None)
    rows = unpaid_invoices(on=visit.today, regies=[chosen.pk] if chosen else None)
    asked = [one for one in rows if not one.facts.in_recovery]
    at_treasury = sum(one.facts.left for one in rows if one.facts.in_recovery)
    waiting = list(letters_to_print().values_list("pk", flat=True))
    payers = [
        _payer(list(group), visit, holding, disputing)
        for _key, group in groupby(rows, key=lambda one: one.invoice.payer_id)
    ]
    context = office_context(
        visit,
        "office_unpaid",
        regies=[{"name": one.name, "code": one.code, "is_chosen": one == chosen} for one in regies],
        has_several=len(regies) > 1,
        total=in_euros(sum(one.facts.left for one in asked)),
        bands=_bands(asked, visit),
        at_treasury=in_euros(at_treasury) if at_treasury else "",
        payers=payers,
        can_remind=any(row["can_be_reminded"] for one in payers for row in one["invoices"]),
        letters=len(waiting),
        last_letter=max(waiting, default=0),
        remind_url=url_of(visit, "office_unpaid_remind"),
        letters_url=url_of(visit, "office_unpaid_letters"),
        printed_url=url_of(visit, "office_unpaid_printed"),
        dockets_url=url_of(visit, "office_dockets"),
        figures_url=url_of(visit, "office_figures_unpaid"),
        choices=[
            {"name": one.name, "url": url_of(visit, "office_collection", regie=one.code)}
            for one in regies
            if visit.may(ROLES.ADMINISTER)
        ],
    )
    return render(request, "office/unpaid/page.html", context, status=status)


def _bands(rows: Sequence[UnpaidInvoice], visit: OfficeVisit) -> list[dict[str, Any]]:
    found = []
    for place, (first, name) in enumerate(BANDS):
        last = BANDS[place + 1][0] if place + 1 < len(BANDS) else None
        own = [
            one.facts.left
            for one in rows
            if (days := days_late(one.facts, on=visit.today)) > first and (last is None or days <= last)
        ]
        found.append({"name": name, "amount": in_euros(sum(own)), "count": len(own)})
    return found


def _payer(
    rows: list[UnpaidInvoice],
    visit: OfficeVisit,
    holding: tuple[int, HoldForm] | None,
    disputing: tuple[int, HoldForm] | None,
) -> dict[str, Any]:
    first = rows[0].invoice
    family = first.family
    pauses = [hold for one in rows[:1] for hold in one.holds if hold.invoice_id is None]
    is_wrong = holding is not None and family is not None and holding[0] == family.pk
    key = family.public_id if family is not None else ""
    return {
        "name": first.payer_name,
        "regie": first.regie.name,
        "owed": in_euros(sum(one.facts.left for one in rows)),
        "late": wording.late(max(days_late(one.facts, on=visit.today) for one in rows)),
        "account_url": url_of(visit, "office_account_of", family=key) if key else "",
        "invoices": [_invoice(one, visit, disputing) for one in rows],
        "holds": [
            {
                "kind": hold.get_kind_display(),
                "reason": hold.reason,
                "until": in_digits(hold.until) if hold.until else "",
                "resume_url": url_of(visit, "office_unpaid_resume", hold=hold.public_id),
            }
            for hold in pauses
        ],
        "hold_url": url_of(visit, "office_unpaid_hold", family=key) if key and not pauses else "",
        "form": holding[1] if is_wrong and holding is not None else HoldForm(auto_id=f"suspendre-{key}-%s"),
        "is_wrong": is_wrong,
    }


def _invoice(one: UnpaidInvoice, visit: OfficeVisit, disputing: tuple[int, HoldForm] | None) -> dict[str, Any]:
    invoice, zone = one.invoice, visit.authority.zone
    stage = next_stage(one.facts, one.stages)
    own = [hold for hold in one.holds if hold.invoice_id is not None]
    is_disputed = any(hold.kind == CollectionHold.Kind.DISPUTE for hold in own)
    may_be_disputed = not is_disputed and not one.facts.in_recovery and invoice.family_id is not None
    is_wrong = disputing is not None and disputing[0] == invoice.pk
    return {
        "public_id": invoice.public_id,
        "number": invoice.number,
        "label": invoice.label,
        "url": url_of(visit, "office_invoice", invoice=invoice.public_id),
        "left": in_euros(one.facts.left),
        "due_on": in_digits(invoice.due_on) if invoice.due_on else "",
        "reminders": [
            f"{sent.name}, {in_digits(sent.sent_at.astimezone(zone).date())}, {sent.get_how_display().lower()}"
            for sent in one.reminders
        ],
        "own_holds": [
            {
                "kind": hold.get_kind_display(),
                "reason": hold.reason,
                "until": in_digits(hold.until) if hold.until else "",
                # What is announced to be debited is asked for again by giving the debit up.
                "resume_url": url_of(visit, "office_unpaid_resume", hold=hold.public_id)
                if hold.kind == CollectionHold.Kind.DISPUTE
                else "",
            }
            for hold in own
        ],
        "dispute_url": url_of(visit, "office_unpaid_dispute", invoice=invoice.public_id) if may_be_disputed else "",
        "form": disputing[1]
        if is_wrong and disputing is not None
        else HoldForm(auto_id=f"contester-{invoice.public_id}-%s"),
        "is_wrong": is_wrong,
        "recovery": invoice.recovery_number if one.facts.in_recovery else "",
        "is_in_recovery": one.facts.in_recovery,
        "can_be_reminded": stage is not None,
    }


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18  # noqa: PLR2004  # what a bigint always holds
