"""Two agents answer the same requests at the same instant: each request has one answer, its place goes back once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.operations.cancellations import (
    AnswerToAll,
    UnableToDecideError,
    decide_cancellation,
    decide_cancellations,
)
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories.town import make_agent, make_authority, make_child, make_family, make_product, make_reservation

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THURSDAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_each_request_is_answered_once_whoever_presses(at_once):
    authority = make_authority()
    meal = make_product(authority)
    agents = [Actor(ActorKind.AGENT, make_agent(authority, name).user_id) for name in ("Nadia", "Bastien", "Claire")]
    asked = []
    for number in range(6):
        family = make_family(authority, f"Famille {number}")
        booked = make_reservation(make_child(family, products=(meal,)), meal, THURSDAY, family=family)
        with permitted("factory"), tenancy.scope({authority.pk}):
            asked.append(
                CancellationRequest.objects.create(
                    authority=authority, reservation=booked, asked_at=NOW - timedelta(hours=number)
                )
            )
    keys = [one.pk for one in asked]

    def together(answer, agent, some):
        def run():
            with tenancy.scope({authority.pk}):
                offer = offer_of(Authority.objects.get(pk=authority.pk))
                return decide_cancellations(some, answer=answer, reason="Non.", offer=offer, by=agent, at=NOW)

        return run

    def alone():
        with tenancy.scope({authority.pk}):
            try:
                decide_cancellation(asked[5], is_accepted=False, is_refunded=False, reason="Non.", by=agents[2], at=NOW)
            except UnableToDecideError:
                return False
            return True

    first, second, is_alone = at_once(
        [
            together(AnswerToAll.REFUND, agents[0], keys[:4]),
            together(AnswerToAll.REFUSE, agents[1], list(reversed(keys[2:]))),
            alone,
        ]
    )

    answered = [*first.refunded, *second.refused, *([keys[5]] if is_alone else [])]
    assert sorted(answered) == keys
    assert {*first.already, *second.already} <= {*keys[2:]}
    with tenancy.scope({authority.pk}):
        accepted = CancellationRequest.objects.filter(state="accepted").count()
        assert accepted == len(first.refunded)
        assert Slot.objects.get(date=THURSDAY).taken == len(keys) - accepted
        verbs = AuditEntry.objects.filter(verb__in=("accept_cancellation", "refuse_cancellation"))
        assert sorted(verbs.values_list("object_key", flat=True)) == keys
