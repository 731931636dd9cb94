"""A family's quotient, brought by a parent: FranceConnect says who she is, the CAF or the MSA answers at once.

The token lives sixty seconds and is never kept: the question is asked while the browser comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from marelle.connectors.franceconnect.access import TO_ASK_QUOTIENT
from marelle.domain.accounts.models import Site
from marelle.domain.accounts.queries import identities_of, identity_of
from marelle.domain.families.models import FamilyQuotient
from marelle.domain.families.operations.quotients import (
    UnableToRecordQuotientError,
    note_question,
    record_quotient,
)
from marelle.domain.families.queries import quotients_of
from marelle.domain.families.quotient_source import QuotientUnknownError
from marelle.domain.families.rules.quotients import in_words, quotient_on
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.french_dates import in_digits
from marelle.web.account.identities import wording
from marelle.web.account.identities.journeys import QUOTIENT, held, hold
from marelle.web.account.identities.setting_out import set_out
from marelle.web.account.identities.ways import FRANCECONNECT, plugged
from marelle.web.account.whence import way_into
from marelle.web.doors import memberships_of_account, signed_in
from marelle.web.family_addresses import family_address
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from marelle.connectors.franceconnect.access import FranceConnect, Recognized
    from marelle.domain.families.models import Membership
    from marelle.domain.families.quotient_source import FoundQuotient, QuotientByToken
    from marelle.web.account.identities.journeys import Kept

NAMED: Final = "famille"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def ask(request: HttpRequest) -> HttpResponse:
    """Will say what is asked, of whom and for whom; pressed, lead to FranceConnect. `famille` names the family.

    Raises Http404 for a family that is not the account's.
    """
    connector, _source = plugged(FRANCECONNECT), _source_or_404()
    memberships = memberships_of_account(request)
    named = request.POST.get(NAMED) or request.GET.get(NAMED) or ""
    if not named and len(memberships) != 1:
        return _page(request, "quotient_choice", families=[(one, _own_url(one)) for one in memberships])
    membership = _named_or_404(memberships, named) if named else memberships[0]
    is_linked = identities_of(request.user.pk or 0).filter(issuer=connector.issuer).exists()
    if request.method == "POST" and is_linked:
        return set_out(
            request,
            FRANCECONNECT,
            purpose=QUOTIENT,
            going_on=_own_url(membership),
            user=request.user.pk,
            family=membership.family.public_id,
            scopes=TO_ASK_QUOTIENT,
        )
    today = clock.business_now().astimezone(membership.authority.zone).date()
    with tenancy.scope({membership.authority_id}):
        counting = quotient_on(today, quotients_of([membership.family_id])[membership.family_id])
    return _page(
        request,
        "quotient",
        membership=membership,
        is_linked=is_linked,
        value=in_words(counting.value_cents) if counting else wording.NO_QUOTIENT,
        since=in_digits(counting.valid_from) if counting else "",
        profile_url=way_into(Site.FAMILY, family_address("profile", membership.user_id, membership.family)),
        own_url=_own_url(membership),
    )


def record(request: HttpRequest, kept: Kept, connector: FranceConnect, found: Recognized) -> HttpResponse:
    """Will ask for the quotient of who came back, record it, and say what was recorded or why nothing was.

    Only of the person whose identity opens this account: a quotient is her household's, not that of whoever was at
    hand.
    """
    source = _source_or_404()
    membership = _named_or_404(memberships_of_account(request), kept.family)
    if held(request) is None:
        hold(request, FRANCECONNECT, found.id_token)
    identity = identity_of(connector.issuer, found.subject)
    if identity is None or identity.user_id != request.user.pk:
        messages.error(request, wording.NOT_YOURS)
        return SeeOther(kept.going_on)
    with tenancy.scope({membership.authority_id}):
        _ask_and_record(request, membership, source, found.access_token)
    return SeeOther(kept.going_on)


def _ask_and_record(request: HttpRequest, membership: Membership, source: QuotientByToken, token: str) -> None:
    by, at = Actor(ActorKind.FAMILY, request.user.pk), clock.business_now()
    family, guardian = membership.family, membership.guardian
    try:
        answer: FoundQuotient = source.quotient_by_token(token, recipient=membership.authority.siret)
    except QuotientUnknownError as error:
        note_question(family, guardian, outcome=error.trouble.name, by=by, at=at)
        messages.error(request, wording.trouble(error.trouble))
        return
    note_question(family, guardian, outcome="FOUND", by=by, at=at)
    month = at.astimezone(membership.authority.zone).date().replace(day=1)
    try:
        quotient = record_quotient(
            family,
            value_cents=answer.value_cents,
            valid_from=answer.valid_from or month,
            source=FamilyQuotient.Source.API,
            provider=answer.provider,
            period=answer.period,
            # What those who compute it say replaces what was noted for the same day; the other one is kept, withdrawn.
            is_confirmed=True,
            by=by,
            at=at,
        )
    except UnableToRecordQuotientError:
        messages.error(request, f"{wording.NOT_BELIEVED} {wording.NOTHING_CHANGED}")
        return
    messages.success(request, wording.recorded(quotient))


def _source_or_404() -> Any:
    if settings.QUOTIENT_BY_FRANCECONNECT is None:
        raise Http404
    return settings.QUOTIENT_BY_FRANCECONNECT


def _named_or_404(memberships: Iterable[Membership], family: str) -> Membership:
    found = next((one for one in memberships if one.family.public_id == family), None)
    if found is None:
        raise Http404
    return found


def _own_url(membership: Membership) -> str:
    return f"{reverse('quotient_by_franceconnect')}?{urlencode({NAMED: membership.family.public_id})}"


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    response = render(request, f"account/identities/{name}.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response
