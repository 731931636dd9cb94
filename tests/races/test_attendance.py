"""Tablets send at the same instant: each tick is kept once, and what is written is what the rule says of them all."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from marelle.domain.reservations.models import Attendance, AttendanceMark
from marelle.domain.reservations.operations.attendance import receive_marks
from marelle.domain.reservations.queries.attendance import standing_on
from marelle.domain.reservations.rules.attendance import Mark, Seen
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from tests.domain.household import NOW
from tests.factories.town import make_authority, make_child, make_family, make_product

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

MONDAY = date(2026, 11, 23)
AGENT = Actor(ActorKind.AGENT)
CHILDREN, TABLETS = 8, 6


class Canteen:
    """Some children, and tablets that ticked all of them, each its own way."""

    def __init__(self):
        self.authority = make_authority()
        self.meal = make_product(self.authority)
        family = make_family(self.authority)
        self.children = [make_child(family, f"Enfant {n}", products=(self.meal,)).pk for n in range(CHILDREN)]
        self.tablets = [self._ticks(tablet) for tablet in range(TABLETS)]

    def _ticks(self, tablet):
        device = str(uuid4())
        return [
            (
                (child, self.meal.pk),
                Mark(
                    str(uuid4()),
                    device,
                    rank,
                    Seen("present" if (tablet + rank) % 2 else "absent"),
                    NOW - timedelta(seconds=(tablet * 7 + rank * 3) % 11, microseconds=tablet),
                ),
            )
            for rank, child in enumerate(self.children)
        ]

    def sends(self, tablet):
        def send():
            with tenancy.scope({self.authority.pk}):
                return receive_marks(self.tablets[tablet], day=MONDAY, authority=self.authority.pk, by=AGENT, at=NOW)

        return send

    def written(self):
        with tenancy.scope({self.authority.pk}):
            return dict(Attendance.objects.values_list("child_id", "state"))

    def ruled(self):
        with tenancy.scope({self.authority.pk}):
            stands = standing_on(MONDAY, [self.meal.pk])
        return {child: one.mark.seen.state for (child, _product), one in stands.items()}

    def kept(self):
        with tenancy.scope({self.authority.pk}):
            return AttendanceMark.objects.count()


def test_tablets_that_send_at_once_and_twice_lose_nothing_and_agree_with_the_rule(at_once):
    canteen = Canteen()

    outcomes = at_once([canteen.sends(tablet) for tablet in range(TABLETS)] * 2, connections_at_most=12)

    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    assert canteen.kept() == TABLETS * CHILDREN
    assert canteen.written() == canteen.ruled()
    assert len(canteen.written()) == CHILDREN
