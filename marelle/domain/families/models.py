"""Families and their people."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, SchoolClass
from marelle.foundation.encryption import EncryptedBinaryField, EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class Family(OfAuthority):
    """A family file (dossier famille) at an authority."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.CharField("numéro de dossier", max_length=40)
    name = models.CharField("nom de la famille", max_length=120)
    address = models.CharField("adresse", max_length=200, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    is_resident = models.BooleanField("habite la commune", default=True, db_default=True)
    # What a règlement calls a category of families: codes that the authority chooses, as « parents-actifs ».
    categories = ArrayField(models.SlugField(max_length=40), verbose_name="catégories", default=list, blank=True)

    class Meta:
        verbose_name = "famille"
        constraints = (tenant_key(), models.UniqueConstraint(fields=("authority", "code"), name="family_by_code"))

    def __str__(self) -> str:
        return f"famille {self.pk}"


class Guardian(OfAuthority):
    """A person responsible for children of the family (responsable légal)."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="guardians", db_constraint=False)
    first_name = models.CharField("prénom", max_length=60)
    last_name = models.CharField("nom", max_length=80)
    relation = models.CharField("lien avec les enfants", max_length=40, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)

    class Meta:
        verbose_name = "responsable"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "family", "first_name", "last_name"), name="guardian_by_name"),
            *same_authority("family"),
        )

    def __str__(self) -> str:
        return f"responsable {self.pk}"


class Child(OfAuthority):
    """A child known to an authority. Which home it lives in, and when, is custody."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.CharField("numéro", max_length=60)
    first_name = models.CharField("prénom", max_length=60)
    last_name = models.CharField("nom", max_length=80)
    birth_date = models.DateField("date de naissance")
    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.SET_NULL, null=True, blank=True, related_name="children", db_constraint=False
    )
    animal = models.CharField("animal", max_length=20)
    chalk = models.CharField("craie", max_length=20)

    class Meta:
        verbose_name = "enfant"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code"), name="child_by_code"),
            *same_authority("school_class"),
        )

    def __str__(self) -> str:
        return f"enfant {self.pk}"

    @property
    def full_name(self) -> str:
        """Will return first and last name."""
        return f"{self.first_name} {self.last_name}"


class Custody(OfAuthority):
    """A child lives with a family from a date on; with two families at once in shared custody."""

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="custodies", db_constraint=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="custodies", db_constraint=False)
    starts_on = models.DateField("depuis")
    ends_on = models.DateField("jusqu’à", null=True, blank=True)

    class Meta:
        verbose_name = "garde"
        constraints = (
            models.UniqueConstraint(fields=("authority", "child", "family", "starts_on"), name="one_custody"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="custody_ends_after_it_starts",
            ),
            *same_authority("child", "family"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="custody_by_family"),)


class Membership(OfAuthority):
    """An account acts for a guardian of a family."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="memberships", db_constraint=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="memberships", db_constraint=False)
    joined_at = models.DateTimeField()

    class Meta:
        verbose_name = "appartenance"
        constraints = (
            models.UniqueConstraint(fields=("authority", "user", "family"), name="one_membership"),
            *same_authority("family", "guardian"),
        )


class Block(OfAuthority):
    """Something that stands against a family's reservations until it is lifted: the règlement says whether it minds.

    An amount (cents) for unpaid invoices, the name of the document for one that is missing. An automatic one follows
    the ledger; one that an agent put stays as it was put.
    """

    class Kind(models.TextChoices):
        """What it is."""

        UNPAID = "unpaid", "Factures impayées"
        INCOMPLETE_FILE = "incomplete_file", "Dossier incomplet"
        MISSING_DOCUMENT = "missing_document", "Document manquant"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="blocks", db_constraint=False)
    kind = models.CharField("nature", max_length=20, choices=Kind)
    amount_cents = models.PositiveIntegerField("montant, en centimes", default=0)
    document = models.CharField("document", max_length=80, blank=True)
    put_at = models.DateTimeField("depuis le")
    lifted_at = models.DateTimeField("levé le", null=True, blank=True)
    is_automatic = models.BooleanField("suit les comptes", default=False, db_default=False)

    class Meta:
        verbose_name = "blocage"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "family", "kind", "document"),
                condition=models.Q(lifted_at__isnull=True),
                name="one_block",
            ),
            *same_authority("family"),
        )


class HealthRecord(OfAuthority):
    """What must be known to feed and look after a child. Every column is encrypted."""

    child = models.OneToOneField(Child, on_delete=models.CASCADE, related_name="health", db_constraint=False)
    diet = EncryptedTextField("régime", blank=True)
    allergies = EncryptedTextField("allergies", blank=True)
    care_plan = EncryptedTextField("projet d’accueil individualisé", blank=True)

    class Meta:
        verbose_name = "fiche sanitaire"
        constraints = same_authority("child")


class SupportingDocument(OfAuthority):
    """A file that a family gave (justificatif): a certificate of quotient, of insurance.

    Its content is encrypted, and so is its name, which may tell as much.
    `kind` is a code that says what it proves, as « quotient ». A child is named when it is about that child alone.
    Listings defer `content`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="documents", db_constraint=False)
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, null=True, blank=True, related_name="documents", db_constraint=False
    )
    kind = models.SlugField("nature", max_length=40)
    name = EncryptedTextField("nom du fichier")
    content_type = models.CharField("type du fichier", max_length=40)
    content = EncryptedBinaryField("contenu")
    size = models.PositiveIntegerField("taille, en octets")
    uploaded_at = models.DateTimeField("reçu le")
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "justificatif"
        constraints = (tenant_key(), *same_authority("family", "child"))
        indexes = (models.Index(fields=("authority", "family", "kind"), name="document_by_family"),)

    def __str__(self) -> str:
        return f"justificatif {self.pk}"


class FamilyQuotient(OfAuthority):
    """A family's quotient familial from a day on, until the next one. A wrong one is withdrawn, never deleted.

    `value_cents` is the quotient times a hundred (742 is 74200): some towns cut their bands at the cent. `period` is
    the month it holds for, as the one who gave it writes it (« 2026-11 »).
    """

    class Source(models.TextChoices):
        """Whence it is known."""

        API = "api", "API Particulier (CAF ou MSA)"
        DOCUMENT = "document", "Justificatif"
        DECLARED = "declared", "Déclaré au guichet"
        FILE = "file", "Reprise d’un fichier"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="quotients", db_constraint=False)
    value_cents = models.PositiveIntegerField("quotient, en centimes")
    valid_from = models.DateField("à partir du")
    source = models.CharField("source", max_length=10, choices=Source)
    provider = models.CharField("organisme", max_length=10, blank=True)
    period = models.CharField("mois du quotient", max_length=10, blank=True)
    document = models.ForeignKey(
        SupportingDocument,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="quotients",
        db_constraint=False,
    )
    recorded_at = models.DateTimeField("noté le")
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "quotient familial"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "family", "valid_from"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_quotient_a_day",
            ),
            # The same bound as HIGHEST_CENTS of rules.quotients.
            models.CheckConstraint(condition=models.Q(value_cents__lte=20_000_00), name="quotient_is_believable"),
            *same_authority("family", "document"),
        )

    def __str__(self) -> str:
        return f"quotient {self.pk}"
