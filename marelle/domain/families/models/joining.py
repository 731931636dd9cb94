"""How accounts come to act for guardians: links, codes, requests. What opens a door is never kept, only its digest."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models.people import Family, Guardian
from marelle.domain.families.rules.codes import code_from
from marelle.foundation.derived_secrets import digest_of_code, digest_of_token, drawn, token_of
from marelle.foundation.encryption import EncryptedTextField
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key

INVITATION, CODE = "invitation", "membership_code"


class Invitation(OfAuthority):
    """A link sent to a guardian (activation du compte): it serves once, for a time, for that address.

    All its moments are of the machine. A new sending is a new row, which ends the one before.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="invitations", db_constraint=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="invitations", db_constraint=False)
    email = models.EmailField("envoyée à")
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField("demandée le")
    expires_at = models.DateTimeField("valable jusqu’au")
    sent_at = models.DateTimeField("partie le", null=True, blank=True)
    failed_at = models.DateTimeField("refusée par le serveur de courriel le", null=True, blank=True)
    opened_at = models.DateTimeField("ouverte le", null=True, blank=True)
    done_at = models.DateTimeField("terminée le", null=True, blank=True)
    returned_at = models.DateTimeField("revenue le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulée le", null=True, blank=True)

    class Meta:
        verbose_name = "activation"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "guardian"),
                condition=models.Q(done_at__isnull=True, revoked_at__isnull=True),
                name="one_live_invitation",
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="an_invitation_ends_once",
            ),
            *same_authority("family", "guardian"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="invitation_by_family"),)

    def __str__(self) -> str:
        return f"activation {self.pk}"

    @property
    def token(self) -> str:
        """Will return what the link carries."""
        return token_of(INVITATION, self.public_id)

    def keep_digest(self) -> None:
        """Will note by what its token is recognized."""
        self.token_digest = digest_of_token(self.token)


class MembershipCode(OfAuthority):
    """A code that lets an account act for a guardian (code d’adhésion), once, for a time.

    Its moments are of the machine.
    """

    class Delivery(models.TextChoices):
        """How it reaches the guardian."""

        MAIL = "mail", "par e-mail"
        LETTER = "letter", "par courrier"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="codes", db_constraint=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="codes", db_constraint=False)
    code_digest = models.CharField(max_length=64, unique=True)
    delivery = models.CharField("remis", max_length=10, choices=Delivery)
    email = models.EmailField("envoyé à", blank=True)
    created_at = models.DateTimeField("établi le")
    expires_at = models.DateTimeField("valable jusqu’au")
    sent_at = models.DateTimeField("parti le", null=True, blank=True)
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulé le", null=True, blank=True)

    class Meta:
        verbose_name = "code d’adhésion"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(
                fields=("authority", "guardian"),
                condition=models.Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_live_code",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True) | models.Q(revoked_at__isnull=True), name="a_code_ends_once"
            ),
            *same_authority("family", "guardian"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="code_by_family"),)

    def __str__(self) -> str:
        return f"code {self.pk}"

    @property
    def code(self) -> str:
        """Will return the code itself, twelve signs."""
        return code_from(drawn(CODE, self.public_id))

    def keep_digest(self) -> None:
        """Will note by what the code is recognized."""
        self.code_digest = digest_of(self.code)


def digest_of(code: str) -> str:
    """Will return by what a code that somebody typed is looked for."""
    return digest_of_code(CODE, code)


class JoinRequest(OfAuthority):
    """An account asks to act for a family that it names by a child (demande de rattachement); an agent answers."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "En attente"
        ACCEPTED = "accepted", "Acceptée"
        REFUSED = "refused", "Refusée"

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="join_requests")
    first_name = models.CharField("prénom", max_length=60)
    last_name = models.CharField("nom", max_length=80)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    child_first_name = models.CharField("prénom de l’enfant", max_length=60)
    child_last_name = models.CharField("nom de l’enfant", max_length=80)
    child_birth_date = models.DateField("date de naissance de l’enfant")
    words = EncryptedTextField("mot pour la mairie", blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField("demandée le")
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = EncryptedTextField("motif de la réponse", blank=True)
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, null=True, blank=True, related_name="join_requests", db_constraint=False
    )

    class Meta:
        verbose_name = "demande de rattachement"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "user"), condition=models.Q(state="waiting"), name="one_waiting_join_request"
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", answered_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(answered_at__isnull=False)),
                name="an_answered_join_request_has_a_moment",
            ),
            *same_authority("family"),
        )
        indexes = (models.Index(fields=("authority", "state", "asked_at"), name="join_request_by_state"),)

    def __str__(self) -> str:
        return f"demande de rattachement {self.pk}"
