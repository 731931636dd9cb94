"""A family before its basket, as the tests of reservations need it: short verbs, the operations behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries import children_of
from marelle.domain.reservations.models import Place, Reservation
from marelle.domain.reservations.operations.baskets import confirm_basket, set_wishes
from marelle.domain.reservations.queries.baskets import basket_of
from marelle.domain.reservations.queries.planning import DayKey
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from tests.factories.town import make_family

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # Monday, 8:00 in Paris
AFTER_NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # 9:00 in Paris: too late for Tuesday
TUESDAY, THURSDAY, FRIDAY = date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 27)
AGENT = Actor(ActorKind.AGENT, None)


class Household:
    """A family of an authority, its account, and what they do on the site at `NOW` unless said otherwise."""

    def __init__(self, authority, name="Sanchez-Cordoves"):
        self.authority = authority
        self.family = make_family(authority, name)
        with tenancy.scope({authority.pk}):
            self.user = self.family.memberships.get().user_id
        self.by = Actor(ActorKind.FAMILY, self.user)
        # The queue is not emptied between tests that use real transactions.
        self._posted_before = max(ProcrastinateJob.objects.values_list("pk", flat=True), default=0)

    @property
    def offer(self):
        return offer_of(Authority.objects.get(pk=self.authority.pk))

    @property
    def children(self):
        return tuple(children_of(self.family.pk, on=NOW.date()))

    @property
    def content(self):
        return basket_of(self.user, self.family.pk)

    def posted(self):
        """Return the names of the tasks queued since this family came, in order."""
        jobs = ProcrastinateJob.objects.filter(pk__gt=self._posted_before)
        return list(jobs.order_by("pk").values_list("task_name", flat=True))

    @property
    def lines(self):
        return {(key.child, key.product, key.date): line.wish.value for key, line in self.content.lines}

    def wish(self, child, product, *days, wanted=True, at=NOW):
        return self.wish_keys({DayKey(child.pk, product.pk, day): wanted for day in days}, at=at)

    def wish_keys(self, wishes, *, at=NOW, children=None):
        return set_wishes(
            wishes,
            user=self.user,
            family=self.family.pk,
            children=self.children if children is None else children,
            offer=self.offer,
            by=self.by,
            at=at,
        )

    def valider(self, content=None, *, at=NOW, words="", children=None):
        content = content or self.content
        return confirm_basket(
            user=self.user,
            family=self.family.pk,
            children=self.children if children is None else children,
            offer=self.offer,
            key=content.key,
            revision=content.revision,
            words=words,
            by=self.by,
            at=at,
        )


def taken(product, day):
    """Return the places counted on the slot of a product of one slot; they are the rows, always."""
    slot = Slot.objects.get(activity=product.activity_id, date=day)
    assert slot.taken == Place.objects.filter(slot=slot).count()
    return slot.taken


def states(**where):
    """Return the (day, state) of reservations, in order."""
    return list(Reservation.objects.filter(**where).order_by("date", "pk").values_list("date", "state"))


def journal():
    """Return (verb, details) of the lines of the journal, in order."""
    return list(AuditEntry.objects.order_by("pk").values_list("verb", "details"))
