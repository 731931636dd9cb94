"""The till of a régie: its act, who holds it, what is counted, what is deposited, its hand-over. Amounts in cents.

Articles R. 1617-1 to R. 1617-18 of the CGCT; instruction 06-031-A-B-M of 21 April 2006.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marelle.domain.accounts.models import Agent, User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.models import Posting
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class RegieAct(OfAuthority):
    """What the act that created a régie allows. Without a row, nothing is compared: the screens say so.

    `ceiling_cents` is the most cash it may keep (montant maximum de l’encaisse), its float apart; `float_cents` the
    coins it always keeps to give change (fonds de caisse); `deposit_days` the longest time between two deposits.
    """

    regie = models.OneToOneField(Regie, on_delete=models.CASCADE, related_name="act", db_constraint=False)
    reference = models.CharField("acte constitutif", max_length=120, blank=True, default="")
    ceiling_cents = models.PositiveIntegerField("encaisse maximale, en centimes", default=0)
    float_cents = models.PositiveIntegerField("fonds de caisse, en centimes", default=0)
    deposit_days = models.PositiveSmallIntegerField("jours entre deux versements", default=31)

    class Meta:
        verbose_name = "acte d’une régie"
        constraints = (
            tenant_key(),
            models.CheckConstraint(condition=Q(deposit_days__gt=0), name="deposits_have_a_frequency"),
            *same_authority("regie"),
        )


class RegisseurTerm(OfAuthority):
    """From when to when an agent holds a régie. One régisseur titulaire at a time; as many mandataires as named."""

    class Kind(models.TextChoices):
        """In what quality."""

        REGISSEUR = "regisseur", "Régisseur titulaire"
        SUBSTITUTE = "substitute", "Mandataire suppléant"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="terms", db_constraint=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="terms", db_constraint=False)
    kind = models.CharField("qualité", max_length=10, choices=Kind)
    name = models.CharField("nom", max_length=100)
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "régisseur"
        constraints = (
            tenant_key(),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="a_term_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=("authority", "regie"),
                condition=Q(kind="regisseur", ends_on__isnull=True),
                name="one_regisseur_at_a_time",
            ),
            models.UniqueConstraint(
                fields=("authority", "regie", "agent"), condition=Q(ends_on__isnull=True), name="one_term_of_an_agent"
            ),
            *same_authority("regie", "agent"),
        )


class CashCount(OfAuthority):
    """What was found in the drawer: how many of each note and coin (`pieces`: a number by value in cents).

    `expected_cents` is what the journal said at that moment, the float included. A difference is kept, never erased.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="cash_counts", db_constraint=False)
    pieces = models.JSONField("billets et pièces", default=dict)
    counted_cents = models.PositiveIntegerField("compté, en centimes")
    expected_cents = models.IntegerField("attendu, en centimes")
    words = models.CharField("remarque", max_length=300, blank=True, default="")
    date = models.DateField("jour")
    counted_at = models.DateTimeField("compté le")
    counted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "comptage de la caisse"
        constraints = (tenant_key(), *same_authority("regie"))
        indexes = (models.Index(fields=("authority", "regie", "counted_at"), name="count_by_moment"),)

    @property
    def difference_cents(self) -> int:
        """Will return what is over (positive) or missing (negative)."""
        return self.counted_cents - self.expected_cents


class DepositSeries(OfAuthority):
    """The last deposit number given for a régie and an exercice. Its row is the lock under which deposits are made."""

    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    exercice = models.PositiveSmallIntegerField("exercice")
    last = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "série de bordereaux de versement"
        constraints = (
            models.UniqueConstraint(fields=("authority", "regie", "exercice"), name="one_deposit_series"),
            *same_authority("regie"),
        )


class BankDeposit(OfAuthority):
    """A deposit statement (bordereau de versement): receipts of a régie by one means of payment, and their total.

    Numbered when it is prepared. Handed over, the database lets nothing of it change; given up before, it keeps its
    number and holds nothing.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PREPARED = "prepared", "Préparé"
        HANDED_OVER = "handed_over", "Versé"
        GIVEN_UP = "given_up", "Annulé"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="deposits", db_constraint=False)
    exercice = models.PositiveSmallIntegerField("exercice")
    sequence = models.PositiveIntegerField("numéro")
    means = models.CharField("moyen de paiement", max_length=10, choices=Posting.Means)
    state = models.CharField("état", max_length=12, choices=State, default=State.PREPARED)
    receipt_count = models.PositiveIntegerField("nombre de quittances")
    cents = models.IntegerField("montant, en centimes")
    prepared_on = models.DateField("préparé le")
    prepared_at = models.DateTimeField("préparé à")
    prepared_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    handed_on = models.DateField("versé le", null=True, blank=True)
    handed_at = models.DateTimeField("noté le", null=True, blank=True)
    handed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reference = models.CharField("référence du versement", max_length=60, blank=True, default="")

    class Meta:
        verbose_name = "bordereau de versement"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "regie", "exercice", "sequence"), name="deposit_by_number"),
            # Two slips of the same money would be prepared side by side.
            models.UniqueConstraint(
                fields=("authority", "regie", "exercice", "means"),
                condition=Q(state="prepared"),
                name="one_prepared_deposit",
            ),
            models.CheckConstraint(
                condition=Q(state="handed_over", handed_on__isnull=False)
                | (~Q(state="handed_over") & Q(handed_on__isnull=True)),
                name="a_deposit_handed_over_has_a_day",
            ),
            *same_authority("regie"),
        )
        indexes = (models.Index(fields=("authority", "regie", "prepared_at"), name="deposit_by_moment"),)

    @property
    def number(self) -> str:
        """Will return how it is named: exercice and number, « V-2026-0012 »."""
        return f"V-{self.exercice}-{self.sequence:04d}"


class RegieHandover(OfAuthority):
    """A régie goes from one régisseur to another (remise de service): counted, listed, signed by both on paper.

    `held` is what was not deposited yet: [means, receipts, cents]. `last_receipts` and `last_deposits` are the last
    number of each exercice: {"2026": 41}.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="handovers", db_constraint=False)
    leaving = models.OneToOneField(RegisseurTerm, on_delete=models.PROTECT, related_name="left_by", db_constraint=False)
    coming = models.OneToOneField(
        RegisseurTerm, on_delete=models.PROTECT, related_name="entered_by", db_constraint=False
    )
    cash_count = models.ForeignKey(CashCount, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    float_cents = models.PositiveIntegerField("fonds de caisse remis, en centimes")
    held = models.JSONField("recettes remises", default=list)
    last_receipts = models.JSONField("dernières quittances", default=dict)
    last_deposits = models.JSONField("derniers bordereaux", default=dict)
    words = models.CharField("réserves", max_length=500, blank=True, default="")
    date = models.DateField("jour")
    recorded_at = models.DateTimeField("noté le")
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "remise de service"
        constraints = (tenant_key(), *same_authority("regie", "leaving", "coming", "cash_count"))
        indexes = (models.Index(fields=("authority", "regie", "date"), name="handover_by_day"),)
