"""Who holds a régie, and its hand-over from one to another."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.models import Agent
from marelle.domain.authorities.models import Authority
from marelle.domain.payments.models import RegieHandover, RegisseurTerm
from marelle.domain.payments.operations.regies import UnableToNameError, end_term, hand_over_regie, name_regisseur
from marelle.domain.payments.queries.desk import counts_of, drawer_of, regisseur_of, terms_of
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_euros
from marelle.letters.desk_documents import handover_document
from marelle.letters.documents.drawing import statement_pdf
from marelle.web.office.desk import wording
from marelle.web.office.desk.forms import HandoverForm, NameForm
from marelle.web.office.desk.surroundings import (
    desk_context,
    desk_page,
    page,
    regie_or_404,
    regie_page,
    url_of,
    visit_of,
)
from marelle.web.office.surroundings import ROLES
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.authorities.models import Regie


@require_safe
@desk_page
def show(request: HttpRequest, regie: str) -> HttpResponse:
    """Will show who holds a régie and its hand-overs."""
    return _page(request, regie_or_404(regie))


@require_POST
@regie_page
def name(request: HttpRequest, regie: str) -> HttpResponse:
    """Will name a régisseur or a mandataire."""
    visit = visit_of(request)
    found = regie_or_404(regie)
    form = NameForm(request.POST, auto_id="nommer-%s", agents=_agents())
    if not form.is_valid():
        return _page(request, found, naming=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        name_regisseur(
            found,
            agent=get_object_or_404(Agent, pk=said["agent"]),
            kind=said["kind"],
            starts_on=said["starts_on"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToNameError as error:
        form.add_error(None, error.why.value)
        return _page(request, found, naming=form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.NAMED, extra_tags="green")
    return SeeOther(url_of(visit, "office_regisseurs", regie=found.code))


@require_POST
@regie_page
def end(request: HttpRequest, regie: str, term: str) -> HttpResponse:
    """Will end the term of a mandataire, today."""
    visit = visit_of(request)
    found = regie_or_404(regie)
    one = get_object_or_404(RegisseurTerm, regie=found, public_id=term)
    try:
        end_term(one, ends_on=visit.today, by=visit.actor, at=visit.at)
    except UnableToNameError as error:
        return _page(request, found, problem=error.why.value, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.ENDED, extra_tags="green")
    return SeeOther(url_of(visit, "office_regisseurs", regie=found.code))


@require_POST
@desk_page
def hand_over(request: HttpRequest, regie: str) -> HttpResponse:
    """Will hand a régie over to another régisseur, today."""
    visit = visit_of(request)
    found = regie_or_404(regie)
    form = HandoverForm(request.POST, auto_id="remettre-%s", agents=_agents())
    if not form.is_valid():
        return _page(request, found, handing=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        hand_over_regie(
            found, to=get_object_or_404(Agent, pk=said["to"]), words=said["words"], by=visit.actor, at=visit.at
        )
    except UnableToNameError as error:
        form.add_error(None, error.why.value)
        return _page(request, found, handing=form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.HANDED, extra_tags="green")
    return SeeOther(url_of(visit, "office_regisseurs", regie=found.code))


@require_safe
@desk_page
def pdf(request: HttpRequest, handover: str) -> HttpResponse:
    """Will hand over the record of a hand-over, to be signed."""
    rows = RegieHandover.objects.select_related("regie", "leaving", "coming", "cash_count")
    found = get_object_or_404(rows, public_id=handover)
    authority = Authority.objects.get(pk=visit_of(request).authority.pk)
    response = HttpResponse(statement_pdf(handover_document(found, authority)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="remise-de-service-{found.date}.pdf"'
    return response


def _agents() -> list[tuple[str, str]]:
    rows = Agent.objects.filter(is_active=True).order_by("name", "pk").values_list("pk", "name")
    return [("", "Choisissez…"), *((str(key), called) for key, called in rows)]


def _page(
    request: HttpRequest,
    regie: Regie,
    *,
    naming: NameForm | None = None,
    handing: HandoverForm | None = None,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    agents = _agents()
    terms = list(terms_of(regie.pk))
    handovers = RegieHandover.objects.filter(regie=regie).select_related("leaving", "coming").order_by("-date", "-pk")
    count = counts_of(regie.pk).first()
    held = regisseur_of(regie.pk)
    context = desk_context(
        visit,
        regie,
        current="office_regisseurs",
        problem=problem,
        terms=[
            {
                "name": one.name,
                "kind": one.get_kind_display(),
                "since": in_digits(one.starts_on),
                "until": in_digits(one.ends_on) if one.ends_on else "",
                "end_url": url_of(visit, "office_end_term", regie=regie.code, term=one.public_id)
                if one.ends_on is None and one.kind == RegisseurTerm.Kind.SUBSTITUTE and visit.may(ROLES.ADMINISTER)
                else "",
            }
            for one in terms
        ],
        handovers=[_handover(one, visit) for one in handovers],
        in_drawer=in_euros(drawer_of(regie.pk).cents),
        last_count=in_digits(count.date) if count else "",
        has_regisseur=held is not None,
        naming=naming
        or NameForm(
            auto_id="nommer-%s",
            agents=agents,
            initial={"starts_on": visit.today, "kind": "substitute" if held else "regisseur"},
        ),
        is_naming=naming is not None,
        handing=handing or HandoverForm(auto_id="remettre-%s", agents=agents),
        is_handing=handing is not None,
        may_name=visit.may(ROLES.ADMINISTER),
        name_url=url_of(visit, "office_name_regisseur", regie=regie.code),
        hand_url=url_of(visit, "office_hand_over_regie", regie=regie.code),
        drawer_url=url_of(visit, "office_drawer", regie=regie.code),
    )
    return page(request, "regisseurs", context, status=status)


def _handover(one: RegieHandover, visit: Any) -> dict[str, str]:
    return {
        "date": in_digits(one.date),
        "leaving": one.leaving.name,
        "coming": one.coming.name,
        "url": url_of(visit, "office_handover_pdf", handover=one.public_id),
    }
