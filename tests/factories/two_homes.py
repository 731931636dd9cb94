"""Lucia, who lives one week with her mother and one week with her father, in two families of one town."""

from __future__ import annotations

from datetime import UTC, date, datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import CustodyProposal, Reservation
from marelle.domain.reservations.operations.custody import decide_proposal, settle_custody
from marelle.domain.reservations.rules.custody import CustodyTerms
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted
from tests.factories.town import (
    make_authority,
    make_child,
    make_facility,
    make_family,
    make_holiday,
    make_product,
    make_service,
    make_user,
)

AGENT = Actor(ActorKind.AGENT, None)
SETTLED_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
SINCE = date(2026, 10, 5)
# Said of the other home, and of it alone: found nowhere in what this one reads.
MOTHERS, FATHERS = ("Marquée-Mère", "1 rue de la Mère"), ("Marqué-Père", "2 rue du Père")


class TwoHomes:
    """Both homes, their accounts, their child, a canteen paid afterwards and a club paid on booking."""

    def __init__(self, *, terms: CustodyTerms | None = None, with_password=lambda user: user):
        self.authority = make_authority(slug="dammartin")
        make_holiday(self.authority, "Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3))
        place = make_facility(self.authority)
        canteen = make_service(self.authority, "Cantine")
        club = make_service(self.authority, "Club", payment_mode="prepaid")
        self.meal = make_product(self.authority, service=canteen, facility=place)
        self.club = make_product(self.authority, name="Club", noun="club", service=club, facility=place)
        self.mother_user = with_password(make_user("mere@exemple.fr"))
        self.father_user = with_password(make_user("pere@exemple.fr"))
        self.mother = self._home(MOTHERS, self.mother_user)
        self.father = self._home(FATHERS, self.father_user)
        self.lucia = make_child(self.mother, products=(self.meal, self.club))
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            self.lucia.last_name = "Lagarde"
            self.lucia.save()
            Custody.objects.create(
                authority=self.authority, child=self.lucia, family=self.father, starts_on=date(2020, 1, 1)
            )
        self.settle(terms or CustodyTerms())

    def _home(self, named, user):
        family = make_family(self.authority, named[0], user=user)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            family.address = named[1]
            family.save()
        return family

    @property
    def offer(self):
        return offer_of(Authority.objects.get(pk=self.authority.pk))

    def settle(self, terms, *, starts_on=SINCE, at=SETTLED_AT):
        with tenancy.scope({self.authority.pk}):
            settle_custody(
                self.lucia.pk,
                first_home=self.mother.pk,
                second_home=self.father.pk,
                terms=terms,
                starts_on=starts_on,
                offer=self.offer,
                by=AGENT,
                at=at,
            )

    def decide(self, *, accepts, words, at):
        with tenancy.scope({self.authority.pk}):
            decide_proposal(self.proposal, accepts=accepts, words=words, offer=self.offer, by=AGENT, at=at)

    @property
    def proposal(self):
        with tenancy.scope({self.authority.pk}):
            return CustodyProposal.objects.order_by("-pk").first()

    def reserved(self):
        """Return whose reservation each day is, by day and product."""
        with tenancy.scope({self.authority.pk}):
            rows = Reservation.objects.filter(child=self.lucia).exclude(state="cancelled").select_related("family")
            return {(row.date, row.product_id): row.family.name for row in rows}
