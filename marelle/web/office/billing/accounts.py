"""What a family owes and how: its payer accounts, invoices, lines by hand, aids."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import Aid, ManualCharge, PayerAccount
from marelle.domain.billing.operations.aids import UnableToHelpError, WhyNotHelped, add_aid, withdraw_aid
from marelle.domain.billing.operations.manual import (
    UnableToChargeError,
    WhyNotCharged,
    add_manual_charge,
    withdraw_manual_charge,
)
from marelle.domain.billing.operations.payers import choose_delivery
from marelle.domain.billing.operations.runs import UnableToBillError
from marelle.domain.billing.queries.accounts import (
    invoiced_charges,
    invoices_of_family,
    left_of,
    payers_of_family,
)
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.billing.queries.review import is_billing_for
from marelle.domain.billing.queries.tax_certificates import care_paid_by
from marelle.domain.catalog.models import Service
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Family
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.queries.homes import homes_of
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.letters.documents.drawing import certificate_pdf
from marelle.letters.tax_documents import certificate_of, two_homes_words
from marelle.web.office.billing import wording
from marelle.web.office.billing.forms import AidForm, BalanceForm, DatedChargeForm, DeliveryForm
from marelle.web.office.billing.surroundings import billing_page
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from marelle.domain.billing.models import Invoice
    from marelle.web.doors import OfficeVisit

SHOWN_INVOICES: Final = 24
LAST_INVOICES: Final = 3
FIELD_OF: Final = {
    WhyNotCharged.BAD_AMOUNT: "amount",
    WhyNotCharged.NO_LABEL: "label",
    WhyNotCharged.NO_REASON: "reason",
    WhyNotCharged.NOT_ITS_CHILD: "child",
    WhyNotHelped.BAD_AMOUNT: "amount",
    WhyNotHelped.BAD_DATES: "ends_on",
    WhyNotHelped.NO_LABEL: "label",
    WhyNotHelped.NO_PAYER: "payer",
    WhyNotHelped.NOT_ITS_CHILD: "child",
    WhyNotHelped.NOT_ITS_SERVICE: "service",
}


@dataclass(frozen=True, slots=True)
class Doing:
    """What an agent is doing with the account: a form that was refused, a trouble to read."""

    charging: DatedChargeForm | None = None
    helping: AidForm | None = None
    delivering: DeliveryForm | None = None
    balancing: BalanceForm | None = None
    problem: str = ""


@require_safe
@billing_page
def show(request: HttpRequest, family: str) -> HttpResponse:
    """Will show the account of a family; its balances at the end of a day when one is asked for (`au`)."""
    asked = BalanceForm(request.GET) if "au" in request.GET else None
    status = HTTPStatus.OK if asked is None or asked.is_valid() else HTTPStatus.UNPROCESSABLE_ENTITY
    return _page(request, _family(family), Doing(balancing=asked), status=status)


@require_safe
@billing_page
def certificate(request: HttpRequest, family: str, year: int, payer: str) -> HttpResponse:
    """Will hand over the tax certificate of a payer account of the family; without care paid that year, lead back."""
    visit = visit_of(request)
    found = _family(family)
    account = get_object_or_404(PayerAccount, family=found, public_id=payer)
    paid = next(iter(care_paid_by([found.pk], payer=account.public_id)), None)
    if paid is None or year not in paid.years:
        return _back(visit, found)
    authority = Authority.objects.get(pk=visit.authority.pk)  # with its logo
    response = HttpResponse(
        certificate_pdf(certificate_of(paid, year, authority, on=visit.today)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'attachment; filename="attestation-fiscale-{year}-{slugify(found.code)}.pdf"'
    return response


@require_POST
@billing_page
def delivery(request: HttpRequest, family: str) -> HttpResponse:
    """Will note how the invoices of a family go."""
    visit = visit_of(request)
    found = _family(family)
    form = DeliveryForm(request.POST)
    if not form.is_valid():
        return _page(request, found, Doing(delivering=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    payer = get_object_or_404(PayerAccount.objects.current(), family=found, regie__code=form.cleaned_data["regie"])
    choose_delivery(payer, delivery=form.cleaned_data["delivery"], by=visit.actor, at=visit.at)
    messages.success(request, wording.DELIVERY_CHOSEN, extra_tags="green")
    return _back(visit, found)


@require_POST
@billing_page
def add_charge(request: HttpRequest, family: str) -> HttpResponse:
    """Will add a line by hand to the family's next invoice."""
    visit = visit_of(request)
    found = _family(family)
    form = _charge_form(found, visit, request.POST)
    if not form.is_valid():
        return _page(request, found, Doing(charging=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    payer = get_object_or_404(PayerAccount.objects.current(), family=found, regie__code=said["regie"])
    try:
        add_manual_charge(
            payer,
            authority=visit.authority,
            label=said["label"],
            cents=said["amount"],
            date=said["date"],
            reason=said["reason"],
            child=_child(said["child"]),
            code=said["code"],
            is_childcare=said["is_childcare"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToChargeError as error:
        form.add_error(FIELD_OF.get(error.why), wording.WHY_NOT_CHARGED[error.why])
        return _page(request, found, Doing(charging=form), status=HTTPStatus.CONFLICT)
    except UnableToBillError as error:
        form.add_error(None, wording.WHY_NOT[error.why])
        return _page(request, found, Doing(charging=form), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.CHARGE_ADDED, extra_tags="green")
    return _back(visit, found)


@require_POST
@billing_page
def withdraw_charge(request: HttpRequest, family: str, charge: str) -> HttpResponse:
    """Will withdraw a line that was not invoiced yet."""
    visit = visit_of(request)
    found = _family(family)
    one = get_object_or_404(ManualCharge, payer__family=found, public_id=charge)
    try:
        withdraw_manual_charge(one, authority=visit.authority, by=visit.actor, at=visit.at)
    except UnableToChargeError as error:
        return _page(request, found, Doing(problem=wording.WHY_NOT_CHARGED[error.why]), status=HTTPStatus.CONFLICT)
    except UnableToBillError as error:
        return _page(request, found, Doing(problem=wording.WHY_NOT[error.why]), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.CHARGE_WITHDRAWN, extra_tags="green")
    return _back(visit, found)


@require_POST
@billing_page
def help_by(request: HttpRequest, family: str) -> HttpResponse:
    """Will note an aid."""
    visit = visit_of(request)
    found = _family(family)
    form = _aid_form(found, visit, request.POST)
    if not form.is_valid():
        return _page(request, found, Doing(helping=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        add_aid(
            found,
            authority=visit.authority,
            regie=get_object_or_404(Regie, code=said["regie"]),
            payer_name=said["payer"],
            label=said["label"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            cents=said["amount"] or 0,
            percent=said["percent"] or 0,
            child=_child(said["child"]),
            service=get_object_or_404(Service, public_id=said["service"]) if said["service"] else None,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToHelpError as error:
        form.add_error(FIELD_OF.get(error.why), wording.WHY_NOT_HELPED[error.why])
        return _page(request, found, Doing(helping=form), status=HTTPStatus.CONFLICT)
    except UnableToBillError as error:
        form.add_error(None, wording.WHY_NOT[error.why])
        return _page(request, found, Doing(helping=form), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.AID_ADDED, extra_tags="green")
    return _back(visit, found)


@require_POST
@billing_page
def help_no_more(request: HttpRequest, family: str, aid: str) -> HttpResponse:
    """Will take an aid off."""
    visit = visit_of(request)
    found = _family(family)
    one = get_object_or_404(Aid, family=found, public_id=aid)
    try:
        withdraw_aid(one, authority=visit.authority, by=visit.actor, at=visit.at)
    except UnableToBillError as error:
        return _page(request, found, Doing(problem=wording.WHY_NOT[error.why]), status=HTTPStatus.CONFLICT)
    messages.success(request, wording.AID_WITHDRAWN, extra_tags="green")
    return _back(visit, found)


def section(visit: OfficeVisit, family: Family) -> dict[str, Any] | None:
    """Will return what the family's page says of its bills; None when the agent does not bill."""
    if not reach(visit, ROLES.MANAGE_BILLING).is_whole:
        return None
    payers = list(payers_of_family(family.pk))
    # Whoever has an account with a régie that invoices says that there is one.
    if not any(one.regie.has_billing for one in payers) and not is_billing_for(visit.agent):
        return None
    invoices = list(invoices_of_family(family.pk)[:LAST_INVOICES])
    left = left_of([one.pk for one in invoices])
    return {
        "url": url_of(visit, "office_account_of", family=family.public_id),
        "payers": _payers(payers),
        "invoices": [_invoice(one, left, visit) for one in invoices],
    }


def _family(public_id: str) -> Family:
    return get_object_or_404(Family, public_id=public_id)


def _child(public_id: str) -> Child | None:
    return get_object_or_404(Child, public_id=public_id) if public_id else None


def _back(visit: OfficeVisit, family: Family) -> HttpResponse:
    return SeeOther(url_of(visit, "office_account_of", family=family.public_id))


def _children(family: Family, visit: OfficeVisit) -> list[tuple[str, str]]:
    return [(child.public_id, child.full_name) for child in children_of(family.pk, on=visit.today)]


def _charge_form(family: Family, visit: OfficeVisit, data: Any = None) -> DatedChargeForm:
    payers = payers_of_family(family.pk).filter(merged_into__isnull=True)
    regies = [(payer.regie.code, payer.regie.name) for payer in payers]
    return DatedChargeForm(
        data,
        auto_id="ligne-%s",
        children=_children(family, visit),
        regies=regies,
        initial={"date": visit.today},
    )


def _aid_form(family: Family, visit: OfficeVisit, data: Any = None) -> AidForm:
    regies = Regie.objects.filter(has_billing=True).order_by("name", "pk").values_list("code", "name")
    return AidForm(
        data,
        auto_id="aide-%s",
        regies=list(regies),
        children=_children(family, visit),
        services=[(service.public_id, service.name) for service in offer_of(visit.authority).services],
        initial={"starts_on": visit.today.replace(day=1)},
    )


def _page(request: HttpRequest, family: Family, doing: Doing, *, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    payers = list(payers_of_family(family.pk))
    invoices = list(invoices_of_family(family.pk)[: SHOWN_INVOICES + 1])
    left = left_of([one.pk for one in invoices])
    charges = ManualCharge.objects.filter(payer__family=family).select_related("payer__regie", "child")
    aids = Aid.objects.filter(family=family).select_related("payer__regie", "child", "service")
    invoiced = invoiced_charges(family.pk)
    key = family.public_id
    balancing = doing.balancing or BalanceForm(initial={"au": visit.today})
    on: date | None = balancing.cleaned_data["au"] if balancing.is_bound and balancing.is_valid() else None
    context = office_context(
        visit,
        "office_billing",
        family=family,
        problem=doing.problem,
        payers=_payers(payers, on=on),
        balancing=balancing,
        balances_on=in_digits(on) if on else "",
        account_url=url_of(visit, "office_account_of", family=key),
        deliveries=[
            {
                "name": payer.regie.name,
                "form": doing.delivering
                if doing.delivering is not None and doing.delivering.data.get("regie") == payer.regie.code
                else DeliveryForm(
                    auto_id=f"envoi-{place}-%s", initial={"regie": payer.regie.code, "delivery": payer.delivery}
                ),
            }
            for place, payer in enumerate(payers)
        ],
        certificates=[
            {
                "payer": f"{one.payer.regie.name}, au nom de {one.payer.name}",
                "years": [
                    (year, url_of(visit, "office_tax_certificate", family=key, year=year, payer=one.payer.public_id))
                    for year in years
                ],
                "note": two_homes_words(one, years),
            }
            for one in care_paid_by([family.pk])
            if (years := one.years)
        ],
        shares=_shares(family, visit),
        invoices=[_invoice(one, left, visit) for one in invoices[:SHOWN_INVOICES]],
        has_more=len(invoices) > SHOWN_INVOICES,
        charges=[
            _charge(one, visit, is_invoiced=one.public_id in invoiced) for one in charges.order_by("-date", "-pk")
        ],
        aids=[_aid(one, visit) for one in aids.order_by("-starts_on", "-pk")],
        charging=doing.charging or _charge_form(family, visit),
        is_charging=doing.charging is not None,
        helping=doing.helping or _aid_form(family, visit),
        is_helping=doing.helping is not None,
        charge_url=url_of(visit, "office_add_charge", family=key),
        aid_url=url_of(visit, "office_add_aid", family=key),
        delivery_url=url_of(visit, "office_delivery", family=key),
        back_label="Dossier de la famille" if visit.may(ROLES.MANAGE_RESERVATIONS) else "Facturation",
        back_url=url_of(visit, "office_family", family=key)
        if visit.may(ROLES.MANAGE_RESERVATIONS)
        else url_of(visit, "office_billing"),
    )
    return render(request, "office/billing/account.html", context, status=status)


def _shares(family: Family, visit: OfficeVisit) -> list[str]:
    """Will say what the home pays of each package of its children who live in two homes today."""
    home = homes_of([family.pk], authority=visit.authority.pk)[family.pk]
    shared = {
        child: one
        for child, one in home.shared.items()
        if len({each.family for each in one.lives if each.holds(visit.today)}) > 1
    }
    if not shared:
        return []
    offer = offer_of(visit.authority)
    services = {
        product.activity.service.pk: product.activity.service.name
        for product in offer.products
        if (tariff := product.tariff_on(visit.today)) is not None
        and tariff.rules is not None
        and any(not package.sessions for package in tariff.rules.packages)
    }
    return [
        f"{child.first_name}, {name} : {wording.SHARES[home.share(child.pk, service, visit.today)]}"
        for child in children_of(family.pk, on=visit.today)
        if child.pk in shared
        for service, name in services.items()
    ]


def _payers(payers: list[PayerAccount], *, on: date | None = None) -> list[dict[str, Any]]:
    balances = balances_of([payer.pk for payer in payers], on=on)
    return [
        {
            "regie": payer.regie.name,
            "name": payer.name,
            "owed": in_euros(max(balances[payer.pk].owed, 0)),
            "is_owing": balances[payer.pk].owed > 0,
            "held": in_euros(balances[payer.pk].wallet) if balances[payer.pk].wallet else "",
            "delivery": payer.get_delivery_display(),
            "carried": in_digits(payer.carried_from) if payer.carried_from and on is None else "",
        }
        for payer in payers
    ]


def _invoice(one: Invoice, left: dict[int, int], visit: OfficeVisit) -> dict[str, Any]:
    due = left.get(one.pk, 0)
    return {
        "number": one.number,
        "label": one.label,
        "kind": one.get_kind_display(),
        "is_invoice": one.kind == "invoice",
        "url": url_of(visit, "office_invoice", invoice=one.public_id),
        "issued_on": in_digits(one.issued_on) if one.issued_on else "",
        "amount": in_euros(one.total_cents),
        "left": in_euros(due) if due > 0 else "",
        "is_late": bool(due > 0 and one.due_on and one.due_on < visit.today),
        "is_at_tresor": one.recovery_at is not None,
    }


def _charge(one: ManualCharge, visit: OfficeVisit, *, is_invoiced: bool) -> dict[str, Any]:
    return {
        "label": one.label,
        "amount": in_euros(one.cents),
        "date": in_digits(one.date),
        "regie": one.payer.regie.name,
        "child": one.child.first_name if one.child else "",
        "reason": one.reason,
        "withdrawn": one.withdrawn_at is not None,
        "is_invoiced": is_invoiced,
        "withdraw_url": url_of(
            visit,
            "office_withdraw_charge",
            family=one.payer.family.public_id if one.payer.family else "",
            charge=one.public_id,
        ),
    }


def _aid(one: Aid, visit: OfficeVisit) -> dict[str, Any]:
    return {
        "label": one.label,
        "amount": f"{one.percent}\N{NO-BREAK SPACE}%" if one.percent else in_euros(one.cents),
        "payer": one.payer.name,
        "of": ", ".join(
            part
            for part in (one.child.first_name if one.child else "", one.service.name if one.service else "")
            if part
        ),
        "period": f"du {in_digits(one.starts_on)} au {in_digits(one.ends_on)}",
        "withdrawn": one.withdrawn_at is not None,
        "is_over": one.ends_on < visit.today,
        "withdraw_url": url_of(visit, "office_withdraw_aid", family=one.family.public_id, aid=one.public_id),
    }
