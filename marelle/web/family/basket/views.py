"""Vérifier et valider: what will be recorded, the recording, and what was recorded."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.catalog.queries import Offer, offer_of
from marelle.domain.families.queries import children_of
from marelle.domain.payments.asking import UnableToBeginError
from marelle.domain.payments.gateways import Trouble
from marelle.domain.payments.models import PaymentLine, PaymentSettings
from marelle.domain.payments.operations.checkout import CheckedOut, check_out
from marelle.domain.payments.queries.paying import lines_of_confirmation
from marelle.domain.payments.rules.attempts import REPLACED
from marelle.domain.reservations.operations.baskets import (
    Refused,
    UnableToConfirmBasketError,
    UnableToFillBasketError,
    empty_basket,
    set_wishes,
)
from marelle.domain.reservations.queries.baskets import basket_of, confirmations_of
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.decisions import Reason, Wish
from marelle.domain.reservations.rules.sentences import on_day, refusal_sentence, steps_in_words
from marelle.foundation.french_dates import MONTHS, NO_BREAK, hour, in_full, moment, short_days
from marelle.foundation.money import in_euros
from marelle.web.components.avatars import AvatarView
from marelle.web.doors import FamilyVisit, family_page
from marelle.web.family.basket import wording
from marelle.web.family.basket.panel import Group, amount, groups_of, if_accepted, quote_of
from marelle.web.family.basket.paying import plan_of, recorded_at_once
from marelle.web.family.surroundings import family_context
from marelle.web.paying.payments.leading import first_to_pay, is_paid_online, lead_to_page, result_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from marelle.domain.families.models import Child
    from marelle.domain.reservations.models import Confirmation
    from marelle.domain.reservations.queries.baskets import BasketContent


# What a confirmation recorded: the child comes, or will if it is settled or accepted; or no longer does.
COMING = frozenset({"reserved", "held", "requested", "to_pay", "paid"})
GIVEN_UP = frozenset({"asked", "given_back", "cancelled"})


@family_page
@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """Will show exactly what *Valider* will record."""
    return _check_page(request)


@family_page
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Will take one group of days out of the basket."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    content = basket_of(visit.user.pk, visit.family.pk)
    wanted = request.POST.get("remove", "")
    group = next((one for one in groups_of(content, children=children, offer=offer) if one.removal_key == wanted), None)
    if group is None:
        # A second press of the same button finds nothing left to do: that is what was wished.
        messages.info(request, wording.FORGED)
        return _back(request, visit)
    try:
        set_wishes(
            {DayKey(group.child.pk, group.product.pk, day): group.wish is Wish.CANCEL for day in group.days},
            user=visit.user.pk,
            family=visit.family.pk,
            children=children,
            offer=offer,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToFillBasketError:
        messages.info(request, wording.FORGED)
        return _back(request, visit)
    messages.success(request, f"Retiré du panier : {group.counted} ({group.child.first_name}).")
    return _back(request, visit)


@family_page
@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Will take everything out of the basket."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    empty_basket(user=visit.user.pk, family=visit.family.pk, authority=visit.authority.pk, by=visit.actor, at=visit.at)
    messages.success(request, wording.EMPTIED)
    return HttpResponseRedirect(reverse("calendar", kwargs={"authority": visit.authority.slug}), status=303)


@family_page
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Will record the basket, all or nothing, and lead to what was recorded."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    revision = request.POST.get("revision", "")
    try:
        outcome = check_out(
            user=visit.user.pk,
            family=visit.family.pk,
            children=children,
            offer=offer,
            key=request.POST.get("key", "")[:12],
            revision=int(revision) if revision.isdecimal() and len(revision) < 9 else -1,  # noqa: PLR2004  an integer column
            words=request.POST.get("words", "").strip()[:300],
            from_wallet=request.POST.get("from_wallet") == "on",
            gateways=settings.GATEWAYS,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToConfirmBasketError:
        return _check_page(request, changed=True, status=409)
    if isinstance(outcome, Refused):
        refused = [
            _refusal(line, wish, refusal.reason, refusal, children=children, offer=offer)
            for line, wish, refusal in outcome.lines
        ]
        kept = all(refusal.reason in {Reason.NEW_PRICE, Reason.TOO_FEW} for _line, _wish, refusal in outcome.lines)
        return _check_page(request, refused=refused, kept=kept, status=409)
    return _lead_on(request, visit, outcome)


def _lead_on(request: HttpRequest, visit: FamilyVisit, outcome: CheckedOut) -> HttpResponse:
    """Will lead to the first payment page, or to what was recorded when nothing is paid online."""
    number = outcome.confirmation.number
    address = reverse("confirmation", kwargs={"authority": visit.authority.slug, "number": number})
    online = [one for one in outcome.attempts if one.gateway != PaymentSettings.Gateway.DESK and one.reason != REPLACED]
    if not online:
        return HttpResponseRedirect(f"{address}?deja=1" if outcome.is_repeated else address, status=303)
    first = online[0] if outcome.is_repeated else first_to_pay(online)
    if first is None or not is_paid_online(first):
        return HttpResponseRedirect(
            result_url(visit, online[0]) + ("?deja=1" if outcome.is_repeated else ""), status=303
        )
    try:
        return lead_to_page(visit, first)
    except UnableToBeginError as error:
        if len(outcome.attempts) > 1:
            # The others are still to be paid, or are already: their page says all of it.
            return HttpResponseRedirect(result_url(visit, first), status=303)
        status = HTTPStatus.SERVICE_UNAVAILABLE if error.trouble is Trouble.UNAVAILABLE else HTTPStatus.CONFLICT
        others = any(line["outcome"] != "held" for line in outcome.confirmation.lines)
        return _check_page(
            request, trouble=error.trouble.value, recorded_url=address if others else "", status=int(status)
        )


@family_page
@require_safe
def confirmation(request: HttpRequest, number: str) -> HttpResponse:
    """Will show what a confirmation recorded."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    found = confirmations_of(visit.family.pk).filter(number=number).first()
    if found is None:
        raise Http404
    offer = offer_of(visit.authority)
    children = {child.pk: child for child in children_of(visit.family.pk, on=visit.today)}
    confirmed_at = found.confirmed_at.astimezone(offer.zone)
    paid_lines = lines_of_confirmation(found)
    lines = _recorded_lines(found, offer, children, paid_lines)
    reserved = sum(len(line["days"]) for line in lines if line["outcome"] in COMING)
    asked = sum(len(line["days"]) for line in lines if line["outcome"] == "asked")
    days = [day for line in lines if line["outcome"] in COMING for day in line["days"]]
    day = "aujourd’hui" if confirmed_at.date() == visit.today else in_full(confirmed_at.date())
    context = family_context(
        visit,
        "calendar",
        confirmation=found,
        lines=lines,
        title=_result_title(min(days, default=None), visit.today),
        when=f"{day} à {hour(confirmed_at)}",
        summary=_summary(lines, reserved, asked),
        email=visit.user.email,
        is_repeated="deja" in request.GET,
        repeated=f"Vous avez déjà validé ce panier à {hour(confirmed_at)}. Rien n’a été enregistré deux fois.",
        steps=_steps(lines, days, offer),
        payments_url=result_url(visit, paid_lines[0].attempt) if paid_lines else "",
        is_to_pay=any(line["outcome"] == "to_pay" for line in lines),
        calendar_url=reverse("calendar", kwargs={"authority": visit.authority.slug}),
    )
    return render(request, "family/basket/result.html", context)


def _back(request: HttpRequest, visit: FamilyVisit) -> HttpResponse:
    """Will lead back to the page that showed the basket, by its own query."""
    at = {"authority": visit.authority.slug}
    if request.GET.get("depuis") == "panier":
        return HttpResponseRedirect(reverse("basket", kwargs=at), status=303)
    query = request.GET.urlencode()
    return HttpResponseRedirect(reverse("calendar", kwargs=at) + (f"?{query}" if query else ""), status=303)


def _check_page(
    request: HttpRequest,
    *,
    refused: Sequence[tuple[str, str]] = (),
    kept: bool = False,
    changed: bool = False,
    trouble: str = "",
    recorded_url: str = "",
    status: int = 200,
) -> HttpResponse:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    content: BasketContent = basket_of(visit.user.pk, visit.family.pk)
    groups = groups_of(content, children=children, offer=offer)
    total = quote_of(groups)
    at = {"authority": visit.authority.slug}
    months = [
        f"{'Facture de ' if index == 0 else 'De '}{_of_month(month)} : {in_euros(cents)}."
        for index, ((_year, month), cents) in enumerate(total.later_by_month)
    ]
    prepaid = [group for group in groups if group.product.activity.service.is_prepaid and group.wish is Wish.RESERVE]
    plan = plan_of(groups, visit)
    contact = prepaid[0].product.activity.service.contact if prepaid else None
    contact = contact or (groups[0].product.activity.service.contact if groups else None)
    context: dict[str, Any] = family_context(
        visit,
        "calendar",
        lead=wording.CHECK_LEAD if content.lines else "",
        changed=changed,
        refused_lines=refused,
        kept=kept,
        content=content,
        children=[
            {
                "child": child,
                "avatar": AvatarView.of(child.animal, child.chalk),
                "groups": [
                    {
                        "sign": "cancel" if group.wish is Wish.CANCEL else "add",
                        "counted": group.counted,
                        "days": [in_full(day) for day in group.days],
                        "times": f"{len(group.days)} × {in_euros(group.unit_cents)}"
                        if group.unit_cents is not None and len(group.days) > 1
                        else "",
                        "amount": amount(group),
                        "note": _group_note(group),
                        "origin": _origin(group),
                        "key": group.removal_key,
                    }
                    for group in members
                ],
            }
            for child, members in groupby(groups, key=lambda group: group.child)
        ],
        ways=[
            ("without-wallet", plan.said(from_wallet=False)),
            *([("with-wallet", plan.said(from_wallet=True))] if plan.wallet_cents else []),
        ],
        wallet=in_euros(plan.wallet_cents) if plan.wallet_cents else "",
        uses_wallet=not plan.is_wallet_kept,
        asked=in_euros(plan.asked_cents) if plan.asked_cents else "",
        at_once=recorded_at_once(groups) if prepaid else "",
        trouble=trouble,
        recorded_url=recorded_url,
        later=in_euros(total.later_cents),
        later_words=" ".join([*months, if_accepted(total)]),
        has_cancellation=any(group.wish is Wish.CANCEL and group.needs_agent for group in groups),
        has_unknown_price=total.has_unknown_price,
        confirm_url=reverse("basket_confirm", kwargs=at),
        empty_url=reverse("basket_empty", kwargs=at),
        remove_url=reverse("basket_remove", kwargs=at) + "?depuis=panier",
        calendar_url=reverse("calendar", kwargs=at),
        contact=contact,
        contact_hours=contact.opening_hours.splitlines() if contact else [],
    )
    return render(request, "family/basket/page.html", context, status=status)


def _of_month(month: int) -> str:
    return MONTHS[month - 1]


def _group_note(group: Group) -> str:
    is_prepaid = group.product.activity.service.is_prepaid
    if group.wish is Wish.CANCEL and not group.needs_agent:
        return str(wording.AT_ONCE)
    if group.wish is Wish.CANCEL:
        return str(wording.FREED_OR_ASKED if is_prepaid else wording.ASKED)
    if group.needs_agent and group.is_late:
        return str(wording.LATE_REQUEST)
    return str(wording.CONFIRMED_ONCE_PAID) if is_prepaid else ""


def _origin(group: Group) -> str:
    """Will write « Repas : Quotient 742 → tranche 3 : 3,10 € (délibération 2026-31) », once for days priced alike."""
    words: list[str] = []
    for day, steps in zip(group.days, group.steps, strict=True):
        tariff = group.product.tariff_on(day)
        said = f" ({tariff.resolution})" if tariff and tariff.resolution else ""
        if steps:
            words.append(f"{group.product.name} : {steps_in_words(steps)}{said}")
    if group.is_late:
        words.append(str(wording.LATE_PRICE))
    return " ; ".join(dict.fromkeys(words))


def _refusal(
    line: DayKey, wish: Wish, reason: Reason, refusal: Any, *, children: Sequence[Child], offer: Offer
) -> tuple[str, str]:
    product = offer.product_by_pk.get(line.product)
    child = next((child for child in children if child.pk == line.child), None)
    if product is None or child is None:
        return "Un jour", "n’est plus possible."
    where = on_day(child.first_name, product.name, line.date)
    if reason is Reason.FULL:
        return where, str(wording.TAKEN)
    if reason is Reason.TOO_LATE and refusal.since:
        return where, f"Le délai est passé pendant que vous choisissiez : c’était avant le {moment(refusal.since)}."
    first, second = refusal_sentence(
        refusal, wish=wish, product_name=product.name, child_name=child.first_name, rule=offer.day(product, line.date)
    )
    return where, f"{first} {second}"


def _became(line: PaymentLine) -> str:
    """Will say what became of a place that is paid on booking."""
    match line.state:
        case PaymentLine.State.SETTLED:
            return "paid"
        case PaymentLine.State.RELEASED:
            return "released"
        case PaymentLine.State.GONE:
            return "gone"
        case _:
            return "held" if line.attempt.gateway == PaymentSettings.Gateway.DESK else "to_pay"


def _recorded_lines(
    found: Confirmation, offer: Offer, children: dict[int, Child], paid_lines: Sequence[PaymentLine]
) -> list[dict[str, Any]]:
    became = {
        (one.reservation.child_id, one.reservation.product_id, one.reservation.date.isoformat()): _became(one)
        for one in paid_lines
        if one.reservation is not None
    }
    grouped: dict[tuple[int, int, str], list[dict[str, Any]]] = {}
    for line in found.lines:
        outcome = line["outcome"]
        if outcome == "held":
            outcome = became.get((line["child"], line["product"], line["date"]), outcome)
        grouped.setdefault((line["child"], line["product"], outcome), []).append(line)
    lines = []
    for (child_pk, product_pk, outcome), members in grouped.items():
        child, product = children.get(child_pk), offer.product_by_pk.get(product_pk)
        days = sorted(date.fromisoformat(line["date"]) for line in members)
        noun = (product.noun if len(days) == 1 else product.plural) if product else "prestation"
        cents = None if any(line["cents"] is None for line in members) else sum(line["cents"] for line in members)
        lines.append(
            {
                "child": child.first_name if child else "Enfant",
                "counted": f"{len(days)} {noun}",
                "days": days,
                "day_words": short_days(days),
                "outcome": outcome,
                "hold": product.activity.service.hold_hours if product else 0,
                "amount": "" if cents is None else in_euros(-cents if outcome in GIVEN_UP else cents),
            }
        )
    return lines


def _result_title(first: date | None, today: date) -> str:
    if first is None:
        return "C’est noté"
    ahead = (first - today).days
    if ahead == 0:
        return "C’est noté, à tout à l’heure !"
    if ahead == 1:
        return "C’est noté, à demain !"
    week = 7
    return f"C’est noté, à {in_full(first).split()[0]} !" if ahead < week else "C’est noté !"


def _summary(lines: list[dict[str, Any]], reserved: int, asked: int) -> str:
    held = sum(len(line["days"]) for line in lines if line["outcome"] in {"held", "to_pay"})
    requested = sum(len(line["days"]) for line in lines if line["outcome"] == "requested")
    given_back = sum(len(line["days"]) for line in lines if line["outcome"] == "given_back")
    cancelled = sum(len(line["days"]) for line in lines if line["outcome"] == "cancelled")
    firm = reserved - held - requested
    words = []
    if firm:
        words.append("votre réservation est enregistrée" if firm == 1 else f"vos {firm} réservations sont enregistrées")
    if held:
        words.append("votre place est gardée" if held == 1 else f"vos {held} places sont gardées")
    if asked:
        words.append(
            "votre demande d’annulation est partie à la mairie"
            if asked == 1
            else f"vos {asked} demandes d’annulation sont parties à la mairie"
        )
    if requested:
        words.append(
            "votre demande tardive est partie à la mairie"
            if requested == 1
            else f"vos {requested} demandes tardives sont parties à la mairie"
        )
    if cancelled:
        words.append("une réservation est annulée" if cancelled == 1 else f"{cancelled} réservations sont annulées")
    lost = sum(len(line["days"]) for line in lines if line["outcome"] in {"released", "gone"})
    if lost:
        unpaid = "faute de paiement"
        words.append(f"une place est rendue, {unpaid}" if lost == 1 else f"{lost} places sont rendues, {unpaid}")
    if given_back:
        words.append("une place est rendue" if given_back == 1 else f"{given_back} places sont rendues")
    text = ", ".join(words[:-1]) + (" et " if len(words) > 1 else "") + words[-1] if words else "rien n’a changé"
    return text[:1].upper() + text[1:] + "."


def _steps(lines: list[dict[str, Any]], days: list[date], offer: Offer) -> list[tuple[str, str]]:
    outcomes = {line["outcome"] for line in lines}
    steps = []
    if outcomes & COMING:
        steps.append(("Tout de suite", "les agents voient vos réservations."))
    if "to_pay" in outcomes:
        steps.append(("Dès le paiement", "vos places sont confirmées. Sans paiement, elles reviennent dans le panier."))
    if "held" in outcomes:
        hours = min(line["hold"] for line in lines if line["outcome"] == "held")
        steps.append(
            (f"Dans les {hours} heures", "réglez au guichet : vos places sont confirmées. Sinon, elles sont rendues.")
        )
    if "requested" in outcomes:
        steps.append(("Bientôt", "la mairie répond à vos demandes tardives : les places sont gardées d’ici là."))
    if "asked" in outcomes:
        steps.append(
            (
                "Bientôt",
                f"la mairie répond à vos annulations, par courriel et dans «{NO_BREAK}Mes demandes{NO_BREAK}».",
            )
        )
    if "reserved" in outcomes and days:
        month = max(days).month % 12
        steps.append((f"Début {MONTHS[month]}", "la facture arrive comme d’habitude."))
    return steps
