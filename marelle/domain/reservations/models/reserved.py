"""Who comes, when, and the places that this takes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Product, Reglement, Slot
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.models.baskets import Confirmation
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.tenancy import ScopedManager, same_authority, tenant_key


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Reservations, in sentences."""

    def active(self) -> ReservationQuerySet:
        """Will keep those that hold a place: recorded, or held until the town hall confirms."""
        return self.exclude(state=Reservation.State.CANCELLED)


class Reservation(OfAuthority):
    """A child comes for a product on a day. At most one active for (child, product, day), whatever the home.

    It stores how it was decided: on time or not, by which version of the règlement, at what moment the limit was.
    """

    class State(models.TextChoices):
        """Where it stands."""

        RESERVED = "reserved", "Réservé"
        HELD = "held", "Place gardée"
        CANCELLED = "cancelled", "Annulé"

    class Timing(models.TextChoices):
        """How it was decided."""

        ON_TIME = "on_time", "Dans les délais"
        LATE = "late", "Hors délai"
        BY_AGENT = "by_agent", "Par la mairie"

    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="reservations", db_constraint=False, db_index=False
    )
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, related_name="reservations", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="reservations", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    state = models.CharField(max_length=10, choices=State)
    held_until = models.DateTimeField(null=True, blank=True)
    timing = models.CharField(max_length=10, choices=Timing)
    deadline_at = models.DateTimeField("limite", null=True, blank=True)
    reglement = models.ForeignKey(
        Reglement,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    price_cents = models.PositiveIntegerField(null=True, blank=True)
    surcharge_cents = models.IntegerField("dont majoration", default=0, db_default=0)
    # What the règlement made of the ordinary price when it was reserved (`PriceRule.code`); empty: nothing.
    price_rule = models.CharField("majoration", max_length=24, blank=True, default="", db_default="")
    confirmation = models.ForeignKey(
        Confirmation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    reserved_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reason = EncryptedTextField("motif", blank=True)

    objects = ScopedManager.from_queryset(ReservationQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = "réservation"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "child", "product", "date"),
                condition=~Q(state="cancelled"),
                name="one_active_reservation",
            ),
            models.CheckConstraint(condition=~Q(state="held") | Q(held_until__isnull=False), name="a_hold_has_an_end"),
            *same_authority("child", "family", "product", "reglement", "confirmation"),
        )
        indexes = (
            models.Index(fields=("authority", "product", "date"), name="reservation_by_day"),
            models.Index(fields=("authority", "child", "date"), name="reservation_by_child"),
            models.Index(fields=("held_until",), condition=Q(state="held"), name="reservation_held"),
        )


class Place(OfAuthority):
    """A place of a slot, taken by a reservation. Slot.taken is the number of these, always."""

    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="places", db_constraint=False, db_index=False
    )
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="places", db_constraint=False, db_index=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("authority", "reservation", "slot"), name="one_place"),
            *same_authority("reservation", "slot"),
        )
        indexes = (models.Index(fields=("authority", "slot"), name="place_by_slot"),)
