"""What the bank, or the gateway, says came in: statements, and what each of their lines is here. Amounts in cents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.models import Invoice
from marelle.domain.payments.models.attempts import PaymentAttempt
from marelle.domain.payments.models.receipts import Receipt
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class BankStatement(OfAuthority):
    """A file imported for a régie: the statement of its account, or the operations that its gateway lists.

    `columns` names those of the file by what they hold: proposed again at the next import.
    """

    class Source(models.TextChoices):
        """Who says it."""

        BANK = "bank", "Relevé du compte (DFT, banque)"
        GATEWAY = "gateway", "Liste des opérations du prestataire (PayFiP, PayZen)"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="statements", db_constraint=False)
    source = models.CharField("origine", max_length=10, choices=Source)
    name = models.CharField("fichier", max_length=120)
    columns = models.JSONField("colonnes", default=dict, blank=True)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    lines_read = models.PositiveIntegerField("lignes lues", default=0)
    lines_new = models.PositiveIntegerField("lignes nouvelles", default=0)
    imported_at = models.DateTimeField("importé le")
    imported_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "relevé"
        constraints = (tenant_key(), *same_authority("regie"))
        indexes = (models.Index(fields=("authority", "regie", "imported_at"), name="statement_by_regie"),)


class StatementLine(OfAuthority):
    """A movement of a statement, and what it is here. The same line of another file is not written twice.

    MATCHED: known, it is the payment of `attempt` or `receipt`. TO_SORT: an agent says what it is; `attempt` or
    `invoice` is then what it may be. ASSIGNED: an agent cashed it, `receipt` says so. DISMISSED: none of ours, with a
    `reason`.
    """

    class State(models.TextChoices):
        """Where it stands."""

        MATCHED = "matched", "Reconnue"
        TO_SORT = "to_sort", "À classer"
        ASSIGNED = "assigned", "Encaissée"
        DISMISSED = "dismissed", "Écartée"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="statement_lines", db_constraint=False)
    source = models.CharField("origine", max_length=10, choices=BankStatement.Source)
    fingerprint = models.CharField(max_length=40)
    date = models.DateField("jour")
    label = models.CharField("libellé", max_length=200, blank=True, default="")
    reference = models.CharField("référence", max_length=80, blank=True, default="")
    cents = models.IntegerField("montant, en centimes")
    state = models.CharField("état", max_length=10, choices=State, default=State.TO_SORT)
    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="statement_lines", null=True, blank=True,
        db_constraint=False,
    )  # fmt: skip
    receipt = models.ForeignKey(
        Receipt, on_delete=models.PROTECT, related_name="statement_lines", null=True, blank=True, db_constraint=False
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="statement_lines", null=True, blank=True, db_constraint=False
    )
    reason = models.CharField("raison", max_length=300, blank=True, default="")
    sorted_at = models.DateTimeField("classée le", null=True, blank=True)
    sorted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "ligne de relevé"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "regie", "source", "fingerprint"), name="a_movement_is_written_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="matched") | Q(attempt__isnull=False) | Q(receipt__isnull=False),
                name="what_is_matched_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(receipt__isnull=False), name="what_is_cashed_has_a_receipt"
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(reason=""), name="what_is_dismissed_has_a_reason"
            ),
            *same_authority("statement", "regie", "attempt", "receipt", "invoice"),
        )
        indexes = (
            models.Index(fields=("authority", "regie", "state", "date"), name="statement_line_to_sort"),
            models.Index(fields=("authority", "attempt"), name="statement_line_by_attempt"),
        )
