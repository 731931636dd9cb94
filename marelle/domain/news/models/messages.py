"""What agents write to families: the words they keep, the messages, who was told, and whose address answers no more."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models import Family, Guardian
from marelle.domain.news.rules.messages import LONGEST_SUBJECT, LONGEST_TITLE
from marelle.domain.news.rules.recipients import Channel
from marelle.foundation.derived_secrets import digest_of_code
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key

CHANNELS = [(Channel.EMAIL.value, "E-mail"), (Channel.TEXT.value, "SMS")]


class MessageTemplate(OfAuthority):
    """Words that agents begin a message with (modèle de message), with the blanks of `rules.messages`."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    title = models.CharField("titre", max_length=LONGEST_TITLE)
    subject = models.CharField("objet", max_length=LONGEST_SUBJECT, blank=True)
    body = models.TextField("texte de l’e-mail", blank=True)
    text_body = models.TextField("texte du SMS", blank=True)

    class Meta:
        verbose_name = "modèle de message"
        constraints = (models.UniqueConstraint(fields=("authority", "title"), name="message_template_by_title"),)

    def __str__(self) -> str:
        return self.title


class FamilyMessage(OfAuthority):
    """A message to the families that a filter finds (`rules.filters`), by e-mail, by text or both.

    The filter holds codes, never people: whom it finds is looked up when it leaves, and kept as recipients. Once it has
    begun to leave, its words and its filter never change.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", "Brouillon"
        SENDING = "sending", "Envoi en cours"
        SENT = "sent", "Envoyé"
        STOPPED = "stopped", "Arrêté"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    subject = models.CharField("objet", max_length=LONGEST_SUBJECT, blank=True)
    body = models.TextField("texte de l’e-mail", blank=True)
    text_body = models.TextField("texte du SMS", blank=True)
    by_email = models.BooleanField("par e-mail", default=True)
    by_text = models.BooleanField("par SMS", default=False)
    criteria = models.JSONField("filtre", default=dict)
    state = models.CharField("état", max_length=10, choices=State, default=State.DRAFT)
    written_at = models.DateTimeField("écrit le")
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    began_at = models.DateTimeField("parti le", null=True, blank=True)
    sent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "message aux familles"
        constraints = (
            tenant_key(),
            models.CheckConstraint(
                condition=models.Q(state="draft", began_at__isnull=True) | models.Q(began_at__isnull=False),
                name="a_message_that_left_has_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(by_email=True) | models.Q(by_text=True), name="a_message_has_a_channel"
            ),
        )
        indexes = (models.Index(fields=("authority", "written_at"), name="family_message_by_date"),)

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def channels(self) -> frozenset[Channel]:
        """Will return the channels by which it leaves."""
        said = ((self.by_email, Channel.EMAIL), (self.by_text, Channel.TEXT))
        return frozenset(channel for is_said, channel in said if is_said)


class MessageRecipient(OfAuthority):
    """Somebody to whom a message goes, once a channel; the guardian, or nobody when it is the family's own address.

    The address is not here: it is looked up when the message leaves. A text is claimed (`claimed_at`) before the
    provider is asked, so that a worker that is killed in between never sends it twice.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "En attente"
        CLAIMED = "claimed", "En train de partir"
        TOLD = "told", "Parti"
        DELIVERED = "delivered", "Reçu"
        FAILED = "failed", "Pas parti"
        RETURNED = "returned", "Revenu"
        LOST = "lost", "Adresse qui ne répond plus"
        NO_ADDRESS = "no_address", "Sans adresse"
        STOPPED = "stopped", "Arrêté avant de partir"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    message = models.ForeignKey(
        FamilyMessage, on_delete=models.CASCADE, related_name="recipients", db_constraint=False, db_index=False
    )
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    guardian = models.ForeignKey(
        Guardian, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    channel = models.CharField("canal", max_length=5, choices=CHANNELS)
    state = models.CharField("état", max_length=10, choices=State, default=State.WAITING)
    claimed_at = models.DateTimeField("pris le", null=True, blank=True)
    told_at = models.DateTimeField("parti le", null=True, blank=True)
    provider_id = models.CharField("numéro chez l’opérateur", max_length=40, blank=True)
    # A code of ours, never a provider's words, which may quote the number.
    failure = models.CharField("échec", max_length=40, blank=True)

    class Meta:
        verbose_name = "destinataire"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "message", "family", "guardian", "channel"),
                name="told_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("told", "delivered", "returned")) | models.Q(told_at__isnull=False),
                name="who_was_told_has_a_moment",
            ),
            *same_authority("message", "family", "guardian"),
        )
        indexes = (
            models.Index(fields=("authority", "message", "state"), name="recipient_by_state"),
            models.Index(fields=("authority", "family"), name="recipient_by_family"),
            models.Index(
                fields=("authority", "told_at"),
                condition=models.Q(channel="text", state="told"),
                name="text_not_known_yet",
            ),
        )

    def __str__(self) -> str:
        return f"destinataire {self.pk}"


class LostAddress(OfAuthority):
    """An e-mail address of a family from which a letter came back for good (adresse qui ne répond plus).

    Only a digest of it: once the family has another address, or an agent says to try again, it stands for nothing.
    `status` is the code of RFC 3463 (« 5.1.1 »).
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    digest = models.CharField("empreinte", max_length=64)
    status = models.CharField("code du retour", max_length=12, blank=True)
    returned_at = models.DateTimeField("revenu le")
    cleared_at = models.DateTimeField("à réessayer depuis le", null=True, blank=True)

    class Meta:
        verbose_name = "adresse qui ne répond plus"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "family", "digest"),
                condition=models.Q(cleared_at__isnull=True),
                name="one_lost_address",
            ),
            *same_authority("family"),
        )

    def __str__(self) -> str:
        return f"adresse perdue {self.pk}"


def digest_of_address(address: str) -> str:
    """Will return by what an e-mail address is recognized, whatever its capitals."""
    return digest_of_code("lost_address", address.strip().lower())
