"""Direct debits as a family sees them: where it may sign, what it signed, how it ends."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.payments.models import DirectDebitMandate
from marelle.domain.payments.operations.mandates import (
    UnableToSignError,
    WhyNotSigned,
    change_account,
    revoke_mandate,
    sign_mandate,
)
from marelle.domain.payments.queries.direct_debits import living_mandates, payers_of_creditors
from marelle.domain.payments.rules.bank_accounts import masked
from marelle.domain.payments.rules.mandates import MandateState, reason_in_words
from marelle.foundation.french_dates import without_weekday
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.direct_debit import wording
from marelle.web.family.direct_debit.forms import AccountForm, SignForm
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.models import PayerAccount
    from marelle.domain.payments.models import CreditorAccount
    from marelle.web.doors import FamilyVisit

TONES = {
    MandateState.ACTIVE: ("green", "check"),
    MandateState.SUSPENDED: ("red", "triangle-alert"),
    MandateState.REVOKED: ("quiet", "x"),
    MandateState.LAPSED: ("quiet", "clock"),
}


@family_page
@require_safe
def mandates(request: HttpRequest) -> HttpResponse:
    """Will list the régies that debit, with the mandate signed for each."""
    visit = _visit(request)
    found = payers_of_creditors(visit.family.pk)
    living = living_mandates([payer.pk for _creditor, payer in found])
    context = family_context(
        visit,
        "invoices",
        regies=[
            {
                "name": payer.regie.name,
                "mandate": _row(visit, living[payer.pk]) if payer.pk in living else None,
                "sign_url": _url(visit, "debit_sign", regie=payer.regie.code),
            }
            for creditor, payer in found
            if creditor.is_open or payer.pk in living
        ],
        back_url=_url(visit, "invoices"),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/direct_debit/list.html", context)


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show the mandate to be signed for a régie; a POST signs it."""
    visit = _visit(request)
    creditor, payer = _creditor_or_404(visit, regie)
    already = living_mandates([payer.pk]).get(payer.pk)
    if already is not None:
        return HttpResponseRedirect(_url(visit, "debit_mandate", mandate=already.public_id))
    if not creditor.is_open:
        raise Http404
    if request.method != "POST":
        name = f"{visit.guardian.first_name} {visit.guardian.last_name}"
        initial = {"holder": name, "address": payer.address or visit.family.address}
        return _sign_page(request, visit, creditor, SignForm(initial=initial))
    form = SignForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, visit, creditor, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        signed = sign_mandate(
            payer, form.account(), place=form.cleaned_data["place"], on=visit.today, by=visit.actor, at=visit.at
        )
    except UnableToSignError as error:
        form.add_error(None, str(wording.WHY_NOT[error.why]))
        return _sign_page(request, visit, creditor, form, status=HTTPStatus.CONFLICT)
    messages.success(request, str(wording.SIGNED))
    return HttpResponseRedirect(_url(visit, "debit_mandate", mandate=signed.public_id))


@family_page
@require_safe
def mandate(request: HttpRequest, mandate: str) -> HttpResponse:
    """Will show what was signed, to be kept or printed."""
    visit = _visit(request)
    found = _mandate_or_404(visit, mandate)
    row = _row(visit, found)
    context = family_context(
        visit,
        "invoices",
        mandate=row,
        facts=_facts(found),
        agreement=_agreement(found.creditor_name),
        is_living=MandateState(found.state).is_living,
        back_url=_url(visit, "debit_mandates"),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/direct_debit/mandate.html", context)


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, mandate: str) -> HttpResponse:
    """Will ask for another account for the same mandate; a POST records it."""
    visit = _visit(request)
    found = _mandate_or_404(visit, mandate)
    if not MandateState(found.state).is_living:
        return HttpResponseRedirect(_url(visit, "debit_mandate", mandate=found.public_id))
    if request.method != "POST":
        form = AccountForm(initial={"holder": found.holder, "address": found.address})
        return _account_page(request, visit, found, form)
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _account_page(request, visit, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        change_account(found, form.account(), by=visit.actor, at=visit.at)
    except UnableToSignError as error:
        form.add_error("iban" if error.why is WhyNotSigned.SAME_ACCOUNT else None, str(wording.WHY_NOT[error.why]))
        return _account_page(request, visit, found, form, status=HTTPStatus.CONFLICT)
    messages.success(request, str(wording.AMENDED))
    return HttpResponseRedirect(_url(visit, "debit_mandate", mandate=found.public_id))


@family_page
@require_POST
def revoke(request: HttpRequest, mandate: str) -> HttpResponse:
    """Will end a mandate."""
    visit = _visit(request)
    found = _mandate_or_404(visit, mandate)
    revoke_mandate(found, by=visit.actor, at=visit.at)
    messages.success(request, str(wording.REVOKED))
    return HttpResponseRedirect(_url(visit, "debit_mandate", mandate=found.public_id))


def _visit(request: HttpRequest) -> FamilyVisit:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    return visit


def _url(visit: FamilyVisit, name: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, **kwargs})


def _mandate_or_404(visit: FamilyVisit, public_id: str) -> DirectDebitMandate:
    rows = DirectDebitMandate.objects.filter(family=visit.family).select_related("regie")
    return get_object_or_404(rows, public_id=public_id)


def _creditor_or_404(visit: FamilyVisit, regie: str) -> tuple[CreditorAccount, PayerAccount]:
    for creditor, payer in payers_of_creditors(visit.family.pk):
        if payer.regie.code == regie:
            return creditor, payer
    raise Http404


def _row(visit: FamilyVisit, found: DirectDebitMandate) -> dict[str, Any]:
    """Will write a mandate: where it stands, and what is to be done."""
    state = MandateState(found.state)
    tone, icon = TONES[state]
    at = {"mandate": found.public_id}
    notes = {
        MandateState.SUSPENDED: str(wording.SUSPENDED).format(reason=reason_in_words(found.state_reason)),
        MandateState.LAPSED: str(wording.LAPSED),
    }
    return {
        "regie": found.regie.name,
        "rum": found.rum,
        "account": masked(found.iban),
        "state": found.get_state_display(),
        "tone": tone,
        "icon": icon,
        "note": notes.get(state, ""),
        "url": _url(visit, "debit_mandate", **at),
        "account_url": _url(visit, "debit_account", **at),
        "revoke_url": _url(visit, "debit_revoke", **at),
        "sign_url": _url(visit, "debit_sign", regie=found.regie.code),
    }


def _facts(found: DirectDebitMandate) -> list[tuple[str, str]]:
    """Will list the mentions that a mandate must bear."""
    facts = [
        ("Référence unique du mandat (RUM)", found.rum),
        ("Créancier", found.creditor_name),
        ("Adresse du créancier", found.creditor_address),
        ("Identifiant créancier SEPA (ICS)", found.ics),
        ("Type de prélèvement", "Récurrent"),
        ("Titulaire du compte", found.holder),
        ("Adresse du titulaire", found.address),
        ("IBAN", masked(found.iban)),
        ("BIC", found.bic),
        ("Signé", f"à {found.place}, le {without_weekday(found.signed_on, year=True)}"),
    ]
    return [(name, value) for name, value in facts if value]


def _agreement(creditor: str) -> list[str]:
    return [str(words).format(creditor=creditor) for words in wording.AGREEMENT]


def _sign_page(
    request: HttpRequest, visit: FamilyVisit, creditor: CreditorAccount, form: SignForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = family_context(
        visit,
        "invoices",
        form=form,
        regie=creditor.regie.name,
        facts=[
            ("Créancier", creditor.name),
            ("Adresse du créancier", creditor.address),
            ("Identifiant créancier SEPA (ICS)", creditor.ics),
            ("Type de prélèvement", "Récurrent"),
            ("Référence unique du mandat (RUM)", "Attribuée à la signature, et écrite sur votre copie"),
        ],
        agreement=_agreement(creditor.name),
        today=without_weekday(visit.today, year=True),
        back_url=_url(visit, "debit_mandates"),
    )
    return render(request, "family/direct_debit/sign.html", context, status=status)


def _account_page(
    request: HttpRequest,
    visit: FamilyVisit,
    found: DirectDebitMandate,
    form: AccountForm,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    row = _row(visit, found)
    context = family_context(visit, "invoices", form=form, mandate=row, back_url=row["url"])
    return render(request, "family/direct_debit/account.html", context, status=status)
