"""The events, and one of them: what it did, who is still expected, undoing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.authorities.models import SchoolClass
from marelle.domain.billing.queries.disruptions import given_back
from marelle.domain.catalog.queries import offer_of
from marelle.domain.news.operations.disruptions import undo_and_tell
from marelle.domain.news.queries.messages import families_told, messages_of_event
from marelle.domain.reservations.models import DisruptionLine
from marelle.domain.reservations.operations.disruptions import NotStandingError, PlacesMovedError
from marelle.domain.reservations.queries.disruptions import disruptions_within, lines_of, still_expected
from marelle.domain.reservations.rules.disruptions import Back, may_be_undone
from marelle.foundation.french_dates import in_full, listed, moment
from marelle.foundation.money import in_euros
from marelle.web.doors import office_page
from marelle.web.office.disruptions import wording
from marelle.web.office.disruptions.cards import SHOWN, there_cards
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.models import Disruption
    from marelle.web.doors import OfficeVisit

ON_A_PAGE = 50
DID = DisruptionLine.Did


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the events, the latest first."""
    visit = visit_of(request)
    mine = reach(visit, ROLES.MANAGE_RESERVATIONS)
    found = disruptions_within(mine.product_keys, is_whole=mine.is_whole)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "url": url_of(visit, "office_disruption", disruption=row.public_id),
            "title": row.title,
            "span": wording.span(row.starts_on, row.ends_on),
            "effect": wording.EFFECTS_SHORT[row.effect],
            "count": wording.counted(row.total, "réservation", "réservations"),  # type: ignore[attr-defined]  # annotated
            "state": wording.state(row, visit.today),
        }
        for row in page.object_list
    ]
    context = office_context(
        visit, "office_disruptions", rows=rows, page=page, new_url=url_of(visit, "office_disruption_new")
    )
    return render(request, "office/disruptions/list.html", context)


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def one(request: HttpRequest, disruption: str) -> HttpResponse:
    """Will show what an event did, and who is still expected."""
    visit = visit_of(request)
    return _page(request, _found(visit, disruption))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def undo(request: HttpRequest, disruption: str) -> HttpResponse:
    """Will undo an event, and have those who were told of it told so."""
    visit = visit_of(request)
    found = _found(visit, disruption)
    if not _may_undo(visit, found):
        raise PermissionDenied
    try:
        done = undo_and_tell(
            found, authority=visit.authority, offer=offer_of(visit.authority), by=visit.actor, at=visit.at
        )
    except NotStandingError:
        messages.warning(request, wording.ALREADY_UNDONE, extra_tags="amber")
    except PlacesMovedError:
        messages.warning(request, wording.TRY_AGAIN, extra_tags="amber")
    else:
        messages.success(request, wording.undone(done.back, len(done.not_back)), extra_tags="green")
    return SeeOther(url_of(visit, "office_disruption", disruption=found.public_id))


def _found(visit: OfficeVisit, public_id: str) -> Disruption:
    mine = reach(visit, ROLES.MANAGE_RESERVATIONS)
    rows = disruptions_within(mine.product_keys, is_whole=mine.is_whole).select_related("declared_by", "undone_by")
    row: Disruption = get_object_or_404(rows, public_id=public_id)
    return row


def _may_undo(visit: OfficeVisit, row: Disruption) -> bool:
    mine = reach(visit, ROLES.MANAGE_RESERVATIONS)
    return mine.is_whole or mine.product_keys.issuperset(row.products)


def _page(request: HttpRequest, row: Disruption) -> HttpResponse:
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    within = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys
    lines = lines_of(row, within)
    changed = [line for line in lines if line.did != DID.LEFT]
    there = still_expected(
        {(line.reservation.child_id, line.reservation.date) for line in lines},
        [line.reservation_id for line in changed],
        products=within,
    )
    stands = row.undone_at is None
    not_back = [line for line in changed if line.back_as not in {"", Back.BACK.value}]
    kept = [line for line in lines if line.did == DID.LEFT and line.left_for]
    paid = given_back(row)
    context: dict[str, Any] = {
        "row": row,
        "state": wording.state(row, visit.today),
        "facts": _facts(visit, row, offer, lines, changed),
        "given_back": f"{in_euros(abs(paid.cents))} ({wording.counted(paid.invoices, 'facture', 'factures')})"
        if paid.invoices
        else "",
        "is_given": paid.cents < 0,
        "there": there_cards(visit, there[:SHOWN], offer, with_phones=True) if stands else (),
        "there_more": max(0, len(there) - SHOWN),
        "kept": [_line(line, offer, wording.why_left(line), visit) for line in kept[:SHOWN]],
        "kept_more": max(0, len(kept) - SHOWN),
        "not_back": [_line(line, offer, wording.NOT_BACK[line.back_as], visit) for line in not_back[:SHOWN]],
        "not_back_more": max(0, len(not_back) - SHOWN),
        "may_undo": stands and may_be_undone(row.ends_on, today=visit.today) and _may_undo(visit, row),
        "beyond": wording.BEYOND_REACH if stands and not _may_undo(visit, row) else "",
        "undo_url": url_of(visit, "office_disruption_undo", disruption=row.public_id),
        "back_url": url_of(visit, "office_disruptions"),
    }
    return render(request, "office/disruptions/page.html", office_context(visit, "office_disruptions", **context))


def _facts(
    visit: OfficeVisit, row: Disruption, offer: Offer, lines: list[DisruptionLine], changed: list[DisruptionLine]
) -> list[tuple[str, str, str]]:
    """Will return what is said of an event: a label, words, and where they lead."""
    zone = visit.authority.zone
    products = [offer.product_by_pk[key] for key in row.products if key in offer.product_by_pk]
    names = list(dict.fromkeys(one.name for one in products))
    places = list(dict.fromkeys(one.activity.facility_name for one in products))
    classes = [one.name for one in SchoolClass.objects.filter(pk__in=row.classes).order_by("position", "name", "pk")]
    children = {line.reservation.child_id for line in lines}
    facts = [
        ("Jours", wording.span(row.starts_on, row.ends_on), ""),
        ("Prestations", listed(names), ""),
        ("Lieux", listed(places), ""),
        ("Classes", listed(classes) if row.classes else wording.EVERYBODY, ""),
        ("Effet", wording.EFFECTS_SHORT[row.effect], ""),
        (
            "Réservations",
            wording.touched(len(changed), len(lines), len(children)),
            "",
        ),
        ("Déclaré", moment(row.declared_at.astimezone(zone)), ""),
    ]
    if row.undone_at is not None:
        facts.append(("Défait", moment(row.undone_at.astimezone(zone)), ""))
    for message in messages_of_event(row.public_id):
        told = wording.counted(families_told(message.pk), "famille", "familles")
        url = url_of(visit, "office_message", message=message.public_id) if visit.may(ROLES.PUBLISH) else ""
        facts.append(("Message", f"{message.subject} : {told}", url))
    return facts


def _line(line: DisruptionLine, offer: Offer, why: str, visit: OfficeVisit) -> dict[str, str]:
    reservation = line.reservation
    may_read = visit.may(ROLES.READ_FAMILIES)
    return {
        "url": url_of(visit, "office_family", family=reservation.family.public_id) if may_read else "",
        "child": reservation.child.full_name,
        "what": f"{offer.product_by_pk[reservation.product_id].name}, {in_full(reservation.date)}",
        "why": why,
    }
