"""What families ask, what is said about it, and what came of it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marelle.domain.accounts.models import Agent, User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models import Child, Family, Guardian, SupportingDocument
from marelle.domain.procedures.models.definitions import ProcedureVersion, ServiceInCharge
from marelle.domain.procedures.rules.definitions import EffectKind
from marelle.domain.procedures.rules.states import OPEN, STATE_WORDS, State
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key

_OPEN = sorted(state.value for state in OPEN)


class Application(OfAuthority):
    """What a family asks (demande), from the draft to what came of it.

    `given` and `decided` are answers as a form sends them (see `rules.answers`), as JSON, encrypted: the family's, and
    those that an acceptance acted on. `number` is counted by authority, from the moment it is submitted. `silent_on` is
    the last day (local) before silence decides; None when it decides nothing, or not yet. `revision` grows with each
    write: an agent who answers what she no longer sees is told so. `acknowledged` is what the family was told at once.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    number = models.PositiveIntegerField("numéro", null=True, blank=True)
    version = models.ForeignKey(
        ProcedureVersion, on_delete=models.PROTECT, related_name="applications", db_constraint=False
    )
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="applications", db_constraint=False)
    guardian = models.ForeignKey(
        Guardian, on_delete=models.SET_NULL, null=True, blank=True, related_name="applications", db_constraint=False
    )
    applicant = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(
        "état", max_length=20, choices=[(state.value, STATE_WORDS[state]) for state in State], default=State.DRAFT.value
    )
    given = EncryptedTextField("réponses de la famille", blank=True)
    created_at = models.DateTimeField("commencée le")
    updated_at = models.DateTimeField("dernier changement")
    revision = models.PositiveIntegerField("révision", default=1)
    submitted_at = models.DateTimeField("reçue le", null=True, blank=True)
    acknowledged = EncryptedTextField("accusé de réception", blank=True)
    silent_on = models.DateField("silence jusqu’au", null=True, blank=True)
    in_charge = models.ForeignKey(
        ServiceInCharge,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        db_constraint=False,
    )
    assigned_to = models.ForeignKey(
        Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="applications", db_constraint=False
    )
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reasons = EncryptedTextField("motifs", blank=True)
    decided = EncryptedTextField("ce qui a été accepté", blank=True)

    class Meta:
        verbose_name = "demande"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "number"), condition=models.Q(number__isnull=False), name="application_by_number"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft")
                | models.Q(submitted_at__isnull=False, number__isnull=False, in_charge__isnull=False),
                name="what_is_submitted_has_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", *_OPEN]) | models.Q(decided_at__isnull=False),
                name="what_is_closed_has_a_moment",
            ),
            *same_authority("version", "family", "guardian", "in_charge", "assigned_to"),
        )
        indexes = (
            models.Index(fields=("authority", "family", "-created_at"), name="application_by_family"),
            models.Index(
                fields=("authority", "in_charge", "silent_on"),
                condition=models.Q(state__in=_OPEN),
                name="application_open",
            ),
            models.Index(fields=("authority", "in_charge", "-submitted_at"), name="application_by_service"),
        )

    def __str__(self) -> str:
        return f"demande {self.pk}"

    @property
    def answers(self) -> dict[str, list[str]]:
        """Will return what the family gave, by the names of a form."""
        return json.loads(self.given) if self.given else {}

    @property
    def accepted(self) -> dict[str, list[str]]:
        """Will return what an acceptance acted on, by the names of a form."""
        return json.loads(self.decided) if self.decided else {}


class ApplicationChild(OfAuthority):
    """A child whom an application is about."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="children", db_constraint=False)
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="applications", db_constraint=False)

    class Meta:
        verbose_name = "enfant d’une demande"
        constraints = (
            models.UniqueConstraint(fields=("authority", "application", "child"), name="one_child_of_an_application"),
            *same_authority("application", "child"),
        )
        indexes = (models.Index(fields=("authority", "child"), name="application_by_child"),)


class ApplicationDocument(OfAuthority):
    """A document of the family's file that answers one that is asked for (`code`)."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="documents", db_constraint=False
    )
    document = models.ForeignKey(
        SupportingDocument, on_delete=models.CASCADE, related_name="applications", db_constraint=False
    )
    code = models.CharField("pièce", max_length=40)
    added_at = models.DateTimeField("jointe le")

    class Meta:
        verbose_name = "pièce jointe"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "application", "code", "document"), name="one_document_of_an_application"
            ),
            *same_authority("application", "document"),
        )


class ChangesAsked(OfAuthority):
    """What an agent asks to complete an application (demande de complément), until a day (CRPA L114-5).

    `codes` names the documents and the fields that are missing. `ended_at` is when they came; the delay that silence
    is counted by waits meanwhile (see `rules.clocks`).
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="changes", db_constraint=False)
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    due_on = models.DateField("à fournir avant la fin du")
    words = EncryptedTextField("ce qui manque")
    codes = ArrayField(models.CharField(max_length=40), verbose_name="pièces et questions", default=list, blank=True)
    ended_at = models.DateTimeField("fourni le", null=True, blank=True)

    class Meta:
        verbose_name = "demande de complément"
        constraints = same_authority("application")
        indexes = (models.Index(fields=("authority", "application", "asked_at"), name="changes_by_application"),)


class Message(OfAuthority):
    """Words in the thread of an application: the family's, or an agent's."""

    class Side(models.TextChoices):
        """Who wrote."""

        FAMILY = "family", "Famille"
        AGENT = "agent", "Mairie"

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="messages", db_constraint=False)
    side = models.CharField("de", max_length=10, choices=Side)
    words = EncryptedTextField("texte")
    written_at = models.DateTimeField("écrit le")
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "message"
        constraints = same_authority("application")
        indexes = (models.Index(fields=("authority", "application", "written_at"), name="message_by_application"),)


class AgentNote(OfAuthority):
    """Words between agents about an application; no family reads them."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="notes", db_constraint=False)
    words = EncryptedTextField("texte")
    written_at = models.DateTimeField("écrit le")
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "note entre agents"
        constraints = same_authority("application")
        indexes = (models.Index(fields=("authority", "application", "written_at"), name="note_by_application"),)


class AppliedEffect(OfAuthority):
    """What an acceptance did, once: there is one at most for an application. `done` is sentences, one a line."""

    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, related_name="effect", db_constraint=False
    )
    kind = models.CharField("effet", max_length=20, choices=[(kind.value, kind.value) for kind in EffectKind])
    done = EncryptedTextField("ce qui a été fait", blank=True)
    rows = models.JSONField("lignes touchées", default=list)
    applied_at = models.DateTimeField("fait le")

    class Meta:
        verbose_name = "effet d’une décision"
        constraints = same_authority("application")


class SilenceWarning(OfAuthority):
    """Agents were told that silence decides in so many days; once for each."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="warnings", db_constraint=False)
    silent_on = models.DateField("silence jusqu’au")
    days_before = models.PositiveSmallIntegerField("jours avant")
    sent_at = models.DateTimeField("envoyé le")

    class Meta:
        verbose_name = "alerte avant silence"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "application", "silent_on", "days_before"), name="one_warning_of_a_day"
            ),
            *same_authority("application"),
        )


def as_json(given: dict[str, Any]) -> str:
    """Will write answers as they are kept; the same answers always give the same text."""
    return json.dumps(given, ensure_ascii=False, sort_keys=True)
