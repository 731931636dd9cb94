"""Who signs in. The person of the family is a Guardian, in the room above."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from marelle.domain.authorities.models import Facility, OfAuthority
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class UserManager(BaseUserManager["User"]):
    """Makes accounts; an address is compared whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Will create an account with this address and password (None: cannot sign in by password)."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Will find an account by its address."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """An account: an address and a password, nothing more. It may belong to families and be an agent."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    email = models.EmailField("adresse e-mail", unique=True)
    is_active = models.BooleanField("actif", default=True)
    created_at = models.DateTimeField(null=True)
    # The account that took over what this one held, when its owner had two; never a chain of them.
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged_from", verbose_name="réuni à"
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "compte"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(is_active=False),
                name="a_merged_account_is_closed",
            ),
        )

    def __str__(self) -> str:
        return f"compte {self.pk}"


class Agent(OfAuthority):
    """A person who works for an authority; what she may do there is granted."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="agents")
    name = models.CharField("nom", max_length=100)
    is_active = models.BooleanField("actif", default=True)

    class Meta:
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "user"), name="one_agent_per_authority"),
        )

    def __str__(self) -> str:
        return self.name


class Grant(OfAuthority):
    """A role given to an agent, for the whole authority or for one facility.

    Service-wide grants name the service by its code, since services are in a room above.
    """

    class Role(models.TextChoices):
        """What the agent may do."""

        VIEW_DAY = "view_day", "Voir la journée"
        RECORD_ATTENDANCE = "record_attendance", "Pointer"
        MANAGE_RESERVATIONS = "manage_reservations", "Gérer les réservations"
        MANAGE_BILLING = "manage_billing", "Facturer"
        HOLD_REGIE = "hold_regie", "Encaisser"
        READ_FAMILIES = "read_families", "Consulter les familles"
        SEE_HEALTH = "see_health", "Voir la santé des enfants"
        SEE_QUOTIENT = "see_quotient", "Voir le quotient familial"
        PUBLISH = "publish", "Publier et écrire aux familles"
        ADMINISTER = "administer", "Administrer"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="grants", db_constraint=False)
    role = models.CharField("rôle", max_length=30, choices=Role)
    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, null=True, db_constraint=False)
    service_code = models.CharField("service", max_length=40, blank=True)

    class Meta:
        verbose_name = "habilitation"
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "agent", "role", "facility", "service_code"),
                name="one_grant",
                nulls_distinct=False,
            ),
            *same_authority("agent", "facility"),
        )
