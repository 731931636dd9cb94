"""What protects an account: where it is open, what changed in it, and an address that waits to be changed.

All moments here are of the machine's time: nothing moves them, not even a demonstration on another date.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from marelle.domain.accounts.models.people import User
from marelle.foundation.public_ids import new_public_id


class Site(models.TextChoices):
    """The site on which something happened. One signs in on the account site, for all of them."""

    FAMILY = "family", "Espace famille"
    OFFICE = "office", "Espace agents"
    INVOICES = "invoices", "Factures en ligne"
    ACCOUNT = "account", "Compte"


class Session(AbstractBaseSession):
    """A browser that came, signed in or not. A person sees hers, and ends them: the row is the session itself.

    The session engine writes it (`marelle.web.account.sessions`); what it repeats of the session's data is there to be
    listed without reading anybody's data.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    site = models.CharField("site", max_length=10, choices=Site, blank=True)
    # What the session of the account site and those it opened on other sites have in common (OpenID Connect's `sid`):
    # these live as long as that one, and it survives the changes of its own key.
    sid = models.CharField(max_length=32, blank=True, default="", db_default="", db_index=True)
    device = models.CharField("appareil", max_length=60, blank=True)
    opened_at = models.DateTimeField("ouverte le", null=True)
    seen_at = models.DateTimeField("vue le")

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name = "session"
        verbose_name_plural = "sessions"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Will return the engine that reads and writes these rows."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class SecurityEvent(models.Model):
    """Something that changes who may open an account, kept to be shown to its owner and written to her."""

    class Kind(models.TextChoices):
        """What happened."""

        PASSWORD_CHANGED = "password_changed", "Mot de passe changé"
        PASSWORD_RESET = "password_reset", "Mot de passe choisi de nouveau, par le lien d’un courriel"
        PASSKEY_ADDED = "passkey_added", "Clé d’accès ajoutée"
        PASSKEY_REMOVED = "passkey_removed", "Clé d’accès retirée"
        APP_ADDED = "app_added", "Application de codes activée"
        APP_REMOVED = "app_removed", "Application de codes retirée"
        CODES_MADE = "codes_made", "Nouveaux codes de secours"
        CODE_USED = "code_used", "Code de secours utilisé"
        ADDRESS_ASKED = "address_asked", "Changement d’adresse demandé"
        ADDRESS_CHANGED = "address_changed", "Adresse changée"
        SIGNED_OUT_EVERYWHERE = "signed_out_everywhere", "Déconnexion de tous les appareils"
        ACCOUNTS_MERGED = "accounts_merged", "Deux comptes réunis en un"
        FACTORS_FORGOTTEN = "factors_forgotten", "Secondes preuves retirées par l’exploitant"
        FRANCECONNECT_LINKED = "franceconnect_linked", "FranceConnect relié"
        FRANCECONNECT_UNLINKED = "franceconnect_unlinked", "FranceConnect détaché"
        PROCONNECT_LINKED = "proconnect_linked", "ProConnect relié"
        PROCONNECT_UNLINKED = "proconnect_unlinked", "ProConnect détaché"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField("fait", max_length=30, choices=Kind)
    site = models.CharField("site", max_length=10, choices=Site, blank=True)
    device = models.CharField("appareil", max_length=60, blank=True)
    happened_at = models.DateTimeField("le")
    told_at = models.DateTimeField("écrit le", null=True, blank=True)

    class Meta:
        verbose_name = "fait de sécurité"
        indexes = (models.Index(fields=("user", "-happened_at"), name="security_event_by_user"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class EmailChange(models.Model):
    """A new address for an account, which counts when both the old one and the new one have confirmed.

    Its links are signed from its public name, so that the database holds no secret of them.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    site = models.CharField("site", max_length=10, choices=Site, blank=True)
    old_email = models.EmailField("ancienne adresse")
    new_email = models.EmailField("nouvelle adresse")
    asked_at = models.DateTimeField("demandé le")
    expires_at = models.DateTimeField("jusqu’au")
    old_confirmed_at = models.DateTimeField("confirmé à l’ancienne adresse le", null=True, blank=True)
    new_confirmed_at = models.DateTimeField("confirmé à la nouvelle adresse le", null=True, blank=True)
    done_at = models.DateTimeField("fait le", null=True, blank=True)

    class Meta:
        verbose_name = "changement d’adresse"
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(done_at__isnull=True), name="one_email_change_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True)
                | models.Q(old_confirmed_at__isnull=False, new_confirmed_at__isnull=False),
                name="an_email_change_is_confirmed_twice",
            ),
        )

    def __str__(self) -> str:
        return f"changement d’adresse {self.pk}"
