"""What is recorded of children over days, and what follows of it for each square: no statement is sent from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from marelle.domain.catalog.rules.blocks import FamilyBlock
from marelle.domain.catalog.rules.opening import Closed
from marelle.domain.catalog.rules.price_steps import Lacking, Priced, PriceStep, Unpriced
from marelle.domain.catalog.rules.quotas import AtLeast, Requires, TooFew, WholeWeek, too_few
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import Counted
from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.queries.custody import Responsibility
from marelle.domain.reservations.queries.planning.facts import (
    Answer,
    BasketWish,
    BookedFacts,
    ChildFacts,
    ClosedDays,
    DayKey,
    SlotFacts,
)
from marelle.domain.reservations.rules.decisions import Booked, Decision, Facts, Wish, decide
from marelle.domain.reservations.rules.homes import Home
from marelle.domain.reservations.rules.squares import Seen, Square, square
from marelle.foundation.periods import Period, days_between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.catalog.rules.reglements import Reglement

LATE_STEP = "Réservation hors délai"


@dataclass(frozen=True)
class Planning:
    """What is recorded for some children and products over some days.

    `family` is the home that looks: what another home reserved is seen, and cannot be changed, but for days that are of
    that home alone (`homes`), of which nothing is said. Whether it is paid, was told absent, asked to be cancelled or
    waits is that home's (decision 51). `told` is when the absence of a reserved day was told.
    """

    offer: Offer
    family: int
    children: dict[int, ChildFacts]
    enrollments: dict[tuple[int, int], tuple[Period, ...]]
    slots: dict[tuple[int, date], SlotFacts]
    booked: dict[DayKey, BookedFacts]
    cancelled: frozenset[DayKey]
    answers: dict[DayKey, Answer]
    seen: dict[DayKey, Seen]
    wishes: dict[DayKey, BasketWish]
    ranks: dict[DayKey, int]
    waiting: dict[int, int]
    home: Home
    blocks: tuple[FamilyBlock, ...] = ()
    told: dict[DayKey, datetime] = field(default_factory=dict)
    events: tuple[ClosedDays, ...] = ()
    homes: Responsibility = field(default_factory=Responsibility)
    _expected: dict[tuple[int, date], set[int]] = field(default_factory=dict)
    _slots: dict[DayKey, tuple[SlotFacts, ...] | None] = field(default_factory=dict)
    _particular: set[DayKey] = field(default_factory=set)
    _ordinary: dict[tuple[int, date, bool, bool, datetime], Square] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Will know for which products each child is expected each day, and of which squares something is recorded."""
        self._particular.update(self.booked, self.cancelled, self.answers, self.seen, self.wishes, self.ranks)
        for key in self.booked:
            self._expected.setdefault((key.child, key.date), set()).add(key.product)
        for key, line in self.wishes.items():
            self._expect(key, line.wish)

    def wish(self, key: DayKey, line: BasketWish) -> None:
        """Will count a wish with those of the basket."""
        self.wishes[key] = line
        self._particular.add(key)
        self._expect(key, line.wish)

    def forget(self, key: DayKey) -> None:
        """Will no longer count the wish of the basket for this square."""
        self.wishes.pop(key, None)
        if key not in self.booked:
            self._expected.get((key.child, key.date), set()).discard(key.product)

    def _expect(self, key: DayKey, wish: Wish) -> None:
        if wish is Wish.RESERVE:
            self._expected.setdefault((key.child, key.date), set()).add(key.product)

    def same_time(self, key: DayKey) -> str:
        """Will name another product for which the child is expected in a same part of that day; empty when none."""
        left = self._giving_way(key)
        for other in self._met(key):
            if left is None or other.product != left.product:
                return self.offer.product_by_pk[other.product].name
        return ""

    def _met(self, key: DayKey) -> list[DayKey]:
        """Will return the other products of that day, reserved or in the basket, that take a same part of it."""
        expected = self._expected.get((key.child, key.date))
        if not expected or (others := expected - {key.product}) == set():
            return []
        birth_date = self.children[key.child].birth_date

        def parts(product: int) -> set[int]:
            return {part.pk for part in self.offer.product_by_pk[product].parts_for(birth_date, key.date)}

        mine = parts(key.product)
        return [DayKey(key.child, other, key.date) for other in sorted(others) if mine & parts(other)]

    def replaced(self, key: DayKey) -> DayKey | None:
        """Will return the reserved product that this one would replace, under one règlement that allows it."""
        product = self.offer.product_by_pk[key.product]
        if self.offer.day(product, key.date).change is None or key in self.booked:
            return None
        return next((other for other in self._met(key) if self._is_mine(other, product)), None)

    def partner(self, key: DayKey) -> DayKey | None:
        """Will return the other line of the basket with which this one makes a change; None when it stands alone."""
        line = self.wishes.get(key)
        if line is None:
            return None
        if line.wish is Wish.RESERVE:
            other = self.replaced(key)
            wanted = other is not None and other in self.wishes and self.wishes[other].wish is Wish.CANCEL
            return other if wanted else None
        return next((other for other in self.wishes if other[::2] == key[::2] and self.replaced(other) == key), None)

    def _is_mine(self, key: DayKey, product: ProductOffer) -> bool:
        booked = self.booked.get(key)
        answer = self.answers.get(key)
        is_asked = answer is not None and answer.state == CancellationRequest.State.PENDING
        return (
            booked is not None and booked.family == self.family and not is_asked and key.product in product.ruled_with
        )

    def _giving_way(self, key: DayKey) -> DayKey | None:
        """Will return what gives way to this square: what it replaces, or what the basket gives back at once."""
        replaced = self.replaced(key)
        if replaced is not None:
            return replaced
        for other in self._met(key):
            booked, line = self.booked.get(other), self.wishes.get(other)
            if booked is None or line is None or line.wish is not Wish.CANCEL:
                continue
            rules = self.offer.day(self.offer.product_by_pk[other.product], other.date).rules
            if booked.state is Booked.HELD or (rules is not None and rules.cancellation.is_automatic):
                return other
        return None

    def slots_for(self, key: DayKey) -> tuple[SlotFacts, ...] | None:
        """Will return the slots where this child takes its places; None when one is not open, or none suits."""
        if key not in self._slots:
            self._slots[key] = self._find_slots(key)
        return self._slots[key]

    def _find_slots(self, key: DayKey) -> tuple[SlotFacts, ...] | None:
        product = self.offer.product_by_pk[key.product]
        parts = product.parts_for(self.children[key.child].birth_date, key.date)
        if product.parts and not parts:
            return None
        found = tuple(self.slots.get((part.pk, key.date)) for part in parts)
        return None if None in found else found  # type: ignore[return-value]

    def is_enrolled(self, child: int, activity: int, day: date) -> bool:
        """Will tell whether the child is enrolled in the activity on that day."""
        return any(day in period for period in self.enrollments.get((child, activity), ()))

    def facts(self, key: DayKey) -> Facts:
        """Will return what the rules need to decide this square."""
        product = self.offer.product_by_pk[key.product]
        rule = self.offer.day(product, key.date)
        event = self.event(key)
        if event is not None and rule.closed is None:
            rule = rule._replace(closed=Closed(event.reason))
        if rule.closed is not None and key not in self.booked:
            return Facts(rule, is_enrolled=False)
        booked = self.booked.get(key)
        is_elsewhere = self.is_elsewhere(key)
        if is_elsewhere:
            booked = None
        slots = self.slots_for(key)
        way = None if booked else self._giving_way(key)
        freed = {slot.pk for slot in (self.slots_for(way) or ())} if way else frozenset[int]()
        lefts = [(slot.left or 0) + (slot.pk in freed) for slot in slots or () if slot.capacity is not None]
        answer = self.answers.get(key)
        return Facts(
            rule,
            is_enrolled=self.is_enrolled(key.child, product.activity.pk, key.date),
            booked=booked.state if booked else None,
            is_other_home=booked is not None and booked.family != self.family,
            is_asked=answer is not None and answer.state == CancellationRequest.State.PENDING and booked is not None,
            places_left=min(lefts, default=None),
            has_slots=slots is not None,
            same_time=self.same_time(key),
            needed_by=self._needed_by(key, product) if booked else "",
            is_told=key in self.told,
            is_change=self._is_change(key),
            is_elsewhere=is_elsewhere,
            audiences=self.home.audiences,
            blocks=self.blocks,
            **(self._counted(key, product, rule.rules) if rule.rules and rule.rules.counts_days else {}),
        )

    def is_elsewhere(self, key: DayKey) -> bool:
        """Will tell whether that day is of the other home of the child alone, and nothing of this one's is on it."""
        if not self.homes:
            return False
        if self.is_reserved_here(key):
            return False
        service = self.offer.product_by_pk[key.product].activity.service.pk
        return not self.homes.may_reserve(self.family, key.child, key.date, service)

    def event(self, key: DayKey) -> ClosedDays | None:
        """Will return the event that closes that square to the child; None when none does."""
        return next((one for one in self.events if one.closes(key)), None)

    def _is_change(self, key: DayKey) -> bool:
        if key in self.booked:
            line = self.wishes.get(key)
            return line is not None and line.wish is Wish.CANCEL and self.partner(key) is not None
        return self.replaced(key) is not None

    def decision(self, key: DayKey, wish: Wish, *, at: datetime) -> Decision:
        """Will return what the règlement answers to `wish` for this square at `at`."""
        return decide(self.facts(key), wish, at=at)

    def price_of(self, key: DayKey, wish: Wish, decision: Decision) -> int | None:
        """Will return what a line adds to the bill, or takes off it, in cents; None when no price is voted."""
        if wish is Wish.RESERVE:
            voted = self.tariff_price(key)
            return decision.price.applied_to(voted.cents if isinstance(voted, Priced) else None)
        booked = self.booked.get(key)
        if booked is not None and booked.state is Booked.HELD:
            return None  # nothing is settled yet, so nothing comes back
        paid = self.ordinary_price(key)
        due = decision.price.applied_to(paid)
        return None if paid is None or due is None else max(0, paid - due)

    def wished(self, key: DayKey, wish: Wish, decision: Decision) -> BasketWish:
        """Will return the line that a basket shows for this square: its price, and how it is made."""
        steps: tuple[PriceStep, ...] = ()
        if wish is Wish.RESERVE and isinstance(voted := self.tariff_price(key), Priced):
            steps = voted.ruled(decision.price, LATE_STEP).steps
        return BasketWish(wish, self.price_of(key, wish, decision), decision.is_late, steps)

    def ordinary_price(self, key: DayKey) -> int | None:
        """Will return what a reserved day was recorded at, else the price voted for it, in cents."""
        booked = self.booked.get(key)
        if booked is not None and booked.price_cents is not None:
            return booked.price_cents
        voted = self.tariff_price(key)
        return voted.cents if isinstance(voted, Priced) else None

    def tariff_price(self, key: DayKey) -> Priced | Unpriced:
        """Will return what the tariff says of this square, with its steps, before anything the règlement changes.

        Children who come, and days of the week, are counted with those of the basket.
        """
        product = self.offer.product_by_pk[key.product]
        tariff = product.tariff_on(key.date)
        if tariff is None or tariff.rules is None:
            return Unpriced(Lacking.TARIFF)
        counts = tariff.rules.counts
        together = self.offer.together(product)
        facts = self.home.facts(
            key.child,
            product.activity.pk,
            key.date,
            together=together,
            present=self._coming(key, together) if tariff.rules.counts_the_day else (),
            days_of_week=self._days_of_week(key) if Counted.DAYS_OF_WEEK in counts else 1,
        )
        return tariff.price(facts)

    def _coming(self, key: DayKey, together: frozenset[int]) -> set[int]:
        """Will return the children whom this home expects that day in the same service."""
        return {
            child
            for (child, day), products in self._expected.items()
            if day == key.date
            and any(
                self.offer.product_by_pk[product].activity.pk in together and self._is_ours(DayKey(child, product, day))
                for product in products
            )
        }

    def is_reserved_here(self, key: DayKey) -> bool:
        """Will tell whether the home that looks reserved that square."""
        booked = self.booked.get(key)
        return booked is not None and booked.family == self.family

    def _is_ours(self, key: DayKey) -> bool:
        """Will tell whether no other home reserved that square: what another pays counts in no price of this one."""
        booked = self.booked.get(key)
        return booked is None or booked.family == self.family

    def _days_of_week(self, key: DayKey) -> int:
        span = span_of(key.date, Per.WEEK, self.offer.calendar)
        days = {
            day
            for (child, day), products in self._expected.items()
            if child == key.child
            and day in span
            and key.product in products
            and self._is_ours(DayKey(child, key.product, day))
        }
        return len(days | {key.date})

    def _counted(self, key: DayKey, product: ProductOffer, rules: Reglement) -> dict[str, Any]:
        """Will return the facts of several days that the règlement asks for: quotas, late bookings."""
        counted = []
        for quota in rules.quotas:
            per = getattr(quota, "per", None)
            span = span_of(key.date, per, self.offer.calendar) if per is not None else None
            counted.append(len(self.wanted_days(key.child, product, span) - {key.date}) if span is not None else 0)
        facts: dict[str, Any] = {"counted": tuple(counted)}
        facts["others"] = frozenset(other.code for other in self._others(key))
        act = rules.cancel if key in self.booked else rules.book
        if act.late is not None and act.late.per is not None:
            span = span_of(key.date, act.late.per, self.offer.calendar)
            facts["late_before"] = sum(
                booked.is_late
                for other, booked in self.booked.items()
                if other.child == key.child and other.product in product.ruled_with and other.date in span
            )
            facts["wished_before"] = tuple(
                limit
                for other, line in self.wishes.items()
                if line.wish is Wish.RESERVE
                and other.child == key.child
                and other.product in product.ruled_with
                and other.date in span
                and (other.date, other.product) < (key.date, key.product)
                and (limit := self.offer.day(self.offer.product_by_pk[other.product], other.date).book_by) is not None
            )
        return facts

    def _others(self, key: DayKey) -> list[ProductOffer]:
        """Will return the other products that the child comes for that day, basket included."""
        products = []
        for product in sorted(self._expected.get((key.child, key.date), set()) - {key.product}):
            line = self.wishes.get(DayKey(key.child, product, key.date))
            if line is None or line.wish is not Wish.CANCEL:
                products.append(self.offer.product_by_pk[product])
        return products

    def _needed_by(self, key: DayKey, product: ProductOffer) -> str:
        """Will name a product of that day that may not be had without this one; empty when none."""
        others = self._others(key)
        for other in others:
            rules = self.offer.day(other, key.date).rules
            for quota in rules.quotas if rules else ():
                if isinstance(quota, Requires) and product.code in quota.products:
                    rest = {each.code for each in others if each.pk != other.pk}
                    if not rest.intersection(quota.products):
                        return other.name
        return ""

    def lacks(self, keys: Iterable[DayKey]) -> list[tuple[DayKey, TooFew]]:
        """Will return, for these squares, what the basket leaves with fewer days than the règlement asks for."""
        found: dict[tuple[int, tuple[int, ...], date, int], tuple[DayKey, TooFew]] = {}
        for key in keys:
            product = self.offer.product_by_pk[key.product]
            rules = self.offer.day(product, key.date).rules
            for place, quota in enumerate(rules.quotas if rules else ()):
                if not isinstance(quota, AtLeast | WholeWeek):
                    continue
                per = quota.per if isinstance(quota, AtLeast) else Per.WEEK
                in_holidays = isinstance(quota, WholeWeek)
                if in_holidays and self.offer.calendar.school_holiday(key.date) is None:
                    continue
                span = span_of(key.date, per, self.offer.calendar)
                days = {
                    day
                    for day in self.wanted_days(key.child, product, span)
                    if not in_holidays or self.offer.calendar.school_holiday(day) is not None
                }
                open_days = {
                    day
                    for day in days_between(span.starts_on, span.ends_on or span.starts_on)
                    if (not in_holidays or self.offer.calendar.school_holiday(day) is not None)
                    and self.offer.day(product, day).closed is None
                    and self.event(DayKey(key.child, key.product, day)) is None
                    and self.is_enrolled(key.child, product.activity.pk, day)
                    and not self.is_elsewhere(DayKey(key.child, key.product, day))
                }
                lack = too_few(quota, days=days, open_days=open_days)
                if lack is not None:
                    found.setdefault((key.child, product.ruled_with, span.starts_on, place), (key, lack))
        return list(found.values())

    def wanted_days(self, child: int, product: ProductOffer, span: Period) -> set[date]:
        """Will return the days of a span on which the child comes under the same règlement, basket included."""
        reserved = {
            key.date
            for key in self.booked
            if key.child == child
            and key.product in product.ruled_with
            and key.date in span
            and (key not in self.wishes or self.wishes[key].wish is not Wish.CANCEL)
        }
        wished = {
            key.date
            for key, line in self.wishes.items()
            if line.wish is Wish.RESERVE
            and key.child == child
            and key.product in product.ruled_with
            and key.date in span
        }
        return reserved | wished

    def square(self, key: DayKey, *, at: datetime) -> Square:
        """Will return what the square shows at `at`.

        Most squares of a page have nothing recorded: they are the same for every child enrolled, and decided once.
        """
        product = self.offer.product_by_pk[key.product]
        rules = self.offer.day(product, key.date).rules
        if (
            key in self._particular
            or (key.child, key.date) in self._expected
            or product.has_ages
            or (self.events and self.event(key) is not None)
            or (rules is not None and rules.counts_days)
        ):
            return self._square(key, at)
        alike = (
            key.product,
            key.date,
            self.is_enrolled(key.child, product.activity.pk, key.date),
            self.is_elsewhere(key),
            at,
        )
        found = self._ordinary.get(alike)
        if found is None:
            found = self._ordinary[alike] = self._square(key, at)
        return found

    def _square(self, key: DayKey, at: datetime) -> Square:
        return square(
            self.facts(key),
            at=at,
            wish=self.wishes[key].wish if key in self.wishes else None,
            seen=self.seen.get(key),
            rank=self.ranks.get(key),
            was_cancelled=key in self.cancelled,
        )

    def full_slot(self, key: DayKey) -> SlotFacts | None:
        """Will return the slot that has no place left for this square, if any: the one to wait for."""
        return next((slot for slot in self.slots_for(key) or () if slot.left == 0), None)
