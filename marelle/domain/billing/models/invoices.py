"""What families owe, what was invoiced, and the ledger. Amounts in cents; nothing issued is ever edited."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.rules.references import reference_of
from marelle.domain.catalog.models import Product, Service
from marelle.domain.families.models import Child, Family
from marelle.foundation.encryption import EncryptedBinaryField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import ScopedManager, same_authority, tenant_key


class PayerAccountQuerySet(models.QuerySet["PayerAccount"]):
    """Payer accounts, in sentences."""

    def current(self) -> PayerAccountQuerySet:
        """Will keep those that something may still be written on: one of a family and a régie."""
        return self.filter(merged_into__isnull=True)


class PayerAccount(OfAuthority):
    """Who owes to a régie: a family, a third party (CAF, an employer) that owes a share, or a debtor elsewhere.

    A debtor of another software of the régie is known by its `debtor_code` and its name there; without a code, each of
    its invoices has an account of its own, for two people may bear one name.
    `carried_from`: the first day not invoiced yet, when a small debt was carried over to a later invoice.
    A family that was united with another may have two accounts of a régie: the one that is `merged_into` the other
    only keeps what was written before (decision 40); whatever comes next is the other's.
    """

    class Delivery(models.TextChoices):
        """How it receives its invoices."""

        EMAIL = "email", "Par e-mail, avec un lien"
        PAPER = "paper", "Sur papier"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="payer_accounts", db_constraint=False)
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, related_name="payer_accounts", null=True, blank=True, db_constraint=False
    )
    name = models.CharField("nom", max_length=160)
    address = models.CharField("adresse", max_length=300, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    delivery = models.CharField("envoi des factures", max_length=10, choices=Delivery, default=Delivery.EMAIL)
    carried_from = models.DateField("reporté depuis le", null=True, blank=True)
    # The family chooses when its wallet is used: issuing an invoice leaves it alone.
    keeps_wallet = models.BooleanField("garde son porte-monnaie", default=False, db_default=False)
    # Who owes to another software of the régie: its own number there, empty when it gives none.
    debtor_code = models.CharField("numéro de client", max_length=60, blank=True, default="", db_default="")
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_constraint=False,
        verbose_name="réuni avec",
    )

    objects = ScopedManager.from_queryset(PayerAccountQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = "compte payeur"
        constraints = (
            tenant_key(),
            # A number that passes from one person to another opens another account: nobody is shown what was hers.
            models.UniqueConstraint(
                fields=("authority", "regie", "debtor_code", "name"),
                condition=~Q(debtor_code=""),
                name="one_debtor_account",
            ),
            models.UniqueConstraint(
                fields=("authority", "regie", "family"),
                condition=Q(family__isnull=False, merged_into__isnull=True),
                name="one_payer_account",
            ),
            *same_authority("regie", "family", "merged_into"),
        )

    def __str__(self) -> str:
        return f"compte payeur {self.pk}"


class Aid(OfAuthority):
    """An aid (CAF voucher, employer) taken off what a family owes, by unit, and owed by `payer` instead.

    `cents` and `percent` of each unit of the service (all of them when None), for a child or all of them.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="aids", db_constraint=False)
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, related_name="aids", null=True, blank=True, db_constraint=False
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_constraint=False
    )
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="aids", db_constraint=False)
    label = models.CharField("aide", max_length=80)
    cents = models.PositiveIntegerField("montant par unité, en centimes", default=0)
    percent = models.PositiveSmallIntegerField("pourcentage", default=0)
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au")
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "aide"
        constraints = (
            tenant_key(),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="aid_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="aid_is_a_share"),
            *same_authority("family", "child", "service", "payer"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="aid_by_family"),)


class ManualCharge(OfAuthority):
    """A line that an agent adds to the next invoice, with a reason: a lost badge, a goodwill gesture (negative)."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="manual", db_constraint=False)
    child = models.ForeignKey(
        Child, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    date = models.DateField("jour")
    label = models.CharField("libellé", max_length=120)
    cents = models.IntegerField("montant, en centimes")
    reason = models.CharField("raison", max_length=300)
    code = models.CharField("code comptable", max_length=20, blank=True)
    is_childcare = models.BooleanField("garde d’enfant", default=False)
    added_at = models.DateTimeField("ajoutée le")
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "ligne manuelle"
        constraints = (tenant_key(), *same_authority("payer", "child"))
        indexes = (models.Index(fields=("authority", "payer", "date"), name="manual_by_payer"),)


class NumberSeries(OfAuthority):
    """The last number allotted for a régie and an exercice. Its row is the lock under which invoices are issued."""

    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    exercice = models.PositiveSmallIntegerField("exercice")
    last = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "série de numéros"
        constraints = (
            models.UniqueConstraint(fields=("authority", "regie", "exercice"), name="one_number_series"),
            *same_authority("regie"),
        )


class BillingRun(OfAuthority):
    """A campaign: the invoices of a régie for services and a period, drafted, reviewed, then issued.

    `drafted_to` is the last family (key) drafted: a run that was killed goes on from there.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFTING = "drafting", "En préparation"
        REVIEW = "review", "À vérifier"
        ISSUING = "issuing", "En cours d’émission"
        ISSUED = "issued", "Émise"
        ABANDONED = "abandoned", "Abandonnée"

    OPEN = (State.DRAFTING, State.REVIEW, State.ISSUING)

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="runs", db_constraint=False)
    name = models.CharField("objet", max_length=120)
    services = ArrayField(models.BigIntegerField(), verbose_name="services")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    exercice = models.PositiveSmallIntegerField("exercice")
    invoiced_on = models.DateField("date des factures")
    due_on = models.DateField("à payer avant le")
    carried_below = models.PositiveIntegerField("report au-dessous de, en centimes", default=0)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFTING)
    drafted_to = models.BigIntegerField("dernière famille préparée", default=0)
    families = models.PositiveIntegerField("familles à préparer", default=0)
    done = models.PositiveIntegerField("familles préparées", default=0)
    started_at = models.DateTimeField("commencée le")
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    drafted_at = models.DateTimeField("préparée le", null=True, blank=True)
    issued_at = models.DateTimeField("émise le", null=True, blank=True)
    issued_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "facturation"
        constraints = (
            tenant_key(),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="run_ends_after_it_starts"),
            # Two runs of a régie would draft the same days: one at a time.
            models.UniqueConstraint(
                fields=("authority", "regie"),
                condition=Q(state__in=("drafting", "review", "issuing")),
                name="one_open_run",
            ),
            *same_authority("regie"),
        )


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices, in sentences."""

    def issued(self) -> InvoiceQuerySet:
        """Will keep those that have a number."""
        return self.filter(state=Invoice.State.ISSUED)


class Invoice(OfAuthority):
    """What a payer owes: a draft until it is issued, then frozen for ever. A correction is another one.

    One that another software issued (`origin`) keeps its `number`, is of no series of ours, and may be withdrawn.

    `revenue` is its total by accounting code, `childcare_cents` and `cesu_cents` the shares that open a tax credit and
    that CESU may pay, `third_parties` what others owe (cents by payer account key). `carried` says since when a small
    debt waited. `payer_name` and `payer_address` are those of the day of issue.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", "Brouillon"
        SET_ASIDE = "set_aside", "Écartée"
        CARRIED = "carried", "Reportée"
        ISSUED = "issued", "Émise"

    class Kind(models.TextChoices):
        """What it is called."""

        INVOICE = "invoice", "Facture"
        COMPLEMENTARY = "complementary", "Facture complémentaire"
        CREDIT_NOTE = "credit_note", "Avoir"

    class Origin(models.TextChoices):
        """Who issued it, and how it came here."""

        MARELLE = "marelle", "Marelle"
        FILE = "file", "Fichier importé"
        API = "api", "Autre logiciel"

    class Theme(models.TextChoices):
        """What an imported one is about."""

        WATER = "eau", "Eau et assainissement"
        RENT = "loyer", "Loyer"
        CANTEEN = "cantine", "Cantine et périscolaire"
        CHILDCARE = "creche", "Crèche"
        MUSIC = "musique", "École de musique"
        OTHER = "autre", "Autre"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="invoices", db_constraint=False)
    run = models.ForeignKey(
        BillingRun, on_delete=models.PROTECT, related_name="invoices", null=True, blank=True, db_constraint=False
    )
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="invoices", db_constraint=False)
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, related_name="invoices", null=True, blank=True, db_constraint=False
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="corrections", null=True, blank=True, db_constraint=False
    )
    kind = models.CharField("nature", max_length=15, choices=Kind, default=Kind.INVOICE)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    label = models.CharField("objet", max_length=120)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    exercice = models.PositiveSmallIntegerField("exercice")
    sequence = models.PositiveIntegerField("numéro", null=True, blank=True)
    number = models.CharField("référence", max_length=40, blank=True, default="", db_default="")
    issued_on = models.DateField("date", null=True, blank=True)
    issued_at = models.DateTimeField("émise le", null=True, blank=True)
    due_on = models.DateField("à payer avant le", null=True, blank=True)
    total_cents = models.IntegerField("total, en centimes")
    revenue = models.JSONField("par code comptable", default=dict, blank=True)
    childcare_cents = models.IntegerField("dont garde d’enfant", default=0)
    cesu_cents = models.IntegerField("dont payable en CESU", default=0)
    third_parties = models.JSONField("dû par d’autres", default=dict, blank=True)
    payer_name = models.CharField("au nom de", max_length=160)
    payer_address = models.CharField("adresse", max_length=300, blank=True)
    delivery = models.CharField("envoi", max_length=10, choices=PayerAccount.Delivery, default="email")
    notes = models.JSONField("à vérifier", default=list, blank=True)
    reason = models.CharField("raison", max_length=300, blank=True, default="", db_default="")
    drafted_at = models.DateTimeField("préparée le")
    recovery_at = models.DateTimeField("remise au Trésor le", null=True, blank=True)
    recovery_number = models.CharField("titre n°", max_length=40, blank=True, default="", db_default="")
    origin = models.CharField("venue de", max_length=10, choices=Origin, default=Origin.MARELLE, db_default="marelle")
    theme = models.CharField("sujet", max_length=10, choices=Theme, blank=True, default="", db_default="")
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects = ScopedManager.from_queryset(InvoiceQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = "facture"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "regie", "exercice", "sequence"),
                condition=Q(sequence__isnull=False),
                name="invoice_by_number",
            ),
            models.CheckConstraint(
                condition=Q(state="issued", sequence__isnull=False, issued_on__isnull=False, origin="marelle")
                | Q(state="issued", sequence__isnull=True, issued_on__isnull=False)
                & ~Q(origin="marelle")
                & ~Q(number="")
                | (~Q(state="issued") & Q(sequence__isnull=True)),
                name="issued_means_numbered",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(origin="marelle"), name="only_imported_is_withdrawn"
            ),
            models.UniqueConstraint(
                fields=("authority", "regie", "number"),
                condition=~Q(origin="marelle") & Q(withdrawn_at__isnull=True),
                name="imported_by_number",
            ),
            models.UniqueConstraint(
                fields=("authority", "run", "payer"), condition=Q(run__isnull=False), name="one_invoice_of_a_run"
            ),
            *same_authority("regie", "run", "payer", "family", "corrects"),
        )
        indexes = (
            models.Index(fields=("authority", "family", "state"), name="invoice_by_family"),
            models.Index(fields=("authority", "run", "state", "payer_name"), name="invoice_by_run"),
            models.Index(fields=("authority", "issued_at"), name="invoice_by_issue"),
            # Whoever pays from a paper types the number that another software gave, of whichever authority.
            models.Index(Upper("number"), condition=~Q(origin="marelle"), name="imported_by_typed_number"),
        )

    def __str__(self) -> str:
        return f"facture {self.pk}"

    @property
    def is_imported(self) -> bool:
        """Will tell whether another software issued it."""
        return self.origin != self.Origin.MARELLE

    @property
    def public_reference(self) -> str:
        """Will return the reference that anybody types from paper: « 7KQ2-M9XD-4TRBQ »."""
        return reference_of(self.public_id)


class InvoiceLine(OfAuthority):
    """So many units alike for the days that they are for, with the price of one (cents) and how it is made.

    `kind`, `child`, `product` and `key` name the charge: what was invoiced under a name for a day is never invoiced
    again. `steps` are [words, cents]; `components` [code, name, cents, is_childcare, is_cesu] of the whole line.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField("nature", max_length=15)
    child = models.ForeignKey(
        Child, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False, db_index=False
    )
    key = models.CharField(max_length=40, blank=True, default="", db_default="")
    label = models.CharField("libellé", max_length=160)
    days = ArrayField(models.DateField(), verbose_name="jours", default=list)
    unit_cents = models.IntegerField("prix d’une unité")
    total_cents = models.IntegerField("total")
    steps = models.JSONField("étapes du prix", default=list, blank=True)
    components = models.JSONField("composantes", default=list, blank=True)
    quotient_cents = models.PositiveIntegerField("quotient retenu", null=True, blank=True)
    bracket = models.CharField("tranche", max_length=40, blank=True, default="", db_default="")
    is_correction = models.BooleanField("régularisation", default=False, db_default=False)
    reason = models.CharField("raison", max_length=300, blank=True, default="", db_default="")

    class Meta:
        verbose_name = "ligne de facture"
        constraints = same_authority("invoice", "child", "product")
        indexes = (models.Index(fields=("authority", "invoice", "position"), name="line_by_invoice"),)

    @property
    def quantity(self) -> int:
        """Will return how many units."""
        return len(self.days)


class Posting(OfAuthority):
    """One event of the ledger. Its entries sum to zero: the database refuses anything else at commit."""

    class Kind(models.TextChoices):
        """What happened."""

        INVOICE = "invoice", "Facture"
        PAYMENT = "payment", "Paiement"
        ALLOCATION = "allocation", "Imputation"
        REFUND = "refund", "Remboursement"
        REVERSAL = "reversal", "Annulation d’un paiement"
        RECOVERY = "recovery", "Paiement au Trésor"
        WRITE_OFF = "write_off", "Admission en non-valeur"
        WITHDRAWAL = "withdrawal", "Retrait d’une facture importée"
        OPENING = "opening", "Reprise d’un solde"
        UNION = "union", "Réunion de deux dossiers"

    class Means(models.TextChoices):
        """How money came or went."""

        CARD = "card", "Carte bancaire"
        CASH = "cash", "Espèces"
        CHEQUE = "cheque", "Chèque"
        TRANSFER = "transfer", "Virement"
        DEBIT = "debit", "Prélèvement"
        CESU = "cesu", "CESU"
        HOLIDAY = "holiday", "Chèques-vacances"
        OTHER = "other", "Autre"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="postings", db_constraint=False)
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="postings", db_constraint=False)
    kind = models.CharField("nature", max_length=10, choices=Kind)
    date = models.DateField("jour")
    at = models.DateTimeField("le")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="postings", null=True, blank=True, db_constraint=False
    )
    means = models.CharField("moyen de paiement", max_length=10, choices=Means, blank=True, default="", db_default="")
    reference = models.CharField("référence", max_length=60, blank=True, default="", db_default="")
    # What this one undoes: a payment (a cheque that bounced, a receipt given by mistake), an opening. Once at most.
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="reversed_by", null=True, blank=True, db_constraint=False
    )

    class Meta:
        verbose_name = "écriture"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "invoice"), condition=Q(kind="invoice"), name="one_posting_of_an_invoice"
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="a_reversal_says_of_what",
            ),
            *same_authority("regie", "payer", "invoice", "reverses"),
        )
        indexes = (models.Index(fields=("authority", "payer", "date"), name="posting_by_payer"),)


class LedgerEntry(OfAuthority):
    """A line of a posting: positive cents are owed to the authority or received, negative ones earned or owed by it.

    RECEIVABLE: what a payer owes, by invoice. WALLET: what the authority holds for a payer (negative). REVENUE: what
    was sold, by accounting `code` (negative). CASH: money received, by means. TREASURY: what the Trésor received, or
    wrote off, in the place of the régie (code: recovery, write_off). OPENING: what a balance taken over from a former
    software comes against.
    """

    class Account(models.TextChoices):
        """In which account."""

        RECEIVABLE = "receivable", "Redevables"
        WALLET = "wallet", "Avances des familles"
        REVENUE = "revenue", "Produits"
        CASH = "cash", "Encaissements"
        TREASURY = "treasury", "Recouvré par le Trésor"
        OPENING = "opening", "À nouveau"

    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="entries", db_constraint=False)
    account = models.CharField("compte", max_length=12, choices=Account)
    payer = models.ForeignKey(
        PayerAccount, on_delete=models.PROTECT, related_name="entries", null=True, blank=True, db_constraint=False
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="entries", null=True, blank=True, db_constraint=False
    )
    code = models.CharField("code comptable", max_length=20, blank=True, default="", db_default="")
    cents = models.IntegerField("montant, en centimes")

    class Meta:
        verbose_name = "ligne d’écriture"
        constraints = (
            models.CheckConstraint(
                condition=~Q(account__in=("receivable", "wallet")) | Q(payer__isnull=False), name="a_debt_has_a_payer"
            ),
            *same_authority("posting", "payer", "invoice"),
        )
        indexes = (
            models.Index(fields=("authority", "posting"), name="entry_by_posting"),
            models.Index(fields=("authority", "payer", "account"), name="entry_by_payer"),
            models.Index(fields=("authority", "invoice", "account"), name="entry_by_invoice"),
        )


class ImportedDocument(OfAuthority):
    """The document (PDF) of an imported invoice, as its software drew it."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.CASCADE, related_name="imported_document", db_constraint=False
    )
    content = EncryptedBinaryField("document")
    received_at = models.DateTimeField("reçu le")

    class Meta:
        verbose_name = "document d’une facture importée"
        constraints = (tenant_key(), *same_authority("invoice"))


class FollowedAccount(OfAuthority):
    """An account of a person has an imported invoice in its list, and those that follow of the same debtor account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followed_accounts")
    payer = models.ForeignKey(PayerAccount, on_delete=models.CASCADE, related_name="followed_by", db_constraint=False)
    followed_at = models.DateTimeField("depuis le")

    class Meta:
        verbose_name = "compte payeur suivi"
        constraints = (
            models.UniqueConstraint(fields=("authority", "user", "payer"), name="one_followed_account"),
            *same_authority("payer"),
        )


class ApiToken(OfAuthority):
    """What lets another software bring its invoices to a régie. Only its digest is kept; `hint` is its last signs."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.CASCADE, related_name="api_tokens", db_constraint=False)
    name = models.CharField("logiciel", max_length=80)
    digest = models.CharField("empreinte", max_length=64, unique=True)
    hint = models.CharField("derniers signes", max_length=4)
    made_at = models.DateTimeField("fait le")
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    used_on = models.DateField("utilisé le", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    class Meta:
        verbose_name = "jeton d’accès"
        constraints = (tenant_key(), *same_authority("regie"))
        indexes = (models.Index(fields=("authority", "regie", "made_at"), name="token_by_regie"),)


class HiddenInvoice(OfAuthority):
    """An account hid an invoice from its own list. Nobody else sees a difference."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="hidden_invoices")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="hidden_by", db_constraint=False)
    hidden_at = models.DateTimeField("masquée le")

    class Meta:
        verbose_name = "facture masquée"
        constraints = (
            models.UniqueConstraint(fields=("authority", "user", "invoice"), name="one_hidden_invoice"),
            *same_authority("invoice"),
        )
