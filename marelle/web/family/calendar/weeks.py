"""From the planning to the squares of the page: one card a week, one band for a holiday."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from marelle.domain.catalog.rules.price_steps import Priced
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, Planning, read_planning
from marelle.domain.reservations.rules.absences import telling
from marelle.domain.reservations.rules.decisions import Booked, Reason, Wish
from marelle.domain.reservations.rules.sentences import may_tell_sentence, square_sentences, told_sentence
from marelle.domain.reservations.rules.squares import Square, SquareState
from marelle.foundation.french_dates import (
    WEEKDAY_LETTERS,
    WEEKDAYS,
    day_number,
    in_full,
    listed,
    moment,
    without_weekday,
)
from marelle.foundation.money import in_euros
from marelle.foundation.periods import SATURDAY
from marelle.web.components.avatars import AvatarView
from marelle.web.components.grid import Action, Band, Cell, Day, Line, WayOut, Week
from marelle.web.family.squares_wanted import square_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.families.models import Child
    from marelle.web.doors import FamilyVisit
    from marelle.web.family.calendar.choices import Choices

# Squares of a reserved day that can no longer be cancelled: there an absence can be told, or was.
ABSENCES = frozenset({SquareState.LOCKED, SquareState.ABSENT, SquareState.ABSENCE_TOLD})
PLACE_STAYS = "La place reste réservée."
CONTACT = WayOut("Contacter la mairie", "#contact")
NEEDS_CONTACT = frozenset(
    {
        Reason.TOO_LATE,
        Reason.NOT_ONLINE,
        Reason.UNCLEAR,
        Reason.BLOCKED,
        Reason.NOT_ENROLLED,
        Reason.WRONG_AGE,
        Reason.OTHER_HOME,
    }
)


def place_in_line(rank: int) -> str:
    """Will write « au 1ᵉʳ rang », « 2ᵉ »: the first alone would have a gender."""
    return "au 1ᵉʳ rang" if rank == 1 else f"{rank}ᵉ"


class WeeksOfPage:
    """The weeks of one page for a visit and its choices: planning read once, cards built from it."""

    def __init__(self, visit: FamilyVisit, choices: Choices, offer: Offer, *, only: date | None = None) -> None:
        """Will read the planning of the days shown, or of the week beginning on Monday `only`."""
        self.visit = visit
        self.choices = choices
        self.offer = offer
        self.lines = choices.lines()
        first, last = (only, only + timedelta(days=6)) if only else (choices.monday, choices.last_day)
        products = list({product.pk: product for _child, product in self.lines}.values())
        children = {child.pk: child for child, _product in self.lines}
        self.planning: Planning = read_planning(
            [ChildFacts(child.pk, child.birth_date) for child in children.values()],
            products,
            first,
            last,
            offer=offer,
            family=visit.family.pk,
            user=visit.user.pk,
        )
        self.products = products
        self.has_weekend = any(
            weekday >= SATURDAY for product in products for weekday in product.activity.opening.weekdays
        )
        self.ticked: list[str] = []

    def cards(self) -> Iterator[Week | Band]:
        """Will yield the cards of the page, weeks of a same holiday gathered in one band."""
        mondays = [self.choices.monday + timedelta(weeks=offset) for offset in range(self.choices.weeks)]
        holidays = {monday: self._holiday(monday) for monday in mondays}
        shown_holidays = set()
        for monday, holiday in holidays.items():
            if holiday is None:
                yield self.week(monday)
            elif holiday not in shown_holidays:
                shown_holidays.add(holiday)
                yield self._band(holiday, [day for day, found in holidays.items() if found == holiday])

    def week(self, monday: date) -> Week:
        """Will build the card of one week."""
        days = [monday + timedelta(days=offset) for offset in range(7 if self.has_weekend else 5)]
        closed: dict[str, list[date]] = {}
        served = []
        for day in days:
            rules = [self.offer.day(product, day) for product in self.products]
            served.append(any(rule.closed is None or rule.closed.reason for rule in rules))
            reasons = {rule.closed.reason for rule in rules if rule.closed}
            if rules and len(reasons) == 1 and all(rule.closed for rule in rules) and (reason := reasons.pop()):
                closed.setdefault(reason, []).append(day)
        previous: Child | None = None
        lines = []
        for child, product in self.lines:
            starts_child = previous is not None and child.pk != previous.pk
            previous = child
            lines.append(self._line(child, product, days, starts_child=starts_child))
        return Week(
            key=monday.isoformat(),
            number=monday.isocalendar().week,
            caption=f"du {monday:%d/%m/%Y} au {days[-1]:%d/%m/%Y}",
            days=[
                Day(
                    letter=WEEKDAY_LETTERS[day.weekday()],
                    number=day_number(day),
                    long_name=in_full(day),
                    is_today=day == self.visit.today,
                    served=is_served,
                )
                for day, is_served in zip(days, served, strict=True)
            ],
            lines=lines,
            closed=[_closed_tag(reason, shut) for reason, shut in closed.items()],
            is_current=monday <= self.visit.today <= monday + timedelta(days=6),
            changeable=any(cell is not None and cell.ticked is not None for line in lines for cell in line.cells),
        )

    def line(self, child: int, product: int, monday: date) -> tuple[Line, Week]:
        """Will return the line of a child and a product in its week, as in the page, and the week.

        Raises LookupError when the page shows no such line.
        """
        week = self.week(monday)
        for line, (line_child, line_product) in zip(week.lines, self.lines, strict=True):
            if (line_child.pk, line_product.pk) == (child, product):
                return line, week
        raise LookupError

    def lines_at_same_hours(self, child: int, product: int, week: Week) -> Iterator[Line]:
        """Will yield the other lines of `week` whose squares a change of that child and product can shut or open."""
        parts = {part.pk for part in self.offer.product_by_pk[product].parts}
        for line, (line_child, other) in zip(week.lines, self.lines, strict=True):
            if line_child.pk == child and other.pk != product and parts & {part.pk for part in other.parts}:
                yield line

    def _line(self, child: Child, product: ProductOffer, days: list[date], *, starts_child: bool) -> Line:
        cells = [self._cell(child, product, day) for day in days]
        return Line(
            key=square_name(child.public_id, product.public_id, days[0]),
            child=AvatarView.of(child.animal, child.chalk),
            child_name=child.first_name,
            product_name=product.name,
            cells=cells,
            bookable=any(cell is not None and cell.state == SquareState.BOOKABLE for cell in cells),
            starts_child=starts_child,
        )

    def _cell(self, child: Child, product: ProductOffer, day: date) -> Cell | None:
        key = DayKey(child.pk, product.pk, day)
        rule = self.offer.day(product, day)
        if rule.closed is not None and not rule.closed.reason and key not in self.planning.booked:
            return None
        shown = self.planning.square(key, at=self.visit.at)
        name = square_name(child.public_id, product.public_id, day)
        if shown.is_ticked and not self._is_offered(key):
            self.ticked.append(name)
        full_name = f"{child.first_name}, {product.name.lower()}, {in_full(day)}"
        word, title, explanation, action = self._words(key, shown, child, product)
        way_out = CONTACT if shown.refusal and shown.refusal.reason in NEEDS_CONTACT else None
        if shown.state is SquareState.ELSEWHERE:
            named = {"authority": self.visit.authority.slug, "child": child.public_id}
            way_out = WayOut("Voir la garde", reverse("custody", kwargs=named))
        is_offered = self._is_offered(key) and shown.state is SquareState.HELD
        if is_offered:
            way_out = WayOut("Répondre", reverse("waiting", kwargs={"authority": self.visit.authority.slug}))
        if shown.state in ABSENCES and (absence := self._absence(key, shown, name)) is not None:
            title, explanation, way_out = (title or absence[0]), absence[1], absence[2]
        return Cell(
            key=name,
            state=shown.state.value,
            full_name=full_name,
            word=word,
            ticked=None if is_offered else shown.is_ticked,
            title=title,
            explanation=explanation,
            way_out=way_out,
            action=Action(
                action, name, "Entrer en liste d’attente" if action == "wait" else "Quitter la liste d’attente"
            )
            if action
            else None,
        )

    def _is_offered(self, key: DayKey) -> bool:
        """Will tell whether the place is held for an offer: the child still waits for the place that it holds."""
        booked = self.planning.booked.get(key)
        return booked is not None and booked.state is Booked.HELD and key in self.planning.ranks

    def _absence(self, key: DayKey, shown: Square, name: str) -> tuple[str, str, WayOut | None] | None:
        """Will return what a square says of absences, and the way to tell or see one; None when it says nothing."""
        planning = self.planning
        if key not in planning.booked:
            return None
        facts = planning.facts(key)
        url = reverse("absence", kwargs={"authority": self.visit.authority.slug, "square": name})
        if shown.state is SquareState.ABSENCE_TOLD:
            said = told_sentence(planning.told[key].astimezone(self.offer.zone))
            return said, PLACE_STAYS, None if facts.is_other_home else WayOut("Voir cette absence", url)
        if telling(facts, at=self.visit.at, seen=planning.seen.get(key)) is not None:
            return None
        said = "Absence notée par la mairie." if shown.state is SquareState.ABSENT else ""
        product = self.offer.product_by_pk[key.product]
        return said, may_tell_sentence(product.name, facts.rule), WayOut("Signaler une absence", url)

    def _words(self, key: DayKey, shown: Square, child: Child, product: ProductOffer) -> tuple[str, str, str, str]:
        planning = self.planning
        answer = planning.answers.get(key)
        zone = self.offer.zone
        match shown.state:
            case SquareState.FULL:
                slot = planning.full_slot(key)
                if slot is None:
                    return "", "Complet.", "Toutes les places sont prises.", ""
                rank = planning.waiting.get(slot.pk, 0) + 1
                return (
                    "",
                    f"Complet : {slot.taken} place{'s' if slot.taken > 1 else ''} sur {slot.capacity}.",
                    f"Vous pouvez entrer en liste d’attente, vous seriez {place_in_line(rank)}.",
                    "wait",
                )
            case SquareState.WAITING_LIST:
                rank = planning.ranks[key]
                return (
                    "1ᵉʳ rang" if rank == 1 else f"{rank}ᵉ en liste",
                    f"En liste d’attente : {place_in_line(rank)}.",
                    "Nous vous écrivons dès qu’une place se libère.",
                    "leave",
                )
            case SquareState.AWAITING_AGENT if answer:
                asked = answer.asked_at.astimezone(zone)
                return "", f"Annulation demandée {in_full(asked.date())}.", "La mairie doit répondre.", ""
            case SquareState.CANCELLED if answer and answer.decided_at:
                decided = answer.decided_at.astimezone(zone)
                outcome = "Remboursée." if answer.is_refunded else "Non remboursée."
                return "", f"Annulation acceptée {in_full(decided.date())}.", f"{outcome} {answer.reason}".strip(), ""
        word, title, explanation = self._plain_words(key, shown, child, product)
        return word, title, explanation, ""

    def _plain_words(self, key: DayKey, shown: Square, child: Child, product: ProductOffer) -> tuple[str, str, str]:
        """Will return the word, the first sentence and the explanation of a square that offers nothing to press."""
        planning = self.planning
        rule = self.offer.day(product, key.date)
        title, explanation = square_sentences(shown, rule=rule, product_name=product.name, child_name=child.first_name)
        booked, answer, zone = planning.booked.get(key), planning.answers.get(key), self.offer.zone
        if booked and booked.state is Booked.HELD and shown.state is SquareState.TO_CANCEL:
            title = "Place à rendre, pas encore validé."
        elif self._is_offered(key) and booked and booked.held_until:
            title = f"Place proposée jusqu’au {moment(booked.held_until.astimezone(zone))}."
            explanation = "Acceptez-la ou refusez-la dans « Mes attentes »."
        elif booked and booked.state is Booked.HELD and booked.held_until:
            title = f"Place gardée jusqu’au {moment(booked.held_until.astimezone(zone))}."
            explanation = f"À payer d’ici là : voir « Mes paiements ». {explanation}"
        elif booked and answer and answer.state == "refused":
            explanation = f"{explanation} Annulation refusée : {answer.reason}"
        if shown.decision and shown.decision.is_late and shown.state in {SquareState.BOOKABLE, SquareState.IN_BASKET}:
            cents = planning.price_of(key, Wish.RESERVE, shown.decision)
            voted = planning.tariff_price(key)
            if cents is not None and isinstance(voted, Priced) and cents != voted.cents:
                title = f"{title} {in_euros(cents)} au lieu de {in_euros(voted.cents)}."
            return "Hors délai" if shown.state is SquareState.BOOKABLE else "", title, explanation
        if shown.state is SquareState.BOOKABLE and (replaced := planning.replaced(key)) is not None:
            name = self.offer.product_by_pk[replaced.product].name
            return "Changer", title, f"Prend la place de « {name} » ce jour-là."
        word = "Déjà pris" if shown.refusal and shown.refusal.reason is Reason.SAME_TIME else ""
        return word, title, explanation

    def _holiday(self, monday: date) -> tuple[str, date, date] | None:
        """Will return the holidays that shut the whole week, if they do."""
        days = [monday + timedelta(days=offset) for offset in range(7)]
        found = None
        for day in days:
            for product in self.products:
                shut = self.offer.day(product, day).closed
                if shut is None:
                    return None
                if shut.is_holiday and (span := self.offer.calendar.school_holiday(day)):
                    found = (span.name, span.starts_on, span.ends_on)
        shown = {product.pk for product in self.products}
        if any(key.date in days and key.product in shown for key in self.planning.booked):
            return None
        return found

    def _band(self, holiday: tuple[str, date, date], mondays: list[date]) -> Band:
        name, starts_on, ends_on = holiday
        shown = {product.activity.pk for product in self.products}
        if any(product.activity.opening.holiday_weekdays for product in self.products):
            # Open during a part of the holidays: the band speaks of the weeks it stands for alone.
            starts_on, ends_on = max(starts_on, mondays[0]), min(ends_on, mondays[-1] + timedelta(days=6))
        nouns = list(dict.fromkeys(product.activity.service.name.lower() for product in self.products))
        elsewhere = next(
            (
                activity
                for activity in self.offer.activities
                if activity.opening.holiday_weekdays
                and activity.pk not in shown
                and starts_on <= (activity.opening.period.ends_on or starts_on)
            ),
            None,
        )
        return Band(
            title=name,
            text=f"Du {in_full(starts_on)} au {in_full(ends_on)}. Pas de service : {listed(nouns)}.",
            way_out=WayOut(f"Voir {elsewhere.name}", f"?site={elsewhere.facility_code}&semaine={starts_on.isoformat()}")
            if elsewhere
            else None,
            icon="snowflake" if starts_on.month in {12, 1, 2} else "sun",
        )


def _closed_tag(reason: str, days: list[date]) -> str:
    if len(days) == 1:
        return f"{WEEKDAYS[days[0].weekday()].capitalize()} {day_number(days[0])} : {reason}"
    return f"Du {without_weekday(days[0])} au {without_weekday(days[-1])} : {reason}"
