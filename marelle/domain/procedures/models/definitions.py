"""What an authority lets families ask for, and which of its services answers."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import Grant, User
from marelle.domain.authorities.models import Contact, OfAuthority
from marelle.domain.procedures.rules.definitions import Definition, read_definition
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class ServiceInCharge(OfAuthority, Contact):
    """A service of the authority that answers applications, and who is named on what it sends (CRPA L111-2).

    `role` is what an agent must be granted to answer. An empty `agent_name` keeps her anonymous, for safety.
    """

    code = models.SlugField("nom court", max_length=40)
    name = models.CharField("nom", max_length=120)
    role = models.CharField("habilitation", max_length=30, choices=Grant.Role, default=Grant.Role.MANAGE_RESERVATIONS)
    agent_name = models.CharField("agent chargé des demandes", max_length=120, blank=True)
    agent_quality = models.CharField("qualité de l’agent", max_length=120, blank=True)

    class Meta:
        verbose_name = "service chargé des demandes"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code"), name="service_in_charge_by_code"),
        )

    def __str__(self) -> str:
        return self.name


class Procedure(OfAuthority):
    """Something that families may ask for (thématique); `current_number` is its version in force."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.SlugField("nom court", max_length=40)
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_open = models.BooleanField("ouverte aux familles", default=True)
    current_number = models.PositiveSmallIntegerField("version en vigueur", default=1)

    class Meta:
        verbose_name = "démarche"
        constraints = (tenant_key(), models.UniqueConstraint(fields=("authority", "code"), name="procedure_by_code"))

    def __str__(self) -> str:
        return self.code


class ProcedureVersion(OfAuthority):
    """What a procedure said from a moment on. Never changed: applications are read by the one they were made with."""

    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, related_name="versions", db_constraint=False)
    number = models.PositiveSmallIntegerField("version")
    title = models.CharField("titre", max_length=120)
    category = models.CharField("catégorie", max_length=60)
    content = models.JSONField("contenu")
    published_at = models.DateTimeField("publiée le")
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "version d’une démarche"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "procedure", "number"), name="one_version_of_a_procedure"),
            *same_authority("procedure"),
        )

    def __str__(self) -> str:
        return f"{self.procedure_id}, version {self.number}"

    @property
    def definition(self) -> Definition:
        """Will return what it says, as values."""
        return read_definition(self.content)


class AnswerTemplate(OfAuthority):
    """Words that agents answer with, blanks included: « Votre demande n° {numero} … ». Of one procedure, or of all."""

    class Purpose(models.TextChoices):
        """What it is written for."""

        MESSAGE = "message", "Message"
        CHANGES = "changes", "Demande de complément"
        APPROVE = "approve", "Acceptation"
        REJECT = "reject", "Refus"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    procedure = models.ForeignKey(
        Procedure, on_delete=models.CASCADE, null=True, blank=True, related_name="templates", db_constraint=False
    )
    purpose = models.CharField("pour", max_length=10, choices=Purpose)
    title = models.CharField("titre", max_length=120)
    body = models.TextField("texte")

    class Meta:
        verbose_name = "modèle de réponse"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "procedure", "title"), nulls_distinct=False, name="one_template_of_a_title"
            ),
            *same_authority("procedure"),
        )

    def __str__(self) -> str:
        return self.title
