"""What left: to whom, about what, when. Never what it said, never an address nor a number."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models import Family, Guardian
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority


class Letter(OfAuthority):
    """An e-mail about one thing to one reader: an account, else a guardian, else the family's own address.

    One row for each (kind, object, reader): a task that runs again finds its letter sent, and sends nothing.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        BASKET_CONFIRMED = "basket_confirmed", "Réservations enregistrées"
        CANCELLATION_DECIDED = "cancellation_decided", "Réponse à une demande d’annulation"
        HELD_PLACE_CONFIRMED = "held_place_confirmed", "Place gardée confirmée"
        HELD_PLACE_RELEASED = "held_place_released", "Place gardée rendue"
        PLACE_FREED = "place_freed", "Place libérée"
        PLACE_OFFERED = "place_offered", "Place proposée"
        OFFER_EXPIRED = "offer_expired", "Proposition sans réponse"
        RESERVED_FOR_FAMILY = "reserved_for_family", "Réservation par la mairie"
        CANCELLED_FOR_FAMILY = "cancelled_for_family", "Annulation par la mairie"
        ABSENCE_TOLD = "absence_told", "Absence signalée"
        INVOICE_ISSUED = "invoice_issued", "Facture émise"
        INVOICE_REMINDER = "invoice_reminder", "Relance"
        PAYMENT_RECEIVED = "payment_received", "Paiement reçu"
        PAYMENT_FAILED = "payment_failed", "Paiement non abouti"
        WALLET_LOW = "wallet_low", "Porte-monnaie bientôt vide"
        MANDATE_SIGNED = "mandate_signed", "Mandat de prélèvement signé"
        MANDATE_AMENDED = "mandate_amended", "Compte d’un mandat changé"
        MANDATE_REVOKED = "mandate_revoked", "Mandat de prélèvement révoqué"
        DEBIT_ANNOUNCED = "debit_announced", "Prélèvement annoncé"
        DEBIT_ABANDONED = "debit_abandoned", "Prélèvement abandonné"
        DEBIT_RETURNED = "debit_returned", "Prélèvement rejeté"
        REFUND_DECIDED = "refund_decided", "Réponse à une demande de remboursement"
        REFUND_PAID = "refund_paid", "Remboursement viré"
        INVITATION = "invitation", "Activation du compte"
        MEMBERSHIP_CODE = "membership_code", "Code d’adhésion"
        JOINED = "joined", "Compte rattaché"
        MEMBERSHIP_ENDED = "membership_ended", "Accès retiré"
        CHANGE_DECIDED = "change_decided", "Réponse à une modification du dossier"
        APPLICATION_RECEIVED = "application_received", "Demande reçue"
        APPLICATION_CHANGES_ASKED = "application_changes_asked", "Complément demandé"
        APPLICATION_CHANGES_DUE = "application_changes_due", "Complément bientôt dû"
        APPLICATION_COMPLETED = "application_completed", "Complément reçu"
        APPLICATION_MESSAGE = "application_message", "Message sur une demande"
        APPLICATION_TRANSFERRED = "application_transferred", "Demande confiée à un autre service"
        APPLICATION_DECIDED = "application_decided", "Réponse à une demande"
        APPLICATION_SILENCE = "application_silence", "Demande décidée sans réponse"
        APPLICATION_WITHDRAWN = "application_withdrawn", "Demande retirée"
        FAMILY_MESSAGE = "family_message", "Message de la mairie"
        CUSTODY_ASKED = "custody_asked", "Garde : proposition reçue"
        CUSTODY_ANSWERED = "custody_answered", "Garde : réponse à une proposition"
        CUSTODY_WITHDRAWN = "custody_withdrawn", "Garde : proposition retirée"
        CUSTODY_UNANSWERED = "custody_unanswered", "Garde : proposition sans réponse"
        CUSTODY_DECIDED = "custody_decided", "Garde : décision de la mairie"
        CUSTODY_SETTLED = "custody_settled", "Garde : calendrier réglé par la mairie"
        CUSTODY_DAYS_SET = "custody_days_set", "Garde : jours réglés par la mairie"

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", "À envoyer"
        SENT = "sent", "Envoyé"
        FAILED = "failed", "Pas encore parti"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    kind = models.CharField(max_length=30, choices=Kind)
    object_key = models.BigIntegerField()
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    reader = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Somebody who is written to before any account acts for them.
    guardian = models.ForeignKey(
        Guardian, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    subject = models.CharField("objet", max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("échecs", default=0)
    last_failure = models.CharField("dernier échec", max_length=100, blank=True)
    # When the server of the address gave it back for good: by the clock of the machine.
    returned_at = models.DateTimeField("revenu le", null=True, blank=True)

    class Meta:
        verbose_name = "courriel"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "kind", "object_key", "reader"), name="one_letter", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sent") | models.Q(sent_at__isnull=False), name="a_sent_letter_has_a_moment"
            ),
            *same_authority("family", "guardian"),
        )
        indexes = (models.Index(fields=("authority", "family", "queued_at"), name="letter_by_family"),)

    def __str__(self) -> str:
        return f"courriel {self.pk}"


class FamilyText(OfAuthority):
    """A text (SMS) about one thing: to a guardian, or to the family's own number when she is None.

    One row for each (kind, object, guardian), written before the provider is asked: a task that runs again, or a worker
    that was killed in between, never sends it twice. The number is looked up when it leaves; no row keeps it.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        PLACE_OFFERED = "place_offered", "Place proposée"

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "À réessayer"
        CLAIMED = "claimed", "En train de partir"
        SENT = "sent", "Envoyé"
        FAILED = "failed", "Pas parti"

    # By this reference the provider knows it.
    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    kind = models.CharField(max_length=30, choices=Kind)
    object_key = models.BigIntegerField()
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    guardian = models.ForeignKey(
        Guardian, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.CLAIMED)
    claimed_at = models.DateTimeField("pris le")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    # A code of ours, never a provider's words, which may quote the number.
    failure = models.CharField("échec", max_length=40, blank=True)

    class Meta:
        verbose_name = "SMS"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "kind", "object_key", "guardian"), name="one_text", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sent") | models.Q(sent_at__isnull=False), name="a_sent_text_has_a_moment"
            ),
            *same_authority("family", "guardian"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="text_by_family"),)

    def __str__(self) -> str:
        return f"SMS {self.pk}"
