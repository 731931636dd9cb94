"""A child of two homes, as the tests need it: both families before their baskets, and terms between them."""

from __future__ import annotations

from datetime import date, time

from marelle.domain.families.models import Custody
from marelle.domain.reservations.operations.custody import settle_custody
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.rules.custody import CustodyTerms, HolidayShare, SummerShare
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW, Household
from tests.factories.town import make_child

SINCE = date(2026, 9, 1)
# The mother has the even weeks, from Monday morning on; 23 November 2026 begins the 48th.
BY_WEEKS = CustodyTerms(
    changeover=0, changeover_at=time(8, 30), holidays=HolidayShare.AS_WEEKS, summer=SummerShare.AS_WEEKS
)


class TwoHomes:
    """A mother and a father, an account each, and their child; nothing is settled yet."""

    def __init__(self, authority, *, products=(), first_name="Inès"):
        self.authority = authority
        self.mother, self.father = Household(authority, "Benali"), Household(authority, "Roy")
        self.child = make_child(self.mother.family, first_name, products=products)
        with permitted("factory"), tenancy.scope({authority.pk}):
            Custody.objects.create(
                authority=authority, child=self.child, family=self.father.family, starts_on=date(2020, 1, 1)
            )

    def settle(self, terms=BY_WEEKS, *, starts_on=SINCE, moves=True, at=NOW):
        return settle_custody(
            self.child.pk,
            first_home=self.mother.family.pk,
            second_home=self.father.family.pk,
            terms=terms,
            starts_on=starts_on,
            moves=moves,
            offer=self.mother.offer,
            by=AGENT,
            at=at,
        )

    def homes(self, first, last):
        """Return a letter a day: M for the mother, F for the father, a dot for neither; and from SQL the same."""
        found = responsible_homes([self.child.pk], first=first, last=last, authority=self.authority.pk)
        letters = {self.mother.family.pk: "M", self.father.family.pk: "F", None: "."}
        return "".join(
            letters[found.home(self.child.pk, date.fromordinal(day))]
            for day in range(first.toordinal(), last.toordinal() + 1)
        )
