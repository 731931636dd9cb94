"""What a person lets a site of others know of her account."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models.people import User


class SiteConsent(models.Model):
    """An account has accepted to be known by a site, and what of it. The site is a row of the sign-in library.

    It is remembered until its person withdraws it, or the operator removes the site.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    client = models.CharField("site", max_length=100)
    scopes = models.CharField("ce qui est donné", max_length=200)
    given_at = models.DateTimeField("donné le")

    class Meta:
        verbose_name = "accès donné à un site"
        constraints = (models.UniqueConstraint(fields=("user", "client"), name="one_consent_a_site"),)

    def __str__(self) -> str:
        return f"accès {self.pk}"
