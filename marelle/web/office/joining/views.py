"""Where a régie stands with the online invoices, from which day it joins, and what families read of it meanwhile."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.authorities.models import Regie
from marelle.domain.authorities.rules.joining import Joining
from marelle.domain.billing.queries.imported import tokens_of
from marelle.domain.catalog.queries import offer_of
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.operations.joining import UnableToJoinError, join_online, leave_online
from marelle.domain.payments.queries.settings import joining_of, setting_of, settings_or_desk
from marelle.domain.payments.rules.checklist import is_tried
from marelle.foundation.french_dates import in_digits, without_weekday
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.joining import wording
from marelle.web.office.joining.forms import JoiningForm, TokenForm
from marelle.web.office.surroundings import office_context, url_of, visit_of
from marelle.web.online_invoices_words import read_only_words, regie_words, ways_to_pay, where_to_pay
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.billing.models import ApiToken
    from marelle.domain.payments.models import PaymentSettings
    from marelle.web.doors import OfficeVisit

SHOWN_TOKENS: Final = 20


@require_http_methods(["GET", "HEAD", "POST"])
@regie_page
def show(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show where a régie stands, and record the day on which it joins."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    if request.method != "POST":
        return joining_page(request, found)
    form = JoiningForm(request.POST)
    if not form.is_valid():
        return joining_page(request, found, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    since = form.cleaned_data["since"]
    try:
        join_online(found, since=since, on=visit.today, by=visit.actor, at=visit.at)
    except UnableToJoinError as error:
        form.add_error("since", str(error.why))
        return joining_page(request, found, form=form, status=HTTPStatus.CONFLICT)
    said = wording.JOINED_TODAY if since == visit.today else wording.JOINED
    messages.success(request, said, extra_tags="green")
    return SeeOther(url_of(visit, "office_joining", regie=found.code))


@require_POST
@regie_page
def leave(request: HttpRequest, regie: str) -> HttpResponse:
    """Will have a régie leave the online invoices, or not join."""
    visit = visit_of(request)
    found = get_object_or_404(Regie, code=regie)
    if leave_online(found, by=visit.actor, at=visit.at):
        messages.success(request, wording.LEFT, extra_tags="green")
    else:
        messages.info(request, wording.NOTHING_TO_LEAVE)
    return SeeOther(url_of(visit, "office_joining", regie=found.code))


def joining_page(
    request: HttpRequest,
    regie: Regie,
    *,
    form: JoiningForm | None = None,
    token_form: TokenForm | None = None,
    secret: str = "",
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Will answer with the page of a régie; `secret` is that of a token just made, shown this once."""
    visit = visit_of(request)
    row = settings_or_desk(regie)
    stand = joining_of(row, on=visit.today)
    tried = is_tried(setting_of(row))
    since = regie.online_from
    context = office_context(
        visit,
        "office_billing",
        regie=regie,
        problem=problem,
        tag=wording.joining_tag(row, on=visit.today),
        lead=wording.LEADS[stand],
        is_tried=tried,
        is_open=row.mode == Mode.PRODUCTION,
        may_join=tried and stand is not Joining.JOINED,
        has_day=since is not None,
        has_joined=stand is Joining.JOINED,
        form=form or JoiningForm(initial={"since": in_digits(since) if since else ""}),
        reads=_reads(visit, row, since),
        tokens=[_token(one, visit, regie) for one in tokens_of(regie.pk)[:SHOWN_TOKENS]],
        token_form=token_form or TokenForm(auto_id="jeton-%s"),
        secret=secret,
        api_url=settings.OFFICE_URL + url_of(visit, "api_invoices"),
        online_url=url_of(visit, "office_online_payment", regie=regie.code),
        leave_url=url_of(visit, "office_leaving", regie=regie.code),
        token_url=url_of(visit, "office_token_make", regie=regie.code),
        back_url=url_of(visit, "office_regie", regie=regie.code),
    )
    return render(request, "office/joining/page.html", context, status=status)


def _reads(visit: OfficeVisit, row: PaymentSettings, since: date | None) -> list[dict[str, Any]]:
    """Will return what families read, page by page: until the day, then from it on."""
    regie = row.regie
    prepaid = [one for one in offer_of(visit.authority).services if one.regie == regie.pk and one.is_prepaid]
    # One that leaves has no day to come.
    coming = since if since is not None and since > visit.today else None
    before = [{"where": "Mes factures", "words": [read_only_words(visit.authority.name, coming)]}]
    before.append({"where": "Le détail d’une facture", "words": ways_to_pay(regie.how_to_pay) or [NO_WAYS]})
    for service in prepaid:
        said = where_to_pay(regie_words(regie.name), regie.how_to_pay, hours=service.hold_hours)
        kept = f"Vos places sont gardées {service.hold_hours} heures : réglez-les au guichet, qui les confirme."
        before.append({"where": f"Le panier, pour {service.name}", "words": [said or kept]})
    site = settings.INVOICES_URL.split("://", 1)[-1]
    after = [{"where": "Mes factures", "words": ["Des factures à cocher, et un bouton pour les payer en ligne."]}]
    printed = f"Sans compte : {site}, référence XXXX-XXXX-XXXXX, montant de la facture."
    after.append({"where": "Chaque facture, sur papier aussi", "words": [printed]})
    after += [
        {"where": f"Le panier, pour {service.name}", "words": ["En ligne, en validant : confirmé dès le paiement."]}
        for service in prepaid
    ]
    if since is None:
        return [{"when": "Aujourd’hui", "pages": before}, {"when": "Une fois en ligne", "pages": after}]
    day = without_weekday(since, year=True)
    if since > visit.today:
        return [{"when": f"Jusqu’au {day}", "pages": before}, {"when": f"À partir du {day}", "pages": after}]
    return [{"when": "Aujourd’hui", "pages": after}, {"when": "Si la régie quitte", "pages": before}]


NO_WAYS: Final = "Rien : écrivez « Comment payer » dans les réglages de la régie."


def _token(one: ApiToken, visit: OfficeVisit, regie: Regie) -> dict[str, Any]:
    return {
        "name": one.name,
        "hint": one.hint,
        "made": without_weekday(one.made_at.astimezone(visit.authority.zone).date(), year=True),
        "used": without_weekday(one.used_on, year=True) if one.used_on else "",
        "is_revoked": one.revoked_at is not None,
        "url": url_of(visit, "office_token_revoke", regie=regie.code, api_token=one.public_id),
    }
