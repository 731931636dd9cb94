"""What families say of the days when a child will not come: asked for, or told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.reservations.models.baskets import Confirmation
from marelle.domain.reservations.models.reserved import Reservation
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority


class CancellationRequest(OfAuthority):
    """A family asks to cancel a reservation; an agent answers. The moment of asking fixes the outcome."""

    class State(models.TextChoices):
        """Where it stands."""

        PENDING = "pending", "En attente"
        ACCEPTED = "accepted", "Acceptée"
        REFUSED = "refused", "Refusée"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="cancellation_requests", db_constraint=False
    )
    confirmation = models.ForeignKey(
        Confirmation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    asked_at = models.DateTimeField()
    deadline_at = models.DateTimeField("limite", null=True, blank=True)
    # Families and agents write why, and why is often health.
    words = EncryptedTextField("mot de la famille", blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = EncryptedTextField("réponse de la mairie", blank=True)
    is_refunded = models.BooleanField("remboursée", null=True, blank=True)
    # What the règlement leaves due of the day, fixed by the moment of asking; nothing when it is given back whole.
    due_cents = models.PositiveIntegerField("reste dû", null=True, blank=True)

    class Meta:
        verbose_name = "demande d’annulation"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "reservation"), condition=Q(state="pending"), name="one_pending_request"
            ),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(decided_at__isnull=False), name="an_answer_has_a_moment"
            ),
            *same_authority("reservation", "confirmation"),
        )
        indexes = (models.Index(fields=("authority", "state", "asked_at"), name="request_queue"),)


class Absence(OfAuthority):
    """A family tells that a child will not come, or did not come, on a reserved day; the place stays taken.

    Told too late to be cancelled: what it costs is what the règlement says of absences, from the moment of telling and
    the certificate. A telling that was withdrawn stays, so that nothing is lost of what was said.
    """

    CAUSES = (
        (Cause.ILLNESS.value, "Maladie"),
        (Cause.EXCEPTIONAL.value, "Événement exceptionnel"),
        (Cause.STRIKE.value, "Grève"),
        (Cause.ABSENT_TEACHER.value, "Enseignant absent"),
        (Cause.OUTING.value, "Sortie de l’école"),
        (Cause.CLOSURE.value, "Fermeture du service"),
        (Cause.OTHER.value, "Autre"),
    )

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="absences", db_constraint=False)
    # An illness is health, even in one word: encrypted like the words.
    cause = EncryptedTextField("cause", choices=CAUSES)
    told_at = models.DateTimeField("prévenue le")
    told_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Why a child does not come is often health.
    words = EncryptedTextField("mot de la famille", blank=True)
    # The telling is the written request that some règlements ask for, unless one came at another moment.
    asked_at = models.DateTimeField("demande reçue le", null=True, blank=True)
    certificate_at = models.DateTimeField("certificat reçu le", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "absence signalée"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "reservation"), condition=Q(withdrawn_at__isnull=True), name="one_active_absence"
            ),
            *same_authority("reservation"),
        )
        indexes = (models.Index(fields=("authority", "told_at"), name="absence_by_moment"),)
