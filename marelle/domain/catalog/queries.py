"""Named reads of the catalog: what an authority offers, as frozen values that rules and screens share.

The whole offer of an authority changes a few times a year and is read at every page: it is kept in the process, under
the version that each change of the catalog increments in its own transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import F

from marelle.domain.catalog.models import (
    Activity,
    ClosureDay,
    Holiday,
    Product,
    ProductSlot,
    Reglement,
    Service,
    SlotTemplate,
)
from marelle.domain.catalog.models import Tariff as TariffRow
from marelle.domain.catalog.rules.days import DayRule, VersionedReglement, day_rule
from marelle.domain.catalog.rules.opening import OpeningDays
from marelle.domain.catalog.rules.price_steps import Lacking, Priced, PriceFacts, Unpriced, price_of
from marelle.domain.catalog.rules.public_holidays import estimated_until
from marelle.domain.catalog.rules.reglements import Reglement as ReglementRules
from marelle.domain.catalog.rules.simulation import open_days
from marelle.domain.catalog.rules.tariffs import Tariff
from marelle.domain.catalog.rules.written import (
    InvalidReglementError,
    InvalidTariffError,
    read_reglement,
    read_tariff,
)
from marelle.foundation import tenancy
from marelle.foundation.one_read import read_together
from marelle.foundation.periods import Period, age_on
from marelle.foundation.school_days import Calendar, NamedDays

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority

KEPT_OFFERS = 200
KEPT_PRICES = 20_000


@dataclass(frozen=True, slots=True)
class ContactValues:
    """How to reach a service, or the authority where the service gives nothing."""

    name: str
    phone: str
    email: str
    address: str
    opening_hours: str


@dataclass(frozen=True, slots=True)
class ServiceOffer:
    """A service."""

    pk: int
    public_id: str
    code: str
    name: str
    icon: str
    is_prepaid: bool
    hold_hours: int
    regie: int | None
    contact: ContactValues


@dataclass(frozen=True, slots=True)
class ActivityOffer:
    """An activity at a facility."""

    pk: int
    public_id: str
    name: str
    service: ServiceOffer
    facility_pk: int
    facility_code: str
    facility_name: str
    opening: OpeningDays
    closures: tuple[NamedDays, ...]


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A slot template that a product takes a place in, for ages between the two when given."""

    pk: int
    name: str
    ends_at: time
    min_age: int | None
    max_age: int | None

    @property
    def has_ages(self) -> bool:
        """Will tell whether it is for some ages only."""
        return self.min_age is not None or self.max_age is not None

    def suits(self, age: int) -> bool:
        """Will tell whether a child of this age takes its place here."""
        return (self.min_age is None or age >= self.min_age) and (self.max_age is None or age <= self.max_age)


@dataclass(frozen=True, slots=True, eq=False)
class VersionedTariff:
    """A tariff as voted, from a day on; `rules` None when what is stored cannot be read.

    What it comes to is computed once for all who are alike: a town has few different children for a tariff.
    """

    pk: int
    valid_from: date
    resolution: str
    rules: Tariff | None
    _prices: dict[PriceFacts, Priced | Unpriced] = field(default_factory=dict)

    def price(self, facts: PriceFacts) -> Priced | Unpriced:
        """Will return what one unit costs."""
        if self.rules is None:
            return Unpriced(Lacking.TARIFF)
        found = self._prices.get(facts)
        if found is None:
            if len(self._prices) >= KEPT_PRICES:
                self._prices.clear()
            found = self._prices[facts] = price_of(self.rules, facts)
        return found


@dataclass(frozen=True, slots=True)
class ProductOffer:
    """A product, with its places, rules and prices, the latest first; and the keys of all that share its règlement."""

    pk: int
    public_id: str
    code: str
    name: str
    noun: str
    plural: str
    activity: ActivityOffer
    parts: tuple[PartOfDay, ...]
    reglements: tuple[VersionedReglement, ...]
    tariffs: tuple[VersionedTariff, ...]
    ruled_with: tuple[int, ...]

    @property
    def has_ages(self) -> bool:
        """Will tell whether where a child takes its place depends on its age."""
        return any(part.has_ages for part in self.parts)

    @property
    def counts_siblings(self) -> bool:
        """Will tell whether a price of it depends on which children of the home come that day."""
        return any(tariff.rules is not None and tariff.rules.counts_the_day for tariff in self.tariffs)

    @property
    def ends_at(self) -> time | None:
        """Will return when it is over, None when it takes no part of the day."""
        return max((part.ends_at for part in self.parts), default=None)

    def parts_for(self, birth_date: date, day: date) -> tuple[PartOfDay, ...]:
        """Will return the parts of the day in which a child of that age takes its places."""
        if not self.has_ages:
            return self.parts
        age = age_on(day, birth_date)
        return tuple(part for part in self.parts if part.suits(age))

    def rules_on(self, day: date) -> ReglementRules | None:
        """Will return the règlement in force on `day`, None when there is none, or none that can be read."""
        version = next((version for version in self.reglements if version.valid_from <= day), None)
        return version.rules if version else None

    def tariff_on(self, day: date) -> VersionedTariff | None:
        """Will return the tariff in force on `day`, None when the council has not voted one yet."""
        return next((tariff for tariff in self.tariffs if tariff.valid_from <= day), None)


@dataclass(frozen=True)
class Offer:
    """All that an authority offers. Products are in the order of the screens."""

    authority: int
    version: int
    zone: ZoneInfo
    calendar: Calendar
    services: tuple[ServiceOffer, ...]
    activities: tuple[ActivityOffer, ...]
    products: tuple[ProductOffer, ...]
    product_by_pk: dict[int, ProductOffer]
    product_by_public_id: dict[str, ProductOffer]
    names: dict[str, str]
    _days: dict[tuple[int, date], DayRule] = field(default_factory=dict)

    def together(self, product: ProductOffer) -> frozenset[int]:
        """Will return the activities (keys) of the service: those in which a rank among siblings is counted."""
        service = product.activity.service.pk
        return frozenset(activity.pk for activity in self.activities if activity.service.pk == service)

    def day(self, product: ProductOffer, day: date) -> DayRule:
        """Will return what is decided for `product` on `day`, computed once for each day of its period."""
        key = (product.pk, day)
        found = self._days.get(key)
        if found is None:
            found = day_rule(
                day,
                opening=product.activity.opening,
                closures=product.activity.closures,
                reglements=product.reglements,
                calendar=self.calendar,
                zone=self.zone,
                ends_at=product.ends_at,
                names=self.names,
            )
            if day in product.activity.opening.period:
                self._days[key] = found
        return found


_offers: dict[int, Offer] = {}


def offer_of(authority: Authority) -> Offer:
    """Will return the offer of `authority` at the version its row says, read once a version by each process."""
    kept = _offers.get(authority.pk)
    if kept is None or kept.version != authority.catalog_version:
        if len(_offers) >= KEPT_OFFERS:
            _offers.clear()
        with tenancy.scope({authority.pk}):
            kept = _offers[authority.pk] = _read_offer(authority)
    return kept


def offer_read_anew(authority: Authority) -> Offer:
    """Will return the offer as this transaction sees it, and keep nothing: what it wrote may yet be undone."""
    with tenancy.scope({authority.pk}):
        return _read_offer(authority)


def forget_offers() -> None:
    """Will empty what this process keeps: for tests, whose rolled back rows may come again under the same version."""
    _offers.clear()


def calendar_of(authority: Authority) -> Calendar:
    """Will return the authority's own calendar, as edited."""
    rows = read_together(holidays=Holiday.objects.order_by("starts_on").values("kind", "name", "starts_on", "ends_on"))
    return _calendar(rows["holidays"], authority)


def _calendar(rows: list[dict[str, Any]], authority: Authority) -> Calendar:
    spans: dict[str, list[NamedDays]] = {kind: [] for kind in Holiday.Kind}
    for row in rows:
        spans[row["kind"]].append(
            NamedDays(row["name"], date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"]))
        )
    school = tuple(spans[Holiday.Kind.SCHOOL])
    return Calendar(
        school_holidays=school,
        public_holidays=tuple(spans[Holiday.Kind.PUBLIC]),
        taught_weekdays=frozenset(authority.taught_weekdays),
        known_until=max((span.ends_on for span in school), default=None),
        town_hall_weekdays=frozenset(authority.town_hall_weekdays),
        town_hall_closures=tuple(spans[Holiday.Kind.TOWN_HALL]),
    )


def _read_offer(authority: Authority) -> Offer:
    found = read_together(
        holidays=Holiday.objects.order_by("starts_on").values("kind", "name", "starts_on", "ends_on"),
        services=Service.objects.order_by("position", "name", "pk").values(),
        closures=ClosureDay.objects.order_by("starts_on", "pk").values(),
        activities=Activity.objects.order_by("position", "name", "pk").values(
            *(field.attname for field in Activity._meta.concrete_fields),
            facility_code=F("facility__code"),
            facility_name=F("facility__name"),
        ),
        templates=SlotTemplate.objects.order_by("starts_at", "pk").values(),
        product_slots=ProductSlot.objects.order_by("template__starts_at", "pk").values("product_id", "template_id"),
        reglements=Reglement.objects.order_by("-valid_from").values(),
        tariffs=TariffRow.objects.order_by("-valid_from").values(),
        products=Product.objects.order_by(
            "activity__service__position", "activity__position", "activity_id", "position", "pk"
        ).values(),
    )
    day = date.fromisoformat
    services = {row["id"]: _service(row, authority) for row in found["services"]}
    activities = {
        row["id"]: ActivityOffer(
            pk=row["id"],
            public_id=row["public_id"],
            name=row["name"],
            service=services[row["service_id"]],
            facility_pk=row["facility_id"],
            facility_code=row["facility_code"],
            facility_name=row["facility_name"],
            opening=OpeningDays(
                Period(day(row["starts_on"]), day(row["ends_on"])),
                frozenset(row["term_weekdays"]),
                frozenset(row["holiday_weekdays"]),
            ),
            closures=tuple(
                NamedDays(closure["reason"], day(closure["starts_on"]), day(closure["ends_on"]))
                for closure in found["closures"]
                if closure["service_id"] in {None, row["service_id"]}
                and closure["facility_id"] in {None, row["facility_id"]}
            ),
        )
        for row in found["activities"]
    }
    templates = {
        row["id"]: PartOfDay(row["id"], row["name"], time.fromisoformat(row["ends_at"]), row["min_age"], row["max_age"])
        for row in found["templates"]
    }
    parts: dict[int, list[PartOfDay]] = {}
    for row in found["product_slots"]:
        parts.setdefault(row["product_id"], []).append(templates[row["template_id"]])
    reglements: dict[tuple[int, int | None], list[VersionedReglement]] = {}
    for row in found["reglements"]:
        reglements.setdefault((row["activity_id"], row["product_id"]), []).append(
            VersionedReglement(row["id"], day(row["valid_from"]), _rules(row["rules"]))
        )
    tariffs: dict[int, list[VersionedTariff]] = {}
    for row in found["tariffs"]:
        tariffs.setdefault(row["product_id"], []).append(
            VersionedTariff(row["id"], day(row["valid_from"]), row["resolution"], _tariff(row["rules"]))
        )
    ruled: dict[tuple[int, int | None], list[int]] = {}
    for row in found["products"]:
        ruled.setdefault(_ruled_by(row, reglements), []).append(row["id"])
    products = tuple(
        ProductOffer(
            pk=row["id"],
            public_id=row["public_id"],
            code=row["code"],
            name=row["name"],
            noun=row["noun"],
            plural=row["plural"],
            activity=activities[row["activity_id"]],
            parts=tuple(parts.get(row["id"], ())),
            reglements=_versions(row, reglements),
            tariffs=tuple(tariffs.get(row["id"], ())),
            ruled_with=tuple(ruled[_ruled_by(row, reglements)]),
        )
        for row in found["products"]
    )
    return Offer(
        authority=authority.pk,
        version=authority.catalog_version,
        zone=authority.zone,
        calendar=_calendar(found["holidays"], authority),
        services=tuple(services.values()),
        activities=tuple(activities.values()),
        products=products,
        product_by_pk={product.pk: product for product in products},
        product_by_public_id={product.public_id: product for product in products},
        names={product.code: product.name for product in products},
    )


def _ruled_by(product: dict[str, Any], reglements: dict[tuple[int, int | None], Any]) -> tuple[int, int | None]:
    """Will return whose règlements rule a product (row): its own if it has any, else those of its activity."""
    own = (product["activity_id"], product["id"])
    return own if own in reglements else (product["activity_id"], None)


def _versions(
    product: dict[str, Any], reglements: dict[tuple[int, int | None], list[VersionedReglement]]
) -> tuple[VersionedReglement, ...]:
    """Will return what rules a product (row), latest first: before its own first règlement, that of its activity."""
    own = reglements.get((product["activity_id"], product["id"]), [])
    shared = reglements.get((product["activity_id"], None), [])
    return (*own, *(version for version in shared if not own or version.valid_from < own[-1].valid_from))


def _service(row: dict[str, Any], authority: Authority) -> ServiceOffer:
    has_own_contact = bool(row["phone"] or row["email"])
    return ServiceOffer(
        pk=row["id"],
        public_id=row["public_id"],
        code=row["code"],
        name=row["name"],
        icon=row["icon"],
        is_prepaid=row["payment_mode"] == Service.PaymentMode.PREPAID,
        hold_hours=row["hold_hours"],
        regie=row["regie_id"],
        contact=ContactValues(
            name=row["name"] if has_own_contact else authority.name,
            phone=row["phone"] or authority.phone,
            email=row["email"] or authority.email,
            address=row["address"] or authority.address,
            opening_hours=row["opening_hours"] or authority.opening_hours,
        ),
    )


def _rules(data: Any) -> ReglementRules | None:
    try:
        return read_reglement(data)
    except InvalidReglementError:
        return None


def _tariff(data: Any) -> Tariff | None:
    try:
        return read_tariff(data)
    except InvalidTariffError:
        return None


@dataclass(frozen=True, slots=True)
class ReglementVersion:
    """A version as it is stored: `rules` None when the data cannot be read."""

    pk: int
    valid_from: date
    resolution: str
    data: Any
    rules: ReglementRules | None


@dataclass(frozen=True)
class Ruled:
    """What has a règlement: an activity, or one of its products when `product` is given.

    `versions` are its own, the latest first; `shared` those of the activity, which rule a product until its own begin.
    `products` are those that it rules.
    """

    activity: ActivityOffer
    product: ProductOffer | None
    products: tuple[ProductOffer, ...]
    versions: tuple[ReglementVersion, ...]
    shared: tuple[ReglementVersion, ...] = ()

    @property
    def public_id(self) -> str:
        """Will return the name of the activity, or of the product, in addresses."""
        return self.product.public_id if self.product else self.activity.public_id

    @property
    def name(self) -> str:
        """Will return the name that the agents know it by."""
        return f"{self.product.name}, {self.activity.name}" if self.product else self.activity.name

    @property
    def ends_at(self) -> time | None:
        """Will return when the latest of its products is over, None when one takes no part of the day."""
        ends = [product.ends_at for product in self.products]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def in_force(self, on: date) -> ReglementVersion | None:
        """Will return the version that rules the service day `on`, None when there is none yet."""
        return next((version for version in (*self.versions, *self.shared) if version.valid_from <= on), None)

    def coming(self, on: date) -> tuple[ReglementVersion, ...]:
        """Will return its own versions not yet in force on `on`, the next one first."""
        return tuple(version for version in reversed(self.versions) if version.valid_from > on)

    def rules_on(self, day: date) -> ReglementRules | None:
        """Will return the rules of the service day, None when no règlement, or none that can be read, says them."""
        version = self.in_force(day)
        return version.rules if version else None


def all_ruled(offer: Offer) -> tuple[Ruled, ...]:
    """Will return each activity of `offer`, then each of its products that has a règlement of its own."""
    versions: dict[tuple[int, int | None], list[ReglementVersion]] = {}
    for row in Reglement.objects.filter(authority=offer.authority).order_by("-valid_from", "-pk"):
        versions.setdefault((row.activity_id, row.product_id), []).append(
            ReglementVersion(row.pk, row.valid_from, row.resolution, row.rules, _rules(row.rules))
        )
    found = []
    for activity in offer.activities:
        products = [product for product in offer.products if product.activity.pk == activity.pk]
        own = [product for product in products if (activity.pk, product.pk) in versions]
        shared = tuple(versions.get((activity.pk, None), ()))
        found.append(Ruled(activity, None, tuple(one for one in products if one not in own), shared))
        found += [Ruled(activity, one, (one,), tuple(versions[activity.pk, one.pk]), shared) for one in own]
    return tuple(found)


def ruled_named(offer: Offer, public_id: str) -> Ruled | None:
    """Will return the activity, or the product, of that public id; a product without a règlement of its own yet too."""
    every = all_ruled(offer)
    for ruled in every:
        if ruled.public_id == public_id:
            return ruled
    product = offer.product_by_public_id.get(public_id)
    if product is None:
        return None
    of_activity = next(ruled for ruled in every if ruled.activity.pk == product.activity.pk and ruled.product is None)
    return Ruled(product.activity, product, (product,), (), of_activity.versions)


@dataclass(frozen=True, slots=True)
class TrialCalendar:
    """The days on which a règlement is tried, and the calendar they are in, estimated where it is not published."""

    days: tuple[date, ...]
    calendar: Calendar
    first: date
    last: date


def trial_calendar(authority: Authority, ruled: Ruled, *, first: date, last: date, offer: Offer) -> TrialCalendar:
    """Will return the service days from `first` to `last`, the calendar being carried on as far as that."""
    calendar = estimated_until(offer.calendar, authority.department, last)
    days = open_days(ruled.activity.opening, ruled.activity.closures, calendar, first=first, last=last)
    return TrialCalendar(days, calendar, first, last)
