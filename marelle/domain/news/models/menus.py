"""What is served, day by day, and who cooks it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marelle.domain.authorities.models import Facility, OfAuthority
from marelle.domain.news.rules import menus as rules
from marelle.foundation.tenancy import same_authority, tenant_key


class Kitchen(OfAuthority):
    """Who makes the meals of an authority (menuEtablissementNom of the SCDL): its own kitchen, a union, a caterer."""

    name = models.CharField("qui prépare les repas", max_length=120)
    siret = models.CharField("son SIRET", max_length=14, blank=True)

    class Meta:
        verbose_name = "cuisine"
        constraints = (
            models.UniqueConstraint(fields=("authority",), name="one_kitchen"),
            models.CheckConstraint(condition=Q(siret="") | Q(siret__regex="^[0-9]{14}$"), name="kitchen_siret_reads"),
        )

    def __str__(self) -> str:
        return self.name


class Menu(OfAuthority):
    """One meal of one day, at one place or (`facility` empty) wherever no menu of its own is written.

    Families read it once it is published. Without `allergens_checked` nothing is said of its allergens: a dish with
    none written is then not a dish without any.
    """

    facility = models.ForeignKey(
        Facility, on_delete=models.CASCADE, null=True, blank=True, related_name="menus", db_constraint=False
    )
    day = models.DateField("jour")
    meal = models.CharField("repas", max_length=20, choices=[(one.value, one.value) for one in rules.Meal])
    special = models.CharField("repas particulier", max_length=60, blank=True)
    allergens_checked = models.BooleanField("allergènes vérifiés", default=False)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    changed_at = models.DateTimeField("modifié le")

    class Meta:
        verbose_name = "menu"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "day", "meal", "facility"), name="one_menu_of_a_meal", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(meal__in=[one.value for one in rules.Meal]), name="menu_meal_is_known"),
            *same_authority("facility"),
        )

    def __str__(self) -> str:
        return f"menu du {self.day}"


class Dish(OfAuthority):
    """A dish of a menu, in its place."""

    menu = models.ForeignKey(Menu, on_delete=models.CASCADE, related_name="dishes", db_constraint=False)
    position = models.PositiveSmallIntegerField()
    course = models.CharField("service", max_length=20, choices=[(one.value, one.value) for one in rules.Course])
    name = models.CharField("plat", max_length=rules.LONGEST_NAME)
    allergens = ArrayField(models.CharField(max_length=20), verbose_name="allergènes", default=list, blank=True)
    marks = ArrayField(models.CharField(max_length=20), verbose_name="labels", default=list, blank=True)
    label = models.CharField("autre label", max_length=60, blank=True)

    class Meta:
        verbose_name = "plat"
        constraints = (
            models.UniqueConstraint(fields=("authority", "menu", "position"), name="one_dish_at_a_place"),
            models.CheckConstraint(
                condition=Q(course__in=[one.value for one in rules.Course]), name="dish_course_is_known"
            ),
            models.CheckConstraint(
                condition=Q(allergens__contained_by=[one.value for one in rules.Allergen]),
                name="dish_allergens_are_known",
            ),
            models.CheckConstraint(
                condition=Q(marks__contained_by=[one.value for one in rules.Mark]), name="dish_marks_are_known"
            ),
            *same_authority("menu"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def said(self) -> rules.Dish:
        """Will return it as rules read it."""
        return rules.Dish(
            rules.Course(self.course),
            self.name,
            frozenset(rules.Allergen(one) for one in self.allergens),
            frozenset(rules.Mark(one) for one in self.marks),
            self.label,
        )
