"""A town with a child of two homes and its double, who has one: what both homes pay is what that one pays."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.catalog.models import Activity, Product, Reglement, Service, Tariff
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Custody, FamilyQuotient
from marelle.domain.reservations.models import Enrollment, Reservation
from marelle.domain.reservations.operations.custody import answer_proposal, propose_days, settle_custody
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.rules.custody import CustodyTerms, as_json, terms_from
from marelle.foundation.actors import SYSTEM
from marelle.foundation.periods import Period, days_between
from marelle.foundation.writes import permitted
from tests.domain.billing_town import make_regie, morning_after
from tests.factories.town import make_authority, make_child, make_facility, make_family, make_holiday
from tests.rules.billing_scenarios import CALENDAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.families.models import Family

SEPTEMBER, JULY = date(2026, 9, 1), date(2027, 7, 2)
MONTHS = [
    Period(date(year, month, 1), date(year, month + 1, 1) - timedelta(days=1))
    if month < 12
    else Period(date(year, 12, 1), date(year, 12, 31))
    for year, months in ((2026, range(9, 13)), (2027, range(1, 8)))
    for month in months
]
IN_AUGUST = datetime(2026, 8, 20, 8, tzinfo=UTC)
BY_QUOTIENT = {"by": "quotient", "bands": [{"up_to": 600, "price": "2,13"}, {"price": "4,37"}]}
TARIFFS: dict[str, dict[str, Any]] = {
    "repas": {"price": BY_QUOTIENT},
    "soir": {
        "price": "3,00",
        "packages": [{"code": "mois", "name": "Forfait du soir", "per": "month", "price": "20,01", "refund": "1,51"}],
    },
    "club": {
        "price": "9,00",
        "packages": [
            {
                "code": "annee",
                "name": "Club",
                "per": "school_year",
                "price": "100,03",
                "installments": [9, 10, 11, 12],
            }
        ],
    },
}
# Days of the week on which the child comes, and the formula under which it is enrolled.
COMES = {"repas": ((0, 1, 3, 4), ""), "soir": ((0, 3), "mois"), "club": ((1,), "annee")}
RULES = {"book": {"closes": {"shape": "never"}}, "cancel": "same", "absence": {"otherwise": "nothing"}}
SCHOOL_DAYS = [
    day
    for day in days_between(SEPTEMBER, JULY)
    if day.weekday() in {0, 1, 3, 4} and CALENDAR.school_holiday(day) is None
]


class SharedHome:
    """Two homes of Léa, hers and his; and `alone`, the home of her double."""

    def __init__(self, in_scope, tariffs: dict[str, dict[str, Any]] = TARIFFS) -> None:
        self.authority = make_authority()
        in_scope(self.authority)
        self.regie = make_regie(self.authority, number_pattern="{exercice}-CA-00-{numero}")
        for holiday in CALENDAR.school_holidays:
            make_holiday(self.authority, holiday.name, holiday.starts_on, holiday.ends_on)
        self.hers, self.his, self.alone = (make_family(self.authority, name) for name in ("Clairon", "Roy", "Unis"))
        self.services: dict[str, Service] = {}
        self.products: dict[str, Product] = {}
        facility = make_facility(self.authority)
        with permitted("factory"):
            for place, (code, tariff) in enumerate(tariffs.items()):
                of = {"authority": self.authority, "name": code.title()}
                self.services[code] = Service.objects.create(**of, code=code, regie=self.regie)
                activity = Activity.objects.create(
                    **of,
                    code=code,
                    service=self.services[code],
                    facility=facility,
                    starts_on=SEPTEMBER,
                    ends_on=JULY,
                    term_weekdays=[0, 1, 3, 4],
                    holiday_weekdays=[],
                    position=place,
                )
                self.products[code] = Product.objects.create(
                    **of, code=code, activity=activity, noun=code, plural=code, position=place
                )
                Reglement.objects.create(authority=self.authority, activity=activity, valid_from=SEPTEMBER, rules=RULES)
                Tariff.objects.create(
                    authority=self.authority, product=self.products[code], valid_from=SEPTEMBER, rules=tariff
                )
            self.authority.catalog_version += 1
            self.authority.save(update_fields=["catalog_version"])
        for family in (self.hers, self.his, self.alone):
            self.known(family)
        self.lea, self.double = self.child(self.hers, "Léa"), self.child(self.alone, "Double")
        with permitted("factory"):
            Custody.objects.create(
                authority=self.authority, child=self.lea, family=self.his, starts_on=date(2020, 1, 1)
            )
        self.offer = offer_of(self.authority)

    def known(self, family: Family, *, quotient: int = 500_00, is_resident: bool = True) -> None:
        """Note the quotient of a home and its residence, in the place of what was known."""
        with permitted("factory"):
            FamilyQuotient.objects.filter(family=family).delete()
            FamilyQuotient.objects.create(
                authority=self.authority,
                family=family,
                value_cents=quotient,
                valid_from=SEPTEMBER,
                source="declared",
                recorded_at=IN_AUGUST,
            )
            family.is_resident = is_resident
            family.save(update_fields=["is_resident"])

    def child(self, family: Family, name: str, birth_date: date = date(2017, 4, 9)):
        """Make a child who is enrolled in all."""
        child = make_child(family, name, birth_date=birth_date)
        with permitted("factory"):
            for code, product in self.products.items():
                Enrollment.objects.create(
                    authority=self.authority,
                    child=child,
                    activity=product.activity,
                    starts_on=SEPTEMBER,
                    ends_on=JULY,
                    formula=COMES[code][1],
                )
        return child

    def terms(self, said: dict[str, Any]) -> CustodyTerms:
        """Read terms, services by their code."""
        services = [[self.services[code].pk, role] for code, role in said.get("services", {}).items()]
        plain = {key: str(value) if isinstance(value, date) else value for key, value in said.items()}
        return terms_from({**as_json(CustodyTerms()), **plain, "services": services})

    def settle(self, terms: CustodyTerms, starts_on: date = SEPTEMBER, at: datetime = IN_AUGUST) -> None:
        settle_custody(
            self.lea.pk,
            first_home=self.hers.pk,
            second_home=self.his.pk,
            terms=terms,
            starts_on=starts_on,
            offer=self.offer,
            by=SYSTEM,
            at=at,
        )

    def exchange(self, gives: Iterable[date], takes: Iterable[date], *, at: datetime) -> None:
        """Have her give and take days, and him agree."""
        asked = propose_days(
            self.lea.pk,
            from_home=self.hers.pk,
            gives=list(gives),
            takes=list(takes),
            words="",
            offer=self.offer,
            by=SYSTEM,
            at=at,
        )
        answer_proposal(asked, agrees=True, words="", offer=self.offer, by=SYSTEM, at=at)

    def homes(self) -> dict[tuple[date, str], int]:
        """Say which home answers for each day and product."""
        found = responsible_homes([self.lea.pk], first=SEPTEMBER, last=JULY, authority=self.authority.pk)
        return {
            (day, code): found.home(self.lea.pk, day, service.pk) or self.hers.pk
            for day in SCHOOL_DAYS
            for code, service in self.services.items()
        }

    def book(self, days: Iterable[tuple[date, str]]) -> None:
        """Reserve days for both children, Léa's by who answers for them."""
        homes = self.homes()
        days = list(days)
        with permitted("factory"):
            Reservation.objects.bulk_create(
                Reservation(
                    authority=self.authority,
                    child=child,
                    product=self.products[code],
                    family_id=self.alone.pk if child == self.double else homes[day, code],
                    date=day,
                    state="reserved",
                    timing="on_time",
                    reserved_at=IN_AUGUST,
                )
                for day, code in days
                for child in (self.lea, self.double)
            )

    def drafts(self, period: Period, *, at: datetime | None = None):
        """Return what each home (key) would be invoiced for a period."""
        found = bill(
            [family.pk for family in (self.hers, self.his, self.alone)],
            regie=self.regie.pk,
            services=[service.pk for service in self.services.values()],
            period=period,
            offer=self.offer,
            at=at or morning_after(period.ends_on),
        )
        return {one.family: one for one in found}

    def assert_both_pay_what_one_would(self, drafts, *, day: date) -> None:
        """Fail unless both homes owe what the third one does, kind by kind and product by product; each day once.

        Days are billed to the home whose reservation it is.
        """
        sums: dict[bool, Counter[tuple[str, int]]] = {True: Counter(), False: Counter()}
        days: dict[bool, Counter[tuple[int, date]]] = {True: Counter(), False: Counter()}
        whose = {
            (product, date): family
            for product, date, family in Reservation.objects.filter(child=self.lea, state="reserved").values_list(
                "product", "date", "family"
            )
        }
        for family, one in drafts.items():
            is_alone = family == self.alone.pk
            for charge in one.account.charges:
                sums[is_alone][charge.name.kind, charge.name.product] += charge.total
                if charge.name.kind == "day":
                    days[is_alone].update((charge.name.product, each) for each in charge.days)
                    if not is_alone:
                        assert {whose[charge.name.product, each] for each in charge.days} == {family}
            assert one.account.noted == []
        assert {key: cents for key, cents in sums[False].items() if cents} == {
            key: cents for key, cents in sums[True].items() if cents
        }, f"mois du {day}"
        assert days[False] == days[True]
        assert max(days[False].values(), default=1) == 1


def whole_year() -> list[tuple[date, str]]:
    """Return all the days on which the child comes in a year."""
    return [
        (day, code) for day in SCHOOL_DAYS for code, (weekdays, _formula) in COMES.items() if day.weekday() in weekdays
    ]
