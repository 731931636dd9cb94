"""An event is declared: what it is about, what it would do, then one act."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.queries.disruptions import invoiced_of
from marelle.domain.catalog.queries import offer_of
from marelle.domain.news.operations.disruptions import declare_and_tell
from marelle.domain.news.operations.messages import WrongMessageError
from marelle.domain.news.rules.recipients import Channel
from marelle.domain.reservations.operations.disruptions import AlreadyDeclaredError, WrongDisruptionError
from marelle.domain.reservations.queries.disruptions import absence_rules, counts_of, read_met, still_expected
from marelle.domain.reservations.rules.disruptions import Effect, faults_of, proposed_effect
from marelle.foundation.money import in_euros
from marelle.web.doors import office_page
from marelle.web.office.disruptions import wording
from marelle.web.office.disruptions.cards import SHOWN, there_cards
from marelle.web.office.disruptions.forms import ActForm, Scope, ScopeForm
from marelle.web.office.messages.surroundings import channels_offered
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.reservations.rules.disruptions import Said
    from marelle.web.doors import OfficeVisit


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def new(request: HttpRequest) -> HttpResponse:
    """Will ask what happens, then show what it would do. Nothing is written."""
    visit = visit_of(request)
    scope = Scope(reach(visit, ROLES.MANAGE_RESERVATIONS).products)
    if "starts_on" not in request.GET:
        return _asked(request, ScopeForm(scope=scope))
    form = ScopeForm(request.GET, scope=scope)
    if "changer" in request.GET:
        return _asked(request, form)
    if not _is_right(form, visit):
        return _asked(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    proposed = proposed_effect(
        form.said(Effect.CANCEL).kind, absence_rules(form.said(Effect.CANCEL), offer_of(visit.authority))
    )
    act = ActForm(
        initial={"effect": proposed.value, "channels": [one.value for one in channels_offered()]},
        channels=channels_offered(),
    )
    return _seen(request, form, act, form.said(proposed))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def declare(request: HttpRequest) -> HttpResponse:
    """Will do what was shown, and have the families told."""
    visit = visit_of(request)
    scope = Scope(reach(visit, ROLES.MANAGE_RESERVATIONS).products)
    form = ScopeForm(request.POST, scope=scope)
    if not _is_right(form, visit):
        return _asked(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    act = ActForm(request.POST, channels=channels_offered())
    if act.is_valid():
        said = form.said(Effect(act.cleaned_data["effect"]), act.cleaned_data["words"])
        try:
            done = declare_and_tell(
                said,
                channels=[Channel(one) for one in act.cleaned_data["channels"]],
                authority=visit.authority,
                offer=offer_of(visit.authority),
                by=visit.actor,
                at=visit.at,
            )
        except AlreadyDeclaredError as already:
            messages.warning(request, wording.ALREADY, extra_tags="amber")
            return SeeOther(url_of(visit, "office_disruption", disruption=already.disruption.public_id))
        except (WrongDisruptionError, WrongMessageError) as wrong:
            for name, why in wrong.faults.items():
                act.add_error(name if name in act.fields else None, why)
        else:
            messages.success(request, wording.declared(done), extra_tags="green")
            return SeeOther(url_of(visit, "office_disruption", disruption=done.public_id))
    return _seen(request, form, act, form.said(Effect.CANCEL), HTTPStatus.UNPROCESSABLE_ENTITY)


def _is_right(form: ScopeForm, visit: OfficeVisit) -> bool:
    """Will tell whether an event may be, and say on the form why not."""
    if not form.is_valid():
        return False
    for name, why in faults_of(form.said(Effect.CANCEL), today=visit.today).items():
        form.add_error(name if name in form.fields else None, why)
    return form.is_valid()


def _asked(request: HttpRequest, form: ScopeForm, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_disruptions",
        form=form,
        here_url=url_of(visit, "office_disruption_new"),
        back_url=url_of(visit, "office_disruptions"),
    )
    return render(request, "office/disruptions/form.html", context, status=status)


def _seen(request: HttpRequest, form: ScopeForm, act: ActForm, said: Said, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    met = read_met(said)
    counts = counts_of(met)
    invoiced = invoiced_of(met, authority=visit.authority.pk)
    within = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys
    there = still_expected({(one.child, one.date) for one in met}, [one.reservation for one in met], products=within)
    by_name: dict[str, int] = {}
    for product in offer.products:
        count = counts.by_product.get(product.pk, 0)
        if count:
            by_name[product.name] = by_name.get(product.name, 0) + count
    context: dict[str, Any] = {
        "form": act,
        "typed": form.typed,
        "title": said.title,
        "span": wording.span(said.starts_on, said.ends_on),
        "children": wording.counted(counts.children, "enfant", "enfants"),
        "families": wording.counted(counts.families, "famille", "familles"),
        "reservations": counts.reservations,
        "by_name": list(by_name.items()),
        "worth": in_euros(counts.worth_cents) if counts.worth_cents else "",
        "invoiced": invoiced if invoiced.days else None,
        "left": wording.left_said(counts.left),
        "there": there_cards(visit, there[:SHOWN], offer, with_phones=False),
        "there_count": len({one.child.pk for one in there}),
        "there_more": max(0, len(there) - SHOWN),
        "declare_url": url_of(visit, "office_disruption_declare"),
        "change_url": f"{url_of(visit, 'office_disruption_new')}?{_again(form)}",
        "back_url": url_of(visit, "office_disruptions"),
        "is_nothing": not met,
    }
    return render(
        request, "office/disruptions/seen.html", office_context(visit, "office_disruptions", **context), status=status
    )


def _again(form: ScopeForm) -> str:
    return urlencode([*form.typed, ("changer", "1")])
