"""Families and their people."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import OfAuthority, SchoolClass
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.tenancy import same_authority, tenant_key


class Family(OfAuthority):
    """A family file (dossier famille) at an authority.

    One that was found twice was united with another, `merged_into` (decision 40): nothing is of it any more, and its
    address leads to the other.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.CharField("numéro de dossier", max_length=40)
    name = models.CharField("nom de la famille", max_length=120)
    address = models.CharField("adresse", max_length=200, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    other_phone = models.CharField("autre téléphone", max_length=20, blank=True, default="", db_default="")
    department = models.CharField("département du foyer", max_length=3, blank=True, default="", db_default="")
    is_resident = models.BooleanField("habite la commune", default=True, db_default=True)
    # What a règlement calls a category of families: codes that the authority chooses, as « parents-actifs ».
    categories = ArrayField(models.SlugField(max_length=40), verbose_name="catégories", default=list, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_constraint=False,
        verbose_name="réuni avec",
    )

    class Meta:
        verbose_name = "famille"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code"), name="family_by_code"),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("pk")),
                name="a_family_is_united_with_another",
            ),
            *same_authority("merged_into"),
        )

    def __str__(self) -> str:
        return f"famille {self.pk}"


class Guardian(OfAuthority):
    """A person responsible for children of the family (responsable légal).

    One that was noted twice stays with the file that ended, without an address nor an account: she is `merged_into`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="guardians", db_constraint=False)
    first_name = models.CharField("prénom", max_length=60)
    last_name = models.CharField("nom", max_length=80)
    relation = models.CharField("lien avec les enfants", max_length=40, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_constraint=False,
        verbose_name="réuni avec",
    )

    class Meta:
        verbose_name = "responsable"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "family", "first_name", "last_name"), name="guardian_by_name"),
            *same_authority("family", "merged_into"),
        )

    def __str__(self) -> str:
        return f"responsable {self.pk}"


class Child(OfAuthority):
    """A child known to an authority. Which home it lives in, and when, is custody.

    One that was noted twice lives nowhere any more: it is `merged_into` the other, and nothing else is of it.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id)
    code = models.CharField("numéro", max_length=60)
    first_name = models.CharField("prénom", max_length=60)
    last_name = models.CharField("nom", max_length=80)
    birth_date = models.DateField("date de naissance")
    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.SET_NULL, null=True, blank=True, related_name="children", db_constraint=False
    )
    animal = models.CharField("animal", max_length=20)
    chalk = models.CharField("craie", max_length=20)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_constraint=False,
        verbose_name="réuni avec",
    )

    class Meta:
        verbose_name = "enfant"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "code"), name="child_by_code"),
            *same_authority("school_class", "merged_into"),
        )

    def __str__(self) -> str:
        return f"enfant {self.pk}"

    @property
    def full_name(self) -> str:
        """Will return first and last name."""
        return f"{self.first_name} {self.last_name}"


class Custody(OfAuthority):
    """A child lives with a family from a date on; with two families at once in shared custody.

    A row is deleted only when it is united with another one of the same child and family. One that a later word made
    never to have counted is withdrawn, and ends before the child was born: whoever reads by days, here or in the rooms
    above, passes it by without knowing.
    """

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="custodies", db_constraint=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="custodies", db_constraint=False)
    starts_on = models.DateField("depuis")
    ends_on = models.DateField("jusqu’à", null=True, blank=True)
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "garde"
        constraints = (
            models.UniqueConstraint(fields=("authority", "child", "family", "starts_on"), name="one_custody"),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, ends_on__isnull=True)
                | models.Q(withdrawn_at__isnull=True, ends_on__gte=models.F("starts_on"))
                | models.Q(withdrawn_at__isnull=False, ends_on__isnull=False, ends_on__lt=models.F("starts_on")),
                name="custody_ends_after_it_starts",
            ),
            *same_authority("child", "family"),
        )
        indexes = (models.Index(fields=("authority", "family"), name="custody_by_family"),)


class Membership(OfAuthority):
    """An account acts for a guardian of a family."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="memberships", db_constraint=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="memberships", db_constraint=False)
    joined_at = models.DateTimeField()

    class Meta:
        verbose_name = "appartenance"
        constraints = (
            tenant_key(),
            models.UniqueConstraint(fields=("authority", "user", "family"), name="one_membership"),
            *same_authority("family", "guardian"),
        )
