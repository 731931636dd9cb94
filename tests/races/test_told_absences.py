"""An absence is told once, and a day is either cancelled or told absent, whoever presses at the same instant."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import Absence, CancellationRequest
from marelle.domain.reservations.operations import absences as operations
from marelle.domain.reservations.operations.absences import UnableToTellError, report_absence
from marelle.domain.reservations.operations.baskets import Confirmed, confirm_basket, set_wishes
from marelle.domain.reservations.queries.baskets import basket_of
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.absences import Untold
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

TUESDAY = date(2026, 11, 24)
IN_TIME = datetime(2026, 11, 23, 7, 59, 59, tzinfo=UTC)  # a second before nine, the limit to cancel Tuesday
TOO_LATE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Home:
    """A family whose child is expected for lunch on Tuesday."""

    def __init__(self):
        self.authority = make_authority()
        self.meal = make_product(self.authority)
        self.family = make_family(self.authority)
        self.child = make_child(self.family, products=(self.meal,))
        make_reservation(self.child, self.meal, TUESDAY, family=self.family)
        self.key = DayKey(self.child.pk, self.meal.pk, TUESDAY)
        with tenancy.scope({self.authority.pk}):
            self.user = self.family.memberships.get().user_id
        self.by = Actor(ActorKind.FAMILY, self.user)

    @property
    def offer(self):
        return offer_of(Authority.objects.get(pk=self.authority.pk))

    def tell(self):
        with tenancy.scope({self.authority.pk}):
            return report_absence(
                self.child,
                key=self.key,
                family=self.family.pk,
                offer=self.offer,
                cause=Cause.ILLNESS,
                words="",
                by=self.by,
                at=TOO_LATE,
            )

    def wish_to_cancel(self):
        with tenancy.scope({self.authority.pk}):
            set_wishes({self.key: False}, **self._mine(IN_TIME))

    def cancel(self):
        with tenancy.scope({self.authority.pk}):
            content = basket_of(self.user, self.family.pk)
            return confirm_basket(key=content.key, revision=content.revision, **self._mine(IN_TIME))

    def _mine(self, at):
        return {
            "user": self.user,
            "family": self.family.pk,
            "children": tuple(children_of(self.family.pk, on=TUESDAY)),
            "offer": self.offer,
            "by": self.by,
            "at": at,
        }

    def rows(self):
        with tenancy.scope({self.authority.pk}):
            return Absence.objects.count(), CancellationRequest.objects.count()


def test_the_same_absence_told_by_both_parents_is_one_row(at_once):
    home = Home()

    outcomes = at_once([home.tell] * 12, connections_at_most=12)

    assert sum(isinstance(outcome, Absence) for outcome in outcomes) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, UnableToTellError)]
    assert {outcome.no.reason for outcome in refused} == {Untold.ALREADY_TOLD}
    assert len(refused) == 11
    assert home.rows() == (1, 0)
    assert AuditEntry.objects.filter(authority_key=home.authority.pk, verb="report_absence").count() == 1


def test_without_the_lock_only_the_table_would_stop_the_second(at_once, monkeypatch):
    home = Home()
    monkeypatch.setattr(operations, "lock_children", lambda _children: None)

    outcomes = at_once([home.tell] * 12, connections_at_most=12)

    # Whoever comes second finds the row, or the constraint: never two rows, whatever the code forgets.
    assert sum(isinstance(outcome, Absence) for outcome in outcomes) == 1
    assert home.rows() == (1, 0)


@pytest.mark.parametrize("round_", range(6))
def test_a_day_is_cancelled_or_told_absent_never_both(at_once, round_):
    home = Home()
    home.wish_to_cancel()

    if round_ % 2:
        told, cancelled = at_once([home.tell, home.cancel])
    else:
        cancelled, told = at_once([home.cancel, home.tell])

    assert home.rows() in {(1, 0), (0, 1)}
    if isinstance(told, Absence):
        assert not isinstance(cancelled, Confirmed)
    else:
        assert isinstance(told, UnableToTellError)
        assert told.no.reason is Untold.ASKED
        assert isinstance(cancelled, Confirmed)


def test_taken_back_and_told_again_at_once_never_leaves_two_that_hold(at_once):
    home = Home()
    home.tell()

    def take_back():
        with tenancy.scope({home.authority.pk}), contextlib.suppress(UnableToTellError):
            operations.withdraw_absence(
                home.child, key=home.key, family=home.family.pk, offer=home.offer, by=home.by, at=TOO_LATE
            )

    at_once([take_back, home.tell, take_back, home.tell], connections_at_most=4)

    with tenancy.scope({home.authority.pk}):
        assert Absence.objects.filter(withdrawn_at__isnull=True).count() <= 1
