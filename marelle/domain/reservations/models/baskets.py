"""What a family is about to ask for, and what it confirmed."""

from __future__ import annotations

from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.catalog.models import Product
from marelle.domain.families.models import Child, Family
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class Basket(OfAuthority):
    """What an account is about to ask for a family; one per account and family, kept until it is confirmed.

    `key` names its present content for *Valider*: it changes at each confirmation, so that a repeated one is
    recognized. `revision` grows at each change, so that what is confirmed is what was seen.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="baskets")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="baskets", db_constraint=False)
    key = models.CharField(max_length=12, unique=True, default=new_public_id)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "panier"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "user", "family"), name="one_basket"),
            *same_authority("family"),
        )


class BasketLine(OfAuthority):
    """A day that the family wishes to reserve, or to cancel."""

    class Wish(models.TextChoices):
        """What is wished."""

        RESERVE = "reserve", "Réserver"
        CANCEL = "cancel", "Annuler"

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField("jour")
    wish = models.CharField(max_length=10, choices=Wish)
    added_at = models.DateTimeField()
    # What it adds to the bill, or takes off it, as it was shown: Valider never records another price than that.
    price_cents = models.PositiveIntegerField(null=True, blank=True)
    is_late = models.BooleanField("hors délai", default=False, db_default=False)
    # How that price is made, as it was shown: [words, cents] for each step.
    steps = models.JSONField("étapes du prix", default=list, blank=True)

    class Meta:
        verbose_name = "ligne de panier"
        constraints = (
            models.UniqueConstraint(fields=("authority", "basket", "child", "product", "date"), name="one_basket_line"),
            *same_authority("basket", "child", "product"),
        )


class Confirmation(OfAuthority):
    """A basket that was confirmed (*Valider*): its number, its moment, what it recorded."""

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="confirmations", db_constraint=False)
    basket_key = models.CharField(max_length=12, unique=True)
    number = models.CharField("numéro", max_length=20)
    confirmed_at = models.DateTimeField()
    lines = models.JSONField(default=list)

    class Meta:
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "number"), name="confirmation_by_number"),
            *same_authority("family"),
        )
