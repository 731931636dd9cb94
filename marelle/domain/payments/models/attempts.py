"""How a régie is paid, each attempt to pay it, and what the attempt is for. Amounts in cents."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.models import Invoice, PayerAccount, Posting
from marelle.domain.families.models import Family
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.rules.attempts import State
from marelle.domain.reservations.models import Confirmation, Reservation
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import ScopedManager, same_authority, tenant_key

STATES = (
    (State.CREATED.value, "À payer"),
    (State.REDIRECTED.value, "Paiement en cours"),
    (State.PAID.value, "Payé"),
    (State.REFUSED.value, "Refusé"),
    (State.ABANDONED.value, "Abandonné"),
    (State.EXPIRED.value, "Expiré"),
)
OPEN_STATES = (State.CREATED.value, State.REDIRECTED.value)
MODES = (
    (Mode.TEST.value, "Essai"),
    (Mode.ACTIVATION.value, "Activation"),
    (Mode.PRODUCTION.value, "En service"),
)


def new_token() -> str:
    """Return an unguessable word for the addresses that a gateway calls: whoever knows it may only make us ask."""
    return secrets.token_urlsafe(24)


class PaymentSettings(OfAuthority):
    """How a régie is paid, online and at the desk. Without a row, it is paid at the desk alone.

    `number` is its number at the gateway (numcli, site). `trials` says when a payment succeeded in activation, by
    means. A top-up is money paid ahead into the wallet, from `lowest_top_up_cents`.
    """

    class Gateway(models.TextChoices):
        """Who cashes for it online."""

        DESK = "desk", "Personne : au guichet"
        PAYFIP = "payfip", "PayFiP (direction générale des finances publiques)"
        PAYZEN = "payzen", "PayZen"

    regie = models.OneToOneField(Regie, on_delete=models.CASCADE, related_name="payment_settings", db_constraint=False)
    gateway = models.CharField("paiement en ligne", max_length=10, choices=Gateway, default=Gateway.DESK)
    mode = models.CharField("étape", max_length=10, choices=MODES, default=Mode.TEST.value)
    number = models.CharField("numéro de client", max_length=20, blank=True, default="")
    key = EncryptedTextField("clé de signature", blank=True, default="")
    password = EncryptedTextField("mot de passe de l’API", blank=True, default="")
    trials = models.JSONField("essais réussis", default=dict, blank=True)
    opened_at = models.DateTimeField("en service depuis", null=True, blank=True)
    takes_part_payments = models.BooleanField("accepte qu’une facture soit payée en plusieurs fois", default=False)
    has_top_up = models.BooleanField("le porte-monnaie se recharge en ligne", default=False)
    lowest_top_up_cents = models.PositiveIntegerField("recharge minimale, en centimes", default=1000)
    low_balance_cents = models.PositiveIntegerField("prévenir au-dessous de, en centimes", default=0)

    class Meta:
        verbose_name = "paiement d’une régie"
        constraints = (tenant_key(), *same_authority("regie"))


class PaymentAttemptQuerySet(models.QuerySet["PaymentAttempt"]):
    """Attempts, in sentences."""

    def open(self) -> PaymentAttemptQuerySet:
        """Will keep those whose outcome is awaited."""
        return self.filter(state__in=OPEN_STATES)


class PaymentAttempt(OfAuthority):
    """One try to pay one régie. Price, lines and terms are those of its creation; it is credited once or not at all.

    `checkout` joins the attempts of one press of *Valider* or *Payer*, one a régie, paid in the order of `position`.
    `cents` are paid through the gateway, `wallet_cents` come from the wallet besides. `number` and `mode` are the
    régie's at the gateway when it began. `page` is where the browser goes ({"url", "fields"}), empty once it has ended.
    An attempt begun again is another one, of the same press and place in the order; the former ends as REPLACED.
    A TRIAL is an agent's, before the service opens: it settles nothing. One begun `is_without_account` pays an invoice
    from its reference: its family, if any, sees it once it is paid, and never the address that asked for a receipt.
    """

    class Purpose(models.TextChoices):
        """What is paid."""

        BASKET = "basket", "Réservation"
        INVOICES = "invoices", "Factures"
        TOP_UP = "top_up", "Porte-monnaie"
        TRIAL = "trial", "Essai"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    token = models.CharField(max_length=40, unique=True, default=new_token)
    checkout = models.CharField(max_length=12, default=new_public_id)
    position = models.PositiveSmallIntegerField(default=0)
    purpose = models.CharField("objet", max_length=10, choices=Purpose)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="payment_attempts")
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, related_name="payment_attempts", null=True, blank=True, db_constraint=False
    )
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="payment_attempts", db_constraint=False)
    payer = models.ForeignKey(
        PayerAccount, on_delete=models.PROTECT, related_name="payment_attempts", null=True, blank=True,
        db_constraint=False,
    )  # fmt: skip
    confirmation = models.ForeignKey(
        Confirmation, on_delete=models.PROTECT, related_name="payment_attempts", null=True, blank=True,
        db_constraint=False,
    )  # fmt: skip
    gateway = models.CharField("par", max_length=10, choices=PaymentSettings.Gateway)
    mode = models.CharField("étape", max_length=10, choices=MODES)
    number = models.CharField("numéro de client", max_length=20, blank=True, default="")
    reference = models.CharField("référence", max_length=30)
    exercice = models.PositiveSmallIntegerField("exercice")
    label = models.CharField("libellé", max_length=100)
    cents = models.PositiveIntegerField("montant, en centimes")
    wallet_cents = models.PositiveIntegerField("pris sur le porte-monnaie", default=0)
    state = models.CharField("état", max_length=10, choices=STATES, default=State.CREATED.value)
    reason = models.CharField("raison", max_length=20, blank=True, default="")
    provider_id = models.CharField("numéro chez le prestataire", max_length=64, blank=True, default="")
    page = models.JSONField(default=dict, blank=True)
    transaction = models.CharField("numéro d’opération", max_length=64, blank=True, default="")
    means = models.CharField("moyen de paiement", max_length=10, choices=Posting.Means, blank=True, default="")
    is_without_account = models.BooleanField("sans compte", default=False, db_default=False)
    receipt_email = models.EmailField("quittance envoyée à", blank=True, default="", db_default="")
    created_at = models.DateTimeField("commencé le")
    redirected_at = models.DateTimeField("envoyé au prestataire le", null=True, blank=True)
    asked_at = models.DateTimeField("demandé le", null=True, blank=True)
    ask_next_at = models.DateTimeField("à redemander le", null=True, blank=True)
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    paid_at = models.DateTimeField("payé le", null=True, blank=True)
    posting = models.OneToOneField(
        Posting, on_delete=models.PROTECT, related_name="payment_attempt", null=True, blank=True, db_constraint=False
    )

    objects = ScopedManager.from_queryset(PaymentAttemptQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = "tentative de paiement"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "reference"), name="attempt_by_reference"),
            models.UniqueConstraint(
                fields=("authority", "gateway", "number", "provider_id"),
                condition=~Q(provider_id=""),
                name="attempt_by_provider_id",
            ),
            models.CheckConstraint(
                condition=Q(posting__isnull=True) | Q(state="paid"), name="only_what_is_paid_is_credited"
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(posting__isnull=False) | Q(purpose="trial") | Q(cents=0),
                name="what_is_paid_is_credited",
            ),
            models.CheckConstraint(
                condition=Q(posting__isnull=True) | (Q(mode="production") & ~Q(purpose="trial")) | Q(gateway="desk"),
                name="a_trial_credits_nothing",
            ),
            models.CheckConstraint(
                condition=Q(purpose="trial") | Q(payer__isnull=False), name="what_is_paid_has_a_payer"
            ),
            models.CheckConstraint(
                condition=Q(is_without_account=False)
                | Q(user__isnull=True, purpose="invoices", wallet_cents=0, confirmation__isnull=True),
                name="without_account_is_an_invoice",
            ),
            models.CheckConstraint(
                condition=Q(receipt_email="") | Q(is_without_account=True), name="a_receipt_is_asked_without_account"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("created", "redirected"), ended_at__isnull=True)
                | (~Q(state__in=("created", "redirected")) & Q(ended_at__isnull=False)),
                name="what_is_open_has_not_ended",
            ),
            *same_authority("family", "regie", "payer", "confirmation", "posting"),
        )
        indexes = (
            models.Index(fields=("authority", "family", "created_at"), name="attempt_by_family"),
            models.Index(fields=("authority", "checkout", "position"), name="attempt_by_checkout"),
            models.Index(fields=("authority", "regie", "created_at"), name="attempt_by_regie"),
            models.Index(fields=("ask_next_at",), condition=Q(ask_next_at__isnull=False), name="attempt_to_ask"),
        )


class PaymentLine(OfAuthority):
    """What an attempt pays: a held place, or an invoice or a part of it. A top-up has none.

    PENDING while the attempt is open; then SETTLED; RELEASED when the attempt gave the place back (a late payment
    takes it again if it is free); GONE when somebody else had given it back: its money goes to the wallet. MOVED when
    another attempt of the same press holds the place, or has paid it: paid twice, its money goes to the wallet too.
    """

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", "En attente"
        SETTLED = "settled", "Réglée"
        RELEASED = "released", "Rendue"
        GONE = "gone", "Versée au porte-monnaie"
        MOVED = "moved", "Reprise par une autre tentative"

    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="payment_lines", null=True, blank=True, db_constraint=False
    )
    reservation = models.ForeignKey(
        Reservation, on_delete=models.PROTECT, related_name="payment_lines", null=True, blank=True, db_constraint=False
    )
    cents = models.PositiveIntegerField("montant, en centimes")
    state = models.CharField("état", max_length=10, choices=State, default=State.PENDING)

    class Meta:
        verbose_name = "ligne de paiement"
        constraints = (
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, reservation__isnull=True)
                | Q(invoice__isnull=True, reservation__isnull=False),
                name="a_line_pays_one_thing",
            ),
            models.UniqueConstraint(fields=("authority", "attempt", "invoice"), name="one_line_of_an_invoice"),
            models.UniqueConstraint(fields=("authority", "attempt", "reservation"), name="one_line_of_a_place"),
            *same_authority("attempt", "invoice", "reservation"),
        )
        indexes = (
            models.Index(fields=("authority", "reservation"), name="payment_line_by_place"),
            models.Index(fields=("authority", "invoice"), name="payment_line_by_invoice"),
        )
