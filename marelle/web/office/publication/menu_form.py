"""A week of menus as it was typed, day by day, dish by dish."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms

from marelle.domain.news.rules.menus import Course, DayMenu, Meal, in_order
from marelle.domain.news.rules.pasted import USUAL, WEEKDAYS, Typed, UnreadableDishError, read_dish, typed
from marelle.foundation.french_dates import in_full
from marelle.web.office.publication import wording
from marelle.web.office.publication.surroundings import facilities_offered, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from marelle.domain.news.queries.menus import MenuWeek
    from marelle.domain.news.rules.audience import PublishingReach
    from marelle.domain.news.rules.pasted import PastedWeek

# Besides one line for each usual course: a second main dish, bread.
SPARE: Final = 3
MOST_LINES: Final = 20
LONGEST: Final = 300
LONGEST_SPECIAL: Final = 60


@dataclass(slots=True)
class LineShown:
    """A line of a day: the course, then three texts; `name` begins the names of its controls."""

    name: str
    course: Course
    is_usual: bool
    dish: Typed
    error: str = ""

    @property
    def label(self) -> str:
        """Will return the course, as it heads the line."""
        return self.course.capitalize()

    @property
    def is_empty(self) -> bool:
        """Will tell whether nothing is typed there."""
        return not (self.dish.name or self.dish.allergens or self.dish.marks)

    @property
    def courses(self) -> list[tuple[str, str, bool]]:
        """Will return the courses to choose from, and which one is."""
        return [(one.value, one.capitalize(), one is self.course) for one in Course]


@dataclass(slots=True)
class DayShown:
    """A day of the week, as it is written."""

    day: date
    name: str
    special: str
    lines: list[LineShown]
    special_error: str = ""

    @property
    def title(self) -> str:
        """Will name the day."""
        return in_full(self.day).capitalize()

    @property
    def usual(self) -> list[LineShown]:
        """Will return the lines of the usual courses."""
        return [line for line in self.lines if line.is_usual]

    @property
    def spare(self) -> list[LineShown]:
        """Will return the lines of the other dishes."""
        return [line for line in self.lines if not line.is_usual]

    @property
    def has_more(self) -> bool:
        """Will tell whether a spare line holds something: they are then unfolded."""
        return any(not line.is_empty for line in self.spare)


@dataclass(slots=True)
class WeekForm:
    """A week: from what was sent, from what is written already, or from what was pasted."""

    monday: date
    sent: Mapping[str, Any] | None = None
    written: MenuWeek | None = None
    pasted: PastedWeek | None = None
    shown: list[DayShown] = field(init=False)
    days: tuple[DayMenu, ...] = field(init=False, default=())
    allergens_checked: bool = field(init=False, default=False)
    errors: list[tuple[str, str]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Will lay the days out."""
        if self.sent is not None:
            self.allergens_checked = "verifies" in self.sent
            self.shown = [self._day_sent(place) for place in range(len(WEEKDAYS))]
        elif self.pasted is not None:
            self.shown = [
                self._day(
                    place, "", [(course, _as_read(course, text)) for course, text in self.pasted.days.get(place, ())]
                )
                for place in range(len(WEEKDAYS))
            ]
        else:
            self._from_written()

    def _from_written(self) -> None:
        # By weekday: what is copied from another week falls on the same days of this one.
        rows = {row.menu.day.weekday(): row.menu for row in self.written.rows} if self.written else {}
        self.allergens_checked = bool(rows) and bool(self.written and self.written.allergens_checked)
        self.shown = [
            self._day(
                place,
                rows[place].special if place in rows else "",
                [(dish.course, typed(dish)) for dish in rows[place].dishes] if place in rows else [],
            )
            for place in range(len(WEEKDAYS))
        ]

    def _day(self, place: int, special: str, dishes: Iterable[tuple[Course, Typed]]) -> DayShown:
        """Will put the first dish of each usual course on its line, the others on spare ones."""
        left = list(dishes)
        lines = []
        for course in USUAL:
            first = next((one for one in left if one[0] is course), None)
            if first is not None:
                left.remove(first)
            lines.append((course, True, first[1] if first else Typed("")))
        lines += [(course, False, dish) for course, dish in left]
        lines += [(Course.OTHER, False, Typed(""))] * max(1, SPARE - len(left))
        return DayShown(
            self.monday + timedelta(days=place),
            f"j{place}",
            special,
            [
                LineShown(f"j{place}-{rank}", course, is_usual, dish)
                for rank, (course, is_usual, dish) in enumerate(lines[:MOST_LINES])
            ],
        )

    def _day_sent(self, place: int) -> DayShown:
        lines = []
        for rank in range(MOST_LINES):
            name = f"j{place}-{rank}"
            if f"{name}-plat" not in self._sent:
                break
            is_usual = rank < len(USUAL)
            lines.append(
                LineShown(
                    name,
                    USUAL[rank] if is_usual else self._course(f"{name}-cours"),
                    is_usual,
                    Typed(self._text(f"{name}-plat"), self._text(f"{name}-al"), self._text(f"{name}-lb")),
                )
            )
        return DayShown(self.monday + timedelta(days=place), f"j{place}", self._text(f"j{place}-special"), lines)

    @property
    def _sent(self) -> Mapping[str, Any]:
        return self.sent or {}

    def _text(self, name: str) -> str:
        return str(self._sent.get(name, ""))[:LONGEST]

    def _course(self, name: str) -> Course:
        try:
            return Course(str(self._sent.get(name, "")))
        except ValueError:
            return Course.OTHER

    def is_valid(self) -> bool:
        """Will read every dish into `days`; tells whether all of them can be, each fault beside its line."""
        days = []
        for shown in self.shown:
            dishes = []
            for line in shown.lines:
                try:
                    dish = read_dish(line.course, line.dish)
                except UnreadableDishError as error:
                    line.error = error.words
                    self.errors.append((line.name, f"{shown.title}, {line.label.lower()} : {error.words}"))
                else:
                    dishes += [dish] if dish else []
            if len(shown.special) > LONGEST_SPECIAL:
                shown.special_error = wording.SPECIAL_TOO_LONG
                self.errors.append((f"{shown.name}-special", f"{shown.title} : {shown.special_error}"))
            days.append(DayMenu(shown.day, in_order(dishes), shown.special))
        self.days = tuple(one for one in days if one.dishes)
        return not self.errors


def _as_read(course: Course, text: str) -> Typed:
    """Will put what stands between brackets where it belongs; what cannot be read stays as it was copied."""
    try:
        dish = read_dish(course, Typed(text))
    except UnreadableDishError:
        return Typed(text)
    return typed(dish) if dish else Typed("")


class MenuChoiceForm(forms.Form):
    """Which week, where, which meal."""

    semaine = forms.ChoiceField(label="Semaine")
    lieu = forms.ChoiceField(label="Lieu", required=False)
    repas = forms.ChoiceField(label="Repas", choices=[(one.value, one.capitalize()) for one in Meal])

    def __init__(self, *args: Any, reach: PublishingReach, mondays: Collection[date], **more: Any) -> None:
        """Will offer these weeks, and the places within reach."""
        super().__init__(*args, **more)
        places = within(facilities_offered(), reach.facilities, reach)
        common = (("", wording.EVERYWHERE),) if reach.is_whole else ()
        self.fields["semaine"].choices = [(one.isoformat(), wording.week(one)) for one in mondays]  # type: ignore[attr-defined]
        self.fields["lieu"].choices = (*common, *places)  # type: ignore[attr-defined]
        self.fields["lieu"].required = not reach.is_whole


class KitchenForm(forms.Form):
    """Who cooks."""

    name = forms.CharField(label="Qui prépare les repas", max_length=120, required=False)
    siret = forms.CharField(label="Son SIRET", max_length=20, required=False)
