"""SEPA direct debits: whose account debits, by which written agreement, on which day, and what came back. In cents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.models import Invoice, ManualCharge, PayerAccount, Posting
from marelle.domain.families.models import Family
from marelle.domain.payments.rules.mandates import LONGEST_RUM, MandateState
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key

MANDATE_STATES = (
    (MandateState.ACTIVE.value, "En service"),
    (MandateState.SUSPENDED.value, "Suspendu"),
    (MandateState.REVOKED.value, "Révoqué"),
    (MandateState.LAPSED.value, "Périmé"),
)
LIVING_STATES = (MandateState.ACTIVE.value, MandateState.SUSPENDED.value)


class CreditorAccount(OfAuthority):
    """The account of a régie (dépôt de fonds au Trésor), and its creditor identifier. Without a row, no direct debit.

    `scheme` is the version of the file that its bank takes. A debit that did not come back is recorded as paid
    `settles_after_days` days after it was due. `fee_cents` may be charged for one that came back.
    """

    class Scheme(models.TextChoices):
        """Which version of pain.008 is written."""

        OF_2009 = "pain.008.001.02", "pain.008.001.02, celle que toutes les banques prennent"
        OF_2019 = "pain.008.001.08", "pain.008.001.08, la version de 2019"

    regie = models.OneToOneField(Regie, on_delete=models.CASCADE, related_name="creditor_account", db_constraint=False)
    ics = models.CharField("identifiant créancier SEPA (ICS)", max_length=35)
    name = models.CharField("nom du créancier", max_length=70)
    address = models.CharField("adresse du créancier", max_length=140)
    iban = EncryptedTextField("IBAN du compte")
    bic = EncryptedTextField("BIC du compte")
    scheme = models.CharField("version du fichier", max_length=20, choices=Scheme, default=Scheme.OF_2009)
    settles_after_days = models.PositiveSmallIntegerField("encaisser sans rejet après, en jours", default=5)
    fee_cents = models.PositiveIntegerField("frais de rejet, en centimes", default=0)
    is_open = models.BooleanField("les familles peuvent signer un mandat", default=True)

    class Meta:
        verbose_name = "compte créancier d’une régie"
        constraints = (tenant_key(), *same_authority("regie"))


class DirectDebitMandate(OfAuthority):
    """The written agreement of a payer to be debited by a creditor: what was signed is kept as it was.

    `rum` is its reference, unique for the creditor `ics`. `signed_on` is the day over there. `state_reason` is the
    code of the bank that suspended it. The account may change under the same reference: see MandateAmendment.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="mandates", db_constraint=False)
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="mandates", db_constraint=False)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="mandates", db_constraint=False)
    ics = models.CharField("identifiant créancier SEPA (ICS)", max_length=35)
    creditor_name = models.CharField("nom du créancier", max_length=70)
    creditor_address = models.CharField("adresse du créancier", max_length=140)
    rum = models.CharField("référence unique du mandat (RUM)", max_length=LONGEST_RUM)
    holder = EncryptedTextField("titulaire du compte")
    address = EncryptedTextField("adresse du titulaire")
    iban = EncryptedTextField("IBAN")
    bic = EncryptedTextField("BIC", blank=True, default="")
    place = models.CharField("signé à", max_length=80)
    signed_on = models.DateField("signé le")
    signed_at = models.DateTimeField("signé au moment")
    signed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField("état", max_length=10, choices=MANDATE_STATES, default=MandateState.ACTIVE.value)
    state_reason = models.CharField("raison", max_length=10, blank=True, default="")
    state_at = models.DateTimeField("depuis le")
    last_used_on = models.DateField("dernier prélèvement", null=True, blank=True)

    class Meta:
        verbose_name = "mandat de prélèvement"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "ics", "rum"), name="mandate_by_reference"),
            models.UniqueConstraint(
                fields=("authority", "payer"), condition=Q(state__in=LIVING_STATES), name="one_living_mandate"
            ),
            *same_authority("regie", "payer", "family"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="mandate_by_family"),)


class DirectDebitBatch(OfAuthority):
    """The debits of a régie on a day. Once sent, it is locked: only what the bank answers is still added.

    `file` is what was made for the bank, kept as it left. `message` names it there.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PREPARED = "prepared", "Annoncé aux familles"
        FILED = "filed", "Fichier prêt"
        SENT = "sent", "Remis à la banque"
        SETTLED = "settled", "Encaissé"
        ABANDONED = "abandoned", "Abandonné"

    OPEN = ("prepared", "filed")

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="debit_batches", db_constraint=False)
    due_on = models.DateField("jour du prélèvement")
    state = models.CharField("état", max_length=10, choices=State, default=State.PREPARED)
    message = models.CharField("référence du fichier", max_length=35)
    file = EncryptedTextField("fichier", blank=True, default="")
    prepared_at = models.DateTimeField("préparé le")
    prepared_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField("fichier fait le", null=True, blank=True)
    sent_at = models.DateTimeField("remis le", null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField("encaissé le", null=True, blank=True)

    class Meta:
        verbose_name = "remise de prélèvements"
        constraints = (
            tenant_key(),
            # Two of them being prepared would announce the same invoices.
            models.UniqueConstraint(
                fields=("authority", "regie"), condition=Q(state__in=("prepared", "filed")), name="one_open_debit_batch"
            ),
            *same_authority("regie"),
        )
        indexes = (models.Index(fields=("authority", "regie", "due_on"), name="debit_batch_by_day"),)


class DirectDebit(OfAuthority):
    """What is debited from a payer on the day of a batch, for one or several invoices.

    `reference` is what the bank gives back (EndToEndId). A debit that came back has the bank's `reason`, and the fee
    that was charged for it, if any. `posting` is the payment, once no return is expected.
    """

    class State(models.TextChoices):
        """Where it stands."""

        ANNOUNCED = "announced", "Annoncé"
        SENT = "sent", "Remis à la banque"
        PAID = "paid", "Encaissé"
        RETURNED = "returned", "Rejeté"
        WITHDRAWN = "withdrawn", "Retiré"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    batch = models.ForeignKey(DirectDebitBatch, on_delete=models.PROTECT, related_name="debits", db_constraint=False)
    mandate = models.ForeignKey(
        DirectDebitMandate, on_delete=models.PROTECT, related_name="debits", db_constraint=False
    )
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="debits", db_constraint=False)
    reference = models.CharField("référence", max_length=35)
    cents = models.PositiveIntegerField("montant, en centimes")
    state = models.CharField("état", max_length=10, choices=State, default=State.ANNOUNCED)
    reason = models.CharField("motif de la banque", max_length=10, blank=True, default="")
    returned_on = models.DateField("rejeté le", null=True, blank=True)
    fee = models.OneToOneField(
        ManualCharge, on_delete=models.SET_NULL, related_name="+", null=True, blank=True, db_constraint=False
    )
    posting = models.OneToOneField(
        Posting, on_delete=models.PROTECT, related_name="direct_debit", null=True, blank=True, db_constraint=False
    )

    class Meta:
        verbose_name = "prélèvement"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "batch", "mandate"), name="one_debit_of_a_mandate"),
            models.UniqueConstraint(fields=("authority", "reference"), name="debit_by_reference"),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(posting__isnull=False), name="a_debit_that_is_paid_is_recorded"
            ),
            *same_authority("batch", "mandate", "payer", "fee", "posting"),
        )
        indexes = (models.Index(fields=("authority", "payer"), name="debit_by_payer"),)


class DirectDebitLine(OfAuthority):
    """An invoice that a debit pays. While it `is_live` (announced or sent), no other debit takes the same invoice."""

    debit = models.ForeignKey(DirectDebit, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="debit_lines", db_constraint=False)
    cents = models.PositiveIntegerField("montant, en centimes")
    is_live = models.BooleanField("attendu", default=True)

    class Meta:
        verbose_name = "facture d’un prélèvement"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "invoice"), condition=Q(is_live=True), name="one_live_debit_of_an_invoice"
            ),
            models.UniqueConstraint(fields=("authority", "debit", "invoice"), name="one_line_of_a_debit"),
            *same_authority("debit", "invoice"),
        )


class MandateAmendment(OfAuthority):
    """The account of a mandate changed. `told_in` is the debit that told the bank, None until one does."""

    mandate = models.ForeignKey(
        DirectDebitMandate, on_delete=models.CASCADE, related_name="amendments", db_constraint=False
    )
    former_iban = EncryptedTextField("IBAN d’avant")
    former_bic = EncryptedTextField("BIC d’avant", blank=True, default="")
    amended_at = models.DateTimeField("changé le")
    amended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    told_in = models.ForeignKey(
        DirectDebit, on_delete=models.SET_NULL, related_name="amendments", null=True, blank=True, db_constraint=False
    )

    class Meta:
        verbose_name = "changement de compte d’un mandat"
        constraints = (tenant_key(), *same_authority("mandate", "told_in"))
        indexes = (models.Index(fields=("authority", "mandate"), name="amendment_by_mandate"),)
