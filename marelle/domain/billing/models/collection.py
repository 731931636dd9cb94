"""What is done about what is not paid: reminders, hand-over to the Trésor, what it says back. Amounts in cents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, Regie
from marelle.domain.billing.models.invoices import Invoice, PayerAccount, Posting
from marelle.domain.families.models import Family
from marelle.foundation.encryption import EncryptedBinaryField, EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key

KINDS = (("titles", "Titres d’impayés de régie"), ("rolls", "Rôle (ORMC)"))


class CollectionSettings(OfAuthority):
    """How a régie goes after what is not paid: whether by itself, and what the Trésor knows it by.

    `codique` is the accounting office, `town_code` and `budget_code` the budget in Hélios. Debts under `lowest_cents`
    by debtor are not handed over (L. 1611-5 and D. 1611-1 of the CGCT: 15 €). Numbers begin at `first_docket` and
    `first_title` where another tool of the town numbers the same budget.
    """

    class Kind(models.TextChoices):
        """What it hands over."""

        TITLES = KINDS[0]
        ROLLS = KINDS[1]

    regie = models.OneToOneField(
        Regie, on_delete=models.CASCADE, related_name="collection_settings", db_constraint=False
    )
    has_reminders = models.BooleanField("relance toute seule", default=False)
    kind = models.CharField("remise", max_length=10, choices=Kind, default=Kind.TITLES)
    codique = models.CharField("codique du poste comptable", max_length=7, blank=True, default="")
    town_code = models.CharField("code collectivité", max_length=3, blank=True, default="")
    budget_code = models.CharField("code budget", max_length=2, blank=True, default="")
    budget_name = models.CharField("libellé du budget", max_length=38, blank=True, default="")
    regie_code = models.CharField("numéro de la régie", max_length=10, blank=True, default="")
    product_code = models.CharField("code produit local", max_length=4, blank=True, default="")
    nature = models.CharField("nature", max_length=12, blank=True, default="7067")
    function = models.CharField("fonction", max_length=10, blank=True, default="")
    has_keys = models.BooleanField("écrit les clés de contrôle", default=True)
    lowest_cents = models.PositiveIntegerField("dette minimale, en centimes", default=1500)
    first_docket = models.PositiveIntegerField("premier bordereau", default=1)
    first_title = models.PositiveIntegerField("premier titre", default=1)

    class Meta:
        verbose_name = "recouvrement d’une régie"
        constraints = (tenant_key(), *same_authority("regie"))


class ReminderStage(OfAuthority):
    """A reminder that a régie sends, so many days after the due date: what it is called, and what it says."""

    regie = models.ForeignKey(Regie, on_delete=models.CASCADE, related_name="reminder_stages", db_constraint=False)
    position = models.PositiveSmallIntegerField("rang")
    days = models.PositiveSmallIntegerField("jours après l’échéance")
    name = models.CharField("intitulé", max_length=80)
    words = models.TextField("texte", max_length=2000)
    is_letter = models.BooleanField("toujours par courrier", default=False)

    class Meta:
        verbose_name = "étape de relance"
        constraints = (
            models.UniqueConstraint(fields=("authority", "regie", "position"), name="stage_by_position"),
            *same_authority("regie"),
        )


class Reminder(OfAuthority):
    """An invoice was asked for again. A letter waits to be printed until `printed_at`."""

    class How(models.TextChoices):
        """How it goes."""

        EMAIL = "email", "E-mail"
        LETTER = "letter", "Courrier"

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="reminders", db_constraint=False)
    position = models.PositiveSmallIntegerField("rang")
    name = models.CharField("intitulé", max_length=80)
    words = models.TextField("texte", max_length=2000)
    how = models.CharField("envoi", max_length=10, choices=How)
    left_cents = models.PositiveIntegerField("restait à payer, en centimes")
    sent_at = models.DateTimeField("le")
    sent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    printed_at = models.DateTimeField("imprimée le", null=True, blank=True)

    class Meta:
        verbose_name = "relance"
        constraints = (
            models.UniqueConstraint(fields=("authority", "invoice", "position"), name="one_reminder_of_a_stage"),
            tenant_key(),
            *same_authority("invoice"),
        )
        indexes = (
            models.Index(
                fields=("authority", "sent_at"),
                condition=Q(how="letter", printed_at__isnull=True),
                name="reminder_to_print",
            ),
        )


class CollectionHold(OfAuthority):
    """Nobody is reminded, nor handed over to the Trésor, while it stands: for a whole family, or one invoice.

    A debit that was announced stands until the day after it (`until`, included).
    """

    class Kind(models.TextChoices):
        """Why."""

        PAUSE = "pause", "Relances suspendues"
        DISPUTE = "dispute", "Facture contestée"
        DEBIT = "debit", "Prélèvement annoncé"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="collection_holds", db_constraint=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, related_name="collection_holds", null=True, blank=True, db_constraint=False
    )
    kind = models.CharField("nature", max_length=10, choices=Kind)
    reason = models.CharField("raison", max_length=300, blank=True, default="")
    until = models.DateField("jusqu’au", null=True, blank=True)
    put_at = models.DateTimeField("depuis le")
    put_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField("levée le", null=True, blank=True)

    class Meta:
        verbose_name = "suspension des relances"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "family", "invoice", "kind"),
                condition=Q(lifted_at__isnull=True),
                name="one_standing_hold",
                nulls_distinct=False,
            ),
            *same_authority("family", "invoice"),
        )


class Debtor(OfAuthority):
    """Who a payer is to the Trésor, as an agent wrote it: a person, and an address in lines of 38 characters."""

    class Civility(models.TextChoices):
        """As the Trésor takes it."""

        MME = "MME", "Madame"
        M = "M", "Monsieur"

    payer = models.OneToOneField(PayerAccount, on_delete=models.CASCADE, related_name="debtor", db_constraint=False)
    civility = models.CharField("civilité", max_length=3, choices=Civility)
    last_name = models.CharField("nom", max_length=38)
    first_name = models.CharField("prénom", max_length=38)
    address_extra = models.CharField("complément d’adresse", max_length=38, blank=True, default="")
    address = models.CharField("numéro et voie", max_length=38)
    place = models.CharField("lieu-dit", max_length=38, blank=True, default="")
    postcode = models.CharField("code postal", max_length=5)
    town = models.CharField("ville", max_length=38)

    class Meta:
        verbose_name = "débiteur"
        constraints = (tenant_key(), *same_authority("payer"))


class CollectionSeries(OfAuthority):
    """The last docket and title of a budget and an exercice, by kind. Its row is the lock under which they are given.

    Of the budget, not of the régie: the Trésor refuses a number that it knows, whatever the till it came from.
    """

    town_code = models.CharField("code collectivité", max_length=3)
    budget_code = models.CharField("code budget", max_length=2)
    exercice = models.PositiveSmallIntegerField("exercice")
    kind = models.CharField("remise", max_length=10, choices=KINDS)
    last_docket = models.PositiveIntegerField("dernier bordereau", default=0)
    last_title = models.PositiveIntegerField("dernier titre", default=0)

    class Meta:
        verbose_name = "série de bordereaux"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "town_code", "budget_code", "exercice", "kind"), name="one_docket_series"
            ),
        )


class CollectionBatch(OfAuthority):
    """A docket (bordereau) of what a régie hands over to the Trésor: prepared, then numbered and locked with its file.

    `content` is the file as it left, which holds names and addresses: encrypted. A docket that the Trésor's gate
    refused is made again under the same number, as the series must have no gap.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PREPARED = "prepared", "En préparation"
        EXPORTED = "exported", "Remis, en attente d’acquit"
        ACCEPTED = "accepted", "Accepté"
        REFUSED = "refused", "Refusé"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="dockets", db_constraint=False)
    kind = models.CharField("remise", max_length=10, choices=KINDS)
    exercice = models.PositiveSmallIntegerField("exercice")
    town_code = models.CharField("code collectivité", max_length=3, blank=True, default="")
    budget_code = models.CharField("code budget", max_length=2, blank=True, default="")
    sequence = models.PositiveIntegerField("numéro", null=True, blank=True)
    state = models.CharField("état", max_length=10, choices=State, default=State.PREPARED)
    prepared_at = models.DateTimeField("préparé le")
    prepared_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    exported_at = models.DateTimeField("remis le", null=True, blank=True)
    exported_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    exports = models.PositiveSmallIntegerField("fichiers faits", default=0)
    total_cents = models.PositiveIntegerField("total, en centimes", default=0)
    file_name = models.CharField("fichier", max_length=100, blank=True, default="")
    content = EncryptedBinaryField("contenu du fichier", null=True)
    digest = models.CharField("empreinte du fichier", max_length=64, blank=True, default="")
    answered_at = models.DateTimeField("réponse du", null=True, blank=True)
    refusal = models.CharField("motif du refus", max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = "bordereau de recouvrement"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "town_code", "budget_code", "exercice", "kind", "sequence"),
                condition=Q(sequence__isnull=False),
                name="docket_by_number",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", sequence__isnull=True)
                | (~Q(state="prepared") & Q(sequence__isnull=False, exported_at__isnull=False)),
                name="a_numbered_docket_left",
            ),
            models.UniqueConstraint(
                fields=("authority", "regie"), condition=Q(state="prepared"), name="one_docket_in_preparation"
            ),
            *same_authority("regie"),
        )


class CollectionOrder(OfAuthority):
    """An invoice in a docket: the line of a title (piece), which is the debtor's. What the Trésor says is kept here.

    `cents` were left to pay on the day it left.
    """

    class State(models.TextChoices):
        """Where it stands, as the Trésor says."""

        WAITING = "waiting", "Remise au Trésor"
        PENDING = "pending", "En instance au Trésor"
        TAKEN = "taken", "Prise en charge par le Trésor"
        PART_PAID = "part_paid", "Payée en partie au Trésor"
        PAID = "paid", "Payée au Trésor"
        WRITTEN_OFF = "written_off", "Admise en non-valeur ou réduite"
        REJECTED = "rejected", "Rejetée par le Trésor, rendue à la régie"

    batch = models.ForeignKey(CollectionBatch, on_delete=models.CASCADE, related_name="orders", db_constraint=False)
    payer = models.ForeignKey(PayerAccount, on_delete=models.PROTECT, related_name="orders", db_constraint=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="orders", db_constraint=False)
    piece = models.PositiveIntegerField("titre", null=True, blank=True)
    line = models.PositiveIntegerField("ligne", null=True, blank=True)
    cents = models.PositiveIntegerField("montant, en centimes")
    state = models.CharField("état", max_length=12, choices=State, default=State.WAITING)
    said = models.CharField("observation", max_length=500, blank=True, default="")
    taken_on = models.DateField("prise en charge le", null=True, blank=True)
    # What the Trésor says it received when it is not what is known of it: for an agent to look at.
    told_cents = models.PositiveIntegerField("reçu selon le Trésor, en centimes", null=True, blank=True)

    class Meta:
        verbose_name = "ligne de recouvrement"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "batch", "piece", "line"), condition=Q(piece__isnull=False), name="order_by_number"
            ),
            models.UniqueConstraint(
                fields=("authority", "invoice"), condition=~Q(state="rejected"), name="one_order_of_an_invoice"
            ),
            models.CheckConstraint(condition=Q(cents__gt=0), name="an_order_is_for_something"),
            *same_authority("batch", "payer", "invoice"),
        )


class CollectionEvent(OfAuthority):
    """What happened to an order at the Trésor, once: the posting says what the ledger made of it.

    Nothing names it in the file: origin, day, amount, and its rank among those alike.
    """

    order = models.ForeignKey(CollectionOrder, on_delete=models.CASCADE, related_name="events", db_constraint=False)
    origin = models.CharField("origine", max_length=2)
    date = models.DateField("jour")
    cents = models.PositiveIntegerField("montant, en centimes")
    rank = models.PositiveSmallIntegerField("rang", default=0)
    learnt_at = models.DateTimeField("apprise le")
    posting = models.OneToOneField(
        Posting, on_delete=models.PROTECT, related_name="collection_event", null=True, blank=True, db_constraint=False
    )

    class Meta:
        verbose_name = "encaissement au Trésor"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "order", "origin", "date", "cents", "rank"), name="one_collection_event"
            ),
            *same_authority("order", "posting"),
        )


class PaidBeforeTitle(OfAuthority):
    """Money that the Trésor received before any title was made for it, and asks for one (« P503 »).

    `number` is its own, to be written in the title. It stays in the list until an agent says that it is dealt with.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    town_code = models.CharField("code collectivité", max_length=3)
    budget_code = models.CharField("code budget", max_length=2)
    exercice = models.PositiveSmallIntegerField("exercice")
    number = models.PositiveBigIntegerField("numéro de l’encaissement")
    line = models.PositiveIntegerField("ligne")
    date = models.DateField("jour", null=True, blank=True)
    cents = models.PositiveIntegerField("montant, en centimes")
    words = EncryptedTextField("objet", blank=True, default="")
    account = models.CharField("compte d’attente", max_length=12, blank=True, default="")
    learnt_at = models.DateTimeField("apprise le")
    dealt_at = models.DateTimeField("traitée le", null=True, blank=True)
    dealt_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "encaissement avant titre"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "town_code", "budget_code", "exercice", "number", "line"),
                name="one_paid_before_title",
            ),
        )


class CollectionReturn(OfAuthority):
    """A file of the Trésor that was taken in: an acknowledgement, or what became of titles. The same, once."""

    class Kind(models.TextChoices):
        """What it is."""

        ACKNOWLEDGEMENT = "ack", "Acquit"
        RETURN = "return", "Retour"

    digest = models.CharField(max_length=64)
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("nature", max_length=10, choices=Kind)
    taken_at = models.DateTimeField("reçu le")
    taken_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    matched = models.PositiveIntegerField("lignes reconnues", default=0)
    unknown = models.PositiveIntegerField("lignes inconnues", default=0)

    class Meta:
        verbose_name = "fichier du Trésor"
        constraints = (models.UniqueConstraint(fields=("authority", "digest"), name="one_collection_return"),)
