"""Refunds of the wallet: asked by a family, decided by an agent, paid by a file of transfers. Amounts in cents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.models import PayerAccount, Posting
from marelle.domain.families.models import Family
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class TransferBatch(OfAuthority):
    """The refunds of a régie on a day, in one file. Once sent, it is locked. `message` names it at the bank."""

    class State(models.TextChoices):
        """Where it stands."""

        FILED = "filed", "Fichier prêt"
        SENT = "sent", "Remis à la banque"
        ABANDONED = "abandoned", "Abandonné"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="transfer_batches", db_constraint=False)
    paid_on = models.DateField("jour du virement")
    state = models.CharField("état", max_length=10, choices=State, default=State.FILED)
    message = models.CharField("référence du fichier", max_length=35)
    file = EncryptedTextField("fichier", blank=True, default="")
    made_at = models.DateTimeField("fait le")
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField("remis le", null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "remise de virements"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "regie"), condition=Q(state="filed"), name="one_open_transfer_batch"
            ),
            *same_authority("regie"),
        )


class RefundRequest(OfAuthority):
    """A family asks for what its wallet holds. The money leaves the wallet when it leaves the town hall, not before.

    `way` is the agent's choice. `reference` is that of the Trésor, when it pays. KEPT leaves the wallet as it is.
    """

    class State(models.TextChoices):
        """Where it stands."""

        ASKED = "asked", "Demandé"
        ACCEPTED = "accepted", "Accepté"
        REFUSED = "refused", "Refusé"
        PAID = "paid", "Remboursé"
        KEPT = "kept", "Gardé en avance"
        WITHDRAWN = "withdrawn", "Retiré"

    class Way(models.TextChoices):
        """How the money goes back."""

        KEPT = "kept", "Garder en avance sur les prochaines factures"
        TRANSFER = "transfer", "Par virement, avec le prochain fichier"
        TREASURY = "treasury", "Par le Trésor public"

    OPEN = ("asked", "accepted")

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="refunds", db_constraint=False)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="refunds", db_constraint=False)
    cents = models.PositiveIntegerField("montant, en centimes")
    holder = EncryptedTextField("titulaire du compte")
    iban = EncryptedTextField("IBAN")
    bic = EncryptedTextField("BIC", blank=True, default="")
    words = EncryptedTextField("message de la famille", blank=True, default="")
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField("état", max_length=10, choices=State, default=State.ASKED)
    way = models.CharField("comment", max_length=10, choices=Way, blank=True, default="")
    answer = EncryptedTextField("message de la mairie", blank=True, default="")
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reference = models.CharField("référence", max_length=60, blank=True, default="")
    batch = models.ForeignKey(
        TransferBatch, on_delete=models.SET_NULL, related_name="refunds", null=True, blank=True, db_constraint=False
    )
    posting = models.OneToOneField(
        Posting, on_delete=models.PROTECT, related_name="refund_request", null=True, blank=True, db_constraint=False
    )

    class Meta:
        verbose_name = "demande de remboursement"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "payer"), condition=Q(state__in=("asked", "accepted")), name="one_open_refund"
            ),
            models.CheckConstraint(condition=Q(cents__gt=0), name="a_refund_is_of_something"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(posting__isnull=False), name="a_refund_that_is_paid_is_recorded"
            ),
            *same_authority("payer", "family", "batch", "posting"),
        )
        indexes = (
            models.Index(fields=("authority", "family", "asked_at"), name="refund_by_family"),
            models.Index(fields=("authority", "state", "asked_at"), name="refund_by_state"),
        )
