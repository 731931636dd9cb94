"""Garde: the month of a child between two homes, what is settled, and what is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CustodyProposal, SharedCustody
from marelle.domain.reservations.queries.custody import proposals_of, standing_terms
from marelle.domain.reservations.rules.custody_sentences import (
    Homes,
    double_weeks_in_words,
    of_name,
    terms_in_words,
)
from marelle.foundation.french_dates import in_full
from marelle.web.components.avatars import AvatarView
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.custody import wording
from marelle.web.family.custody.finding import child_of, known_of, month_asked, role_in, url
from marelle.web.family.custody.months import ONE_DAY, month_view, months_after
from marelle.web.family.custody.rows import names_of, proposal_view
from marelle.web.family.surroundings import family_context, visit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer
    from marelle.web.doors import FamilyVisit

SHOWN: Final = 10
WARNED: Final = timedelta(days=366)


@family_page
@require_safe
def custody(request: HttpRequest, child: str) -> HttpResponse:
    """Will show a month (`mois`) of a child, whose day each is, what is settled and what waits for an answer."""
    visit = visit_of(request)
    found = child_of(visit, child)
    offer = offer_of(visit.authority)
    first = month_asked(request.GET.get("mois", ""), visit.today)
    versions = standing_terms(found.pk)
    last = months_after(first, 1) - ONE_DAY
    known = known_of(visit, found, offer, first=first, last=last, versions=versions)
    now = [one for one in versions if one.starts_on <= visit.today][-1:]
    coming = [one for one in versions if one.starts_on > visit.today]
    # An agent in the family's place reads the calendar, not what the homes write to each other.
    proposals = list(proposals_of(visit.family.pk, [found.pk])[: SHOWN * 2]) if visit.standing is None else []
    is_open = {one.pk: one.state in CustodyProposal.OPEN for one in proposals}
    here = url(visit, "custody", child=found.public_id)
    month = month_view(first, known)
    context = family_context(
        visit,
        "calendar",
        child=AvatarView.of(found.animal, found.chalk),
        child_name=found.first_name,
        title=str(wording.TITLE).format(of_child=of_name(found.first_name)),
        lead=str(wording.LEAD).format(of_child=of_name(found.first_name)),
        month=month,
        previous_url=f"{here}?mois={months_after(first, -1):%Y-%m}",
        today_url=here,
        next_url=f"{here}?mois={months_after(first, 1):%Y-%m}",
        settled=[_settled(one, visit, offer, wording.SETTLED) for one in now],
        coming=[_settled(one, visit, offer, wording.COMING) for one in coming],
        waiting=[proposal_view(one, visit, offer) for one in proposals if is_open[one.pk]],
        answered=[proposal_view(one, visit, offer) for one in proposals if not is_open[one.pk]][:SHOWN],
        may_ask=visit.standing is None,
        may_exchange=any(one.terms for one in (*now, *coming)),
        days_url=url(visit, "custody_days", child=found.public_id) + f"?mois={month.key}",
        terms_url=url(visit, "custody_calendar", child=found.public_id),
        calendar_url=url(visit, "calendar"),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/custody/page.html", context)


def _settled(
    version: SharedCustody, visit: FamilyVisit, offer: Offer, sentences: Mapping[SharedCustody.Origin, object]
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Will return who settled it and from when, the terms in words, and the weeks that will surprise."""
    said = str(sentences[SharedCustody.Origin(version.origin)]).format(day=in_full(version.starts_on, year=True))
    terms = version.settled
    if terms is None:
        return said, (str(wording.COMING_NOTHING),), ()
    homes = Homes.seen_from(role_in(version, visit.family.pk))
    since = max(version.starts_on, visit.today)
    warnings = double_weeks_in_words(terms, homes, first=since, last=since + WARNED)
    return said, terms_in_words(terms, homes, services=names_of(offer)), warnings
