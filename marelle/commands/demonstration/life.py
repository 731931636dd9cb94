"""The life of a demonstration: weeks behind, reserved and attended; weeks ahead, half full; requests to answer.

Everything is relative to the day of the visit and the same for the same day. Places are taken by the one statement that
takes them for everybody; only what cannot be replayed (a past answer, a past request) is written as a row.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from marelle.commands.demonstration.lived import EVENINGS, LIVED, first_day_billed
from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import Offer, ProductOffer, offer_of
from marelle.domain.catalog.rules.price_steps import Priced
from marelle.domain.families.models import Child, Custody, Family
from marelle.domain.reservations.models import Attendance, CancellationRequest, Enrollment, Reservation
from marelle.domain.reservations.operations.attendance import record_attendance
from marelle.domain.reservations.operations.places import NewReservation, exchange_places
from marelle.domain.reservations.operations.waiting_list import join_waiting_list
from marelle.domain.reservations.queries.custody import Responsibility, responsible_homes
from marelle.domain.reservations.queries.custody_effects import children_shared
from marelle.domain.reservations.queries.homes import homes_of
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.homes import Home
from marelle.foundation import audit, tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.periods import Period, days_between, monday_of
from marelle.foundation.writes import operation

WEEKS_BEFORE: Final = 5
WEEKS_AFTER: Final = 4
# The family of the flyers keeps a planning with every kind of square: see `_family_of_the_flyers`.
FLYER_FAMILY: Final = "-0001"
FREE_PLACES_KEPT: Final = 2
HELD_HOURS_LEFT: Final = 44
DAYS_BEFORE_THE_FULL_ONE: Final = 4

# Share of the children who come at all for the product, share of the days they reserve.
HABITS: Final = {
    "repas": (0.95, 0.92),
    "etude": (0.55, 0.70),
    "garderie-soir": (0.45, 0.60),
    "accueil-matin": (0.40, 0.70),
    "accueil-soir": (0.60, 0.75),
    "journee": (0.40, 0.75),
    "matin": (0.15, 0.60),
    "apres-midi": (0.15, 0.60),
}
# Whether the family of the flyers asks, and its words.
WORDS: Final = (
    (True, "Rendez-vous chez l’orthodontiste, elle déjeune avec moi."),
    (False, "Mon planning a changé, je serai à la maison ce jour-là."),
    (False, "Une visite chez ses grands-parents."),
)


@dataclass
class _World:
    """What is known of the authority while its weeks are told."""

    offer: Offer
    codes: dict[int, str]
    slots: dict[tuple[int, date], int]
    left: dict[int, int]
    children: dict[int, Child]
    homes: dict[int, int]
    enrolled: set[tuple[int, int]]
    houses: dict[int, Home]
    responsible: Responsibility
    wanted: dict[int, list[NewReservation]] = field(default_factory=dict)
    reserved: dict[DayKey, int] = field(default_factory=dict)
    # Days that an invoice of the flyers counts: nobody was away.
    kept: set[DayKey] = field(default_factory=set)

    def reserve(
        self, child: Child, product: ProductOffer, day: date, *, keep: int = 0, held: datetime | None = None
    ) -> bool:
        """Will note that the child comes, if a place is left beside the `keep` ones; tell whether it does."""
        key = DayKey(child.pk, product.pk, day)
        parts = product.parts_for(child.birth_date, day)
        slots = tuple(self.slots.get((part.pk, day), 0) for part in parts)
        if key in self.reserved or not slots or any(self.left.get(slot, 0) <= keep for slot in slots):
            return False
        for slot in slots:
            self.left[slot] -= 1
        rule = self.offer.day(product, day)
        price = self.price(child, product, day)
        self.reserved[key] = 0
        self.wanted.setdefault(self.home_of(child, product, day), []).append(
            NewReservation(
                child=child.pk,
                product=product.pk,
                date=day,
                slots=slots,
                state=Reservation.State.HELD if held else Reservation.State.RESERVED,
                held_until=held,
                deadline_at=rule.book_by.moment if rule.book_by else None,
                reglement=rule.reglement,
                price_cents=price,
                timing=Reservation.Timing.ON_TIME,
            )
        )
        return True

    def home_of(self, child: Child, product: ProductOffer, day: date) -> int:
        """Will return the home (key) that answers for a child that day."""
        return self.responsible.home(child.pk, day, product.activity.service.pk) or self.homes[child.pk]

    def price(self, child: Child, product: ProductOffer, day: date) -> int | None:
        """Will return what the day costs the home that answers for it, nothing when no price is voted."""
        home, tariff = self.houses[self.home_of(child, product, day)], product.tariff_on(day)
        if tariff is None:
            return None
        facts = home.facts(child.pk, product.activity.pk, day, together=self.offer.together(product))
        priced = tariff.price(facts)
        return priced.cents if isinstance(priced, Priced) else None

    def products_of(self, child: Child) -> Iterator[ProductOffer]:
        """Will yield the products of the activities in which the child is enrolled."""
        for product in self.offer.products:
            if (child.pk, product.activity.pk) in self.enrolled:
                yield product


@operation
def live(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will tell the weeks around the business moment `at` at an authority of the demonstration that has none yet."""
    with tenancy.scope({authority.pk}):
        offer = offer_of(authority)
        today = at.astimezone(offer.zone).date()
        numbers = random.Random(f"{authority.slug}/{today}")  # noqa: S311  no secret: the same every time
        first = monday_of(today) - timedelta(weeks=WEEKS_BEFORE)
        last = monday_of(today) + timedelta(weeks=WEEKS_AFTER, days=6)
        world = _world(offer, min(first, first_day_billed(today)), last)
        full_day = _full_study(world, today)
        _days_of_invoices(world, today)
        _family_of_the_flyers(world, first, today, at, numbers)
        billed = {lived.family for lived in LIVED}
        for child in world.children.values():
            if child.code.rpartition("-")[0] not in billed and FLYER_FAMILY not in child.code:
                _habits(world, child, Period(first, last), at, numbers)
        _write(world, authority, at)
        ill = _ill_child(world, today)
        _attend(world, authority, today, ill, numbers)
        _requests(world, authority, today, ill, at)
        if full_day is not None:
            _wait(world, *full_day, at)
        audit.record(
            "live", authority=authority.pk, of="authority", key=authority.pk, by=by, at=at,
            reservations=len(world.reserved),
        )  # fmt: skip


def _world(offer: Offer, first: date, last: date) -> _World:
    from marelle.domain.catalog.models import Product

    world = _World(
        offer=offer,
        codes=dict(Product.objects.values_list("pk", "code")),
        slots={},
        left={},
        children={child.pk: child for child in Child.objects.order_by("code")},
        homes=dict(Custody.objects.order_by("-starts_on", "-pk").values_list("child_id", "family_id")),
        enrolled=set(Enrollment.objects.values_list("child_id", "activity_id")),
        houses=homes_of(Family.objects.values_list("pk", flat=True), authority=offer.authority),
        responsible=responsible_homes(children_shared(on=last), first=first, last=last, authority=offer.authority),
    )
    rows = Slot.objects.filter(date__range=(first, last)).order_by("pk")
    for pk, template, day, capacity, taken in rows.values_list("pk", "template_id", "date", "capacity", "taken"):
        world.slots[template, day] = pk
        world.left[pk] = 10**9 if capacity is None else capacity - taken
    return world


def _full_study(world: _World, today: date) -> tuple[ProductOffer, date] | None:
    """Will fill one coming day of study, and tell which; other children will wait for it."""
    study = next((product for product in world.offer.products if world.codes[product.pk] == "etude"), None)
    if study is None:
        return None
    (part,) = study.parts
    open_days = (day for template, day in sorted(world.slots) if template == part.pk)
    day = next((day for day in open_days if (day - today).days >= DAYS_BEFORE_THE_FULL_ONE), None)
    if day is None:
        return None
    for child in world.children.values():
        if FLYER_FAMILY not in child.code and (child.pk, study.activity.pk) in world.enrolled:
            world.reserve(child, study, day)
    return study, day


def _days_of_invoices(world: _World, today: date) -> None:
    """Will reserve the past days that the invoices of the flyers count, as far as there are open days enough."""
    for lived in LIVED:
        children = [child for child in world.children.values() if child.code.rpartition("-")[0] == lived.family]
        evenings: set[tuple[int, date]] = set()
        for code, wanted in lived.days:
            left = wanted
            pairs = [
                (child, product)
                for child in children
                for product in world.products_of(child)
                if world.codes[product.pk] == code
            ]
            for day in reversed(list(days_between(*lived.span(today)))):
                for child, product in pairs:
                    is_twice = code in EVENINGS and (child.pk, day) in evenings
                    if left and not is_twice and world.reserve(child, product, day):
                        left -= 1
                        world.kept.add(DayKey(child.pk, product.pk, day))
                        if code in EVENINGS:
                            evenings.add((child.pk, day))


def _family_of_the_flyers(world: _World, first: date, today: date, at: datetime, numbers: random.Random) -> None:
    """Will reserve for Lucia and Mateo: past weeks attended, the present and next ones reserved, the others free."""
    this_week = monday_of(today)
    # The months that are billed are told by their invoices.
    first = max(first, today.replace(day=1))
    for child in world.children.values():
        if FLYER_FAMILY not in child.code:
            continue
        for product in world.products_of(child):
            code = world.codes[product.pk]
            until = this_week + timedelta(weeks=2, days=-1 if child.first_name == "Mateo" else 1)
            for day in days_between(first, until):
                is_usual = {
                    "repas": True,
                    "etude": child.first_name == "Lucia" and day.weekday() in {0, 3} and day < this_week + timedelta(7),
                    "garderie-soir": child.first_name == "Mateo" and day.weekday() == 0,
                    "journee": day.weekday() == 2 and day < this_week + timedelta(7),  # noqa: PLR2004  Wednesday
                }.get(code, False)
                if is_usual and numbers.random() < 0.95:  # noqa: PLR2004  now and then they do not come
                    world.reserve(child, product, day)
            if code == "journee" and child.first_name == "Lucia":
                # Asked for an hour ago, not paid yet: the town hall keeps the place.
                held_until = at + timedelta(hours=HELD_HOURS_LEFT)
                coming = this_week + timedelta(weeks=2, days=2)
                world.reserve(child, product, coming, held=held_until)


def _habits(world: _World, child: Child, weeks: Period, at: datetime, numbers: random.Random) -> None:
    # The further the week, the fewer families have thought of it.
    today = at.astimezone(world.offer.zone).date()
    horizon = min(weeks.ends_on or today, monday_of(today) + timedelta(weeks=numbers.choice((1, 2, 3, 3, 4)), days=6))
    for product in world.products_of(child):
        comes, often = HABITS[world.codes[product.pk]]
        if numbers.random() >= comes:
            continue
        is_prepaid = product.activity.service.is_prepaid
        usual = {weekday for weekday in sorted(product.activity.opening.weekdays) if numbers.random() < often}
        for day in days_between(weeks.starts_on, horizon):
            if day.weekday() not in usual or (is_prepaid and _comes_already(world, child, product, day)):
                continue
            is_coming = day > today + timedelta(days=2)
            is_held = is_prepaid and is_coming and numbers.random() < 0.2  # noqa: PLR2004  one in five is unpaid
            held = at + timedelta(hours=numbers.randint(10, 60)) if is_held else None
            world.reserve(child, product, day, keep=FREE_PLACES_KEPT if is_coming else 0, held=held)


def _comes_already(world: _World, child: Child, product: ProductOffer, day: date) -> bool:
    """Will tell whether the child already comes that day to the same activity, for a day or a half of it."""
    return any(
        DayKey(child.pk, other.pk, day) in world.reserved
        for other in world.offer.products
        if other.activity.pk == product.activity.pk
    )


def _write(world: _World, authority: Authority, at: datetime) -> None:
    """Will take the places, family by family, as if each had validated one basket a while before."""
    for place, (family, wanted) in enumerate(sorted(world.wanted.items())):
        first = min(new.date for new in wanted)
        for is_past in (True, False):
            some = [new for new in wanted if (new.date <= at.astimezone(world.offer.zone).date()) is is_past]
            if not some:
                continue
            evening = datetime.combine(first - timedelta(days=3 + place % 4), time(20, 10 + place % 40), authority.zone)
            # In time for each of its days: after holidays, the limit stands before them.
            limits = [new.deadline_at - timedelta(hours=11, minutes=7 * place) for new in some if new.deadline_at]
            evening = min([evening, *limits])
            done = exchange_places(
                some,
                authority=authority.pk,
                family=family,
                at=evening if is_past else at - timedelta(days=2 + place % 3, minutes=7 * place),
            )
            if not done.is_done:
                raise AssertionError(f"the demonstration counted its places wrongly: {sorted(done.short)}")
    rows = Reservation.objects.filter(child__in=world.children).order_by("pk")
    for pk, child, product, day in rows.values_list("pk", "child_id", "product_id", "date"):
        world.reserved[DayKey(child, product, day)] = pk


def _meals(world: _World) -> list[int]:
    """Will return the keys of the first product that is paid at the month's end: the meal, where there is one."""
    return [product.pk for product in world.offer.products if not product.activity.service.is_prepaid][:1]


def _ill_child(world: _World, today: date) -> DayKey | None:
    """Will choose the day on which a child of the flyers was ill, and told so too late."""
    past = (key for key in world.reserved if key.product in _meals(world) and key.date < today)
    own = [key for key in past if FLYER_FAMILY in world.children[key.child].code]
    return max(own, key=lambda key: (key.date, key.child), default=None)


def _attend(world: _World, authority: Authority, today: date, ill: DayKey | None, numbers: random.Random) -> None:
    """Will tick past days, one sheet a day, by an agent who may."""
    sheets: dict[date, dict[tuple[int, int], str | None]] = {}
    for key in sorted(world.reserved, key=lambda key: (key.date, key.child, key.product)):
        if key.date < today:
            is_away = numbers.random() < 0.05 and key not in world.kept  # noqa: PLR2004  one in twenty
            is_absent = is_away or key == ill
            state = Attendance.State.ABSENT if is_absent else Attendance.State.PRESENT
            sheets.setdefault(key.date, {})[key.child, key.product] = state.value
    by = _agent(Grant.Role.RECORD_ATTENDANCE)
    for day, sheet in sheets.items():
        seen_at = datetime.combine(day, time(18, 40), authority.zone)
        record_attendance(sheet, day=day, authority=authority.pk, by=by, at=seen_at)


def _requests(world: _World, authority: Authority, today: date, ill: DayKey | None, at: datetime) -> None:
    """Will leave three requests to answer, one of them of the family of the flyers, and one that was refused."""
    meals = _meals(world)
    coming = sorted(
        (key.date, key.child, key)
        for key in world.reserved
        if key.product in meals and key.date >= today + timedelta(days=DAYS_BEFORE_THE_FULL_ONE)
    )
    asked: list[DayKey] = []
    for nth, (is_flyer, words) in enumerate(WORDS):
        for *_order, key in coming:
            is_own = FLYER_FAMILY in world.children[key.child].code
            if is_own is is_flyer and not any(key.child == other.child or key.date == other.date for other in asked):
                asked.append(key)
                _request(world, key, asked_at=at - timedelta(hours=5 + 9 * nth), words=words)
                break
    if ill is not None:
        told_at = datetime.combine(ill.date, time(9, 25), authority.zone)
        request = _request(world, ill, asked_at=told_at, words="Malade ce matin.")
        request.state = CancellationRequest.State.REFUSED
        request.decided_at = datetime.combine(ill.date, time(14, 5), authority.zone)
        request.decided_by_id = _agent(Grant.Role.MANAGE_RESERVATIONS).key
        request.reason = "Demandée après la limite : le repas reste facturé, sauf certificat médical."
        request.is_refunded = False
        request.save()


def _request(world: _World, key: DayKey, *, asked_at: datetime, words: str) -> CancellationRequest:
    limit = world.offer.day(world.offer.product_by_pk[key.product], key.date).cancel_by
    request: CancellationRequest = CancellationRequest.objects.create(
        authority_id=world.offer.authority,
        reservation_id=world.reserved[key],
        asked_at=asked_at,
        deadline_at=limit.moment if limit else None,
        words=words,
    )
    return request


def _wait(world: _World, product: ProductOffer, day: date, at: datetime) -> None:
    """Will put on the list of the full day two of those who did not get a place."""
    left_out = [
        child
        for child in world.children.values()
        if (child.pk, product.activity.pk) in world.enrolled
        and FLYER_FAMILY not in child.code
        and DayKey(child.pk, product.pk, day) not in world.reserved
    ]
    for nth, child in enumerate(left_out[:2]):
        join_waiting_list(
            child,
            key=DayKey(child.pk, product.pk, day),
            family=world.home_of(child, product, day),
            offer=world.offer,
            by=SYSTEM,
            at=at - timedelta(hours=20 - nth),
        )


def _agent(role: Grant.Role) -> Actor:
    agent = Agent.objects.filter(grants__role=role).order_by("pk").first()
    return Actor(ActorKind.AGENT, agent.user_id if agent else None)
