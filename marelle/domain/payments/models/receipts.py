"""Receipts (quittances): numbered one after the other for a régie and an exercice. Amounts in cents.

« Journal à souches » of the régies: instruction 06-031-A-B-M of 21 April 2006, receipts for what is cashed.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.models import PayerAccount, Posting
from marelle.domain.payments.models.desk import BankDeposit
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class ReceiptSeries(OfAuthority):
    """The last number given for a régie and an exercice. Its row is the lock under which receipts are numbered."""

    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    exercice = models.PositiveSmallIntegerField("exercice")
    last = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "série de quittances"
        constraints = (
            models.UniqueConstraint(fields=("authority", "regie", "exercice"), name="one_receipt_series"),
            *same_authority("regie"),
        )


class Receipt(OfAuthority):
    """What a régie cashed, once: frozen when it is given. What was wrong is countered by another, below zero.

    `cancels` is the receipt that this one counters; `deposit` the statement with which its money left the régie.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="receipts", db_constraint=False)
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="receipts", db_constraint=False)
    posting = models.OneToOneField(Posting, on_delete=models.PROTECT, related_name="receipt", db_constraint=False)
    cancels = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="cancelled_by", null=True, blank=True, db_constraint=False
    )
    deposit = models.ForeignKey(
        BankDeposit, on_delete=models.PROTECT, related_name="receipts", null=True, blank=True, db_constraint=False
    )
    exercice = models.PositiveSmallIntegerField("exercice")
    sequence = models.PositiveIntegerField("numéro")
    payer_name = models.CharField("reçu de", max_length=160)
    label = models.CharField("pour", max_length=200)
    means = models.CharField("moyen de paiement", max_length=10, choices=Posting.Means)
    cents = models.IntegerField("montant, en centimes")
    date = models.DateField("jour")
    given_at = models.DateTimeField("donnée le")
    given_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField("raison", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "quittance"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "regie", "exercice", "sequence"), name="receipt_by_number"),
            models.CheckConstraint(
                condition=Q(cancels__isnull=True, cents__gt=0) | Q(cancels__isnull=False, cents__lt=0),
                name="a_counter_receipt_is_below_zero",
            ),
            *same_authority("regie", "payer", "posting", "cancels", "deposit"),
        )
        indexes = (
            models.Index(fields=("authority", "regie", "date"), name="receipt_by_day"),
            models.Index(fields=("authority", "payer", "date"), name="receipt_by_payer"),
        )

    @property
    def number(self) -> str:
        """Will return how it is named: exercice and number, « 2026-0042 »."""
        return f"{self.exercice}-{self.sequence:04d}"
