"""What a demonstration's canteen serves: this week and the next, read by families from the first visit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.models import Slot
from marelle.domain.news.operations.menus import WeekWritten, save_week
from marelle.domain.news.rules.audience import PublishingReach
from marelle.domain.news.rules.menus import Allergen, Course, DayMenu, Dish, Mark, Meal
from marelle.foundation import tenancy
from marelle.foundation.periods import monday_of
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

AT: Final = "dammartin-sur-tigeaux"
# The weekdays of a canteen of four days (Monday is 0).
SERVED_ON: Final = (0, 1, 3, 4)


def _dish(course: Course, name: str, allergens: tuple[Allergen, ...] = (), marks: tuple[Mark, ...] = ()) -> Dish:
    return Dish(course, name, frozenset(allergens), frozenset(marks))


# By turns: a meal without meat each week, as article L. 230-5-6 of the CRPM asks.
WEEKS: Final = (
    (
        (
            _dish(Course.STARTER, "Carottes râpées", (Allergen.MUSTARD,), (Mark.ORGANIC, Mark.HOME_MADE)),
            _dish(Course.MAIN, "Poulet rôti", (), (Mark.LABEL_ROUGE,)),
            _dish(Course.SIDE, "Haricots verts"),
            _dish(Course.DESSERT, "Compote de pommes", (), (Mark.LOCAL,)),
        ),
        (
            _dish(Course.STARTER, "Velouté de potimarron", (Allergen.MILK,), (Mark.LOCAL, Mark.HOME_MADE)),
            _dish(
                Course.MAIN,
                "Lasagnes de légumes",
                (Allergen.GLUTEN, Allergen.EGGS, Allergen.MILK),
                (Mark.VEGETARIAN, Mark.HOME_MADE),
            ),
            _dish(Course.DESSERT, "Poire", (), (Mark.ORGANIC,)),
        ),
        (
            _dish(Course.STARTER, "Betteraves vinaigrette", (Allergen.MUSTARD,)),
            _dish(Course.MAIN, "Filet de colin", (Allergen.FISH,), (Mark.SUSTAINABLE_FISHING,)),
            _dish(Course.SIDE, "Riz", (), (Mark.FAIR_TRADE,)),
            _dish(Course.DAIRY, "Yaourt nature", (Allergen.MILK,), (Mark.FARM,)),
        ),
        (
            _dish(Course.STARTER, "Salade verte"),
            _dish(Course.MAIN, "Bœuf aux carottes", (Allergen.CELERY,)),
            _dish(Course.SIDE, "Pommes de terre vapeur", (), (Mark.LOCAL,)),
            _dish(Course.DAIRY, "Brie de Meaux", (Allergen.MILK,), (Mark.AOP,)),
            _dish(Course.DESSERT, "Clémentines"),
        ),
    ),
    (
        (
            _dish(Course.STARTER, "Endives aux noix", (Allergen.NUTS, Allergen.MUSTARD)),
            _dish(Course.MAIN, "Spaghettis à la bolognaise", (Allergen.GLUTEN,)),
            _dish(Course.DESSERT, "Pomme", (), (Mark.ORGANIC, Mark.LOCAL)),
        ),
        (
            _dish(Course.STARTER, "Chou rouge aux pommes", (Allergen.MUSTARD,), (Mark.LOCAL,)),
            _dish(Course.MAIN, "Rôti de dinde", (), (Mark.LABEL_ROUGE,)),
            _dish(Course.SIDE, "Purée", (Allergen.MILK,), (Mark.HOME_MADE,)),
            _dish(Course.DAIRY, "Fromage blanc", (Allergen.MILK,)),
        ),
        (
            _dish(Course.STARTER, "Soupe de légumes", (Allergen.CELERY,), (Mark.HOME_MADE,)),
            _dish(Course.MAIN, "Omelette aux fines herbes", (Allergen.EGGS,), (Mark.VEGETARIAN, Mark.ORGANIC)),
            _dish(Course.SIDE, "Épinards à la crème", (Allergen.MILK,)),
            _dish(Course.DESSERT, "Banane", (), (Mark.FAIR_TRADE,)),
        ),
        (
            _dish(Course.STARTER, "Céleri rémoulade", (Allergen.CELERY, Allergen.EGGS, Allergen.MUSTARD)),
            _dish(Course.MAIN, "Brandade de poisson", (Allergen.FISH, Allergen.MILK), (Mark.HOME_MADE,)),
            _dish(Course.DESSERT, "Gâteau au yaourt", (Allergen.GLUTEN, Allergen.EGGS, Allergen.MILK)),
        ),
    ),
)


@operation
def write_menus(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will publish two weeks of meals of the town that has a canteen, on the days when it serves."""
    if authority.slug != AT:
        return
    monday = monday_of(at.astimezone(authority.zone).date())
    with tenancy.scope({authority.pk}):
        served = set(
            Slot.objects.filter(template__activity__service__code="cantine", date__gte=monday).values_list(
                "date", flat=True
            )
        )
        for rank, meals in enumerate(WEEKS):
            first = monday + timedelta(weeks=rank)
            days = tuple(
                DayMenu(day, dishes)
                for weekday, dishes in zip(SERVED_ON, meals, strict=True)
                if (day := first + timedelta(days=weekday)) in served
            )
            week = WeekWritten(None, Meal.LUNCH, first, days, allergens_checked=True)
            save_week(authority, week, is_published=True, reach=PublishingReach(is_whole=True), by=by, at=at)
