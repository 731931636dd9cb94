"""What families change of their own file, and what an authority lets them change."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Child, Family, Guardian
from marelle.domain.families.rules.profile import FIELDS, WAY_WORDS
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class ProfilePolicy(OfAuthority):
    """How a field of the file is changed at an authority that chose; a field without a row follows the default."""

    field = models.CharField("information", max_length=30, choices=[(code, one.label) for code, one in FIELDS.items()])
    way = models.CharField("façon", max_length=10, choices=[(way.value, words) for way, words in WAY_WORDS.items()])

    class Meta:
        verbose_name = "réglage du profil"
        constraints = (models.UniqueConstraint(fields=("authority", "field"), name="one_way_a_field"),)


class ProfileSettings(OfAuthority):
    """The month (1 to 12) from which families confirm their file each year; None: they are not asked."""

    confirmation_month = models.PositiveSmallIntegerField("mois de la confirmation annuelle", null=True, blank=True)

    class Meta:
        verbose_name = "confirmation annuelle"
        constraints = (
            models.UniqueConstraint(fields=("authority",), name="one_profile_settings"),
            models.CheckConstraint(
                condition=models.Q(confirmation_month__isnull=True) | models.Q(confirmation_month__range=(1, 12)),
                name="confirmation_month_is_one",
            ),
        )


class ProposedChange(OfAuthority):
    """A change of one field that a family proposed and an agent approves or refuses.

    `old` is what the file said then: an approval is refused once it says something else. Guardian and child are named
    when the field is theirs. Values are encrypted: some are about health. Days are written as 2017-04-09.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "En attente"
        APPROVED = "approved", "Acceptée"
        REFUSED = "refused", "Refusée"
        WITHDRAWN = "withdrawn", "Retirée"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="changes", db_constraint=False)
    guardian = models.ForeignKey(
        Guardian, on_delete=models.CASCADE, null=True, blank=True, related_name="changes", db_constraint=False
    )
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, null=True, blank=True, related_name="changes", db_constraint=False
    )
    field = models.CharField("information", max_length=30, choices=[(code, one.label) for code, one in FIELDS.items()])
    old = EncryptedTextField("ce que dit le dossier", blank=True)
    new = EncryptedTextField("ce que demande la famille", blank=True)
    state = models.CharField("état", max_length=10, choices=State, default=State.WAITING)
    proposed_at = models.DateTimeField("demandée le")
    proposed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = EncryptedTextField("réponse", blank=True)

    class Meta:
        verbose_name = "modification demandée"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "family", "field", "guardian", "child"),
                condition=models.Q(state="waiting"),
                nulls_distinct=False,
                name="one_change_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting") | models.Q(decided_at__isnull=False), name="a_decision_has_a_moment"
            ),
            *same_authority("family", "guardian", "child"),
        )
        indexes = (models.Index(fields=("authority", "state", "proposed_at"), name="change_by_state"),)

    def __str__(self) -> str:
        return f"modification {self.pk}"


class PickupPerson(OfAuthority):
    """Somebody whom a family lets fetch some of its children. Ended, never deleted: who was allowed stays known."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="pickups", db_constraint=False)
    name = models.CharField("nom et prénom", max_length=120)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    relation = models.CharField("lien avec les enfants", max_length=60, blank=True)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    added_at = models.DateTimeField("notée le")
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "personne autorisée à venir chercher"
        constraints = (
            tenant_key(),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="pickup_ends_after_it_starts",
            ),
            *same_authority("family"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="pickup_by_family"),)

    def __str__(self) -> str:
        return f"personne autorisée {self.pk}"


class PickupChild(OfAuthority):
    """A child whom a person may fetch."""

    person = models.ForeignKey(PickupPerson, on_delete=models.CASCADE, related_name="children", db_constraint=False)
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="pickups", db_constraint=False)

    class Meta:
        verbose_name = "enfant confié"
        constraints = (
            models.UniqueConstraint(fields=("authority", "person", "child"), name="one_pickup_child"),
            *same_authority("person", "child"),
        )
        indexes = (models.Index(fields=("authority", "child"), name="pickup_by_child"),)


class ConsentText(OfAuthority):
    """A version of what families are asked to consent to. The latest of its code counts; a change is a new version."""

    class About(models.TextChoices):
        """For whom it is asked."""

        CHILD = "child", "Pour chaque enfant"
        FAMILY = "family", "Pour le foyer"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.SlugField("nom court", max_length=40)
    version = models.PositiveSmallIntegerField("version", default=1)
    title = models.CharField("titre", max_length=120)
    body = models.TextField("texte")
    about = models.CharField("demandée", max_length=10, choices=About)
    published_at = models.DateTimeField("publiée le")
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "texte d’autorisation"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code", "version"), name="one_version_of_a_text"),
            models.UniqueConstraint(
                fields=("authority", "code"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_text_in_force",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code}, version {self.version}"


class Consent(OfAuthority):
    """An answer to a version of a text, for a child or for the home. Appended: the last counts, the others prove."""

    text = models.ForeignKey(ConsentText, on_delete=models.CASCADE, related_name="answers", db_constraint=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="consents", db_constraint=False)
    child = models.ForeignKey(
        Child, on_delete=models.CASCADE, null=True, blank=True, related_name="consents", db_constraint=False
    )
    is_given = models.BooleanField("accordée")
    answered_at = models.DateTimeField("répondue le")
    answered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "autorisation"
        constraints = same_authority("text", "family", "child")
        indexes = (models.Index(fields=("authority", "family", "text"), name="consent_by_family"),)


class FileConfirmation(OfAuthority):
    """« Je confirme que mon dossier est à jour »: by whom, when, and what the file said, encrypted."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="file_confirmations", db_constraint=False)
    confirmed_on = models.DateField("jour")
    confirmed_at = models.DateTimeField("confirmé le")
    confirmed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    content = EncryptedTextField("ce que disait le dossier")

    class Meta:
        verbose_name = "confirmation du dossier"
        constraints = same_authority("family")
        indexes = (models.Index(fields=("authority", "family", "confirmed_on"), name="confirmation_by_family"),)
