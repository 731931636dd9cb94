"""By whom else an account is opened: the State says who somebody is, and we remember which account that is."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models.people import User


class Identity(models.Model):
    """What an identity provider calls somebody, tied to an account that proved itself when it was tied.

    `subject` is the provider's own name for her, and ours alone (pairwise): it changes when her civil identity does, or
    when we become another client over there. Neither name nor address is kept beside it. Moments are machine time.
    """

    class Provider(models.TextChoices):
        """Who identifies."""

        FRANCECONNECT = "franceconnect", "FranceConnect"
        PROCONNECT = "proconnect", "ProConnect"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField("fournisseur", max_length=20, choices=Provider)
    issuer = models.CharField("émetteur", max_length=200)
    subject = models.CharField("identifiant chez lui", max_length=255)
    linked_at = models.DateTimeField("reliée le")
    last_used_at = models.DateTimeField("utilisée le", null=True, blank=True)

    class Meta:
        verbose_name = "identité"
        constraints = (
            models.UniqueConstraint(fields=("issuer", "subject"), name="one_account_per_identity"),
            models.UniqueConstraint(fields=("user", "issuer"), name="one_identity_per_provider"),
        )

    def __str__(self) -> str:
        return f"identité {self.pk}"
