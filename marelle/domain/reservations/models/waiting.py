"""Who waits for a place, the places that are let go, and what is offered to whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Product, Slot
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.models.reserved import Reservation
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class WaitingListEntry(OfAuthority):
    """A child waits for a place in a full slot. Rank is the order of asking among those who wait for the same slot."""

    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, related_name="waiting", db_constraint=False, db_index=False
    )
    asked_at = models.DateTimeField()
    told_at = models.DateTimeField("prévenue le", null=True, blank=True)
    left_at = models.DateTimeField("sortie le", null=True, blank=True)

    class Meta:
        verbose_name = "attente"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "child", "product", "date"), condition=Q(left_at__isnull=True), name="one_wait"
            ),
            *same_authority("child", "family", "product", "slot"),
        )
        indexes = (models.Index(fields=("authority", "slot", "asked_at"), name="waiting_by_slot"),)


class FreedPlace(OfAuthority):
    """A family that may no longer cancel lets its place go, if somebody who waits takes it; it stays due otherwise."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "À prendre"
        TAKEN = "taken", "Prise"
        WITHDRAWN = "withdrawn", "Reprise par la famille"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="freed_places", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    freed_at = models.DateTimeField("libérée le")
    freed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField("réglée le", null=True, blank=True)

    class Meta:
        verbose_name = "place libérée"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "reservation"), condition=Q(state="open"), name="one_open_freed_place"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(settled_at__isnull=False), name="a_settled_freed_place_has_a_moment"
            ),
            *same_authority("reservation"),
        )


class PlaceOffer(OfAuthority):
    """A place offered to a child who waits, kept until a moment: by a held reservation, or by a place that is let go.

    Over for whoever reads it once its moment is past, or what keeps it holds no more; `state` then follows.
    """

    class State(models.TextChoices):
        """Where it stands."""

        OFFERED = "offered", "Proposée"
        ACCEPTED = "accepted", "Acceptée"
        DECLINED = "declined", "Refusée"
        EXPIRED = "expired", "Sans réponse"
        WITHDRAWN = "withdrawn", "Retirée"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    entry = models.ForeignKey(WaitingListEntry, on_delete=models.CASCADE, related_name="offers", db_constraint=False)
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, null=True, blank=True, related_name="place_offers", db_constraint=False
    )
    freed = models.ForeignKey(
        FreedPlace, on_delete=models.CASCADE, null=True, blank=True, related_name="offers", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    offered_at = models.DateTimeField("proposée le")
    expires_at = models.DateTimeField("jusqu’au")
    # An agent offers out of order, and says why: often something of the family's.
    offered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = EncryptedTextField("motif", blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)

    class Meta:
        verbose_name = "place proposée"
        constraints = (
            models.UniqueConstraint(fields=("authority", "entry"), condition=Q(state="offered"), name="one_offer"),
            models.UniqueConstraint(
                fields=("authority", "freed"), condition=Q(state="offered"), name="one_offer_of_a_freed_place"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("offered_at")), name="an_offer_lasts"),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(reservation__isnull=False) | Q(freed__isnull=False),
                name="an_offer_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(state="offered") | Q(answered_at__isnull=False), name="an_offer_over_has_a_moment"
            ),
            *same_authority("entry", "reservation", "freed"),
        )
        indexes = (
            models.Index(fields=("expires_at",), condition=Q(state="offered"), name="offer_running"),
            models.Index(fields=("authority", "entry"), name="offer_by_entry"),
        )
